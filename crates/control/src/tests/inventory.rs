//! Images, volumes and networks that people make, through a simulated endpoint.

use futures::StreamExt as _;
use model::{ClusterId, PullView, UserError};

use super::world::World;
use crate::{Actor, Control};

async fn ground() -> (World, Actor, ClusterId) {
    let world = World::inhabited().await;
    let ada = world.actor("ada").await;
    let made = world.control.cluster_create(&ada, "shop", 2).await;
    let id = made.unwrap().id;
    world.control.settle().await;
    (world, ada, id)
}

/// Waits until the newest pull has ended, as a page does that is told of changes.
async fn pulled(control: &Control, ada: &Actor, id: ClusterId, name: &str) -> PullView {
    let mut changes = control.changes(ada, None);
    control.image_pull(ada, id, name).await.unwrap();
    loop {
        let newest = control.image_pulls(ada, id).await.unwrap().swap_remove(0);
        if newest.ended_at.is_some() {
            return newest;
        }
        changes.next().await.unwrap();
    }
}

#[tokio::test]
async fn an_image_is_pulled_beside_whoever_asked_for_it() {
    let (world, ada, id) = ground().await;
    let control = &world.control;
    let pull = pulled(control, &ada, id, "nginx:1.29").await;
    assert_eq!((pull.name.as_str(), pull.failure), ("nginx:1.29", None));
    let images = control.image_list(&ada, id).await.unwrap();
    let image = images
        .iter()
        .find(|one| one.names == ["nginx:1.29"])
        .unwrap();
    assert_eq!(image.nodes.len(), 2);
    let refused = pulled(control, &ada, id, "shop/missing").await;
    let why = refused.failure.unwrap();
    assert!(why.contains("ull access denied for shop/missing"), "{why}");
    assert_eq!(control.image_pulls(&ada, id).await.unwrap().len(), 2);
    let wrong = control.image_pull(&ada, id, "a b").await.unwrap_err();
    assert!(matches!(wrong, UserError::Invalid { field, .. } if field == "name"));
}

#[tokio::test]
async fn one_image_is_not_pulled_twice_at_once() {
    let (world, ada, id) = ground().await;
    let control = &world.control;
    control.image_pull(&ada, id, "nginx").await.unwrap();
    let again = control.image_pull(&ada, id, "nginx:latest").await;
    let why = "nginx:latest is being pulled already.".to_owned();
    assert_eq!(again, Err(UserError::Conflict { why }));
    let eve = world.actor("eve").await;
    let what = "cluster".to_owned();
    let missing = UserError::NotFound { what };
    assert_eq!(control.image_pulls(&eve, id).await, Err(missing.clone()));
    assert_eq!(control.image_pull(&eve, id, "x").await, Err(missing));
}

#[tokio::test]
async fn volumes_and_networks_are_made_and_go_again() {
    let (world, ada, id) = ground().await;
    let control = &world.control;
    control
        .volume_create(&ada, id, "data", Some(2))
        .await
        .unwrap();
    let volumes = control.volume_list(&ada, id).await.unwrap();
    let made = volumes.iter().find(|one| one.name == "data").unwrap();
    assert!(made.node.ends_with("-n2"), "{}", made.node);
    let nowhere = control.volume_create(&ada, id, "more", Some(9)).await;
    assert!(matches!(nowhere, Err(UserError::NotFound { .. })));
    control.network_create(&ada, id, "backend").await.unwrap();
    let twice = control.network_create(&ada, id, "backend").await;
    assert!(twice.is_err(), "there is one of that name");
    let networks = control.network_list(&ada, id).await.unwrap();
    assert!(
        networks
            .iter()
            .any(|one| one.name == "backend" && one.node.is_none())
    );
    for wrong in ["", "n2/data", "a b"] {
        let made = control.volume_create(&ada, id, wrong, None).await;
        assert!(matches!(made, Err(UserError::Invalid { .. })), "{wrong}");
    }
}
