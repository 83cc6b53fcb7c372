//! What the panel, the libvirt hook, `segment-init` and `swarm` say to each other.
//!
//! Everything here crosses a trust boundary, so every type refuses unknown fields and every reader
//! checks again what it reads. Secrets never appear in `Debug`.

mod domain;
mod mac;
mod rules;
mod seed;
mod status;
mod usage;
#[cfg(feature = "xml")]
pub mod xml;

pub use domain::{DomainMark, LINK_PREFIX, METADATA_NAMESPACE, MarkError};
pub use mac::segment_mac;
#[cfg(feature = "host")]
pub use rules::HostRules;
pub use rules::{RULES_FILE, SegmentRules};
pub use seed::{EngineIdentity, ManagerIdentity, SEED_VERSION, Secret, SegmentSeed};
pub use status::{Milestone, SegmentStatus, SystemContainer};
pub use usage::{CONTAINERS_MAX, ContainerCounters, ContainersUsage, is_container_id};

/// The cluster's Docker API, mTLS with the cluster CA. Fixed by the original service.
pub const MANAGER_PORT: u16 = 2376;
/// The agent's mTLS door in front of the engine's unix socket, with the engine CA.
pub const AGENT_PORT: u16 = 42376;
/// Ids in a segment's user namespace.
pub const ID_RANGE: u32 = 65_536;

/// Where everything of Carina's on a host lives.
pub const STATE_DIR: &str = "/var/lib/carina";
/// Names of the system containers that `segment-init` keeps in every segment.
pub const SYSTEM_CONTAINERS: [&str; 3] = ["swarm-manager", "swarm-agent", "swarm-data"];
/// The label every system container carries, beside its reserved name.
pub const SYSTEM_LABEL: &str = "carina.system";
/// The label by which people say on which segment a container or volume goes.
pub const SEGMENT_LABEL: &str = "carina.segment";
/// The image of the system containers, imported by `segment-init`.
pub const SYSTEM_IMAGE: &str = "swarm:latest";

/// Where the hook shows a segment its seed, read-only and root-only (a `<filesystem>` of its own).
pub const SEED_DIR_IN_SEGMENT: &str = "/etc/carina/seed";
/// The seed's file name in that directory.
pub const SEED_FILE: &str = "seed.json";
/// Where `segment-init` and `swarm` lie in a segment: the image's own, read-only.
pub const PROGRAMS_IN_SEGMENT: &str = "/usr/lib/carina";
/// The socket of `segment-init`, mounted into the agent only.
pub const INIT_SOCKET: &str = "/run/carina/init.sock";

/// Routes of the agent's door that are not Docker's, open to the panel's certificate alone.
/// The agent passes them to `segment-init` over [`INIT_SOCKET`].
pub mod route {
    /// `GET`: a [`crate::SegmentStatus`].
    pub const STATUS: &str = "/carina/v1/status";
    /// `GET`: a [`crate::ContainersUsage`].
    pub const CONTAINERS: &str = "/carina/v1/containers";
    /// `POST` with a [`crate::SegmentSeed`]: take it and make the system containers again.
    pub const REBUILD: &str = "/carina/v1/rebuild";
}

/// Common names in engine client certificates; the agent tells its two callers apart by them.
pub mod caller {
    pub const MANAGER: &str = "carina-manager";
    pub const PANEL: &str = "carina-panel";
}

/// Routes of the panel's discovery listener beyond the classic ones, for managers alone.
pub mod discovery {
    /// `GET {base}/revocations/{token}?after={version}`: a [`super::Revocations`]; waits up to 30 s
    /// for a version greater than `after`, so that a revocation is told and not polled for.
    pub const REVOCATIONS: &str = "revocations";
    /// `POST {base}/refusals/{token}`: what a manager's policy refused, a list of
    /// [`super::PolicyRefusal`] of at most [`REFUSALS_MAX`].
    pub const REFUSALS: &str = "refusals";
    pub const REFUSALS_MAX: usize = 16;
    /// Characters of a refused request's path that are told.
    pub const PATH_MAX: usize = 200;
    /// `POST {base}/seen/{token}`: a [`super::Seen`]. Only from a segment of the token's cluster.
    pub const SEEN: &str = "seen";
    /// Serials in one [`super::Seen`].
    pub const SEEN_MAX: usize = 64;
    /// How often a manager tells, at most.
    pub const SEEN_EVERY_S: u64 = 60;
}

/// A Docker call that the policy refused, told for the audit: who and by which rule, nothing of
/// what was sent.
#[derive(Debug, Clone, PartialEq, Eq, serde::Serialize, serde::Deserialize)]
#[serde(deny_unknown_fields)]
pub struct PolicyRefusal {
    /// Of `CARINA-1002` the number.
    pub code: u16,
    /// Of the caller's certificate; empty where there was none.
    pub serial: String,
    pub method: String,
    pub path: String,
    /// How often the same was refused since it was told last.
    pub count: u32,
}

/// The serials of client certificates that a manager has let in since it last told.
#[derive(Debug, Clone, PartialEq, Eq, serde::Serialize, serde::Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Seen {
    /// Lower-case hex, two digits a byte.
    pub serials: Vec<String>,
}

/// The serials of client certificates that a manager must refuse.
#[derive(Debug, Clone, PartialEq, Eq, serde::Serialize, serde::Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Revocations {
    /// Grows with every revocation of the cluster.
    pub version: u64,
    /// Lower-case hex, two digits a byte.
    pub serials: Vec<String>,
}
