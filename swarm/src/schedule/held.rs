//! What only some segments have, so that what uses it must go there: named volumes, and networks
//! of one segment.

use std::collections::BTreeSet;

use super::facts::{NodeView, Pending};
use super::request::Request;
use crate::policy::network_matches;

/// A thing that a request needs, and where it is.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Held {
    /// `volume` or `network`.
    pub what: &'static str,
    pub name: String,
    /// [`NodeView::name`]s, never none.
    pub nodes: BTreeSet<String>,
}

impl Held {
    /// As the condition in the archived error.
    pub fn condition(&self) -> String {
        match self.what {
            "network" => format!("--net={}", self.name),
            _ => format!("--volume={}", self.name),
        }
    }
}

/// All that has a place already. A volume that nobody has yet may be made anywhere, unless it is
/// being made this moment.
pub fn held_find(nodes: &[&NodeView], pending: &[Pending], request: &Request) -> Vec<Held> {
    let volumes = request.volumes.iter().map(|name| Held {
        what: "volume",
        name: name.clone(),
        nodes: volume_nodes(nodes, pending, name),
    });
    let networks = request.networks.iter().map(|name| Held {
        what: "network",
        name: name.clone(),
        nodes: network_nodes(nodes, name),
    });
    let all = volumes.chain(networks);
    all.filter(|held| !held.nodes.is_empty()).collect()
}

/// Names of the nodes that have the volume or will have it.
pub fn volume_nodes(nodes: &[&NodeView], pending: &[Pending], name: &str) -> BTreeSet<String> {
    let has = |node: &&&NodeView| {
        node.volumes.iter().any(|volume| volume.name == name)
            // The list of volumes may be a moment older than that of the containers.
            || node.containers.iter().any(|container| container.mounts_volume(name))
    };
    let there = nodes.iter().filter(has).map(|node| node.name.clone());
    let coming = pending
        .iter()
        .filter(|entry| entry.facts.mounts_volume(name))
        .map(|entry| entry.node.clone());
    there.chain(coming).collect()
}

/// None for a network that spans the cluster.
fn network_nodes(nodes: &[&NodeView], name: &str) -> BTreeSet<String> {
    let mut holders = BTreeSet::new();
    for node in nodes {
        for network in network_matches(&[*node], name) {
            if network.scope != "local" {
                return BTreeSet::new();
            }
            holders.insert(node.name.clone());
        }
    }
    holders
}
