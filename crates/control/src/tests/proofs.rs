//! The second factor, stepping up, tokens.

use model::{AccountView, QuotaChoice, QuotaLimits, Role, Scope, SessionId, ThingKind, UserError};
use totp_rs::{Builder, Secret, Totp};
use uuid::Uuid;

use super::accounts::{GOOD, here};
use super::world::World;
use crate::{Actor, InvitationSpec, Pending, SignIn};

async fn account(world: &World, name: &str) -> AccountView {
    let system = Actor::system();
    let control = &world.control;
    control
        .account_create(&system, name, GOOD, Role::Member)
        .await
        .unwrap()
}

/// What an authenticator shows at the world's time.
fn code(world: &World, totp: &Totp) -> String {
    let seconds = u64::try_from(world.control.now() / 1000).unwrap();
    totp.generate(seconds).to_string()
}

async fn turned_on(world: &World, actor: &Actor) -> (Totp, Vec<String>) {
    let control = &world.control;
    control.two_factor_begin(actor).await.unwrap();
    let setup = control.two_factor_view(actor).await.unwrap().setup.unwrap();
    assert!(setup.uri.contains(&setup.secret));
    let secret = Secret::try_from_base32(&setup.secret).unwrap();
    let totp = Builder::new().with_secret(secret).build().unwrap();
    let codes = control
        .two_factor_finish(actor, &code(world, &totp))
        .await
        .unwrap();
    (totp, codes)
}

async fn pending(world: &World, name: &str) -> Pending {
    match world.control.account_sign_in(name, GOOD, here()).await {
        Ok(SignIn::CodeNeeded(pending)) => pending,
        other => panic!("{other:?}"),
    }
}

fn is_wrong<T>(answer: Result<T, UserError>) -> bool {
    matches!(answer, Err(UserError::Invalid { field, .. }) if field == "code")
}

#[tokio::test]
async fn a_code_is_asked_for_once_it_was_set_up_and_taken_once() {
    let world = World::new().await;
    let control = &world.control;
    let actor = Actor::of(account(&world, "ada").await);
    control.two_factor_begin(&actor).await.unwrap();
    assert!(is_wrong(control.two_factor_finish(&actor, "000000").await));
    let not_yet = control.account_sign_in("ada", GOOD, here()).await.unwrap();
    assert!(matches!(not_yet, SignIn::Done(_)));
    let (totp, codes) = turned_on(&world, &actor).await;
    assert_eq!(codes.len(), 10);
    // The code that turned it on is used.
    let waiting = pending(&world, "ada").await;
    let used = code(&world, &totp);
    assert!(is_wrong(control.sign_in_finish(&waiting, &used).await));
    world.clock.advance(30_000);
    let fresh = code(&world, &totp);
    control.sign_in_finish(&waiting, &fresh).await.unwrap();
    assert!(is_wrong(control.sign_in_finish(&waiting, &fresh).await));
    assert!(is_wrong(control.sign_in_finish(&waiting, &used).await));
}

#[tokio::test]
async fn a_recovery_code_works_once() {
    let world = World::new().await;
    let control = &world.control;
    let actor = Actor::of(account(&world, "ada").await);
    let (_, codes) = turned_on(&world, &actor).await;
    let waiting = pending(&world, "ada").await;
    let typed = codes[3].replace('-', " ").to_uppercase();
    control.sign_in_finish(&waiting, &typed).await.unwrap();
    assert!(is_wrong(control.sign_in_finish(&waiting, &codes[3]).await));
    let view = control.two_factor_view(&actor).await.unwrap();
    assert_eq!(view.recovery_codes_left, 9);
    // New ones make the old void; nobody else's work.
    let new = control.recovery_codes_make(&actor).await.unwrap();
    assert!(is_wrong(control.sign_in_finish(&waiting, &codes[4]).await));
    let other = Actor::of(account(&world, "bob").await);
    turned_on(&world, &other).await;
    let bobs = pending(&world, "bob").await;
    assert!(is_wrong(control.sign_in_finish(&bobs, &new[0]).await));
    control.sign_in_finish(&waiting, &new[0]).await.unwrap();
}

#[tokio::test]
async fn guessing_codes_is_slowed_down_from_wherever_it_comes() {
    let world = World::new().await;
    let control = &world.control;
    let actor = Actor::of(account(&world, "ada").await);
    let (totp, _) = turned_on(&world, &actor).await;
    let waiting = pending(&world, "ada").await;
    for _ in 0..10 {
        assert!(is_wrong(control.sign_in_finish(&waiting, "000000").await));
    }
    world.clock.advance(30_000);
    let right = code(&world, &totp);
    let refused = control.sign_in_finish(&waiting, &right).await;
    assert!(matches!(refused, Err(UserError::TooMany { .. })));
}

#[tokio::test]
async fn a_sign_in_waits_five_minutes_for_its_code_and_for_its_password_only() {
    let world = World::new().await;
    let control = &world.control;
    let actor = Actor::of(account(&world, "ada").await);
    let (totp, _) = turned_on(&world, &actor).await;
    let waiting = pending(&world, "ada").await;
    world.clock.advance(5 * 60_000);
    let late = control.sign_in_finish(&waiting, &code(&world, &totp)).await;
    assert!(matches!(late, Err(UserError::SignedOut)));
    let waiting = pending(&world, "ada").await;
    let system = Actor::system();
    control
        .password_reset(&system, "ada", "another long phrase")
        .await
        .unwrap();
    world.clock.advance(30_000);
    let void = control.sign_in_finish(&waiting, &code(&world, &totp)).await;
    assert!(matches!(void, Err(UserError::SignedOut)));
}

#[tokio::test]
async fn an_administrator_helps_who_lost_everything() {
    let world = World::new().await;
    let control = &world.control;
    let ada = account(&world, "ada").await;
    turned_on(&world, &Actor::of(ada.clone())).await;
    control
        .two_factor_reset(&Actor::system(), ada.id)
        .await
        .unwrap();
    let done = control.account_sign_in("ada", GOOD, here()).await.unwrap();
    assert!(matches!(done, SignIn::Done(_)));
}

#[tokio::test]
async fn dangerous_acts_want_a_fresh_proof() {
    let world = World::new().await;
    let control = &world.control;
    let ada = world.actor_as("ada", Role::Administrator).await;
    let bob = account(&world, "bob").await;
    let old = Actor {
        session: Some(world.store.session(ada.account.id).await),
        confirmed_at: Some(control.now() - 10 * 60_000),
        ..ada.clone()
    };
    let id = control.cluster_create(&old, "lab", 2).await.unwrap().id;
    world.up(&ada, id).await;
    let nothing = QuotaChoice::default();
    let team = control.team_create(&ada, "crew", nothing).await.unwrap();
    let wanted = QuotaLimits {
        clusters: 9,
        segments: 3,
        memory_mib: 99_999,
        disk_gib: 999,
    };
    let bobs = Actor::of(bob.clone());
    let asked = control.quota_request_make(&bobs, None, wanted, "a course");
    asked.await.unwrap();
    let request = control.quota_request_list(&ada, 1).await.unwrap().rows[0].id;
    let (volume, image) = ("old-uploads".parse().unwrap(), "x".parse().unwrap());
    let asks = |answer: Result<(), UserError>| matches!(answer, Err(UserError::ConfirmFirst));
    for actor in [
        &old,
        &Actor {
            confirmed_at: None,
            ..old.clone()
        },
    ] {
        // What goes with clusters and on them.
        assert!(asks(control.cluster_delete(actor, id, "lab").await));
        let smaller = control.cluster_scale(actor, id, 1).await;
        assert!(asks(smaller.map(drop)));
        let seen = control.cluster_scale_seen(actor, id, 1, 1).await;
        assert!(asks(seen.map(drop)));
        let replaced = control.segment_replace(actor, id, 1, "lab").await;
        assert!(asks(replaced.map(drop)));
        let kind = ThingKind::Volume;
        assert!(asks(control.thing_remove(actor, id, kind, &volume).await));
        assert!(asks(control.stack_remove(actor, id, "shop").await));
        // Who opens them.
        assert!(asks(control.certificate_revoke(actor, id, "01").await));
        let rotated = control.certificate_revoke_all(actor, id, "lab").await;
        assert!(asks(rotated.map(drop)));
        let team_name = Some("crew");
        assert!(asks(control.cluster_hand_over(actor, id, team_name).await));
        // People.
        assert!(asks(control.role_set(actor, bob.id, Role::Viewer).await));
        assert!(asks(control.person_suspend(actor, bob.id).await));
        assert!(asks(control.person_delete(actor, bob.id, "bob").await));
        assert!(asks(control.two_factor_reset(actor, bob.id).await));
        assert!(asks(control.passkey_reset(actor, bob.id).await));
        assert!(asks(control.quota_set(actor, bob.id, nothing).await));
        let granted = control.quota_request_decide(actor, request, true, "").await;
        assert!(asks(granted));
        let link = control.reset_link_make(actor, bob.id).await;
        assert!(asks(link.map(drop)));
        let spec = InvitationSpec {
            note: String::new(),
            role: Role::Member,
            quota: nothing,
            days: 7,
        };
        let invited = control.invitation_make(actor, spec).await;
        assert!(asks(invited.map(drop)));
        assert!(asks(control.sign_up_set(actor, true).await));
        // Teams.
        assert!(asks(control.team_rename(actor, team, "club").await));
        assert!(asks(control.team_quota_set(actor, team, nothing).await));
        assert!(asks(control.team_delete(actor, team, "crew").await));
        let taken = control.team_person_set(actor, team, "bob", Role::Member);
        assert!(asks(taken.await));
        assert!(asks(control.team_person_remove(actor, team, bob.id).await));
        // One's own account.
        assert!(asks(control.two_factor_begin(actor).await));
        assert!(asks(control.two_factor_end(actor).await));
        let made = control.token_make(actor, "x", &[Scope::Read], 1).await;
        assert!(asks(made.map(drop)));
    }
    // What can be had again, or takes nothing away, asks for none.
    control.cluster_scale(&old, id, 3).await.unwrap();
    control.cluster_rebuild(&old, id).await.unwrap();
    let removed = control.thing_remove(&old, id, ThingKind::Image, &image);
    assert!(!asks(removed.await));
    let fresh = Actor {
        confirmed_at: Some(control.now() - 10 * 60_000 + 1),
        ..old
    };
    control.cluster_scale(&fresh, id, 1).await.unwrap();
    control.quota_set(&fresh, bob.id, nothing).await.unwrap();
    control.cluster_delete(&fresh, id, "lab").await.unwrap();
}

/// A request's body may come a minute after its head.
#[tokio::test]
async fn whoever_is_signed_out_meanwhile_takes_nothing_along() {
    let world = World::new().await;
    let control = &world.control;
    let ada = world.actor("ada").await;
    let id = control.cluster_create(&ada, "lab", 1).await.unwrap().id;
    world.up(&ada, id).await;
    let gone = Actor {
        session: Some(SessionId(Uuid::new_v4())),
        confirmed_at: Some(control.now()),
        ..ada.clone()
    };
    let is_out = |answer: Result<(), UserError>| matches!(answer, Err(UserError::SignedOut));
    let bundle = control.bundle_make(&gone, id, crate::BundleOrder::default());
    assert!(is_out(bundle.await.map(|_| ())));
    let link = control.bundle_link_make(&gone, id, None, "").await;
    assert!(is_out(link.map(|_| ())));
    assert!(is_out(control.cluster_delete(&gone, id, "lab").await));
    assert!(is_out(control.two_factor_begin(&gone).await));
    assert!(is_out(control.two_factor_end(&gone).await));
    assert!(is_out(control.recovery_codes_make(&gone).await.map(|_| ())));
    let made = control.token_make(&gone, "x", &[Scope::Read], 1).await;
    assert!(is_out(made.map(|_| ())));
    let here = Actor {
        session: Some(world.store.session(ada.account.id).await),
        ..gone
    };
    let bundle = control.bundle_make(&here, id, crate::BundleOrder::default());
    bundle.await.unwrap();
}

#[tokio::test]
async fn one_proves_with_the_password_or_with_a_code() {
    let world = World::new().await;
    let control = &world.control;
    let actor = Actor::of(account(&world, "ada").await);
    assert!(is_wrong(control.confirm(&actor, "wrong horse").await));
    assert_eq!(control.confirm(&actor, GOOD).await.unwrap(), control.now());
    let (totp, _) = turned_on(&world, &actor).await;
    assert!(is_wrong(control.confirm(&actor, GOOD).await));
    world.clock.advance(30_000);
    control.confirm(&actor, &code(&world, &totp)).await.unwrap();
}

#[tokio::test]
async fn a_token_acts_within_its_scopes_until_it_ends() {
    let world = World::new().await;
    let control = &world.control;
    let ada = Actor::of(account(&world, "ada").await);
    let id = control.cluster_create(&ada, "lab", 1).await.unwrap().id;
    control.settle().await;
    for (days, scopes) in [
        (0, vec![Scope::Read]),
        (366, vec![Scope::Read]),
        (1, vec![]),
    ] {
        let answer = control.token_make(&ada, "ci", &scopes, days).await;
        assert!(matches!(answer, Err(UserError::Invalid { .. })));
    }
    let read = control
        .token_make(&ada, "ci", &[Scope::Read], 1)
        .await
        .unwrap();
    let reader = control.actor_by_token(&read.0).await.unwrap();
    assert_eq!(reader.account, ada.account);
    control.cluster_get(&reader, id).await.unwrap();
    let refused =
        |answer: Result<(), UserError>| matches!(answer, Err(UserError::NotAllowed { .. }));
    assert!(refused(
        control.cluster_scale(&reader, id, 2).await.map(|_| ())
    ));
    assert!(refused(
        control
            .bundle_make(&reader, id, crate::BundleOrder::default())
            .await
            .map(|_| ())
    ));
    // No token does what has no scope: not even look at its owner's account.
    assert!(refused(control.session_list(&reader).await.map(|_| ())));
    assert!(refused(control.token_list(&reader).await.map(|_| ())));
    assert!(refused(
        control
            .token_make(&reader, "x", &[Scope::Deploy], 1)
            .await
            .map(|_| ())
    ));
    let listed = control.token_list(&ada).await.unwrap();
    assert_eq!(listed[0].last_used_at, Some(control.now()));
    let bob = Actor::of(account(&world, "bob").await);
    let foreign = control.token_revoke(&bob, listed[0].id).await;
    assert!(matches!(foreign, Err(UserError::NotFound { .. })));
    world.clock.advance(24 * 3_600_000);
    let late = control.actor_by_token(&read.0).await;
    assert!(matches!(late, Err(UserError::SignedOut)));
    let other = control
        .token_make(&ada, "cd", &[Scope::Access], 1)
        .await
        .unwrap();
    let user = control.actor_by_token(&other.0).await.unwrap();
    control
        .bundle_make(&user, id, crate::BundleOrder::default())
        .await
        .unwrap();
    assert!(refused(control.cluster_delete(&user, id, "lab").await));
    let listed = control.token_list(&ada).await.unwrap();
    control.token_revoke(&ada, listed[0].id).await.unwrap();
    assert!(control.actor_by_token(&other.0).await.is_err());
    for bad in ["", "carina_", "x", &read.0["carina_".len()..]] {
        assert!(control.actor_by_token(bad).await.is_err());
    }
}
