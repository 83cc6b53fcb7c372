//! A cluster's network: one bridge, one subnet, nobody else's.

use host::{HostError, NetworkObserved, NetworkSpec};
use model::ClusterId;
use virt::connect::Connect;
use virt::network::Network;
use wire::xml::Element;

use crate::{existing, failed, xml};

pub fn observe(
    connect: &Connect,
    cluster: ClusterId,
) -> Result<Option<NetworkObserved>, HostError> {
    const VERB: &str = "network_observe";
    let Some(network) = find(connect, cluster, VERB)? else {
        return Ok(None);
    };
    if !is_ours(&network, cluster, VERB)? {
        return Ok(None);
    }
    let is_active = network.is_active().map_err(failed(VERB))?;
    Ok(Some(NetworkObserved { is_active }))
}

/// Clusters whose networks are here.
pub fn clusters(connect: &Connect) -> Result<Vec<ClusterId>, HostError> {
    const VERB: &str = "network_list";
    let mut clusters = Vec::new();
    for network in connect.list_all_networks(0).map_err(failed(VERB))? {
        let name = network.get_name().map_err(failed(VERB))?;
        let Some(cluster) = name
            .strip_prefix("carina-")
            .and_then(|cluster| cluster.parse().ok())
        else {
            continue;
        };
        if is_ours(&network, cluster, VERB)? {
            clusters.push(cluster);
        }
    }
    Ok(clusters)
}

pub fn ensure(connect: &Connect, spec: &NetworkSpec) -> Result<(), HostError> {
    const VERB: &str = "network_ensure";
    if let Some(network) = find(connect, spec.cluster, VERB)? {
        own(&network, spec.cluster, VERB)?;
        if is_as(&network, spec, VERB)? {
            start(&network, VERB)?;
            return Ok(());
        }
        remove(&network, VERB)?;
    }
    let network = Network::define_xml(connect, &xml::network(spec)).map_err(failed(VERB))?;
    network.set_autostart(true).map_err(failed(VERB))?;
    start(&network, VERB)
}

pub fn ensure_gone(connect: &Connect, cluster: ClusterId) -> Result<(), HostError> {
    const VERB: &str = "network_ensure_gone";
    match find(connect, cluster, VERB)? {
        Some(network) => {
            own(&network, cluster, VERB)?;
            remove(&network, VERB)
        }
        None => Ok(()),
    }
}

fn find(
    connect: &Connect,
    cluster: ClusterId,
    verb: &'static str,
) -> Result<Option<Network>, HostError> {
    existing(
        Network::lookup_by_name(connect, &xml::network_name(cluster)),
        verb,
    )
}

fn start(network: &Network, verb: &'static str) -> Result<(), HostError> {
    if !network.is_active().map_err(failed(verb))? {
        network.create().map_err(failed(verb))?;
    }
    Ok(())
}

fn remove(network: &Network, verb: &'static str) -> Result<(), HostError> {
    if network.is_active().map_err(failed(verb))? {
        network.destroy().map_err(failed(verb))?;
    }
    // One that was never defined is gone with that.
    if network.is_persistent().unwrap_or(false) {
        network.undefine().map_err(failed(verb))?;
    }
    Ok(())
}

fn read(network: &Network, verb: &'static str) -> Result<Element, HostError> {
    let text = network.get_xml_desc(0).map_err(failed(verb))?;
    Element::parse(&text).map_err(|why| HostError::Failed {
        verb,
        why: why.to_string(),
    })
}

fn is_ours(network: &Network, cluster: ClusterId, verb: &'static str) -> Result<bool, HostError> {
    let xml = read(network, verb)?;
    let mark = xml.own_metadata(xml::NETWORK_MARK).ok().flatten();
    let marked = mark.and_then(|mark| mark.attribute("cluster"));
    Ok(marked == Some(cluster.to_string().as_str()))
}

fn own(network: &Network, cluster: ClusterId, verb: &'static str) -> Result<(), HostError> {
    if is_ours(network, cluster, verb)? {
        return Ok(());
    }
    Err(HostError::Foreign {
        what: format!("the network {}", xml::network_name(cluster)),
    })
}

/// Whether it has the spec's bridge, subnet and mode.
fn is_as(network: &Network, spec: &NetworkSpec, verb: &'static str) -> Result<bool, HostError> {
    let found = read(network, verb)?;
    let wanted = Element::parse(&xml::network(spec)).map_err(|why| HostError::Failed {
        verb,
        why: why.to_string(),
    })?;
    Ok([
        ("bridge", "name"),
        ("forward", "mode"),
        ("ip", "address"),
        ("ip", "netmask"),
    ]
    .iter()
    .all(|(element, attribute)| {
        let of = |xml: &Element| {
            let element = xml.one(element)?;
            element.attribute(attribute).map(str::to_owned)
        };
        of(&found) == of(&wanted)
    }))
}
