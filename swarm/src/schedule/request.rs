//! What a create asks of the scheduler.

use std::collections::{BTreeMap, BTreeSet};

use super::expression::Expression;
use super::facts::{ContainerFacts, MountFacts, NodeView, Pending, PortUse, RESCHEDULE_LABEL};
use super::filter::before_colon;
use super::held::Held;
use super::names::container_meant;
use crate::api::host_config::HostConfig;
use crate::api::{ContainerCreate, Refusal};

/// The manager's own mark on a container.
pub const SWARM_ID_LABEL: &str = "com.docker.swarm.id";

/// The word in the environment, and the label its values are kept in.
const WORDS: [(&str, &str); 4] = [
    ("affinity", "com.docker.swarm.affinities"),
    ("constraint", "com.docker.swarm.constraints"),
    ("reschedule", RESCHEDULE_LABEL),
    ("whitelist", "com.docker.swarm.whitelists"),
];

/// What is looked for a place for.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub enum Asks {
    /// A build or a network: nothing that stays and counts.
    #[default]
    Work,
    Volume,
    Container,
}

/// The parts of a create that decide where it goes.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct Request {
    pub asks: Asks,
    pub name: Option<String>,
    pub image: String,
    /// In classic Swarm's sense: `-c` is a number of CPUs.
    pub cpus: i64,
    pub memory: i64,
    pub is_host_network: bool,
    /// Those with a port of the host's; where the engine chooses there is nothing to place by.
    pub ports: Vec<PortUse>,
    pub exposed: BTreeSet<String>,
    /// As given, `name[:ro]`.
    pub volumes_from: Vec<String>,
    /// As given, `name[:alias]`.
    pub links: Vec<String>,
    /// Of `--net container:x`.
    pub network_container: Option<String>,
    /// Named volumes, whether they exist or not.
    pub volumes: Vec<String>,
    /// Networks by the names given, without the engines' own.
    pub networks: BTreeSet<String>,
    pub affinities: Vec<Expression>,
    pub constraints: Vec<Expression>,
    pub whitelists: Vec<Expression>,
    /// `off` or `on-node-failure`.
    pub reschedule: Option<String>,
    /// Id of the container whose place it takes, name included.
    pub replaces: Option<String>,
    /// Where the containers are that it names; found by [`super::place`].
    pub(super) dependencies: Vec<Dependency>,
    /// Where the volumes and networks are that it uses; found by [`super::place`].
    pub(super) held: Vec<Held>,
    /// For the affinity of others by label.
    labels: BTreeMap<String, String>,
}

/// A container that another one needs beside it.
#[derive(Debug, Clone, Default, PartialEq)]
pub(super) struct Dependency {
    pub reference: String,
    /// Ids of the nodes that have it.
    pub nodes: BTreeSet<String>,
}

impl Request {
    /// Reads the request and takes the scheduling words out of the container's environment: they
    /// go on as labels, so that a later create by the same labels places the same way.
    pub fn take(create: &mut ContainerCreate, name: Option<&str>) -> Result<Self, Refusal> {
        let [affinities, constraints, reschedule, whitelists] = take_words(create)?;
        let none = HostConfig::default();
        let host = create.host_config.as_ref().unwrap_or(&none);
        let mode = host.network_mode.as_deref().unwrap_or_default();
        let mut request = Self {
            asks: Asks::Container,
            name: name.map(|name| name.strip_prefix('/').unwrap_or(name).to_owned()),
            image: create.image.clone().unwrap_or_default(),
            cpus: host.cpu_shares.unwrap_or_default(),
            memory: host.memory.unwrap_or_default(),
            is_host_network: mode == "host",
            ports: ports(host),
            exposed: create
                .exposed_ports
                .iter()
                .flatten()
                .map(|(port, _)| port.clone())
                .collect(),
            volumes_from: host.volumes_from.clone().unwrap_or_default(),
            links: host.links.clone().unwrap_or_default(),
            network_container: mode.strip_prefix("container:").map(str::to_owned),
            volumes: volumes(host),
            networks: networks(create),
            affinities: parse_all(affinities)?,
            constraints: parse_all(constraints)?,
            whitelists: parse_all(whitelists)?,
            reschedule: reschedule_policy(reschedule)?,
            replaces: None,
            dependencies: Vec::new(),
            held: Vec::new(),
            labels: create.labels.clone().unwrap_or_default(),
        };
        if let Some(segment) = create.labels.as_ref().and_then(segment_of) {
            request.constraints.push(segment?);
        }
        // A network of one node can only be joined there. Not kept as a label: the name says it.
        let named = create.endpoints().chain([mode]);
        let pinned: BTreeSet<&str> = named
            .filter(|name| !name.starts_with("container:"))
            .filter_map(|name| Some(name.split_once('/')?.0))
            .collect();
        for node in pinned {
            request
                .constraints
                .push(Expression::parse(&format!("node=={node}"))?);
        }
        Ok(request)
    }

    /// For a volume that is made by itself: where its name, its labels and the node in front of
    /// its name say.
    pub fn of_volume(
        name: &str,
        node: Option<&str>,
        labels: &BTreeMap<String, String>,
    ) -> Result<Self, Refusal> {
        let mut found: [Vec<String>; 4] = Default::default();
        labels_read(Some(labels), &mut found)?;
        let [affinities, constraints, _, whitelists] = found;
        let mut request = Self {
            asks: Asks::Volume,
            affinities: parse_all(affinities)?,
            constraints: parse_all(constraints)?,
            whitelists: parse_all(whitelists)?,
            ..Self::default()
        };
        if let Some(segment) = segment_of(labels) {
            request.constraints.push(segment?);
        }
        if let Some(node) = node {
            let text = format!("node=={node}");
            request.constraints.push(Expression::parse(&text)?);
        }
        if !name.is_empty() {
            request.volumes.push(name.to_owned());
        }
        Ok(request)
    }

    /// For a build: `words` as in a container's environment, `constraint:node==n2`.
    pub fn of_build(words: &[String]) -> Result<Self, Refusal> {
        let mut found: [Vec<String>; 4] = Default::default();
        for (word, value) in words.iter().filter_map(|entry| word_of(entry)) {
            found[word].push(value.to_owned());
        }
        let [affinities, constraints, _, whitelists] = found;
        Ok(Self {
            affinities: parse_all(affinities)?,
            constraints: parse_all(constraints)?,
            whitelists: parse_all(whitelists)?,
            ..Self::default()
        })
    }

    /// A further affinity that the manager adds for one try and does not store.
    #[must_use]
    pub fn with_affinity(mut self, affinity: Expression) -> Self {
        self.affinities.push(affinity);
        self
    }

    /// Looks up every container that the request names.
    pub(super) fn dependencies_find(&mut self, nodes: &[&NodeView]) {
        let volumes_from = self.volumes_from.iter().map(|text| before_colon(text));
        let links = self.links.iter().map(|text| before_colon(text));
        let network = self.network_container.as_deref();
        self.dependencies = volumes_from
            .chain(links)
            .chain(network)
            .map(|reference| Dependency {
                reference: reference.to_owned(),
                nodes: container_meant(nodes, reference)
                    .into_iter()
                    .map(|found| found.node.id.clone())
                    .collect(),
            })
            .collect();
    }

    /// Whether the client itself says on which node, so that another one is no answer.
    pub fn is_pinned(&self) -> bool {
        self.constraints
            .iter()
            .any(|e| e.key == "node" && e.is_equal && !e.is_soft)
    }

    /// The entry that reserves its place on `node` until the engine shows the container.
    pub fn pending(&self, node: &str) -> Pending {
        Pending {
            node: node.to_owned(),
            in_doubt: false,
            facts: ContainerFacts {
                name: self.name.clone().unwrap_or_default(),
                image: self.image.clone(),
                labels: self.labels.clone(),
                cpus: self.cpus,
                memory: self.memory,
                network_mode: if self.is_host_network {
                    "host".into()
                } else {
                    String::new()
                },
                ports: self.ports.clone(),
                exposed: self.exposed.clone(),
                mounts: self.volumes.iter().map(MountFacts::of_volume).collect(),
                state: "created".to_owned(),
                ..ContainerFacts::default()
            },
        }
    }
}

/// Classic Swarm's `-c` is a number of CPUs; engines take shares of 1024 of *their* CPUs.
pub fn shares_of_cpus(cpus: i64, engine_cpus: i64) -> i64 {
    if cpus <= 0 || engine_cpus <= 0 {
        return cpus;
    }
    let whole = i128::from(cpus) * 1024;
    let engine = i128::from(engine_cpus);
    i64::try_from((whole + engine - 1) / engine).unwrap_or(i64::MAX)
}

/// The way back, on refresh.
pub fn cpus_of_shares(shares: i64, engine_cpus: i64) -> i64 {
    shares.saturating_mul(engine_cpus.max(0)) / 1024
}

/// Collects what labels and environment say for each word, and leaves all of it in the labels.
fn take_words(create: &mut ContainerCreate) -> Result<[Vec<String>; 4], Refusal> {
    let mut found: [Vec<String>; 4] = Default::default();
    labels_read(create.labels.as_ref(), &mut found)?;
    if let Some(env) = &mut create.env {
        env.retain(|entry| match word_of(entry) {
            Some((word, value)) => {
                found[word].push(value.to_owned());
                false
            }
            None => true,
        });
    }
    for ((_, label), values) in WORDS.iter().zip(&found) {
        if !values.is_empty() {
            let text = serde_json::json!(values).to_string();
            create
                .labels
                .get_or_insert_default()
                .insert((*label).to_owned(), text);
        }
    }
    Ok(found)
}

/// Which of [`WORDS`] an entry of the environment begins with, and what follows.
pub fn word_of(entry: &str) -> Option<(usize, &str)> {
    let (word, value) = entry.split_once(':')?;
    let index = WORDS.iter().position(|(known, _)| *known == word)?;
    Some((index, value))
}

fn labels_read(
    labels: Option<&BTreeMap<String, String>>,
    found: &mut [Vec<String>; 4],
) -> Result<(), Refusal> {
    for ((_, label), values) in WORDS.iter().zip(found) {
        let Some(text) = labels.and_then(|labels| labels.get(*label)) else {
            continue;
        };
        *values = serde_json::from_str(text).map_err(|_| {
            Refusal::bad_request(format!("the label {label} must be a JSON list of texts"))
        })?;
    }
    Ok(())
}

fn parse_all(texts: Vec<String>) -> Result<Vec<Expression>, Refusal> {
    texts.iter().map(|text| Expression::parse(text)).collect()
}

/// `carina.segment=n2`: there or nowhere.
fn segment_of(labels: &BTreeMap<String, String>) -> Option<Result<Expression, Refusal>> {
    let segment = labels.get(wire::SEGMENT_LABEL)?;
    if !crate::api::query::is_name(segment) {
        return Some(Err(Refusal::bad_request(format!(
            "the label {} must be a segment's name, such as n2, and is {segment:?}",
            wire::SEGMENT_LABEL
        ))));
    }
    Some(Expression::parse(&format!("node=={segment}")))
}

fn reschedule_policy(policies: Vec<String>) -> Result<Option<String>, Refusal> {
    match policies.as_slice() {
        [] => Ok(None),
        [policy] if policy == "off" || policy == "on-node-failure" => Ok(Some(policy.clone())),
        [policy] => Err(Refusal::bad_request(format!(
            "invalid reschedule policy: {policy}"
        ))),
        _ => Err(Refusal::bad_request("too many reschedule policies")),
    }
}

fn ports(host: &HostConfig) -> Vec<PortUse> {
    let mut ports = Vec::new();
    for (container_port, bindings) in host.port_bindings.iter().flatten() {
        for binding in bindings.iter().flatten() {
            let host_port = binding.host_port.clone().unwrap_or_default();
            ports.push(PortUse {
                container_port: container_port.clone(),
                host_ip: binding.host_ip.clone().unwrap_or_default(),
                host_port: if host_port == "0" {
                    String::new()
                } else {
                    host_port
                },
            });
        }
    }
    ports.retain(|port| !port.host_port.is_empty());
    ports
}

fn networks(create: &ContainerCreate) -> BTreeSet<String> {
    let host = create.host_config.as_ref();
    let mode = host.and_then(|host| host.network_mode.as_deref());
    create
        .endpoints()
        .chain(mode)
        .filter(|name| !matches!(*name, "" | "default" | "bridge" | "host" | "none"))
        .filter(|name| !name.contains(['/', ':']))
        .map(str::to_owned)
        .collect()
}

fn volumes(host: &HostConfig) -> Vec<String> {
    let bound = host
        .binds
        .iter()
        .flatten()
        .filter_map(|bind| bind.split_once(':'))
        .map(|(s, _)| s);
    let mounted = host
        .mounts
        .iter()
        .flatten()
        .filter(|mount| mount.kind.as_deref() == Some("volume"))
        .filter_map(|mount| mount.source.as_deref());
    let mut volumes: Vec<String> = bound
        .chain(mounted)
        .filter(|source| crate::api::query::is_name(source))
        .map(str::to_owned)
        .collect();
    volumes.sort();
    volumes.dedup();
    volumes
}
