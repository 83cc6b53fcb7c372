//! Choosing the host of a new cluster, by the form and without script.

use axum::http::StatusCode;

use crate::browser::Browser;
use crate::test_panel::{Options, TestPanel};

const NEW: &str = "/clusters/new";

/// `sim`, `north` and `south`.
async fn several() -> TestPanel {
    TestPanel::with(Options {
        more_hosts: vec!["north", "south"],
        ..Options::default()
    })
    .await
}

/// The page that the form's answer leads to.
async fn create(browser: &Browser, name: &str, segments: &str, host: &str) -> String {
    let form = [("name", name), ("segments", segments), ("host", host)];
    let answer = browser.post(NEW, "/api/cluster_create", &form).await;
    browser.follow(&answer).await.text()
}

#[tokio::test]
async fn with_one_host_nothing_is_asked() {
    let panel = TestPanel::new().await;
    let ada = panel.signed_in("ada").await;
    let page = ada.get(NEW).await.text();
    assert!(!page.contains("name=\"host\""));
    let cluster = panel.cluster("ada", "web", 1).await;
    assert_eq!(cluster.host, None, "and nothing is said");
    let page = create(&ada, "shop", "1", "nowhere").await;
    assert!(page.contains("has no host of this name"), "{page}");
}

#[tokio::test]
async fn a_member_chooses_by_words_and_an_administrator_by_numbers() {
    let panel = several().await;
    let ada = panel.signed_in("ada").await;
    let root = panel.signed_in_administrator("root").await;
    panel.sim.beside("north").set_memory_free(Some(300));
    panel.sim.beside("south").set_memory_free(Some(100));
    let page = ada.get(NEW).await.text();
    for word in [
        "Automatic",
        "Has room for every size.",
        "Has room for 1 segment.",
        "Full.",
        "data-fit=\"1\"",
    ] {
        assert!(page.contains(word), "{word}");
    }
    assert!(!page.contains("disk free"), "no numbers for members");
    let page = root.get(NEW).await.text();
    assert!(page.contains("300 MiB memory"), "{page}");
    let viewer = panel.signed_in_as("vic", model::Role::Viewer).await;
    let answer = viewer.call("/api/host_choices", &[]).await;
    assert_eq!(answer.status, StatusCode::FORBIDDEN);
}

#[tokio::test]
async fn the_chosen_host_gets_the_cluster_and_keeps_it() {
    let panel = several().await;
    let ada = panel.signed_in("ada").await;
    create(&ada, "web", "1", "south").await;
    panel.control.settle().await;
    let actor = panel.actor("ada").await;
    let web = panel.control.cluster_list(&actor).await.unwrap().remove(0);
    assert_eq!(web.host.as_deref(), Some("south"));
    assert_eq!(web.phase, model::Phase::Active);
    let page = ada.get(&format!("/clusters/{}", web.id)).await.text();
    assert!(page.contains("<dt>Host</dt><dd>south</dd>"), "{page}");
    // The others are emptier by now.
    panel
        .control
        .cluster_scale(&actor, web.id, 3)
        .await
        .unwrap();
    panel.control.settle().await;
    let web = panel.control.cluster_get(&actor, web.id).await.unwrap();
    assert_eq!(web.host.as_deref(), Some("south"));
    assert_eq!(web.phase, model::Phase::Active);
    // Left to the panel it goes where few are.
    create(&ada, "shop", "1", "").await;
    let all = panel.control.cluster_list(&actor).await.unwrap();
    let shop = all.iter().find(|one| one.name.as_str() == "shop").unwrap();
    assert_eq!(shop.host.as_deref(), Some("north"));
}

#[tokio::test]
async fn a_host_that_cannot_is_said_at_the_field_and_what_was_typed_stays() {
    let panel = several().await;
    let ada = panel.signed_in("ada").await;
    let root = control::Actor::system();
    panel
        .control
        .host_drain(&root, "north", true)
        .await
        .unwrap();
    panel.sim.beside("south").set_memory_free(Some(600));
    for (host, segments, why) in [
        ("elsewhere", "1", "The panel has no host of this name."),
        ("north", "1", "north takes nothing new at present."),
        ("south", "3", "south has room for 2 more segments."),
    ] {
        let page = create(&ada, "my-shop", segments, host).await;
        let field = page.split("id=\"host-error\"").nth(1).unwrap();
        let said = field.split("</p>").next().unwrap();
        assert!(said.contains(why), "{host}: {said}");
        assert!(page.contains("value=\"my-shop\""), "{host}");
        let sizes = page.split("name=\"segments\"");
        let size = sizes
            .skip(1)
            .find(|card| card.contains(&format!("value=\"{segments}\"")));
        assert!(
            size.unwrap().split('>').next().unwrap().contains("checked"),
            "{host}"
        );
        // It stays chosen, unless it is gone.
        let card = page
            .split("name=\"host\"")
            .find(|card| card.contains(&format!("value=\"{host}\"")));
        let is_checked = card.map(|card| card.split('>').next().unwrap().contains("checked"));
        assert_eq!(is_checked, (host != "elsewhere").then_some(true), "{host}");
    }
    assert_eq!(ada.call("/api/cluster_list", &[]).await.text(), "[]");
    let page = create(&ada, "my-shop", "2", "south").await;
    assert!(page.contains("<h1>my-shop"), "{page}");
}

#[tokio::test]
async fn a_host_that_is_away_is_waited_for_by_whoever_chose_it() {
    let panel = several().await;
    let ada = panel.signed_in("ada").await;
    let south = panel.sim.beside("south");
    south.set_connected(false);
    let page = ada.get(NEW).await.text();
    assert!(page.contains("Does not answer just now."), "{page}");
    create(&ada, "web", "1", "south").await;
    panel.control.settle().await;
    let actor = panel.actor("ada").await;
    let web = panel.control.cluster_list(&actor).await.unwrap().remove(0);
    assert_ne!(web.phase, model::Phase::Active);
    south.set_connected(true);
    panel.control.cluster_retry(&actor, web.id).await.unwrap();
    panel.control.settle().await;
    let web = panel.control.cluster_get(&actor, web.id).await.unwrap();
    assert_eq!(web.phase, model::Phase::Active);
}
