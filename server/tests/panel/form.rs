//! Every form works without script: a redirect, and the words on the page it leads to.

use axum::body::Body;
use axum::http::header::{ACCEPT, CONTENT_TYPE, ORIGIN};
use axum::http::{Method, StatusCode};
use tokio::sync::oneshot;

use crate::browser::PANEL;
use crate::test_panel::{PASSWORD, TestPanel};

#[tokio::test]
async fn a_cluster_is_made_scaled_rebuilt_and_deleted() {
    let panel = TestPanel::new().await;
    let browser = panel.signed_in("ada").await;
    let form = [("name", "web"), ("segments", "1")];
    let made = browser
        .post("/clusters/new", "/api/cluster_create", &form)
        .await;
    let place = made.location().to_owned();
    let id = place.trim_start_matches("/clusters/").to_owned();
    panel.control.settle().await;
    let page = browser.follow(&made).await;
    assert_eq!(page.status, StatusCode::OK);
    assert!(page.text().contains("active"), "{}", page.text());

    let form = [("id", id.as_str()), ("segments", "3")];
    let from = format!("{place}/scale");
    let scaled = browser.post(&from, "/api/cluster_scale", &form).await;
    assert_eq!(scaled.location(), place);
    panel.control.settle().await;
    assert!(browser.follow(&scaled).await.text().contains("-n3"));

    let rebuilt = browser
        .post(&place, "/api/cluster_rebuild", &[("id", id.as_str())])
        .await;
    assert_eq!(rebuilt.location(), place);
    panel.control.settle().await;

    let from = format!("{place}/delete");
    let form = [("id", id.as_str()), ("confirm_name", "wrong")];
    let refused = browser.post(&from, "/api/cluster_delete", &form).await;
    assert!(
        refused.location().contains("__err"),
        "{}",
        refused.location()
    );
    let page = browser.follow(&refused).await.text();
    assert!(page.contains("Type “web” to delete it."), "{page}");

    let form = [("id", id.as_str()), ("confirm_name", "web")];
    let deleted = browser.post(&from, "/api/cluster_delete", &form).await;
    assert_eq!(deleted.location(), "/clusters");
    panel.control.settle().await;
    assert_eq!(browser.get(&place).await.status, StatusCode::NOT_FOUND);
}

#[tokio::test]
async fn a_wrong_name_comes_back_to_its_form_with_words() {
    let panel = TestPanel::new().await;
    let browser = panel.signed_in("ada").await;
    for (name, words) in [
        ("", "Type a name."),
        ("Web", "lower-case"),
        ("naïve", "lower-case"),
        (&"a".repeat(41), "at most 40"),
        ("web-", "End with"),
    ] {
        let form = [("name", name), ("segments", "1")];
        let answer = browser
            .post("/clusters/new", "/api/cluster_create", &form)
            .await;
        assert!(answer.status.is_redirection(), "{name}: {}", answer.status);
        let page = browser.follow(&answer).await;
        assert!(page.text().contains(words), "{name}: {}", page.text());
    }
    let list = browser.call("/api/cluster_list", &[]).await;
    assert_eq!(list.text(), "[]");
}

#[tokio::test]
async fn counts_names_and_quota_are_checked_here_not_in_the_page() {
    let panel = TestPanel::new().await;
    let browser = panel.signed_in("ada").await;
    for segments in ["0", "4", "4294967295", "-1", "x", ""] {
        let form = [("name", "web"), ("segments", segments)];
        let answer = browser.call("/api/cluster_create", &form).await;
        assert!(
            answer.status.is_client_error(),
            "{segments}: {}",
            answer.status
        );
    }
    for name in ["one", "two", "three"] {
        panel.cluster("ada", name, 1).await;
    }
    let form = [("name", "four"), ("segments", "1")];
    let answer = browser.call("/api/cluster_create", &form).await;
    assert_eq!(answer.status, StatusCode::CONFLICT);
    let form = [("name", "one"), ("segments", "1")];
    let answer = browser.call("/api/cluster_create", &form).await;
    assert!(answer.status.is_client_error());
}

#[tokio::test]
async fn a_wrong_password_comes_back_with_the_name_but_not_the_password() {
    let panel = TestPanel::new().await;
    panel.account("ada").await;
    let browser = panel.anonymous();
    let form = [("name", "ada"), ("password", "hunter2hunter2")];
    let answer = browser.post("/sign-in", "/api/sign_in", &form).await;
    assert!(answer.location().contains("__err"), "{}", answer.location());
    assert!(!answer.location().contains("hunter2"));
    let page = browser.follow(&answer).await.text();
    assert!(
        page.contains("The name or the password is not right."),
        "{page}"
    );
    assert!(page.contains("value=\"ada\"") && !page.contains("hunter2"));
    browser.sign_in("ada", PASSWORD).await;
}

#[tokio::test]
async fn a_body_that_is_too_large_is_refused() {
    let panel = TestPanel::new().await;
    let browser = panel.signed_in("ada").await;
    let name = "a".repeat(70_000);
    let form = [("name", name.as_str()), ("segments", "1")];
    let answer = browser.call("/api/cluster_create", &form).await;
    assert!(answer.status.is_client_error(), "{}", answer.status);
}

#[tokio::test]
async fn a_text_with_a_zero_in_it_is_refused_before_anything_is_done() {
    let panel = TestPanel::new().await;
    let browser = panel.signed_in("ada").await;
    let form = [("name", "a\0b"), ("segments", "1")];
    let answer = browser
        .post("/clusters/new", "/api/cluster_create", &form)
        .await;
    assert_eq!(answer.status, StatusCode::BAD_REQUEST);
    assert!(answer.text().contains("no text can have"));
    let answer = browser.get("/clusters?q=%00").await;
    assert_eq!(answer.status, StatusCode::BAD_REQUEST);
}

#[tokio::test]
async fn no_type_of_a_body_hides_a_zero() {
    let panel = TestPanel::new().await;
    let browser = panel.signed_in("ada").await;
    let (create, upload) = ("/api/cluster_create", "/clusters/x/stacks/new");
    let multipart = "multipart/form-data; boundary=x";
    for (path, kind, body) in [
        (create, "text/plain", "name=a%00b&segments=1"),
        (create, multipart, "name=a%00b&segments=1"),
        (create, "", "name=a%00b&segments=1"),
        (
            "/api/v1/clusters",
            "application/merge-patch+json",
            r#"{"name":"a\u0000b"}"#,
        ),
        (
            upload,
            multipart,
            "--x\r\nContent-Disposition: form-data; name=\"text\"\r\n\r\na\0b\r\n--x--\r\n",
        ),
    ] {
        let kind = (CONTENT_TYPE, kind);
        let headers = [(ACCEPT, "application/json"), (ORIGIN, PANEL), kind];
        let answer = browser
            .send(Method::POST, path, &headers, body.to_owned())
            .await;
        assert_eq!(answer.status, StatusCode::BAD_REQUEST, "{path} {body:?}");
        assert!(
            answer.text().contains("no text can have"),
            "{path} {body:?}"
        );
    }
}

#[tokio::test]
async fn whose_a_request_is_is_asked_when_all_of_it_is_there() {
    let panel = TestPanel::new().await;
    for (name, kind) in [
        ("ada", "text/plain"),
        ("bob", "application/x-www-form-urlencoded"),
    ] {
        let browser = panel.signed_in(name).await;
        let actor = panel.actor(name).await;
        let (asked, is_asked) = oneshot::channel();
        let (rest, gives) = oneshot::channel();
        let body = futures::stream::once(async move {
            asked.send(()).unwrap();
            gives.await
        });
        let headers = [(ACCEPT, "text/html"), (ORIGIN, PANEL), (CONTENT_TYPE, kind)];
        let path = "/api/cluster_create";
        let sending = browser.send(Method::POST, path, &headers, Body::from_stream(body));
        let ending = async {
            is_asked.await.unwrap();
            let sessions = panel.control.session_list(&actor).await.unwrap();
            for session in sessions {
                panel.control.session_end(&actor, session.id).await.unwrap();
            }
            rest.send("name=late&segments=1").unwrap();
        };
        futures::join!(sending, ending);
        let made = panel.control.cluster_list(&actor).await.unwrap();
        assert!(made.is_empty(), "{kind}");
    }
}

#[tokio::test]
async fn a_new_cluster_says_what_stays_of_the_quota_and_may_grow_by_itself() {
    let panel = TestPanel::new().await;
    let browser = panel.signed_in("ada").await;
    let page = browser.get("/clusters/new").await.text();
    // All choices at once, so that none needs a script.
    assert_eq!(page.matches("Of the quota").count(), 3, "{page}");
    let form = [("name", "grows"), ("segments", "1"), ("autoscale", "true")];
    let made = browser
        .post("/clusters/new", "/api/cluster_create", &form)
        .await;
    let settings = browser.get(&format!("{}/settings", made.location())).await;
    assert!(
        settings.text().contains("Switch it off"),
        "{}",
        settings.text()
    );
    let form = [
        ("name", "Not Good"),
        ("segments", "2"),
        ("autoscale", "true"),
    ];
    let refused = browser
        .post("/clusters/new", "/api/cluster_create", &form)
        .await;
    let page = browser.follow(&refused).await.text();
    assert!(
        page.contains("value=\"true\" checked"),
        "what was chosen stays: {page}"
    );
    // Quota for one segment more: larger ones cannot be chosen.
    let account = panel.actor("ada").await.account.id;
    let choice = model::QuotaChoice {
        memory_mib: Some(4096),
        ..model::QuotaChoice::default()
    };
    let system = control::Actor::system();
    panel
        .control
        .quota_set(&system, account, choice)
        .await
        .unwrap();
    let page = browser.get("/clusters/new").await.text();
    assert_eq!(page.matches("More than what is left").count(), 2, "{page}");
}
