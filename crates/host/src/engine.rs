//! What Carina asks of the engine in a segment, through the agent's door on 42376, and of the
//! cluster's endpoint on 2376.

use std::net::Ipv4Addr;
use std::sync::Arc;

use async_trait::async_trait;
use model::{ContainerMemory, ContainerView};
use wire::{ContainerCounters, SegmentStatus};

use crate::NodeName;

/// A client certificate with its authority, PEM. `Debug` shows no key.
#[derive(Clone)]
pub struct ClientIdentity {
    pub ca_pem: String,
    pub cert_pem: String,
    pub key_pem: wire::Secret,
}

/// Where an engine is and what opens its door (the panel's engine certificate).
#[derive(Clone)]
pub struct EngineTarget {
    pub node: NodeName,
    pub address: Ipv4Addr,
    pub identity: Arc<ClientIdentity>,
}

#[derive(Debug, Clone, PartialEq, Eq)]
pub struct EngineObserved {
    pub status: SegmentStatus,
    pub swarm: SwarmState,
}

/// Docker's own Swarm mode in one engine.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum SwarmState {
    Inactive,
    /// `node_id` is Docker's; `swarm_id` tells whether two engines are in the same one.
    Active {
        node_id: String,
        role: SwarmRole,
        has_quorum: bool,
        swarm_id: Option<String>,
    },
    /// Pending, error or locked: Docker's word.
    Troubled(String),
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum SwarmRole {
    Manager,
    Worker,
}

/// Calls have a deadline of their own (5 s unless said otherwise) and never wait for ever.
#[async_trait]
pub trait Engine: Send + Sync {
    async fn observe(&self, target: &EngineTarget) -> Result<EngineObserved, EngineError>;
    /// Hands the init a new seed; it makes the system containers again.
    async fn rebuild(&self, target: &EngineTarget, seed: &[u8]) -> Result<(), EngineError>;

    /// `docker swarm init` on an engine that is in none; in one already: no effect.
    async fn swarm_ensure_init(&self, target: &EngineTarget) -> Result<(), EngineError>;
    /// Joins `target` as a worker to `manager`'s swarm. In that one already: no effect;
    /// in another one: leaves it first.
    async fn swarm_ensure_joined(
        &self,
        target: &EngineTarget,
        manager: &EngineTarget,
    ) -> Result<(), EngineError>;
    /// Leaves by force. In none: no effect.
    async fn swarm_ensure_left(&self, target: &EngineTarget) -> Result<(), EngineError>;
    /// Docker's node entry named `node` is removed from `manager`'s swarm, by force.
    async fn swarm_node_ensure_gone(
        &self,
        manager: &EngineTarget,
        node: &NodeName,
    ) -> Result<(), EngineError>;
    /// Node entries of `manager`'s swarm whose host name is a node of ours.
    async fn swarm_nodes(&self, manager: &EngineTarget) -> Result<Vec<NodeName>, EngineError>;
    /// Those of them that take nothing new: somebody has drained or paused them.
    async fn swarm_drained(&self, manager: &EngineTarget) -> Result<Vec<NodeName>, EngineError>;

    /// `GET /_ping` on 2376 with a client certificate of the cluster.
    async fn endpoint_probe(
        &self,
        address: Ipv4Addr,
        client: &ClientIdentity,
    ) -> Result<(), EngineError>;
    /// All containers of one engine, system ones included and marked.
    async fn containers(&self, target: &EngineTarget) -> Result<Vec<ContainerView>, EngineError>;
    /// Names of one engine's volumes, in their order; those of system containers are left out.
    async fn volumes(&self, target: &EngineTarget) -> Result<Vec<String>, EngineError>;
    /// What these containers of one engine use now; those that do not run are not in the answer.
    async fn containers_memory(
        &self,
        target: &EngineTarget,
        ids: &[String],
    ) -> Result<Vec<ContainerMemory>, EngineError>;
    /// What the containers that run have used, at most [`wire::CONTAINERS_MAX`] with whole ids,
    /// each once: one question however many there are, so it may be asked every minute.
    async fn containers_usage(
        &self,
        target: &EngineTarget,
    ) -> Result<Vec<ContainerCounters>, EngineError>;
}

#[derive(Debug, thiserror::Error)]
pub enum EngineError {
    /// Nobody answers (yet).
    #[error("engine of {node} does not answer: {why}")]
    Unreachable { node: String, why: String },
    /// It answered no.
    #[error("engine of {node} refused {verb}: {why}")]
    Refused {
        node: String,
        verb: &'static str,
        why: String,
    },
}
