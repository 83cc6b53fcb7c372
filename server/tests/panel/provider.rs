//! Signing in at an identity provider, by forms, without script; and everything wrong that it, or
//! somebody between, may say.

use std::sync::Arc;

use axum::http::Method;
use axum::http::StatusCode;
use axum::http::header::{ACCEPT, CONTENT_SECURITY_POLICY, ORIGIN, REFERER};
use control::{AuditQuery, ProviderSettings};
use model::{AccountName, Role};

use crate::browser::{Answer, Browser};
use crate::fake_provider::{BACK, CLIENT, FakeProvider, Lie, SECRET, Somebody, query};
use crate::test_panel::{Options, PASSWORD, TestPanel};

const PAGE: &str = "/sign-in/provider";
const ADA: Somebody = Somebody {
    subject: "17",
    name: "Ada@example.org",
    groups: &["staff"],
};
const EVE: Somebody = Somebody {
    subject: "666",
    name: "eve",
    groups: &["staff"],
};

const ROLES: &[(&str, Role)] = &[("ops", Role::Administrator), ("staff", Role::Member)];

fn settings(fake: &FakeProvider, roles: &[(&str, Role)]) -> ProviderSettings {
    let provider = oidc::Provider::new(oidc::Settings {
        issuer: fake.issuer(),
        client_id: CLIENT.to_owned(),
        client_secret: Some(wire::Secret(SECRET.to_owned())),
        redirect_uri: BACK.to_owned(),
        scopes: vec!["profile".to_owned()],
        name_claim: "preferred_username".to_owned(),
        groups_claim: "groups".to_owned(),
        authorities: None,
    });
    ProviderSettings {
        provider: provider.unwrap(),
        name: "Example".to_owned(),
        roles: roles
            .iter()
            .map(|(group, role)| ((*group).to_owned(), *role))
            .collect(),
        role_else: None,
        makes_accounts: true,
    }
}

async fn panel_with(settings: ProviderSettings) -> TestPanel {
    let panel = TestPanel::with(Options {
        provider: Some(Arc::new(settings)),
        ..Options::default()
    })
    .await;
    panel.account_as("root", Role::Administrator).await;
    panel
}

async fn panel() -> (TestPanel, FakeProvider) {
    let fake = FakeProvider::start().await;
    (panel_with(settings(&fake, ROLES)).await, fake)
}

/// Presses the button; where the browser is led to.
async fn begun(browser: &Browser, purpose: &str, next: &str) -> String {
    let form = [("make", "provider"), ("purpose", purpose), ("next", next)];
    let page = browser.post("/sign-in", PAGE, &form).await;
    assert_eq!(page.status, StatusCode::OK, "{}", page.text());
    let url = page
        .header("refresh")
        .strip_prefix("0; url=")
        .unwrap_or_default();
    assert!(page.text().contains("Go on to Example"), "{}", page.text());
    url.to_owned()
}

/// The whole way of somebody.
async fn gone(
    panel: &TestPanel,
    fake: &FakeProvider,
    browser: &Browser,
    somebody: &Somebody,
    purpose: &str,
    next: &str,
) -> Answer {
    let url = begun(browser, purpose, next).await;
    browser
        .get(&fake.signed_in(&url, somebody, panel.control.now()))
        .await
}

async fn signed_in(panel: &TestPanel, fake: &FakeProvider, somebody: &Somebody) -> Browser {
    let browser = panel.anonymous();
    let answer = gone(panel, fake, &browser, somebody, "sign-in", "").await;
    assert_eq!(answer.location(), "/clusters", "{}", answer.text());
    browser
}

async fn is_nobody(browser: &Browser) -> bool {
    browser
        .get("/clusters")
        .await
        .location()
        .starts_with("/sign-in")
}

async fn role_of(panel: &TestPanel, name: &str) -> Option<Role> {
    let name: AccountName = name.parse().unwrap();
    let account = panel
        .store
        .read()
        .await
        .unwrap()
        .account_by_name(&name)
        .await
        .unwrap();
    account.map(|account| account.role)
}

async fn audited(panel: &TestPanel, action: &str) -> Vec<String> {
    let query = AuditQuery {
        action: action.to_owned(),
        ..AuditQuery::default()
    };
    let page = panel
        .control
        .audit_page(&control::Actor::system(), &query)
        .await
        .unwrap();
    page.rows
        .into_iter()
        .map(|row| format!("{}: {}", row.by, row.detail))
        .collect()
}

#[tokio::test]
async fn the_first_sign_in_makes_an_account_and_the_next_finds_it() {
    let (panel, fake) = panel().await;
    let browser = panel.anonymous();
    let page = browser.get("/sign-in?next=/account").await.text();
    assert!(page.contains("Sign in with Example"), "{page}");
    let url = begun(&browser, "sign-in", "/account").await;
    assert!(
        !url.contains("prompt=") && !url.contains("max_age="),
        "{url}"
    );
    let waiting = browser.cookie();
    assert!(waiting.is_some() && is_nobody(&browser).await);
    let back = fake.signed_in(&url, &ADA, panel.control.now());
    let answer = browser.get(&back).await;
    assert_eq!(answer.location(), "/account", "{}", answer.text());
    assert_ne!(browser.cookie(), waiting, "the id changes");
    assert!(is_nobody(&browser.with_cookie(waiting)).await);
    let page = browser.get("/account").await.text();
    assert!(page.contains("Signed in as ada, member"), "{page}");
    assert!(
        page.contains("has no password") && page.contains("only way in"),
        "{page}"
    );
    signed_in(&panel, &fake, &ADA).await;
    assert_eq!(
        audited(&panel, "account_create").await[0],
        "ada: member, at the first sign-in at Example"
    );
    assert_eq!(audited(&panel, "account_sign_in").await.len(), 2);
    assert_eq!(fake.discoveries(), 1, "what is known is not asked again");
    // Two words of the address name nobody: the subject does.
    let renamed = Somebody {
        name: "lovelace",
        ..ADA
    };
    let again = signed_in(&panel, &fake, &renamed).await;
    assert!(
        again
            .get("/account")
            .await
            .text()
            .contains("Signed in as ada")
    );
    assert_eq!(role_of(&panel, "lovelace").await, None);
}

#[tokio::test]
async fn the_way_there_leaves_the_policy_of_pages_as_it_is() {
    let (panel, fake) = panel().await;
    let browser = panel.anonymous();
    let form = [("make", "provider"), ("purpose", "sign-in")];
    let page = browser.post("/sign-in", PAGE, &form).await;
    let policy = page.header(CONTENT_SECURITY_POLICY);
    assert!(
        policy.contains("form-action 'self'") && !policy.contains(&fake.issuer()),
        "{policy}"
    );
    assert!(page.text().contains(&fake.issuer()));
    // Only our own pages set it off, and no link does.
    assert_eq!(browser.get(PAGE).await.location(), "/sign-in");
    let headers = [
        (ACCEPT, "text/html"),
        (ORIGIN, "https://evil.example"),
        (REFERER, "https://evil.example/"),
    ];
    let foreign = browser
        .send(Method::POST, PAGE, &headers, "make=provider")
        .await;
    assert_eq!(foreign.status, StatusCode::FORBIDDEN);
    let long = format!("/{}", "x".repeat(2000));
    for next in ["//evil.example", "https://evil.example", &long] {
        let answer = gone(&panel, &fake, &browser, &ADA, "sign-in", next).await;
        assert_eq!(answer.location(), "/clusters");
    }
}

#[tokio::test]
async fn whatever_is_wrong_with_its_word_signs_nobody_in() {
    let (panel, fake) = panel().await;
    for (lie, words) in [
        (Lie::Nonce, "it belongs to another sign-in"),
        (Lie::NoNonce, "it belongs to another sign-in"),
        (Lie::Issuer, "it is from somebody else"),
        (Lie::Audience, "it is meant for another program"),
        (Lie::Audiences, "it is meant for another program"),
        (Lie::Expired, "it is too old"),
        (Lie::Future, "it is too old, or a clock is wrong"),
        (Lie::AlgNone, "its signature is not right"),
        (Lie::AlgHs256, "its signature is not right"),
        (Lie::ForeignKey, "its signature is not right"),
        (Lie::Changed, "its signature is not right"),
        (Lie::NoGroups, "does not say which groups you are in"),
        (Lie::NoName, "gives no name for you"),
        (Lie::NoToken, "it cannot be read"),
        (Lie::NotJson, "it cannot be read"),
        (Lie::Endless, "is not available just now"),
    ] {
        fake.lie(lie);
        let browser = panel.anonymous();
        let answer = gone(&panel, &fake, &browser, &ADA, "sign-in", "").await;
        let text = answer.text();
        assert!(text.contains(words), "{lie:?}: {text}");
        let expect = match lie {
            Lie::Endless => StatusCode::SERVICE_UNAVAILABLE,
            _ => StatusCode::FORBIDDEN,
        };
        assert_eq!(answer.status, expect, "{lie:?}");
        assert!(
            text.contains("Sign in with Example"),
            "{lie:?}: a way to try again"
        );
        assert!(is_nobody(&browser).await, "{lie:?}");
        // Whoever cannot come in has used up their tries after a while.
        panel.clock.advance(5 * 60_000);
    }
    assert_eq!(role_of(&panel, "ada").await, None);
    fake.lie(Lie::None);
    signed_in(&panel, &fake, &ADA).await;
}

#[tokio::test]
async fn an_answer_counts_once_and_in_the_browser_that_asked() {
    let (panel, fake) = panel().await;
    let words = "belongs to another sign-in";
    let browser = panel.anonymous();
    let url = begun(&browser, "sign-in", "").await;
    let back = fake.signed_in(&url, &EVE, panel.control.now());
    // A link that somebody else was sent: into another person's account, without asking.
    let stranger = panel.anonymous();
    stranger.get(&back).await;
    assert_eq!(stranger.cookie(), None, "no session by a link");
    for other in [stranger, panel.signed_in("bob").await] {
        let answer = other.get(&back).await;
        assert!(answer.text().contains(words), "{}", answer.text());
        assert!(!other.get("/account").await.text().contains("as eve"));
    }
    let waiting = panel.anonymous();
    begun(&waiting, "sign-in", "").await;
    assert!(
        waiting.get(&back).await.text().contains(words),
        "another state"
    );
    assert!(is_nobody(&waiting).await);
    assert_eq!(fake.tokens(), 0, "no code was tried for them");
    let before = browser.cookie();
    assert_eq!(browser.get(&back).await.location(), "/clusters");
    for replayed in [browser.with_cookie(before), browser] {
        assert!(replayed.get(&back).await.text().contains(words));
    }
    assert_eq!(fake.tokens(), 1);
    // A wrong answer uses the way up, too: nothing can be tried through.
    let browser = panel.anonymous();
    let url = begun(&browser, "sign-in", "").await;
    let back = fake.signed_in(&url, &EVE, panel.control.now());
    browser
        .get(&format!("{PAGE}/back?code=x&state=guessed"))
        .await;
    assert!(browser.get(&back).await.text().contains(words));
    assert!(is_nobody(&browser).await);
}

#[tokio::test]
async fn what_comes_back_instead_of_a_code_is_said_in_our_words() {
    let (panel, fake) = panel().await;
    for (rest, words) in [
        (
            "error=access_denied&error_description=Call+0900",
            "did not let you in, or you left it",
        ),
        (
            "error=%3Cb%3Enonsense",
            "sent you back without signing you in",
        ),
        (
            "error=temporarily_unavailable",
            "Example is not available just now",
        ),
        ("code=made-up", "it does not know the sign-in"),
        (
            "code=x&iss=https://evil.example",
            "This answer is not from Example.",
        ),
        ("", "it does not know the sign-in"),
    ] {
        let browser = panel.anonymous();
        let url = begun(&browser, "sign-in", "").await;
        let state = &query(&url)["state"];
        let answer = browser
            .get(&format!("{PAGE}/back?state={state}&{rest}"))
            .await;
        let text = answer.text();
        assert!(text.contains(words), "{rest}: {text}");
        assert!(
            !text.contains("0900") && !text.contains("nonsense"),
            "{text}"
        );
        assert!(is_nobody(&browser).await, "{rest}");
    }
    let browser = panel.anonymous();
    let url = begun(&browser, "sign-in", "").await;
    let back = fake.signed_in(&url, &ADA, panel.control.now());
    panel.clock.advance(10 * 60_000);
    assert!(browser.get(&back).await.text().contains("took too long"));
}

#[tokio::test]
async fn a_name_is_not_taken_over_and_its_owner_connects_it() {
    let (panel, fake) = panel().await;
    let owner = panel.signed_in("ada").await;
    let stranger = panel.anonymous();
    let answer = gone(&panel, &fake, &stranger, &ADA, "sign-in", "").await;
    assert_eq!(answer.status, StatusCode::CONFLICT);
    let text = answer.text();
    assert!(
        text.contains("an account “ada” here already") && text.contains("connect it"),
        "{text}"
    );
    assert!(is_nobody(&stranger).await);
    // Connecting wants somebody who is signed in, and proved it lately.
    let form = [
        ("make", "provider"),
        ("purpose", "connect"),
        ("next", "/account?done=connect"),
    ];
    let refused = panel.anonymous().post("/account", PAGE, &form).await;
    assert_eq!(refused.status, StatusCode::UNAUTHORIZED);
    assert_eq!(refused.header("refresh"), "");
    let page = owner.get("/account").await.text();
    assert!(page.contains("Connect with Example"), "{page}");
    let next = "/account?done=connect";
    let answer = gone(&panel, &fake, &owner, &ADA, "connect", next).await;
    assert_eq!(answer.location(), next, "{}", answer.text());
    let page = owner.get(next).await.text();
    assert!(
        page.contains("Your account is connected.") && page.contains("Disconnect"),
        "{page}"
    );
    assert_eq!(
        audited(&panel, "provider_connect").await,
        ["ada: with Example"]
    );
    let there = signed_in(&panel, &fake, &ADA).await;
    assert!(
        there
            .get("/account")
            .await
            .text()
            .contains("Signed in as ada")
    );
    // Nobody else connects with the same.
    let other = panel.signed_in("bob").await;
    let answer = gone(&panel, &fake, &other, &ADA, "connect", next).await;
    assert_eq!(answer.status, StatusCode::CONFLICT, "{}", answer.text());
    panel.clock.advance(10 * 60_000);
    let page = other.get("/account").await.text();
    assert!(!page.contains("Connect with Example"), "{page}");
    let answer = other.post("/account", PAGE, &form).await;
    assert_eq!(answer.status, StatusCode::FORBIDDEN);
    let right = [("code", PASSWORD), ("next", "/account")];
    owner.post("/confirm", "/api/confirm", &right).await;
    let answer = owner
        .post("/account", "/api/provider_disconnect", &[])
        .await;
    assert_eq!(answer.location(), "/account?done=disconnect");
    assert_eq!(
        audited(&panel, "provider_disconnect").await,
        ["ada: from Example"]
    );
    let answer = gone(&panel, &fake, &panel.anonymous(), &ADA, "sign-in", "").await;
    assert_eq!(answer.status, StatusCode::CONFLICT);
}

#[tokio::test]
async fn roles_follow_the_groups_at_every_sign_in() {
    let (panel, fake) = panel().await;
    let ops = Somebody {
        groups: &["staff", "ops"],
        ..ADA
    };
    signed_in(&panel, &fake, &ops).await;
    assert_eq!(role_of(&panel, "ada").await, Some(Role::Administrator));
    signed_in(&panel, &fake, &ADA).await;
    assert_eq!(role_of(&panel, "ada").await, Some(Role::Member));
    assert_eq!(
        audited(&panel, "role_set").await[0],
        "ada: administrator → member, by groups at Example"
    );
    let out = Somebody {
        groups: &["guests"],
        ..ADA
    };
    let browser = panel.anonymous();
    let answer = gone(&panel, &fake, &browser, &out, "sign-in", "").await;
    assert_eq!(answer.status, StatusCode::FORBIDDEN);
    assert!(
        answer
            .text()
            .contains("Your groups at Example do not let you in"),
        "{}",
        answer.text()
    );
    assert!(is_nobody(&browser).await);
}

#[tokio::test]
async fn the_last_administrator_who_can_sign_in_stays_one() {
    let (panel, fake) = panel().await;
    let ops = Somebody {
        groups: &["ops"],
        ..ADA
    };
    signed_in(&panel, &fake, &ops).await;
    let root = panel.actor("root").await;
    let ada: AccountName = "ada".parse().unwrap();
    let id = panel
        .store
        .read()
        .await
        .unwrap()
        .account_by_name(&ada)
        .await
        .unwrap()
        .unwrap()
        .id;
    let system = control::Actor::system();
    panel
        .control
        .role_set(&system, root.account.id, Role::Member)
        .await
        .unwrap();
    let refused = panel.control.role_set(&system, id, Role::Member).await;
    assert!(refused.is_err(), "by hand neither");
    signed_in(&panel, &fake, &ADA).await;
    assert_eq!(role_of(&panel, "ada").await, Some(Role::Administrator));
    assert_eq!(
        audited(&panel, "role_kept").await,
        ["ada: the last administrator"]
    );
}

#[tokio::test]
async fn without_groups_roles_are_given_here() {
    let fake = FakeProvider::start().await;
    let settings = ProviderSettings {
        role_else: Some(Role::Viewer),
        ..settings(&fake, &[])
    };
    let panel = panel_with(settings).await;
    fake.lie(Lie::NoGroups);
    signed_in(&panel, &fake, &ADA).await;
    assert_eq!(role_of(&panel, "ada").await, Some(Role::Viewer));
    let ada: AccountName = "ada".parse().unwrap();
    let account = panel
        .store
        .read()
        .await
        .unwrap()
        .account_by_name(&ada)
        .await
        .unwrap()
        .unwrap();
    let system = control::Actor::system();
    panel
        .control
        .role_set(&system, account.id, Role::Member)
        .await
        .unwrap();
    signed_in(&panel, &fake, &ADA).await;
    assert_eq!(
        role_of(&panel, "ada").await,
        Some(Role::Member),
        "and stay so"
    );
    // Kept out here is kept out, whatever they say there.
    panel
        .control
        .person_suspend(&system, account.id)
        .await
        .unwrap();
    let browser = panel.anonymous();
    let answer = gone(&panel, &fake, &browser, &ADA, "sign-in", "").await;
    assert_eq!(answer.status, StatusCode::FORBIDDEN);
    assert!(
        answer.text().contains("This account is suspended"),
        "{}",
        answer.text()
    );
    assert!(is_nobody(&browser).await);
}

#[tokio::test]
async fn accounts_are_made_only_where_it_is_wanted() {
    let fake = FakeProvider::start().await;
    let settings = ProviderSettings {
        makes_accounts: false,
        ..settings(&fake, ROLES)
    };
    let panel = panel_with(settings).await;
    let answer = gone(&panel, &fake, &panel.anonymous(), &ADA, "sign-in", "").await;
    assert!(
        answer.text().contains("Nobody here is connected"),
        "{}",
        answer.text()
    );
    assert_eq!(role_of(&panel, "ada").await, None);
    let new = TestPanel::with(Options {
        provider: Some(Arc::new(self::settings(&fake, ROLES))),
        ..Options::default()
    })
    .await;
    let answer = gone(&new, &fake, &new.anonymous(), &ADA, "sign-in", "").await;
    assert!(
        answer.text().contains("no account yet"),
        "the set-up link makes the first: {}",
        answer.text()
    );
}

#[tokio::test]
async fn who_has_no_password_proves_it_there() {
    let (panel, fake) = panel().await;
    let browser = signed_in(&panel, &fake, &ADA).await;
    let cluster = panel
        .control
        .cluster_create(&actor(&panel, "ada").await, "web", 1)
        .await
        .unwrap();
    panel.control.settle().await;
    panel.clock.advance(10 * 60_000);
    let page = format!("/clusters/{}/delete", cluster.id);
    let asked = browser.get(&page).await;
    assert_eq!(asked.location(), format!("/confirm?next={page}"));
    let confirm = browser.follow(&asked).await.text();
    assert!(
        confirm.contains("Confirm with Example") && !confirm.contains("current-password"),
        "{confirm}"
    );
    for proof in ["", "x", PASSWORD] {
        let answer = browser.call("/api/confirm", &[("code", proof)]).await;
        assert_eq!(answer.status, StatusCode::CONFLICT, "{}", answer.text());
    }
    let url = begun(&browser, "confirm", &page).await;
    assert!(
        url.contains("prompt=login") && url.contains("max_age=0"),
        "{url}"
    );
    for (lie, somebody, words) in [
        (
            Lie::NotFresh,
            &ADA,
            "does not say that you signed in just now",
        ),
        (
            Lie::NoAuthTime,
            &ADA,
            "does not say that you signed in just now",
        ),
        (Lie::None, &EVE, "as somebody else"),
    ] {
        fake.lie(lie);
        let answer = gone(&panel, &fake, &browser, somebody, "confirm", &page).await;
        assert!(answer.text().contains(words), "{lie:?}: {}", answer.text());
        assert!(browser.get(&page).await.status.is_redirection(), "{lie:?}");
    }
    assert_eq!(audited(&panel, "proof_wrong").await, ["ada: at Example"]);
    // Another person's session does not take it.
    let other = panel.signed_in("bob").await;
    let before = browser.cookie();
    let answer = gone(&panel, &fake, &browser, &ADA, "confirm", &page).await;
    assert_eq!(answer.location(), page, "{}", answer.text());
    assert_ne!(browser.cookie(), before, "the id changes");
    assert_eq!(browser.get(&page).await.status, StatusCode::OK);
    assert_eq!(other.get("/confirm").await.status, StatusCode::OK);
}

async fn actor(panel: &TestPanel, name: &str) -> control::Actor {
    let name: AccountName = name.parse().unwrap();
    let account = panel
        .store
        .read()
        .await
        .unwrap()
        .account_by_name(&name)
        .await
        .unwrap()
        .unwrap();
    control::Actor::of(
        panel
            .control
            .account_by_id(account.id)
            .await
            .unwrap()
            .unwrap(),
    )
}

#[tokio::test]
async fn no_password_signs_in_who_has_none() {
    let (panel, fake) = panel().await;
    let browser = signed_in(&panel, &fake, &ADA).await;
    for password in ["", " ", "x", PASSWORD] {
        let form = [("name", "ada"), ("password", password)];
        let answer = panel.anonymous().call("/api/sign_in", &form).await;
        assert_eq!(answer.status, StatusCode::UNPROCESSABLE_ENTITY);
        let form = [("current", password), ("new", "correct horse battery 2")];
        let answer = browser.call("/api/password_change", &form).await;
        assert_eq!(answer.status, StatusCode::CONFLICT, "{}", answer.text());
    }
    let answer = browser.call("/api/two_factor_begin", &[]).await;
    assert_eq!(answer.status, StatusCode::CONFLICT);
    let answer = browser.call("/api/provider_disconnect", &[]).await;
    assert_eq!(answer.status, StatusCode::CONFLICT);
    assert!(!browser.get("/clusters").await.status.is_redirection());
}

#[tokio::test]
async fn a_provider_that_is_down_is_said_so_and_asked_again_later() {
    let (panel, fake) = panel().await;
    fake.down(true);
    let form = [("make", "provider"), ("purpose", "sign-in")];
    for _ in 0..2 {
        let page = panel.anonymous().post("/sign-in", PAGE, &form).await;
        assert_eq!(page.status, StatusCode::SERVICE_UNAVAILABLE);
        assert!(
            page.text().contains("Example is not available just now"),
            "{}",
            page.text()
        );
    }
    assert_eq!(fake.discoveries(), 1, "nobody waits for it twice");
    // The panel's own door is open all the while.
    panel.signed_in("bob").await;
    fake.down(false);
    panel.clock.advance(5_000);
    signed_in(&panel, &fake, &ADA).await;
    // A key that is not known yet makes us look, but not for every token that names one.
    fake.new_key();
    let answer = gone(&panel, &fake, &panel.anonymous(), &ADA, "sign-in", "").await;
    assert!(
        answer.text().contains("its signature is not right"),
        "{}",
        answer.text()
    );
    assert_eq!(fake.discoveries(), 2);
    panel.clock.advance(61_000);
    signed_in(&panel, &fake, &ADA).await;
    assert_eq!(fake.discoveries(), 3);
}

#[tokio::test]
async fn an_address_that_never_comes_back_is_slowed_down() {
    let (panel, fake) = panel().await;
    let form = [("make", "provider"), ("purpose", "sign-in")];
    let mut last = StatusCode::OK;
    for _ in 0..11 {
        last = panel.anonymous().post("/sign-in", PAGE, &form).await.status;
    }
    assert_eq!(last, StatusCode::TOO_MANY_REQUESTS);
    panel.clock.advance(5 * 60_000);
    for _ in 0..15 {
        signed_in(&panel, &fake, &ADA).await;
    }
}

#[tokio::test]
async fn without_a_provider_there_is_no_such_door() {
    let panel = TestPanel::new().await;
    panel.account("ada").await;
    let browser = panel.anonymous();
    assert!(!browser.get("/sign-in").await.text().contains(PAGE));
    assert_eq!(
        browser
            .get(&format!("{PAGE}/back?code=x&state=y"))
            .await
            .status,
        StatusCode::NOT_FOUND
    );
    let form = [("make", "provider"), ("purpose", "sign-in")];
    assert_eq!(
        browser.post("/sign-in", PAGE, &form).await.status,
        StatusCode::NOT_FOUND
    );
    assert_eq!(browser.cookie(), None);
}
