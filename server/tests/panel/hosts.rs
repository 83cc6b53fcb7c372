//! Hosts are for administrators, and the status page is for everybody or for nobody.

use axum::http::StatusCode;

use crate::browser::Browser;
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
    for path in ["/api/hosts_get", "/api/hosts_examine", "/api/host_drain"] {
        let answer = ada.call(path, &[("name", "sim")]).await;
        assert_eq!(answer.status, StatusCode::NOT_FOUND, "{path}");
    }
    let home = ada.get("/clusters").await.text();
    assert!(!home.contains("href=\"/hosts\""), "no way leads there");
}

/// What creating a cluster of so many segments is answered with.
async fn create(browser: &Browser, name: &str, segments: u32) -> String {
    let fields = [("name", name), ("segments", &segments.to_string())];
    let answer = browser.call("/api/cluster_create", &fields).await;
    format!("{} {}", answer.status.as_u16(), answer.text())
}

#[tokio::test]
async fn a_drained_host_keeps_what_it_has_and_gets_nothing_new() {
    let panel = TestPanel::new().await;
    let ada = panel.signed_in("ada").await;
    let web = panel.cluster("ada", "web", 1).await;
    let root = panel.signed_in_administrator("root").await;
    let fields = [("name", "sim"), ("drained", "yes")];
    let answer = root.post("/hosts", "/api/host_drain", &fields).await;
    let page = root.follow(&answer).await.text();
    assert!(page.contains("no more segments come here"), "{page}");
    let refused = create(&ada, "shop", 1).await;
    assert!(refused.starts_with("409"), "{refused}");
    assert!(refused.contains("No host takes new clusters"), "{refused}");
    let id = web.id.to_string();
    let fields = [("id", id.as_str()), ("segments", "2")];
    let grown = ada.call("/api/cluster_scale", &fields).await;
    assert_eq!(grown.status, StatusCode::CONFLICT);
    panel.control.settle().await;
    let actor = panel.actor("ada").await;
    let view = panel.control.cluster_get(&actor, web.id).await.unwrap();
    assert_eq!(view.phase, model::Phase::Active, "what is there goes on");
    root.post("/hosts", "/api/host_drain", &[("name", "sim")])
        .await;
    let taken = create(&ada, "shop", 1).await;
    assert!(taken.starts_with("200"), "{taken}");
    let gone = root.call("/api/host_drain", &[("name", "elsewhere")]).await;
    assert_eq!(gone.status, StatusCode::NOT_FOUND);
    let audit = root.get("/audit?action=host_drain").await.text();
    assert!(audit.contains("sim") && !audit.contains("elsewhere"));
}

#[tokio::test]
async fn a_full_host_is_said_before_anything_is_begun() {
    let panel = TestPanel::new().await;
    let ada = panel.signed_in("ada").await;
    panel.sim.set_memory_free(Some(600));
    let refused = create(&ada, "web", 3).await;
    assert!(refused.contains("room for 2 more segments"), "{refused}");
    assert!(create(&ada, "web", 1).await.starts_with("200"));
    // It has not started yet, and what it will take is not free any more.
    let refused = create(&ada, "shop", 2).await;
    assert!(refused.contains("room for 1 more segment"), "{refused}");
    panel.sim.set_memory_free(Some(100));
    let refused = create(&ada, "shop", 1).await;
    assert!(refused.contains("no room for one more"), "{refused}");
    // One that does not answer may be back: what is wished of it waits.
    panel.sim.set_connected(false);
    assert!(create(&ada, "shop", 3).await.starts_with("200"));
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
