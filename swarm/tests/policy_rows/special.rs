//! Ways round that take more than one request, or that pass in a form which does no harm.

mod passing;
pub mod stream;

use std::io::{Read, Write};

use crate::cluster::{Cluster, exchange, request};
use crate::engine::Reached;
use crate::refused;
use crate::tally::Tally;

pub fn run(cluster: &Cluster, tally: &mut Tally) {
    large(cluster, tally);
    slow(cluster, tally);
    two_lengths(cluster, tally);
    refused_while_sending(cluster);
    early_bytes(cluster, tally);
    two_requests(cluster, tally);
    upgrades(cluster, tally);
    passing::create_as_written(cluster, tally);
    passing::archives(cluster, tally);
    passing::answers(cluster, tally);
    passing::clients_everyday(cluster, tally);
    passing::secrets_in_logs(cluster, tally);
}

/// What one request made an engine do.
fn one(cluster: &Cluster, what: &str) -> Reached {
    let mut reached = cluster.reached();
    assert_eq!(reached.len(), 1, "{what}: {reached:?}");
    reached.remove(0)
}

fn large(cluster: &Cluster, tally: &mut Tally) {
    let body = format!(
        r#"{{"Image":"{}","HostConfig":{{"Privileged":true}}}}"#,
        "x".repeat(1 << 20)
    );
    let got = cluster.ask("POST /containers/create", &body);
    tally.add("A2", refused(cluster, "A2", 413, got));
    // Not a byte more is read than may be, whatever is announced.
    let head = "POST /containers/create HTTP/1.1\r\nHost: x\r\nConnection: close\r\nContent-Type: application/json\r\nTransfer-Encoding: chunked\r\n\r\n";
    let piece = format!("10000\r\n{}\r\n", " ".repeat(0x10000));
    let bytes = [head, &piece.repeat(64)].concat();
    let (status, _) = cluster.raw(bytes.as_bytes());
    assert!(matches!(status, 413 | 0), "{status}");
    assert!(cluster.reached().is_empty(), "A2");
    tally.add("A2", "413");

    let deep = format!(
        r#"{{"Image":"x","Labels":{}1{}}}"#,
        r#"{"a":"#.repeat(40),
        "}".repeat(40)
    );
    let entries: Vec<String> = (0..5000).map(|n| format!(r#""l{n}":"""#)).collect();
    let wide = format!(r#"{{"Image":"x","Labels":{{{}}}}}"#, entries.join(","));
    for body in [deep, wide] {
        let got = cluster.ask("POST /containers/create", &body);
        tally.add("A14", refused(cluster, "A14", 400, got));
    }
    for (headers, status) in [
        (vec![("X-Long", "x".repeat(40_000))], 431),
        (vec![("X-Long", "x".repeat(200_000))], 431),
        ((0..200).map(|_| ("X-Many", "x".to_owned())).collect(), 431),
    ] {
        let headers: Vec<(&str, &str)> = headers.iter().map(|(n, v)| (*n, v.as_str())).collect();
        let (got, answer) = cluster.raw(&request("GET", "/info", &headers, b""));
        // The answer may be lost with the connection that is closed on the rest.
        assert!(got == status || got == 0, "A14 {got} {answer}");
        tally.add("A14", status.to_string());
    }
    let long = format!("/containers/json?filters={}", "x".repeat(70_000));
    let (got, _) = cluster.raw(&request("GET", &long, &[], b""));
    assert!(matches!(got, 414 | 431 | 0), "A14 {got}");
    tally.add("A14", "431");
    assert!(cluster.reached().is_empty(), "A14");
}

/// Hundreds who do not go on keep nobody out.
fn slow(cluster: &Cluster, tally: &mut Tally) {
    let mut slow = Vec::new();
    for k in 0..200 {
        let mut tls = cluster.connect().expect("it is let in");
        let begun: &[u8] = match k % 2 {
            0 => b"POST /containers/create HTTP/1.1\r\nHost: x\r\nX-",
            _ => b"POST /containers/create HTTP/1.1\r\nHost: x\r\nContent-Type: application/json\r\nContent-Length: 500\r\n\r\n{\"Im",
        };
        tls.write_all(begun)
            .and_then(|()| tls.flush())
            .expect("sent");
        slow.push(tls);
    }
    let (status, _) = cluster.ask("GET /_ping", "");
    assert_eq!(status, 200, "A14");
    drop(slow);
    assert!(cluster.reached().is_empty(), "A14");
    tally.add("A14", "others are served");
}

/// Refused, whichever comes first, and so is what hides behind it; also after a request that was
/// answered. One that comes before the answer to another is framed anew, and the connection ends.
fn two_lengths(cluster: &Cluster, tally: &mut Tally) {
    let hidden = "POST /containers/web/stop HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n";
    for order in [
        "Content-Length: 60\r\nTransfer-Encoding: chunked",
        "Transfer-Encoding: chunked\r\nContent-Length: 60",
        "transfer-encoding:chunked\r\ncontent-length:0",
    ] {
        let bytes = format!(
            "POST /containers/web/kill HTTP/1.1\r\nHost: x\r\n{order}\r\n\r\n0\r\n\r\n{hidden}"
        );
        let (status, answer) = cluster.raw(bytes.as_bytes());
        assert!(
            status == 400 && answer.contains("together"),
            "A5 {order}: {answer}"
        );
        assert!(cluster.reached().is_empty(), "A5 {order}");
        tally.add("A5", "400");
        let mut tls = cluster.connect().expect("the manager");
        let ping = b"GET /_ping HTTP/1.1\r\nHost: x\r\n\r\n";
        tls.write_all(ping)
            .and_then(|()| tls.flush())
            .expect("sent");
        let mut first = [0; 4096];
        let n = tls.read(&mut first).expect("an answer");
        assert!(first[..n].starts_with(b"HTTP/1.1 200"), "A5");
        let (status, answer) = exchange(tls, bytes.as_bytes());
        assert!(answer.contains("together"), "A5 {order}: {status} {answer}");
        assert!(cluster.reached().is_empty(), "A5 {order}");
        let early = format!("GET /_ping HTTP/1.1\r\nHost: x\r\n\r\n{bytes}");
        cluster.raw(early.as_bytes());
        let reached = cluster.reached();
        assert!(
            reached.iter().all(|request| {
                let header = request.header("transfer-encoding");
                request.target.ends_with("/kill") && request.body.is_empty() && header.is_none()
            }),
            "A5 {reached:?}"
        );
        tally.add("A5", "framed anew, the rest is not read");
    }
}

/// A client that sends all of its archive before it listens sees why that was refused, and not that
/// the connection broke.
fn refused_while_sending(cluster: &Cluster) {
    let head = "POST /build?networkmode=host HTTP/1.1\r\nHost: x\r\nContent-Type: application/x-tar\r\nTransfer-Encoding: chunked\r\n\r\n";
    let piece = [b"10000\r\n".as_slice(), &[0; 0x10000], b"\r\n"].concat();
    for _ in 0..20 {
        let mut tls = cluster.connect().expect("the manager");
        tls.write_all(head.as_bytes()).expect("it is taken");
        for _ in 0..256 {
            tls.write_all(&piece).expect("it is taken");
        }
        let got = exchange(tls, b"0\r\n\r\n");
        refused(cluster, "a build on the host's network", 1023, got);
    }
}

/// Bytes that come along with an upgrade start no stream when it is refused, and are no request.
fn early_bytes(cluster: &Cluster, tally: &mut Tally) {
    let early = "POST /containers/swarm-agent/attach?stream=1&stdin=1 HTTP/1.1\r\nHost: x\r\nConnection: Upgrade, close\r\nUpgrade: tcp\r\nContent-Length: 0\r\n\r\nrm -rf /";
    let (status, answer) = cluster.raw(early.as_bytes());
    assert_eq!(status, 403, "{answer}");
    assert!(cluster.reached().is_empty(), "A9");
    tally.add("A9", "CARINA-1005");
    // Where it is agreed on, the stream is a stream: a second request in it reaches nobody.
    let second = "POST /containers/web/attach?stream=1&stdin=1 HTTP/1.1\r\nHost: x\r\nConnection: Upgrade, close\r\nUpgrade: tcp\r\n\r\nDELETE /containers/web?force=1 HTTP/1.1\r\nHost: x\r\n\r\n";
    let (status, answer) = cluster.raw(second.as_bytes());
    assert_eq!(status, 101, "{answer}");
    let reached = one(cluster, "A9");
    assert!(reached.target.contains("/attach?"), "A9 {reached:?}");
    tally.add("A9", "a stream, no request");
}

/// Each of two requests in one write is judged by itself.
fn two_requests(cluster: &Cluster, tally: &mut Tally) {
    let refused_second = "POST /containers/web/kill HTTP/1.1\r\nHost: x\r\n\r\nPOST /containers/swarm-agent/kill HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n";
    let (_, answer) = cluster.raw(refused_second.as_bytes());
    assert_eq!(answer.matches("HTTP/1.1 ").count(), 2, "{answer}");
    assert!(answer.contains("CARINA-1005"), "{answer}");
    assert!(one(cluster, "A10").target.ends_with("/kill"));
    tally.add("A10", "each is judged");
    // A body that is too short for its length takes nothing from the next request.
    let short = "POST /containers/create HTTP/1.1\r\nHost: x\r\nContent-Type: application/json\r\nContent-Length: 150\r\n\r\n{\"Image\":\"busybox\"}POST /containers/web/kill HTTP/1.1\r\nHost: x\r\n\r\n";
    let mut tls = cluster.connect().expect("it is let in");
    tls.write_all(short.as_bytes()).expect("sent");
    tls.conn.send_close_notify();
    let _ = tls.flush();
    let _ = tls.read_to_end(&mut Vec::new());
    assert!(cluster.reached().is_empty(), "A10");
    tally.add("A10", "nothing is sent on");
}

fn upgrades(cluster: &Cluster, tally: &mut Tally) {
    let upgrade =
        |protocol: &'static str| [("Connection", "Upgrade, close"), ("Upgrade", protocol)];
    for (target, protocol) in [
        ("POST /containers/web/attach?stream=1", "h2c"),
        ("POST /containers/web/attach?stream=1", "websocket"),
        ("GET /containers/web/attach/ws", "tcp"),
        ("POST /exec/ea01/start", "h2c"),
        ("POST /session", "tcp"),
        ("POST /grpc", "websocket"),
        ("GET /containers/web/logs?stdout=1", "tcp"),
        ("POST /build", "h2c"),
        ("GET /info", "h2c"),
        ("GET /events", "websocket"),
        ("GET /_ping", "h2c"),
    ] {
        let (method, path) = target.split_once(' ').expect("two words");
        let got = cluster.raw(&request(method, path, &upgrade(protocol), b""));
        let what = format!("A8 {target} {protocol}");
        tally.add("A8", refused(cluster, &what, 400, got));
    }
    let websocket = |origin: &'static str| {
        [
            ("Connection", "Upgrade, close"),
            ("Upgrade", "websocket"),
            ("Sec-WebSocket-Key", "dGhlIHNhbXBsZSBub25jZQ=="),
            ("Sec-WebSocket-Version", "13"),
            ("Origin", origin),
        ]
    };
    for origin in [
        "https://elsewhere.example",
        "null",
        "http://docker.example",
        "https://docker:1",
    ] {
        let got = cluster.raw(&request(
            "GET",
            "/containers/web/attach/ws",
            &websocket(origin),
            b"",
        ));
        tally.add("A13", refused(cluster, "A13", 1024, got));
    }
    // Programs name no origin, a page of the endpoint's own names its host.
    let (status, answer) = cluster.raw(&request(
        "GET",
        "/containers/web/attach/ws",
        &websocket("https://docker"),
        b"",
    ));
    assert_eq!(status, 101, "{answer}");
    let reached = one(cluster, "A13");
    assert_eq!(reached.header("origin"), None, "A13");
    assert_eq!(reached.header("upgrade"), Some("websocket"), "A13");
}
