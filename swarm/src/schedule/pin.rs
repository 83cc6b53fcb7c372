//! Writing out, for the chosen engine, what a create's references mean.

use super::facts::NodeView;
use super::filter::before_colon;
use super::names::container_find_on;
use super::request::shares_of_cpus;
use crate::api::ContainerCreate;

/// References to other containers that only the manager understands (`node/name`, swarm ids,
/// prefixes) become full ids of containers on `node`; plain names stay as they came, since people
/// read them in `docker inspect`. `node/network` loses its node, CPUs become the engine's shares.
pub fn settle_on(create: &mut ContainerCreate, node: &NodeView) {
    if let Some(host) = &mut create.host_config {
        for reference in host.volumes_from.iter_mut().flatten() {
            rewrite(reference, node);
        }
        for link in host.links.iter_mut().flatten() {
            // Without an alias docker takes the name for one, so it must not get lost.
            if !link.contains(':') {
                let alias = link.rsplit('/').next().unwrap_or(link).to_owned();
                link.push(':');
                link.push_str(&alias);
            }
            rewrite(link, node);
        }
        if let Some(mode) = &mut host.network_mode {
            if let Some(reference) = mode.strip_prefix("container:") {
                let mut reference = reference.to_owned();
                rewrite(&mut reference, node);
                *mode = format!("container:{reference}");
            } else {
                strip_node(mode);
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
            .map(|(mut name, endpoint)| {
                strip_node(&mut name);
                (name, endpoint)
            })
            .collect();
    }
}

fn rewrite(reference: &mut String, node: &NodeView) {
    let name = before_colon(reference);
    let bare = name.strip_prefix('/').unwrap_or(name);
    let Some(container) = container_find_on(node, bare) else {
        return;
    };
    if container.name != bare {
        *reference = format!("{}{}", container.id, &reference[name.len()..]);
    }
}

fn strip_node(network: &mut String) {
    if let Some((_, name)) = network.split_once('/') {
        *network = name.to_owned();
    }
}
