//! The listener with the whole router behind it, over a real socket.

use std::net::{Ipv4Addr, SocketAddr};
use std::time::Duration;

use server::listener::Listener;
use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
use tokio::net::{TcpListener, TcpStream};
use tokio::task::JoinHandle;
use tokio_util::sync::CancellationToken;

use crate::test_panel::TestPanel;

struct Served {
    address: SocketAddr,
    stop: CancellationToken,
    task: JoinHandle<()>,
}

/// `stop` ends the listener as a signal ends the program; the router has its own copy in life.
async fn served(panel: &TestPanel, connections_max: u32) -> Served {
    let tcp = TcpListener::bind((Ipv4Addr::LOCALHOST, 0)).await.unwrap();
    let address = tcp.local_addr().unwrap();
    let stop = panel.shutdown.clone();
    let listener = Listener {
        tcp,
        tls: None,
        connections_max,
    };
    let task = tokio::spawn(listener.serve(panel.router.clone(), stop.clone()));
    Served {
        address,
        stop,
        task,
    }
}

/// Reads until `words` came or the connection ended.
async fn read_until(stream: &mut TcpStream, words: &str) -> String {
    let mut all = Vec::new();
    let mut chunk = [0; 4096];
    let mut text = String::new();
    while !text.contains(words) {
        match stream.read(&mut chunk).await {
            Ok(length @ 1..) => all.extend_from_slice(&chunk[..length]),
            _ => break,
        }
        text = String::from_utf8_lossy(&all).into_owned();
    }
    text
}

#[tokio::test]
async fn a_page_waits_for_changes_and_is_let_go_when_the_panel_stops() {
    let panel = TestPanel::new().await;
    let browser = panel.signed_in("ada").await;
    let served = served(&panel, 8).await;
    let mut events = TcpStream::connect(served.address).await.unwrap();
    let cookie = browser.cookie().unwrap();
    let head = format!("GET /events HTTP/1.1\r\nHost: x\r\nCookie: {cookie}\r\n\r\n");
    events.write_all(head.as_bytes()).await.unwrap();
    let answer = read_until(&mut events, "\r\n\r\n").await;
    assert!(answer.contains("text/event-stream"), "{answer}");
    let cluster = panel.cluster("ada", "web", 1).await;
    let words = format!("event: changed\ndata: {}", cluster.id);
    let told = read_until(&mut events, &words).await;
    assert!(told.contains(&words), "{told}");
    served.stop.cancel();
    let ended = tokio::time::timeout(Duration::from_secs(4), served.task).await;
    assert!(ended.is_ok(), "an open stream does not hold the panel up");
    assert!(TcpStream::connect(served.address).await.is_err());
}

#[tokio::test]
async fn garbage_gets_an_answer_or_an_end() {
    let panel = TestPanel::new().await;
    let served = served(&panel, 8).await;
    let long = format!("GET /{} HTTP/1.1\r\nHost: x\r\n\r\n", "a".repeat(100_000));
    for garbage in [
        "nonsense\r\n\r\n",
        "GET / HTTP/1.1\r\n\r\n",
        "GET http://evil.example/ HTTP/1.1\r\nHost: evil.example\r\nConnection: close\r\n\r\n",
        "POST /api/sign_in HTTP/1.1\r\nHost: x\r\nContent-Length: 5\r\nTransfer-Encoding: chunked\r\n\r\n",
        "CONNECT x:443 HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n",
        long.as_str(),
    ] {
        let mut stream = TcpStream::connect(served.address).await.unwrap();
        let _ = stream.write_all(garbage.as_bytes()).await;
        let _ = stream.shutdown().await;
        let answer = read_until(&mut stream, "no such words").await;
        assert!(!answer.starts_with("HTTP/1.1 5"), "{garbage:.60}: {answer}");
    }
}
