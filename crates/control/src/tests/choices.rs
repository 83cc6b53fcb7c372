//! A new name, growing by itself, and one segment made anew.

use host::NodeName;
use model::{
    AutoscaleView, ClusterId, ContainerView, OperationState, Phase, QuotaChoice, StepState,
    UserError,
};
use store::testing::stores;

use super::world::World;
use crate::{Actor, AuditQuery};

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
                .flat_map(|one| one.found.as_deref().unwrap_or_default())
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
async fn a_drained_segment_says_so_until_it_takes_containers_again() {
    let (world, actor, id) = with_cluster(store::testing::sqlite().await, 2).await;
    let control = &world.control;
    let drained = async || {
        let view = control.cluster_get(&actor, id).await.unwrap();
        let drained = view.segments.iter().filter(|one| one.is_drained);
        drained.map(|one| one.ordinal).collect::<Vec<_>>()
    };
    assert_eq!(drained().await, [0; 0]);
    control.segment_drain(&actor, id, 2, true).await.unwrap();
    assert_eq!(drained().await, [2]);
    let nowhere = control.segment_drain(&actor, id, 3, true).await;
    assert_eq!(nowhere.unwrap_err().status(), 404);
    let eve = world.actor("eve").await;
    let refused = control.segment_drain(&eve, id, 1, true).await;
    assert_eq!(refused.unwrap_err().status(), 404);
    control.segment_drain(&actor, id, 2, false).await.unwrap();
    assert_eq!(drained().await, [0; 0]);
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
    let told = async || control.cluster_get(&actor, id).await.unwrap().autoscale;
    let grown = told().await;
    assert!(
        matches!(grown, Some(AutoscaleView::Grown { segments: 2, .. })),
        "{grown:?}"
    );
    // Its quota refuses more: it says so until it is not full any more.
    let small = QuotaChoice {
        segments: Some(2),
        ..QuotaChoice::default()
    };
    let (system, account) = (Actor::system(), actor.account.id);
    control.quota_set(&system, account, small).await.unwrap();
    let other = NodeName {
        cluster: id,
        ordinal: 2,
    };
    world.sim.set_memory_used(&other, Some(1_900 << 20));
    // The first look is not yet at ten full minutes.
    ten_minutes().await;
    assert_eq!(ten_minutes().await, 2, "full, and not allowed to grow");
    let stuck = told().await;
    let why = "A cluster may have at most 2 segments. lab has 2, so 0 more are free.";
    assert!(
        matches!(&stuck, Some(AutoscaleView::Stuck { why: told, .. }) if told == why),
        "{stuck:?}"
    );
    world.sim.set_memory_used(&other, Some(100 << 20));
    ten_minutes().await;
    assert_eq!(told().await, Some(AutoscaleView::Watching));
    control.cluster_autoscale(&actor, id, false).await.unwrap();
    assert_eq!(told().await, None);
}

#[tokio::test]
async fn the_audit_has_all_of_a_cluster_under_the_name_it_has_now() {
    for store in stores().await {
        let (world, ada, id) = with_cluster(store, 1).await;
        let control = &world.control;
        control.cluster_autoscale(&ada, id, true).await.unwrap();
        control.segment_replace(&ada, id, 1, "lab").await.unwrap();
        control.cluster_rename(&ada, id, "prod").await.unwrap();
        let eve = world.actor("eve").await;
        control.cluster_create(&eve, "lab", 1).await.unwrap();
        let found = async |who: &Actor, subject: &str| {
            let query = AuditQuery {
                subject: subject.to_owned(),
                ..AuditQuery::default()
            };
            let rows = control.audit_export(who, &query).await.unwrap().rows;
            rows.into_iter().map(|row| row.action).collect::<Vec<_>>()
        };
        let all = [
            "cluster_rename",
            "segment_replace",
            "cluster_autoscale",
            "cluster_create",
        ];
        assert_eq!(found(&ada, "prod").await, all);
        assert_eq!(found(&ada, &id.to_string()).await, all);
        assert_eq!(found(&Actor::system(), "prod").await, all);
        assert_eq!(found(&ada, "lab").await, all[1..], "by the name it had");
        assert_eq!(found(&eve, "lab").await, ["cluster_create"]);
        assert!(found(&eve, "prod").await.is_empty(), "nobody else's");
        let mut tx = world.store.store.read().await.unwrap();
        for row in tx.audit_list().await.unwrap() {
            let is_hers = row.actor_name == "ada" && row.action != "certificate_make";
            let (subject, owner) = (id.to_string(), ada.account.id.to_string());
            assert!(!is_hers || (row.subject_id, row.owner_id) == (subject, owner));
        }
    }
}
