//! Containers through a simulated endpoint, in somebody's name.

use futures::StreamExt as _;
use model::{CertificateKind, ClusterId, ContainerAction, ContainerRef, Happening, UserError};
use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};

use super::world::World;
use crate::{Actor, Control, Shell};

async fn ground() -> (World, Actor, ClusterId) {
    let world = World::inhabited().await;
    let ada = world.actor("ada").await;
    let id = world
        .control
        .cluster_create(&ada, "shop", 2)
        .await
        .unwrap()
        .id;
    world.control.settle().await;
    (world, ada, id)
}

fn name(text: &str) -> ContainerRef {
    text.parse().unwrap()
}

async fn panels_own(
    control: &Control,
    actor: &Actor,
    id: ClusterId,
) -> Vec<model::CertificateView> {
    let all = control.certificate_list(actor, id).await.unwrap();
    all.into_iter()
        .filter(|one| one.kind == CertificateKind::Panel)
        .collect()
}

#[tokio::test]
async fn one_certificate_a_person_is_made_used_and_renewed() {
    let (world, ada, id) = ground().await;
    let control = &world.control;
    for _ in 0..3 {
        assert!(control.container_list(&ada, id).await.unwrap().len() > 6);
    }
    let own = panels_own(control, &ada, id).await;
    assert_eq!(own.len(), 1);
    assert_eq!(own[0].made_by, "ada");
    world.clock.advance(13 * 3_600_000);
    control.container_list(&ada, id).await.unwrap();
    assert_eq!(
        panels_own(control, &ada, id).await.len(),
        2,
        "before it ends"
    );
}

#[tokio::test]
async fn a_revoked_certificate_is_used_no_more() {
    let (world, ada, id) = ground().await;
    let control = &world.control;
    control.container_list(&ada, id).await.unwrap();
    let serial = panels_own(control, &ada, id).await[0].serial.clone();
    control.certificate_revoke(&ada, id, &serial).await.unwrap();
    control.container_list(&ada, id).await.unwrap();
    let own = panels_own(control, &ada, id).await;
    assert_eq!(own.len(), 2);
    assert!(
        own.iter()
            .any(|one| one.serial == serial && one.revoked_at.is_some())
    );
}

#[tokio::test]
async fn other_peoples_containers_do_not_exist() {
    let (world, ada, id) = ground().await;
    let control = &world.control;
    let eve = world.actor("eve").await;
    let web = name("web");
    let missing = UserError::NotFound {
        what: "cluster".into(),
    };
    let action = ContainerAction::Stop;
    let answers = [
        control.container_list(&eve, id).await.err(),
        control.container_get(&eve, id, &web).await.err(),
        control.container_environment(&eve, id, &web).await.err(),
        control.container_act(&eve, id, &web, action).await.err(),
        control.container_usage(&eve, id, &web).await.err(),
        control
            .container_log_tail(&eve, id, std::slice::from_ref(&web), 9)
            .await
            .err(),
        control
            .container_log_follow(&eve, id, std::slice::from_ref(&web), &[0])
            .await
            .err(),
        control
            .console_open(&eve, id, &web, Shell::Sh, (80, 24))
            .await
            .err(),
        control.event_list(&eve, id).await.err(),
        control.event_follow(&eve, id, 0).await.err(),
    ];
    for answer in answers {
        assert_eq!(answer, Some(missing.clone()));
    }
    assert!(panels_own(control, &ada, id).await.is_empty());
}

#[tokio::test]
async fn logs_of_several_are_one_row_and_go_on() {
    let (world, ada, id) = ground().await;
    let control = &world.control;
    let both = [name("web"), name("queue")];
    let log = control
        .container_log_tail(&ada, id, &both, 50)
        .await
        .unwrap();
    assert_eq!(log.lines.len(), 50);
    assert!(log.lines.is_sorted_by_key(|(_, line)| line.at_ns));
    assert!(log.lines.iter().any(|(from, _)| *from == 0));
    assert!(log.lines.iter().any(|(from, _)| *from == 1));
    let mut stream = control
        .container_log_follow(&ada, id, &both, &log.seen_ns)
        .await
        .unwrap();
    let (from, line) = stream.next().await.unwrap();
    assert!(line.at_ns > log.seen_ns[from], "nothing twice");
    let nobody = [name("web"), name("nobody")];
    let answer = control
        .container_log_tail(&ada, id, &nobody, 50)
        .await
        .err();
    assert!(matches!(answer, Some(UserError::NotFound { .. })));
}

#[tokio::test]
async fn what_is_done_to_a_container_is_told_after_what_was_seen() {
    let (world, ada, id) = ground().await;
    let control = &world.control;
    let past = control.event_list(&ada, id).await.unwrap();
    assert!(past.is_sorted_by_key(|event| event.at_ns));
    let seen_ns = past.last().map_or(0, |event| event.at_ns);
    let mut stream = control.event_follow(&ada, id, seen_ns).await.unwrap();
    control
        .container_act(&ada, id, &name("web"), ContainerAction::Stop)
        .await
        .unwrap();
    let event = stream.next().await.unwrap();
    assert_eq!(event.what, Happening::Ended { code: Some(0) });
    assert_eq!(event.name, "web");
    let all = control.event_list(&ada, id).await.unwrap();
    assert_eq!(all.len(), past.len() + 1);
}

#[tokio::test]
async fn a_console_is_written_down_and_echoes() {
    let (world, ada, id) = ground().await;
    let control = &world.control;
    let opened = control
        .console_open(&ada, id, &name("web"), Shell::Sh, (80, 24))
        .await;
    let mut console = opened.unwrap();
    console.terminal.write_all(b"echo hi\r").await.unwrap();
    let mut told = String::new();
    let mut piece = [0; 256];
    while !told.contains("\nhi\r") {
        let n = console.terminal.read(&mut piece).await.unwrap();
        assert!(n > 0, "{told}");
        told.push_str(&String::from_utf8_lossy(&piece[..n]));
    }
    console.handle.resize(100, 30).await;
    let ended = control
        .console_open(&ada, id, &name("migrate"), Shell::Best, (80, 24))
        .await;
    assert!(matches!(ended.err(), Some(UserError::Conflict { .. })));
    let mut tx = world.store.store.read().await.unwrap();
    let audited = tx.audit_list().await.unwrap();
    assert!(audited.iter().any(|row| row.action == "console_open"
        && row.detail == "web (sh)"
        && row.actor_name == "ada"));
}

#[tokio::test]
async fn without_a_manager_nothing_is_made() {
    let (world, ada, id) = ground().await;
    world.sim.fail_next(host::sim::Verb::Endpoint, 1);
    let answer = world.control.container_list(&ada, id).await;
    assert!(matches!(answer, Err(UserError::Unavailable { .. })));
    assert!(world.control.container_list(&ada, id).await.is_ok());
    let young = world
        .control
        .cluster_create(&ada, "young", 1)
        .await
        .unwrap()
        .id;
    let answer = world.control.container_list(&ada, young).await;
    assert!(matches!(answer, Err(UserError::Unavailable { .. })));
    assert!(panels_own(&world.control, &ada, young).await.is_empty());
}
