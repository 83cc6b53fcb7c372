//! By which names and addresses this machine can be reached.

use std::net::IpAddr;

use ipnet::Ipv4Net;

/// The machine's own addresses, those that other computers can use first. Bridges of clusters are
/// left out: nobody reaches a front door by another cluster's gateway.
pub fn own_addresses(pool: Ipv4Net) -> Vec<IpAddr> {
    let mut found: Vec<IpAddr> = Vec::new();
    let interfaces = match nix::ifaddrs::getifaddrs() {
        Ok(interfaces) => interfaces,
        Err(error) => {
            tracing::warn!(%error, "this machine's addresses cannot be read");
            return vec![IpAddr::from([127, 0, 0, 1])];
        }
    };
    for interface in interfaces {
        let Some(storage) = interface.address else {
            continue;
        };
        let address = if let Some(v4) = storage.as_sockaddr_in() {
            IpAddr::V4(v4.ip())
        } else if let Some(v6) = storage.as_sockaddr_in6() {
            IpAddr::V6(v6.ip())
        } else {
            continue;
        };
        let is_of_clusters = matches!(address, IpAddr::V4(v4) if pool.contains(&v4));
        let is_link_local = matches!(address, IpAddr::V6(v6) if v6.is_unicast_link_local());
        if !is_of_clusters && !is_link_local && !found.contains(&address) {
            found.push(address);
        }
    }
    found.sort_by_key(|address| (address.is_loopback(), address.is_ipv6()));
    found
}

/// The host's name, when it has one of its own.
pub fn host_name() -> Option<String> {
    let name = std::fs::read_to_string("/proc/sys/kernel/hostname").ok()?;
    let name = name.trim();
    let is_good = !name.is_empty()
        && name.len() <= 253
        && name
            .bytes()
            .all(|b| b.is_ascii_alphanumeric() || b == b'-' || b == b'.');
    (is_good && name != "localhost").then(|| name.to_owned())
}
