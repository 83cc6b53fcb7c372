//! Setting up, signing in, staying signed in, signing out.

use std::time::Duration;

use axum::http::StatusCode;
use axum::http::header::{CONTENT_TYPE, HeaderName, ORIGIN, SET_COOKIE};
use control::SessionLimits;

use store::session_key;
use tower_sessions::SessionStore as _;

use crate::browser::{Browser, HOST_NAME, PANEL, encoded};
use crate::test_panel::{Options, PASSWORD, TestPanel};

const SIGN_IN: &str = "/api/sign_in";
const SETUP: &str = "/api/setup_finish";

#[tokio::test]
async fn the_setup_link_makes_the_first_account_once() {
    let panel = TestPanel::new().await;
    let token = panel.control.setup_link_make().await.unwrap().0;
    let browser = panel.anonymous();
    let page = browser.get(&format!("/setup?token={token}")).await;
    assert_eq!(page.status, StatusCode::OK);
    let form = [
        ("token", token.as_str()),
        ("name", "ada"),
        ("password", PASSWORD),
    ];
    let answer = browser.post("/setup", SETUP, &form).await;
    assert_eq!(answer.location(), "/clusters", "{}", answer.text());
    assert_eq!(browser.get("/clusters").await.status, StatusCode::OK);
    assert!(!panel.control.setup_needed().await.unwrap());
    // Used: nobody else gets in by it.
    let second = panel.anonymous();
    let form = [
        ("token", token.as_str()),
        ("name", "eve"),
        ("password", PASSWORD),
    ];
    let answer = second.call(SETUP, &form).await;
    assert!(answer.status.is_client_error(), "{}", answer.status);
    assert!(second.get("/clusters").await.status.is_redirection());
}

#[tokio::test]
async fn a_wrong_void_or_expired_setup_link_is_refused() {
    let panel = TestPanel::new().await;
    let void = panel.control.setup_link_make().await.unwrap().0;
    let good = panel.control.setup_link_make().await.unwrap().0;
    let browser = panel.anonymous();
    for token in ["", "nonsense", void.as_str()] {
        let form = [("token", token), ("name", "ada"), ("password", PASSWORD)];
        let answer = browser.call(SETUP, &form).await;
        assert!(
            answer.status.is_client_error(),
            "{token}: {}",
            answer.status
        );
    }
    panel.clock.advance(25 * 3_600_000);
    let form = [
        ("token", good.as_str()),
        ("name", "ada"),
        ("password", PASSWORD),
    ];
    let answer = browser.call(SETUP, &form).await;
    assert!(answer.status.is_client_error(), "{}", answer.status);
    assert!(panel.control.setup_needed().await.unwrap());
}

#[tokio::test]
async fn a_wrong_password_and_an_unknown_name_get_the_same_answer() {
    let panel = TestPanel::new().await;
    panel.account("ada").await;
    let browser = panel.anonymous();
    let mut answers = Vec::new();
    for name in ["ada", "nobody"] {
        let form = [("name", name), ("password", "wrong wrong wrong")];
        let answer = browser.call(SIGN_IN, &form).await;
        assert!(answer.status.is_client_error());
        answers.push((answer.status, answer.text().replace(name, "NAME")));
    }
    assert_eq!(answers[0], answers[1]);
    assert!(browser.get("/clusters").await.status.is_redirection());
}

#[tokio::test]
async fn guessing_is_slowed_down() {
    let panel = TestPanel::new().await;
    panel.account("ada").await;
    let browser = panel.anonymous();
    let mut last = StatusCode::OK;
    for _ in 0..30 {
        let form = [("name", "ada"), ("password", "wrong wrong wrong")];
        last = browser.call(SIGN_IN, &form).await.status;
        if last == StatusCode::TOO_MANY_REQUESTS {
            break;
        }
    }
    assert_eq!(last, StatusCode::TOO_MANY_REQUESTS);
}

#[tokio::test]
async fn signing_in_changes_the_id_and_signing_out_ends_it_here() {
    let panel = TestPanel::new().await;
    let browser = panel.signed_in("ada").await;
    let first = browser.cookie();
    browser.sign_in("ada", PASSWORD).await;
    let second = browser.cookie();
    assert_ne!(first, second, "a planted id is worth nothing");
    assert!(
        browser
            .with_cookie(first)
            .get("/clusters")
            .await
            .status
            .is_redirection()
    );
    let answer = browser.post("/clusters", "/api/sign_out", &[]).await;
    assert_eq!(answer.location(), "/sign-in");
    // Who kept the cookie gets nothing by it.
    let kept = browser.with_cookie(second);
    assert!(kept.get("/clusters").await.status.is_redirection());
}

#[tokio::test]
async fn a_made_up_cookie_is_nobody() {
    let panel = TestPanel::new().await;
    let browser = panel.anonymous();
    for cookie in ["carina=x", "carina=AAAAAAAAAAAAAAAAAAAAAA", "carina="] {
        let answer = browser
            .with_cookie(Some(cookie.into()))
            .get("/clusters")
            .await;
        assert!(answer.status.is_redirection(), "{cookie}");
    }
}

#[tokio::test]
async fn a_session_ends_without_requests() {
    let panel = TestPanel::with(Options {
        session: SessionLimits {
            idle: Duration::ZERO,
            absolute: Duration::from_secs(3600),
        },
        ..Options::default()
    })
    .await;
    let browser = panel.signed_in("ada").await;
    // The clock of sessions counts milliseconds.
    tokio::time::sleep(Duration::from_millis(2)).await;
    assert!(browser.get("/clusters").await.status.is_redirection());
}

#[tokio::test]
async fn a_new_password_ends_the_other_sessions() {
    let panel = TestPanel::new().await;
    let here = panel.signed_in("ada").await;
    let there = panel.anonymous();
    there.sign_in("ada", PASSWORD).await;
    let new = "a new and longer password";
    let form = [("current", PASSWORD), ("new", new)];
    let answer = here.post("/account", "/api/password_change", &form).await;
    assert!(
        answer.location().starts_with("/account"),
        "{}",
        answer.text()
    );
    assert_eq!(here.get("/clusters").await.status, StatusCode::OK);
    assert!(there.get("/clusters").await.status.is_redirection());
    there.sign_in("ada", new).await;
}

type Record = tower_sessions::session::Record;

/// The cookie of a session that is written by hand, when the test wants it written.
async fn written(panel: &TestPanel, mut record: Record) -> Browser {
    let sessions = panel.control.session_store();
    sessions.create(&mut record).await.unwrap();
    let cookie = format!("carina={}", record.id);
    panel.anonymous().with_cookie(Some(cookie))
}

/// What ends all sessions of ada's, however it comes about.
async fn all_ended(panel: &TestPanel, what: &str) {
    let (control, root) = (&panel.control, control::Actor::system());
    let ada = control.account_list(&root).await.unwrap().remove(0);
    let new = "a new and longer password";
    match what {
        "suspended, and not any more" => {
            control.person_suspend(&root, ada.id).await.unwrap();
            control.person_unsuspend(&root, ada.id).await.unwrap();
        }
        "reset" => control.password_reset(&root, "ada", new).await.unwrap(),
        "a link" => {
            let link = control.reset_link_make(&root, ada.id).await.unwrap();
            control.reset_finish(&link.0, new).await.unwrap();
        }
        "changed" => {
            let ada = control::Actor::of(ada);
            let changed = control.password_change(&ada, PASSWORD, new, false).await;
            changed.unwrap();
        }
        _ => {}
    }
}

const ENDS: [&str; 4] = ["suspended, and not any more", "reset", "a link", "changed"];

/// The proof was right, and all sessions end before the new one is written: as when a request
/// stands still in between.
#[tokio::test]
async fn a_session_by_a_proof_of_before_opens_nothing() {
    for what in ENDS.iter().chain(&["nothing"]) {
        let panel = TestPanel::new().await;
        panel.account("ada").await;
        let from = std::net::Ipv4Addr::LOCALHOST.into();
        let step = panel.control.account_sign_in("ada", PASSWORD, from).await;
        let Ok(control::SignIn::Done(admitted)) = step else {
            panic!("{step:?}");
        };
        all_ended(&panel, what).await;
        let data = [
            (session_key::ACCOUNT, admitted.account.id.to_string().into()),
            (session_key::EPOCH, admitted.epoch.into()),
        ];
        let record = Record {
            id: tower_sessions::session::Id::default(),
            data: data.map(|(key, value)| (key.to_owned(), value)).into(),
            expiry_date: time::OffsetDateTime::now_utc() + time::Duration::hours(1),
        };
        let browser = written(&panel, record).await;
        let is_in = browser.get("/clusters").await.status == StatusCode::OK;
        assert_eq!(is_in, *what == "nothing", "{what}");
        // A proof of afterwards does.
        let new = "a new and longer password";
        let is_old = ["nothing", ENDS[0]].contains(what);
        let password = if is_old { PASSWORD } else { new };
        panel.anonymous().sign_in("ada", password).await;
    }
}

/// The same while a session gets another id, as it does at every proof.
#[tokio::test]
async fn a_session_that_ends_while_its_id_changes_stays_ended() {
    for what in ENDS.iter().chain(&["ended alone", "nothing"]) {
        let panel = TestPanel::new().await;
        let browser = panel.signed_in("ada").await;
        let cookie = browser.cookie().unwrap();
        let id = cookie.trim_start_matches("carina=").parse().unwrap();
        let sessions = panel.control.session_store();
        let mut record = sessions.load(&id).await.unwrap().unwrap();
        all_ended(&panel, what).await;
        if *what == "ended alone" {
            let handle = record.data[session_key::SESSION].as_str().unwrap();
            let ada = panel.actor("ada").await;
            let ended = panel
                .control
                .session_end(&ada, handle.parse().unwrap())
                .await;
            ended.unwrap();
        }
        sessions.delete(&id).await.unwrap();
        record.id = tower_sessions::session::Id::default();
        let renewed = written(&panel, record).await;
        let is_in = renewed.get("/clusters").await.status == StatusCode::OK;
        assert_eq!(is_in, *what == "nothing", "{what}");
        let old = panel.anonymous().with_cookie(Some(cookie));
        assert!(old.get("/clusters").await.status.is_redirection(), "{what}");
    }
}

#[tokio::test]
async fn the_cookie_is_locked_down() {
    for is_https in [false, true] {
        let panel = TestPanel::with(Options {
            is_https,
            ..Options::default()
        })
        .await;
        panel.account("ada").await;
        let form = [("name", "ada"), ("password", PASSWORD)];
        let answer = panel.anonymous().post("/sign-in", SIGN_IN, &form).await;
        let cookie = answer.header(SET_COOKIE);
        for part in ["HttpOnly", "SameSite=Lax", "Path=/"] {
            assert!(cookie.contains(part), "{cookie}");
        }
        assert!(!cookie.contains("Domain"), "{cookie}");
        assert_eq!(cookie.starts_with("__Host-carina="), is_https, "{cookie}");
        assert_eq!(cookie.contains("Secure"), is_https, "{cookie}");
    }
}

#[tokio::test]
async fn a_change_from_another_site_is_refused() {
    let panel = TestPanel::new().await;
    let browser = panel.signed_in("ada").await;
    let site = HeaderName::from_static("sec-fetch-site");
    let form = (CONTENT_TYPE, "application/x-www-form-urlencoded");
    let foreign: [&[(HeaderName, &str)]; 5] = [
        &[],
        &[(ORIGIN, "http://evil.example")],
        &[(ORIGIN, "null")],
        &[(site.clone(), "cross-site"), (ORIGIN, PANEL)],
        &[(site, "same-site")],
    ];
    for headers in foreign {
        let headers = [headers, std::slice::from_ref(&form)].concat();
        for path in ["/api/cluster_create", "/api/sign_out", "/api/sign_in"] {
            let body = encoded(&[("name", "web"), ("segments", "1"), ("password", "x")]);
            let answer = browser
                .send(axum::http::Method::POST, path, &headers, body)
                .await;
            assert_eq!(answer.status, StatusCode::FORBIDDEN, "{path} {headers:?}");
        }
    }
    let list = browser.call("/api/cluster_list", &[]).await;
    assert_eq!(
        (list.status, list.text()),
        (StatusCode::OK, "[]".into()),
        "{HOST_NAME}"
    );
}
