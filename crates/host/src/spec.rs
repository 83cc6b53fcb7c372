//! What is wanted of a host, with every detail filled in: nothing is chosen at execution.

use std::fmt;
use std::net::Ipv4Addr;

use ipnet::Ipv4Net;
use model::ClusterId;
use wire::DomainMark;

/// `<cluster>-n<ordinal>`; the domain's name and Docker's node name.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct NodeName {
    pub cluster: ClusterId,
    pub ordinal: u32,
}

impl fmt::Display for NodeName {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}-n{}", self.cluster, self.ordinal)
    }
}

impl std::str::FromStr for NodeName {
    type Err = ();
    fn from_str(text: &str) -> Result<Self, ()> {
        let (cluster, ordinal) = text.rsplit_once("-n").ok_or(())?;
        let name = Self {
            cluster: cluster.parse().map_err(|_| ())?,
            ordinal: ordinal.parse().map_err(|_| ())?,
        };
        // One spelling only: no leading zeros, no upper case.
        (name.to_string() == text && name.ordinal > 0)
            .then_some(name)
            .ok_or(())
    }
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum NetworkMode {
    Nat,
    Routed,
}

/// One libvirt network per cluster: own bridge, STP off, own subnet.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct NetworkSpec {
    pub cluster: ClusterId,
    pub mode: NetworkMode,
    /// At most 15 bytes, begins with `crn`.
    pub bridge: String,
    pub subnet: Ipv4Net,
    pub gateway: Ipv4Addr,
}

#[derive(Debug, Clone, PartialEq, Eq)]
pub struct SegmentSpec {
    pub node: NodeName,
    pub mark: DomainMark,
    /// [`wire::segment_mac`] of the address: the segment's init sets it again.
    pub mac: String,
    pub address: Ipv4Addr,
    /// Prefix length of the cluster's subnet.
    pub prefix: u8,
    pub gateway: Ipv4Addr,
    pub memory_mib: u64,
    pub vcpus: u32,
    pub disk_bytes: u64,
}
