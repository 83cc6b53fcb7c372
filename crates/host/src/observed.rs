//! What is there, as a host tells it.

use std::collections::BTreeMap;

use model::ClusterId;

use crate::NodeName;

/// All of one cluster on one host.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct HostObserved {
    pub network: Option<NetworkObserved>,
    /// By ordinal. Defined segments, and leftovers of half-removed ones (`defined: false`).
    pub segments: BTreeMap<u32, SegmentObserved>,
}

#[derive(Debug, Clone, PartialEq, Eq)]
pub struct NetworkObserved {
    pub is_active: bool,
}

#[derive(Debug, Clone, PartialEq, Eq)]
pub struct SegmentObserved {
    /// False when only a volume is left of it.
    pub is_defined: bool,
    pub state: SegmentState,
    pub has_disk: bool,
    pub has_seed: bool,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum SegmentState {
    Running,
    Stopped,
    /// Between the two; look again.
    Changing,
}

/// A sample of what a segment uses.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct SegmentUsage {
    pub memory_bytes: u64,
    pub cpu_time_ns: u64,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Capacity {
    pub memory_total_mib: u64,
    pub memory_free_mib: u64,
    pub cpus: u32,
    pub disk_free_bytes: u64,
}

/// Things of ours without an owner; each a line for a person.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Strays(pub Vec<String>);

#[derive(Debug, Clone, PartialEq, Eq)]
pub enum HostEvent {
    SegmentStarted(NodeName),
    SegmentStopped(NodeName),
    /// The connection is (again) there: look at everything.
    Connected,
    Disconnected,
    /// Something of this cluster changed.
    Changed(ClusterId),
}
