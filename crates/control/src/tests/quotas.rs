//! Quotas of one's own, and asking for more.

use futures::{FutureExt as _, StreamExt as _};
use model::{QuotaChoice, QuotaLimits, QuotaOwner, RequestState, Role, TeamId, UserError};
use store::testing::stores;

use super::world::World;
use crate::{Actor, AuditQuery, Changed, Control};

#[tokio::test]
async fn each_number_of_a_quota_is_kept() {
    let world = World::new().await;
    let control = &world.control;
    let (system, bob) = (Actor::system(), world.actor("bob").await);
    let set = async |choice| {
        control
            .quota_set(&system, bob.account.id, choice)
            .await
            .unwrap();
    };
    let nothing = QuotaChoice::default();
    set(QuotaChoice {
        segments: Some(2),
        ..nothing
    })
    .await;
    let many = control.cluster_create(&bob, "lab", 3).await;
    assert!(matches!(many, Err(UserError::Invalid { field, .. }) if field == "segments"));
    // Each segment takes 2048 MiB and 20 GiB.
    set(QuotaChoice {
        memory_mib: Some(4096),
        ..nothing
    })
    .await;
    let id = control.cluster_create(&bob, "lab", 2).await.unwrap().id;
    let grown = control.cluster_scale(&bob, id, 3).await;
    assert!(matches!(grown, Err(UserError::Conflict { why }) if why.contains("memory")));
    set(QuotaChoice {
        disk_gib: Some(59),
        ..nothing
    })
    .await;
    let grown = control.cluster_scale(&bob, id, 3).await;
    assert!(matches!(grown, Err(UserError::Conflict { why }) if why.contains("disk")));
    let view = control.quota(&bob, None).await.unwrap();
    assert_eq!((view.memory_used_mib, view.disk_used_gib), (4096, 40));
    assert_eq!((view.memory_max_mib, view.disk_max_gib), (9 * 2048, 59));
    // What is there stays, and may become less.
    set(QuotaChoice {
        clusters: Some(0),
        segments: Some(1),
        ..nothing
    })
    .await;
    control.cluster_scale(&bob, id, 1).await.unwrap();
    let more = control.cluster_create(&bob, "two", 1).await;
    assert!(matches!(more, Err(UserError::Conflict { .. })));
    let wrong = QuotaChoice {
        segments: Some(9),
        ..nothing
    };
    let wrong = control.quota_set(&system, bob.account.id, wrong).await;
    assert!(matches!(wrong, Err(UserError::Invalid { field, .. }) if field == "segments"));
}

#[tokio::test]
async fn a_segment_that_is_replaced_counts_meanwhile() {
    for store in stores().await {
        let engine = store.engine;
        let world = World::on(store).await;
        let control = &world.control;
        let (system, bob) = (Actor::system(), world.actor("bob").await);
        let web = QuotaChoice::default();
        let web = control.team_create(&system, "web", web).await.unwrap();
        control
            .team_person_set(&system, web, "bob", Role::Member)
            .await
            .unwrap();
        let most = |memory_mib, disk_gib| QuotaChoice {
            memory_mib: Some(memory_mib),
            disk_gib: Some(disk_gib),
            ..QuotaChoice::default()
        };
        let set = async |choice| {
            let id = bob.account.id;
            control.quota_set(&system, id, choice).await.unwrap();
        };
        set(most(2 * 2048, 100)).await;
        let id = control.cluster_create(&bob, "lab", 2).await.unwrap().id;
        world.up(&bob, id).await;
        control.segment_replace(&bob, id, 2, "lab").await.unwrap();
        let view = control.quota(&bob, None).await.unwrap();
        let used = (view.memory_used_mib, view.disk_used_gib);
        assert_eq!(used, (2 * 2048, 40), "{engine}");
        let more = control.cluster_create(&bob, "two", 1).await;
        assert!(
            matches!(&more, Err(UserError::Conflict { why }) if why.contains("memory")),
            "{engine}: {more:?}"
        );
        set(most(100_000, 50)).await;
        let grown = control.cluster_scale(&bob, id, 3).await;
        assert!(
            matches!(&grown, Err(UserError::Conflict { why }) if why.contains("disk")),
            "{engine}: {grown:?}"
        );
        let small = most(2048, 100);
        control.team_quota_set(&system, web, small).await.unwrap();
        let handed = control.cluster_hand_over(&bob, id, Some("web")).await;
        assert!(
            matches!(&handed, Err(UserError::Conflict { why }) if why.contains("memory")),
            "{engine}: {handed:?}"
        );
        // One that goes for good does not.
        world.up(&bob, id).await;
        control.cluster_scale(&bob, id, 1).await.unwrap();
        let view = control.quota(&bob, None).await.unwrap();
        assert_eq!(view.memory_used_mib, 2048, "{engine}");
    }
}

#[tokio::test]
async fn wishes_at_once_never_exceed_memory() {
    let world = World::new().await;
    let bob = world.actor("bob").await;
    let choice = QuotaChoice {
        clusters: Some(50),
        memory_mib: Some(5 * 2048),
        ..QuotaChoice::default()
    };
    let system = Actor::system();
    world
        .control
        .quota_set(&system, bob.account.id, choice)
        .await
        .unwrap();
    let wishes = (0..12).map(|n| {
        let (control, bob) = (world.control.clone(), bob.clone());
        async move { control.cluster_create(&bob, &format!("lab-{n}"), 1).await }
    });
    let made = futures::future::join_all(wishes).await;
    assert_eq!(made.iter().filter(|one| one.is_ok()).count(), 5);
}

#[tokio::test]
async fn a_request_is_decided_once_and_both_see_it() {
    let world = World::new().await;
    let control = &world.control;
    let ada = world.actor_as("ada", Role::Administrator).await;
    let bob = world.actor("bob").await;
    let wanted = QuotaLimits {
        clusters: 5,
        segments: 3,
        memory_mib: 30_720,
        disk_gib: 300,
    };
    let nothing = control.quota_request_make(&bob, None, wanted, "  ").await;
    assert!(matches!(nothing, Err(UserError::Invalid { field, .. }) if field == "reason"));
    control
        .quota_request_make(&bob, None, wanted, "a course")
        .await
        .unwrap();
    let twice = control
        .quota_request_make(&bob, None, wanted, "again")
        .await;
    assert!(matches!(twice, Err(UserError::Conflict { .. })));
    let open = control.quota_request_list(&ada, 1).await.unwrap().rows;
    assert_eq!((open.len(), open[0].reason.as_str()), (1, "a course"));
    assert_eq!(control.quota_request_count(&ada).await.unwrap(), 1);
    assert!(control.quota_request_count(&bob).await.is_err());
    let id = open[0].id;
    let eve = world.actor("eve").await;
    let foreign = control.quota_request_withdraw(&eve, id).await;
    assert!(matches!(foreign, Err(UserError::NotFound { .. })));
    let own = control.quota_request_decide(&bob, id, true, "").await;
    assert!(matches!(own, Err(UserError::NotAllowed { .. })));
    control
        .quota_request_decide(&ada, id, true, "Have fun.")
        .await
        .unwrap();
    let again = control.quota_request_decide(&ada, id, false, "").await;
    assert!(matches!(again, Err(UserError::Conflict { .. })));
    assert_eq!(control.quota(&bob, None).await.unwrap().clusters_max, 5);
    let his = control.quota_request_own(&bob).await.unwrap();
    assert_eq!(
        (
            his[0].state,
            his[0].answer.as_str(),
            his[0].decided_by.as_deref()
        ),
        (RequestState::Granted, "Have fun.", Some("ada"))
    );
    assert!(
        control
            .quota_request_list(&ada, 1)
            .await
            .unwrap()
            .rows
            .is_empty()
    );
    let viewer = world.actor_as("vic", Role::Viewer).await;
    let refused = control.quota_request_make(&viewer, None, wanted, "x").await;
    assert!(matches!(refused, Err(UserError::NotAllowed { .. })));
}

async fn team(control: &Control, people: &[(&str, Role)]) -> TeamId {
    let (system, nothing) = (Actor::system(), QuotaChoice::default());
    let id = control.team_create(&system, "crew", nothing).await.unwrap();
    for (name, role) in people {
        let set = control.team_person_set(&system, id, name, *role);
        set.await.unwrap();
    }
    id
}

#[tokio::test]
async fn a_team_asks_by_its_administrators_alone() {
    for store in stores().await {
        let engine = store.engine;
        let world = World::on(store).await;
        let control = &world.control;
        let root = world.actor_as("root", Role::Administrator).await;
        let (ada, bob) = (world.actor("ada").await, world.actor("bob").await);
        let vic = world.actor_as("vic", Role::Viewer).await;
        let eve = world.actor("eve").await;
        let people = [
            ("ada", Role::Administrator),
            ("bob", Role::Member),
            ("vic", Role::Administrator),
        ];
        let crew = team(control, &people).await;
        let wanted = QuotaLimits {
            clusters: 7,
            segments: 3,
            memory_mib: 50_000,
            disk_gib: 500,
        };
        let ask = async |actor: &Actor, team: &str| {
            let made = control.quota_request_make(actor, Some(team), wanted, "a course");
            made.await
        };
        for actor in [&bob, &vic] {
            let refused = ask(actor, "crew").await;
            assert!(
                matches!(refused, Err(UserError::NotAllowed { .. })),
                "{engine}: {refused:?}"
            );
            assert!(!control.team_get(actor, crew, 1).await.unwrap().may_ask);
        }
        // To be an administrator of the panel is to be nobody in the team.
        for actor in [&eve, &root] {
            let foreign = ask(actor, &crew.to_string()).await;
            assert!(matches!(foreign, Err(UserError::NotFound { .. })));
        }
        assert!(control.team_get(&ada, crew, 1).await.unwrap().may_ask);
        assert_eq!(ask(&ada, "crew").await.unwrap(), Some(crew));
        let again = ask(&ada, "crew").await;
        assert!(matches!(again, Err(UserError::Conflict { why }) if why.starts_with("The team")));
        // Beside what one asks for oneself; administrators see both in one list.
        let own = control.quota_request_make(&ada, None, wanted, "mine");
        assert_eq!(own.await.unwrap(), None);
        assert_eq!(control.quota_request_count(&root).await.unwrap(), 2);
        let open = control.quota_request_list(&root, 1).await.unwrap().rows;
        let of_team = QuotaOwner::Team {
            id: crew,
            name: "crew".parse().unwrap(),
        };
        assert_eq!(
            (open.len(), &open[0].owner, open[0].made_by.as_str()),
            (2, &of_team, "ada")
        );
        assert!(matches!(open[1].owner, QuotaOwner::Account { id, .. } if id == ada.account.id));
        let id = open[0].id;
        for (actor, is_there) in [(&bob, true), (&vic, true), (&eve, false), (&root, false)] {
            let back = control.quota_request_withdraw(actor, id).await;
            let is_right = match is_there {
                true => matches!(back, Err(UserError::NotAllowed { .. })),
                false => matches!(back, Err(UserError::NotFound { .. })),
            };
            assert!(is_right, "{back:?}");
        }
        let decided = control.quota_request_decide(&ada, id, true, "").await;
        assert!(matches!(decided, Err(UserError::NotAllowed { .. })));
        let decided = control.quota_request_decide(&root, id, true, "Gladly.");
        decided.await.unwrap();
        // Whoever is in the team reads the answer; the quota is the team's and nobody's own.
        let seen = control.team_get(&bob, crew, 1).await.unwrap();
        assert_eq!(seen.limits, wanted, "{engine}");
        let answer = (seen.requests[0].state, seen.requests[0].answer.as_str());
        assert_eq!(answer, (RequestState::Granted, "Gladly."));
        assert_eq!(control.quota(&ada, None).await.unwrap().clusters_max, 3);
        let own = control.quota_request_own(&ada).await.unwrap();
        assert_eq!((own.len(), own[0].state), (1, RequestState::Open));
        let about = AuditQuery {
            subject: "crew".to_owned(),
            ..AuditQuery::default()
        };
        let audit = control.audit_page(&bob, &about).await.unwrap().rows;
        for action in ["quota_request_make", "quota_request_grant"] {
            assert!(audit.iter().any(|row| row.action == action), "{action}");
        }
    }
}

#[tokio::test]
async fn what_a_team_asked_for_is_taken_back_and_goes_with_it() {
    for store in stores().await {
        let engine = store.engine;
        let world = World::on(store).await;
        let (control, system) = (&world.control, Actor::system());
        let (ada, bob) = (world.actor("ada").await, world.actor("bob").await);
        let people = [("ada", Role::Administrator), ("bob", Role::Administrator)];
        let crew = team(control, &people).await;
        let wanted = QuotaLimits {
            clusters: 7,
            segments: 3,
            memory_mib: 50_000,
            disk_gib: 500,
        };
        let ask = async |reason| {
            let made = control.quota_request_make(&ada, Some("crew"), wanted, reason);
            made.await.unwrap();
            control.quota_request_list(&system, 1).await.unwrap().rows[0].id
        };
        // By another of its administrators.
        let id = ask("one").await;
        let back = control.quota_request_withdraw(&bob, id).await;
        assert_eq!(back.unwrap(), Some(crew));
        assert_eq!(control.quota_request_count(&system).await.unwrap(), 0);
        ask("two").await;
        control.team_delete(&system, crew, "crew").await.unwrap();
        assert_eq!(
            control.quota_request_count(&system).await.unwrap(),
            0,
            "{engine}"
        );
    }
}

#[tokio::test]
async fn whoever_decides_hears_at_once_of_what_waits_and_nobody_else() {
    let world = World::new().await;
    let control = &world.control;
    let ada = world.actor_as("ada", Role::Administrator).await;
    let (bob, eve) = (world.actor("bob").await, world.actor("eve").await);
    let mut adas = control.changes(&ada, None);
    let mut bobs = control.changes(&bob, None);
    let mut eves = control.changes(&eve, None);
    let wanted = QuotaLimits {
        clusters: 5,
        segments: 3,
        memory_mib: 30_720,
        disk_gib: 300,
    };
    let ask = async || {
        let made = control.quota_request_make(&bob, None, wanted, "a course");
        made.await.unwrap();
        control.quota_request_list(&ada, 1).await.unwrap().rows[0].id
    };
    let id = ask().await;
    assert_eq!(adas.next().await, Some(Changed::Requests));
    control.quota_request_withdraw(&bob, id).await.unwrap();
    assert_eq!(adas.next().await, Some(Changed::Requests));
    let id = ask().await;
    let decided = control.quota_request_decide(&ada, id, false, "");
    decided.await.unwrap();
    for _ in 0..2 {
        assert_eq!(adas.next().await, Some(Changed::Requests));
    }
    // Who asked looks again at their own.
    for _ in 0..4 {
        assert_eq!(bobs.next().await, Some(Changed::Everything));
    }
    for others in [&mut adas, &mut bobs, &mut eves] {
        assert!(others.next().now_or_never().is_none());
    }
    // What somebody asked for goes with them.
    ask().await;
    let gone = control.person_delete(&ada, bob.account.id, "bob");
    gone.await.unwrap();
    for _ in 0..2 {
        assert_eq!(adas.next().await, Some(Changed::Requests));
    }
    assert_eq!(control.quota_request_count(&ada).await.unwrap(), 0);
}
