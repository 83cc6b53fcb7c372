//! The `swarm` image: one static program from the segment's own root, imported into the engine.

use bytes::{BufMut, Bytes, BytesMut};
use hyper::{Method, StatusCode};
use wire::SYSTEM_IMAGE;

use super::{Error, docker, log};

const PROGRAM: &str = "/usr/lib/carina/swarm";
/// Written beside the program when the image of the segment was made, so that no start hashes it.
const PROGRAM_DIGEST: &str = "/usr/lib/carina/swarm.sha256";
const DIGEST_LABEL: &str = "carina.digest";

/// The image's id; imports it when it is missing or made from another program.
pub async fn ensure() -> Result<String, Error> {
    let digest = std::fs::read_to_string(PROGRAM_DIGEST)?.trim().to_owned();
    if digest.len() != 64 || !digest.bytes().all(|b| b.is_ascii_hexdigit()) {
        return Err(format!("{PROGRAM_DIGEST} holds no digest").into());
    }
    if let Some(id) = find(&digest).await? {
        return Ok(id);
    }
    log("importing the swarm image");
    let changes = [
        "ENTRYPOINT [\"/swarm\"]".to_owned(),
        format!("LABEL {DIGEST_LABEL}={digest}"),
    ];
    let changes: String = changes
        .iter()
        .map(|change| format!("&changes={}", docker::encode(change)))
        .collect();
    let (name, tag) = SYSTEM_IMAGE
        .split_once(':')
        .unwrap_or((SYSTEM_IMAGE, "latest"));
    let path = format!("/images/create?fromSrc=-&repo={name}&tag={tag}{changes}");
    let answer = docker::send(Method::POST, &path, "application/x-tar", archive()?).await?;
    match find(&digest).await? {
        Some(id) => Ok(id),
        // The status is sent before the work: what went wrong stands in the body.
        None => Err(format!(
            "importing {SYSTEM_IMAGE}: {}",
            String::from_utf8_lossy(&answer.body).trim()
        )
        .into()),
    }
}

async fn find(digest: &str) -> Result<Option<String>, Error> {
    let path = format!("/images/{SYSTEM_IMAGE}/json");
    let answer = docker::call(Method::GET, &path, None).await?;
    if answer.status == StatusCode::NOT_FOUND {
        return Ok(None);
    }
    let image = answer.json()?;
    let is_current = image["Config"]["Labels"][DIGEST_LABEL] == *digest;
    Ok(image["Id"]
        .as_str()
        .filter(|_| is_current)
        .map(str::to_owned))
}

/// A tar archive of the one program, at `/swarm`.
fn archive() -> Result<Bytes, Error> {
    let program = std::fs::read(PROGRAM)?;
    let mut tar = BytesMut::with_capacity(program.len() + 4 * 512);
    tar.put_slice(&header("swarm", program.len()));
    tar.put_slice(&program);
    let padding = program.len().next_multiple_of(512) - program.len();
    // To the next record, and two empty records to end with.
    tar.put_bytes(0, padding + 1024);
    Ok(tar.freeze())
}

/// One ustar header: mode 0755, root's, no time.
fn header(name: &str, size: usize) -> [u8; 512] {
    let mut header = [0; 512];
    let mut put =
        |at: usize, text: &str| header[at..at + text.len()].copy_from_slice(text.as_bytes());
    put(0, name);
    put(100, "0000755\0");
    put(108, "0000000\0");
    put(116, "0000000\0");
    put(124, &format!("{size:011o}\0"));
    put(136, "00000000000\0");
    // The checksum is taken with blanks in its own place.
    put(148, "        ");
    put(156, "0");
    put(257, "ustar\x0000");
    let sum: u32 = header.iter().map(|byte| u32::from(*byte)).sum();
    let sum = format!("{sum:06o}\0 ");
    header[148..156].copy_from_slice(sum.as_bytes());
    header
}

#[cfg(test)]
mod tests {
    use std::process::Command;

    use super::*;

    #[test]
    fn tar_itself_reads_the_archive() {
        let dir = tempfile::tempdir().unwrap();
        let path = dir.path().join("x.tar");
        let mut tar = header("swarm", 3).to_vec();
        tar.extend_from_slice(b"abc");
        tar.resize(512 * 4, 0);
        std::fs::write(&path, tar).unwrap();
        let output = Command::new("tar").arg("-tvf").arg(&path).output().unwrap();
        let listing = String::from_utf8_lossy(&output.stdout).into_owned();
        assert!(output.status.success(), "{output:?}");
        assert!(listing.starts_with("-rwxr-xr-x 0/0"), "{listing}");
        assert!(listing.trim_end().ends_with(" swarm"), "{listing}");
    }
}
