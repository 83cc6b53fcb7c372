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
    /// How large its disk is; none: it has none.
    pub disk_bytes: Option<u64>,
    pub has_seed: bool,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum SegmentState {
    Running,
    Stopped,
    /// Between the two; look again.
    Changing,
}

/// What a running segment uses, as its host sees it: counters since its start, and levels.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct SegmentUsage {
    pub cpu_time_ns: u64,
    /// Without page cache; none where only the segment itself can tell.
    pub memory_bytes: Option<u64>,
    /// As the segment sees them.
    pub network_in_bytes: u64,
    pub network_out_bytes: u64,
    /// None where only the segment itself can tell.
    pub disk_used_bytes: Option<u64>,
    pub disk_read_bytes: u64,
    pub disk_write_bytes: u64,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Capacity {
    pub memory_total_mib: u64,
    /// What programs could still get, caches that would be given up included where the host tells.
    pub memory_free_mib: u64,
    pub cpus: u32,
    pub disk_total_bytes: u64,
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
