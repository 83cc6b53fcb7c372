//! What a change takes is told before it happens, as far as it is known; two people do not undo each
//! other's changes unseen.

use axum::http::StatusCode;
use host::NodeName;
use model::Role;

use crate::test_panel::{PASSWORD, TestPanel};

#[tokio::test]
async fn what_could_not_be_asked_is_said_and_not_left_out() {
    let panel = TestPanel::new().await;
    let browser = panel.signed_in("ada").await;
    let cluster = panel.cluster("ada", "web", 3).await;
    let home = format!("/clusters/{}", cluster.id);
    let scale = browser.get(&format!("{home}/scale")).await.text();
    assert!(scale.contains("and with it worker."), "{scale}");
    assert!(scale.contains("Volumes that are only there: worker-data."));
    assert!(scale.contains("Images on what is removed go, too."));
    let delete = browser.get(&format!("{home}/delete")).await.text();
    assert!(delete.contains("migrate and shop-db"), "{delete}");
    assert!(delete.contains("migrate-data and shop-db-data"));
    let silent = NodeName {
        cluster: cluster.id,
        ordinal: 3,
    };
    panel.sim.hold(&silent);
    let scale = browser.get(&format!("{home}/scale")).await.text();
    assert!(scale.contains("It does not answer, so that what is on it cannot be listed"));
    assert!(
        !scale.contains("No containers of yours are on it."),
        "{scale}"
    );
    assert!(scale.contains("Remove 1 segment with all that is there"));
    for (page, words) in [
        (
            "delete",
            "which does not answer: whatever is on it goes with it",
        ),
        ("rebuild", "Segment 3 does not answer at present"),
        (
            "segments/3/replace",
            "Whatever is on it. It does not answer",
        ),
    ] {
        let text = browser.get(&format!("{home}/{page}")).await.text();
        assert!(text.contains(words), "{page}: {text}");
    }
    // In the picture and in the list below it.
    let overview = browser.get(&home).await.text();
    assert_eq!(
        overview.matches("cannot be listed").count(),
        2,
        "{overview}"
    );
    assert!(!overview.contains("No containers of yours on this segment yet."));
    let first = browser.get(&format!("{home}/segments/1/replace")).await;
    assert!(
        first.text().contains("Deploy stacks again"),
        "it leads the swarm"
    );
    let third = browser.get(&format!("{home}/segments/3/replace")).await;
    assert!(!third.text().contains("Deploy stacks again"));
}

#[tokio::test]
async fn whoever_scales_what_somebody_else_changed_is_told() {
    let panel = TestPanel::new().await;
    let browser = panel.signed_in("ada").await;
    let cluster = panel.cluster("ada", "web", 1).await;
    let id = cluster.id.to_string();
    let from = format!("/clusters/{id}/scale");
    let page = browser.get(&from).await.text();
    let generation = format!("name=\"generation\" value=\"{}\"", cluster.generation);
    assert!(page.contains(&generation), "{page}");
    let other = panel.actor("ada").await;
    panel
        .control
        .cluster_scale(&other, cluster.id, 2)
        .await
        .unwrap();
    let seen = cluster.generation.to_string();
    let form = [
        ("id", id.as_str()),
        ("segments", "3"),
        ("generation", seen.as_str()),
    ];
    let refused = browser.post(&from, "/api/cluster_scale", &form).await;
    let page = browser.follow(&refused).await.text();
    assert!(page.contains("it has 2 segments now"), "{page}");
    let chosen = page.split("id=\"segments-3\"").nth(1).unwrap();
    let chosen = chosen.split('>').next().unwrap();
    assert!(chosen.contains("checked"), "what was chosen stays: {page}");
    // Both wanted the same: there is nothing to tell.
    let form = [
        ("id", id.as_str()),
        ("segments", "2"),
        ("generation", seen.as_str()),
    ];
    let same = browser.post(&from, "/api/cluster_scale", &form).await;
    assert_eq!(same.location(), format!("/clusters/{id}"));
}

#[tokio::test]
async fn a_smaller_size_wants_a_proof_and_what_was_chosen_stays() {
    let panel = TestPanel::new().await;
    let browser = panel.signed_in("ada").await;
    let cluster = panel.cluster("ada", "web", 2).await;
    let id = cluster.id.to_string();
    let from = format!("/clusters/{id}/scale");
    panel.clock.advance(10 * 60_000);
    let larger = [("id", id.as_str()), ("segments", "3")];
    let grown = browser.post(&from, "/api/cluster_scale", &larger).await;
    assert_eq!(grown.location(), format!("/clusters/{id}"));
    panel.control.settle().await;
    let smaller = [("id", id.as_str()), ("segments", "1")];
    let asked = browser.post(&from, "/api/cluster_scale", &smaller).await;
    let back = format!("{from}?segments=1");
    assert_eq!(asked.location(), format!("/confirm?next={back}"));
    let proof = [("code", PASSWORD), ("next", back.as_str())];
    let proved = browser.post("/confirm", "/api/confirm", &proof).await;
    assert_eq!(proved.location(), back);
    let page = browser.get(&back).await.text();
    let chosen = page.split("id=\"segments-1\"").nth(1).unwrap();
    assert!(chosen.split('>').next().unwrap().contains("checked"));
    assert!(page.contains("button button-danger"), "{page}");
    let done = browser.post(&back, "/api/cluster_scale", &smaller).await;
    assert_eq!(done.location(), format!("/clusters/{id}"));
}

#[tokio::test]
async fn older_changes_are_a_page_away() {
    let panel = TestPanel::new().await;
    let browser = panel.signed_in("ada").await;
    let cluster = panel.cluster("ada", "web", 1).await;
    let actor = panel.actor("ada").await;
    for _ in 0..24 {
        panel.clock.advance(1_000);
        let again = panel.control.cluster_rebuild(&actor, cluster.id).await;
        again.unwrap();
    }
    panel.control.settle().await;
    let home = format!("/clusters/{}/changes", cluster.id);
    let first = browser.get(&home).await.text();
    assert_eq!(first.matches("<li data-key=").count(), 20);
    assert!(!first.contains("Create with 1 segment"), "{first}");
    let next = first.split("changes?before=").nth(1).expect("older ones");
    let next = next.split('"').next().unwrap();
    let second = browser.get(&format!("{home}?before={next}")).await.text();
    assert_eq!(second.matches("<li data-key=").count(), 5);
    assert!(second.contains("Create with 1 segment"));
    assert!(second.contains("Newest") && !second.contains(">Older<"));
}

#[tokio::test]
async fn a_new_cluster_can_be_given_up_however_well_it_goes() {
    let panel = TestPanel::new().await;
    let browser = panel.signed_in("ada").await;
    let actor = panel.actor("ada").await;
    let made = panel.control.cluster_create(&actor, "slow", 1).await;
    let home = format!("/clusters/{}", made.unwrap().id);
    let page = browser.get(&home).await.text();
    assert!(page.contains("Give up and delete"), "{page}");
    panel.control.settle().await;
    let page = browser.get(&home).await.text();
    assert!(!page.contains("Give up and delete"), "it is there now");
}

#[tokio::test]
async fn who_has_all_they_may_is_led_to_where_more_is_asked_for() {
    let panel = TestPanel::new().await;
    let browser = panel.signed_in("ada").await;
    for name in ["one", "two", "three"] {
        panel.cluster("ada", name, 1).await;
    }
    for page in ["/clusters", "/clusters/new"] {
        let text = browser.get(page).await.text();
        assert!(text.contains("href=\"/account/quota#ask\""), "{page}");
    }
    let root = panel.signed_in_as("root", Role::Administrator).await;
    let bar = async || root.get("/clusters").await.text();
    assert!(!bar().await.contains("request waits"));
    let form = [
        ("clusters", "9"),
        ("segments", "3"),
        ("memory_mib", "99999"),
        ("disk_gib", "999"),
        ("reason", "more"),
    ];
    let asked = browser.call("/api/quota_request_make", &form).await;
    assert_eq!(asked.status, StatusCode::OK, "{}", asked.text());
    assert!(bar().await.contains("1 request waits"));
    let hers = browser.get("/clusters").await.text();
    assert!(!hers.contains("request waits"), "administrators alone");
}

#[tokio::test]
async fn the_audit_tells_the_moment_and_offers_its_actions() {
    let panel = TestPanel::new().await;
    let browser = panel.signed_in("ada").await;
    let page = browser.get("/audit").await.text();
    assert!(page.contains("1 Jan 2026, 00:00:00 UTC</time>"), "{page}");
    assert!(page.contains("<option value=\"cluster_scale\">Size of the cluster changed</option>"));
    // Said in words; what it is called in an export stands beside them.
    assert!(page.contains(">Signed in<") && page.contains(">account_sign_in</code>"));
    let chosen = browser.get("/audit?action=cluster_melt").await.text();
    assert!(chosen.contains("<option value=\"cluster_melt\" selected>cluster_melt</option>"));
}
