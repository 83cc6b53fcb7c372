//! What every answer says beside its content.

use axum::http::StatusCode;
use axum::http::header::{ACCEPT_ENCODING, HeaderName};

use crate::anonymous::private_pages;
use crate::test_panel::{Options, TestPanel};

const POLICY: &str = "content-security-policy";

#[tokio::test]
async fn every_answer_is_guarded() {
    let panel = TestPanel::new().await;
    let browser = panel.signed_in("ada").await;
    let cluster = panel.cluster("ada", "web", 1).await;
    let mut paths = private_pages(&cluster.id.to_string());
    paths.extend(
        [
            "/sign-in",
            "/nope",
            "/healthz",
            "/events",
            "/pkg/carina.css",
        ]
        .map(str::to_owned),
    );
    for path in paths {
        let answer = browser.get(&path).await;
        for (name, value) in [
            ("x-content-type-options", "nosniff"),
            ("x-frame-options", "DENY"),
            ("referrer-policy", "same-origin"),
        ] {
            assert_eq!(answer.header(name), value, "{path}");
        }
        let policy = answer.header(POLICY);
        assert!(policy.contains("default-src 'none'"), "{path}: {policy}");
        assert!(
            policy.contains("frame-ancestors 'none'"),
            "{path}: {policy}"
        );
        assert!(!policy.contains("unsafe-inline"), "{path}: {policy}");
        assert!(!policy.contains("'unsafe-eval'"), "{path}: {policy}");
        assert_eq!(answer.header("strict-transport-security"), "", "{path}");
    }
}

#[tokio::test]
async fn every_script_of_a_page_has_its_nonce_and_no_style_is_inline() {
    let panel = TestPanel::new().await;
    let browser = panel.signed_in("ada").await;
    let cluster = panel.cluster("ada", "web", 2).await;
    let mut nonces = Vec::new();
    for path in private_pages(&cluster.id.to_string()) {
        let answer = browser.get(&path).await;
        let policy = answer.header(POLICY);
        let (_, rest) = policy.split_once("'nonce-").unwrap();
        let nonce = rest.split_once('\'').unwrap().0.to_owned();
        let text = answer.text();
        for tag in text.match_indices("<script") {
            let tag = text[tag.0..].split_once('>').unwrap().0;
            assert!(tag.contains(&nonce), "{path}: {tag}");
        }
        assert!(!text.contains(" style=\""), "{path}: the policy blocks it");
        assert!(!text.contains(" onclick="), "{path}: the policy blocks it");
        nonces.push(nonce);
    }
    nonces.sort();
    let all = nonces.len();
    nonces.dedup();
    assert_eq!(nonces.len(), all, "a nonce is used once");
}

#[tokio::test]
async fn pages_are_not_kept_and_files_are_asked_for_again() {
    let panel = TestPanel::new().await;
    let browser = panel.signed_in("ada").await;
    assert_eq!(
        browser.get("/clusters").await.header("cache-control"),
        "no-store"
    );
    let file = browser.get("/pkg/carina.css").await;
    assert_eq!(file.header("cache-control"), "no-cache");
    assert_eq!(file.text(), "body{}");
    let headers = [(ACCEPT_ENCODING, "br, gzip")];
    let small = browser
        .send(
            axum::http::Method::GET,
            "/pkg/carina.css",
            &headers,
            String::new(),
        )
        .await;
    assert_eq!(small.header("content-encoding"), "br");
    assert_eq!(small.header("content-type"), "text/css");
}

#[tokio::test]
async fn what_does_not_exist_is_a_page_of_ours() {
    let panel = TestPanel::new().await;
    for browser in [panel.anonymous(), panel.signed_in("ada").await] {
        for path in [
            "/nope",
            "/clusters/x/y/z",
            "/pkg/../../etc/passwd",
            "/pkg/",
            "/%00",
        ] {
            let answer = browser.get(path).await;
            assert_eq!(answer.status, StatusCode::NOT_FOUND, "{path}");
        }
        assert!(browser.get("/nope").await.text().contains("<html"));
        let answer = browser.post("/", "/nope", &[]).await;
        assert_eq!(answer.status, StatusCode::NOT_FOUND);
    }
}

#[tokio::test]
async fn https_is_kept_to() {
    let panel = TestPanel::with(Options {
        is_https: true,
        public_origin: Some("https://panel.example.org".into()),
        ..Options::default()
    })
    .await;
    let browser = panel.anonymous();
    let answer = browser.get("/sign-in").await;
    let header = HeaderName::from_static("strict-transport-security");
    assert!(answer.header(header.as_str()).starts_with("max-age="));
}
