//! What a host lets its segments do, beyond what stands in each domain.
//!
//! `carina host prepare` writes it from the configuration, the hook reads it at every start: so it
//! holds for all segments of a host, also when libvirt alone starts them.

#[cfg(feature = "host")]
use ipnet::Ipv4Net;
use serde::{Deserialize, Serialize};

/// In a segment, beside the seed: what its PID 1 has to know before it starts anything.
pub const RULES_FILE: &str = "rules.json";

/// The part of a host's rules that a segment's own PID 1 carries out.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct SegmentRules {
    /// Whether programs may use io_uring.
    pub io_uring: bool,
}

/// A host's rules, [`RULES_FILE`] in its state directory.
#[cfg(feature = "host")]
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct HostRules {
    pub segment: SegmentRules,
    /// Swap that a segment may use beyond its memory, MiB.
    pub swap_mib: u64,
    /// Of a segment's disk, reading and writing each; 0 is no limit.
    pub disk_mib_per_s: u64,
    pub disk_iops: u64,
    /// Connections of a segment's that the host follows at once.
    pub connections: u32,
    /// Where segments may connect although `egress_deny` says no.
    pub egress_allow: Vec<Ipv4Net>,
    pub egress_deny: Vec<Ipv4Net>,
}

#[cfg(feature = "host")]
impl Default for HostRules {
    fn default() -> Self {
        Self {
            segment: SegmentRules::default(),
            swap_mib: 0,
            disk_mib_per_s: 500,
            disk_iops: 20_000,
            connections: 16_384,
            egress_allow: Vec::new(),
            egress_deny: not_the_internet(),
        }
    }
}

/// Everything that is not the internet (IANA's special-purpose registry), and the addresses where
/// clouds tell a machine its secrets.
#[cfg(feature = "host")]
fn not_the_internet() -> Vec<Ipv4Net> {
    [
        ([0, 0, 0, 0], 8),
        ([10, 0, 0, 0], 8),
        ([100, 64, 0, 0], 10),
        ([127, 0, 0, 0], 8),
        // 169.254.169.254: most clouds' metadata.
        ([169, 254, 0, 0], 16),
        ([172, 16, 0, 0], 12),
        ([192, 0, 0, 0], 24),
        ([192, 168, 0, 0], 16),
        ([198, 18, 0, 0], 15),
        // Azure's.
        ([168, 63, 129, 16], 32),
        ([224, 0, 0, 0], 3),
    ]
    .map(|(address, length)| Ipv4Net::new_assert(address.into(), length))
    .to_vec()
}

#[cfg(all(test, feature = "host"))]
mod tests {
    use super::*;

    #[test]
    fn rules_survive_their_file() {
        let text = serde_json::to_string(&HostRules::default()).unwrap();
        let read: HostRules = serde_json::from_str(&text).unwrap();
        assert_eq!(read, HostRules::default());
        assert!(serde_json::from_str::<HostRules>("{\"egres_deny\":[]}").is_err());
        assert!(serde_json::from_str::<HostRules>("{\"egress_deny\":[\"10.0.0.0/33\"]}").is_err());
    }

    #[test]
    fn the_internet_is_open_and_private_networks_are_not() {
        let denied = |address: [u8; 4]| {
            let address = std::net::Ipv4Addr::from(address);
            not_the_internet().iter().any(|net| net.contains(&address))
        };
        for address in [[1, 1, 1, 1], [8, 8, 8, 8], [172, 32, 0, 1], [193, 0, 0, 1]] {
            assert!(!denied(address), "{address:?}");
        }
        for address in [
            [10, 83, 0, 1],
            [192, 168, 1, 1],
            [169, 254, 169, 254],
            [100, 100, 100, 200],
            [192, 0, 0, 192],
            [255, 255, 255, 255],
        ] {
            assert!(denied(address), "{address:?}");
        }
    }
}
