//! Containers, logs and consoles as browsers get them, with simulated segments.

use axum::http::header::{CONNECTION, HeaderName, ORIGIN, UPGRADE};
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
    let missing = format!("{}/containers/nobody/console/socket", ground.base);
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
