//! Containers, logs and consoles as browsers get them, with simulated segments.

use axum::http::header::{ACCEPT_LANGUAGE, CONNECTION, HeaderName, ORIGIN, UPGRADE};
use axum::http::{Method, StatusCode};

use crate::browser::{Answer, Browser, PANEL};
use crate::test_panel::TestPanel;

const SEC_FETCH_SITE: HeaderName = HeaderName::from_static("sec-fetch-site");

/// What a browser asks with when a script opens a WebSocket.
pub async fn socket(browser: &Browser, path: &str, headers: &[(HeaderName, &str)]) -> Answer {
    let mut all = vec![
        (CONNECTION, "Upgrade"),
        (UPGRADE, "websocket"),
        (HeaderName::from_static("sec-websocket-version"), "13"),
        (
            HeaderName::from_static("sec-websocket-key"),
            "dGhlIHNhbXBsZSBub25jZQ==",
        ),
    ];
    all.extend_from_slice(headers);
    browser.send(Method::GET, path, &all, String::new()).await
}

struct Ground {
    panel: TestPanel,
    ada: Browser,
    base: String,
}

async fn ground() -> Ground {
    let panel = TestPanel::new().await;
    let ada = panel.signed_in("ada").await;
    let cluster = panel.cluster("ada", "shop", 2).await;
    Ground {
        base: format!("/clusters/{}", cluster.id),
        panel,
        ada,
    }
}

impl Ground {
    async fn audited(&self) -> Vec<(String, String)> {
        let mut tx = self.panel.store.read().await.unwrap();
        let all = tx.audit_list().await.unwrap();
        all.into_iter()
            .map(|row| (row.action, row.detail))
            .collect()
    }
}

#[tokio::test]
async fn containers_of_all_segments_are_listed_and_filtered() {
    let ground = ground().await;
    let page = |query: &str| {
        let path = format!("{}/containers{query}", ground.base);
        let ada = &ground.ada;
        async move { ada.get(&path).await.text() }
    };
    let all = page("").await;
    for name in ["web", "shop-db", "migrate", "swarm-manager"] {
        assert!(all.contains(&format!(">{name}</a>")), "{name}");
    }
    assert!(all.contains("is-system"));
    let some = page("?name=NGINX&state=running&segment=1").await;
    assert!(some.contains(">web</a>") && !some.contains(">shop-db</a>"));
    assert!(some.contains("value=\"NGINX\""), "what was asked for stays");
    assert!(
        page("?name=%3Cscript%3E")
            .await
            .contains("No container is like that.")
    );
}

#[tokio::test]
async fn a_container_is_stopped_and_the_systems_are_not() {
    let ground = ground().await;
    let id = ground.base.rsplit('/').next().unwrap();
    let here = format!("{}/containers/web", ground.base);
    let act = |container: &str, action: &str| {
        let form = [
            ("id".to_owned(), id.to_owned()),
            ("container".to_owned(), container.to_owned()),
            ("action".to_owned(), action.to_owned()),
        ];
        let (ada, here) = (&ground.ada, &here);
        async move {
            let form: Vec<(&str, &str)> =
                form.iter().map(|(a, b)| (a.as_str(), b.as_str())).collect();
            ada.post(here, "/api/container_act", &form).await
        }
    };
    let answer = act("web", "stop").await;
    let page = ground.ada.follow(&answer).await.text();
    assert!(page.contains("The container was stopped."));
    assert!(page.contains(">exited<"), "the page shows it");
    let system = format!("{id}-n1-swarm-agent");
    let page = ground
        .ada
        .follow(&act(&system, "remove").await)
        .await
        .text();
    assert!(page.contains("(CARINA-1005)."), "the policy's own words");
    let answer = act("web", "no-such-thing").await;
    assert!(answer.location().contains("__err"), "{}", answer.location());
    let audited = ground.audited().await;
    assert!(audited.contains(&("container_stop".into(), "web".into())));
    let refused = |(action, detail): &(String, String)| {
        action == "container_remove" && detail.contains("CARINA-1005")
    };
    assert!(audited.iter().any(refused));
}

#[tokio::test]
async fn values_of_an_environment_are_shown_to_whoever_asks() {
    let ground = ground().await;
    let here = format!("{}/containers/web", ground.base);
    let page = ground.ada.get(&here).await.text();
    assert!(page.contains("SHOP_PASSWORD") && !page.contains("sesame"));
    let id = ground.base.rsplit('/').next().unwrap();
    for path in ["/api/container_get", "/api/container_environment_posted"] {
        let form = [("id", id), ("container", "web")];
        let answer = ground.ada.call(path, &form).await;
        assert_eq!(answer.status, StatusCode::OK, "{path}");
        assert!(!answer.text().contains("sesame"), "{path}");
    }
    let page = ground.ada.post(&here, &here, &[]).await.text();
    assert!(page.contains("open sesame &lt;simulated&gt;"));
    let audited = ground.audited().await;
    assert!(audited.contains(&("container_environment".into(), "web".into())));
}

#[tokio::test]
async fn a_container_has_its_history() {
    let ground = ground().await;
    let page = |query: &str| {
        let path = format!("{}/containers/web{query}", ground.base);
        let ada = &ground.ada;
        async move { ada.get(&path).await.text() }
    };
    let empty = page("").await;
    assert!(empty.contains("nothing in this time yet"));
    assert!(!empty.contains("class=\"chart\""), "no empty drawings");
    assert!(empty.contains("href=\"?span=30d#over-time\""));
    // Whatever its moment within a minute is.
    for _ in 0..13 {
        ground.panel.clock.advance(10_000);
        ground.panel.control.container_metrics_sample().await;
    }
    for (query, span) in [("", "1h"), ("?span=7d", "7d"), ("?span=x", "1h")] {
        let page = page(query).await;
        assert_eq!(page.matches("class=\"chart\"").count(), 4, "{query}");
        assert!(page.contains("without page cache"), "{query}");
        assert!(page.contains(&format!("href=\"?span={span}#over-time\" aria-current")));
        assert_eq!(page.matches("<summary>Numbers</summary>").count(), 4);
    }
    let migrate = ground.base.clone() + "/containers/migrate";
    let ended = ground.ada.get(&migrate).await.text();
    assert!(
        ended.contains("nothing in this time yet"),
        "it does not run"
    );
}

#[tokio::test]
async fn logs_are_drawn_escaped_and_come_as_a_file() {
    let ground = ground().await;
    let path = format!("{}/logs?c=web&c=shop-db", ground.base);
    let page = ground.ada.get(&path).await.text();
    assert_eq!(page.matches("<div class=\"log-line").count(), 200);
    assert!(page.contains("upstream &lt;worker&gt; timed out"));
    assert!(page.contains("<i class=\"ansi-1\">[error]</i>") && !page.contains('\u{1b}'));
    let path = format!("{}/logs/text?c=web", ground.base);
    let file = ground.ada.get(&path).await;
    assert_eq!(file.header("content-type"), "text/plain; charset=utf-8");
    assert!(file.header("content-disposition").contains("shop-web.log"));
    assert!(
        file.text()
            .contains("[error] upstream <worker> timed out\n")
    );
    let path = format!("{}/logs/stream?c=web&after=0", ground.base);
    let stream = ground.ada.get(&path).await;
    assert_eq!(stream.header("content-type"), "text/event-stream");
    for wrong in ["", "?c=..%2Fx", "?c=nobody", "?c=web,nobody"] {
        let path = format!("{}/logs/text{wrong}", ground.base);
        assert_eq!(
            ground.ada.get(&path).await.status,
            StatusCode::NOT_FOUND,
            "{wrong}"
        );
    }
    let many = format!("{}/logs/text?c={}", ground.base, ["web"; 9].join(","));
    assert!(ground.ada.get(&many).await.status.is_client_error());
}

#[tokio::test]
async fn events_are_drawn_in_the_reader_s_language_and_followed() {
    let ground = ground().await;
    let path = format!("{}/events", ground.base);
    let page = ground.ada.get(&path).await.text();
    assert!(page.contains("<b class=\"event-of\">Container web</b><span>started"));
    assert!(page.contains("data-log=\"") && page.contains("/events/stream?kind=\""));
    let images = ground.ada.get(&format!("{path}?kind=image")).await.text();
    assert!(!images.contains("event-of") && images.contains("Nothing has happened yet"));
    let stream = ground.ada.get(&format!("{path}/stream?after=0")).await;
    assert_eq!(stream.header("content-type"), "text/event-stream");
    let german = [(ACCEPT_LANGUAGE, "de")];
    let page = ground
        .ada
        .send(Method::GET, &path, &german, String::new())
        .await;
    let page = page.text();
    assert!(page.contains("</b><span>gestartet"), "{page}");
}

#[tokio::test]
async fn a_console_is_opened_from_our_own_pages_alone() {
    let ground = ground().await;
    let path = format!("{}/containers/web/console/socket", ground.base);
    for headers in [
        vec![],
        vec![(SEC_FETCH_SITE, "same-origin")],
        vec![(ORIGIN, "https://evil.example")],
        vec![(ORIGIN, "null")],
        vec![(ORIGIN, "http://panel.example")],
        vec![(ORIGIN, PANEL), (SEC_FETCH_SITE, "cross-site")],
        vec![(ORIGIN, PANEL), (SEC_FETCH_SITE, "same-site")],
    ] {
        let answer = socket(&ground.ada, &path, &headers).await;
        assert_eq!(answer.status, StatusCode::FORBIDDEN, "{headers:?}");
    }
    let nobody = ground.panel.anonymous();
    let answer = socket(&nobody, &path, &[(ORIGIN, PANEL)]).await;
    assert_eq!(answer.status, StatusCode::UNAUTHORIZED);
    let missing = format!("{}/containers/..%2Fweb/console/socket", ground.base);
    let answer = socket(&ground.ada, &missing, &[(ORIGIN, PANEL)]).await;
    assert_eq!(answer.status, StatusCode::NOT_FOUND);
    // Here is no connection that could be taken over; everything before that is passed.
    let answer = socket(&ground.ada, &path, &[(ORIGIN, PANEL)]).await;
    assert_eq!(
        answer.status,
        StatusCode::UPGRADE_REQUIRED,
        "{}",
        answer.text()
    );
    let opened = |(action, _): &(String, String)| action == "console_open";
    assert!(
        !ground.audited().await.iter().any(opened),
        "nothing was opened"
    );
}

#[tokio::test]
async fn a_lying_segment_s_names_stay_text_in_the_title() {
    let ground = ground().await;
    let actor = ground.panel.actor("ada").await;
    let clusters = ground.panel.control.cluster_list(&actor).await.unwrap();
    let node = host::NodeName {
        cluster: clusters[0].id,
        ordinal: 1,
    };
    let id = "c0ffee".repeat(11)[..64].to_owned();
    let container = model::ContainerView {
        node: node.to_string(),
        id: id.clone(),
        name: "a&amp;</title><script>alert(1)</script>".into(),
        image: "x".into(),
        state: "running".into(),
        status: "Up".into(),
        ports: Vec::new(),
        is_system: false,
        created_at: 0,
    };
    ground.panel.sim.container_put(&node, container);
    let path = format!("{}/containers/{id}", ground.base);
    let answer = ground.ada.get(&path).await;
    assert_eq!(answer.status, StatusCode::OK);
    let page = answer.text();
    let title = page.split("<title>").nth(1).unwrap();
    let title = title.split("</title>").next().unwrap();
    let whole = "a&amp;amp;&lt;/title>&lt;script>alert(1)&lt;/script> · Carina";
    assert_eq!(title, whole);
    assert!(!page.contains("<script>alert"), "{page}");
}
