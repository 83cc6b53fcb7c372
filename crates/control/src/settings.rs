//! What the configuration decides about clusters; plain values, checked by whoever reads the file.

use std::net::{IpAddr, Ipv4Addr};
use std::ops::RangeInclusive;
use std::sync::Arc;
use std::time::Duration;

use host::NetworkMode;
use ipnet::Ipv4Net;

use crate::ProviderSettings;

/// The sizes of a segment. Those of a segment that is there never change, but for its disk, which may
/// grow; its owner may choose another one from the start.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Flavor {
    pub memory_mib: u64,
    pub vcpus: u32,
    pub disk_bytes: u64,
    pub pids: u32,
}

impl Default for Flavor {
    fn default() -> Self {
        Self {
            memory_mib: 2048,
            vcpus: 2,
            disk_bytes: 20 << 30,
            pids: 4096,
        }
    }
}

/// What a host must have left for each new segment: a segment takes memory and disk as they are used,
/// so more may be promised than there is, but not out of nothing.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Room {
    pub memory_mib: u64,
    pub disk_bytes: u64,
}

impl Default for Room {
    fn default() -> Self {
        Self {
            memory_mib: 256,
            disk_bytes: 1 << 30,
        }
    }
}

/// What one account or team may have, where an administrator fixed nothing else.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Quota {
    pub clusters: u32,
    pub segments: u32,
}

impl Default for Quota {
    fn default() -> Self {
        Self {
            clusters: model::MAX_CLUSTERS,
            segments: model::MAX_SEGMENTS,
        }
    }
}

/// How long a sign-in lasts.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct SessionLimits {
    /// Without a request.
    pub idle: Duration,
    /// In all, whatever happens.
    pub absolute: Duration,
}

impl Default for SessionLimits {
    fn default() -> Self {
        Self {
            idle: Duration::from_secs(12 * 3600),
            absolute: Duration::from_secs(14 * 86_400),
        }
    }
}

#[derive(Debug, Clone)]
pub struct Settings {
    /// Every cluster takes a /24 of it.
    pub pool: Ipv4Net,
    pub network_mode: NetworkMode,
    /// First id that segments may use on a host; a multiple of 65,536 and not 0.
    pub id_base: u32,
    pub flavor: Flavor,
    pub room: Room,
    /// Digest of the segment image on the hosts.
    pub image: String,
    /// Where segments find the panel's discovery, on their gateway.
    pub discovery_port: u16,
    /// Remote addresses that may register any segment (tests and the simulator: loopback).
    pub discovery_trusted: Vec<IpAddr>,
    /// Where the front doors listen.
    pub front_door_listen: IpAddr,
    pub front_door_ports: RangeInclusive<u16>,
    /// The host name or address that people reach the front doors by. Without one, bundles carry
    /// the address the browser used, if the certificates know it, else the first public name.
    pub public_name: Option<String>,
    /// All names and addresses in the endpoints' certificates: configured ones and the panel
    /// host's own, the best to reach it by first.
    pub public_names: Vec<String>,
    pub quota: Quota,
    pub session: SessionLimits,
    /// What people type, where configured (`https://panel.example.org`). Passkeys belong to its host.
    pub public_origin: Option<String>,
    /// People come by https, here or at a proxy in front.
    pub is_https: bool,
    /// Everybody may see whether things work, in numbers.
    pub is_status_public: bool,
    /// Where people may sign in beside here.
    pub provider: Option<Arc<ProviderSettings>>,
}

impl Default for Settings {
    fn default() -> Self {
        let pool = Ipv4Net::new_assert(Ipv4Addr::new(10, 83, 0, 0), 16);
        Self {
            pool,
            network_mode: NetworkMode::Nat,
            id_base: 16_000 * wire::ID_RANGE,
            flavor: Flavor::default(),
            room: Room::default(),
            image: String::new(),
            discovery_port: 17_946,
            discovery_trusted: Vec::new(),
            front_door_listen: Ipv4Addr::UNSPECIFIED.into(),
            front_door_ports: 12_376..=12_975,
            public_name: None,
            public_names: Vec::new(),
            quota: Quota::default(),
            session: SessionLimits::default(),
            public_origin: None,
            is_https: false,
            is_status_public: false,
            provider: None,
        }
    }
}
