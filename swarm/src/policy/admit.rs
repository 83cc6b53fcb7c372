//! Requests on their way in: read, judged, and what of them goes on.
//!
//! The manager's handlers come here with what a route carries. [`body`] and [`query`] find the
//! right one by the route: for tests and fuzzing, which thereby go the way that requests go.

use super::{Known, Policy};
use crate::api::route::Route;
use crate::api::{
    ConfigSpec, ContainerCreate, ContainerUpdate, ExecCreate, ExecStart, Matched, NetworkConnect,
    NetworkCreate, NetworkDisconnect, NodeSpec, Query, Refusal, SecretSpec, ServiceSpec,
    VolumeCreate, commit, json,
};
use crate::schedule::Request;
use crate::schedule::facts::{ContainerFacts, NetworkFacts};

/// `POST /containers/create`: what is sent, and what it asks of the scheduler.
pub fn container_create(
    policy: &Policy,
    name: Option<&str>,
    body: &[u8],
    known: &dyn Known,
) -> Result<(ContainerCreate, Request), Refusal> {
    let mut create: ContainerCreate = json::read(body)?;
    let request = container_create_check(policy, name, &mut create, known)?;
    Ok((create, request))
}

/// The same of one that was read, or made by the manager itself.
pub fn container_create_check(
    policy: &Policy,
    name: Option<&str>,
    create: &mut ContainerCreate,
    known: &dyn Known,
) -> Result<Request, Refusal> {
    policy.container_create(name, create, known)?;
    Request::take(create, name)
}

pub fn container_update(policy: &Policy, body: &[u8]) -> Result<ContainerUpdate, Refusal> {
    let update = json::read(body)?;
    policy.container_update(&update)?;
    Ok(update)
}

pub fn container_commit(
    policy: &Policy,
    body: &[u8],
    query: &Query,
) -> Result<ContainerCreate, Refusal> {
    let config = commit::read(body)?;
    policy.commit(&config, query)?;
    Ok(config)
}

pub fn exec_create(policy: &Policy, body: &[u8]) -> Result<ExecCreate, Refusal> {
    let exec: ExecCreate = json::read(body)?;
    policy.exec_create(&exec)?;
    if exec.cmd.as_ref().is_none_or(Vec::is_empty) {
        return Err(Refusal::bad_request("No exec command specified"));
    }
    Ok(exec)
}

pub fn exec_start(body: &[u8]) -> Result<ExecStart, Refusal> {
    json::read_or_default(body)
}

pub fn network_create(
    policy: &Policy,
    body: &[u8],
    known: &dyn Known,
) -> Result<NetworkCreate, Refusal> {
    let create = json::read(body)?;
    policy.network_create(&create, known)?;
    Ok(create)
}

pub fn volume_create(policy: &Policy, body: &[u8]) -> Result<VolumeCreate, Refusal> {
    let create = json::read(body)?;
    policy.volume_create(&create)?;
    Ok(create)
}

/// `POST /services/create` and `…/update`, not yet judged: its networks must be found first.
pub fn service_read(body: &[u8]) -> Result<ServiceSpec, Refusal> {
    json::read_within(ServiceSpec::BOUNDS, body)
}

pub fn secret(policy: &Policy, body: &[u8]) -> Result<SecretSpec, Refusal> {
    let secret = json::read(body)?;
    policy.secret(&secret)?;
    Ok(secret)
}

pub fn config(policy: &Policy, body: &[u8]) -> Result<ConfigSpec, Refusal> {
    let config = json::read_within(ConfigSpec::BOUNDS, body)?;
    policy.config(&config)?;
    Ok(config)
}

/// `POST /nodes/{id}/update`: the engine wants role and name; a client that says neither means to
/// leave them.
pub fn node_update(
    policy: &Policy,
    mut asked: NodeSpec,
    is: &NodeSpec,
) -> Result<NodeSpec, Refusal> {
    let said = |text: Option<String>| text.filter(|text| !text.is_empty());
    asked.role = said(asked.role).or(is.role.clone());
    asked.name = said(asked.name).or(is.name.clone());
    policy.node_update(&asked, is)?;
    Ok(asked)
}

/// Something that the body's request is about, where the manager would look it up.
#[derive(Debug, Clone, Default)]
pub struct Subject {
    pub container: ContainerFacts,
    pub network: NetworkFacts,
    pub node: NodeSpec,
}

/// A body by its route, as it would be sent on. `None`: the route carries none.
pub fn body(
    policy: &Policy,
    matched: &Matched,
    body: &[u8],
    known: &dyn Known,
    subject: &Subject,
) -> Result<Option<Vec<u8>>, Refusal> {
    let written = match matched.route() {
        Route::ContainerCreate => {
            let name = matched.query.text("name");
            json::write(&container_create(policy, name, body, known)?.0)
        }
        Route::ContainerUpdate => json::write(&container_update(policy, body)?),
        Route::ContainerCommit => json::write(&container_commit(policy, body, &matched.query)?),
        Route::ExecCreate => json::write(&exec_create(policy, body)?),
        Route::ExecStart => json::write(&exec_start(body)?),
        Route::NetworkCreate => json::write(&network_create(policy, body, known)?),
        Route::NetworkConnect => {
            let connect: NetworkConnect = json::read(body)?;
            for container in known.containers(connect.container.as_deref().unwrap_or_default()) {
                policy.network_connect(&subject.network, container, &connect, known)?;
            }
            policy.network_connect(&subject.network, &subject.container, &connect, known)?;
            json::write(&connect)
        }
        Route::NetworkDisconnect => {
            let disconnect: NetworkDisconnect = json::read(body)?;
            for container in known.containers(disconnect.container.as_deref().unwrap_or_default()) {
                policy.network_disconnect(&subject.network, container)?;
            }
            policy.network_disconnect(&subject.network, &subject.container)?;
            json::write(&disconnect)
        }
        Route::VolumeCreate => json::write(&volume_create(policy, body)?),
        Route::ServiceCreate | Route::ServiceUpdate => {
            let service = service_read(body)?;
            policy.service(&service, known)?;
            json::write(&service)
        }
        Route::SecretCreate | Route::SecretUpdate => json::write(&secret(policy, body)?),
        Route::ConfigCreate | Route::ConfigUpdate => json::write(&config(policy, body)?),
        Route::NodeUpdate => {
            let asked = json::read(body)?;
            json::write(&node_update(policy, asked, &subject.node)?)
        }
        Route::Auth => json::write(&json::read::<crate::api::AuthConfig>(body)?),
        _ => return Ok(None),
    };
    Ok(Some(written))
}

/// A query by its route: whether the policy has something against it.
pub fn query(policy: &Policy, matched: &Matched) -> Result<(), Refusal> {
    let query = &matched.query;
    match matched.route() {
        Route::BuildImage => policy.build(query),
        Route::ContainerCommit => policy.commit(&ContainerCreate::default(), query),
        Route::ContainerCreate | Route::ContainerRename => {
            policy.container_rename(query.text("name").unwrap_or_default())
        }
        Route::ContainerArchiveGet | Route::ContainerArchiveHead | Route::ContainerArchivePut => {
            query
                .text("path")
                .map_or(Ok(()), |path| policy.archive(path))
        }
        Route::ImageCreate => policy.image_create(query),
        Route::ImageTag => policy.image_change(query.text("repo").unwrap_or_default()),
        Route::ContainerPrune | Route::VolumePrune => policy.prune(&query.filters()),
        _ => Ok(()),
    }
}
