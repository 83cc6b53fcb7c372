//! The host of a new cluster: chosen, or left to the panel.

use futures::future::join_all;
use model::{Phase, UserError};
use store::testing::stores;

use super::world::World;
use crate::{Actor, ClusterOrder};

fn on<'a>(host: &'a str, name: &'a str, segments: u32) -> ClusterOrder<'a> {
    ClusterOrder {
        host: Some(host),
        ..ClusterOrder::new(name, segments)
    }
}

fn field<T: std::fmt::Debug>(answer: Result<T, UserError>) -> String {
    match answer {
        Err(UserError::Invalid { field, why }) => format!("{field}: {why}"),
        other => panic!("{other:?}"),
    }
}

#[tokio::test]
async fn a_cluster_is_made_where_it_was_ordered_and_grows_there() {
    for store in stores().await {
        let world = World::of_hosts(store, &["south"]).await;
        let ada = world.actor("ada").await;
        let made = world
            .control
            .cluster_order(&ada, on("south", "lab", 1))
            .await;
        let id = made.unwrap().id;
        world.up(&ada, id).await;
        let grown = world.control.cluster_scale(&ada, id, 2).await.unwrap();
        assert_eq!(grown.host.as_deref(), Some("south"));
        world.up(&ada, id).await;
        let left = world.control.cluster_create(&ada, "left", 1).await.unwrap();
        assert_eq!(left.host.as_deref(), Some("sim"), "the one with fewer");
        // Full, it is not a little of both.
        world.sim.beside("south").set_memory_free(Some(0));
        let more = world.control.cluster_scale(&ada, id, 3).await;
        assert!(matches!(more, Err(UserError::Conflict { .. })), "{more:?}");
        let view = world.control.cluster_get(&ada, id).await.unwrap();
        assert_eq!((view.phase, view.segments.len()), (Phase::Active, 2));
    }
}

#[tokio::test]
async fn what_two_want_at_once_is_given_once() {
    for store in stores().await {
        let world = World::of_hosts(store, &["south"]).await;
        let (ada, bob) = (world.actor("ada").await, world.actor("bob").await);
        world.sim.beside("south").set_memory_free(Some(4 * 256));
        let orders =
            [&ada, &bob].map(|who| world.control.cluster_order(who, on("south", "lab", 3)));
        let (made, refused): (Vec<_>, Vec<_>) =
            join_all(orders).await.into_iter().partition(Result::is_ok);
        assert_eq!((made.len(), refused.len()), (1, 1));
        for answer in refused {
            let said = field(answer);
            assert!(
                said.starts_with("host: south has room for 1 more"),
                "{said}"
            );
        }
    }
}

#[tokio::test]
async fn a_host_that_does_not_do_is_refused_at_its_field() {
    let world = World::of_hosts(store::testing::sqlite().await, &["south"]).await;
    let ada = world.actor("ada").await;
    let control = &world.control;
    control
        .host_drain(&Actor::system(), "south", true)
        .await
        .unwrap();
    let said = field(control.cluster_order(&ada, on("south", "lab", 1)).await);
    assert!(said.starts_with("host: south takes nothing new"), "{said}");
    let said = field(control.cluster_order(&ada, on("west", "lab", 1)).await);
    assert!(said.starts_with("host: The panel has no host"), "{said}");
    let choices = control.host_choices(&ada).await.unwrap();
    assert_eq!(choices.len(), 2);
    assert!(choices[1].is_drained && choices[1].free.is_none());
    let root = control.host_choices(&Actor::system()).await.unwrap();
    assert!(root[0].free.is_some_and(|free| free.memory_bytes > 0));
    assert!(control.cluster_list(&ada).await.unwrap().is_empty());
}
