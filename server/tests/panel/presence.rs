//! What somebody has open ends with what it was opened by, at once.

use std::time::Duration;

use axum::body::Body;
use control::Actor;
use http_body_util::BodyExt as _;
use model::Role;
use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
use tokio::net::TcpStream;
use tokio::time::timeout;

use crate::browser::{Browser, HOST_NAME, PANEL};
use crate::test_panel::{PASSWORD, TestPanel};

const AT_ONCE: Duration = Duration::from_secs(5);
/// For what must not happen.
const A_WHILE: Duration = Duration::from_millis(200);
const NEW: &str = "a new and longer password";

/// All that came until it ended; None: it is still open.
async fn ended(body: &mut Body, within: Duration) -> Option<String> {
    let read = async {
        let mut text = String::new();
        while let Some(frame) = body.frame().await {
            let data = frame.unwrap().into_data().unwrap_or_default();
            text.push_str(&String::from_utf8_lossy(&data));
        }
        text
    };
    timeout(within, read).await.ok()
}

struct Ground {
    panel: TestPanel,
    ada: Browser,
    id: model::AccountId,
    base: String,
}

async fn ground() -> Ground {
    let panel = TestPanel::new().await;
    panel.account_as("root", Role::Administrator).await;
    let ada = panel.signed_in("ada").await;
    let id = panel.actor("ada").await.account.id;
    let cluster = panel.cluster("ada", "shop", 1).await;
    Ground {
        base: format!("/clusters/{}", cluster.id),
        panel,
        ada,
        id,
    }
}

impl Ground {
    /// Does what was asked, and what ada and others have open ends or does not.
    async fn ends<F: Future<Output = ()>>(&self, what: &str, act: F) {
        let bob = self.panel.signed_in("bob").await;
        let log = format!("{}/logs/stream?c=web&after=0", self.base);
        let mut events = self.ada.open("/events").await;
        let mut lines = self.ada.open(&log).await;
        let happened = format!("{}/events/stream?after=0", self.base);
        let mut happened = self.ada.open(&happened).await;
        let mut others = bob.open("/events").await;
        assert_eq!(ended(&mut events, A_WHILE).await, None, "{what}: too early");
        act.await;
        let told = ended(&mut events, AT_ONCE).await;
        let told = told.unwrap_or_else(|| panic!("{what}: events go on"));
        assert!(
            told.contains("event: changed"),
            "{what}: the page looks again"
        );
        let lines = ended(&mut lines, AT_ONCE).await;
        assert!(lines.is_some(), "{what}: the log goes on");
        let happened = ended(&mut happened, AT_ONCE).await;
        assert!(happened.is_some(), "{what}: the cluster's events go on");
        let others = ended(&mut others, A_WHILE).await;
        assert_eq!(others, None, "{what}: that is nobody else's");
    }
}

#[tokio::test]
async fn an_administrator_ends_what_somebody_has_open() {
    for what in ["suspend", "role", "reset"] {
        let ground = ground().await;
        let control = &ground.panel.control;
        let (root, id) = (Actor::system(), ground.id);
        ground
            .ends(what, async {
                match what {
                    "suspend" => control.person_suspend(&root, id).await,
                    "role" => control.role_set(&root, id, Role::Viewer).await,
                    _ => control.password_reset(&root, "ada", NEW).await,
                }
                .unwrap();
            })
            .await;
    }
}

#[tokio::test]
async fn what_a_deleted_account_has_open_ends() {
    let panel = TestPanel::new().await;
    panel.account_as("root", Role::Administrator).await;
    let ada = panel.signed_in("ada").await;
    let id = panel.actor("ada").await.account.id;
    let mut events = ada.open("/events").await;
    let root = Actor::system();
    panel.control.person_delete(&root, id, "ada").await.unwrap();
    assert!(ended(&mut events, AT_ONCE).await.is_some());
}

#[tokio::test]
async fn a_session_takes_with_it_what_its_browser_has_open() {
    for what in ["ended elsewhere", "a new password elsewhere", "signed out"] {
        let ground = ground().await;
        let elsewhere = ground.panel.anonymous();
        elsewhere.sign_in("ada", PASSWORD).await;
        let mut there = elsewhere.open("/events").await;
        // The newest first: that is `elsewhere`.
        let sessions = elsewhere.call("/api/session_list", &[]).await.text();
        let sessions: Vec<model::SessionView> = serde_json::from_str(&sessions).unwrap();
        let other = sessions.iter().find(|one| !one.is_current).unwrap();
        let other = other.id.to_string();
        ground
            .ends(what, async {
                let answer = match what {
                    "ended elsewhere" => {
                        let form = [("id", other.as_str())];
                        elsewhere
                            .post("/account/sessions", "/api/session_end", &form)
                            .await
                    }
                    "signed out" => ground.ada.post("/clusters", "/api/sign_out", &[]).await,
                    _ => {
                        let form = [("current", PASSWORD), ("new", NEW)];
                        elsewhere
                            .post("/account", "/api/password_change", &form)
                            .await
                    }
                };
                assert!(
                    !answer.location().contains("__err"),
                    "{what}: {}",
                    answer.location()
                );
            })
            .await;
        let kept = ended(&mut there, A_WHILE).await;
        assert_eq!(kept, None, "{what}: the other browser goes on");
    }
}

#[tokio::test]
async fn a_proof_changes_the_id_and_ends_nothing() {
    let ground = ground().await;
    let mut events = ground.ada.open("/events").await;
    let before = ground.ada.cookie();
    let sessions = ground.ada.call("/api/session_list", &[]).await.text();
    let form = [("code", PASSWORD), ("next", "/clusters")];
    let answer = ground.ada.post("/confirm", "/api/confirm", &form).await;
    assert_eq!(answer.location(), "/clusters");
    assert_ne!(ground.ada.cookie(), before);
    // Something else of theirs changes, so that everything is looked at.
    let elsewhere = ground.panel.anonymous();
    elsewhere.sign_in("ada", PASSWORD).await;
    elsewhere.post("/clusters", "/api/sign_out", &[]).await;
    assert_eq!(ended(&mut events, A_WHILE).await, None);
    let id = |text: &str| {
        let all: Vec<model::SessionView> = serde_json::from_str(text).unwrap();
        all.into_iter().map(|one| one.id).collect::<Vec<_>>()
    };
    let after = ground.ada.call("/api/session_list", &[]).await.text();
    assert_eq!(
        id(&after),
        id(&sessions),
        "the same session, by another cookie"
    );
}

#[tokio::test]
async fn a_console_is_cut_off_where_its_person_is() {
    for what in ["role", "session"] {
        let ground = ground().await;
        let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
        let at = listener.local_addr().unwrap();
        let router = ground.panel.router.clone();
        let server = tokio::spawn(async move { axum::serve(listener, router).await });
        let mut socket = TcpStream::connect(at).await.unwrap();
        let head = format!(
            "GET {}/containers/web/console/socket HTTP/1.1\r\nHost: {HOST_NAME}\r\n\
             Origin: {PANEL}\r\nCookie: {}\r\nConnection: Upgrade\r\nUpgrade: websocket\r\n\
             Sec-WebSocket-Version: 13\r\nSec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\n\r\n",
            ground.base,
            ground.ada.cookie().unwrap(),
        );
        socket.write_all(head.as_bytes()).await.unwrap();
        let mut seen = Vec::new();
        read_until(&mut socket, &mut seen, "/ #").await;
        assert!(seen.starts_with(b"HTTP/1.1 101"));
        match what {
            "role" => {
                let root = Actor::system();
                let set = ground
                    .panel
                    .control
                    .role_set(&root, ground.id, Role::Viewer);
                set.await.unwrap();
            }
            _ => drop(ground.ada.post("/clusters", "/api/sign_out", &[]).await),
        }
        read_until(
            &mut socket,
            &mut seen,
            "You are signed out, your role changed",
        )
        .await;
        server.abort();
    }
}

async fn read_until(socket: &mut TcpStream, seen: &mut Vec<u8>, wanted: &str) {
    let read = async {
        while !String::from_utf8_lossy(seen).contains(wanted) {
            let n = socket.read_buf(seen).await.unwrap();
            assert!(n > 0, "it ended with {}", String::from_utf8_lossy(seen));
        }
    };
    let done = timeout(AT_ONCE, read).await;
    assert!(
        done.is_ok(),
        "no {wanted}: {}",
        String::from_utf8_lossy(seen)
    );
}
