//! How large the disks of segments are: chosen, counted, made larger, never smaller.

use futures::future::join_all;
use host::Host;
use host::sim::Verb;
use model::{ClusterId, OperationState, Phase, QuotaChoice, Role, StepState, UserError};
use store::testing::stores;

use super::world::World;
use crate::{Actor, AuditQuery, ClusterOrder};

fn with_disks(name: &str, segments: u32, gib: u64) -> ClusterOrder<'_> {
    ClusterOrder {
        disk_gib: Some(gib),
        ..ClusterOrder::new(name, segments)
    }
}

async fn quota(world: &World, actor: &Actor, clusters: u32, disk_gib: u64) {
    let choice = QuotaChoice {
        clusters: Some(clusters),
        memory_mib: Some(1 << 20),
        disk_gib: Some(disk_gib),
        ..QuotaChoice::default()
    };
    let (control, id) = (&world.control, actor.account.id);
    control
        .quota_set(&Actor::system(), id, choice)
        .await
        .unwrap();
}

/// In GiB, by ordinal.
async fn sizes(world: &World, id: ClusterId) -> Vec<u64> {
    let there = Host::observe(&world.sim, id).await.unwrap();
    let disks = there.segments.values().map(|segment| segment.disk_bytes);
    disks.map(|bytes| bytes.unwrap_or(0) >> 30).collect()
}

fn why(answer: Result<model::ClusterView, UserError>, expect: &str) -> String {
    match answer {
        Err(UserError::Invalid { field, why }) if field == "disk_gib" => {
            assert!(why.contains(expect), "{why}");
            why
        }
        other => panic!("{other:?}"),
    }
}

#[tokio::test]
async fn a_cluster_is_made_with_the_disks_that_were_ordered() {
    for store in stores().await {
        let engine = store.engine;
        let world = World::on(store).await;
        let control = &world.control;
        let ada = world.actor("ada").await;
        let made = control.cluster_order(&ada, with_disks("lab", 1, 50)).await;
        let id = made.unwrap().id;
        world.up(&ada, id).await;
        let grown = control.cluster_scale(&ada, id, 2).await.unwrap();
        assert_eq!(grown.disk_gib, 50, "{engine}");
        world.up(&ada, id).await;
        assert_eq!(sizes(&world, id).await, [50, 50], "{engine}");
        control.segment_replace(&ada, id, 2, "lab").await.unwrap();
        world.up(&ada, id).await;
        assert_eq!(sizes(&world, id).await, [50, 50], "{engine}: a new one too");
        let usual = control.cluster_create(&ada, "usual", 1).await.unwrap();
        assert_eq!(usual.disk_gib, 20);
        let view = control.quota(&ada, None).await.unwrap();
        assert_eq!(view.disk_used_gib, 120, "{engine}");
        for (gib, expect) in [(1, "at least 2 GiB"), (100_000, "at most 8192 GiB")] {
            let made = control.cluster_order(&ada, with_disks("no", 1, gib)).await;
            why(made, expect);
        }
        // 9 segments of 20 GiB are what the quota has: 60 are left.
        let made = control.cluster_order(&ada, with_disks("no", 2, 31)).await;
        assert!(
            matches!(&made, Err(UserError::Conflict { why }) if why.contains("62 GiB of disk. 120")),
            "{engine}: {made:?}"
        );
        let made = control.cluster_order(&ada, with_disks("yes", 2, 30)).await;
        assert!(made.is_ok(), "{engine}: {made:?}");
    }
}

#[tokio::test]
async fn disks_grow_one_after_another_and_it_is_told() {
    for store in stores().await {
        let engine = store.engine;
        let world = World::on(store).await;
        let control = &world.control;
        let ada = world.actor("ada").await;
        let id = control.cluster_create(&ada, "lab", 3).await.unwrap().id;
        world.up(&ada, id).await;
        world.clock.advance(10_000);
        let before = world.sim.log().len();
        let asked = control.cluster_disk_grow(&ada, id, 30).await.unwrap();
        assert_eq!((asked.phase, asked.disk_gib), (Phase::Growing, 30));
        let view = control.cluster_settings(&ada, id).await.unwrap().disks;
        let (first, gib) = (view.segments[0], 1 << 30);
        assert_eq!(first.has_bytes, Some(20 * gib), "{engine}: not yet");
        assert_eq!(first.wanted_bytes, 30 * gib);
        world.up(&ada, id).await;
        assert_eq!(sizes(&world, id).await, [30, 30, 30], "{engine}");
        let log = world.sim.log().split_off(before);
        let steps = log.into_iter().filter(|verb| {
            let changes = [
                Verb::SegmentEnsureStopped,
                Verb::DiskEnsureGrown,
                Verb::SegmentEnsureRunning,
            ];
            changes.contains(verb)
        });
        let each = [
            Verb::SegmentEnsureStopped,
            Verb::DiskEnsureGrown,
            Verb::SegmentEnsureRunning,
        ];
        assert_eq!(steps.collect::<Vec<_>>(), each.repeat(3), "{engine}");
        let after = control.cluster_get(&ada, id).await.unwrap();
        let newest = &after.operations[0];
        assert_eq!(newest.summary, "Grow the disks to 30 GiB");
        assert_eq!(newest.state, OperationState::Done);
        assert!(after.steps.iter().all(|step| step.state == StepState::Done));
        let view = control.cluster_settings(&ada, id).await.unwrap().disks;
        assert!(
            view.segments
                .iter()
                .all(|one| one.has_bytes == Some(30 * gib))
        );
        let rows = control.audit_export(&ada, &AuditQuery::default()).await;
        let rows = rows.unwrap().rows;
        let found = rows.iter().find(|row| row.action == "cluster_disk_grow");
        assert_eq!(found.unwrap().detail, "Grow the disks to 30 GiB");
        assert_eq!(world.sim.violations(), Vec::<String>::new());
    }
}

#[tokio::test]
async fn what_cannot_be_is_refused_in_words_and_changes_nothing() {
    let world = World::new().await;
    let control = &world.control;
    let ada = world.actor("ada").await;
    quota(&world, &ada, 3, 100).await;
    let id = control.cluster_create(&ada, "lab", 2).await.unwrap().id;
    world.up(&ada, id).await;
    let before = control.cluster_get(&ada, id).await.unwrap();
    let smaller = control.cluster_disk_grow(&ada, id, 19).await;
    let words = why(smaller, "cannot become smaller, and has 20 GiB now");
    assert!(words.contains("make a new cluster"), "{words}");
    let beyond = control.cluster_disk_grow(&ada, id, 51).await;
    let words = why(beyond, "62 GiB more than they have");
    assert!(words.contains("60 GiB of the quota are free"), "{words}");
    assert!(words.contains("at most 50 GiB"), "{words}");
    why(control.cluster_disk_grow(&ada, id, 0).await, "at least");
    let eve = world.actor("eve").await;
    let foreign = control.cluster_disk_grow(&eve, id, 30).await;
    assert!(matches!(foreign, Err(UserError::NotFound { .. })));
    let same = control.cluster_disk_grow(&ada, id, 20).await.unwrap();
    assert_eq!(same.operations, before.operations, "nothing was asked for");
    let mut looking = ada.clone();
    looking.account.role = Role::Viewer;
    let refused = control.cluster_disk_grow(&looking, id, 30).await;
    assert!(matches!(refused, Err(UserError::NotAllowed { .. })));
    control.cluster_disk_grow(&ada, id, 50).await.unwrap();
    let view = control.quota(&ada, None).await.unwrap();
    assert_eq!(
        (view.disk_used_gib, view.disk_max_gib),
        (100, 100),
        "at once"
    );
    let settings = control.cluster_settings(&ada, id).await.unwrap().disks;
    assert_eq!(
        (settings.gib, settings.gib_most, settings.quota_free_gib),
        (50, 50, 0)
    );
    // A host that has not the least of it.
    quota(&world, &ada, 3, 1 << 20).await;
    control.cluster_scale(&ada, id, 3).await.unwrap();
    let huge = control.cluster_disk_grow(&ada, id, 8192).await;
    assert!(
        matches!(&huge, Err(UserError::Conflict { why }) if why.contains("no room for disks")),
        "{huge:?}"
    );
}

#[tokio::test]
async fn one_that_was_going_when_the_disks_grew_grows_with_them() {
    let world = World::new().await;
    let control = &world.control;
    let ada = world.actor("ada").await;
    let id = control.cluster_create(&ada, "lab", 3).await.unwrap().id;
    world.up(&ada, id).await;
    world.clock.advance(10_000);
    control.cluster_scale(&ada, id, 2).await.unwrap();
    control.cluster_disk_grow(&ada, id, 30).await.unwrap();
    control.cluster_scale(&ada, id, 3).await.unwrap();
    let view = control.quota(&ada, None).await.unwrap();
    assert_eq!(view.disk_used_gib, 90);
    world.up(&ada, id).await;
    assert_eq!(sizes(&world, id).await, [30, 30, 30]);
}

#[tokio::test]
async fn wishes_at_once_never_exceed_the_disk() {
    for store in stores().await {
        let engine = store.engine;
        let world = World::on(store).await;
        let ada = world.actor("ada").await;
        quota(&world, &ada, 100, 200).await;
        let mut there = Vec::new();
        for n in 0..4 {
            let name = format!("lab-{n}");
            let made = world.control.cluster_create(&ada, &name, 1).await;
            there.push(made.unwrap().id);
        }
        let wishes = (0..50_u64).map(|n| {
            let (control, ada) = (world.control.clone(), ada.clone());
            let id = there[usize::try_from(n).unwrap() % there.len()];
            async move {
                match n % 2 {
                    0 => control.cluster_disk_grow(&ada, id, 25 + n).await,
                    _ => {
                        let name = format!("new-{n}");
                        let order = with_disks(&name, 1, 2 + n);
                        control.cluster_order(&ada, order).await
                    }
                }
            }
        });
        let made = join_all(wishes).await;
        assert!(made.iter().any(Result::is_ok) && made.iter().any(Result::is_err));
        let view = world.control.quota(&ada, None).await.unwrap();
        assert!(
            (150..=200).contains(&view.disk_used_gib),
            "{engine}: {view:?}"
        );
    }
}
