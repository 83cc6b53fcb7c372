//! What the engines ask a registry for a person: is the password right, what is there.

use std::io::{BufRead, BufReader, Write};
use std::net::TcpListener;

use crate::lab::Lab;

/// `alice:right`, as a client sends it.
const RIGHT: &str = "Basic YWxpY2U6cmlnaHQ=";
const MANIFEST: &str = r#"{"schemaVersion":2,"mediaType":"application/vnd.docker.distribution.manifest.v2+json","config":{"mediaType":"application/vnd.docker.container.image.v1+json","size":2,"digest":"sha256:44136fa355b3678a1146ad16f7e8649e94fb4fc21fe77e8310c060f61caaff8a"},"layers":[]}"#;

/// A registry that knows alice, and one image: where it listens. It ends with the test.
fn registry(lab: &Lab) -> String {
    let gateway = lab.discovery.address.ip();
    let listener = TcpListener::bind((gateway, 0)).expect("a port");
    let address = listener.local_addr().expect("bound").to_string();
    std::thread::spawn(move || {
        for stream in listener.incoming().flatten() {
            std::thread::spawn(move || {
                // Engines try TLS first, and want to hear in plain words that there is none.
                let mut first = [0];
                if stream.peek(&mut first).is_ok() && first[0] == 0x16 {
                    let _ = (&stream).write_all(b"HTTP/1.1 400 Bad Request\r\n\r\n");
                    return;
                }
                let mut reader = BufReader::new(&stream);
                loop {
                    let mut target = String::new();
                    let mut is_alice = false;
                    if reader.read_line(&mut target).unwrap_or(0) == 0 {
                        return;
                    }
                    let mut line = String::new();
                    while reader.read_line(&mut line).unwrap_or(0) > 2 {
                        is_alice |= line.trim_end().ends_with(RIGHT);
                        line.clear();
                    }
                    let (status, kind, body) = match is_alice {
                        false => ("401 Unauthorized", "application/json", "{}"),
                        true if target.contains("/manifests/") => (
                            "200 OK",
                            "application/vnd.docker.distribution.manifest.v2+json",
                            MANIFEST,
                        ),
                        true => ("200 OK", "application/json", "{}"),
                    };
                    let head = format!(
                        "HTTP/1.1 {status}\r\nWWW-Authenticate: Basic realm=\"lab\"\r\n\
                         Docker-Distribution-Api-Version: registry/2.0\r\n\
                         Content-Type: {kind}\r\nContent-Length: {}\r\n\r\n",
                        body.len()
                    );
                    let body = if target.starts_with("HEAD") { "" } else { body };
                    if (&stream)
                        .write_all([head.as_bytes(), body.as_bytes()].concat().as_slice())
                        .is_err()
                    {
                        return;
                    }
                }
            });
        }
    });
    address
}

pub fn a_registry_is_asked(lab: &mut Lab) {
    let address = registry(lab);
    let login = |password: &str| {
        let args = ["login", "-u", "alice", "--password-stdin", &address];
        lab.docker_fed(0, password.as_bytes(), &args)
    };
    let wrong = login("wrong-password-1");
    assert!(
        !wrong.ok && wrong.err.contains("401"),
        "{} {}",
        wrong.out,
        wrong.err
    );
    let right = login("right");
    assert!(
        right.ok && right.out.contains("Login Succeeded"),
        "{} {}",
        right.out,
        right.err
    );
    // The credentials that login kept go along, in a header that passes.
    let image = format!("{address}/app:1");
    let inspect = lab.docker(&["manifest", "inspect", "--insecure", &image]);
    assert!(inspect.ok, "{}", inspect.err);
    let target = format!("GET /distribution/{image}/json");
    let (status, text) =
        crate::lab::api(&lab.certs, lab.nodes[0].ip, Some(&lab.alice), &target, "")
            .expect("an answer");
    assert!(status >= 400, "without credentials: {status} {text}");
    let auth = r#"{"username":"alice","password":"right","serveraddress":"ADDRESS"}"#;
    let auth = auth.replace("ADDRESS", &address);
    let mut raw = crate::lab::Raw::open(lab, 0);
    let header = base64(auth.as_bytes());
    let answer = raw.head(
        &target,
        &[("X-Registry-Auth", &header), ("Connection", "close")],
    );
    assert!(answer.starts_with("HTTP/1.1 200 "), "{answer}");
    raw.until(b"\"digest\":\"sha256:");
    // Nothing of it is written down.
    for node in &lab.nodes {
        for log in ["manager.log", "agent.log"] {
            let text = std::fs::read_to_string(node.dir.join(log)).unwrap_or_default();
            assert!(
                !text.contains("wrong-password-1") && !text.contains(&header),
                "{log}"
            );
        }
    }
    let nobody = format!("{}:1", lab.discovery.address.ip());
    let none = lab.docker_err(&["login", "-u", "a", "-p", "b", &nobody]);
    assert!(!none.is_empty());
    let (status, text) = crate::lab::api(
        &lab.certs,
        lab.nodes[0].ip,
        Some(&lab.alice),
        "GET /images/busybox/attestations",
        "",
    )
    .expect("an answer");
    assert!(status == 501 && text.contains("1.57"), "{status} {text}");
}

fn base64(bytes: &[u8]) -> String {
    const DIGITS: &[u8; 64] = b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_";
    let mut text = String::new();
    for part in bytes.chunks(3) {
        let word = part.iter().enumerate().fold(0u32, |word, (at, byte)| {
            word | u32::from(*byte) << (16 - 8 * at)
        });
        for at in 0..=part.len() {
            let digit = (word >> (18 - 6 * at)) & 63;
            text.push(char::from(DIGITS[digit as usize]));
        }
        (part.len()..3).for_each(|_| text.push('='));
    }
    text
}
