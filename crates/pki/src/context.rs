//! The file that `docker context import` takes: a tar of `meta.json` and the TLS material.

use crate::BundleSpec;

const BLOCK: usize = 512;

pub(crate) fn context_tar(spec: &BundleSpec<'_>) -> Vec<u8> {
    let meta = serde_json::json!({
        "Name": spec.name,
        "Metadata": { "Description": format!("Carina cluster {}", spec.name) },
        "Endpoints": {
            "docker": { "Host": spec.docker_host(), "SkipTLSVerify": false }
        }
    });
    let mut out = Vec::new();
    entry(
        &mut out,
        "meta.json",
        meta.to_string().as_bytes(),
        spec.made_at,
    );
    entry(
        &mut out,
        "tls/docker/ca.pem",
        spec.ca_pem.as_bytes(),
        spec.made_at,
    );
    entry(
        &mut out,
        "tls/docker/cert.pem",
        spec.cert_pem.as_bytes(),
        spec.made_at,
    );
    entry(
        &mut out,
        "tls/docker/key.pem",
        spec.key_pem.0.as_bytes(),
        spec.made_at,
    );
    // Two empty blocks end an archive.
    out.resize(out.len() + 2 * BLOCK, 0);
    out
}

/// One regular file, mode 0600, as POSIX ustar writes it.
fn entry(out: &mut Vec<u8>, path: &str, content: &[u8], made_at: i64) {
    let mut header = [0u8; BLOCK];
    let mut put =
        |at: usize, text: &str| header[at..at + text.len()].copy_from_slice(text.as_bytes());
    put(0, path);
    put(100, "0000600\0");
    put(108, "0000000\0");
    put(116, "0000000\0");
    put(124, &format!("{:011o}\0", content.len()));
    put(136, &format!("{:011o}\0", (made_at / 1000).max(0)));
    // The checksum counts its own field as blanks.
    put(148, "        ");
    put(156, "0");
    put(257, "ustar\x0000");
    let sum: u32 = header.iter().map(|byte| u32::from(*byte)).sum();
    header[148..156].copy_from_slice(format!("{sum:06o}\0 ").as_bytes());
    out.extend_from_slice(&header);
    out.extend_from_slice(content);
    out.resize(out.len().next_multiple_of(BLOCK), 0);
}
