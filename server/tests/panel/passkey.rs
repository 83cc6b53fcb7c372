//! Passkeys by forms, with a device of software: making one, signing in with it alone, proving again
//! to be there, taking it away. What may be wrong is in `passkey_wrong`.

use axum::http::StatusCode;
use control::AuditQuery;
use model::Role;
use passkey::testing::Device;

use crate::browser::{Answer, Browser};
use crate::test_panel::{Options, PASSWORD, TestPanel};

pub const ORIGIN: &str = "https://panel.example";
pub const PAGE: &str = "/account/passkeys";

pub async fn panel() -> TestPanel {
    panel_at(ORIGIN).await
}

async fn panel_at(origin: &str) -> TestPanel {
    TestPanel::with(Options {
        public_origin: Some(origin.to_owned()),
        ..Options::default()
    })
    .await
}

pub fn device() -> Device {
    Device::new(ORIGIN, "panel.example")
}

/// What the page's script is told to ask the browser.
pub async fn asked(browser: &Browser, path: &str, form: &[(&str, &str)]) -> String {
    let answer = browser.call(path, form).await;
    assert_eq!(answer.status, StatusCode::OK, "{}", answer.text());
    serde_json::from_slice(&answer.bytes).unwrap()
}

pub async fn added(browser: &Browser, device: &mut Device, name: &str) -> Answer {
    let options = asked(browser, "/api/passkey_add_begin", &[("name", name)]).await;
    let made = device.made(&options);
    let form = [("name", name), ("answer", made.as_str())];
    browser.post(PAGE, "/api/passkey_add", &form).await
}

/// Somebody who is signed in and has a passkey.
pub async fn owner(panel: &TestPanel, name: &str) -> (Browser, Device) {
    let browser = panel.signed_in(name).await;
    let mut device = device();
    let answer = added(&browser, &mut device, "phone").await;
    assert_eq!(
        answer.location(),
        "/account/passkeys?done=add",
        "{}",
        answer.text()
    );
    (browser, device)
}

pub async fn signed_in(browser: &Browser, device: &mut Device) -> Answer {
    let options = asked(browser, "/api/passkey_sign_in_begin", &[]).await;
    answered(browser, &device.proof(&options)).await
}

pub async fn answered(browser: &Browser, proof: &str) -> Answer {
    let form = [("answer", proof), ("next", "/account")];
    browser
        .post("/sign-in", "/api/passkey_sign_in", &form)
        .await
}

pub async fn confirmed(browser: &Browser, device: &mut Device) -> Answer {
    let options = asked(browser, "/api/passkey_confirm_begin", &[]).await;
    let proof = device.proof(&options);
    let form = [("answer", proof.as_str()), ("next", PAGE)];
    browser
        .post("/confirm", "/api/passkey_confirm", &form)
        .await
}

pub async fn audited(panel: &TestPanel, action: &str) -> Vec<String> {
    let query = AuditQuery {
        action: action.to_owned(),
        ..AuditQuery::default()
    };
    let system = control::Actor::system();
    let page = panel.control.audit_page(&system, &query).await.unwrap();
    page.rows
        .into_iter()
        .map(|row| format!("{}: {}", row.by, row.detail))
        .collect()
}

/// The ids of somebody's passkeys.
pub async fn ids(panel: &TestPanel, name: &str) -> Vec<String> {
    let mut tx = panel.store.read().await.unwrap();
    let account = tx.account_by_name(&name.parse().unwrap()).await.unwrap();
    let list = tx.passkey_list(account.unwrap().id).await.unwrap();
    list.into_iter().map(|one| one.id.to_string()).collect()
}

pub async fn password_gone(panel: &TestPanel, name: &str) {
    let mut tx = panel.store.write().await.unwrap();
    let account = tx.account_by_name(&name.parse().unwrap()).await.unwrap();
    tx.account_password_set(account.unwrap().id, "")
        .await
        .unwrap();
    tx.commit().await.unwrap();
}

#[tokio::test]
async fn a_passkey_is_made_listed_and_signs_in_alone() {
    let panel = panel().await;
    let (browser, mut device) = owner(&panel, "ada").await;
    let page = browser.get(PAGE).await.text();
    assert!(page.contains("phone") && page.contains("never"), "{page}");
    assert!(!page.contains("alone</span>"), "{page}");
    let other = panel.anonymous();
    let sign_in = other.get("/sign-in").await.text();
    assert!(sign_in.contains("data-passkey=\"/api/passkey_sign_in_begin\""));
    assert!(sign_in.contains("Passkeys need script"), "{sign_in}");
    assert!(other.cookie().is_none(), "a look makes no session");
    let options = asked(&other, "/api/passkey_sign_in_begin", &[]).await;
    let waiting = other.cookie();
    assert!(waiting.is_some());
    assert!(other.get("/account").await.status.is_redirection());
    let answer = answered(&other, &device.proof(&options)).await;
    assert_eq!(answer.location(), "/account", "{}", answer.text());
    assert_ne!(other.cookie(), waiting, "the id changes");
    assert!(
        other
            .get("/account")
            .await
            .text()
            .contains("Signed in as ada")
    );
    // It is a proof, too: nothing more is asked for.
    let page = other.get(PAGE).await;
    assert_eq!(page.status, StatusCode::OK);
    assert!(!page.text().contains("never"), "{}", page.text());
    // Whoever has only the id from before has nothing.
    let old = other.with_cookie(waiting);
    assert!(old.get("/account").await.status.is_redirection());
    assert_eq!(
        audited(&panel, "passkey_add").await,
        ["ada: phone, for panel.example"]
    );
    let sign_ins = audited(&panel, "account_sign_in").await;
    assert_eq!(sign_ins[0], "ada: with the passkey “phone”");
    // Again and again, and with several.
    let mut key = self::device();
    added(&other, &mut key, "key").await;
    for device in [&mut device, &mut key] {
        let answer = signed_in(&panel.anonymous(), device).await;
        assert_eq!(answer.location(), "/account", "{}", answer.text());
    }
    assert_eq!(ids(&panel, "ada").await.len(), 2);
}

#[tokio::test]
async fn it_replaces_the_second_factor_and_turns_it_off_for_nobody() {
    let panel = panel().await;
    let (browser, mut device) = owner(&panel, "ada").await;
    crate::proof::turned_on(&panel, &browser, "ada").await;
    let other = panel.anonymous();
    let form = [("name", "ada"), ("password", PASSWORD)];
    let answer = other.post("/sign-in", "/api/sign_in", &form).await;
    assert!(answer.location().starts_with("/sign-in/code"));
    // Half a sign-in by password does not stand in the way, and is over with the other one.
    let answer = signed_in(&other, &mut device).await;
    assert_eq!(answer.location(), "/account", "{}", answer.text());
    let code = other.call("/api/sign_in_code", &[("code", "000000")]).await;
    assert_eq!(code.status, StatusCode::UNAUTHORIZED);
    let mut key = self::device();
    added(&other, &mut key, "key").await;
    let answer = panel
        .anonymous()
        .post("/sign-in", "/api/sign_in", &form)
        .await;
    assert!(answer.location().starts_with("/sign-in/code"));
}

#[tokio::test]
async fn a_dangerous_act_is_confirmed_with_a_passkey() {
    let panel = panel().await;
    let (browser, mut device) = owner(&panel, "ada").await;
    let (_, mut eves) = owner(&panel, "eve").await;
    panel.clock.advance(10 * 60_000);
    let id = ids(&panel, "ada").await.remove(0);
    for (path, form) in [
        ("/api/passkey_remove", [("id", id.as_str())]),
        ("/api/passkey_add_begin", [("name", "x")]),
        ("/api/passkey_add", [("name", "x")]),
    ] {
        let refused = browser.call(path, &form).await;
        assert_eq!(refused.status, StatusCode::FORBIDDEN, "{path}");
        assert!(refused.text().contains("confirm_first"), "{path}");
    }
    assert_eq!(
        browser.get(PAGE).await.location(),
        format!("/confirm?next={PAGE}")
    );
    let page = browser.get("/confirm?next=/account").await.text();
    assert!(page.contains("Confirm with a passkey"), "{page}");
    // The browser is asked for one's own passkeys, and no other will do.
    let options = asked(&browser, "/api/passkey_confirm_begin", &[]).await;
    let listed: serde_json::Value = serde_json::from_str(&options).unwrap();
    assert_eq!(listed["allowCredentials"].as_array().unwrap().len(), 1);
    let wrong = confirmed(&browser, &mut eves).await;
    let words = browser.follow(&wrong).await.text();
    assert!(words.contains("belongs to somebody else"), "{words}");
    assert_eq!(
        audited(&panel, "proof_wrong").await,
        ["ada: with a passkey"]
    );
    assert!(browser.get(PAGE).await.status.is_redirection());
    // Asked for certain passkeys, a device need not say whose they are.
    device.handle = None;
    let before = browser.cookie();
    let right = confirmed(&browser, &mut device).await;
    assert_eq!(right.location(), PAGE, "{}", right.text());
    assert_ne!(browser.cookie(), before, "the id changes");
    assert_eq!(browser.get(PAGE).await.status, StatusCode::OK);
    // A proof for this is no sign-in, nor the other way round.
    let other = panel.anonymous();
    let options = asked(&browser, "/api/passkey_confirm_begin", &[]).await;
    let answer = answered(&browser, &device.proof(&options)).await;
    assert!(answer.location().contains("__err"), "{}", answer.location());
    assert!(other.get("/account").await.status.is_redirection());
}

#[tokio::test]
async fn a_passkey_is_removed_but_not_the_last_way_in() {
    let panel = panel().await;
    let (browser, mut device) = owner(&panel, "ada").await;
    let mut key = self::device();
    added(&browser, &mut key, "key").await;
    password_gone(&panel, "ada").await;
    let all = ids(&panel, "ada").await;
    let (_eve, _) = owner(&panel, "eve").await;
    let eves = ids(&panel, "eve").await;
    let strange = browser
        .call("/api/passkey_remove", &[("id", &eves[0])])
        .await;
    assert_eq!(strange.status, StatusCode::NOT_FOUND);
    let removed = browser
        .post(PAGE, "/api/passkey_remove", &[("id", &all[0])])
        .await;
    assert_eq!(removed.location(), "/account/passkeys?done=remove");
    assert!(
        browser
            .follow(&removed)
            .await
            .text()
            .contains("The passkey is removed.")
    );
    let gone = signed_in(&panel.anonymous(), &mut device).await;
    assert!(gone.location().contains("__err"));
    let last = browser
        .post(PAGE, "/api/passkey_remove", &[("id", &all[1])])
        .await;
    let words = browser.follow(&last).await.text();
    assert!(words.contains("It is your last way in"), "{words}");
    let answer = signed_in(&panel.anonymous(), &mut key).await;
    assert_eq!(answer.location(), "/account", "{}", answer.text());
    assert_eq!(audited(&panel, "passkey_remove").await, ["ada: phone"]);
    // With a password again it may go.
    let system = control::Actor::system();
    let reset = panel.control.password_reset(&system, "ada", PASSWORD);
    reset.await.unwrap();
    let again = panel.anonymous();
    again.sign_in("ada", PASSWORD).await;
    let removed = again
        .post(PAGE, "/api/passkey_remove", &[("id", &all[1])])
        .await;
    assert_eq!(removed.location(), "/account/passkeys?done=remove");
    assert!(again.get(PAGE).await.text().contains("None yet."));
}

#[tokio::test]
async fn an_administrator_removes_those_of_who_lost_their_device() {
    let panel = panel().await;
    let root = panel.signed_in_administrator("root").await;
    let (ada, mut device) = owner(&panel, "ada").await;
    let id = panel.actor("ada").await.account.id.to_string();
    let page = format!("/people/{id}");
    assert!(
        root.get(&page)
            .await
            .text()
            .contains("Remove their passkeys")
    );
    let done = root.post(&page, "/api/passkey_reset", &[("id", &id)]).await;
    assert_eq!(done.location(), format!("/people/{id}?done=passkeys"));
    let words = root.follow(&done).await.text();
    assert!(words.contains("passkeys are removed"), "{words}");
    assert!(!words.contains("Remove their passkeys"), "{words}");
    assert!(ada.get("/account").await.status.is_redirection());
    let answer = signed_in(&panel.anonymous(), &mut device).await;
    assert!(answer.location().contains("__err"));
    assert_eq!(audited(&panel, "passkey_reset").await, ["root: 1"]);
    // Not those of the last administrator who comes in by nothing else.
    let mut roots = self::device();
    added(&root, &mut roots, "key").await;
    password_gone(&panel, "root").await;
    let system = control::Actor::system();
    let people = panel.control.person_list(&system, "root", 1).await.unwrap();
    let people = people.rows;
    let root_id = people
        .iter()
        .find(|one| one.name.as_str() == "root")
        .unwrap()
        .id;
    let refused = panel.control.passkey_reset(&system, root_id).await;
    assert!(
        matches!(refused, Err(model::UserError::Conflict { .. })),
        "{refused:?}"
    );
    let refused = panel.control.role_set(&system, root_id, Role::Viewer).await;
    assert!(refused.is_err(), "a passkey is a way in");
    let answer = signed_in(&panel.anonymous(), &mut roots).await;
    assert_eq!(answer.location(), "/account", "{}", answer.text());
}

#[tokio::test]
async fn below_a_path_the_origin_is_without_it() {
    let panel = panel_at("https://panel.example/tools/carina").await;
    let (browser, mut device) = owner_below(&panel).await;
    let page = browser.get("/tools/carina/account/passkeys").await.text();
    assert!(page.contains("data-passkey=\"/tools/carina/api/passkey_add_begin\""));
    assert!(
        page.contains("src=\"/tools/carina/pkg/passkey.js\""),
        "{page}"
    );
    let answer = signed_in(&panel.anonymous(), &mut device).await;
    assert_eq!(
        answer.location(),
        "/tools/carina/account",
        "{}",
        answer.text()
    );
}

async fn owner_below(panel: &TestPanel) -> (Browser, Device) {
    panel.account("ada").await;
    let browser = panel.anonymous();
    let form = [("name", "ada"), ("password", PASSWORD)];
    browser.post("/sign-in", "/api/sign_in", &form).await;
    let mut device = device();
    let answer = added(&browser, &mut device, "phone").await;
    assert_eq!(answer.location(), "/tools/carina/account/passkeys?done=add");
    (browser, device)
}
