//! `docker ps`: which containers, in which order.

#[cfg(test)]
mod tests;

use std::cmp::Reverse;
use std::collections::BTreeSet;

use regex::RegexBuilder;

use super::query::{Filters, Query};
use super::refusal::Refusal;
use crate::engine::At;
use crate::schedule::facts::{ContainerFacts, NodeView};
use crate::schedule::filter::{port_range, repository};
use crate::schedule::names::container_find;

/// All containers, newest first.
pub fn order(nodes: &[&NodeView]) -> Vec<At> {
    let mut ranked = Vec::with_capacity(nodes.iter().map(|node| node.containers.len()).sum());
    for (n, node) in (0..).zip(nodes) {
        for (c, container) in (0..).zip(&node.containers) {
            let at = At {
                node: n,
                container: c,
            };
            ranked.push((rank(node, container), at));
        }
    }
    ranked.sort_unstable_by_key(|(rank, _)| *rank);
    ranked.into_iter().map(|(_, at)| at).collect()
}

/// The containers that `GET /containers/json` answers with, out of `order`, which is [`order`]'s.
pub fn select(nodes: &[&NodeView], order: &[At], query: &Query) -> Result<Vec<At>, Refusal> {
    let filters = Asked::parse(&query.filters())?;
    let limit = query
        .int("limit")
        .and_then(|limit| usize::try_from(limit).ok())
        .unwrap_or(0);
    let bound = |key: &'static str| {
        let named = filters
            .bounds
            .iter()
            .find(|(known, _)| *known == key)
            .map(|(_, v)| v.as_str());
        match query.text(key).or(named) {
            None => Ok(None),
            Some(reference) => container_find(nodes, reference)
                .map(|found| Some(rank(found.node, found.container)))
                .ok_or_else(|| Refusal::not_found(format!("No such container: {reference}"))),
        }
    };
    let (before, since) = (bound("before")?, bound("since")?);
    let is_all = query.flag("all");
    let with_stopped =
        is_all || limit > 0 || filters.is_about_stopped() || before.is_some() || since.is_some();

    let mut selected = Vec::new();
    for at in order {
        let node = nodes[at.node as usize];
        let container = &node.containers[at.container as usize];
        // Those of a node that is down are not known to run.
        let runs = container.is_running() && node.health > 0;
        let hidden = (!runs && !with_stopped) || (!is_all && is_swarm_image(&container.image));
        // The rank is newest first, so what was made before stands after.
        let in_bounds = before
            .as_ref()
            .is_none_or(|before| rank(node, container) > *before)
            && since
                .as_ref()
                .is_none_or(|since| rank(node, container) < *since);
        if !hidden && in_bounds && filters.take(node, container) {
            selected.push(*at);
            if limit > 0 && selected.len() == limit {
                break;
            }
        }
    }
    Ok(selected)
}

/// The system containers' image hides from a plain `docker ps`, as classic Swarm's own did.
fn is_swarm_image(image: &str) -> bool {
    repository(image) == repository(wire::SYSTEM_IMAGE)
}

type Rank<'a> = (Reverse<i64>, &'a str, &'a str, &'a str);

fn rank<'a>(node: &'a NodeView, container: &'a ContainerFacts) -> Rank<'a> {
    (
        Reverse(container.created),
        &node.name,
        &container.name,
        &container.id,
    )
}

/// The filters, checked: what is not known is refused, for a list that is longer than asked for
/// has been piped into `docker rm` before.
struct Asked {
    by_key: Vec<(Key, Vec<String>)>,
    patterns: Vec<(Key, Vec<Pattern>)>,
    bounds: Vec<(&'static str, String)>,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Key {
    Ancestor,
    Exited,
    Expose,
    Health,
    Id,
    IsTask,
    Label,
    Name,
    Network,
    Node,
    Publish,
    Status,
    Volume,
}

struct Pattern {
    text: String,
    regex: Option<regex::Regex>,
}

impl Asked {
    fn parse(filters: &Filters) -> Result<Self, Refusal> {
        let mut asked = Self {
            by_key: Vec::new(),
            patterns: Vec::new(),
            bounds: Vec::new(),
        };
        for (name, values) in filters.iter().filter(|(_, values)| !values.is_empty()) {
            let wrong =
                |value: &str| Refusal::bad_request(format!("invalid filter '{name}={value}'"));
            let key = match name.as_str() {
                "ancestor" => Key::Ancestor,
                "exited" => Key::Exited,
                "expose" => Key::Expose,
                "health" => Key::Health,
                "id" => Key::Id,
                "is-task" => Key::IsTask,
                "label" => Key::Label,
                "name" => Key::Name,
                "network" => Key::Network,
                "node" => Key::Node,
                "publish" => Key::Publish,
                "status" => Key::Status,
                "volume" => Key::Volume,
                "before" | "since" => {
                    let key = if name == "before" { "before" } else { "since" };
                    asked
                        .bounds
                        .extend(values.iter().take(1).map(|value| (key, value.clone())));
                    continue;
                }
                _ => return Err(Refusal::bad_request(format!("invalid filter '{name}'"))),
            };
            if let Some(value) = values.iter().find(|value| !key.accepts(value)) {
                return Err(wrong(value));
            }
            if matches!(key, Key::Id | Key::Name) {
                let patterns = values.iter().map(|text| Pattern::new(text)).collect();
                asked.patterns.push((key, patterns));
            } else {
                asked.by_key.push((key, values.iter().cloned().collect()));
            }
        }
        Ok(asked)
    }

    fn is_about_stopped(&self) -> bool {
        self.by_key
            .iter()
            .any(|(key, _)| matches!(key, Key::Status | Key::Exited))
    }

    fn take(&self, node: &NodeView, container: &ContainerFacts) -> bool {
        let by_pattern = self.patterns.iter().all(|(key, patterns)| match key {
            Key::Id => patterns
                .iter()
                .any(|p| container.id.starts_with(&p.text) || p.is_match(&container.id)),
            _ => {
                let name = &container.name;
                let spellings = [
                    name.clone(),
                    format!("/{name}"),
                    format!("{}/{name}", node.name),
                ];
                patterns
                    .iter()
                    .any(|p| spellings.iter().any(|spelling| p.is_match(spelling)))
            }
        });
        by_pattern
            && self.by_key.iter().all(|(key, values)| match key {
                // All of them; of the others any one.
                Key::Label => values.iter().all(|value| has_label(container, value)),
                key => values
                    .iter()
                    .any(|value| key.matches(value, node, container)),
            })
    }
}

impl Pattern {
    /// Docker takes the value for a regular expression, and for itself.
    fn new(text: &str) -> Self {
        let regex = RegexBuilder::new(text).size_limit(256 * 1024).build().ok();
        Self {
            text: text.to_owned(),
            regex,
        }
    }

    fn is_match(&self, value: &str) -> bool {
        self.text == value
            || self
                .regex
                .as_ref()
                .is_some_and(|regex| regex.is_match(value))
    }
}

impl Key {
    fn accepts(self, value: &str) -> bool {
        match self {
            Self::Exited => value.parse::<i64>().is_ok(),
            Self::IsTask => matches!(value, "true" | "false" | "1" | "0"),
            Self::Health => matches!(value, "starting" | "healthy" | "unhealthy" | "none"),
            Self::Status => matches!(
                value,
                "created" | "restarting" | "running" | "removing" | "paused" | "exited" | "dead"
            ),
            Self::Publish | Self::Expose => Ports::parse(value).is_some(),
            _ => true,
        }
    }

    fn matches(self, value: &str, node: &NodeView, container: &ContainerFacts) -> bool {
        match self {
            Self::Ancestor => is_ancestor(value, node, container),
            Self::Exited => {
                !container.is_running()
                    && container.state != "created"
                    && value.parse() == Ok(container.exit_code)
            }
            Self::Expose => Ports::parse(value)
                .is_some_and(|ports| container.exposed.iter().any(|port| ports.have(port))),
            Self::Publish => Ports::parse(value).is_some_and(|ports| {
                container.ports.iter().any(|used| {
                    let protocol = used
                        .container_port
                        .split_once('/')
                        .map_or("tcp", |(_, p)| p);
                    ports.have(&format!("{}/{protocol}", used.host_port))
                })
            }),
            Self::Health => match container.health.as_str() {
                "" => value == "none",
                health => value == health,
            },
            Self::IsTask => {
                let is_task = container.labels.contains_key("com.docker.swarm.task.id");
                is_task == matches!(value, "true" | "1")
            }
            Self::Network => {
                container.networks.contains(value)
                    || node.networks.iter().any(|network| {
                        container.networks.contains(&network.name)
                            && (network.id.starts_with(value)
                                || value.split_once('/')
                                    == Some((node.name.as_str(), network.name.as_str())))
                    })
            }
            Self::Node => node.is_called(value),
            Self::Status => value == container.state,
            Self::Volume => container.mounts.iter().any(|mount| {
                value == mount.destination || (!mount.name.is_empty() && value == mount.name)
            }),
            Self::Id | Self::Name | Self::Label => false,
        }
    }
}

fn has_label(container: &ContainerFacts, wanted: &str) -> bool {
    match wanted.split_once('=') {
        Some((key, value)) => container.labels.get(key).is_some_and(|held| held == value),
        None => container.labels.contains_key(wanted),
    }
}

fn is_ancestor(wanted: &str, node: &NodeView, container: &ContainerFacts) -> bool {
    let names: BTreeSet<&str> = node
        .images
        .iter()
        .filter(|image| image.id == container.image_id)
        .flat_map(|image| image.repo_tags.iter().chain(&image.repo_digests))
        .map(String::as_str)
        .chain([container.image.as_str()])
        .collect();
    let latest = format!("{wanted}:latest");
    let bare = container.image_id.trim_start_matches("sha256:");
    let wanted_id = wanted.trim_start_matches("sha256:");
    names.contains(wanted)
        || names.contains(latest.as_str())
        || (wanted_id.len() >= 4 && bare.starts_with(wanted_id))
}

/// `80`, `80/udp`, `8000-8010/tcp`.
struct Ports<'a> {
    first: u16,
    last: u16,
    protocol: Option<&'a str>,
}

impl<'a> Ports<'a> {
    fn parse(text: &'a str) -> Option<Self> {
        let (ports, protocol) = match text.split_once('/') {
            Some((ports, protocol)) => (ports, Some(protocol)),
            None => (text, None),
        };
        let (first, last) = port_range(ports)?;
        let is_known = protocol.is_none_or(|p| matches!(p, "tcp" | "udp" | "sctp"));
        is_known.then_some(Self {
            first,
            last,
            protocol,
        })
    }

    fn have(&self, port: &str) -> bool {
        let (number, protocol) = port.split_once('/').unwrap_or((port, "tcp"));
        number
            .parse()
            .is_ok_and(|number: u16| (self.first..=self.last).contains(&number))
            && self.protocol.unwrap_or("tcp") == protocol
    }
}
