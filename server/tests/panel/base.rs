//! The panel below a path of somebody else's address.

use axum::http::StatusCode;
use axum::http::header::SET_COOKIE;

use crate::test_panel::{Options, PASSWORD, TestPanel};

#[tokio::test]
async fn below_a_path_every_address_has_it() {
    let panel = TestPanel::with(Options {
        public_origin: Some("http://example.org/tools/carina".into()),
        ..Options::default()
    })
    .await;
    panel.account("ada").await;
    panel.cluster("ada", "web", 1).await;
    let ada = panel.anonymous();
    let away = ada.get("/tools/carina/clusters").await;
    assert_eq!(away.location(), "/tools/carina/sign-in?next=/clusters");
    let sign_in = ada.get("/tools/carina/sign-in").await;
    assert_eq!(sign_in.status, StatusCode::OK);
    assert!(
        sign_in
            .text()
            .contains("action=\"/tools/carina/api/sign_in\"")
    );
    let fields = [
        ("name", "ada"),
        ("password", PASSWORD),
        ("next", "/clusters"),
    ];
    let from = "/tools/carina/sign-in";
    let wrong = [("name", "ada"), ("password", "no"), ("next", "/clusters")];
    let back = ada.post(from, "/tools/carina/api/sign_in", &wrong).await;
    assert!(
        back.location().contains("/tools/carina/sign-in?"),
        "{}",
        back.location()
    );
    assert!(!back.location().contains("/tools/carina/tools"));
    let answer = ada.post(from, "/tools/carina/api/sign_in", &fields).await;
    assert_eq!(answer.location(), "/tools/carina/clusters");
    let page = ada.get("/tools/carina/clusters").await.text();
    for (at, _) in page
        .match_indices("href=\"/")
        .chain(page.match_indices("action=\"/"))
    {
        let address = &page[at..page.len().min(at + 60)];
        assert!(address.contains("=\"/tools/carina/"), "{address}");
    }
    assert!(page.contains("data-events=\"/tools/carina/events\""));
    // A proxy that takes the path off is served as well.
    assert_eq!(ada.get("/clusters").await.status, StatusCode::OK);
    let nowhere = ada.get("/tools/carina/nowhere").await;
    assert_eq!(nowhere.status, StatusCode::NOT_FOUND);
}

#[tokio::test]
async fn below_a_path_neighbors_are_sent_no_cookie() {
    for (is_https, name) in [(false, "carina="), (true, "__Secure-carina=")] {
        let panel = TestPanel::with(Options {
            is_https,
            public_origin: Some("http://example.org/tools/carina".into()),
            ..Options::default()
        })
        .await;
        panel.account("ada").await;
        let ada = panel.anonymous();
        let from = "/tools/carina/sign-in";
        let fields = [("name", "ada"), ("password", PASSWORD)];
        let answer = ada.post(from, "/tools/carina/api/sign_in", &fields).await;
        let session = answer.header(SET_COOKIE);
        assert!(session.starts_with(name), "{session}");
        assert!(session.contains("; Path=/tools/carina;"), "{session}");
        assert_eq!(session.contains("Secure;"), is_https, "{session}");
        let form = [("language", "de"), ("back", "/sign-in")];
        let choose = "/tools/carina/api/language_choose";
        let answer = panel.anonymous().post(from, choose, &form).await;
        let language = answer.header(SET_COOKIE);
        assert!(language.contains("; Path=/tools/carina;"), "{language}");
        // The same address takes it away again.
        let out = ada.post(from, "/tools/carina/api/sign_out", &[]).await;
        let gone = out.header(SET_COOKIE);
        assert!(gone.starts_with(name), "{gone}");
        assert!(gone.contains("; Path=/tools/carina"), "{gone}");
    }
}
