//! What a person gets, unpacked and used as a person does.

#![expect(
    clippy::unwrap_used,
    reason = "a test may fail by panicking, in its helpers too"
)]

use std::io::{Cursor, Read as _};
use std::path::Path;
use std::process::Command;

use pki::{Authority, BundleSpec, Leaf, Usage, bundle};
use zip::ZipArchive;

fn make() -> Vec<u8> {
    let cluster = uuid::Uuid::new_v4();
    let authority = Authority::make("Carina cluster").unwrap();
    let issued = authority
        .issue(&Leaf {
            common_name: "ada",
            organization: Some(&cluster.to_string()),
            usage: Usage::Client,
            names: &[],
            cluster: Some(cluster),
            days: 365,
        })
        .unwrap();
    bundle(&BundleSpec {
        name: "lab-3",
        host: "192.0.2.7",
        port: 12_376,
        ca_pem: authority.cert_pem(),
        cert_pem: &issued.cert_pem,
        key_pem: &issued.key_pem,
        made_at: 1_790_000_000_000,
        expires_at: issued.expires_at,
    })
    .unwrap()
}

fn text(zip: &mut ZipArchive<Cursor<Vec<u8>>>, name: &str) -> String {
    let mut out = String::new();
    zip.by_name(name).unwrap().read_to_string(&mut out).unwrap();
    out
}

/// Writes every file as `unzip` does, modes included.
fn unpack(into: &Path) {
    ZipArchive::new(Cursor::new(make()))
        .unwrap()
        .extract(into)
        .unwrap();
}

#[test]
fn a_bundle_is_one_folder_with_everything_in_it() {
    let mut zip = ZipArchive::new(Cursor::new(make())).unwrap();
    let mut names: Vec<String> = zip.file_names().map(|n| n.unwrap().into_owned()).collect();
    names.sort();
    let expected = [
        "lab-3/",
        "lab-3/README.md",
        "lab-3/ca.pem",
        "lab-3/cert.pem",
        "lab-3/docker.cmd",
        "lab-3/docker.env",
        "lab-3/docker.fish",
        "lab-3/docker.ps1",
        "lab-3/key.pem",
        "lab-3/lab-3.dockercontext",
    ];
    assert_eq!(names, expected);
    for (name, mode) in [
        ("key.pem", 0o600),
        ("lab-3.dockercontext", 0o600),
        ("ca.pem", 0o644),
    ] {
        let file = zip.by_name(&format!("lab-3/{name}")).unwrap();
        assert_eq!(file.unix_mode().unwrap() & 0o777, mode, "{name}");
    }
    let env = text(&mut zip, "lab-3/docker.env");
    assert!(
        env.lines()
            .any(|line| line == "export DOCKER_HOST=tcp://192.0.2.7:12376"),
        "{env}"
    );
    assert!(env.ends_with('\n'));
    assert!(text(&mut zip, "lab-3/docker.cmd").contains("DOCKER_CERT_PATH=%~dp0\r\n"));
    assert!(text(&mut zip, "lab-3/README.md").contains("docker context import lab-3"));
}

/// Sources the file from another directory and prints what it set.
fn sourced(shell: &str, script: &str, folder: &Path) -> Option<String> {
    let run = Command::new(shell)
        .arg("-c")
        .arg(script)
        .current_dir(folder)
        .output()
        .ok()?;
    assert!(
        run.status.success(),
        "{shell}: {}",
        String::from_utf8_lossy(&run.stderr)
    );
    Some(String::from_utf8(run.stdout).unwrap())
}

#[test]
fn docker_env_finds_its_own_folder_from_elsewhere() {
    let home = tempfile::tempdir().unwrap();
    // Blanks and a leading hyphen are what breaks unquoted scripts.
    let place = home.path().join("-my files");
    std::fs::create_dir(&place).unwrap();
    unpack(&place);
    let place = place.canonicalize().unwrap();
    let expected = format!("tcp://192.0.2.7:12376 1 {}/lab-3\n", place.display());
    let print =
        "printf '%s %s %s\\n' \"$DOCKER_HOST\" \"$DOCKER_TLS_VERIFY\" \"$DOCKER_CERT_PATH\"";

    let absolute = format!(
        "set -eu; CDPATH=/; . '{}/lab-3/docker.env'; {print}",
        place.display()
    );
    let relative = format!("set -eu; source lab-3/docker.env; {print}");
    assert_eq!(
        sourced("bash", &absolute, Path::new("/")).as_deref(),
        Some(expected.as_str())
    );
    assert_eq!(
        sourced("bash", &relative, &place).as_deref(),
        Some(expected.as_str())
    );
    for script in [&absolute, &relative] {
        match sourced("zsh", script, &place) {
            Some(out) => assert_eq!(out, expected),
            None => println!("skipped: there is no zsh here"),
        }
    }
    // A plain sh cannot know the file's name; in its own folder it works all the same.
    let here = format!("set -eu; . ./docker.env; {print}");
    assert_eq!(
        sourced("sh", &here, &place.join("lab-3")).as_deref(),
        Some(expected.as_str())
    );
}

#[test]
fn the_context_file_is_a_tar_that_tar_reads() {
    let home = tempfile::tempdir().unwrap();
    unpack(home.path());
    let run = Command::new("tar")
        .args(["-tvf", "lab-3/lab-3.dockercontext"])
        .current_dir(home.path())
        .output()
        .unwrap();
    assert!(
        run.status.success(),
        "{}",
        String::from_utf8_lossy(&run.stderr)
    );
    let listing = String::from_utf8(run.stdout).unwrap();
    for name in [
        "meta.json",
        "tls/docker/ca.pem",
        "tls/docker/cert.pem",
        "tls/docker/key.pem",
    ] {
        assert!(
            listing
                .lines()
                .any(|l| l.ends_with(name) && l.starts_with("-rw-------")),
            "{listing}"
        );
    }
    let run = Command::new("tar")
        .args(["-xOf", "lab-3/lab-3.dockercontext", "meta.json"])
        .current_dir(home.path())
        .output()
        .unwrap();
    let meta: serde_json::Value = serde_json::from_slice(&run.stdout).unwrap();
    assert_eq!(meta["Endpoints"]["docker"]["Host"], "tcp://192.0.2.7:12376");
    assert_eq!(meta["Endpoints"]["docker"]["SkipTLSVerify"], false);
}
