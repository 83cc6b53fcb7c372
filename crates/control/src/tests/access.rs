//! Bundles, revocation, discovery, front doors.

use std::net::{IpAddr, SocketAddrV4};
use std::time::Duration;

use model::UserError;

use super::world::World;

const TTL: Duration = Duration::from_secs(60);

async fn token(world: &World) -> String {
    let mut tx = world.store.store.read().await.unwrap();
    tx.cluster_all().await.unwrap()[0].token.clone()
}

fn entry(text: &str) -> SocketAddrV4 {
    text.parse().unwrap()
}

fn ip(text: &str) -> IpAddr {
    text.parse().unwrap()
}

#[tokio::test]
async fn every_bundle_has_a_certificate_of_its_own() {
    let world = World::new().await;
    let actor = world.actor("ada").await;
    let control = &world.control;
    let id = control.cluster_create(&actor, "lab", 1).await.unwrap().id;
    let first = control
        .bundle_make(&actor, id, crate::BundleOrder::default())
        .await
        .unwrap();
    let second = control
        .bundle_make(&actor, id, crate::BundleOrder::default())
        .await
        .unwrap();
    assert_eq!(first.file_name, "lab.zip");
    assert_eq!(&first.bytes[..2], b"PK");
    assert_ne!(first.bytes, second.bytes);
    let list = control.certificate_list(&actor, id).await.unwrap();
    assert_eq!(list.len(), 2);
    assert!(
        list.iter()
            .all(|row| row.made_by == "ada" && row.revoked_at.is_none())
    );
    assert_ne!(list[0].serial, list[1].serial);
}

#[tokio::test]
async fn a_bundle_link_works_once_and_for_ten_minutes() {
    let world = World::new().await;
    let actor = world.actor("ada").await;
    let control = &world.control;
    let id = control.cluster_create(&actor, "lab", 1).await.unwrap().id;
    let link = control
        .bundle_link_make(&actor, id, Some("panel.example"), "")
        .await
        .unwrap();
    assert!(
        control
            .bundle_by_link("nonsense", crate::BundleForm::Zip)
            .await
            .is_err()
    );
    assert_eq!(
        control
            .bundle_by_link(&link.0, crate::BundleForm::Zip)
            .await
            .unwrap()
            .file_name,
        "lab.zip"
    );
    let twice = control
        .bundle_by_link(&link.0, crate::BundleForm::Zip)
        .await;
    assert!(matches!(twice, Err(UserError::NotAllowed { .. })));
    let late = control
        .bundle_link_make(&actor, id, None, "")
        .await
        .unwrap();
    world.clock.advance(10 * 60_000);
    assert!(
        control
            .bundle_by_link(&late.0, crate::BundleForm::Zip)
            .await
            .is_err()
    );
    assert_eq!(control.certificate_list(&actor, id).await.unwrap().len(), 1);
}

#[tokio::test]
async fn the_endpoints_host_is_one_that_the_certificate_knows() {
    let world = World::new().await;
    let panel =
        crate::panel::Panel::new(super::world::parts(&world.store, &world.sim, &world.clock))
            .await
            .unwrap();
    let names = vec![
        "192.0.2.7".to_owned(),
        "panel.example".to_owned(),
        "::1".to_owned(),
    ];
    assert_eq!(
        panel.endpoint_host(Some("panel.example"), &names),
        "panel.example"
    );
    assert_eq!(panel.endpoint_host(Some("[::1]"), &names), "::1");
    assert_eq!(
        panel.endpoint_host(Some("evil.example"), &names),
        "192.0.2.7"
    );
    assert_eq!(panel.endpoint_host(None, &names), "192.0.2.7");
}

#[tokio::test]
async fn a_revocation_is_told_to_who_waits() {
    let world = World::new().await;
    let actor = world.actor("ada").await;
    let control = &world.control;
    let id = control.cluster_create(&actor, "lab", 1).await.unwrap().id;
    let token = token(&world).await;
    let long = Duration::from_secs(20);
    // Who knows nothing is told at once, even that there is nothing.
    let first = control
        .discovery_revocations(&token, 0, long)
        .await
        .unwrap();
    assert_eq!((first.version, first.serials.len()), (1, 0));
    let nothing_new = control
        .discovery_revocations(&token, 1, Duration::from_millis(20))
        .await;
    assert_eq!(nothing_new.unwrap().version, 1);
    control
        .bundle_make(&actor, id, crate::BundleOrder::default())
        .await
        .unwrap();
    let serial = control.certificate_list(&actor, id).await.unwrap()[0]
        .serial
        .clone();
    let waiting = {
        let (control, token) = (control.clone(), token.clone());
        tokio::spawn(async move { control.discovery_revocations(&token, 1, long).await })
    };
    tokio::task::yield_now().await;
    control
        .certificate_revoke(&actor, id, &serial)
        .await
        .unwrap();
    // A second time is no harm and no new version.
    control
        .certificate_revoke(&actor, id, &serial)
        .await
        .unwrap();
    let told = tokio::time::timeout(long, waiting)
        .await
        .unwrap()
        .unwrap()
        .unwrap();
    assert_eq!((told.version, told.serials), (2, vec![serial]));
    let missing = control.certificate_revoke(&actor, id, "00").await;
    assert!(matches!(missing, Err(UserError::NotFound { .. })));
    assert!(
        control
            .discovery_revocations("nonsense", 0, long)
            .await
            .is_err()
    );
}

#[tokio::test]
async fn only_a_segment_registers_and_only_itself() {
    let world = World::new().await;
    let actor = world.actor("ada").await;
    let control = &world.control;
    control.cluster_create(&actor, "lab", 2).await.unwrap();
    let token = token(&world).await;
    let own = entry("10.84.0.11:42376");
    let refused = [
        (ip("10.84.0.11"), entry("10.84.0.11:2376")),
        (ip("10.84.0.11"), entry("10.84.0.99:42376")),
        (ip("10.84.0.99"), entry("10.84.0.99:42376")),
        (ip("10.84.0.12"), own),
        (ip("203.0.113.5"), own),
    ];
    for (remote, entry) in refused {
        let answer = control.discovery_register(&token, remote, entry, TTL).await;
        assert!(
            matches!(answer, Err(UserError::NotAllowed { .. })),
            "{remote} {entry}"
        );
    }
    let unknown = control
        .discovery_register("nonsense", ip("10.84.0.11"), own, TTL)
        .await;
    assert!(matches!(unknown, Err(UserError::NotFound { .. })));
    assert!(control.discovery_list(&token).await.unwrap().is_empty());
    // Itself, also seen through a socket that speaks both families; and a trusted test.
    let second = entry("10.84.0.12:42376");
    control
        .discovery_register(&token, ip("127.0.0.1"), second, TTL)
        .await
        .unwrap();
    control
        .discovery_register(&token, ip("::ffff:10.84.0.11"), own, TTL)
        .await
        .unwrap();
    assert_eq!(
        control.discovery_list(&token).await.unwrap(),
        vec![own, second]
    );
    world.clock.advance(60_000);
    assert!(control.discovery_list(&token).await.unwrap().is_empty());
    assert!(control.discovery_list("nonsense").await.is_err());
}

#[tokio::test]
async fn a_new_panel_does_not_show_managers_an_empty_cluster() {
    let world = World::new().await;
    let actor = world.actor("ada").await;
    world
        .control
        .cluster_create(&actor, "lab", 2)
        .await
        .unwrap();
    world.control.settle().await;
    let parts = super::world::parts(&world.store, &world.sim, &world.clock);
    let control = crate::Control::new(parts).await.unwrap();
    let token = token(&world).await;
    assert_eq!(control.discovery_list(&token).await.unwrap().len(), 2);
    assert_eq!(control.front_doors().borrow()[0].targets.len(), 2);
    // The same authority: segments hold its certificate.
    assert_eq!(
        control.discovery_ca().cert_pem(),
        world.control.discovery_ca().cert_pem()
    );
}

#[tokio::test]
async fn a_front_door_leads_to_managers_until_its_cluster_goes() {
    let world = World::new().await;
    let actor = world.actor("ada").await;
    let doors = world.control.front_doors();
    let id = world
        .control
        .cluster_create(&actor, "lab", 2)
        .await
        .unwrap()
        .id;
    assert!(doors.borrow()[0].targets.is_empty());
    world.control.settle().await;
    let targets: Vec<String> = doors.borrow()[0]
        .targets
        .iter()
        .map(ToString::to_string)
        .collect();
    assert_eq!(targets, ["10.84.0.11:2376", "10.84.0.12:2376"]);
    world
        .control
        .cluster_delete(&actor, id, "lab")
        .await
        .unwrap();
    assert!(doors.borrow().is_empty());
}
