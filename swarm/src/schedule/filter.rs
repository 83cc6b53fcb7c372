//! The filters, in the archived order. Each says of one node whether it will do, and if not, why.

use std::collections::BTreeSet;

use time::OffsetDateTime;

use super::expression::Expression;
use super::facts::{ContainerFacts, NodeView, PortUse};
use super::held::Held;
use super::request::{Asks, Request};

/// A node with what is on its way to it.
#[derive(Debug, Clone)]
pub struct Candidate<'a> {
    pub node: &'a NodeView,
    /// Not yet shown by the engine.
    pub pending: Vec<&'a ContainerFacts>,
}

impl<'a> Candidate<'a> {
    pub fn containers(&self) -> impl Iterator<Item = &'a ContainerFacts> + '_ {
        self.node
            .containers
            .iter()
            .chain(self.pending.iter().copied())
    }
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Filter {
    Health,
    Port,
    ContainerSlots,
    Dependency,
    Affinity,
    Constraint,
    Whitelist,
}

/// The order they are applied in, and `docker info` prints them in.
pub const FILTERS: [Filter; 7] = [
    Filter::Health,
    Filter::Port,
    Filter::ContainerSlots,
    Filter::Dependency,
    Filter::Affinity,
    Filter::Constraint,
    Filter::Whitelist,
];

/// Those that are applied: all, unless the operator named some.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Filters([bool; FILTERS.len()]);

impl Default for Filters {
    fn default() -> Self {
        Self([true; FILTERS.len()])
    }
}

impl Filters {
    /// `Err` with the name that is none.
    pub fn parse(names: &[String]) -> Result<Self, String> {
        if names.is_empty() {
            return Ok(Self::default());
        }
        let mut chosen = [false; FILTERS.len()];
        for name in names.iter().flat_map(|names| names.split(',')) {
            let at = FILTERS.iter().position(|filter| filter.name() == name);
            chosen[at.ok_or_else(|| name.to_owned())?] = true;
        }
        Ok(Self(chosen))
    }

    /// In their order.
    pub fn iter(self) -> impl Iterator<Item = Filter> {
        FILTERS
            .into_iter()
            .zip(self.0)
            .filter_map(|(filter, chosen)| chosen.then_some(filter))
    }
}

impl Filter {
    pub const fn name(self) -> &'static str {
        match self {
            Self::Health => "health",
            Self::Port => "port",
            Self::ContainerSlots => "containerslots",
            Self::Dependency => "dependency",
            Self::Affinity => "affinity",
            Self::Constraint => "constraint",
            Self::Whitelist => "whitelist",
        }
    }

    /// What the request asks of this filter, as the archived error lists it.
    pub fn conditions(self, request: &Request) -> Vec<String> {
        let shown =
            |expressions: &[Expression]| expressions.iter().map(Expression::to_string).collect();
        match self {
            Self::Health => Vec::new(),
            Self::Port if request.is_host_network => request
                .exposed
                .iter()
                .map(|port| format!("port {port} (Host mode)"))
                .collect(),
            Self::Port => request
                .ports
                .iter()
                .map(|p| format!("port {} (Bridge mode)", p.host_port))
                .collect(),
            Self::ContainerSlots => vec!["available container slots".to_owned()],
            Self::Dependency => {
                let volumes_from = request
                    .volumes_from
                    .iter()
                    .map(|v| format!("--volumes-from={v}"));
                let links = request.links.iter().map(|link| format!("--link={link}"));
                let network = request
                    .network_container
                    .iter()
                    .map(|c| format!("--net=container:{c}"));
                let held = request.held.iter().map(Held::condition);
                volumes_from
                    .chain(links)
                    .chain(network)
                    .chain(held)
                    .collect()
            }
            Self::Affinity => shown(&request.affinities),
            Self::Constraint => shown(&request.constraints),
            Self::Whitelist => shown(&request.whitelists),
        }
    }

    /// `Err` with the reason when the node will not do.
    pub fn admit(
        self,
        candidate: &Candidate<'_>,
        request: &Request,
        with_soft: bool,
    ) -> Result<(), String> {
        match self {
            Self::Health if candidate.node.health > 0 => Ok(()),
            Self::Health => Err(not_healthy(candidate.node)),
            Self::Port => port(candidate, request),
            Self::ContainerSlots if request.asks != Asks::Container => Ok(()),
            Self::ContainerSlots => slots(candidate),
            Self::Dependency => dependency(candidate.node, request),
            Self::Affinity => each("affinity", &request.affinities, with_soft, |e| {
                affinity(candidate, e)
            }),
            Self::Constraint => each("constraint", &request.constraints, with_soft, |e| {
                constraint(candidate.node, e)
            }),
            Self::Whitelist => each("whitelist", &request.whitelists, with_soft, |e| {
                whitelist(candidate.node, e)
            }),
        }
    }
}

/// With the reason, as far as it is known.
pub fn not_healthy(node: &NodeView) -> String {
    match &node.trouble {
        None => "not healthy".to_owned(),
        Some(trouble) => format!(
            "not healthy ({}, {} s)",
            trouble.reason,
            (OffsetDateTime::now_utc() - trouble.since).whole_seconds()
        ),
    }
}

fn each(
    word: &str,
    expressions: &[Expression],
    with_soft: bool,
    matches: impl Fn(&Expression) -> bool,
) -> Result<(), String> {
    for expression in expressions.iter().filter(|e| with_soft || !e.is_soft) {
        if !matches(expression) {
            return Err(format!("{word} {}", expression.text()));
        }
    }
    Ok(())
}

fn port(candidate: &Candidate<'_>, request: &Request) -> Result<(), String> {
    if request.is_host_network {
        for port in &request.exposed {
            let other = candidate
                .containers()
                .find(|c| c.network_mode == "host" && c.exposed.contains(port));
            if let Some(other) = other {
                return Err(format!("port {port} is taken by {}", other.name));
            }
        }
        return Ok(());
    }
    for wanted in &request.ports {
        // Without a port of its own the engine finds a free one.
        let Some((first, last)) = port_range(&wanted.host_port) else {
            continue;
        };
        let mut taken_by = None;
        let is_free = (first..=last).any(|port| {
            let other = candidate
                .containers()
                .find(|c| c.ports.iter().any(|used| clash(wanted, port, used)));
            taken_by = other.map(|c| c.name.clone()).or(taken_by.take());
            other.is_none()
        });
        if !is_free {
            let by = taken_by.unwrap_or_default();
            return Err(format!("port {} is taken by {by}", wanted.host_port));
        }
    }
    Ok(())
}

/// `80` or `8000-8010`; none for an empty one.
pub fn port_range(text: &str) -> Option<(u16, u16)> {
    let (first, last) = text.split_once('-').unwrap_or((text, text));
    // Rust would read a sign, too.
    let is_number = |text: &str| text.bytes().all(|b| b.is_ascii_digit());
    if !is_number(first) || !is_number(last) {
        return None;
    }
    let (first, last) = (first.parse().ok()?, last.parse().ok()?);
    (0 < first && first <= last).then_some((first, last))
}

fn clash(wanted: &PortUse, port: u16, used: &PortUse) -> bool {
    used.host_port.parse() == Ok(port)
        && protocol(&wanted.container_port) == protocol(&used.container_port)
        && (wanted.host_ip == used.host_ip
            || binds_all(&wanted.host_ip)
            || binds_all(&used.host_ip))
}

fn binds_all(ip: &str) -> bool {
    matches!(ip, "" | "0.0.0.0" | "::")
}

fn protocol(container_port: &str) -> &str {
    container_port
        .split_once('/')
        .map_or("tcp", |(_, protocol)| protocol)
}

fn slots(candidate: &Candidate<'_>) -> Result<(), String> {
    // A label that is no number limits nothing, as in the archive.
    let limit = candidate
        .node
        .labels
        .get("containerslots")
        .and_then(|text| text.parse::<i64>().ok());
    // The system's own take none: people reckon with theirs.
    let taken = candidate.containers().filter(|c| !c.is_system()).count();
    match limit {
        Some(limit) if taken as i64 >= limit => {
            Err(format!("no container slot is left of {limit}"))
        }
        _ => Ok(()),
    }
}

fn dependency(node: &NodeView, request: &Request) -> Result<(), String> {
    for dependency in &request.dependencies {
        if !dependency.nodes.contains(&node.id) {
            return Err(format!("container {} is not there", dependency.reference));
        }
    }
    match request
        .held
        .iter()
        .find(|held| !held.nodes.contains(&node.name))
    {
        Some(held) => Err(format!("{} {} is not there", held.what, held.name)),
        None => Ok(()),
    }
}

/// The container's part of `container:alias` and `container:ro`.
pub fn before_colon(text: &str) -> &str {
    text.split_once(':').map_or(text, |(before, _)| before)
}

fn affinity(candidate: &Candidate<'_>, expression: &Expression) -> bool {
    match expression.key.as_str() {
        "container" => expression.matches(
            candidate
                .containers()
                .filter(|c| !c.name.is_empty())
                .flat_map(|c| {
                    [c.id.as_str(), c.name.as_str()]
                        .into_iter()
                        .chain(c.swarm_id())
                }),
        ),
        "image" => {
            let mut names = BTreeSet::new();
            for image in &candidate.node.images {
                names.insert(image.id.as_str());
                names.extend(image.repo_digests.iter().map(String::as_str));
                for tag in &image.repo_tags {
                    names.insert(tag);
                    names.insert(repository(tag));
                }
            }
            expression.matches(names)
        }
        key => expression.matches(
            candidate
                .containers()
                .map(|c| c.labels.get(key).map_or("", String::as_str)),
        ),
    }
}

/// `registry:5000/name` of `registry:5000/name:tag`.
pub fn repository(tag: &str) -> &str {
    match tag.rsplit_once(':') {
        Some((repository, tag)) if !tag.contains('/') => repository,
        _ => tag,
    }
}

fn constraint(node: &NodeView, expression: &Expression) -> bool {
    match expression.key.as_str() {
        "node" => expression.matches(
            [node.id.as_str(), node.name.as_str()]
                .into_iter()
                .chain(node.short_name()),
        ),
        key => expression.matches([node.labels.get(key).map_or("", String::as_str)]),
    }
}

/// Whatever its key, a whitelist names nodes: `node==a|b`.
fn whitelist(node: &NodeView, expression: &Expression) -> bool {
    let mut names = expression.value.split('|');
    names.any(|name| node.is_called(name)) == expression.is_equal
}
