//! What ends streams.

use std::io::{Read, Write};
use std::time::{Duration, Instant};

use crate::cluster::{CLUSTER, Cluster, client_config, connect, exchange, request};
use crate::tally::Tally;
use crate::ways::raw::JSON;

/// A revocation ends every kind of stream, and whatever else is open.
pub fn revocation(cluster: &Cluster, tally: &mut Tally) {
    let bob = cluster.certs.client("bob", CLUSTER);
    let config = client_config(&cluster.certs.cluster_ca(), Some(&bob.dir));
    let open = |target: &str, headers: &[(&str, &str)], body: &[u8]| {
        let mut tls = connect(&config, cluster.ip, 2376).expect("bob is let in");
        let (method, path) = target.split_once(' ').expect("two words");
        let keep: Vec<(&str, &str)> = [("Connection", "keep-alive")]
            .into_iter()
            .filter(|_| !headers.iter().any(|(name, _)| *name == "Connection"))
            .chain(headers.iter().copied())
            .collect();
        tls.write_all(&request(method, path, &keep, body))
            .expect("sent");
        let mut answer = Vec::new();
        let end = Instant::now() + Duration::from_secs(5);
        while !String::from_utf8_lossy(&answer).contains("hello") {
            let mut piece = [0; 1024];
            let n = tls.read(&mut piece).unwrap_or(0);
            assert!(
                n > 0 && Instant::now() < end,
                "{target}: {:?}",
                String::from_utf8_lossy(&answer)
            );
            answer.extend_from_slice(&piece[..n]);
        }
        (target.to_owned(), tls)
    };
    let tcp = [("Connection", "Upgrade, close"), ("Upgrade", "tcp")];
    let h2c = [("Connection", "Upgrade, close"), ("Upgrade", "h2c")];
    let exec = [JSON, ("Connection", "Upgrade, close"), ("Upgrade", "tcp")];
    let websocket = [
        ("Connection", "Upgrade, close"),
        ("Upgrade", "websocket"),
        ("Sec-WebSocket-Key", "dGhlIHNhbXBsZSBub25jZQ=="),
        ("Sec-WebSocket-Version", "13"),
    ];
    let streams = [
        open(
            "POST /v1.45/containers/web/attach?stream=1&stdin=1",
            &tcp,
            b"",
        ),
        open("POST /v1.45/exec/ea01/start", &exec, br#"{"Tty":true}"#),
        open(
            "GET /v1.45/containers/web/attach/ws?stream=1",
            &websocket,
            b"",
        ),
        open("GET /v1.45/containers/web/logs?follow=1&stdout=1", &[], b""),
        open("GET /v1.45/services/web/logs?follow=1&stdout=1", &[], b""),
        open("POST /session", &h2c, b""),
    ];
    let idle = connect(&config, cluster.ip, 2376).expect("bob is let in");
    cluster.discovery.revoke(&bob.serial);
    let began = Instant::now();
    for (target, mut tls) in streams {
        // Reading ends: with the stream's end, or with nothing at all for too long.
        while matches!(tls.read(&mut [0; 4096]), Ok(n) if n > 0) {
            assert!(
                began.elapsed() < Duration::from_secs(5),
                "M7 {target} goes on"
            );
        }
        assert!(began.elapsed() < Duration::from_secs(5), "M7 {target}");
        tally.add("M7", "cut within 5 s");
    }
    let (status, _) = exchange(idle, &request("GET", "/_ping", &[], b""));
    assert_eq!(status, 0, "M7: an idle connection is cut, too");
    let again = connect(&config, cluster.ip, 2376).map_or(0, |tls| {
        exchange(tls, &request("GET", "/_ping", &[], b"")).0
    });
    assert_eq!(again, 0, "M7: it is not let in again");
    assert_eq!(cluster.ask("GET /_ping", "").0, 200, "others stay");
    tally.add("M7", "not let in again");
    cluster.reached();
}

/// The policy is fixed while a manager runs; another one is another process.
pub fn manager_end(cluster: &mut Cluster, tally: &mut Tally) {
    let tcp = [("Connection", "Upgrade"), ("Upgrade", "tcp")];
    let mut tls = cluster.connect().expect("alice is let in");
    let attach = request("POST", "/containers/old/attach?stream=1", &tcp, b"");
    tls.write_all(&attach).expect("sent");
    let n = tls.read(&mut [0; 1024]).unwrap_or(0);
    assert!(n > 0, "M6: the stream is there");
    cluster.manager_end();
    let began = Instant::now();
    while matches!(tls.read(&mut [0; 4096]), Ok(n) if n > 0) {}
    assert!(began.elapsed() < Duration::from_secs(5), "M6");
    tally.add("M6", "ends with its manager");
    cluster.reached();
}
