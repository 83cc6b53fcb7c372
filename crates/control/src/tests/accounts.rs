//! Set-up, sign-in, passwords, roles.

use std::net::IpAddr;

use model::{Role, UserError};

use super::world::World;
use crate::{Actor, SignIn};

pub const GOOD: &str = "correct horse battery";

pub fn here() -> IpAddr {
    "192.0.2.9".parse().unwrap()
}

#[tokio::test]
async fn a_set_up_link_makes_one_administrator_once() {
    let world = World::new().await;
    let control = &world.control;
    assert!(control.setup_needed().await.unwrap());
    let old = control.setup_link_make().await.unwrap();
    let link = control.setup_link_make().await.unwrap();
    for bad in ["", "x", &old.0] {
        let refused = control.setup_finish(bad, "ada", GOOD).await.unwrap_err();
        assert!(matches!(refused, UserError::NotAllowed { .. }), "{bad}");
    }
    // What is wrong in the form does not use the link up.
    for (name, password, field) in [
        ("A", GOOD, "name"),
        ("system", GOOD, "name"),
        ("ada", "short", "password"),
    ] {
        let refused = control
            .setup_finish(&link.0, name, password)
            .await
            .unwrap_err();
        assert!(matches!(refused, UserError::Invalid { field: f, .. } if f == field));
    }
    let ada = control.setup_finish(&link.0, "ada", GOOD).await.unwrap();
    assert_eq!(ada.account.role, Role::Administrator);
    assert!(!control.setup_needed().await.unwrap());
    let again = control
        .setup_finish(&link.0, "eve", GOOD)
        .await
        .unwrap_err();
    assert!(matches!(again, UserError::Conflict { .. }));
    assert!(control.setup_link_make().await.is_err());
}

#[tokio::test]
async fn a_set_up_link_expires() {
    let world = World::new().await;
    let link = world.control.setup_link_make().await.unwrap();
    world.clock.advance(24 * 3600 * 1000);
    assert!(
        world
            .control
            .setup_finish(&link.0, "ada", GOOD)
            .await
            .is_err()
    );
}

#[tokio::test]
async fn a_wrong_password_and_an_unknown_name_get_the_same_answer() {
    let world = World::new().await;
    let control = &world.control;
    control
        .account_create(&Actor::system(), "ada", GOOD, Role::Member)
        .await
        .unwrap();
    let done = control.account_sign_in("ada", GOOD, here()).await.unwrap();
    assert!(matches!(done, SignIn::Done(done) if done.account.role == Role::Member));
    let wrong = control
        .account_sign_in("ada", "wrong horse", here())
        .await
        .unwrap_err();
    let unknown = control
        .account_sign_in("eve", "wrong horse", here())
        .await
        .unwrap_err();
    let nonsense = control
        .account_sign_in("É’;--", "wrong horse", here())
        .await
        .unwrap_err();
    assert_eq!(wrong, unknown);
    assert_eq!(wrong, nonsense);
}

#[tokio::test]
async fn guessing_is_slowed_down_for_the_guesser() {
    let world = World::new().await;
    let control = &world.control;
    control
        .account_create(&Actor::system(), "ada", GOOD, Role::Member)
        .await
        .unwrap();
    for _ in 0..10 {
        let refused = control
            .account_sign_in("ada", "wrong horse", here())
            .await
            .unwrap_err();
        assert!(matches!(refused, UserError::Invalid { .. }));
    }
    // Even the right one is not looked at any more.
    let refused = control
        .account_sign_in("ada", GOOD, here())
        .await
        .unwrap_err();
    assert!(matches!(refused, UserError::TooMany { retry_after_s } if retry_after_s <= 301));
    let elsewhere = "198.51.100.1".parse().unwrap();
    control
        .account_sign_in("ada", GOOD, elsewhere)
        .await
        .unwrap();
    world.clock.advance(5 * 60_000);
    control.account_sign_in("ada", GOOD, here()).await.unwrap();
}

#[tokio::test]
async fn a_password_is_changed_by_who_knows_it() {
    let world = World::new().await;
    let control = &world.control;
    let account = control
        .account_create(&Actor::system(), "ada", GOOD, Role::Member)
        .await;
    let actor = Actor::of(account.unwrap());
    let new = "another long phrase";
    let refused = control
        .password_change(&actor, "wrong horse", new, false)
        .await
        .unwrap_err();
    assert!(matches!(refused, UserError::Invalid { field, .. } if field == "current"));
    for bad in ["short", GOOD, "password123"] {
        let refused = control
            .password_change(&actor, GOOD, bad, false)
            .await
            .unwrap_err();
        assert!(
            matches!(refused, UserError::Invalid { field, .. } if field == "new"),
            "{bad}"
        );
    }
    control
        .password_change(&actor, GOOD, new, false)
        .await
        .unwrap();
    assert!(control.account_sign_in("ada", GOOD, here()).await.is_err());
    assert!(control.account_sign_in("ada", new, here()).await.is_ok());
    control
        .password_reset(&Actor::system(), "ada", GOOD)
        .await
        .unwrap();
    assert!(control.account_sign_in("ada", GOOD, here()).await.is_ok());
}

#[tokio::test]
async fn a_password_that_somebody_else_sets_ends_the_tokens() {
    for store in store::testing::stores().await {
        let world = World::on(store).await;
        let control = &world.control;
        let system = Actor::system();
        let make = async |name: &str| {
            let made = control
                .account_create(&system, name, GOOD, Role::Member)
                .await;
            let actor = Actor::of(made.unwrap());
            let scopes = [model::Scope::Read];
            let token = control.token_make(&actor, "ci", &scopes, 1).await.unwrap();
            (actor, token.0)
        };
        let ((_, ada), (bob, bobs), (_, eves)) =
            (make("ada").await, make("bob").await, make("eve").await);
        control
            .password_reset(&system, "ada", "another long phrase")
            .await
            .unwrap();
        assert!(control.actor_by_token(&ada).await.is_err());
        let link = control
            .reset_link_make(&system, bob.account.id)
            .await
            .unwrap();
        assert!(
            control.actor_by_token(&bobs).await.is_ok(),
            "until it is used"
        );
        control
            .reset_finish(&link.0, "another long phrase")
            .await
            .unwrap();
        assert!(control.actor_by_token(&bobs).await.is_err());
        assert!(control.actor_by_token(&eves).await.is_ok(), "nobody else's");
        let mut tx = world.store.store.read().await.unwrap();
        let audit = tx.audit_list().await.unwrap();
        let told = |action: &str| {
            let row = audit.iter().find(|row| row.action == action);
            row.map(|row| row.detail.clone()).unwrap_or_default()
        };
        assert_eq!(told("password_reset"), "1 token revoked");
        assert_eq!(told("reset_finish"), "1 token revoked");
    }
}

#[tokio::test]
async fn members_manage_no_accounts() {
    let world = World::new().await;
    let control = &world.control;
    let member = world.actor("bob").await;
    let refused = control
        .account_create(&member, "eve", GOOD, Role::Administrator)
        .await;
    assert!(matches!(refused, Err(UserError::NotAllowed { .. })));
    assert!(control.account_list(&member).await.is_err());
    assert!(control.password_reset(&member, "bob", GOOD).await.is_err());
    let system = Actor::system();
    control
        .account_create(&system, "eve", GOOD, Role::Member)
        .await
        .unwrap();
    let twice = control
        .account_create(&system, "eve", GOOD, Role::Member)
        .await
        .unwrap_err();
    assert!(matches!(twice, UserError::Invalid { field, .. } if field == "name"));
    assert_eq!(control.account_list(&system).await.unwrap().len(), 2);
}

#[tokio::test]
async fn changes_leave_a_row_in_the_audit() {
    let world = World::new().await;
    let actor = world.actor("ada").await;
    let control = &world.control;
    let id = control.cluster_create(&actor, "lab", 1).await.unwrap().id;
    control.cluster_scale(&actor, id, 2).await.unwrap();
    control
        .bundle_make(&actor, id, crate::BundleOrder::default())
        .await
        .unwrap();
    control.cluster_delete(&actor, id, "lab").await.unwrap();
    let mut tx = world.store.store.read().await.unwrap();
    let rows = tx.audit_list().await.unwrap();
    let mut actions: Vec<&str> = rows.iter().map(|row| row.action.as_str()).collect();
    actions.sort_unstable();
    assert_eq!(
        actions,
        [
            "bundle_make",
            "cluster_create",
            "cluster_delete",
            "cluster_scale"
        ]
    );
    assert!(
        rows.iter()
            .all(|row| row.actor_name == "ada" && row.subject == "lab")
    );
}
