//! What administrators decide in the panel, over what the configuration says.

use axum::http::StatusCode;

use crate::test_panel::TestPanel;

#[tokio::test]
async fn the_quota_of_everybody_is_changed_without_a_restart() {
    let panel = TestPanel::new().await;
    let root = panel.signed_in_administrator("root").await;
    let ada = panel.signed_in("ada").await;
    let form = [("clusters", "1"), ("segments", "2")];
    let answer = root.call("/api/quota_default_set", &form).await;
    assert_eq!(answer.status, StatusCode::OK, "{}", answer.text());
    let own = ada.call("/api/quota", &[]).await.text();
    assert!(
        own.contains("\"clusters_max\":1,\"segments_max\":2"),
        "{own}"
    );
    panel.cluster("ada", "one", 1).await;
    let more = [("name", "two"), ("segments", "1")];
    let refused = ada.call("/api/cluster_create", &more).await.text();
    assert!(refused.contains("You have 1 of 1 clusters"), "{refused}");
    // An empty field follows the configuration again.
    let form = [("clusters", ""), ("segments", "2")];
    root.call("/api/quota_default_set", &form).await;
    let own = ada.call("/api/quota", &[]).await.text();
    assert!(!own.contains("\"clusters_max\":1,"), "{own}");
    for (clusters, segments) in [
        ("-1", "1"),
        ("1", "0"),
        ("1", "99"),
        ("x", "1"),
        ("9999", "1"),
    ] {
        let form = [("clusters", clusters), ("segments", segments)];
        let answer = root.call("/api/quota_default_set", &form).await;
        assert!(answer.status.is_client_error(), "{clusters} {segments}");
    }
    let page = root.get("/settings").await.text();
    assert!(
        page.contains("segment.memory_mib") && page.contains("2 segments"),
        "{page}"
    );
}

#[tokio::test]
async fn the_status_page_is_switched_on_and_off() {
    let panel = TestPanel::new().await;
    let root = panel.signed_in_administrator("root").await;
    let nobody = panel.anonymous();
    for (form, status) in [
        (vec![("public", "1")], StatusCode::OK),
        (vec![], StatusCode::NOT_FOUND),
    ] {
        let answer = root.call("/api/status_page_set", &form).await;
        assert_eq!(answer.status, StatusCode::OK, "{}", answer.text());
        assert_eq!(nobody.get("/status").await.status, status);
    }
    let audit = root.get("/audit").await.text();
    assert!(audit.contains("status_page_set"));
}
