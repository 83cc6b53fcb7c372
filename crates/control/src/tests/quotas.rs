//! Quotas of one's own, and asking for more.

use model::{QuotaChoice, QuotaLimits, RequestState, Role, UserError};
use store::testing::stores;

use super::world::World;
use crate::Actor;

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
    let nothing = control.quota_request_make(&bob, wanted, "  ").await;
    assert!(matches!(nothing, Err(UserError::Invalid { field, .. }) if field == "reason"));
    control
        .quota_request_make(&bob, wanted, "a course")
        .await
        .unwrap();
    let twice = control.quota_request_make(&bob, wanted, "again").await;
    assert!(matches!(twice, Err(UserError::Conflict { .. })));
    let open = control.quota_request_list(&ada).await.unwrap();
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
    assert!(control.quota_request_list(&ada).await.unwrap().is_empty());
    let viewer = world.actor_as("vic", Role::Viewer).await;
    let refused = control.quota_request_make(&viewer, wanted, "x").await;
    assert!(matches!(refused, Err(UserError::NotAllowed { .. })));
}
