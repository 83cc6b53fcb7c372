//! A new name, growing by itself, and one segment made anew.

use host::NodeName;
use model::{ClusterId, ContainerView, OperationState, Phase, StepState, UserError};
use store::testing::stores;

use super::world::World;
use crate::Actor;

async fn with_cluster(
    store: store::testing::TestStore,
    segments: u32,
) -> (World, Actor, ClusterId) {
    let world = World::on(store).await;
    let actor = world.actor("ada").await;
    let made = world.control.cluster_create(&actor, "lab", segments).await;
    let id = made.unwrap().id;
    world.up(&actor, id).await;
    (world, actor, id)
}

fn container(node: &NodeName, id: &str) -> ContainerView {
    ContainerView {
        node: node.to_string(),
        id: id.to_owned(),
        name: id.to_owned(),
        image: "busybox".into(),
        state: "running".into(),
        status: "Up".into(),
        ports: Vec::new(),
        is_system: false,
        created_at: 0,
    }
}

#[tokio::test]
async fn a_name_changes_and_nothing_else() {
    for store in stores().await {
        let engine = store.engine;
        let (world, actor, id) = with_cluster(store, 1).await;
        let control = &world.control;
        control.cluster_create(&actor, "other", 1).await.unwrap();
        let before = control.cluster_get(&actor, id).await.unwrap();
        control.cluster_rename(&actor, id, "web").await.unwrap();
        let after = control.cluster_get(&actor, id).await.unwrap();
        assert_eq!(after.name.as_str(), "web", "{engine}");
        assert_eq!(
            (after.endpoint, after.phase),
            (before.endpoint, Phase::Active)
        );
        for (name, is_refused) in [("other", true), ("Not A Name", true), ("web", false)] {
            let renamed = control.cluster_rename(&actor, id, name).await;
            assert_eq!(renamed.is_err(), is_refused, "{engine} {name}");
        }
        let eve = world.actor("eve").await;
        let refused = control.cluster_rename(&eve, id, "eves").await.unwrap_err();
        assert_eq!(refused.status(), 404);
    }
}

#[tokio::test]
async fn one_segment_is_made_anew_and_the_others_stay() {
    for store in stores().await {
        let engine = store.engine;
        for ordinal in [1, 2] {
            let (world, actor, id) = with_cluster(store::testing::sqlite().await, 2).await;
            let control = &world.control;
            for n in [1, 2] {
                let node = NodeName {
                    cluster: id,
                    ordinal: n,
                };
                world
                    .sim
                    .container_put(&node, container(&node, &format!("c{n}")));
            }
            let wrong = control.segment_replace(&actor, id, ordinal, "la").await;
            assert_eq!(wrong.unwrap_err().status(), 422);
            let replaced = control.segment_replace(&actor, id, ordinal, "lab").await;
            assert_eq!(replaced.unwrap().phase, Phase::Shrinking, "{engine}");
            let twice = control
                .segment_replace(&actor, id, 3 - ordinal, "lab")
                .await;
            assert!(
                matches!(twice, Err(UserError::Conflict { .. })),
                "one at a time"
            );
            world.up(&actor, id).await;
            let after = control.cluster_get(&actor, id).await.unwrap();
            assert_eq!(after.phase, Phase::Active, "{engine}: {:?}", after.reason);
            assert_eq!(after.segments.len(), 2);
            assert!(
                after.steps.iter().all(|step| step.state == StepState::Done),
                "{:?}",
                after.steps
            );
            assert_eq!(after.operations[0].state, OperationState::Done);
            let left = control.cluster_containers(&actor, id).await.unwrap();
            let own: Vec<_> = left
                .iter()
                .filter(|c| !c.is_system)
                .map(|c| c.id.clone())
                .collect();
            assert_eq!(own, [format!("c{}", 3 - ordinal)], "{engine}");
            assert!(
                world.sim.violations().is_empty(),
                "{:?}",
                world.sim.violations()
            );
        }
    }
}

#[tokio::test]
async fn the_only_segment_can_be_made_anew_too() {
    let (world, actor, id) = with_cluster(store::testing::sqlite().await, 1).await;
    let replaced = world.control.segment_replace(&actor, id, 1, "lab").await;
    replaced.unwrap();
    world.up(&actor, id).await;
    let after = world.control.cluster_get(&actor, id).await.unwrap();
    assert_eq!((after.phase, after.segments.len()), (Phase::Active, 1));
    assert_eq!(
        world
            .control
            .segment_replace(&actor, id, 2, "lab")
            .await
            .unwrap_err()
            .status(),
        404
    );
}

#[tokio::test]
async fn a_full_cluster_grows_by_itself_where_that_is_wanted() {
    let (world, actor, id) = with_cluster(store::testing::sqlite().await, 1).await;
    let control = &world.control;
    let node = NodeName {
        cluster: id,
        ordinal: 1,
    };
    let ten_minutes = async || {
        for _ in 0..61 {
            world.clock.advance(10_000);
            control.metrics_sample().await;
        }
        world.up(&actor, id).await;
        control
            .cluster_get(&actor, id)
            .await
            .unwrap()
            .segments_wanted
    };
    world.sim.set_memory_used(&node, Some(1_900 << 20));
    assert_eq!(ten_minutes().await, 1, "nobody asked for it");
    control.cluster_autoscale(&actor, id, true).await.unwrap();
    assert!(
        control
            .cluster_settings(&actor, id)
            .await
            .unwrap()
            .autoscale
    );
    assert_eq!(ten_minutes().await, 2, "full");
    assert_eq!(ten_minutes().await, 2, "half full");
    let newest = &control.cluster_get(&actor, id).await.unwrap().operations[0];
    assert_eq!(
        (newest.by.as_str(), newest.state),
        ("system", OperationState::Done)
    );
}
