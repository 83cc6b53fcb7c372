//! The interface for programs: scopes, refusals as JSON, nothing by cookie.

use axum::http::header::{AUTHORIZATION, CONTENT_TYPE, ORIGIN, WWW_AUTHENTICATE};
use axum::http::{Method, StatusCode};
use model::Scope;
use serde_json::{Value, json};

use crate::browser::{Answer, PANEL};
use crate::test_panel::{Options, TestPanel};

const CLUSTERS: &str = "/api/v1/clusters";

async fn token(panel: &TestPanel, name: &str, scopes: &[Scope]) -> String {
    let actor = panel.actor(name).await;
    let made = panel.control.token_make(&actor, "ci", scopes, 1).await;
    made.unwrap().0
}

async fn ask(panel: &TestPanel, token: &str, method: Method, path: &str, body: Value) -> Answer {
    let bearer = format!("Bearer {token}");
    let headers = [
        (AUTHORIZATION, bearer.as_str()),
        (CONTENT_TYPE, "application/json"),
    ];
    let body = match body {
        Value::Null => String::new(),
        body => body.to_string(),
    };
    panel.anonymous().send(method, path, &headers, body).await
}

fn read(answer: &Answer) -> Value {
    serde_json::from_slice(&answer.bytes).unwrap()
}

#[tokio::test]
async fn a_program_makes_scales_uses_and_deletes_a_cluster() {
    let panel = TestPanel::new().await;
    panel.account("ada").await;
    let token = token(&panel, "ada", Scope::ALL).await;
    let body = json!({"name": "web", "segments": 1});
    let made = ask(&panel, &token, Method::POST, CLUSTERS, body).await;
    assert_eq!(made.status, StatusCode::CREATED, "{}", made.text());
    let id = read(&made)["id"].as_str().unwrap().to_owned();
    panel.control.settle().await;
    let path = format!("{CLUSTERS}/{id}");
    let shown = read(&ask(&panel, &token, Method::GET, &path, Value::Null).await);
    assert_eq!(shown["phase"], "active");
    let list = read(&ask(&panel, &token, Method::GET, CLUSTERS, Value::Null).await);
    assert_eq!(list.as_array().unwrap().len(), 1);
    let scale = format!("{path}/scale");
    let body = json!({"segments": 2});
    let scaled = ask(&panel, &token, Method::POST, &scale, body).await;
    assert_eq!(read(&scaled)["segments_wanted"], 2);
    // What somebody else changed meanwhile is not undone unseen.
    let old = shown["generation"].as_i64().unwrap();
    let body = json!({"segments": 3, "generation": old});
    let late = ask(&panel, &token, Method::POST, &scale, body).await;
    assert_eq!(late.status, StatusCode::CONFLICT, "{}", late.text());
    assert_eq!(shown["autoscale"], Value::Null);
    let body = json!({"name": "grows", "segments": 1, "autoscale": true, "disk_gib": 30});
    let grows = read(&ask(&panel, &token, Method::POST, CLUSTERS, body).await);
    assert_eq!(grows["autoscale"]["what"], "watching");
    assert_eq!(
        (&grows["disk_gib"], &shown["disk_gib"]),
        (&json!(30), &json!(20))
    );
    let gone = format!("{CLUSTERS}/{}?confirm=grows", grows["id"].as_str().unwrap());
    ask(&panel, &token, Method::DELETE, &gone, Value::Null).await;
    let bundle = format!("{path}/bundle");
    let zip = ask(&panel, &token, Method::POST, &bundle, Value::Null).await;
    assert!(zip.bytes.starts_with(b"PK"));
    let slip = ask(&panel, &token, Method::DELETE, &path, Value::Null).await;
    assert_eq!(slip.status, StatusCode::UNPROCESSABLE_ENTITY);
    let confirmed = format!("{path}?confirm=web");
    let gone = ask(&panel, &token, Method::DELETE, &confirmed, Value::Null).await;
    assert_eq!(gone.status, StatusCode::ACCEPTED);
    panel.control.settle().await;
    let shown = ask(&panel, &token, Method::GET, &path, Value::Null).await;
    assert_eq!(
        (shown.status, read(&shown)["kind"].as_str()),
        (StatusCode::NOT_FOUND, Some("not_found"))
    );
}

#[tokio::test]
async fn every_route_wants_its_scope() {
    let panel = TestPanel::new().await;
    panel.account("ada").await;
    let cluster = panel.cluster("ada", "web", 1).await;
    let path = format!("{CLUSTERS}/{}", cluster.id);
    let routes: [(_, _, _, &[Scope]); 7] = [
        (Method::GET, CLUSTERS.to_owned(), Value::Null, Scope::ALL),
        (
            Method::GET,
            "/api/v1/hosts".to_owned(),
            Value::Null,
            &[Scope::Deploy],
        ),
        (Method::GET, path.clone(), Value::Null, Scope::ALL),
        (
            Method::POST,
            CLUSTERS.to_owned(),
            json!({"name": "two", "segments": 1}),
            &[Scope::Deploy],
        ),
        (
            Method::POST,
            format!("{path}/scale"),
            json!({"segments": 2}),
            &[Scope::Deploy],
        ),
        (
            Method::POST,
            format!("{path}/bundle"),
            Value::Null,
            &[Scope::Access],
        ),
        (
            Method::DELETE,
            format!("{path}?confirm=web"),
            Value::Null,
            &[Scope::Deploy],
        ),
    ];
    for (method, path, body, needed) in routes {
        for scope in Scope::ALL.iter().filter(|scope| !needed.contains(scope)) {
            let token = token(&panel, "ada", &[*scope]).await;
            let answer = ask(&panel, &token, method.clone(), &path, body.clone()).await;
            assert_eq!(
                answer.status,
                StatusCode::FORBIDDEN,
                "{method} {path} {scope}"
            );
            assert_eq!(read(&answer)["kind"], "not_allowed");
        }
    }
    let actor = panel.actor("ada").await;
    let after = panel.control.cluster_get(&actor, cluster.id).await.unwrap();
    assert_eq!(
        after.operations.len(),
        cluster.operations.len(),
        "nothing was done"
    );
}

#[tokio::test]
async fn a_program_chooses_the_host() {
    let panel = TestPanel::with(Options {
        more_hosts: vec!["south"],
        ..Options::default()
    })
    .await;
    panel.account("ada").await;
    let token = token(&panel, "ada", &[Scope::Deploy]).await;
    let hosts = ask(&panel, &token, Method::GET, "/api/v1/hosts", Value::Null).await;
    let hosts = read(&hosts);
    assert_eq!(hosts[1]["name"], "south");
    assert_eq!(hosts[1]["segments_fit"], 3);
    assert_eq!(hosts[1]["free"], Value::Null, "no numbers for a member");
    let body = json!({"name": "web", "segments": 1, "host": "south"});
    let made = ask(&panel, &token, Method::POST, CLUSTERS, body).await;
    assert_eq!(made.status, StatusCode::CREATED, "{}", made.text());
    assert_eq!(read(&made)["host"], "south");
    let body = json!({"name": "two", "segments": 1, "host": "west"});
    let refused = ask(&panel, &token, Method::POST, CLUSTERS, body).await;
    assert_eq!(refused.status, StatusCode::UNPROCESSABLE_ENTITY);
    assert_eq!(read(&refused)["field"], "host");
}

#[tokio::test]
async fn without_a_good_token_there_is_nothing() {
    let panel = TestPanel::new().await;
    let browser = panel.signed_in("ada").await;
    panel.cluster("ada", "secret-name", 1).await;
    // A cookie does not count here, from wherever it comes.
    for origin in [PANEL, "http://evil.example"] {
        let answer = browser
            .send(Method::GET, CLUSTERS, &[(ORIGIN, origin)], String::new())
            .await;
        assert_eq!(answer.status, StatusCode::UNAUTHORIZED);
        assert_eq!(answer.header(WWW_AUTHENTICATE), "Bearer");
        let body = json!({"name": "two", "segments": 1}).to_string();
        let headers = [(ORIGIN, origin), (CONTENT_TYPE, "application/json")];
        let answer = browser.send(Method::POST, CLUSTERS, &headers, body).await;
        assert_eq!(answer.status, StatusCode::UNAUTHORIZED);
    }
    for bad in ["x", "carina_", &format!("carina_{}", "0".repeat(64))] {
        let answer = ask(&panel, bad, Method::GET, CLUSTERS, Value::Null).await;
        assert_eq!(answer.status, StatusCode::UNAUTHORIZED, "{bad}");
        assert!(!answer.text().contains("secret-name"));
    }
    // A token opens this interface and nothing else.
    let token = token(&panel, "ada", Scope::ALL).await;
    let page = ask(&panel, &token, Method::GET, "/clusters", Value::Null).await;
    assert!(page.location().starts_with("/sign-in"));
}

#[tokio::test]
async fn what_is_somebody_elses_is_not_found_and_nonsense_is_said() {
    let panel = TestPanel::new().await;
    panel.account("ada").await;
    panel.account("eve").await;
    let cluster = panel.cluster("ada", "web", 1).await;
    let token = token(&panel, "eve", Scope::ALL).await;
    let path = format!("{CLUSTERS}/{}", cluster.id);
    for (method, path, body) in [
        (Method::GET, path.clone(), Value::Null),
        (
            Method::POST,
            format!("{path}/scale"),
            json!({"segments": 2}),
        ),
        (Method::POST, format!("{path}/bundle"), Value::Null),
        (Method::DELETE, format!("{path}?confirm=web"), Value::Null),
        (Method::GET, format!("{CLUSTERS}/nonsense"), Value::Null),
        (Method::GET, "/api/v1/nonsense".to_owned(), Value::Null),
        (Method::PUT, CLUSTERS.to_owned(), Value::Null),
    ] {
        let answer = ask(&panel, &token, method.clone(), &path, body).await;
        assert_eq!(answer.status, StatusCode::NOT_FOUND, "{method} {path}");
        assert_eq!(read(&answer)["kind"], "not_found");
    }
    for body in [
        json!({}),
        json!({"name": "x", "segments": -1}),
        json!({"name": "x", "segments": 1, "more": 1}),
    ] {
        let answer = ask(&panel, &token, Method::POST, CLUSTERS, body).await;
        assert_eq!(answer.status, StatusCode::UNPROCESSABLE_ENTITY);
        assert_eq!(read(&answer)["field"], "body");
    }
}
