//! Roles, suspension, invitations, the last administrator, the audit.

use model::{QuotaChoice, Role, UserError};

use super::accounts::{GOOD, here};
use super::world::World;
use crate::{Actor, AuditQuery, InvitationSpec};

fn spec(role: Role) -> InvitationSpec {
    InvitationSpec {
        note: "for Bob".into(),
        role,
        quota: QuotaChoice {
            clusters: Some(1),
            ..QuotaChoice::default()
        },
        days: 7,
    }
}

fn is_refused<T>(answer: Result<T, UserError>) -> bool {
    matches!(answer, Err(UserError::NotAllowed { .. }))
}

fn is_conflict<T>(answer: Result<T, UserError>) -> bool {
    matches!(answer, Err(UserError::Conflict { .. }))
}

#[tokio::test]
async fn a_viewer_looks_and_changes_nothing() {
    let world = World::new().await;
    let control = &world.control;
    let mut ada = world.actor("ada").await;
    let id = control.cluster_create(&ada, "lab", 1).await.unwrap().id;
    control.settle().await;
    ada.account.role = Role::Viewer;
    assert_eq!(control.cluster_list(&ada).await.unwrap().len(), 1);
    control.cluster_get(&ada, id).await.unwrap();
    assert!(is_refused(control.cluster_create(&ada, "two", 1).await));
    assert!(is_refused(control.cluster_scale(&ada, id, 2).await));
    assert!(is_refused(control.cluster_rebuild(&ada, id).await));
    assert!(is_refused(control.cluster_retry(&ada, id).await));
    assert!(is_refused(control.cluster_delete(&ada, id, "lab").await));
    assert!(is_refused(
        control
            .bundle_make(&ada, id, crate::BundleOrder::default())
            .await
    ));
    assert!(is_refused(
        control.bundle_link_make(&ada, id, None, "").await
    ));
    assert!(is_refused(control.certificate_revoke(&ada, id, "01").await));
    // Somebody else's does not exist for a viewer either.
    let eve = world.actor_as("eve", Role::Viewer).await;
    let answer = control.cluster_scale(&eve, id, 2).await;
    assert!(matches!(answer, Err(UserError::NotFound { .. })));
}

#[tokio::test]
async fn only_administrators_manage_people() {
    let world = World::new().await;
    let control = &world.control;
    for role in [Role::Member, Role::Viewer] {
        let actor = world.actor_as(role.as_str(), role).await;
        let id = actor.account.id;
        assert!(is_refused(control.person_list(&actor, "", 1).await));
        assert!(is_refused(control.person_get(&actor, id).await));
        assert!(is_refused(
            control.role_set(&actor, id, Role::Administrator).await
        ));
        assert!(is_refused(control.person_suspend(&actor, id).await));
        assert!(is_refused(control.person_unsuspend(&actor, id).await));
        assert!(is_refused(control.person_delete(&actor, id, "x").await));
        assert!(is_refused(
            control.quota_set(&actor, id, QuotaChoice::default()).await
        ));
        assert!(is_refused(
            control
                .invitation_make(&actor, spec(Role::Administrator))
                .await
        ));
        assert!(is_refused(control.invitation_list(&actor).await));
        assert!(is_refused(control.reset_link_make(&actor, id).await));
        assert!(is_refused(control.two_factor_reset(&actor, id).await));
        assert!(is_refused(control.sign_up_set(&actor, true).await));
        assert!(is_refused(control.quota_request_list(&actor, 1).await));
    }
}

#[tokio::test]
async fn there_is_always_an_administrator_who_can_sign_in() {
    let world = World::new().await;
    let control = &world.control;
    let ada = world.actor_as("ada", Role::Administrator).await;
    let id = ada.account.id;
    let system = Actor::system();
    assert!(is_conflict(control.role_set(&ada, id, Role::Member).await));
    for actor in [&ada, &system] {
        assert!(is_conflict(control.person_suspend(actor, id).await));
        assert!(is_conflict(control.person_delete(actor, id, "ada").await));
    }
    // One that is kept out is none.
    let bob = world.actor_as("bob", Role::Administrator).await;
    control.person_suspend(&ada, bob.account.id).await.unwrap();
    assert!(is_conflict(control.role_set(&ada, id, Role::Viewer).await));
    control
        .person_unsuspend(&ada, bob.account.id)
        .await
        .unwrap();
    control.role_set(&ada, id, Role::Viewer).await.unwrap();
    assert!(is_conflict(
        control.person_suspend(&system, bob.account.id).await
    ));
}

#[tokio::test]
async fn an_invitation_makes_one_account_of_its_role_and_quota() {
    let world = World::new().await;
    let control = &world.control;
    let ada = world.actor_as("ada", Role::Administrator).await;
    let link = control
        .invitation_make(&ada, spec(Role::Viewer))
        .await
        .unwrap();
    assert!(is_refused(
        control.invitation_accept("nonsense", "bob", GOOD).await
    ));
    // What is wrong in the form does not use it up.
    for (name, password) in [("ada", GOOD), ("B", GOOD), ("bob", "short")] {
        let answer = control.invitation_accept(&link.0, name, password).await;
        assert!(matches!(answer, Err(UserError::Invalid { .. })), "{name}");
    }
    let bob = control.invitation_accept(&link.0, "bob", GOOD).await;
    let bob = bob.unwrap().account;
    assert_eq!(bob.role, Role::Viewer);
    let person = control.person_get(&ada, bob.id).await.unwrap();
    assert_eq!(person.limits.clusters, 1);
    assert!(is_refused(
        control.invitation_accept(&link.0, "eve", GOOD).await
    ));
    // Too old, and taken back.
    let late = control
        .invitation_make(&ada, spec(Role::Member))
        .await
        .unwrap();
    let listed = control.invitation_list(&ada).await.unwrap();
    assert_eq!(listed.len(), 1);
    let back = control
        .invitation_make(&ada, spec(Role::Member))
        .await
        .unwrap();
    let newest = control.invitation_list(&ada).await.unwrap();
    let newest = newest.iter().find(|one| one.id != listed[0].id).unwrap();
    control.invitation_revoke(&ada, newest.id).await.unwrap();
    assert!(is_refused(
        control.invitation_accept(&back.0, "eve", GOOD).await
    ));
    world.clock.advance(7 * 24 * 3_600_000);
    assert!(is_refused(
        control.invitation_accept(&late.0, "eve", GOOD).await
    ));
    assert!(control.invitation_list(&ada).await.unwrap().is_empty());
}

#[tokio::test]
async fn sign_up_is_closed_until_somebody_opens_it() {
    let world = World::new().await;
    let control = &world.control;
    assert!(is_refused(control.sign_up("bob", GOOD, here()).await));
    let system = Actor::system();
    control.sign_up_set(&system, true).await.unwrap();
    let bob = control.sign_up("bob", GOOD, here()).await.unwrap().account;
    assert_eq!(bob.role, Role::Member);
    let mut last = Ok(());
    for n in 0..12 {
        let name = format!("person{n}");
        last = control.sign_up(&name, GOOD, here()).await.map(|_| ());
    }
    assert!(matches!(last, Err(UserError::TooMany { .. })));
    control.sign_up_set(&system, false).await.unwrap();
    assert!(is_refused(control.sign_up("eve", GOOD, here()).await));
}

#[tokio::test]
async fn a_suspended_person_gets_nothing_and_keeps_their_clusters() {
    let world = World::new().await;
    let control = &world.control;
    let system = Actor::system();
    let bob = control
        .account_create(&system, "bob", GOOD, Role::Member)
        .await
        .unwrap();
    let actor = Actor::of(bob.clone());
    let id = control.cluster_create(&actor, "lab", 1).await.unwrap().id;
    control.settle().await;
    let link = control
        .bundle_link_make(&actor, id, None, "")
        .await
        .unwrap();
    let order = crate::BundleOrder::default();
    control.bundle_make(&actor, id, order).await.unwrap();
    let token = control
        .token_make(&actor, "ci", &[model::Scope::Read], 7)
        .await
        .unwrap();
    control.actor_by_token(&token.0).await.unwrap();
    let reset = control.reset_link_make(&system, bob.id).await.unwrap();
    control.person_suspend(&system, bob.id).await.unwrap();
    assert!(control.account_by_id(bob.id).await.unwrap().is_none());
    assert!(is_refused(
        control.account_sign_in("bob", GOOD, here()).await
    ));
    let wrong = control.account_sign_in("bob", "wrong horse", here()).await;
    assert!(matches!(wrong, Err(UserError::Invalid { .. })), "not told");
    assert!(
        control
            .bundle_by_link(&link.0, crate::BundleForm::Zip)
            .await
            .is_err()
    );
    let certificates = control.certificate_list(&actor, id).await.unwrap();
    assert!(certificates.iter().all(|row| row.revoked_at.is_some()));
    let by_token = control.actor_by_token(&token.0).await;
    assert!(matches!(by_token, Err(UserError::SignedOut)));
    assert!(
        control
            .reset_finish(&reset.0, "another long phrase")
            .await
            .is_err()
    );
    assert_eq!(
        control.cluster_get(&actor, id).await.unwrap().phase,
        model::Phase::Active
    );
    assert!(is_conflict(
        control.person_delete(&system, bob.id, "bob").await
    ));
    control.person_unsuspend(&system, bob.id).await.unwrap();
    control.account_sign_in("bob", GOOD, here()).await.unwrap();
    control.actor_by_token(&token.0).await.unwrap();
}

#[tokio::test]
async fn who_may_only_look_from_now_on_loses_what_was_downloaded() {
    let world = World::new().await;
    let control = &world.control;
    let system = Actor::system();
    // There is always one.
    control
        .account_create(&system, "root", GOOD, Role::Administrator)
        .await
        .unwrap();
    let bob = world.actor("bob").await;
    let id = control.cluster_create(&bob, "lab", 1).await.unwrap().id;
    control.settle().await;
    control
        .bundle_make(&bob, id, crate::BundleOrder::default())
        .await
        .unwrap();
    let revoked = async || {
        let list = control.certificate_list(&bob, id).await.unwrap();
        list.iter().filter(|row| row.revoked_at.is_some()).count()
    };
    let account = bob.account.id;
    for (role, count) in [
        (Role::Administrator, 0),
        (Role::Member, 0),
        (Role::Viewer, 1),
    ] {
        control.role_set(&system, account, role).await.unwrap();
        assert_eq!(revoked().await, count, "{role}");
    }
}

#[tokio::test]
async fn an_account_is_deleted_once_it_owns_nothing() {
    let world = World::new().await;
    let control = &world.control;
    let system = Actor::system();
    let bob = world.actor("bob").await;
    let id = control.cluster_create(&bob, "lab", 1).await.unwrap().id;
    control.settle().await;
    let account = bob.account.id;
    assert!(is_conflict(
        control.person_delete(&system, account, "bob").await
    ));
    control.cluster_delete(&bob, id, "lab").await.unwrap();
    control.settle().await;
    world.actor_as("ada", Role::Administrator).await;
    let wrong = control.person_delete(&system, account, "bo").await;
    assert!(matches!(wrong, Err(UserError::Invalid { field, .. }) if field == "confirm_name"));
    control
        .person_delete(&system, account, "bob")
        .await
        .unwrap();
    let gone = control.person_get(&system, account).await;
    assert!(matches!(gone, Err(UserError::NotFound { .. })));
}

#[tokio::test]
async fn a_reset_link_sets_one_password_once() {
    let world = World::new().await;
    let control = &world.control;
    let system = Actor::system();
    let bob = control
        .account_create(&system, "bob", GOOD, Role::Member)
        .await
        .unwrap();
    let void = control.reset_link_make(&system, bob.id).await.unwrap();
    let link = control.reset_link_make(&system, bob.id).await.unwrap();
    let new = "another long phrase";
    assert!(is_refused(control.reset_finish(&void.0, new).await));
    let weak = control.reset_finish(&link.0, "short").await;
    assert!(matches!(weak, Err(UserError::Invalid { .. })));
    // The old one holds until then.
    control.account_sign_in("bob", GOOD, here()).await.unwrap();
    control.reset_finish(&link.0, new).await.unwrap();
    assert!(is_refused(control.reset_finish(&link.0, new).await));
    assert!(control.account_sign_in("bob", GOOD, here()).await.is_err());
    control.account_sign_in("bob", new, here()).await.unwrap();
    let late = control.reset_link_make(&system, bob.id).await.unwrap();
    world.clock.advance(24 * 3_600_000);
    assert!(is_refused(control.reset_finish(&late.0, GOOD).await));
}

#[tokio::test]
async fn the_audit_is_searched_paged_and_one_s_own() {
    let world = World::new().await;
    let control = &world.control;
    let ada = world.actor_as("ada", Role::Administrator).await;
    let bob = world.actor("bob").await;
    let id = control.cluster_create(&bob, "lab", 1).await.unwrap().id;
    for _ in 0..60 {
        world.clock.advance(1_000);
        control.cluster_retry(&bob, id).await.unwrap();
    }
    control
        .role_set(&ada, bob.account.id, Role::Viewer)
        .await
        .unwrap();
    let everything = AuditQuery::default();
    let first = control.audit_page(&ada, &everything).await.unwrap();
    assert_eq!(
        (first.rows.len(), first.rows[0].action.as_str()),
        (50, "role_set")
    );
    let rest = AuditQuery {
        before: first.next.clone(),
        ..AuditQuery::default()
    };
    let second = control.audit_page(&ada, &rest).await.unwrap();
    assert_eq!((second.rows.len(), second.next), (12, None));
    let mut ids: Vec<_> = first
        .rows
        .iter()
        .chain(&second.rows)
        .map(|r| &r.id)
        .collect();
    ids.sort_unstable();
    ids.dedup();
    assert_eq!(ids.len(), 62, "no row twice, none left out");
    let narrow = AuditQuery {
        person: "bob".into(),
        action: "cluster_create".into(),
        subject: "lab".into(),
        ..AuditQuery::default()
    };
    assert_eq!(
        control.audit_page(&ada, &narrow).await.unwrap().rows.len(),
        1
    );
    let before = AuditQuery::default().between("", "1999-01-01");
    assert!(
        control
            .audit_page(&ada, &before)
            .await
            .unwrap()
            .rows
            .is_empty()
    );
    // Bob sees what he did and what was done to him; Eve sees nothing of it.
    let his = control.audit_export(&bob, &everything).await.unwrap().rows;
    assert_eq!(his.len(), 62);
    assert_eq!(his[0].by, "ada");
    let eve = world.actor("eve").await;
    assert!(
        control
            .audit_export(&eve, &everything)
            .await
            .unwrap()
            .rows
            .is_empty()
    );
}
