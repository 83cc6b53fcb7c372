//! The engines of segments, through their agents' doors, and the clusters' endpoints.
//!
//! Why no Docker library: a segment is its tenant's, so what answers at its address may lie. Every
//! answer is read up to a limit and within a deadline, and only the handful of fields that the
//! reconciler needs is understood. The panel's identity comes with each call and lives in memory.
//!
//! Every call makes a connection of its own. A handshake costs about a millisecond; a thousand
//! kept connections would cost the panel its memory.

mod container;
mod counters;
mod door;
mod endpoint;
mod swarm;

use std::future::Future;
use std::net::Ipv4Addr;
use std::time::Duration;

use async_trait::async_trait;
use host::{ClientIdentity, Engine, EngineError, EngineObserved, EngineTarget, NodeName};
use http::Method;
use model::{ContainerMemory, ContainerView};
use wire::{ContainerCounters, SegmentStatus};

use crate::door::{Door, DoorError};

/// The Docker API version the panel speaks; every engine since 25 understands it.
macro_rules! api {
    ($path:literal) => {
        concat!("/v1.44", $path)
    };
}
pub(crate) use api;

const DEADLINE: Duration = Duration::from_secs(5);
/// Docker answers a join after at most 20 s, whatever came of it.
const DEADLINE_SWARM: Duration = Duration::from_secs(25);
/// The init takes the seed and answers before it makes the containers again.
const DEADLINE_REBUILD: Duration = Duration::from_secs(10);

/// All engines. Holds nothing.
#[derive(Debug, Clone, Copy, Default)]
pub struct Engines;

impl Engines {
    pub fn new() -> Self {
        Self
    }
}

/// Runs `work` within `deadline` and names the engine in what went wrong.
async fn within<T>(
    node: impl std::fmt::Display,
    verb: &'static str,
    deadline: Duration,
    work: impl Future<Output = Result<T, DoorError>>,
) -> Result<T, EngineError> {
    let outcome = match tokio::time::timeout(deadline, work).await {
        Ok(outcome) => outcome,
        Err(_) => Err(DoorError::Late(deadline)),
    };
    outcome.map_err(|error| match error {
        DoorError::Refused { .. } | DoorError::Nonsense(_) => EngineError::Refused {
            node: node.to_string(),
            verb,
            why: error.to_string(),
        },
        DoorError::Connect(_)
        | DoorError::Tls(_)
        | DoorError::Http(_)
        | DoorError::Late(_)
        | DoorError::Identity(_) => EngineError::Unreachable {
            node: node.to_string(),
            why: error.to_string(),
        },
    })
}

async fn door(target: &EngineTarget) -> Result<Door, DoorError> {
    Door::open(target.address, wire::AGENT_PORT, &target.identity).await
}

#[async_trait]
impl Engine for Engines {
    async fn observe(&self, target: &EngineTarget) -> Result<EngineObserved, EngineError> {
        within(&target.node, "observe", DEADLINE, async {
            let mut door = door(target).await?;
            let status: SegmentStatus = door.get(wire::route::STATUS).await?;
            if status.node != target.node.to_string() {
                return Err(DoorError::Nonsense("it says it is another segment".into()));
            }
            let swarm = swarm::state(&mut door).await?;
            Ok(EngineObserved { status, swarm })
        })
        .await
    }

    async fn rebuild(&self, target: &EngineTarget, seed: &[u8]) -> Result<(), EngineError> {
        within(&target.node, "rebuild", DEADLINE_REBUILD, async {
            let mut door = door(target).await?;
            let body = bytes::Bytes::copy_from_slice(seed);
            door.call(Method::POST, wire::route::REBUILD, body).await?;
            Ok(())
        })
        .await
    }

    async fn swarm_ensure_init(&self, target: &EngineTarget) -> Result<(), EngineError> {
        within(&target.node, "swarm init", DEADLINE_SWARM, async {
            swarm::ensure_init(&mut door(target).await?, target.address).await
        })
        .await
    }

    async fn swarm_ensure_joined(
        &self,
        target: &EngineTarget,
        manager: &EngineTarget,
    ) -> Result<(), EngineError> {
        within(&target.node, "swarm join", DEADLINE_SWARM, async {
            swarm::ensure_joined(target, manager).await
        })
        .await
    }

    async fn swarm_ensure_left(&self, target: &EngineTarget) -> Result<(), EngineError> {
        within(&target.node, "swarm leave", DEADLINE_SWARM, async {
            swarm::ensure_left(&mut door(target).await?).await
        })
        .await
    }

    async fn swarm_node_ensure_gone(
        &self,
        manager: &EngineTarget,
        node: &NodeName,
    ) -> Result<(), EngineError> {
        within(&manager.node, "node rm", DEADLINE, async {
            swarm::node_ensure_gone(&mut door(manager).await?, node).await
        })
        .await
    }

    async fn swarm_nodes(&self, manager: &EngineTarget) -> Result<Vec<NodeName>, EngineError> {
        within(&manager.node, "node ls", DEADLINE, async {
            swarm::nodes(&mut door(manager).await?).await
        })
        .await
    }

    async fn swarm_drained(&self, manager: &EngineTarget) -> Result<Vec<NodeName>, EngineError> {
        within(&manager.node, "node ls", DEADLINE, async {
            swarm::drained(&mut door(manager).await?).await
        })
        .await
    }

    async fn endpoint_probe(
        &self,
        address: Ipv4Addr,
        client: &ClientIdentity,
    ) -> Result<(), EngineError> {
        within(address, "ping", DEADLINE, async {
            let mut door = Door::open(address, wire::MANAGER_PORT, client).await?;
            door.call(Method::GET, "/_ping", bytes::Bytes::new())
                .await?;
            Ok(())
        })
        .await
    }

    async fn containers(&self, target: &EngineTarget) -> Result<Vec<ContainerView>, EngineError> {
        within(&target.node, "ps", DEADLINE, async {
            container::list(&mut door(target).await?, &target.node).await
        })
        .await
    }

    async fn volumes(&self, target: &EngineTarget) -> Result<Vec<String>, EngineError> {
        within(&target.node, "volume ls", DEADLINE, async {
            endpoint::own_volumes(&mut door(target).await?).await
        })
        .await
    }

    async fn containers_memory(
        &self,
        target: &EngineTarget,
        ids: &[String],
    ) -> Result<Vec<ContainerMemory>, EngineError> {
        within(&target.node, "stats", DEADLINE, async {
            container::memory(&mut door(target).await?, ids).await
        })
        .await
    }

    async fn containers_usage(
        &self,
        target: &EngineTarget,
    ) -> Result<Vec<ContainerCounters>, EngineError> {
        within(&target.node, "containers", DEADLINE, async {
            counters::read(&mut door(target).await?, &target.node).await
        })
        .await
    }
}
