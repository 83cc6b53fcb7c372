//! What the policy must be told about the cluster, to know what a name stands for.

use std::net::IpAddr;

use crate::schedule::facts::{ContainerFacts, NetworkFacts, NodeView, VolumeFacts};
use crate::schedule::names::container_meant;

/// Looks references up as *any* engine of the cluster would, so that no spelling of a system
/// container (name, id, prefix) is missed. All that match, on all nodes.
pub trait Known {
    fn containers(&self, reference: &str) -> Vec<&ContainerFacts>;
    fn networks(&self, reference: &str) -> Vec<&NetworkFacts>;
    fn volumes(&self, name: &str) -> Vec<&VolumeFacts>;
    /// Those whose names begin so.
    fn volumes_beginning(&self, prefix: &str) -> Vec<&VolumeFacts>;
    /// Of the nodes.
    fn addresses(&self) -> Vec<IpAddr>;
}

/// The cluster as last seen.
#[derive(Debug, Clone, Copy)]
pub struct Cluster<'a>(pub &'a [&'a NodeView]);

impl Known for Cluster<'_> {
    fn containers(&self, reference: &str) -> Vec<&ContainerFacts> {
        container_meant(self.0, reference)
            .into_iter()
            .map(|found| found.container)
            .collect()
    }

    fn networks(&self, reference: &str) -> Vec<&NetworkFacts> {
        network_matches(self.0, reference)
    }

    fn volumes(&self, name: &str) -> Vec<&VolumeFacts> {
        let (node, name) = qualified(name);
        on_nodes(self.0, node)
            .flat_map(|node| node.volumes.iter())
            .filter(|volume| volume.name == name)
            .collect()
    }

    fn volumes_beginning(&self, prefix: &str) -> Vec<&VolumeFacts> {
        on_nodes(self.0, None)
            .flat_map(|node| node.volumes.iter())
            .filter(|volume| volume.name.starts_with(prefix))
            .collect()
    }

    fn addresses(&self) -> Vec<IpAddr> {
        self.0
            .iter()
            .filter_map(|node| node.addr.rsplit_once(':')?.0.parse().ok())
            .collect()
    }
}

/// The same with networks as an engine that manages Docker's swarm looks them up, for services:
/// their references were replaced by these networks' ids.
pub struct SwarmCluster<'a> {
    pub cluster: Cluster<'a>,
    pub networks: &'a [NetworkFacts],
}

impl Known for SwarmCluster<'_> {
    fn containers(&self, reference: &str) -> Vec<&ContainerFacts> {
        self.cluster.containers(reference)
    }

    fn networks(&self, reference: &str) -> Vec<&NetworkFacts> {
        self.networks
            .iter()
            .filter(|network| network.id == reference)
            .collect()
    }

    fn volumes(&self, name: &str) -> Vec<&VolumeFacts> {
        self.cluster.volumes(name)
    }

    fn volumes_beginning(&self, prefix: &str) -> Vec<&VolumeFacts> {
        self.cluster.volumes_beginning(prefix)
    }

    fn addresses(&self) -> Vec<IpAddr> {
        self.cluster.addresses()
    }
}

/// Networks by name, id or prefix, `node/` before it or not. As engines do, a prefix is only tried
/// when it is nobody's name or id.
pub fn network_matches<'a>(nodes: &[&'a NodeView], reference: &str) -> Vec<&'a NetworkFacts> {
    let (node, reference) = qualified(reference);
    if reference.is_empty() {
        return Vec::new();
    }
    let all = || on_nodes(nodes, node).flat_map(|node| node.networks.iter());
    let exact: Vec<_> = all()
        .filter(|n| n.name == reference || n.id == reference)
        .collect();
    if exact.is_empty() {
        all().filter(|n| n.id.starts_with(reference)).collect()
    } else {
        exact
    }
}

/// `node/name` in its two parts.
fn qualified(reference: &str) -> (Option<&str>, &str) {
    match reference.split_once('/') {
        Some((node, name)) => (Some(node), name),
        None => (None, reference),
    }
}

fn on_nodes<'a, 'n>(
    nodes: &'n [&'a NodeView],
    wanted: Option<&'n str>,
) -> impl Iterator<Item = &'a NodeView> + 'n {
    nodes
        .iter()
        .copied()
        .filter(move |node| wanted.is_none_or(|wanted| node.is_called(wanted)))
}
