//! Whether whoever connects is inside the cluster: on a link of this segment, and not the way out.
//!
//! Its own network has the cluster's segments on it, and its engine's bridges the containers here.
//! Containers of other segments come from their segment's address. The gateway is the host: whoever
//! comes through the front door comes from there. Answers go where the kernel's table says, so
//! nobody from beyond a router can pass for a neighbor.

use std::net::{IpAddr, Ipv4Addr};
use std::path::PathBuf;

/// The kernel's main table, of the network that this process is in.
const TABLE: &str = "/proc/self/net/route";
/// Of `linux/route.h`.
const UP: u32 = 0x1;
const GATEWAY: u32 = 0x2;
const REJECT: u32 = 0x200;

pub struct Inside {
    table: PathBuf,
}

impl Default for Inside {
    fn default() -> Self {
        Self {
            table: TABLE.into(),
        }
    }
}

impl Inside {
    /// Read anew each time: bridges come and go with people's networks. Whatever is not known to be
    /// inside is outside.
    pub fn has(&self, address: IpAddr) -> bool {
        let IpAddr::V4(address) = address.to_canonical() else {
            // Segments have no IPv6, but for their own loopback.
            return address.is_loopback();
        };
        if address.is_loopback() {
            return true;
        }
        match std::fs::read_to_string(&self.table) {
            Ok(table) => is_neighbor(&table, address),
            Err(error) => {
                tracing::warn!(%error, "no table of routes: nobody counts as inside");
                false
            }
        }
    }
}

struct Route {
    to: u32,
    mask: u32,
    /// Where packets go next; zero for nobody, on the link itself.
    via: u32,
    flags: u32,
}

fn is_neighbor(table: &str, address: Ipv4Addr) -> bool {
    let address = u32::from(address);
    let routes: Vec<Route> = table.lines().filter_map(route_read).collect();
    if routes.iter().any(|route| route.via == address) {
        return false;
    }
    let nearest = routes
        .iter()
        .filter(|route| address & route.mask == route.to)
        .max_by_key(|route| route.mask);
    nearest.is_some_and(|route| route.mask != 0 && route.flags & (GATEWAY | REJECT) == 0)
}

/// `Iface Destination Gateway Flags RefCnt Use Metric Mask …`, without the heading and without what
/// is down.
fn route_read(line: &str) -> Option<Route> {
    let words: Vec<&str> = line.split_whitespace().collect();
    let hex = |at: usize| u32::from_str_radix(words.get(at)?, 16).ok();
    // The bytes stand as the network has them, written as a number of this machine.
    let address = |at| hex(at).map(|number| u32::from_be_bytes(number.to_ne_bytes()));
    let route = Route {
        to: address(1)?,
        mask: address(7)?,
        via: address(2)?,
        flags: hex(3)?,
    };
    Some(route).filter(|route| route.flags & UP != 0)
}

#[cfg(test)]
mod tests {
    use super::*;

    /// As a segment has it: its way out, its own network, the engine's first bridge, one whose
    /// containers are gone, and somebody's network that is said to be where the world is.
    #[cfg(target_endian = "little")]
    const TABLE: &str = "\
Iface\tDestination\tGateway \tFlags\tRefCnt\tUse\tMetric\tMask\t\tMTU\tWindow\tIRTT
eth0\t00000000\t0100530A\t0003\t0\t0\t0\t00000000\t0\t0\t0
eth0\t0000530A\t00000000\t0001\t0\t0\t0\t00FFFFFF\t0\t0\t0
docker0\t000011AC\t00000000\t0001\t0\t0\t0\t0000FFFF\t0\t0\t0
br-1\t000012AC\t00000000\t0000\t0\t0\t0\t0000FFFF\t0\t0\t0
br-2\t007100CB\t00000000\t0001\t0\t0\t0\t00FFFFFF\t0\t0\t0
*\t087100CB\t00000000\t0201\t0\t0\t0\tF8FFFFFF\t0\t0\t0
";

    #[cfg(target_endian = "little")]
    #[test]
    fn neighbors_are_inside_and_the_gateway_is_not() {
        for (address, is) in [
            ("10.83.0.11", true),
            ("10.83.0.200", true),
            ("172.17.0.5", true),
            ("203.0.113.7", true),
            // The front door, and whoever comes through it.
            ("10.83.0.1", false),
            ("10.84.0.11", false),
            ("192.0.2.1", false),
            ("172.18.0.2", false),
            ("203.0.113.8", false),
        ] {
            assert_eq!(
                is_neighbor(TABLE, address.parse().unwrap()),
                is,
                "{address}"
            );
        }
        assert!(!is_neighbor("", "10.83.0.11".parse().unwrap()));
    }

    #[test]
    fn without_a_table_only_this_very_machine_is_inside() {
        let inside = Inside {
            table: "/nowhere".into(),
        };
        for (address, is) in [
            ("127.0.0.1", true),
            ("::1", true),
            ("::ffff:127.3.2.1", true),
            ("10.83.0.11", false),
            ("fe80::1", false),
        ] {
            assert_eq!(inside.has(address.parse().unwrap()), is, "{address}");
        }
        // The kernel's own is read as it is.
        assert!(!Inside::default().has("192.0.2.1".parse().unwrap()));
    }
}
