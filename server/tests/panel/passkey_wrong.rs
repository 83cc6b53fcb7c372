//! Everything wrong that may come back from a browser that was asked for a passkey, and everybody
//! whom a good one does not let in.

use axum::http::StatusCode;
use passkey::testing::Device;

use crate::browser::{Answer, Browser};
use crate::passkey::{
    PAGE, added, answered, asked, audited, confirmed, device, ids, owner, panel, signed_in,
};
use crate::test_panel::{Options, PASSWORD, TestPanel};

/// Refused, with these words on the page, and nobody is signed in.
async fn is_refused(browser: &Browser, answer: &Answer, words: &str) {
    assert!(answer.location().contains("__err"), "{}", answer.location());
    let page = browser.follow(answer).await.text();
    assert!(page.contains(words), "{words}: {page}");
    assert!(browser.get("/account").await.status.is_redirection());
}

/// A sign-in with a device that a test has bent.
async fn refused(panel: &TestPanel, device: &mut Device, words: &str) {
    let browser = panel.anonymous();
    let answer = signed_in(&browser, device).await;
    is_refused(&browser, &answer, words).await;
}

const USED: &str = "This answer belongs to another try, or was used already.";
const UNKNOWN: &str = "This passkey is not known here, or belongs to somebody else.";
const ELSEWHERE: &str = "Your browser is at another address";
const NOBODY: &str = "Your device did not ask who you are.";

#[tokio::test]
async fn an_answer_counts_once_in_the_browser_that_was_asked() {
    let panel = panel().await;
    let (_ada, mut device) = owner(&panel, "ada").await;
    let browser = panel.anonymous();
    let options = asked(&browser, "/api/passkey_sign_in_begin", &[]).await;
    let proof = device.proof(&options);
    // In another browser, asked something else or nothing.
    let other = panel.anonymous();
    is_refused(&other, &answered(&other, &proof).await, USED).await;
    asked(&other, "/api/passkey_sign_in_begin", &[]).await;
    is_refused(&other, &answered(&other, &proof).await, USED).await;
    // Where it was asked: once, also when it is sent twice at the same time.
    let twin = browser.with_cookie(browser.cookie());
    let (one, two) = tokio::join!(answered(&browser, &proof), answered(&twin, &proof));
    let done = [one, two].map(|answer| usize::from(answer.location() == "/account"));
    assert_eq!(done.iter().sum::<usize>(), 1, "{done:?}");
    let again = panel.anonymous();
    asked(&again, "/api/passkey_sign_in_begin", &[]).await;
    is_refused(&again, &answered(&again, &proof).await, USED).await;
    // A wrong answer uses the question up as well.
    let browser = panel.anonymous();
    let options = asked(&browser, "/api/passkey_sign_in_begin", &[]).await;
    answered(&browser, "{}").await;
    is_refused(
        &browser,
        &answered(&browser, &device.proof(&options)).await,
        USED,
    )
    .await;
    // And so does time.
    let options = asked(&browser, "/api/passkey_sign_in_begin", &[]).await;
    panel.clock.advance(6 * 60_000);
    let late = answered(&browser, &device.proof(&options)).await;
    is_refused(&browser, &late, "That took too long.").await;
}

#[tokio::test]
async fn a_proof_from_elsewhere_or_without_the_person_is_none() {
    let panel = panel().await;
    let (_ada, mut device) = owner(&panel, "ada").await;
    let (origin, site) = (device.origin.clone(), device.site.clone());
    for wrong in [
        "https://evil.example",
        "http://panel.example",
        "https://panel.example:8443",
        "https://x.panel.example",
    ] {
        device.origin = wrong.to_owned();
        refused(&panel, &mut device, ELSEWHERE).await;
    }
    device.origin = origin;
    device.site = "evil.example".to_owned();
    refused(&panel, &mut device, ELSEWHERE).await;
    device.site = site;
    device.is_verified = false;
    refused(&panel, &mut device, NOBODY).await;
    device.is_verified = true;
    // Somebody who was asked for a passkey sends garbage, or nothing.
    let browser = panel.anonymous();
    for (text, words) in [
        ("{}", UNKNOWN),
        ("null", UNKNOWN),
        ("", "Your browser sent no passkey."),
    ] {
        asked(&browser, "/api/passkey_sign_in_begin", &[]).await;
        is_refused(&browser, &answered(&browser, text).await, words).await;
    }
    // So many tries in a row are too many.
    panel.clock.advance(5 * 60_000);
    let answer = signed_in(&panel.anonymous(), &mut device).await;
    assert_eq!(answer.location(), "/account", "{}", answer.text());
}

#[tokio::test]
async fn an_unknown_passkey_and_a_strangers_are_told_the_same() {
    let panel = panel().await;
    let (ada, mut adas) = owner(&panel, "ada").await;
    let (_eve, mut eves) = owner(&panel, "eve").await;
    let (adas_id, eves_id) = (adas.id.clone(), eves.id.clone());
    let handle = eves.handle.clone();
    let mut unknown = device();
    unknown.handle = adas.handle.clone();
    refused(&panel, &mut unknown, UNKNOWN).await;
    // Her own key under his name, his key under her name, her own passkey in his name, and in nobody's.
    eves.id = adas_id.clone();
    refused(&panel, &mut eves, UNKNOWN).await;
    eves.handle = adas.handle.clone();
    refused(&panel, &mut eves, UNKNOWN).await;
    eves.id = eves_id.clone();
    refused(&panel, &mut eves, UNKNOWN).await;
    for nobody in [None, Some(Vec::new()), Some(vec![7; 16]), Some(vec![7; 64])] {
        eves.handle = nobody;
        refused(&panel, &mut eves, UNKNOWN).await;
    }
    eves.handle = handle;
    adas.id = eves_id;
    refused(&panel, &mut adas, UNKNOWN).await;
    adas.id = adas_id.clone();
    let answer = signed_in(&panel.anonymous(), &mut eves).await;
    assert_eq!(answer.location(), "/account", "{}", answer.text());
    // Nobody registers what somebody has.
    let eve = panel.anonymous();
    eve.sign_in("eve", PASSWORD).await;
    let mut thief = device();
    thief.id = adas_id;
    let answer = added(&eve, &mut thief, "mine").await;
    let page = eve.follow(&answer).await.text();
    assert!(
        page.contains("This passkey is registered already."),
        "{page}"
    );
    let answer = added(&ada, &mut adas, "again").await;
    let page = ada.follow(&answer).await.text();
    assert!(
        page.contains("This passkey is registered already."),
        "{page}"
    );
    assert!(page.contains("value=\"again\""), "what was typed stays");
    let answer = signed_in(&panel.anonymous(), &mut adas).await;
    assert_eq!(answer.location(), "/account", "{}", answer.text());
}

#[tokio::test]
async fn a_counter_that_goes_back_is_refused_and_audited() {
    let panel = panel().await;
    let (ada, mut device) = owner(&panel, "ada").await;
    device.counter = 7;
    let answer = signed_in(&panel.anonymous(), &mut device).await;
    assert_eq!(answer.location(), "/account", "{}", answer.text());
    device.counter = 3;
    refused(&panel, &mut device, "it may have been copied").await;
    let row = "ada: phone: its counter went back";
    assert_eq!(audited(&panel, "passkey_refused").await, [row]);
    panel.clock.advance(10 * 60_000);
    let answer = confirmed(&ada, &mut device).await;
    assert!(answer.location().contains("__err"));
    assert_eq!(audited(&panel, "passkey_refused").await, [row, row]);
    device.counter = 20;
    let answer = signed_in(&panel.anonymous(), &mut device).await;
    assert_eq!(answer.location(), "/account", "{}", answer.text());
    // One that is meant to be copied stays at zero.
    let mut synced = self::device();
    synced.is_counting = false;
    let ada = panel.anonymous();
    ada.sign_in("ada", PASSWORD).await;
    added(&ada, &mut synced, "synced").await;
    for _ in 0..2 {
        let answer = signed_in(&panel.anonymous(), &mut synced).await;
        assert_eq!(answer.location(), "/account", "{}", answer.text());
    }
}

#[tokio::test]
async fn whoever_is_suspended_or_gone_does_not_get_in() {
    let panel = panel().await;
    panel.account("root").await;
    let (ada, mut device) = owner(&panel, "ada").await;
    let id = panel.actor("ada").await.account.id;
    let system = control::Actor::system();
    panel.control.person_suspend(&system, id).await.unwrap();
    refused(&panel, &mut device, "This account is suspended.").await;
    assert!(ada.get("/account").await.status.is_redirection());
    // Nothing is told to who does not have the passkey.
    let mut thief = self::device();
    thief.id = device.id.clone();
    thief.handle = device.handle.clone();
    refused(&panel, &mut thief, UNKNOWN).await;
    panel.control.person_unsuspend(&system, id).await.unwrap();
    let answer = signed_in(&panel.anonymous(), &mut device).await;
    assert_eq!(answer.location(), "/account", "{}", answer.text());
    panel
        .control
        .person_delete(&system, id, "ada")
        .await
        .unwrap();
    refused(&panel, &mut device, UNKNOWN).await;
}

#[tokio::test]
async fn what_is_made_wrong_is_not_kept() {
    let panel = panel().await;
    let browser = panel.signed_in("ada").await;
    let bend = |bend: fn(&mut Device)| {
        let mut device = device();
        bend(&mut device);
        device
    };
    for (mut device, words) in [
        (
            bend(|d| d.origin = "https://evil.example".into()),
            ELSEWHERE,
        ),
        (bend(|d| d.site = "example".into()), ELSEWHERE),
        (bend(|d| d.is_verified = false), NOBODY),
        (
            bend(|d| d.is_kept = false),
            "Your device did not keep the passkey",
        ),
    ] {
        let answer = added(&browser, &mut device, "phone").await;
        let page = browser.follow(&answer).await.text();
        assert!(page.contains(words), "{words}: {page}");
    }
    let long = "x".repeat(61);
    for name in ["", "  ", "a\u{7}b", long.as_str()] {
        let answer = browser
            .call("/api/passkey_add_begin", &[("name", name)])
            .await;
        assert_eq!(answer.status, StatusCode::UNPROCESSABLE_ENTITY, "{name}");
        // What the script does then: the panel says why, in place.
        let answer = browser
            .post(PAGE, "/api/passkey_add", &[("name", name)])
            .await;
        let page = browser.follow(&answer).await.text();
        assert!(
            page.contains("Give it a name of 1 to 60 characters."),
            "{page}"
        );
    }
    // The answer to another question, to none, and none.
    let mut device = self::device();
    let options = asked(&browser, "/api/passkey_add_begin", &[("name", "x")]).await;
    asked(&browser, "/api/passkey_add_begin", &[("name", "x")]).await;
    let made = device.made(&options);
    for (answer, words) in [
        (made.as_str(), USED),
        (made.as_str(), USED),
        ("", "Your browser sent no passkey."),
    ] {
        let form = [("name", "x"), ("answer", answer)];
        let answer = browser.post(PAGE, "/api/passkey_add", &form).await;
        let page = browser.follow(&answer).await.text();
        assert!(page.contains(words), "{words}: {page}");
    }
    // What somebody was asked is not for who has signed in there since.
    let options = asked(&browser, "/api/passkey_add_begin", &[("name", "x")]).await;
    let made = device.made(&options);
    panel.account("bob").await;
    browser.sign_in("bob", PASSWORD).await;
    let form = [("name", "x"), ("answer", made.as_str())];
    let answer = browser.post(PAGE, "/api/passkey_add", &form).await;
    let page = browser.follow(&answer).await.text();
    assert!(page.contains(USED), "{page}");
    assert!(ids(&panel, "ada").await.is_empty() && ids(&panel, "bob").await.is_empty());
}

#[tokio::test]
async fn there_are_twenty_at_most_and_asking_is_slowed_down() {
    let panel = panel().await;
    let browser = panel.signed_in("ada").await;
    for n in 0..20 {
        let answer = added(&browser, &mut device(), &format!("key {n}")).await;
        assert_eq!(answer.location(), "/account/passkeys?done=add");
    }
    let answer = browser
        .call("/api/passkey_add_begin", &[("name", "x")])
        .await;
    assert_eq!(answer.status, StatusCode::CONFLICT);
    assert!(answer.text().contains("You have 20 passkeys."));
    let nobody = panel.anonymous();
    for path in ["/api/passkey_sign_in_begin", "/api/passkey_confirm_begin"] {
        let browser = if path.contains("confirm") {
            &browser
        } else {
            &nobody
        };
        let mut last = StatusCode::OK;
        for _ in 0..11 {
            last = browser.call(path, &[]).await.status;
        }
        assert_eq!(last, StatusCode::TOO_MANY_REQUESTS, "{path}");
    }
    // Said on the page, where the script sends the form without an answer then.
    is_refused(&nobody, &answered(&nobody, "").await, "Too many attempts.").await;
    // Passwords go on.
    panel.anonymous().sign_in("ada", PASSWORD).await;
}

#[tokio::test]
async fn where_there_can_be_none_the_page_says_why_and_what_to_do() {
    for (origin, words) in [
        (
            None,
            "Browsers use passkeys over https alone, and panel.example is",
        ),
        (
            Some("http://panel.example.org"),
            "and panel.example.org is reached",
        ),
        (Some("https://192.0.2.7:8443"), "192.0.2.7 is an address"),
        (Some("https://[2001:db8::7]"), "[2001:db8::7] is an address"),
    ] {
        let panel = TestPanel::with(Options {
            public_origin: origin.map(str::to_owned),
            ..Options::default()
        })
        .await;
        let browser = panel.signed_in("ada").await;
        let page = browser.get(PAGE).await.text();
        assert!(page.contains(words), "{origin:?}: {page}");
        assert!(page.contains("public_origin = "), "{page}");
        assert!(!page.contains("data-passkey"), "{page}");
        let sign_in = panel.anonymous().get("/sign-in").await.text();
        assert!(!sign_in.contains("passkey"), "{sign_in}");
        let begin = browser
            .call("/api/passkey_add_begin", &[("name", "x")])
            .await;
        assert_eq!(begin.status, StatusCode::CONFLICT);
        let begin = panel
            .anonymous()
            .call("/api/passkey_sign_in_begin", &[])
            .await;
        assert_eq!(begin.status, StatusCode::CONFLICT);
    }
    // By https without a name of its own, the browser's is it.
    let panel = TestPanel::with(Options {
        is_https: true,
        ..Options::default()
    })
    .await;
    let browser = panel.signed_in("ada").await;
    let mut device = Device::new("https://panel.example:8080", "panel.example");
    let answer = added(&browser, &mut device, "phone").await;
    assert_eq!(
        answer.location(),
        "/account/passkeys?done=add",
        "{}",
        answer.text()
    );
    let answer = signed_in(&panel.anonymous(), &mut device).await;
    assert_eq!(answer.location(), "/account", "{}", answer.text());
}
