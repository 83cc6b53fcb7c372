//! Inviting, keeping out, asking for more: by forms, without script.

use axum::http::StatusCode;
use axum::http::header::{ACCEPT, CONTENT_TYPE, ORIGIN, REFERER};
use model::Role;

use crate::browser::{PANEL, encoded};
use crate::test_panel::{PASSWORD, TestPanel};

/// What stands behind the `#` of the link on a page.
fn secret(page: &str) -> String {
    let rest = page.split_once('#').expect("a link is on the page").1;
    rest.chars().take_while(char::is_ascii_hexdigit).collect()
}

#[tokio::test]
async fn an_invitation_is_made_taken_once_and_never_in_an_address() {
    let panel = TestPanel::new().await;
    let ada = panel.signed_in_as("ada", Role::Administrator).await;
    let form = [
        ("make", "invitation"),
        ("note", "Bob"),
        ("role", "viewer"),
        ("days", "7"),
        ("clusters", "2"),
    ];
    let page = ada.post("/people/invite", "/people/invite", &form).await;
    assert_eq!(page.status, StatusCode::OK, "{}", page.text());
    let text = page.text();
    let at = text.find("/invitation#").expect("the link is shown");
    let secret = secret(&text[at..]);
    assert_eq!(secret.len(), 64);
    assert!(ada.get("/people").await.text().contains("Bob"));
    assert!(!ada.get("/people").await.text().contains(&secret));

    let bob = panel.anonymous();
    assert_eq!(bob.get("/invitation").await.status, StatusCode::OK);
    let form = [
        ("token", secret.as_str()),
        ("name", "B"),
        ("password", PASSWORD),
    ];
    let wrong = bob
        .post("/invitation", "/api/invitation_accept", &form)
        .await;
    assert!(wrong.location().contains("__err"));
    assert!(
        !wrong.location().contains(&secret),
        "no secret in an address"
    );
    let form = [
        ("token", secret.as_str()),
        ("name", "bob"),
        ("password", PASSWORD),
    ];
    let made = bob
        .post("/invitation", "/api/invitation_accept", &form)
        .await;
    assert_eq!(made.location(), "/clusters", "{}", made.text());
    assert_eq!(bob.get("/clusters").await.status, StatusCode::OK);
    assert_eq!(bob.get("/people").await.status, StatusCode::FORBIDDEN);
    let eve = panel.anonymous();
    let form = [
        ("token", secret.as_str()),
        ("name", "eve"),
        ("password", PASSWORD),
    ];
    let again = eve.call("/api/invitation_accept", &form).await;
    assert_eq!(again.status, StatusCode::FORBIDDEN);
}

#[tokio::test]
async fn whoever_is_kept_out_is_out_at_once() {
    let panel = TestPanel::new().await;
    let ada = panel.signed_in_as("ada", Role::Administrator).await;
    let bob = panel.signed_in("bob").await;
    let actor = panel.actor("bob").await;
    let id = actor.account.id.to_string();
    panel.cluster("bob", "lab", 1).await;
    let page = format!("/people/{id}");
    assert_eq!(bob.get("/clusters").await.status, StatusCode::OK);
    let done = ada.post(&page, "/api/person_suspend", &[("id", &id)]).await;
    assert_eq!(done.location(), format!("{page}?done=suspend"));
    assert!(
        bob.get("/clusters")
            .await
            .location()
            .starts_with("/sign-in")
    );
    assert_eq!(bob.get("/events").await.status, StatusCode::UNAUTHORIZED);
    let form = [("name", "bob"), ("password", PASSWORD)];
    let refused = bob.post("/sign-in", "/api/sign_in", &form).await;
    assert!(bob.follow(&refused).await.text().contains("suspended"));
    let clusters = panel.control.cluster_list(&actor).await.unwrap();
    assert_eq!(clusters[0].phase, model::Phase::Active, "it keeps running");
    ada.post(&page, "/api/person_unsuspend", &[("id", &id)])
        .await;
    bob.sign_in("bob", PASSWORD).await;
}

#[tokio::test]
async fn somebody_asks_for_more_and_gets_it() {
    let panel = TestPanel::new().await;
    let ada = panel.signed_in_as("ada", Role::Administrator).await;
    let bob = panel.signed_in("bob").await;
    let form = [
        ("clusters", "6"),
        ("segments", "3"),
        ("memory_mib", "40000"),
        ("disk_gib", "400"),
        ("reason", "a course of twelve"),
    ];
    let asked = bob
        .post("/account/quota", "/api/quota_request_make", &form)
        .await;
    assert_eq!(
        asked.location(),
        "/account/quota?done=request",
        "{}",
        asked.text()
    );
    assert!(
        bob.get("/account/quota")
            .await
            .text()
            .contains("a course of twelve")
    );
    let page = ada.get("/people").await.text();
    assert!(page.contains("a course of twelve"));
    let open = panel
        .control
        .quota_request_list(&control::Actor::system(), 1)
        .await
        .unwrap()
        .rows;
    let id = open[0].id.to_string();
    let form = [
        ("id", id.as_str()),
        ("decision", "grant"),
        ("answer", "Gladly."),
    ];
    let done = ada
        .post("/people", "/api/quota_request_decide", &form)
        .await;
    assert_eq!(done.location(), "/people?done=request", "{}", done.text());
    let page = bob.get("/account/quota").await.text();
    assert!(
        page.contains("Gladly.") && page.contains("0 of 6"),
        "{page}"
    );
}

#[tokio::test]
async fn a_team_asks_for_more_on_its_page_and_reads_the_answer_there() {
    let panel = TestPanel::new().await;
    let root = panel.signed_in_as("root", Role::Administrator).await;
    let ada = panel.signed_in("ada").await;
    let bob = panel.signed_in("bob").await;
    let (control, system) = (&panel.control, control::Actor::system());
    let crew = control.team_create(&system, "crew", model::QuotaChoice::default());
    let crew = crew.await.unwrap().to_string();
    for (name, role) in [("ada", Role::Administrator), ("bob", Role::Member)] {
        let id = crew.parse().unwrap();
        let set = control.team_person_set(&system, id, name, role);
        set.await.unwrap();
    }
    let page = format!("/teams/{crew}");
    // It is for whoever looks after the team; whoever gives quotas asks nobody.
    let offers = async |who: &crate::browser::Browser| {
        let text = who.get(&page).await.text();
        text.contains("action=\"/api/quota_request_make\"")
    };
    assert!(offers(&ada).await && !offers(&bob).await && !offers(&root).await);
    let form = |reason| {
        [
            ("team", crew.as_str()),
            ("clusters", "6"),
            ("segments", "3"),
            ("memory_mib", "40000"),
            ("disk_gib", "400"),
            ("reason", reason),
        ]
    };
    let (make, why) = ("/api/quota_request_make", "a course of twelve");
    let refused = ada.post(&page, make, &form(" ")).await;
    let shown = ada.follow(&refused).await.text();
    assert!(shown.contains("Say what it is for."), "{shown}");
    let asked = ada.post(&page, make, &form(why)).await;
    assert_eq!(
        asked.location(),
        format!("{page}?done=request"),
        "{}",
        asked.text()
    );
    assert!(!offers(&ada).await, "one at a time");
    let text = bob.get(&page).await.text();
    assert!(text.contains(why) && !text.contains("/api/quota_request_withdraw"));
    let text = root.get("/people").await.text();
    assert!(text.contains(why) && text.contains("Team crew") && text.contains("By ada"));
    assert!(text.contains("1 request waits"), "the bar counts it");
    let open = control.quota_request_list(&system, 1).await.unwrap().rows;
    let id = open[0].id.to_string();
    let foreign = bob
        .call("/api/quota_request_withdraw", &[("id", &id)])
        .await;
    assert_eq!(foreign.status, StatusCode::FORBIDDEN);
    let back = ada
        .post(&page, "/api/quota_request_withdraw", &[("id", &id)])
        .await;
    assert_eq!(back.location(), format!("{page}?done=withdraw"));
    assert!(offers(&ada).await);
    ada.post(&page, make, &form(why)).await;
    let open = control.quota_request_list(&system, 1).await.unwrap().rows;
    let id = open[0].id.to_string();
    let form = [
        ("id", id.as_str()),
        ("decision", "grant"),
        ("answer", "Gladly."),
    ];
    let done = root
        .post("/people", "/api/quota_request_decide", &form)
        .await;
    assert_eq!(done.location(), "/people?done=request", "{}", done.text());
    let text = bob.get(&page).await.text();
    assert!(
        text.contains("Gladly.") && text.contains("0 of 6"),
        "{text}"
    );
}

#[tokio::test]
async fn a_new_password_comes_by_a_link_once() {
    let panel = TestPanel::new().await;
    let ada = panel.signed_in_as("ada", Role::Administrator).await;
    let bob = panel.signed_in("bob").await;
    let page = format!("/people/{}", panel.actor("bob").await.account.id);
    let text = ada.post(&page, &page, &[("make", "reset")]).await.text();
    let at = text.find("/reset#").expect("the link is shown");
    let secret = secret(&text[at..]);
    let new = "another long phrase";
    let form = [("token", secret.as_str()), ("password", new)];
    let other = panel.anonymous();
    let done = other.post("/reset", "/api/reset_finish", &form).await;
    assert_eq!(done.location(), "/sign-in?done=reset", "{}", done.text());
    assert!(
        bob.get("/clusters").await.status.is_redirection(),
        "sessions end"
    );
    let again = other.call("/api/reset_finish", &form).await;
    assert_eq!(again.status, StatusCode::FORBIDDEN);
    other.sign_in("bob", new).await;
}

#[tokio::test]
async fn no_page_is_posted_from_another_site() {
    let panel = TestPanel::new().await;
    let ada = panel.signed_in_as("ada", Role::Administrator).await;
    let bob = panel.account("bob").await.id;
    let form = encoded(&[
        ("make", "invitation"),
        ("role", "administrator"),
        ("days", "7"),
    ]);
    let kind = (CONTENT_TYPE, "application/x-www-form-urlencoded");
    for path in [
        "/people/invite",
        &format!("/people/{bob}"),
        "/account/two-factor",
        "/account/tokens",
    ] {
        for origin in ["http://evil.example", "null"] {
            let headers = [
                (ACCEPT, "text/html"),
                (ORIGIN, origin),
                (REFERER, PANEL),
                kind.clone(),
            ];
            let answer = ada
                .send(axum::http::Method::POST, path, &headers, form.clone())
                .await;
            assert_eq!(answer.status, StatusCode::FORBIDDEN, "{path} {origin}");
        }
    }
    for (path, _) in server_fn::axum::server_fn_paths() {
        let headers = [(ORIGIN, "http://evil.example"), kind.clone()];
        let answer = ada
            .send(axum::http::Method::POST, path, &headers, form.clone())
            .await;
        assert_eq!(answer.status, StatusCode::FORBIDDEN, "{path}");
    }
    assert!(
        panel
            .control
            .invitation_list(&control::Actor::system())
            .await
            .unwrap()
            .is_empty()
    );
}

#[tokio::test]
async fn an_export_leaves_nothing_out_however_long_it_is() {
    let panel = TestPanel::new().await;
    let ada = panel.signed_in_as("ada", Role::Administrator).await;
    let mut tx = panel.store.write().await.unwrap();
    for n in 0..5_100_i64 {
        let row = store::AuditRecord {
            id: format!("{n:06}"),
            at: n / 7,
            actor_id: String::new(),
            actor_name: "program".to_owned(),
            action: "cluster_scale".to_owned(),
            subject: "lab".to_owned(),
            subject_id: String::new(),
            owner_id: String::new(),
            detail: String::new(),
        };
        tx.audit_insert(&row).await.unwrap();
    }
    tx.commit().await.unwrap();
    let lines = ada.get("/audit/export?format=jsonl&person=program").await;
    let text = lines.text();
    let mut lines: Vec<&str> = text.lines().collect();
    assert_eq!(lines.len(), 5_100);
    lines.sort_unstable();
    lines.dedup();
    assert_eq!(lines.len(), 5_100, "each once");
    let csv = ada.get("/audit/export?format=csv&person=program").await;
    assert_eq!(csv.text().lines().count(), 5_101);
    assert_eq!(csv.text().matches("at,by,action").count(), 1);
}

#[tokio::test]
async fn the_audit_is_filtered_and_taken_along() {
    let panel = TestPanel::new().await;
    let ada = panel.signed_in_as("ada", Role::Administrator).await;
    let bob = panel.signed_in("bob").await;
    panel.cluster("bob", "lab", 1).await;
    let page = ada
        .get("/audit?person=bob&action=cluster_create")
        .await
        .text();
    assert!(page.contains("cluster_create") && !page.contains("account_sign_in</"));
    let csv = ada.get("/audit/export?format=csv&subject=lab").await;
    assert!(csv.header("content-disposition").contains("audit.csv"));
    assert!(csv.text().starts_with("at,by,action,subject,detail,id\r\n"));
    assert!(csv.text().contains("\"bob\",\"cluster_create\",\"lab\""));
    let lines = bob.get("/audit/export?format=jsonl").await.text();
    assert!(lines.lines().count() >= 2);
    for line in lines.lines() {
        let row: serde_json::Value = serde_json::from_str(line).unwrap();
        let is_own = row["by"] == "bob" || row["subject"] == "bob";
        assert!(is_own, "{line}");
    }
    assert!(
        panel
            .anonymous()
            .get("/audit/export")
            .await
            .status
            .is_redirection()
    );
}
