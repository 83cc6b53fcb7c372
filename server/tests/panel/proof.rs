//! The second step of a sign-in, stepping up, and tokens: by forms, without script.

use axum::http::StatusCode;
use model::Role;
use totp_rs::{Builder, Secret, Totp};

use crate::browser::Browser;
use crate::test_panel::{PASSWORD, TestPanel};

const PAGE: &str = "/account/two-factor";

pub async fn turned_on(panel: &TestPanel, browser: &Browser, name: &str) -> Totp {
    let begun = browser.post(PAGE, "/api/two_factor_begin", &[]).await;
    assert_eq!(begun.location(), PAGE, "{}", begun.text());
    let page = browser.get(PAGE).await.text();
    assert!(page.contains("class=\"qr\""), "{page}");
    let actor = panel.actor(name).await;
    let setup = panel.control.two_factor_view(&actor).await.unwrap().setup;
    let secret = Secret::try_from_base32(setup.unwrap().secret).unwrap();
    let totp = Builder::new().with_secret(secret).build().unwrap();
    let form = [("make", "two-factor"), ("code", "000000")];
    let wrong = browser.post(PAGE, PAGE, &form).await.text();
    assert!(wrong.contains("This code is not right"), "{wrong}");
    let code = shown(panel, &totp);
    let form = [("make", "two-factor"), ("code", code.as_str())];
    let page = browser.post(PAGE, PAGE, &form).await.text();
    assert!(page.contains("Your recovery codes"), "{page}");
    assert!(browser.get(PAGE).await.text().contains("is on"));
    totp
}

fn shown(panel: &TestPanel, totp: &Totp) -> String {
    let seconds = u64::try_from(panel.control.now() / 1000).unwrap();
    totp.generate(seconds).to_string()
}

#[tokio::test]
async fn the_id_changes_at_both_steps_and_the_first_alone_opens_nothing() {
    let panel = TestPanel::new().await;
    let browser = panel.signed_in("ada").await;
    let totp = turned_on(&panel, &browser, "ada").await;
    let other = panel.anonymous();
    let form = [
        ("name", "ada"),
        ("password", PASSWORD),
        ("next", "/account"),
    ];
    let first = other.post("/sign-in", "/api/sign_in", &form).await;
    assert_eq!(first.location(), "/sign-in/code?next=/account");
    let waiting = other.cookie();
    assert!(waiting.is_some());
    for page in ["/clusters", "/account", PAGE] {
        assert!(other.get(page).await.status.is_redirection(), "{page}");
    }
    let list = other.call("/api/cluster_list", &[]).await;
    assert_eq!(list.status, StatusCode::UNAUTHORIZED);
    let wrong = other
        .post("/sign-in/code", "/api/sign_in_code", &[("code", "000000")])
        .await;
    assert!(
        other
            .follow(&wrong)
            .await
            .text()
            .contains("This code is not right")
    );
    panel.clock.advance(30_000);
    let code = shown(&panel, &totp);
    let form = [("code", code.as_str()), ("next", "/account")];
    let second = other
        .post("/sign-in/code", "/api/sign_in_code", &form)
        .await;
    assert_eq!(second.location(), "/account", "{}", second.text());
    assert_ne!(other.cookie(), waiting);
    assert_eq!(other.get("/clusters").await.status, StatusCode::OK);
    // The half-open one is worth nothing, even with the next code.
    panel.clock.advance(30_000);
    let code = shown(&panel, &totp);
    let stale = other.with_cookie(waiting);
    let form = [("code", code.as_str())];
    let answer = stale.call("/api/sign_in_code", &form).await;
    assert_eq!(answer.status, StatusCode::UNAUTHORIZED);
    // Without a first step there is no second.
    let nobody = panel.anonymous().call("/api/sign_in_code", &form).await;
    assert_eq!(nobody.status, StatusCode::UNAUTHORIZED);
    let page = panel.anonymous().get("/sign-in/code").await;
    assert_eq!(page.location(), "/sign-in");
}

#[tokio::test]
async fn a_first_step_takes_an_open_session_away() {
    let panel = TestPanel::new().await;
    let browser = panel.signed_in("ada").await;
    turned_on(&panel, &browser, "ada").await;
    let before = browser.cookie();
    let form = [("name", "ada"), ("password", PASSWORD)];
    browser.post("/sign-in", "/api/sign_in", &form).await;
    assert_ne!(browser.cookie(), before);
    assert!(browser.get("/clusters").await.status.is_redirection());
    let old = browser.with_cookie(before);
    assert!(old.get("/clusters").await.status.is_redirection());
}

#[tokio::test]
async fn a_dangerous_act_asks_again_after_ten_minutes() {
    let panel = TestPanel::new().await;
    let browser = panel.signed_in("ada").await;
    let cluster = panel.cluster("ada", "web", 1).await;
    let id = cluster.id.to_string();
    let page = format!("/clusters/{id}/delete");
    assert_eq!(browser.get(&page).await.status, StatusCode::OK);
    panel.clock.advance(10 * 60_000);
    let asked = format!("/confirm?next={page}");
    assert_eq!(browser.get(&page).await.location(), asked);
    let form = [("id", id.as_str()), ("confirm_name", "web")];
    let refused = browser.post(&page, "/api/cluster_delete", &form).await;
    assert_eq!(refused.location(), asked);
    let refused = browser.call("/api/cluster_delete", &form).await;
    assert_eq!(refused.status, StatusCode::FORBIDDEN);
    let wrong = [("code", "wrong wrong"), ("next", page.as_str())];
    let wrong = browser.post(&asked, "/api/confirm", &wrong).await;
    assert!(wrong.location().contains("__err"), "{}", wrong.location());
    let before = browser.cookie();
    let right = [("code", PASSWORD), ("next", page.as_str())];
    let right = browser.post(&asked, "/api/confirm", &right).await;
    assert_eq!(right.location(), page);
    assert_ne!(browser.cookie(), before);
    let deleted = browser.post(&page, "/api/cluster_delete", &form).await;
    assert_eq!(deleted.location(), "/clusters", "{}", deleted.text());
    for next in ["//evil.example", "https://evil.example"] {
        let form = [("code", PASSWORD), ("next", next)];
        let answer = browser.post("/confirm", "/api/confirm", &form).await;
        assert_eq!(answer.location(), "/clusters");
    }
}

#[tokio::test]
async fn guessing_the_proof_is_slowed_down() {
    let panel = TestPanel::new().await;
    let browser = panel.signed_in("ada").await;
    let mut last = StatusCode::OK;
    for _ in 0..12 {
        last = browser
            .call("/api/confirm", &[("code", "wrong wrong")])
            .await
            .status;
    }
    assert_eq!(last, StatusCode::TOO_MANY_REQUESTS);
}

#[tokio::test]
async fn a_new_password_says_what_becomes_of_tokens() {
    let panel = TestPanel::new().await;
    let browser = panel.signed_in("ada").await;
    assert!(!browser.get("/account").await.text().contains("end_tokens"));
    let make = async |name: &str| {
        let actor = panel.actor("ada").await;
        let scopes = [model::Scope::Read];
        panel
            .control
            .token_make(&actor, name, &scopes, 1)
            .await
            .unwrap()
            .0
    };
    let is_good = async |token: &str| panel.control.actor_by_token(token).await.is_ok();
    let (nightly, ci) = (make("nightly").await, make("ci").await);
    let asked = browser.get("/account").await.text();
    assert!(
        asked.contains("Also revoke my API tokens: ci and nightly."),
        "{asked}"
    );
    let change = async |current: &str, new: &str, more: &[(&str, &str)]| {
        let form = [&[("current", current), ("new", new)][..], more].concat();
        let answer = browser
            .post("/account", "/api/password_change", &form)
            .await;
        browser.follow(&answer).await.text()
    };
    let page = change(
        "wrong wrong",
        "another long phrase",
        &[("end_tokens", "true")],
    )
    .await;
    let tick = page.split("name=\"end_tokens\"").nth(1).unwrap();
    assert!(
        tick.split('>').next().unwrap().contains("checked"),
        "what was ticked stays"
    );
    assert!(is_good(&ci).await);
    let page = change(PASSWORD, "another long phrase", &[]).await;
    assert!(
        page.contains("These API tokens go on working: ci and nightly."),
        "{page}"
    );
    assert!(is_good(&ci).await && is_good(&nightly).await);
    let page = change("another long phrase", PASSWORD, &[("end_tokens", "true")]).await;
    assert!(!page.contains("go on working"), "{page}");
    assert!(!is_good(&ci).await && !is_good(&nightly).await);
    // An end to all of them without a new password.
    let (one, two) = (make("one").await, make("two").await);
    let page = "/account/tokens";
    assert!(browser.get(page).await.text().contains("Revoke all"));
    let answer = browser.post(page, "/api/token_revoke_all", &[]).await;
    assert!(
        browser
            .follow(&answer)
            .await
            .text()
            .contains("All tokens are revoked.")
    );
    assert!(!is_good(&one).await && !is_good(&two).await);
}

#[tokio::test]
async fn a_token_is_shown_once_and_revoked() {
    let panel = TestPanel::new().await;
    let browser = panel.signed_in_as("ada", Role::Member).await;
    let page = "/account/tokens";
    let nothing = [("make", "token"), ("name", "ci"), ("days", "30")];
    let text = browser.post(page, page, &nothing).await.text();
    assert!(text.contains("Choose what it may do."), "{text}");
    let form = [
        ("make", "token"),
        ("name", "ci"),
        ("days", "30"),
        ("scope-read", "on"),
    ];
    let text = browser.post(page, page, &form).await.text();
    let mark = "value=\"carina_";
    let at = text.find(mark).expect("the token is shown") + "value=\"".len();
    let token: String = text[at..]
        .chars()
        .take_while(|c| c.is_ascii_alphanumeric() || *c == '_')
        .collect();
    assert!(!browser.get(page).await.text().contains(&token));
    let actor = panel.control.actor_by_token(&token).await.unwrap();
    assert_eq!(actor.scopes, Some(vec![model::Scope::Read]));
    let own = panel.actor("ada").await;
    let id = panel.control.token_list(&own).await.unwrap()[0]
        .id
        .to_string();
    let done = browser
        .post(page, "/api/token_revoke", &[("id", &id)])
        .await;
    assert_eq!(done.location(), "/account/tokens?done=revoke");
    assert!(panel.control.actor_by_token(&token).await.is_err());
}
