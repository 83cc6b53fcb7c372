//! What people may wish, and how they are refused.

use futures::StreamExt as _;
use futures::future::join_all;
use model::{ClusterId, OperationKind, Phase, StepState, UserError};
use store::testing::stores;
use uuid::Uuid;

use super::world::World;
use crate::{Changed, Clock as _};

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn fifty_creates_at_once_never_exceed_the_quota() {
    for store in stores().await {
        let engine = store.engine;
        let world = World::on(store).await;
        let actor = world.actor("ada").await;
        let creates = (0..50).map(|n| {
            let (control, actor) = (world.control.clone(), actor.clone());
            tokio::spawn(async move { control.cluster_create(&actor, &format!("c{n}"), 3).await })
        });
        let results = join_all(creates).await.into_iter().map(Result::unwrap);
        let (good, bad): (Vec<_>, Vec<_>) = results.partition(Result::is_ok);
        assert_eq!(good.len(), 3, "{engine}");
        let why = "You have 3 of 3 clusters. Delete one first.".to_owned();
        for refused in bad {
            assert_eq!(
                refused.unwrap_err(),
                UserError::Conflict { why: why.clone() }
            );
        }
        let mut tx = world.store.store.read().await.unwrap();
        let all = tx.cluster_all().await.unwrap();
        let unique = |mut values: Vec<String>| {
            let n = values.len();
            values.sort();
            values.dedup();
            values.len() == n
        };
        assert!(unique(all.iter().map(|wish| wish.subnet.clone()).collect()));
        assert!(unique(
            all.iter()
                .map(|wish| wish.front_door_port.to_string())
                .collect()
        ));
        assert!(unique(all.iter().map(|wish| wish.token.clone()).collect()));
        assert_eq!(tx.segment_id_bases().await.unwrap().len(), 9);
    }
}

#[tokio::test]
async fn one_name_twice_at_once_is_one_cluster() {
    for store in stores().await {
        let world = World::on(store).await;
        let actor = world.actor("ada").await;
        let both = (0..2).map(|_| world.control.cluster_create(&actor, "lab", 1));
        let results = join_all(both).await;
        assert_eq!(results.iter().filter(|result| result.is_ok()).count(), 1);
    }
}

#[tokio::test]
async fn bad_input_is_refused_at_its_field() {
    let world = World::new().await;
    let actor = world.actor("ada").await;
    let create = |name: &'static str, segments| {
        let (control, actor) = (world.control.clone(), actor.clone());
        async move {
            control
                .cluster_create(&actor, name, segments)
                .await
                .unwrap_err()
        }
    };
    for name in [
        "",
        "   ",
        "Web",
        "a_b",
        "naïve",
        "../etc",
        "-a",
        &"a".repeat(41),
    ] {
        let name: &'static str = name.to_owned().leak();
        assert!(
            matches!(create(name, 1).await, UserError::Invalid { field, .. } if field == "name")
        );
    }
    for segments in [0, 4, u32::MAX] {
        let why = "Choose 1 to 3 segments.";
        assert_eq!(
            create("lab", segments).await,
            UserError::invalid("segments", why)
        );
    }
    world
        .control
        .cluster_create(&actor, " lab ", 1)
        .await
        .unwrap();
    let why = "You have a cluster “lab” already. Choose another name.";
    assert_eq!(create("lab", 1).await, UserError::invalid("name", why));
    // Names are an account's own.
    let bob = world.actor("bob").await;
    world.control.cluster_create(&bob, "lab", 1).await.unwrap();
}

#[tokio::test]
async fn scaling_beyond_the_quota_says_what_is_free() {
    let world = World::new().await;
    let actor = world.actor("ada").await;
    let id = world
        .control
        .cluster_create(&actor, "lab", 2)
        .await
        .unwrap()
        .id;
    let refused = world
        .control
        .cluster_scale(&actor, id, 4)
        .await
        .unwrap_err();
    let why = "A cluster may have at most 3 segments. lab has 2, so 1 more is free.";
    assert_eq!(refused, UserError::invalid("segments", why));
    assert!(world.control.cluster_scale(&actor, id, 0).await.is_err());
    // The same again is no operation.
    let view = world.control.cluster_scale(&actor, id, 2).await.unwrap();
    assert_eq!(view.operations.len(), 1);
    // Whoever has an older state before them is told, unless both want the same.
    let (control, old) = (&world.control, view.generation);
    control.cluster_scale(&actor, id, 3).await.unwrap();
    let late = control.cluster_scale_seen(&actor, id, 1, old).await;
    let why = "Somebody has changed this cluster meanwhile: it has 3 segments now. Look at what \
               your choice means, and send it again.";
    let why = why.to_owned();
    assert_eq!(late.unwrap_err(), UserError::Conflict { why });
    let same = control
        .cluster_scale_seen(&actor, id, 3, old)
        .await
        .unwrap();
    assert_eq!(same.segments_wanted, 3);
    let now = same.generation;
    let fewer = control
        .cluster_scale_seen(&actor, id, 1, now)
        .await
        .unwrap();
    assert_eq!(fewer.segments_wanted, 1);
}

#[tokio::test]
async fn somebody_elses_cluster_does_not_exist() {
    let world = World::new().await;
    let (ada, bob) = (world.actor("ada").await, world.actor("bob").await);
    let control = &world.control;
    let id = control.cluster_create(&ada, "lab", 1).await.unwrap().id;
    let missing = ClusterId(Uuid::new_v4());
    for id in [id, missing] {
        let answers = [
            control.cluster_get(&bob, id).await.err(),
            control.cluster_scale(&bob, id, 2).await.err(),
            control.cluster_rebuild(&bob, id).await.err(),
            control.cluster_retry(&bob, id).await.err(),
            control.cluster_delete(&bob, id, "lab").await.err(),
            control.cluster_containers(&bob, id).await.err(),
            control.certificate_list(&bob, id).await.err(),
            control.certificate_revoke(&bob, id, "00").await.err(),
            control
                .bundle_make(&bob, id, crate::BundleOrder::default())
                .await
                .err(),
            control.bundle_link_make(&bob, id, None, "").await.err(),
        ];
        for answer in answers {
            assert_eq!(
                answer,
                Some(UserError::NotFound {
                    what: "cluster".into()
                })
            );
        }
    }
    assert!(control.cluster_list(&bob).await.unwrap().is_empty());
    assert_eq!(control.cluster_list(&ada).await.unwrap().len(), 1);
}

#[tokio::test]
async fn a_deletion_asks_for_the_name_and_frees_everything() {
    let world = World::new().await;
    let actor = world.actor("ada").await;
    let control = &world.control;
    let id = control.cluster_create(&actor, "lab", 1).await.unwrap().id;
    control.settle().await;
    let refused = control.cluster_delete(&actor, id, "lob").await.unwrap_err();
    assert_eq!(
        refused,
        UserError::invalid("confirm_name", "Type “lab” to delete it.")
    );
    control.cluster_delete(&actor, id, "lab").await.unwrap();
    let view = control.cluster_get(&actor, id).await.unwrap();
    assert_eq!((view.phase, view.endpoint), (Phase::Deleting, None));
    assert!(matches!(
        control.cluster_scale(&actor, id, 2).await,
        Err(UserError::Conflict { .. })
    ));
    // Asked twice, it is deleted once.
    control.cluster_delete(&actor, id, "lab").await.unwrap();
    assert_eq!(control.quota(&actor, None).await.unwrap().clusters_used, 0);
    control.settle().await;
    assert!(control.cluster_get(&actor, id).await.is_err());
    let again = control.cluster_create(&actor, "lab", 1).await.unwrap();
    assert_eq!(again.segments[0].address, "10.84.0.11");
}

#[tokio::test]
async fn a_page_sees_every_step_and_the_endpoint() {
    let world = World::new().await;
    let actor = world.actor("ada").await;
    let control = &world.control;
    let new = control.cluster_create(&actor, "lab", 2).await.unwrap();
    assert_eq!(new.phase, Phase::New);
    let keys: Vec<&str> = new.steps.iter().map(|step| step.key.as_str()).collect();
    let expected = [
        "placed", "made:1", "engine:1", "joined:1", "made:2", "engine:2", "joined:2", "endpoint",
    ];
    assert_eq!(keys, expected);
    let states: Vec<StepState> = new.steps.iter().map(|step| step.state).collect();
    use StepState::{Done, Running, Waiting};
    assert_eq!(
        states,
        [
            Done, Running, Waiting, Waiting, Running, Waiting, Waiting, Waiting
        ]
    );
    control.settle().await;
    let view = control.cluster_get(&actor, new.id).await.unwrap();
    assert_eq!(view.phase, Phase::Active);
    assert!(view.steps.iter().all(|step| step.state == Done));
    assert_eq!(view.endpoint.as_deref(), Some("tcp://192.0.2.7:12376"));
    assert_eq!(view.operations[0].kind, OperationKind::Create);
    assert_eq!(view.operations[0].summary, "Create with 2 segments");
    // Usage came with the page.
    assert!(
        view.segments
            .iter()
            .all(|segment| segment.memory_used_bytes.is_some())
    );
    assert_eq!(view.segments[0].containers_total, Some(0));
    let containers = control.cluster_containers(&actor, new.id).await.unwrap();
    let of_each = containers.iter().map(|one| one.found.as_deref().unwrap());
    let is_system = |one: &&model::ContainerView| one.is_system;
    let systems = of_each.map(|found| found.iter().filter(is_system).count());
    assert_eq!(systems.collect::<Vec<_>>(), [3, 3]);
}

#[tokio::test]
async fn whatever_was_asked_is_found_page_by_page() {
    for store in stores().await {
        let engine = store.engine;
        let world = World::on(store).await;
        let (control, ada) = (&world.control, world.actor("ada").await);
        let id = control.cluster_create(&ada, "lab", 1).await.unwrap().id;
        // All of one moment: which comes first is their ids' matter.
        for _ in 0..45 {
            control.cluster_rebuild(&ada, id).await.unwrap();
        }
        let mut seen = Vec::new();
        let mut before = None;
        let mut sizes = Vec::new();
        loop {
            let page = control.cluster_operations(&ada, id, before.as_deref());
            let page = page.await.unwrap();
            sizes.push(page.rows.len());
            seen.extend(page.rows.into_iter().map(|row| row.operation.id));
            before = page.next;
            if before.is_none() {
                break;
            }
        }
        assert_eq!(sizes, [20, 20, 6], "{engine}");
        seen.sort();
        seen.dedup();
        assert_eq!(seen.len(), 46, "{engine}: each once");
    }
}

#[tokio::test]
async fn listeners_hear_of_their_own_clusters_only() {
    let world = World::new().await;
    let (ada, bob) = (world.actor("ada").await, world.actor("bob").await);
    let mut adas = world.control.changes(&ada, None);
    let mut bobs = world.control.changes(&bob, None);
    let id = world
        .control
        .cluster_create(&ada, "lab", 1)
        .await
        .unwrap()
        .id;
    let other = world
        .control
        .cluster_create(&bob, "lab", 1)
        .await
        .unwrap()
        .id;
    assert_eq!(adas.next().await.unwrap(), Changed::Cluster(id));
    assert_eq!(bobs.next().await.unwrap(), Changed::Cluster(other));
}

/// Between a page and its stream of changes some time goes by.
#[tokio::test]
async fn whoever_comes_later_hears_of_what_was_missed() {
    let world = World::new().await;
    let control = &world.control;
    let (ada, bob) = (world.actor("ada").await, world.actor("bob").await);
    let before = world.clock.now_ms();
    world.clock.advance(1_000);
    let drawn = world.clock.now_ms();
    world.clock.advance(1_000);
    let id = control.cluster_create(&ada, "lab", 1).await.unwrap().id;
    let other = control.cluster_create(&bob, "lab", 1).await.unwrap().id;
    let mut adas = control.changes(&ada, Some(drawn));
    assert_eq!(adas.next().await.unwrap(), Changed::Cluster(id));
    let mut bobs = control.changes(&bob, Some(drawn));
    assert_eq!(bobs.next().await.unwrap(), Changed::Cluster(other));
    // Drawn after it: nothing is told twice, and what comes now is.
    world.clock.advance(1);
    let mut later = control.changes(&ada, Some(world.clock.now_ms()));
    control.cluster_scale(&ada, id, 2).await.unwrap();
    assert_eq!(later.next().await.unwrap(), Changed::Cluster(id));
    assert!(futures::FutureExt::now_or_never(later.next()).is_none());
    // Of what was before this program began, or is long past, nobody knows: everything, once.
    let mut restarted = control.changes(&ada, Some(before - 1));
    assert_eq!(restarted.next().await.unwrap(), Changed::Everything);
    assert!(futures::FutureExt::now_or_never(restarted.next()).is_none());
    for _ in 0..300 {
        control.cluster_retry(&bob, other).await.unwrap();
    }
    let mut late = control.changes(&ada, Some(drawn));
    assert_eq!(late.next().await.unwrap(), Changed::Everything);
}

/// The loop itself, with the machine's clock: create → active needs no polling, only kicks.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn the_loop_makes_a_cluster_and_takes_it_away() {
    let world = World::new().await;
    let parts = crate::Parts {
        clock: std::sync::Arc::new(crate::SystemClock),
        ..super::world::parts(&world.store, &world.sim, &world.clock)
    };
    let control = crate::Control::new(parts).await.unwrap();
    let actor = world.actor("ada").await;
    let shutdown = tokio_util::sync::CancellationToken::new();
    let running = {
        let (control, shutdown) = (control.clone(), shutdown.clone());
        tokio::spawn(async move { control.run(shutdown).await })
    };
    let mut changes = control.changes(&actor, None);
    let id = control.cluster_create(&actor, "lab", 3).await.unwrap().id;
    let bound = std::time::Duration::from_secs(10);
    let active = async {
        loop {
            changes.next().await.unwrap();
            if control.cluster_get(&actor, id).await.unwrap().phase == Phase::Active {
                break;
            }
        }
    };
    tokio::time::timeout(bound, active).await.unwrap();
    // A segment dies: its event is a kick.
    let node = host::NodeName {
        cluster: id,
        ordinal: 2,
    };
    world.sim.destroy_behind_our_back(&node);
    let mended = async {
        let mut was_broken = false;
        loop {
            changes.next().await.unwrap();
            let phase = control.cluster_get(&actor, id).await.unwrap().phase;
            was_broken |= phase != Phase::Active;
            if was_broken && phase == Phase::Active {
                break;
            }
        }
    };
    tokio::time::timeout(bound, mended).await.unwrap();
    control.cluster_delete(&actor, id, "lab").await.unwrap();
    let gone = async {
        while control.cluster_get(&actor, id).await.is_ok() {
            changes.next().await.unwrap();
        }
    };
    tokio::time::timeout(bound, gone).await.unwrap();
    shutdown.cancel();
    tokio::time::timeout(bound, running).await.unwrap().unwrap();
}
