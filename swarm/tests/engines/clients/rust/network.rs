//! Networks over the segments, and the volumes that stay on one of them.

use ::bollard::Docker;
use ::bollard::exec::{CreateExecOptions, StartExecResults};
use ::bollard::models::{
    EndpointSettings, HostConfig, NetworkConnectRequest, NetworkCreateRequest,
    NetworkDisconnectRequest, NetworkingConfig, VolumeCreateRequest,
};
use ::bollard::query_parameters::{
    ListNetworksOptionsBuilder, ListVolumesOptionsBuilder, RemoveVolumeOptions,
    WaitContainerOptions,
};
use futures::TryStreamExt as _;

use super::{anywhere, filter, on, refusal, removed, started, until};

pub async fn join_segments(docker: &Docker) {
    let request = NetworkCreateRequest {
        name: "rust-net".into(),
        ..NetworkCreateRequest::default()
    };
    let made = docker.create_network(request).await.expect("create");
    let networking = NetworkingConfig {
        endpoints_config: Some([("rust-net".to_owned(), EndpointSettings::default())].into()),
    };
    let mut east = on(1, &["sleep", "60"]);
    east.networking_config = Some(networking);
    started(docker, "rust-east", east).await;
    let west = started(docker, "rust-west", on(3, &["sleep", "60"])).await;
    let connect = NetworkConnectRequest {
        container: "rust-west".into(),
        endpoint_config: Some(EndpointSettings {
            aliases: Some(vec!["sunset".into()]),
            ..EndpointSettings::default()
        }),
    };
    docker
        .connect_network("rust-net", connect)
        .await
        .expect("connect");
    // The engines tell each other of a name within moments.
    until("the other is found by name", || pings(docker, "sunset")).await;
    let found = docker
        .inspect_network("rust-net", None)
        .await
        .expect("inspect");
    assert_eq!(found.id, Some(made.id));
    assert_eq!(found.driver.as_deref(), Some("overlay"));
    let members = found.containers.unwrap_or_default();
    assert!(
        members.len() == 2 && members.contains_key(&west),
        "{members:?}"
    );
    let list = ListNetworksOptionsBuilder::new().filters(&filter("name", "rust-net"));
    let listed = docker
        .list_networks(Some(list.build()))
        .await
        .expect("list");
    assert_eq!(listed.len(), 1, "{listed:?}");
    let disconnect = NetworkDisconnectRequest {
        container: "rust-west".into(),
        force: Some(true),
    };
    docker
        .disconnect_network("rust-net", disconnect)
        .await
        .expect("disconnect");
    removed(docker, "rust-east").await;
    removed(docker, "rust-west").await;
    docker.remove_network("rust-net").await.expect("remove");
    let gone = refusal(docker.inspect_network("rust-net", None).await);
    assert_eq!(gone.0, 404, "{}", gone.1);
}

/// Whether `rust-east` reaches that name.
async fn pings(docker: &Docker, name: &str) -> bool {
    let options = CreateExecOptions {
        attach_stdout: Some(true),
        cmd: Some(vec!["ping", "-c1", "-W5", name]),
        ..CreateExecOptions::default()
    };
    let made = docker
        .create_exec("rust-east", options)
        .await
        .expect("exec");
    if let Ok(StartExecResults::Attached { output, .. }) = docker.start_exec(&made.id, None).await {
        let _: Result<Vec<_>, _> = output.try_collect().await;
    }
    let ended = docker.inspect_exec(&made.id).await.expect("inspect");
    ended.exit_code == Some(0)
}

pub async fn volumes_stay_where_they_are(docker: &Docker) {
    let request = VolumeCreateRequest {
        name: Some("rust-vol".into()),
        ..VolumeCreateRequest::default()
    };
    docker.create_volume(request).await.expect("create");
    for text in ["one", "two"] {
        let append = format!("echo {text} >> /data/rows; [ $(wc -l < /data/rows) -lt 3 ]");
        let mut body = anywhere(&["sh", "-c", &append]);
        body.host_config = Some(HostConfig {
            binds: Some(vec!["rust-vol:/data".into()]),
            ..HostConfig::default()
        });
        started(docker, "rust-writer", body).await;
        let ended: Vec<_> = docker
            .wait_container("rust-writer", None::<WaitContainerOptions>)
            .try_collect()
            .await
            .expect("it ends well");
        assert_eq!(ended.len(), 1);
        removed(docker, "rust-writer").await;
    }
    let list = ListVolumesOptionsBuilder::new().filters(&filter("name", "rust-vol"));
    let listed = docker.list_volumes(Some(list.build())).await.expect("list");
    let listed = listed.volumes.unwrap_or_default();
    assert_eq!(listed.len(), 1, "{listed:?}");
    let found = docker.inspect_volume("rust-vol").await.expect("inspect");
    assert_eq!(found.driver, "local");
    docker
        .remove_volume("rust-vol", None::<RemoveVolumeOptions>)
        .await
        .expect("remove");
    let gone = refusal(docker.inspect_volume("rust-vol").await);
    assert_eq!(gone.0, 404, "{}", gone.1);
}
