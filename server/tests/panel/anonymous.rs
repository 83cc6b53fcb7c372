//! Whoever is not signed in gets nothing.

use axum::http::header::AUTHORIZATION;
use axum::http::{Method, StatusCode};

use crate::test_panel::TestPanel;

pub const ID: &str = "01890000-0000-7000-8000-000000000001";

/// Every page that shows something of somebody's.
pub fn private_pages(id: &str) -> Vec<String> {
    let mut pages = vec![
        "/clusters".into(),
        "/clusters/new".into(),
        "/account".into(),
        "/hosts".into(),
        "/account/passkeys".into(),
        "/account/two-factor".into(),
        "/account/sessions".into(),
        "/account/tokens".into(),
        "/account/quota".into(),
        "/audit".into(),
        "/teams".into(),
        "/confirm".into(),
    ];
    pages.extend(cluster_pages(id));
    pages
}

/// Those that are about one cluster, and a log's with a container chosen.
pub fn cluster_pages(id: &str) -> Vec<String> {
    let places = crate::routes::Places {
        cluster: id,
        person: ID,
        team: ID,
    };
    let about = |route: &String| route.starts_with("/clusters/:id");
    let routes = crate::routes::pages().into_iter().filter(about);
    let mut pages: Vec<String> = routes.map(|route| places.fill(&route)).collect();
    pages.push(format!("/clusters/{id}/logs?c=web"));
    pages
}

/// Server functions that work without an account, and why they give nothing away.
const OPEN: [&str; 13] = [
    "/api/sign_up_is_open",       // whether strangers may make accounts
    "/api/sign_up",               // only if they may
    "/api/invitation_accept",     // needs the one-time secret
    "/api/reset_finish",          // needs the one-time secret
    "/api/setup_needed",          // whether there is an account at all
    "/api/setup_finish",          // needs the one-time token
    "/api/sign_in",               // needs the password
    "/api/sign_out",              // ends what is not there
    "/api/status",                // numbers without names, and only where it is switched on
    "/api/language_choose",       // a cookie with the language
    "/api/bundle_link_posted",    // answers nothing but to a page being drawn
    "/api/passkey_sign_in_begin", // a random question, which names nobody
    "/api/passkey_sign_in",       // needs the passkey
];

/// Arguments that every server function can read.
pub fn arguments(id: &str) -> Vec<(&str, &str)> {
    vec![
        ("id", id),
        ("container", "web"),
        ("containers", "web"),
        ("action", "stop"),
        ("tail", "10"),
        ("thing", "web"),
        ("kind", "volume"),
        ("replicas", "2"),
        ("serial", "0102"),
        ("name", "web"),
        ("segments", "1"),
        ("span", "1d"),
        ("ordinal", "1"),
        ("on", "true"),
        ("q", ""),
        ("page", "1"),
        ("current", "x"),
        ("new", "x"),
        ("confirm_name", "web"),
        ("password", "x"),
        ("token", "x"),
        ("language", "de"),
        ("answer", "x"),
        ("code", "x"),
        ("role", "viewer"),
        ("person", "web"),
        ("open", "false"),
        ("decision", "grant"),
        ("clusters", "1"),
        ("memory_mib", "1"),
        ("disk_gib", "20"),
        ("reason", "x"),
        ("text", "services: {}"),
    ]
}

#[tokio::test]
async fn every_page_leads_to_the_sign_in() {
    let panel = TestPanel::new().await;
    panel.account("ada").await;
    let browser = panel.anonymous();
    for page in private_pages(ID) {
        let answer = browser.get(&page).await;
        assert!(answer.status.is_redirection(), "{page}: {}", answer.status);
        assert!(
            answer.location().starts_with("/sign-in"),
            "{page}: {}",
            answer.location()
        );
    }
    let answer = browser.get("/").await;
    assert!(answer.location().starts_with("/sign-in"));
    assert_eq!(browser.get("/sign-in").await.status, StatusCode::OK);
}

#[tokio::test]
async fn every_server_function_refuses() {
    let panel = TestPanel::new().await;
    panel.account("ada").await;
    let cluster = panel.cluster("ada", "web", 1).await;
    let id = cluster.id.to_string();
    let browser = panel.anonymous();
    let mut seen = 0;
    for (path, method) in server_fn::axum::server_fn_paths() {
        assert_eq!(
            method,
            Method::POST,
            "{path}: nothing may be done by a link"
        );
        seen += 1;
        if OPEN.contains(&path) {
            continue;
        }
        let answer = browser.call(path, &arguments(&id)).await;
        assert_eq!(answer.status, StatusCode::UNAUTHORIZED, "{path}");
        assert!(!answer.text().contains("web"), "{path}: {}", answer.text());
    }
    assert!(seen > 12, "server functions are registered");
    panel.control.settle().await;
    let actor = panel.actor("ada").await;
    let after = panel.control.cluster_get(&actor, cluster.id).await.unwrap();
    assert_eq!(after.operations, cluster.operations, "nothing was done");
    let certificates = panel.control.certificate_list(&actor, cluster.id).await;
    assert!(certificates.unwrap().is_empty());
}

#[tokio::test]
async fn the_open_server_functions_give_nothing_away() {
    let panel = TestPanel::new().await;
    panel.account("ada").await;
    let browser = panel.anonymous();
    for path in OPEN {
        let answer = browser.call(path, &arguments(ID)).await;
        assert!(!answer.text().contains("Bearer"), "{path}");
        let page = browser.get("/clusters").await;
        assert!(
            page.location().starts_with("/sign-in"),
            "{path} signed nobody in"
        );
    }
}

#[tokio::test]
async fn no_get_changes_anything() {
    let panel = TestPanel::new().await;
    let browser = panel.signed_in("ada").await;
    let cluster = panel.cluster("ada", "web", 1).await;
    let id = cluster.id.to_string();
    let query = crate::browser::encoded(&arguments(&id));
    for (path, _) in server_fn::axum::server_fn_paths() {
        let answer = browser.get(&format!("{path}?{query}")).await;
        assert!(answer.status.is_client_error(), "{path}: {}", answer.status);
    }
    let apis = ["scale", "bundle"].map(|verb| format!("/api/v1/clusters/{id}/{verb}"));
    for path in ["bundle", "context"]
        .map(|form| format!("/clusters/{id}/{form}"))
        .into_iter()
        .chain(["/bundle".into(), "/bundle/context".into()])
        .chain(apis)
    {
        let answer = browser.get(&path).await;
        assert!(answer.status.is_client_error(), "{path}: {}", answer.status);
    }
    for page in private_pages(&id) {
        // To a member there are no hosts.
        let expect = match page.as_str() {
            "/hosts" => StatusCode::NOT_FOUND,
            _ => StatusCode::OK,
        };
        assert_eq!(browser.get(&page).await.status, expect, "{page}");
    }
    let actor = panel.actor("ada").await;
    let after = panel.control.cluster_get(&actor, cluster.id).await.unwrap();
    assert_eq!(after.operations.len(), cluster.operations.len());
    // The panel's own, for whoever looked at containers, is no way in for anybody.
    let certificates = panel.control.certificate_list(&actor, cluster.id).await;
    let is_bundle = |one: &model::CertificateView| one.kind == model::CertificateKind::Bundle;
    assert!(!certificates.unwrap().iter().any(is_bundle));
}

#[tokio::test]
async fn events_and_bundles_refuse() {
    let panel = TestPanel::new().await;
    panel.account("ada").await;
    let cluster = panel.cluster("ada", "web", 1).await;
    let browser = panel.anonymous();
    assert_eq!(
        browser.get("/events").await.status,
        StatusCode::UNAUTHORIZED
    );
    for rest in ["logs/stream?c=web", "logs/text?c=web", "events/stream"] {
        let answer = browser
            .get(&format!("/clusters/{}/{rest}", cluster.id))
            .await;
        assert_eq!(answer.status, StatusCode::UNAUTHORIZED, "{rest}");
    }
    let path = format!("/clusters/{}/bundle", cluster.id);
    let answer = browser.post("/clusters", &path, &[]).await;
    assert_eq!(answer.location(), "/sign-in");
    let answer = browser.post("/clusters", "/bundle", &[]).await;
    assert_eq!(answer.status, StatusCode::UNAUTHORIZED);
    for bearer in ["Bearer x", "Bearer ", "Basic eDp4", "Bearer"] {
        let answer = browser
            .send(
                Method::POST,
                "/bundle",
                &[(AUTHORIZATION, bearer)],
                String::new(),
            )
            .await;
        assert!(
            answer.status.is_client_error(),
            "{bearer}: {}",
            answer.status
        );
        assert!(!answer.bytes.starts_with(b"PK"));
    }
}

#[tokio::test]
async fn health_needs_nobody() {
    let panel = TestPanel::new().await;
    let answer = panel.anonymous().get("/healthz").await;
    assert_eq!(answer.status, StatusCode::OK);
    assert_eq!(answer.text(), "ok\n");
}
