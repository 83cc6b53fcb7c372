//! What `segment-init` says of its segment.

use serde::{Deserialize, Serialize};

/// The answer to [`crate::route::STATUS`].
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct SegmentStatus {
    pub node: String,
    /// Of the seed in use.
    pub generation: u64,
    /// Docker's version, once the engine answered.
    pub engine_version: Option<String>,
    pub system: Vec<SystemContainer>,
    /// Of the segment's memory cgroup, bytes, page cache not counted.
    pub memory_bytes: u64,
    pub memory_limit_bytes: u64,
    /// CPU time used since the start, microseconds.
    pub cpu_usage_us: u64,
    pub disk_used_bytes: u64,
    pub disk_total_bytes: u64,
    /// What happened when during the start, in order.
    pub boot: Vec<Milestone>,
}

#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct SystemContainer {
    pub name: String,
    /// Docker's word: created, running, exited, …; `missing` when it is not there.
    pub state: String,
}

#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Milestone {
    /// `init`, `containerd`, `engine`, `image`, `manager`, `agent`.
    pub name: String,
    /// Milliseconds since PID 1 began.
    pub at_ms: u64,
}
