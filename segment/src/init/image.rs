//! The `swarm` image: one static program from the segment's own root, imported into the engine.

use bytes::{BufMut, Bytes, BytesMut};
use hyper::{Method, StatusCode};
use wire::SYSTEM_IMAGE;

use super::{Error, docker, files, log};

const PROGRAM: &str = "/usr/lib/carina/swarm";
/// Written beside the program when the image of the segment was made, so that no start hashes it.
const PROGRAM_DIGEST: &str = "/usr/lib/carina/swarm.sha256";
/// In the segment's own root-only folder: the program's digest and the id of the image made from it.
const RECORD: &str = "swarm-image";

/// The image's id; imports it when it is missing, made from another program, or not the one that
/// was imported here: whoever may load images can give theirs our name and our labels, but not
/// our id.
pub async fn ensure() -> Result<String, Error> {
    let digest = std::fs::read_to_string(PROGRAM_DIGEST)?.trim().to_owned();
    if digest.len() != 64 || !digest.bytes().all(|b| b.is_ascii_hexdigit()) {
        return Err(format!("{PROGRAM_DIGEST} holds no digest").into());
    }
    let record = std::fs::read_to_string(files::held(RECORD)).unwrap_or_default();
    let (name, tag) = SYSTEM_IMAGE
        .split_once(':')
        .unwrap_or((SYSTEM_IMAGE, "latest"));
    if let Some(id) = recorded(&record, &digest) {
        if id_of(SYSTEM_IMAGE).await?.as_deref() == Some(id) {
            return Ok(id.to_owned());
        }
        if id_of(id).await?.is_some() {
            log("taking the swarm image's name back");
            let path = format!("/images/{id}/tag?repo={name}&tag={tag}");
            docker::call(Method::POST, &path, None).await?;
            return Ok(id.to_owned());
        }
    }
    log("importing the swarm image");
    let entrypoint = docker::encode("ENTRYPOINT [\"/swarm\"]");
    let path = format!("/images/create?fromSrc=-&repo={name}&tag={tag}&changes={entrypoint}");
    let answer = docker::send(Method::POST, &path, "application/x-tar", archive()?).await?;
    let Some(id) = imported(&answer.body) else {
        // The status is sent before the work: what went wrong stands in the body.
        let why = String::from_utf8_lossy(&answer.body).trim().to_owned();
        return Err(format!("importing {SYSTEM_IMAGE}: {why}").into());
    };
    files::hold(RECORD, format!("{digest} {id}").as_bytes())?;
    Ok(id)
}

/// The id of the record, if it was made from the program with this digest.
fn recorded<'a>(record: &'a str, digest: &str) -> Option<&'a str> {
    let (made_from, id) = record.trim().split_once(' ')?;
    (made_from == digest && is_id(id)).then_some(id)
}

/// The id in the last line of an import's answer.
fn imported(body: &[u8]) -> Option<String> {
    let last = body
        .split(|byte| *byte == b'\n')
        .rfind(|line| !line.trim_ascii().is_empty())?;
    let line: serde_json::Value = serde_json::from_slice(last).ok()?;
    let id = line["status"].as_str()?;
    is_id(id).then(|| id.to_owned())
}

fn is_id(text: &str) -> bool {
    text.strip_prefix("sha256:")
        .is_some_and(|hex| hex.len() == 64 && hex.bytes().all(|b| b.is_ascii_hexdigit()))
}

/// The id of what carries this name (or id) now.
async fn id_of(image: &str) -> Result<Option<String>, Error> {
    let path = format!("/images/{image}/json");
    let answer = docker::call(Method::GET, &path, None).await?;
    if answer.status == StatusCode::NOT_FOUND {
        return Ok(None);
    }
    Ok(answer.json()?["Id"].as_str().map(str::to_owned))
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

    const ID: &str = "sha256:0123456789abcdef0123456789abcdef0123456789abcdef0123456789abcdef";

    #[test]
    fn only_a_record_of_the_same_program_is_believed() {
        assert_eq!(recorded(&format!("aa {ID}\n"), "aa"), Some(ID));
        for record in [
            "",
            "aa",
            &format!("bb {ID}"),
            "aa swarm:latest",
            "aa sha256:12",
        ] {
            assert_eq!(recorded(record, "aa"), None, "{record}");
        }
    }

    #[test]
    fn the_id_is_read_from_the_end_of_an_import() {
        let answer = format!("{{\"status\":\"Importing\"}}\r\n{{\"status\":\"{ID}\"}}\r\n");
        assert_eq!(imported(answer.as_bytes()).as_deref(), Some(ID));
        for answer in [
            "",
            "{\"error\":\"no space left\"}\r\n",
            "{\"status\":\"swarm\"}",
        ] {
            assert_eq!(imported(answer.as_bytes()), None, "{answer}");
        }
    }

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
