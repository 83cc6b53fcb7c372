//! `GET /containers/{id}/attach/ws`, as a program and as a browser.

use crate::lab::{Lab, Raw};

/// Key and answer of the protocol's own example.
const KEY: &str = "dGhlIHNhbXBsZSBub25jZQ==";
const ACCEPT: &str = "s3pPLMBiTxaQ9kYGzzhZRbK+xOo=";

const UPGRADE: [(&str, &str); 4] = [
    ("Connection", "Upgrade"),
    ("Upgrade", "websocket"),
    ("Sec-WebSocket-Version", "13"),
    ("Sec-WebSocket-Key", KEY),
];

fn open(lab: &Lab, k: usize, name: &str, more: &[(&str, &str)]) -> (Raw, String) {
    let mut raw = Raw::open(lab, k);
    let target = format!("GET /v1.41/containers/{name}/attach/ws?stream=1&stdin=1&stdout=1");
    let answer = raw.head(&target, &[&UPGRADE[..], more].concat());
    (raw, answer)
}

/// A frame as a client must send it: masked.
fn frame(text: &[u8]) -> Vec<u8> {
    const MASK: [u8; 4] = [1, 2, 3, 4];
    let length = u8::try_from(text.len()).expect("short") | 0x80;
    let masked = text.iter().zip(MASK.iter().cycle()).map(|(a, b)| a ^ b);
    [0x82, length]
        .into_iter()
        .chain(MASK)
        .chain(masked)
        .collect()
}

pub fn a_websocket_is_attached(lab: &mut Lab) {
    lab.docker_ok(&["run", "-di", "--name", "echo", "busybox", "cat"]);
    // At the primary, and through another manager.
    for k in 0..2 {
        let (mut raw, answer) = open(lab, k, "echo", &[]);
        assert!(answer.starts_with("HTTP/1.1 101 "), "{answer}");
        assert!(answer.contains(ACCEPT), "{answer}");
        raw.write(&frame(b"there and back\n"));
        raw.until(b"there and back\n");
    }
    // A page of the manager's own, and one of somebody else's.
    let (_raw, answer) = open(lab, 0, "echo", &[("Origin", "https://docker")]);
    assert!(answer.starts_with("HTTP/1.1 101 "), "{answer}");
    for origin in [
        "https://evil.example",
        "null",
        "https://docker.evil.example",
    ] {
        let (_raw, answer) = open(lab, 0, "echo", &[("Origin", origin)]);
        assert!(answer.starts_with("HTTP/1.1 403 "), "{origin}: {answer}");
    }
    let (_raw, answer) = open(lab, 0, "swarm-manager", &[]);
    assert!(answer.starts_with("HTTP/1.1 4"), "{answer}");
    let manager = format!("{}/swarm-manager", lab.nodes[0].name);
    let (mut raw, answer) = open(lab, 0, &manager, &[]);
    assert!(answer.starts_with("HTTP/1.1 403 "), "{answer}");
    raw.until(b"CARINA-1005");
    // Only to a websocket.
    let mut raw = Raw::open(lab, 0);
    let h2c = [("Connection", "Upgrade"), ("Upgrade", "h2c")];
    let answer = raw.head("GET /containers/echo/attach/ws", &h2c);
    assert!(answer.starts_with("HTTP/1.1 400 "), "{answer}");
}
