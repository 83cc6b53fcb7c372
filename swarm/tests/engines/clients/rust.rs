//! Rust's library, bollard, as it is: over TLS, with a bundle.

mod container;
mod image;
mod network;
mod service;
mod stream;

use std::collections::HashMap;
use std::time::Duration;

use ::bollard::models::ContainerCreateBody;
use ::bollard::query_parameters::{CreateContainerOptions, CreateContainerOptionsBuilder};
use ::bollard::{API_DEFAULT_VERSION, Docker};
use swarm::tls;
use tokio::time::timeout;

use crate::lab::{CLUSTER, Lab};

/// For all that one test does.
const LIMIT: Duration = Duration::from_secs(120);
/// Seconds that the library waits for an answer.
const ANSWER_LIMIT: u64 = 30;

pub fn bollard(lab: &mut Lab) {
    // The library leaves the choice of a provider to its program.
    tls::install_provider();
    let runtime = tokio::runtime::Builder::new_current_thread()
        .enable_all()
        .build()
        .expect("a runtime");
    let work = async {
        let docker = connect(lab).await;
        container::live_and_are_seen(&docker).await;
        container::run_to_their_end(&docker).await;
        container::carry_archives(lab, &docker).await;
        container::hold_to_the_policy(&docker).await;
        stream::logs_and_execs(&docker).await;
        stream::attached_input_comes_back(&docker).await;
        stream::events_and_stats(&docker).await;
        image::are_built_and_moved(lab, &docker).await;
        image::are_pushed_and_pulled(lab, &docker).await;
        network::join_segments(&docker).await;
        network::volumes_stay_where_they_are(&docker).await;
        service::run_change_and_speak(lab, &docker).await;
        service::secrets_configs_and_nodes(&docker).await;
    };
    runtime
        .block_on(async { timeout(LIMIT, work).await })
        .expect("done in time");
}

/// Before it has asked which version the engines speak.
fn connect_unasked(lab: &Lab) -> Docker {
    let bundle = |file: &str| lab.alice.dir.join(file);
    Docker::connect_with_ssl(
        &format!("tcp://{}:2376", lab.nodes[0].ip),
        &bundle("key.pem"),
        &bundle("cert.pem"),
        &bundle("ca.pem"),
        ANSWER_LIMIT,
        API_DEFAULT_VERSION,
    )
    .expect("a client")
}

async fn connect(lab: &Lab) -> Docker {
    let docker = connect_unasked(lab);
    assert_eq!(docker.ping().await.expect("ping"), "OK");
    let docker = docker.negotiate_version().await.expect("a version");
    let version = docker.version().await.expect("version");
    let spoken = docker.client_version();
    assert_eq!(version.api_version, Some(spoken.to_string()));
    let info = docker.info().await.expect("info");
    assert!(
        info.name.as_deref().is_some_and(|name| !name.is_empty()),
        "{info:?}"
    );
    docker
}

fn named(name: &str) -> Option<CreateContainerOptions> {
    Some(CreateContainerOptionsBuilder::new().name(name).build())
}

/// A container of the lab's image on the `k`th segment.
fn on(k: u8, command: &[&str]) -> ContainerCreateBody {
    ContainerCreateBody {
        env: Some(vec![format!("constraint:node=={CLUSTER}-n{k}")]),
        ..anywhere(command)
    }
}

fn anywhere(command: &[&str]) -> ContainerCreateBody {
    ContainerCreateBody {
        image: Some("busybox".into()),
        cmd: Some(texts(command)),
        stop_signal: Some("SIGKILL".into()),
        labels: Some(HashMap::from([("tried.by".into(), "rust".into())])),
        ..ContainerCreateBody::default()
    }
}

fn texts(words: &[&str]) -> Vec<String> {
    words.iter().map(|word| (*word).to_owned()).collect()
}

/// A filter of one value.
fn filter(key: &str, value: &str) -> HashMap<String, Vec<String>> {
    HashMap::from([(key.to_owned(), vec![value.to_owned()])])
}

async fn started(docker: &Docker, name: &str, body: ContainerCreateBody) -> String {
    let made = docker
        .create_container(named(name), body)
        .await
        .expect("create");
    docker.start_container(name, None).await.expect("start");
    made.id
}

async fn removed(docker: &Docker, name: &str) {
    let options = ::bollard::query_parameters::RemoveContainerOptionsBuilder::new()
        .force(true)
        .v(true)
        .build();
    docker
        .remove_container(name, Some(options))
        .await
        .expect("remove");
}

/// What the cluster refused: the status and why.
fn refusal<T: std::fmt::Debug>(result: Result<T, ::bollard::errors::Error>) -> (u16, String) {
    match result {
        Err(::bollard::errors::Error::DockerResponseServerError {
            status_code,
            message,
        }) => (status_code, message),
        other => panic!("no refusal: {other:?}"),
    }
}

/// Until it is so; what is waited for is level, not an event.
async fn until<F: Future<Output = bool>>(what: &str, mut is: impl FnMut() -> F) {
    let wait = async {
        while !is().await {
            tokio::time::sleep(Duration::from_millis(100)).await;
        }
    };
    timeout(Duration::from_secs(60), wait).await.expect(what);
}
