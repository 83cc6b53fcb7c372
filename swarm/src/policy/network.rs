//! Networks: the cluster's own are for nobody, the segment's for no container.

use std::collections::BTreeMap;
use std::net::IpAddr;

use super::names::labels;
use super::{Deed, Known, Policy, Verdict};
use crate::api::host_config::HostConfig;
use crate::api::network::{EndpointSettings, Ipam};
use crate::api::query::is_qualified_name;
use crate::api::task::NetworkAttachment;
use crate::api::{Code, ContainerCreate, NetworkCreate, Refusal};
use crate::schedule::facts::NetworkFacts;
use crate::schedule::filter::{before_colon, port_range};

/// Ports on which a segment serves the cluster itself: Docker's classic ones, the manager, Docker
/// swarm's (2377, 7946, 4789), metrics, and the agent.
const RESERVED_PORTS: [u16; 7] = [2375, 2376, 2377, 4789, 7946, 9323, wire::AGENT_PORT];
/// Networks that swarm mode makes for itself.
const SWARM_NETWORKS: [&str; 2] = ["ingress", "docker_gwbridge"];
/// Names that mean something to the engine, or are the cluster's own.
const RESERVED_NAMES: [&str; 6] = [
    "bridge",
    "default",
    "docker_gwbridge",
    "host",
    "ingress",
    "none",
];
/// Networks that every engine has and a container may be on.
const BUILT_IN: [&str; 4] = ["", "bridge", "default", "none"];

/// `NetworkMode`, links, hosts and published ports.
pub fn mode(host: &HostConfig, known: &dyn Known) -> Verdict {
    let mode = host.network_mode.as_deref().unwrap_or_default();
    match mode.strip_prefix("container:") {
        Some(reference) => {
            let containers = known.containers(reference);
            if containers.is_empty() {
                return Err(Refusal::not_found(format!(
                    "No such container: {reference}"
                )));
            }
            containers
                .iter()
                .try_for_each(|one| Policy::carina().container(Deed::Use, one))?;
        }
        None => reference(mode, known)?,
    }
    links(host.links.as_deref(), known)?;
    if let Some(entry) = host
        .extra_hosts
        .iter()
        .flatten()
        .find(|e| e.ends_with("host-gateway"))
    {
        return Err(host_gateway(entry));
    }
    ports(host)
}

/// A network by a reference that an engine will look up.
fn reference(reference: &str, known: &dyn Known) -> Verdict {
    let bare = reference
        .split_once('/')
        .map_or(reference, |(_, bare)| bare);
    if BUILT_IN.contains(&bare) {
        return Ok(());
    }
    if bare == "host" {
        return Err(host_network());
    }
    let networks = known.networks(reference);
    if networks.is_empty() {
        return Err(Refusal::not_found(format!("network {reference} not found")));
    }
    networks.iter().try_for_each(|network| joinable(network))
}

fn host_network() -> Refusal {
    Refusal::policy(
        Code::Namespace,
        "Setting network=host not allowed by policy",
    )
}

/// A network that containers of people may be put on and taken from.
pub fn joinable(network: &NetworkFacts) -> Verdict {
    if network.driver == "host" || network.name == "host" {
        return Err(host_network());
    }
    if network.ingress || SWARM_NETWORKS.contains(&network.name.as_str()) {
        return Err(Refusal::policy(
            Code::Network,
            format!(
                "The network {} belongs to Carina's infrastructure",
                network.name
            ),
        ));
    }
    Ok(())
}

pub fn delete(network: &NetworkFacts) -> Verdict {
    if network.ingress || RESERVED_NAMES.contains(&network.name.as_str()) {
        return Err(Refusal::policy(
            Code::Network,
            format!(
                "The network {} belongs to Carina's infrastructure",
                network.name
            ),
        ));
    }
    Ok(())
}

fn links(links: Option<&[String]>, known: &dyn Known) -> Verdict {
    for link in links.unwrap_or_default() {
        for container in known.containers(before_colon(link)) {
            Policy::carina().container(Deed::Use, container)?;
        }
    }
    Ok(())
}

fn ports(host: &HostConfig) -> Verdict {
    let bindings = host.port_bindings.iter().flatten();
    for binding in bindings.flat_map(|(_, bindings)| bindings.iter().flatten()) {
        let port = binding.host_port.as_deref().unwrap_or_default();
        if !matches!(port, "" | "0") {
            let (first, last) = port_range(port).ok_or_else(|| {
                Refusal::bad_request(format!("invalid port specification: {port:?}"))
            })?;
            port_range_free(first, last)?;
        }
        let address = binding.host_ip.as_deref().unwrap_or_default();
        if !is_own_address(address) {
            return Err(Refusal::policy(
                Code::Network,
                format!("Publishing on the address {address} not allowed by policy"),
            ));
        }
    }
    Ok(())
}

/// Nobody's published ports lie on the cluster's own.
pub fn port_range_free(first: u16, last: u16) -> Verdict {
    match RESERVED_PORTS.iter().find(|p| (first..=last).contains(*p)) {
        None => Ok(()),
        Some(taken) => Err(Refusal::policy(
            Code::ReservedPort,
            format!("Port {taken} is reserved for Carina's infrastructure"),
        )),
    }
}

pub fn host_gateway(entry: &str) -> Refusal {
    Refusal::policy(
        Code::HostGateway,
        format!("Naming the segment as a host ({entry}) not allowed by policy"),
    )
}

/// All of the segment's addresses or its loopback; which address a segment has is not the
/// container's business, since it does not know on which one it will be.
fn is_own_address(address: &str) -> bool {
    address.is_empty()
        || address
            .parse::<IpAddr>()
            .is_ok_and(|address| address.is_unspecified() || address.is_loopback())
}

/// `NetworkingConfig` and the Config's own address.
pub fn endpoints(create: &ContainerCreate, known: &dyn Known) -> Verdict {
    mac_address(create.mac_address.as_deref())?;
    let endpoints = create
        .networking_config
        .iter()
        .flat_map(|config| config.endpoints_config.iter().flatten());
    for (name, settings) in endpoints {
        reference(name, known)?;
        if let Some(settings) = settings {
            endpoint(settings, known)?;
        }
    }
    Ok(())
}

/// What a container asks of one network.
pub fn endpoint(endpoint: &EndpointSettings, known: &dyn Known) -> Verdict {
    mac_address(endpoint.mac_address.as_deref())?;
    links(endpoint.links.as_deref(), known)?;
    driver_options(endpoint.driver_opts.as_ref())?;
    let local = endpoint
        .ipam_config
        .as_ref()
        .and_then(|config| config.link_local_ips.as_ref());
    if local.is_some_and(|addresses| !addresses.is_empty()) {
        return Err(Refusal::policy(
            Code::Network,
            "Link-local addresses not allowed by policy",
        ));
    }
    // Another way to name the network, which the engine would prefer.
    if let Some(id) = endpoint.network_id.as_deref().filter(|id| !id.is_empty()) {
        reference(id, known)?;
    }
    Ok(())
}

fn driver_options(options: Option<&BTreeMap<String, String>>) -> Verdict {
    match options {
        Some(options) if !options.is_empty() => Err(Refusal::policy(
            Code::Network,
            "Endpoint driver options not allowed by policy",
        )),
        _ => Ok(()),
    }
}

/// A network of a service's tasks.
pub fn attachment(attachment: &NetworkAttachment, known: &dyn Known) -> Verdict {
    driver_options(attachment.driver_opts.as_ref())?;
    reference(attachment.target.as_deref().unwrap_or_default(), known)
}

pub fn mac_address(address: Option<&str>) -> Verdict {
    match address {
        None | Some("") => Ok(()),
        Some(_) => Err(Refusal::policy(
            Code::Network,
            "Choosing a MAC address not allowed by policy",
        )),
    }
}

/// Takes out what only an answer has a use for, above all a second name of the network.
pub fn write_defaults(create: &mut ContainerCreate) {
    let endpoints = create
        .networking_config
        .iter_mut()
        .flat_map(|config| config.endpoints_config.iter_mut().flatten());
    for (_, settings) in endpoints {
        if let Some(settings) = settings {
            *settings = EndpointSettings {
                ipam_config: settings.ipam_config.take(),
                links: settings.links.take(),
                aliases: settings.aliases.take(),
                gw_priority: settings.gw_priority,
                ..EndpointSettings::default()
            };
        }
    }
}

pub fn create(network: &NetworkCreate, known: &dyn Known) -> Verdict {
    let refused = |text: String| Err(Refusal::policy(Code::Network, text));
    let name = network.name.as_deref().unwrap_or_default();
    let bare = name.split_once('/').map_or(name, |(_, bare)| bare);
    if !is_qualified_name(name) {
        return Err(Refusal::bad_request(format!(
            "{name:?} is not a network's name"
        )));
    }
    if RESERVED_NAMES.contains(&bare) {
        return refused(format!("The network name {bare} is reserved"));
    }
    let driver = network.driver.as_deref().unwrap_or_default();
    if !matches!(driver, "" | "bridge" | "overlay") {
        return refused(format!("Network driver {driver} not allowed by policy"));
    }
    let scope = network.scope.as_deref().unwrap_or_default();
    if !matches!(scope, "" | "local" | "swarm" | "global") {
        return refused(format!("Network scope {scope} not allowed by policy"));
    }
    if network.ingress == Some(true) {
        return refused("Ingress networks not allowed by policy".to_owned());
    }
    let from = network
        .config_from
        .as_ref()
        .and_then(|from| from.network.as_deref());
    if network.config_only == Some(true) || from.is_some_and(|from| !from.is_empty()) {
        return refused("Network configurations not allowed by policy".to_owned());
    }
    for (key, value) in network.options.iter().flatten() {
        if !is_option(key, value) {
            return refused(format!("Network option {key} not allowed by policy"));
        }
    }
    if let Some(config) = &network.ipam {
        ipam(config, known)?;
    }
    labels(network.labels.iter().flatten().map(|(key, _)| key.as_str()))
}

fn is_option(key: &str, value: &str) -> bool {
    match key {
        "com.docker.network.driver.mtu" => value
            .parse::<u32>()
            .is_ok_and(|mtu| (576..=9000).contains(&mtu)),
        "encrypted" => matches!(value, "" | "true" | "false"),
        _ => false,
    }
}

fn ipam(ipam: &Ipam, known: &dyn Known) -> Verdict {
    let refused = |text: String| Err(Refusal::policy(Code::Network, text));
    let driver = ipam.driver.as_deref().unwrap_or_default();
    if !matches!(driver, "" | "default") {
        return refused(format!("IPAM driver {driver} not allowed by policy"));
    }
    if ipam
        .options
        .as_ref()
        .is_some_and(|options| !options.is_empty())
    {
        return refused("IPAM options not allowed by policy".to_owned());
    }
    for config in ipam.config.iter().flatten() {
        for text in [&config.subnet, &config.ip_range] {
            let Some(text) = text.as_deref().filter(|text| !text.is_empty()) else {
                continue;
            };
            let range = Range::parse(text)
                .ok_or_else(|| Refusal::bad_request(format!("invalid subnet {text}")))?;
            if !range.is_private() {
                return refused(format!(
                    "The subnet {text} not allowed by policy: it is not private"
                ));
            }
            if known
                .addresses()
                .iter()
                .any(|address| range.contains(*address))
            {
                return refused(format!(
                    "The subnet {text} not allowed by policy: segments are in it"
                ));
            }
        }
    }
    Ok(())
}

/// A block of addresses, as 128-bit numbers of one family.
struct Range {
    is_v4: bool,
    first: u128,
    last: u128,
}

impl Range {
    fn parse(text: &str) -> Option<Self> {
        let (address, prefix) = text.split_once('/')?;
        let (is_v4, number, width) = number(address.parse().ok()?);
        let prefix: u32 = prefix.parse().ok().filter(|prefix| *prefix <= width)?;
        let host = if prefix == 0 {
            u128::MAX
        } else {
            (1 << (width - prefix)) - 1
        };
        Some(Self {
            is_v4,
            first: number & !host,
            last: number | host,
        })
    }

    fn contains(&self, address: IpAddr) -> bool {
        let (is_v4, number, _) = number(address);
        is_v4 == self.is_v4 && (self.first..=self.last).contains(&number)
    }

    fn is_private(&self) -> bool {
        ["10.0.0.0/8", "172.16.0.0/12", "192.168.0.0/16", "fc00::/7"]
            .iter()
            .filter_map(|text| Self::parse(text))
            .any(|p| p.is_v4 == self.is_v4 && p.first <= self.first && self.last <= p.last)
    }
}

fn number(address: IpAddr) -> (bool, u128, u32) {
    match address {
        IpAddr::V4(address) => (true, u128::from(u32::from(address)), 32),
        IpAddr::V6(address) => (false, u128::from(address), 128),
    }
}
