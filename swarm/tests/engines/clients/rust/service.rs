//! Docker's own swarm mode.

use ::bollard::Docker;
use ::bollard::models::{
    ConfigSpec, EndpointSpec, EndpointSpecModeEnum, SecretSpec, Service, ServiceSpec,
    ServiceSpecMode, ServiceSpecModeReplicated, ServiceSpecUpdateConfig, TaskSpec,
    TaskSpecContainerSpec, TaskState,
};
use ::bollard::query_parameters::{
    ListNodesOptions, ListServicesOptionsBuilder, ListTasksOptionsBuilder, LogsOptionsBuilder,
    UpdateServiceOptionsBuilder,
};
use futures::TryStreamExt as _;

use super::{filter, refusal, texts, until};
use crate::lab::{CLUSTER, Lab};

fn spec(replicas: i64, word: &str) -> ServiceSpec {
    let script = "echo I am $WORD; trap 'exit 0' TERM; sleep 300 & wait";
    let container = TaskSpecContainerSpec {
        image: Some("busybox".into()),
        command: Some(texts(&["sh", "-c", script])),
        env: Some(vec![format!("WORD={word}")]),
        ..TaskSpecContainerSpec::default()
    };
    ServiceSpec {
        name: Some("rust-web".into()),
        task_template: Some(TaskSpec {
            container_spec: Some(container),
            ..TaskSpec::default()
        }),
        mode: Some(ServiceSpecMode {
            replicated: Some(ServiceSpecModeReplicated {
                replicas: Some(replicas),
            }),
            ..ServiceSpecMode::default()
        }),
        // All at once.
        update_config: Some(ServiceSpecUpdateConfig {
            parallelism: Some(0),
            ..ServiceSpecUpdateConfig::default()
        }),
        endpoint_spec: Some(EndpointSpec {
            mode: Some(EndpointSpecModeEnum::DNSRR),
            ..EndpointSpec::default()
        }),
        ..ServiceSpec::default()
    }
}

/// With how many of its tasks run.
async fn listed(docker: &Docker) -> Service {
    let list = ListServicesOptionsBuilder::new()
        .filters(&filter("name", "rust-web"))
        .status(true);
    let mut listed = docker
        .list_services(Some(list.build()))
        .await
        .expect("list");
    assert_eq!(listed.len(), 1, "{listed:?}");
    listed.remove(0)
}

async fn running_wait(docker: &Docker, n: u64) {
    until("its tasks run", async || {
        let status = listed(docker).await.service_status.expect("a status");
        status.running_tasks == Some(n) && status.desired_tasks == Some(n)
    })
    .await;
}

async fn service_update(docker: &Docker, spec: ServiceSpec, rollback: &str) {
    let version = listed(docker).await.version.and_then(|v| v.index);
    let version = i32::try_from(version.expect("a version")).expect("a small one");
    let options = UpdateServiceOptionsBuilder::new()
        .version(version)
        .rollback(rollback);
    docker
        .update_service("rust-web", spec, options.build(), None)
        .await
        .expect("update");
}

pub async fn run_change_and_speak(lab: &Lab, docker: &Docker) {
    docker
        .create_service(spec(2, "first"), None)
        .await
        .expect("create");
    running_wait(docker, 2).await;
    service_update(docker, spec(3, "second"), "none").await;
    until("the new version speaks", async || {
        let options = LogsOptionsBuilder::new().stdout(true).stderr(true).build();
        let said: Result<Vec<_>, _> = docker
            .service_logs("rust-web", Some(options))
            .try_collect()
            .await;
        let said: String = said.iter().flatten().map(ToString::to_string).collect();
        said.matches("I am second").count() == 3
    })
    .await;
    running_wait(docker, 3).await;
    let tasks = ListTasksOptionsBuilder::new().filters(&filter("service", "rust-web"));
    let tasks = docker.list_tasks(Some(tasks.build())).await.expect("tasks");
    let running = tasks
        .iter()
        .filter(|task| task.desired_state == Some(TaskState::RUNNING));
    assert_eq!(running.count(), 3, "{tasks:?}");
    service_update(docker, spec(3, "second"), "previous").await;
    let found = docker
        .inspect_service("rust-web", None)
        .await
        .expect("inspect");
    assert!(format!("{:?}", found.spec).contains("WORD=first"));
    docker.delete_service("rust-web").await.expect("delete");
    let gone = refusal(docker.inspect_service("rust-web", None).await);
    assert_eq!(gone.0, 404, "{}", gone.1);
    lab.wait_until("its tasks are gone", super::LIMIT, |lab| {
        lab.docker(&["ps", "-aq", "-f", "name=rust-web"])
            .out
            .is_empty()
    });
}

pub async fn secrets_configs_and_nodes(docker: &Docker) {
    // "hush" in base64.
    let secret = SecretSpec {
        name: Some("rust-secret".into()),
        data: Some("aHVzaA==".into()),
        ..SecretSpec::default()
    };
    let made = docker.create_secret(secret).await.expect("secret");
    let found = docker.inspect_secret("rust-secret").await.expect("inspect");
    assert_eq!(found.id.as_ref(), Some(&made.id));
    assert_eq!(found.spec.and_then(|spec| spec.data), None, "never shown");
    let all = docker.list_secrets(None).await.expect("list");
    assert_eq!(all.len(), 1, "{all:?}");
    docker.delete_secret("rust-secret").await.expect("delete");

    let config = ConfigSpec {
        name: Some("rust-config".into()),
        data: Some("aHVzaA==".into()),
        ..ConfigSpec::default()
    };
    docker.create_config(config).await.expect("config");
    let found = docker.inspect_config("rust-config").await.expect("inspect");
    assert_eq!(
        found.spec.and_then(|spec| spec.data).as_deref(),
        Some("aHVzaA==")
    );
    docker.delete_config("rust-config").await.expect("delete");

    let nodes = docker
        .list_nodes(None::<ListNodesOptions>)
        .await
        .expect("nodes");
    let mut names: Vec<_> = nodes
        .into_iter()
        .filter_map(|node| node.description?.hostname)
        .collect();
    names.sort();
    assert_eq!(names, [1, 2, 3].map(|k| format!("{CLUSTER}-n{k}")));
    let swarm = docker.inspect_swarm().await.expect("swarm");
    assert!(swarm.id.is_some_and(|id| !id.is_empty()));
}
