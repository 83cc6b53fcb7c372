//! Discovery over a real socket: what agents and managers say, and what strangers try.

use std::time::Duration;

use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};

use crate::test_panel::TestPanel;
use crate::tls::Served;

const NOBODYS: &str = "0123456789abcdef0123456789abcdef";

async fn served(panel: &TestPanel) -> Served {
    let router = server::discovery::router(panel.control.clone());
    Served::new(router, panel.control.discovery_ca()).await
}

#[tokio::test]
async fn garbage_ends_its_own_connection_and_nothing_else() {
    let panel = TestPanel::new().await;
    let served = served(&panel).await;
    for garbage in [
        b"GET / HTTP/1.1\r\nHost: x\r\n\r\n".as_slice(),
        &[0; 1000],
        &[0xff; 70_000],
        b"\x16\x03\x01\xff\xff\x01",
    ] {
        let mut stream = served.tcp().await;
        let _ = stream.write_all(garbage).await;
        let _ = stream.shutdown().await;
        let mut all = Vec::new();
        let _ = stream.read_to_end(&mut all).await;
        assert!(!all.starts_with(b"HTTP"), "no plain http is spoken");
    }
    for garbage in [
        b"\r\n\r\n\r\n".as_slice(),
        b"nonsense\r\n\r\n",
        b"GET /../../etc/passwd HTTP/1.1\r\n\r\n",
        b"PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n",
        &[0xfe; 5000],
    ] {
        let answer = tokio::time::timeout(Duration::from_secs(15), served.raw(garbage)).await;
        let answer = answer.expect("the connection ends by itself");
        assert!(!answer.contains(" 200 "), "{answer}");
    }
    assert_eq!(served.ask("GET", "/", "").await.0, 404);
}

#[tokio::test]
async fn silent_connections_do_not_shut_others_out_for_long() {
    let panel = TestPanel::new().await;
    let served = served(&panel).await;
    // As many as there is room for, none says a word.
    let mut silent = Vec::new();
    for _ in 0..4 {
        silent.push(served.tcp().await);
    }
    let ask = served.ask("GET", "/", "");
    let answer = tokio::time::timeout(Duration::from_secs(20), ask).await;
    assert_eq!(answer.expect("room comes back").0, 404);
}

#[tokio::test]
async fn tokens_of_nobody_get_nothing() {
    let panel = TestPanel::new().await;
    let served = served(&panel).await;
    for token in [
        NOBODYS,
        "x",
        "..%2f..",
        &NOBODYS.to_uppercase(),
        "0123456789abcdef0123456789abcde%00",
    ] {
        let path = format!("/v1/clusters/{token}");
        assert_eq!(served.ask("GET", &path, "").await.0, 404, "{token}");
        let body = "10.84.0.11:42376";
        assert_eq!(served.ask("POST", &path, body).await.0, 404, "{token}");
        let path = format!("/v1/revocations/{token}?after=0");
        assert_eq!(served.ask("GET", &path, "").await.0, 404, "{token}");
    }
}

#[tokio::test]
async fn tokens_are_not_made_here_and_entries_are_not_deleted() {
    let panel = TestPanel::new().await;
    let served = served(&panel).await;
    assert_eq!(served.ask("POST", "/v1/clusters", "").await.0, 405);
    let path = format!("/v1/clusters/{NOBODYS}");
    assert_eq!(served.ask("DELETE", &path, "").await.0, 405);
    assert_eq!(served.ask("PUT", &path, "").await.0, 405);
}

#[tokio::test]
async fn bodies_and_times_to_live_are_checked() {
    let panel = TestPanel::new().await;
    let served = served(&panel).await;
    let path = format!("/v1/clusters/{NOBODYS}");
    let long = "1".repeat(257);
    assert_eq!(served.ask("POST", &path, &long).await.0, 413);
    for body in [
        "",
        "x",
        "10.84.0.11",
        "[::1]:42376",
        "host:42376",
        "\"10.84.0.11:42376\"",
    ] {
        assert_eq!(served.ask("POST", &path, body).await.0, 422, "{body}");
    }
    for ttl in ["0", "-1", "x", "99999999999999999999", "86401"] {
        let path = format!("{path}?ttl={ttl}");
        let (status, _) = served.ask("POST", &path, "10.84.0.11:42376").await;
        assert!((400..500).contains(&status), "{ttl}: {status}");
    }
}
