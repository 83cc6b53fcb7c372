//! Writing out, for the chosen engine, what a create's references mean.

use super::facts::NodeView;
use super::filter::before_colon;
use super::names::container_meant;
use super::request::shares_of_cpus;
use crate::api::ContainerCreate;
use crate::policy::network_matches;

/// References to other containers that only the manager understands (`node/name`, swarm ids,
/// prefixes) become full ids of containers on `node`; `node/network` loses its node; CPUs become
/// the engine's shares.
///
/// Plain names stay as they came, since people read them in `docker inspect`, but for those that
/// could be the beginning of an id: were their owner gone a moment later, the engine would take
/// them for one, and what the policy looked at would not be what is used.
pub fn settle_on(create: &mut ContainerCreate, node: &NodeView, nodes: &[&NodeView]) {
    if let Some(host) = &mut create.host_config {
        for reference in host.volumes_from.iter_mut().flatten() {
            rewrite(reference, node, nodes);
        }
        for link in host.links.iter_mut().flatten() {
            // Without an alias docker takes the name for one, so it must not get lost.
            if !link.contains(':') {
                let alias = link.rsplit('/').next().unwrap_or(link).to_owned();
                link.push(':');
                link.push_str(&alias);
            }
            rewrite(link, node, nodes);
        }
        if let Some(mode) = &mut host.network_mode {
            if let Some(reference) = mode.strip_prefix("container:") {
                let mut reference = reference.to_owned();
                rewrite(&mut reference, node, nodes);
                *mode = format!("container:{reference}");
            } else {
                *mode = network_name(mode, node, nodes);
            }
        }
        if let Some(cpus) = host.cpu_shares.filter(|cpus| *cpus > 0) {
            host.cpu_shares = Some(shares_of_cpus(cpus, node.cpus));
        }
    }
    if let Some(endpoints) = create
        .networking_config
        .as_mut()
        .and_then(|config| config.endpoints_config.as_mut())
    {
        *endpoints = std::mem::take(endpoints)
            .into_iter()
            .map(|(name, endpoint)| (network_name(&name, node, nodes), endpoint))
            .collect();
    }
}

fn rewrite(reference: &mut String, node: &NodeView, nodes: &[&NodeView]) {
    let name = before_colon(reference);
    let bare = name.strip_prefix('/').unwrap_or(name);
    // By the same text that the policy looked at: of two slashes it takes one away.
    let meant = container_meant(nodes, name);
    let mut here = meant.iter().filter(|found| found.node.id == node.id);
    // A name goes before an id, as for the engine; the policy has seen them all.
    let by_name = here.clone().find(|found| found.container.name == bare);
    let Some(found) = by_name.or_else(|| here.next()) else {
        return;
    };
    if found.container.name != bare || could_be_id(bare) {
        *reference = format!("{}{}", found.container.id, &reference[name.len()..]);
    }
}

/// The name for the engine: without its node, and as an id where it could be taken for one.
fn network_name(reference: &str, node: &NodeView, nodes: &[&NodeView]) -> String {
    let name = reference
        .split_once('/')
        .map_or(reference, |(_, name)| name);
    if !could_be_id(name) {
        return name.to_owned();
    }
    // A network of the whole cluster has one id everywhere, and may not yet be shown on this node.
    let meant = network_matches(nodes, reference);
    let here = meant
        .iter()
        .find(|network| node.networks.iter().any(|known| known.id == network.id));
    here.or(meant.first())
        .map_or_else(|| name.to_owned(), |network| network.id.clone())
}

fn could_be_id(name: &str) -> bool {
    name.bytes()
        .all(|b| b.is_ascii_digit() || (b'a'..=b'f').contains(&b))
}
