//! What is told of segments before they go.

use host::NodeName;
use host::sim::Verb;
use model::{ClusterId, ContainerView, SegmentContents};

use super::world::World;
use crate::Actor;

fn node(cluster: ClusterId, ordinal: u32) -> NodeName {
    NodeName { cluster, ordinal }
}

fn container(node: &NodeName, name: &str) -> ContainerView {
    ContainerView {
        node: node.to_string(),
        id: name.to_owned(),
        name: name.to_owned(),
        image: "busybox".into(),
        state: "running".into(),
        status: "Up".into(),
        ports: Vec::new(),
        is_system: false,
        created_at: 0,
    }
}

async fn contents(world: &World, actor: &Actor, id: ClusterId) -> Vec<Option<SegmentContents>> {
    let all = world.control.cluster_contents(actor, id).await.unwrap();
    let ordinals: Vec<u32> = all.iter().map(|one| one.ordinal).collect();
    assert_eq!(ordinals, [1, 2, 3]);
    all.into_iter().map(|one| one.found).collect()
}

fn words(words: &[&str]) -> Vec<String> {
    words.iter().map(|word| (*word).to_owned()).collect()
}

#[tokio::test]
async fn an_engine_that_does_not_answer_is_not_taken_for_empty() {
    let world = World::inhabited().await;
    let ada = world.actor("ada").await;
    let id = world.control.cluster_create(&ada, "lab", 3).await;
    let id = id.unwrap().id;
    // Nobody can have put anything there yet.
    let nothing = SegmentContents {
        volumes: Some(Vec::new()),
        ..SegmentContents::default()
    };
    let found = contents(&world, &ada, id).await;
    assert_eq!(found, vec![Some(nothing); 3]);
    let listed = world.control.cluster_containers(&ada, id).await;
    assert_eq!(listed.unwrap(), []);
    world.up(&ada, id).await;
    let found = contents(&world, &ada, id).await;
    let second = found[1].clone().unwrap();
    assert_eq!(second.containers, words(&["migrate", "shop-db"]));
    let volumes = words(&["migrate-data", "shop-db-data"]);
    assert_eq!(second.volumes, Some(volumes));
    // They tell of their containers, and not of their volumes.
    world.sim.fail_next(Verb::Volumes, 3);
    let found = contents(&world, &ada, id).await;
    let second = found[1].clone().unwrap();
    assert_eq!(second.containers, words(&["migrate", "shop-db"]));
    assert_eq!(second.volumes, None);
    world.sim.hold(&node(id, 2));
    let found = contents(&world, &ada, id).await;
    assert_eq!(found[1], None);
    assert!(found[0].is_some() && found[2].is_some());
    let listed = world.control.cluster_containers(&ada, id).await.unwrap();
    let known: Vec<_> = listed
        .iter()
        .map(|one| (one.ordinal, one.found.is_some()))
        .collect();
    assert_eq!(known, [(1, true), (2, false), (3, true)]);
    let eve = world.actor("eve").await;
    let foreign = world.control.cluster_contents(&eve, id).await;
    assert_eq!(foreign.unwrap_err().status(), 404);
}

#[tokio::test]
async fn tasks_of_services_are_told_apart_from_what_is_lost() {
    let world = World::inhabited().await;
    let ada = world.actor("ada").await;
    let id = world.control.cluster_create(&ada, "lab", 3).await;
    let id = id.unwrap().id;
    world.up(&ada, id).await;
    let third = node(id, 3);
    for name in ["shop_mail.2.task2", "shop_mail.2.other", "shop_mail"] {
        world.sim.container_put(&third, container(&third, name));
    }
    let found = contents(&world, &ada, id).await[2].clone().unwrap();
    assert_eq!(found.tasks, ["shop_mail.2.task2"]);
    let lost = words(&["shop_mail", "shop_mail.2.other", "worker"]);
    assert_eq!(found.containers, lost);
}
