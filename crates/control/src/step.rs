//! The words of a plan: what can be done, and what can only be waited for.

use std::fmt;
use std::net::Ipv4Addr;

use host::{EngineTarget, NetworkSpec, NodeName, SegmentSpec};
use model::ClusterId;

use crate::desired::Seed;

/// One verb with everything it needs. `Display` is the trace that people read.
#[derive(Clone)]
pub(crate) enum Step {
    NetworkEnsure(NetworkSpec),
    NetworkGone(ClusterId),
    SegmentDefine {
        spec: Box<SegmentSpec>,
        seed: Seed,
    },
    SeedPut {
        node: NodeName,
        seed: Seed,
    },
    DiskGrow {
        node: NodeName,
        bytes: u64,
    },
    SegmentStart {
        node: NodeName,
        address: Ipv4Addr,
    },
    SegmentStop(NodeName),
    SegmentGone(NodeName),
    EngineRebuild {
        target: EngineTarget,
        seed: Seed,
    },
    SwarmInit(EngineTarget),
    SwarmJoin {
        target: EngineTarget,
        manager: EngineTarget,
    },
    SwarmLeave(EngineTarget),
    SwarmNodeGone {
        manager: EngineTarget,
        node: NodeName,
    },
}

impl fmt::Display for Step {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::NetworkEnsure(_) => f.write_str("network"),
            Self::NetworkGone(_) => f.write_str("network gone"),
            Self::SegmentDefine { spec, .. } => write!(f, "define {}", spec.node.ordinal),
            Self::SeedPut { node, .. } => write!(f, "seed {}", node.ordinal),
            Self::DiskGrow { node, .. } => write!(f, "disk {}", node.ordinal),
            Self::SegmentStart { node, .. } => write!(f, "start {}", node.ordinal),
            Self::SegmentStop(node) => write!(f, "stop {}", node.ordinal),
            Self::SegmentGone(node) => write!(f, "gone {}", node.ordinal),
            Self::EngineRebuild { target, .. } => write!(f, "rebuild {}", target.node.ordinal),
            Self::SwarmInit(target) => write!(f, "swarm init {}", target.node.ordinal),
            Self::SwarmJoin { target, .. } => write!(f, "swarm join {}", target.node.ordinal),
            Self::SwarmLeave(target) => write!(f, "swarm leave {}", target.node.ordinal),
            Self::SwarmNodeGone { node, .. } => write!(f, "swarm node gone {}", node.ordinal),
        }
    }
}

/// What nothing can be done about but wait.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Waiting {
    pub ordinal: u32,
    pub what: Awaited,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Awaited {
    /// The host is changing it.
    Host,
    /// It stopped right after its start.
    Restart,
    /// Its engine does not answer (yet).
    Engine,
    /// Docker's swarm on it is neither in nor out.
    Swarm,
    /// Its manager does not answer on the endpoint (yet).
    Endpoint,
    /// It is to be started anew with a larger disk, and other things come first.
    Turn,
}

impl fmt::Display for Waiting {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let ordinal = self.ordinal;
        match self.what {
            Awaited::Host => write!(f, "segment {ordinal} to start or stop"),
            Awaited::Restart => {
                write!(
                    f,
                    "another start of segment {ordinal} (it stopped right after the last)"
                )
            }
            Awaited::Engine => write!(f, "the engine of segment {ordinal}"),
            Awaited::Swarm => write!(f, "Docker's swarm on segment {ordinal}"),
            Awaited::Endpoint => write!(f, "the endpoint of segment {ordinal}"),
            Awaited::Turn => write!(f, "the turn of segment {ordinal} to get its larger disk"),
        }
    }
}
