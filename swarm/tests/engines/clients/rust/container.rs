//! What becomes of containers, and what goes into them and out of them.

use ::bollard::Docker;
use ::bollard::errors::Error;
use ::bollard::models::{ContainerUpdateBody, HostConfig};
use ::bollard::query_parameters::{
    ContainerArchiveInfoOptionsBuilder, DownloadFromContainerOptionsBuilder, KillContainerOptions,
    ListContainersOptionsBuilder, PruneContainersOptionsBuilder, RenameContainerOptionsBuilder,
    RestartContainerOptions, StopContainerOptions, UploadToContainerOptionsBuilder,
    WaitContainerOptions,
};
use futures::TryStreamExt as _;

use super::{anywhere, filter, named, on, refusal, removed, started};
use crate::lab::{CLUSTER, Lab};

pub async fn live_and_are_seen(docker: &Docker) {
    let id = started(docker, "rust-a", on(2, &["sleep", "60"])).await;
    let found = docker
        .inspect_container("rust-a", None)
        .await
        .expect("inspect");
    assert_eq!(found.id.as_ref(), Some(&id));
    assert_eq!(found.name.as_deref(), Some("/rust-a"));
    assert_eq!(found.state.expect("a state").running, Some(true));
    let list = ListContainersOptionsBuilder::new().filters(&filter("label", "tried.by=rust"));
    let listed = docker
        .list_containers(Some(list.build()))
        .await
        .expect("list");
    assert_eq!(listed.len(), 1, "{listed:?}");
    let names = listed[0].names.as_ref().expect("names");
    assert_eq!(names, &[format!("/{CLUSTER}-n2/rust-a")]);

    let rename = RenameContainerOptionsBuilder::new().name("rust-b").build();
    docker
        .rename_container("rust-a", rename)
        .await
        .expect("rename");
    let gone = refusal(docker.inspect_container("rust-a", None).await);
    assert_eq!(gone.0, 404, "{}", gone.1);
    let taken = docker
        .create_container(named("rust-b"), anywhere(&["true"]))
        .await;
    assert_eq!(refusal(taken).0, 409);

    let update = ContainerUpdateBody {
        memory: Some(64 << 20),
        memory_swap: Some(64 << 20),
        ..ContainerUpdateBody::default()
    };
    docker
        .update_container("rust-b", update)
        .await
        .expect("update");
    docker.pause_container("rust-b").await.expect("pause");
    docker.unpause_container("rust-b").await.expect("unpause");
    docker
        .restart_container("rust-b", None::<RestartContainerOptions>)
        .await
        .expect("restart");
    let top = docker.top_processes("rust-b", None).await.expect("top");
    assert!(format!("{top:?}").contains("sleep 60"), "{top:?}");
    docker
        .stop_container("rust-b", None::<StopContainerOptions>)
        .await
        .expect("stop");
    removed(docker, "rust-b").await;
}

pub async fn run_to_their_end(docker: &Docker) {
    started(docker, "rust-end", anywhere(&["sh", "-c", "exit 7"])).await;
    let ended: Result<Vec<_>, Error> = docker
        .wait_container("rust-end", None::<WaitContainerOptions>)
        .try_collect()
        .await;
    // The library takes any code but 0 for an error.
    match ended {
        Err(Error::DockerContainerWaitError { code: 7, .. }) => {}
        other => panic!("not the code that it ended with: {other:?}"),
    }
    started(docker, "rust-killed", anywhere(&["sleep", "60"])).await;
    docker
        .kill_container("rust-killed", None::<KillContainerOptions>)
        .await
        .expect("kill");
    let prune = PruneContainersOptionsBuilder::new().filters(&filter("label", "tried.by=rust"));
    let pruned = docker
        .prune_containers(Some(prune.build()))
        .await
        .expect("prune");
    assert_eq!(
        pruned.containers_deleted.map(|ids| ids.len()),
        Some(2),
        "both had ended"
    );
}

pub async fn carry_archives(lab: &Lab, docker: &Docker) {
    started(docker, "rust-cp", on(3, &["sleep", "60"])).await;
    let large = vec![b'1'; 100_000];
    let archive = lab.tar_make(&[("one", &large), ("two", b"2")]);
    let to = UploadToContainerOptionsBuilder::new().path("/tmp").build();
    docker
        .upload_to_container("rust-cp", Some(to), ::bollard::body_full(archive.into()))
        .await
        .expect("upload");
    let info = ContainerArchiveInfoOptionsBuilder::new()
        .path("/tmp/one")
        .build();
    let info = docker
        .get_container_archive_info("rust-cp", Some(info))
        .await
        .expect("info");
    assert_eq!(info.size, 100_000);
    let from = DownloadFromContainerOptionsBuilder::new()
        .path("/tmp/one")
        .build();
    let back: Vec<_> = docker
        .download_from_container("rust-cp", Some(from))
        .try_collect()
        .await
        .expect("download");
    assert_eq!(lab.tar_read(&back.concat(), "one"), large);
    let changes = docker
        .container_changes("rust-cp")
        .await
        .expect("changes")
        .unwrap_or_default();
    assert!(changes.iter().any(|change| change.path == "/tmp/two"));
    let whole: Vec<_> = docker
        .export_container("rust-cp")
        .try_collect()
        .await
        .expect("export");
    assert_eq!(lab.tar_read(&whole.concat(), "tmp/two"), b"2");
    removed(docker, "rust-cp").await;
}

pub async fn hold_to_the_policy(docker: &Docker) {
    let mut body = anywhere(&["true"]);
    body.host_config = Some(HostConfig {
        binds: Some(vec!["/etc:/host".into()]),
        ..HostConfig::default()
    });
    let (status, why) = refusal(docker.create_container(None, body).await);
    assert_eq!(status, 403);
    assert!(why.contains("CARINA-1002"), "{why}");
}
