//! The cluster that both sides look references up in, and what the manager makes of a request.

use serde_json::json;
use swarm::api::model::Model;
use swarm::api::path::origin_form;
use swarm::api::route::{Body, Matched, Treatment, find, rows};
use swarm::api::{NodeSpec, Refusal, Version, json};
use swarm::policy::{Cluster, Policy, admit};
use swarm::schedule::facts::{ContainerFacts, NetworkFacts, NodeView, VolumeFacts};
use swarm::schedule::pin;

/// What the manager speaks with an engine when the client says nothing.
const VERSION: Version = Version::new(1, 45);

/// The number that stands for request lines; kinds of bodies count from 1.
pub const TARGET: u8 = 0;

/// The kinds of bodies by the reader's names for them, each with a request that carries it.
#[rustfmt::skip]
const KINDS: &[(&str, Model, &str, &str)] = &[
    ("ContainerCreate", Model::ContainerCreate, "POST", "/v1.45/containers/create"),
    ("ContainerUpdate", Model::ContainerUpdate, "POST", "/v1.45/containers/web/update"),
    ("ContainerCommit", Model::ContainerCommit, "POST", "/v1.45/commit?container=web"),
    ("ExecCreate", Model::ExecCreate, "POST", "/v1.45/containers/web/exec"),
    ("ExecStart", Model::ExecStart, "POST", "/v1.45/exec/0123456789ab/start"),
    ("NetworkCreate", Model::NetworkCreate, "POST", "/v1.45/networks/create"),
    ("NetworkConnect", Model::NetworkConnect, "POST", "/v1.45/networks/mynet/connect"),
    ("NetworkDisconnect", Model::NetworkDisconnect, "POST", "/v1.45/networks/mynet/disconnect"),
    ("VolumeCreate", Model::VolumeCreate, "POST", "/v1.45/volumes/create"),
    ("ServiceSpec", Model::ServiceSpec, "POST", "/v1.45/services/create"),
    ("SecretSpec", Model::SecretSpec, "POST", "/v1.45/secrets/create"),
    ("ConfigSpec", Model::ConfigSpec, "POST", "/v1.45/configs/create"),
    ("NodeSpec", Model::NodeSpec, "POST", "/v1.45/nodes/n1/update?version=1"),
    ("Auth", Model::Auth, "POST", "/v1.45/auth"),
];

/// What the manager makes of a request.
#[derive(Debug, Default)]
pub struct Ours {
    /// As it was understood, before the policy.
    pub rewritten: Option<Vec<u8>>,
    /// As it goes on.
    pub forwarded: Option<Vec<u8>>,
    pub refusal: Option<Refusal>,
}

pub struct World {
    nodes: Vec<NodeView>,
    bodies: Vec<(Model, Matched)>,
    subject: admit::Subject,
}

impl World {
    pub fn new() -> Self {
        let subject = admit::Subject {
            container: container("77770000", "web"),
            network: network("cccc", "mynet", "bridge"),
            node: NodeSpec {
                role: Some("worker".to_owned()),
                ..NodeSpec::default()
            },
        };
        let bodies = KINDS.iter().map(|(_, model, method, target)| {
            (
                *model,
                find(method, target).expect("a route that is offered"),
            )
        });
        Self {
            nodes: nodes(),
            bodies: bodies.collect(),
            subject,
        }
    }

    pub fn kind_names() -> Vec<&'static str> {
        KINDS.iter().map(|(name, ..)| *name).collect()
    }

    /// The kind (from 0) of a row with a model, counted as the seeds count them.
    pub fn kind_of_seed(number: usize) -> Option<usize> {
        let models: Vec<Model> = rows()
            .filter_map(|row| match row.body {
                Body::Json(model) => Some(model),
                _ => None,
            })
            .collect();
        let model = models[number % models.len()];
        KINDS.iter().position(|(_, known, ..)| *known == model)
    }

    /// The same world for the reader.
    pub fn told(&self, routes: &str) -> Vec<u8> {
        let containers = self.nodes.iter().flat_map(|node| &node.containers);
        let systems: Vec<&str> = containers
            .filter(|container| container.is_system())
            .flat_map(|container| [container.name.as_str(), container.id.as_str()])
            .collect();
        let networks = || self.nodes.iter().flat_map(|node| &node.networks);
        let ids = |wanted: fn(&NetworkFacts) -> bool| -> Vec<&str> {
            networks()
                .filter(|n| wanted(n))
                .map(|n| n.id.as_str())
                .collect()
        };
        let volumes = self.nodes.iter().flat_map(|node| &node.volumes);
        let odd: Vec<&str> = volumes
            .filter(|volume| volume.driver != "local" || !volume.options.is_empty())
            .map(|volume| volume.name.as_str())
            .collect();
        let told = json!({
            "Routes": routes.lines().collect::<Vec<_>>(),
            "Nodes": self.nodes.iter().map(|node| &node.name).collect::<Vec<_>>(),
            "Systems": systems,
            "HostNetworks": ids(|network| network.driver == "host"),
            "OwnNetworks": ids(|network| network.ingress || network.name == "docker_gwbridge"),
            "Volumes": odd,
        });
        told.to_string().into_bytes()
    }

    pub fn judge(&self, kind: u8, bytes: &[u8]) -> Ours {
        match kind {
            TARGET => target(bytes),
            kind => self.body(usize::from(kind) - 1, bytes),
        }
    }

    fn body(&self, kind: usize, bytes: &[u8]) -> Ours {
        let (model, matched) = &self.bodies[kind];
        let nodes: Vec<&NodeView> = self.nodes.iter().collect();
        let (policy, known) = (Policy::carina(), Cluster(&nodes));
        let forwarded = match model {
            // With what is written out for the chosen node.
            Model::ContainerCreate => {
                admit::container_create(&policy, None, bytes, &known).map(|(mut create, _)| {
                    pin::settle_on(&mut create, nodes[0], &nodes);
                    json::write(&create)
                })
            }
            _ => admit::body(&policy, matched, bytes, &known, &self.subject)
                .map(|body| body.expect("the kinds are bodies")),
        };
        let (forwarded, refusal) = split(forwarded);
        Ours {
            rewritten: model.rewrite(bytes).ok(),
            forwarded,
            refusal,
        }
    }
}

/// `METHOD target`, as HTTP and then the manager read it.
fn target(line: &[u8]) -> Ours {
    let read = || {
        let text = std::str::from_utf8(line).map_err(|_| Refusal::bad_request("not UTF-8"))?;
        let (method, target) = text.split_once(' ').unwrap_or((text, ""));
        let uri: http::Uri = target
            .parse()
            .map_err(|_| Refusal::bad_request("not a request target"))?;
        find(method, origin_form(&uri)?)
    };
    let matched = match read() {
        Ok(matched) => matched,
        Err(refusal) => {
            return Ours {
                refusal: Some(refusal),
                ..Ours::default()
            };
        }
    };
    assert!(!matches!(matched.row.treatment, Treatment::Refused(_)));
    let version = matched.version.unwrap_or(VERSION);
    let method = matched.row.method.as_str();
    let written = format!("{method} {}", matched.target(version, &matched.name)).into_bytes();
    let verdict = admit::query(&Policy::carina(), &matched).map(|()| written.clone());
    let (forwarded, refusal) = split(verdict);
    Ours {
        rewritten: Some(written),
        forwarded,
        refusal,
    }
}

fn split(result: Result<Vec<u8>, Refusal>) -> (Option<Vec<u8>>, Option<Refusal>) {
    match result {
        Ok(bytes) => (Some(bytes), None),
        Err(refusal) => (None, Some(refusal)),
    }
}

/// Two segments with the system containers and something of the user's.
fn nodes() -> Vec<NodeView> {
    let mut nodes: Vec<NodeView> = ["n1", "n2"]
        .iter()
        .enumerate()
        .map(|(at, name)| node(at, name))
        .collect();
    let first = &mut nodes[0];
    first.containers.push(container(&id("77770000"), "web"));
    first.networks.push(network(&id("cccc"), "mynet", "bridge"));
    for (name, driver, option) in [
        ("evil", "local", Some(("device", "/"))),
        ("remote", "nfs", None),
    ] {
        first.volumes.push(VolumeFacts {
            name: name.to_owned(),
            driver: driver.to_owned(),
            options: option
                .into_iter()
                .map(|(key, value)| (key.into(), value.into()))
                .collect(),
            ..VolumeFacts::default()
        });
    }
    nodes
}

fn node(at: usize, name: &str) -> NodeView {
    let containers = wire::SYSTEM_CONTAINERS.iter().enumerate();
    let containers =
        containers.map(|(number, name)| container(&id(&format!("5{at}{number}aaaa")), name));
    let networks = [
        ("bridge", "bridge"),
        ("host", "host"),
        ("none", "null"),
        ("docker_gwbridge", "bridge"),
    ];
    let networks = networks.iter().enumerate();
    let mut networks: Vec<NetworkFacts> = networks
        .map(|(number, (name, driver))| network(&id(&format!("e{at}{number}bb")), name, driver))
        .collect();
    networks.push(NetworkFacts {
        ingress: true,
        ..network(&id("e9cc"), "ingress", "overlay")
    });
    NodeView {
        id: format!("id-of-{name}"),
        name: name.to_owned(),
        addr: format!("10.83.7.{}:42376", 11 + at),
        health: 100,
        cpus: 2,
        memory: 2 << 30,
        containers: containers.collect(),
        networks,
        ..NodeView::default()
    }
}

fn container(id: &str, name: &str) -> ContainerFacts {
    ContainerFacts {
        id: id.to_owned(),
        name: name.to_owned(),
        image: "busybox".to_owned(),
        state: "running".to_owned(),
        ..ContainerFacts::default()
    }
}

fn network(id: &str, name: &str, driver: &str) -> NetworkFacts {
    NetworkFacts {
        id: id.to_owned(),
        name: name.to_owned(),
        driver: driver.to_owned(),
        ..NetworkFacts::default()
    }
}

/// As long as Docker's.
fn id(beginning: &str) -> String {
    format!("{beginning:0<64}")
}
