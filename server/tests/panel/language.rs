//! Every page in another language: chosen by the browser or by the person, and whole.

use std::collections::HashMap;

use axum::http::header::{ACCEPT, ACCEPT_LANGUAGE, COOKIE, SET_COOKIE};
use axum::http::{Method, StatusCode};

use crate::anonymous::private_pages;
use crate::browser::{Answer, Browser};
use crate::test_panel::TestPanel;

const CHOOSE: &str = "/api/language_choose";

async fn get_with(browser: &Browser, path: &str, accept_language: &str, cookie: &str) -> Answer {
    let headers = [
        (ACCEPT, "text/html"),
        (ACCEPT_LANGUAGE, accept_language),
        (COOKIE, cookie),
    ];
    browser
        .send(Method::GET, path, &headers, String::new())
        .await
}

#[tokio::test]
async fn a_choice_is_kept_and_leads_back() {
    let panel = TestPanel::new().await;
    panel.account("ada").await;
    let browser = panel.anonymous();
    let page = get_with(&browser, "/sign-in?next=/account", "de-AT, en;q=0.5", "").await;
    assert!(page.text().contains("<html lang=\"de\""), "{}", page.text());
    assert!(page.text().contains("Anmelden"));
    let back = "/sign-in?next=/account";
    assert!(page.text().contains(&format!("value=\"{back}\"")));
    let form = [("language", "en"), ("back", back)];
    let answer = browser.post("/sign-in", CHOOSE, &form).await;
    assert_eq!(answer.location(), back);
    let cookie = answer.header(SET_COOKIE);
    for part in [
        "carina_language=en;",
        "Path=/",
        "HttpOnly",
        "SameSite=Lax",
        "Max-Age=31536000",
    ] {
        assert!(cookie.contains(part), "{cookie}");
    }
    let page = get_with(&browser, "/sign-in", "de", "other=1; carina_language=en").await;
    assert!(page.text().contains("<html lang=\"en\""));
}

#[tokio::test]
async fn nonsense_changes_nothing_and_leads_nowhere_else() {
    let panel = TestPanel::new().await;
    panel.account("ada").await;
    let browser = panel.anonymous();
    for (language, back) in [
        ("xx", "//evil.example"),
        ("de; Domain=x", "https://evil.example"),
    ] {
        let form = [("language", language), ("back", back)];
        let answer = browser.post("/sign-in", CHOOSE, &form).await;
        assert_eq!(answer.location(), "/clusters");
        assert_eq!(browser.cookie(), None, "{language}");
    }
}

/// What a reader sees or hears of a page: its texts, and the attributes that are told.
fn shown(html: &str) -> Vec<String> {
    let body = html.split_once("<body").map_or(html, |(_, body)| body);
    let mut found = Vec::new();
    for part in body.split('<') {
        let (tag, text) = part.split_once('>').unwrap_or(("", part));
        found.push(text.trim().to_owned());
        for name in [
            "aria-label",
            "title",
            "placeholder",
            "data-label",
            "data-pending",
            "data-done",
        ] {
            let value = tag.split_once(&format!(" {name}=\""));
            if let Some((value, _)) = value.and_then(|(_, rest)| rest.split_once('"')) {
                found.push(value.to_owned());
            }
        }
    }
    let plain = |text: String| text.replace("&#x27;", "'").replace("&quot;", "\"");
    found.into_iter().map(plain).collect()
}

#[tokio::test]
async fn no_english_is_left_on_a_german_page() {
    let catalogue = [
        include_str!("../../../app/words/de.toml"),
        include_str!("../../../app/words/said.de.toml"),
    ];
    let lines: HashMap<String, String> = catalogue
        .iter()
        .flat_map(|file| file.lines())
        .filter_map(|line| toml::from_str::<HashMap<String, String>>(line).ok())
        .flatten()
        .collect();
    // A role as the audit recorded it; states in Docker's own words.
    let told_as_is = ["member", "Created", "running", "exited", "paused", "failed"];
    let is_english = |text: &str| {
        !told_as_is.contains(&text) && lines.get(text).is_some_and(|german| german != text)
    };
    let panel = TestPanel::new().await;
    let browser = panel.signed_in("ada").await;
    let empty = get_with(&browser, "/clusters", "de", "").await.text();
    assert!(
        empty.contains("In Sekunden zu Ihrem ersten Cluster"),
        "{empty}"
    );
    let cluster = panel.cluster("ada", "lab", 2).await;
    panel.control.settle().await;
    let id = cluster.id.to_string();
    let mut pages = private_pages(&id);
    pages.extend(["/nowhere".to_owned(), "/clusters/none".to_owned()]);
    for path in &pages {
        let page = get_with(&browser, path, "de", "").await;
        assert!(
            matches!(page.status, StatusCode::OK | StatusCode::NOT_FOUND),
            "{path}: {}",
            page.status
        );
        let english: Vec<_> = shown(&page.text())
            .into_iter()
            .filter(|text| is_english(text))
            .collect();
        assert!(english.is_empty(), "{path}: {english:?}");
    }
    let page = get_with(&browser, &format!("/clusters/{id}"), "de", "").await;
    for german in ["Segment 1: Engine läuft", "Anlegen: 2 Segmente", "aktiv"] {
        assert!(page.text().contains(german), "{german}: {}", page.text());
    }
    let form = [("name", "lab"), ("segments", "1")];
    let refused = browser
        .post("/clusters/new", "/api/cluster_create", &form)
        .await;
    let path = refused.location().trim_start_matches(crate::browser::PANEL);
    let page = get_with(&browser, path, "de", "").await;
    assert!(
        page.text().contains("Sie haben schon einen Cluster „lab“."),
        "{}",
        page.text()
    );
}
