//! The disks of segments, chosen and made larger by forms without script.

use axum::http::StatusCode;
use model::QuotaChoice;

use crate::test_panel::TestPanel;

const NEW: &str = "/clusters/new";

#[tokio::test]
async fn a_new_cluster_has_the_disks_that_were_typed() {
    let panel = TestPanel::new().await;
    let ada = panel.signed_in("ada").await;
    let page = ada.get(NEW).await.text();
    assert!(page.contains("name=\"disk_gib\""), "{page}");
    assert!(page.contains("Usually 20; 180 GiB of the quota are free."));
    let form = |gib| [("name", "web"), ("segments", "2"), ("disk_gib", gib)];
    for (gib, words) in [
        ("x", "Type a whole number."),
        ("1", "A disk has at least 2 GiB."),
        ("100", "This takes 200 GiB of disk. 0 of the quota"),
    ] {
        let refused = ada.post(NEW, "/api/cluster_create", &form(gib)).await;
        let page = ada.follow(&refused).await.text();
        assert!(page.contains(words), "{gib}: {page}");
        let field = page.split("name=\"disk_gib\"").nth(1).unwrap();
        let field = field.split('>').next().unwrap();
        assert!(
            field.contains(&format!("value=\"{gib}\"")),
            "it stays: {field}"
        );
        assert!(page.contains("value=\"web\""), "{gib}");
    }
    assert!(
        ada.get(NEW).await.text().contains("180 GiB of the quota"),
        "nothing was made"
    );
    let made = ada.post(NEW, "/api/cluster_create", &form("40")).await;
    panel.control.settle().await;
    let settings = ada.get(&format!("{}/settings", made.location())).await;
    let page = settings.text();
    assert!(page.contains("has a disk of 40 GiB"), "{page}");
    assert!(page.contains("Of the quota 100 GiB are free."), "{page}");
    let scale = ada.get(&format!("{}/scale", made.location())).await.text();
    assert!(scale.contains("120 GB disk"), "three of its own: {scale}");
}

#[tokio::test]
async fn with_little_left_smaller_disks_can_be_chosen() {
    let panel = TestPanel::new().await;
    let ada = panel.signed_in("ada").await;
    let account = panel.actor("ada").await.account.id;
    let choice = QuotaChoice {
        disk_gib: Some(30),
        ..QuotaChoice::default()
    };
    let system = control::Actor::system();
    let set = panel.control.quota_set(&system, account, choice);
    set.await.unwrap();
    let page = ada.get(NEW).await.text();
    assert!(
        page.contains("Only with disks of at most 15 GiB."),
        "{page}"
    );
    let form = [("name", "web"), ("segments", "3"), ("disk_gib", "10")];
    let made = ada.post(NEW, "/api/cluster_create", &form).await;
    let settings = format!("{}/settings", made.location());
    let page = ada.get(&settings).await.text();
    assert!(
        page.contains("The quota has no room for larger disks."),
        "{page}"
    );
    assert!(!page.contains("Grow the disks"), "{page}");
}

#[tokio::test]
async fn disks_grow_by_the_form_and_the_page_says_what_is_to_come() {
    let panel = TestPanel::new().await;
    let ada = panel.signed_in("ada").await;
    let cluster = panel.cluster("ada", "web", 2).await;
    let id = cluster.id.to_string();
    let home = format!("/clusters/{id}");
    let from = format!("{home}/settings");
    let page = ada.get(&from).await.text();
    for words in [
        "one after another",
        "only those with a restart policy start again",
        "More than 20, and at most 90",
    ] {
        assert!(page.contains(words), "{words}: {page}");
    }
    let grow = async |gib: &str| {
        let form = [("id", id.as_str()), ("disk_gib", gib)];
        ada.post(&from, "/api/cluster_disk_grow", &form).await
    };
    for (gib, words) in [
        ("10", "A disk cannot become smaller, and has 20 GiB now."),
        ("91", "a disk of this cluster has at most 90 GiB."),
        ("many", "Type a whole number."),
        ("", "A disk has at least 2 GiB."),
    ] {
        let refused = grow(gib).await;
        assert!(
            refused.location().contains(&from),
            "{gib}: {}",
            refused.location()
        );
        let page = ada.follow(&refused).await.text();
        let field = page.split("id=\"disk_gib-error\"").nth(1).unwrap();
        let said = field.split("</p>").next().unwrap();
        assert!(said.contains(words), "{gib}: {said}");
    }
    let grown = grow("60").await;
    assert_eq!(grown.location(), home);
    let page = ada.get(&from).await.text();
    assert!(
        page.contains("Segment 2 has 20 GiB of 60 GiB: the rest comes when"),
        "{page}"
    );
    panel.control.settle().await;
    let page = ada.get(&from).await.text();
    assert!(!page.contains("the rest comes when"), "{page}");
    let page = ada.get(&home).await.text();
    assert!(
        page.contains("Segment 2: up with its larger disk"),
        "{page}"
    );
    let eve = panel.signed_in("eve").await;
    let form = [("id", id.as_str()), ("disk_gib", "70")];
    let foreign = eve.call("/api/cluster_disk_grow", &form).await;
    assert_eq!(foreign.status, StatusCode::NOT_FOUND);
}

#[tokio::test]
async fn the_only_segment_takes_the_cluster_with_it_and_that_is_said() {
    let panel = TestPanel::new().await;
    let ada = panel.signed_in("ada").await;
    let cluster = panel.cluster("ada", "web", 1).await;
    let from = format!("/clusters/{}/settings", cluster.id);
    let page = ada.get(&from).await.text();
    assert!(page.contains("and with it the whole cluster"), "{page}");
}
