//! How many tasks a service has, where they are, and what they may use.

use model::{StackResources, StackService, ValueWanted};

use crate::key;
use crate::reader::Reader;
use crate::tree::Node;
use crate::value;

/// A slip of the finger is no farm.
const REPLICAS_MAX: u32 = 100;

impl Reader {
    pub fn deploy(&mut self, node: &Node, service: &mut StackService) {
        let mut is_global = false;
        for option in self.map(node, key::DEPLOY) {
            let node = &option.node;
            match option.key.as_str() {
                "mode" => {
                    let read = self.read(node, ValueWanted::Mode, |text| match text {
                        "replicated" => Some(false),
                        "global" => Some(true),
                        _ => None,
                    });
                    is_global = read.unwrap_or_default();
                }
                "replicas" => {
                    let read = self.read(node, ValueWanted::Replicas, replicas);
                    service.replicas = Some(read.unwrap_or(1));
                }
                "labels" => service.service_labels = self.labels(node),
                "resources" => {
                    for part in self.map(node, key::RESOURCES) {
                        let read = self.resources(&part.node);
                        match part.key.as_str() {
                            "limits" => service.limits = read,
                            _ => service.reservations = read,
                        }
                    }
                }
                "restart_policy" => self.restart(node, &mut service.restart),
                "update_config" => self.update(node, &mut service.update),
                "placement" => self.placement(node, service),
                _ => {}
            }
        }
        if is_global {
            service.replicas = None;
        }
    }

    fn resources(&mut self, node: &Node) -> StackResources {
        let mut read = StackResources::default();
        for part in self.map(node, key::LIMITS) {
            let node = &part.node;
            match part.key.as_str() {
                "memory" => {
                    read.memory_bytes = self.read(node, ValueWanted::Memory, value::memory);
                }
                _ => read.nano_cpus = self.read(node, ValueWanted::Cpus, value::nano_cpus),
            }
        }
        read
    }

    fn placement(&mut self, node: &Node, service: &mut StackService) {
        for option in self.map(node, key::PLACEMENT) {
            let node = &option.node;
            match option.key.as_str() {
                "constraints" => {
                    let items = self.list(node);
                    let read = items
                        .iter()
                        .filter_map(|item| self.read(item, ValueWanted::Constraint, constraint));
                    service.constraints = read.collect();
                }
                _ => {
                    let read = self.read(node, ValueWanted::Replicas, replicas);
                    service.segment_tasks_max = read.unwrap_or_default();
                }
            }
        }
    }
}

fn replicas(text: &str) -> Option<u32> {
    text.parse().ok().filter(|n| *n <= REPLICAS_MAX)
}

/// `node.hostname == n2`, with what swarm mode knows of a node.
fn constraint(text: &str) -> Option<String> {
    let (key, sign, wanted) = match text.split_once("==") {
        Some((key, wanted)) => (key, "==", wanted),
        None => text
            .split_once("!=")
            .map(|(key, wanted)| (key, "!=", wanted))?,
    };
    let (key, wanted) = (key.trim(), wanted.trim());
    let is_word = |text: &str| {
        let is_good = |c: char| c.is_ascii_alphanumeric() || "._-/".contains(c);
        !text.is_empty() && text.len() <= 128 && text.chars().all(is_good)
    };
    let is_key = [
        "id",
        "hostname",
        "ip",
        "role",
        "platform.os",
        "platform.arch",
    ]
    .iter()
    .any(|known| key.strip_prefix("node.") == Some(known))
        || ["node.labels.", "engine.labels."]
            .iter()
            .any(|labels| key.strip_prefix(labels).is_some_and(is_word));
    (is_key && is_word(wanted)).then(|| format!("{key}{sign}{wanted}"))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn constraints_are_those_of_swarm_mode() {
        let read = |text| constraint(text).unwrap_or_default();
        assert_eq!(read("node.hostname == n2"), "node.hostname==n2");
        assert_eq!(read("node.labels.disk!=ssd"), "node.labels.disk!=ssd");
        for bad in [
            "",
            "node.hostname",
            "node.name==x",
            "node.labels.==x",
            "node.role=manager",
            "node.id==a b",
        ] {
            assert_eq!(constraint(bad), None, "{bad}");
        }
    }
}
