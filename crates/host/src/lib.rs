//! What Carina asks of a host and of the engines on it.
//!
//! Two real things stand behind each trait: libvirt and the agents' doors (`host-libvirt`,
//! `engine`), and the simulator in [`sim`]. Both pass the same contract tests ([`contract`]).
//! Every verb is `ensure_*` in spirit: safe to repeat, safe to die before or after.

pub mod contract;
mod endpoint;
mod engine;
mod inventory;
mod observed;
pub mod sim;
mod spec;
mod stack;

pub use endpoint::{
    Console, ConsoleOrder, ContainerSample, Endpoint, EndpointError, EndpointTarget, EventLines,
    LogLines, LogOrder, Terminal, Way, WayOutcome,
};
pub use engine::{
    ClientIdentity, Engine, EngineError, EngineObserved, EngineTarget, SwarmRole, SwarmState,
};
pub use inventory::Inventory;
pub use observed::{
    Capacity, HostEvent, HostObserved, NetworkObserved, SegmentObserved, SegmentState,
    SegmentUsage, Strays,
};
pub use spec::{NetworkMode, NetworkSpec, NodeName, SegmentSpec};
pub use stack::Stacks;

use std::collections::BTreeMap;

use async_trait::async_trait;
use model::{ClusterId, Finding};

/// One machine with libvirt (or a simulated one).
#[async_trait]
pub trait Host: Send + Sync {
    /// The name in the configuration.
    fn name(&self) -> &str;

    /// What of one cluster is there. Nothing there is an empty answer, not an error.
    async fn observe(&self, cluster: ClusterId) -> Result<HostObserved, HostError>;

    /// Everything on the host that carries our mark, grouped by cluster, for finding orphans.
    async fn clusters(&self) -> Result<Vec<ClusterId>, HostError>;

    /// Defines and starts the cluster's network. Same spec again: no effect.
    async fn network_ensure(&self, spec: &NetworkSpec) -> Result<(), HostError>;
    async fn network_ensure_gone(&self, cluster: ClusterId) -> Result<(), HostError>;

    /// Disk volume (kept if it exists), seed volume (always replaced) and definition, autostart on.
    async fn segment_ensure_defined(
        &self,
        spec: &SegmentSpec,
        seed: &[u8],
    ) -> Result<(), HostError>;
    /// Replaces the seed volume of a defined segment; used by its next start.
    async fn seed_ensure(&self, node: &NodeName, seed: &[u8]) -> Result<(), HostError>;
    /// Makes the disk of a defined segment at least so large; it never becomes smaller. One that
    /// runs is refused: what has its disk open would not notice.
    async fn disk_ensure_grown(&self, node: &NodeName, bytes: u64) -> Result<(), HostError>;
    async fn segment_ensure_running(&self, node: &NodeName) -> Result<(), HostError>;
    /// Asks the init to stop in order, destroys after `grace_s` seconds.
    async fn segment_ensure_stopped(&self, node: &NodeName, grace_s: u32) -> Result<(), HostError>;
    /// Stops, undefines, deletes disk and seed. What is not there is done already.
    async fn segment_ensure_gone(&self, node: &NodeName) -> Result<(), HostError>;

    /// What every running segment of the host uses, in one answer: asked every few seconds.
    async fn usage(&self) -> Result<BTreeMap<NodeName, SegmentUsage>, HostError>;
    async fn capacity(&self) -> Result<Capacity, HostError>;
    /// Everything that segments need, how it is, and how to mend it. Takes seconds, changes nothing.
    async fn examine(&self) -> Vec<Finding>;
    /// Mounts, loop devices, bridges, volumes of ours that no defined segment owns (doctor, tests).
    async fn strays(&self) -> Result<Strays, HostError>;

    /// Life-cycle events of our segments and reconnections; a lagging receiver just looks again.
    fn events(&self) -> tokio::sync::broadcast::Receiver<HostEvent>;
}

/// Why a host verb failed; few variants, each something the reconciler tells people differently.
#[derive(Debug, thiserror::Error)]
pub enum HostError {
    /// libvirt does not answer (it is being reconnected).
    #[error("host {host} cannot be reached: {why}")]
    Unreachable { host: String, why: String },
    /// The host lacks something that `carina host prepare` makes.
    #[error("host {host} is not prepared: {why}")]
    NotPrepared { host: String, why: String },
    /// Something exists under our name without our mark; it is never touched.
    #[error("{what} exists and is not Carina's")]
    Foreign { what: String },
    /// The host said no.
    #[error("{verb} failed: {why}")]
    Failed { verb: &'static str, why: String },
}
