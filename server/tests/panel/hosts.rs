//! Hosts are for administrators, and the status page is for everybody or for nobody.

use axum::http::StatusCode;

use crate::test_panel::{Options, TestPanel};

#[tokio::test]
async fn an_administrator_sees_room_health_and_what_runs_where() {
    let panel = TestPanel::new().await;
    panel.account("ada").await;
    panel.cluster("ada", "web", 2).await;
    let root = panel.signed_in_administrator("root").await;
    let page = root.get("/hosts").await;
    assert_eq!(page.status, StatusCode::OK);
    let text = page.text();
    for word in [
        "sim",
        "web",
        "2 segments",
        "10.84.0.0/16",
        "1 of 256",
        "Nobody has examined",
    ] {
        assert!(text.contains(word), "{word}");
    }
    let answer = root.post("/hosts", "/api/hosts_examine", &[]).await;
    let after = root.follow(&answer).await.text();
    assert!(after.contains("segments exist in memory only"), "{after}");
    assert!(after.contains("To mend it:"));
}

#[tokio::test]
async fn to_a_member_there_are_no_hosts() {
    let panel = TestPanel::new().await;
    let ada = panel.signed_in("ada").await;
    let page = ada.get("/hosts").await;
    assert_eq!(page.status, StatusCode::NOT_FOUND);
    assert!(!page.text().contains("10.84."), "nothing leaks");
    for path in ["/api/hosts_get", "/api/hosts_examine"] {
        let answer = ada.call(path, &[]).await;
        assert_eq!(answer.status, StatusCode::NOT_FOUND, "{path}");
    }
    let home = ada.get("/clusters").await.text();
    assert!(!home.contains("href=\"/hosts\""), "no way leads there");
}

#[tokio::test]
async fn the_status_is_for_nobody_unless_it_is_switched_on() {
    let panel = TestPanel::new().await;
    let nobody = panel.anonymous();
    assert_eq!(nobody.get("/status").await.status, StatusCode::NOT_FOUND);
    let answer = nobody.call("/api/status", &[]).await;
    assert_eq!(answer.status, StatusCode::NOT_FOUND);
}

#[tokio::test]
async fn the_status_tells_numbers_and_no_names() {
    let panel = TestPanel::with(Options {
        is_status_public: true,
        ..Options::default()
    })
    .await;
    panel.account("ada").await;
    panel.cluster("ada", "secret-name", 1).await;
    let page = panel.anonymous().get("/status").await;
    assert_eq!(page.status, StatusCode::OK);
    let text = page.text();
    assert!(text.contains("Everything works"), "{text}");
    assert!(text.contains("1 of 1 answer"));
    for secret in ["secret-name", "ada", "10.84."] {
        assert!(!text.contains(secret), "{secret}");
    }
    // With one host gone, it says so.
    panel.sim.set_connected(false);
    let text = panel.anonymous().get("/status").await.text();
    assert!(text.contains("Something does not work"), "{text}");
    assert!(text.contains("0 of 1 answer"));
}
