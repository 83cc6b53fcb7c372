//! A host and its engine whose caller dies at the n-th call: the call never comes back.

use std::collections::BTreeMap;
use std::net::Ipv4Addr;
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};

use async_trait::async_trait;
use host::sim::{Sim, When};
use host::{
    Capacity, ClientIdentity, Engine, EngineError, EngineObserved, EngineTarget, Host, HostError,
    HostEvent, HostObserved, NetworkSpec, NodeName, SegmentSpec, SegmentUsage, Strays,
};
use model::{ClusterId, ContainerMemory, ContainerView, Finding};
use tokio::sync::Notify;
use wire::ContainerCounters;

#[derive(Clone)]
pub struct Mortal {
    sim: Sim,
    left: Arc<AtomicU64>,
    when: When,
    pub died: Arc<Notify>,
}

impl Mortal {
    pub fn new(sim: &Sim, call: u64, when: When) -> Self {
        let left = Arc::new(AtomicU64::new(call));
        Self {
            sim: sim.clone(),
            left,
            when,
            died: Arc::new(Notify::new()),
        }
    }

    async fn live<T>(&self, call: impl Future<Output = T>) -> T {
        let left = self
            .left
            .fetch_update(Ordering::SeqCst, Ordering::SeqCst, |n| n.checked_sub(1));
        let is_last = left == Ok(1);
        let is_dead = left.is_err();
        if is_dead || (is_last && self.when == When::Before) {
            self.die().await;
        }
        let result = call.await;
        if is_last {
            self.die().await;
        }
        result
    }

    async fn die(&self) {
        self.died.notify_one();
        std::future::pending::<()>().await;
    }
}

#[async_trait]
impl Host for Mortal {
    fn name(&self) -> &str {
        self.sim.name()
    }
    async fn observe(&self, cluster: ClusterId) -> Result<HostObserved, HostError> {
        self.live(Host::observe(&self.sim, cluster)).await
    }
    async fn clusters(&self) -> Result<Vec<ClusterId>, HostError> {
        self.live(self.sim.clusters()).await
    }
    async fn network_ensure(&self, spec: &NetworkSpec) -> Result<(), HostError> {
        self.live(self.sim.network_ensure(spec)).await
    }
    async fn network_ensure_gone(&self, cluster: ClusterId) -> Result<(), HostError> {
        self.live(self.sim.network_ensure_gone(cluster)).await
    }
    async fn segment_ensure_defined(&self, s: &SegmentSpec, seed: &[u8]) -> Result<(), HostError> {
        self.live(self.sim.segment_ensure_defined(s, seed)).await
    }
    async fn seed_ensure(&self, node: &NodeName, seed: &[u8]) -> Result<(), HostError> {
        self.live(self.sim.seed_ensure(node, seed)).await
    }
    async fn disk_ensure_grown(&self, node: &NodeName, bytes: u64) -> Result<(), HostError> {
        self.live(self.sim.disk_ensure_grown(node, bytes)).await
    }
    async fn segment_ensure_running(&self, node: &NodeName) -> Result<(), HostError> {
        self.live(self.sim.segment_ensure_running(node)).await
    }
    async fn segment_ensure_stopped(&self, node: &NodeName, grace: u32) -> Result<(), HostError> {
        self.live(self.sim.segment_ensure_stopped(node, grace))
            .await
    }
    async fn segment_ensure_gone(&self, node: &NodeName) -> Result<(), HostError> {
        self.live(self.sim.segment_ensure_gone(node)).await
    }
    async fn usage(&self) -> Result<BTreeMap<NodeName, SegmentUsage>, HostError> {
        self.live(self.sim.usage()).await
    }
    async fn capacity(&self) -> Result<Capacity, HostError> {
        self.live(self.sim.capacity()).await
    }
    async fn examine(&self) -> Vec<Finding> {
        self.live(self.sim.examine()).await
    }
    async fn strays(&self) -> Result<Strays, HostError> {
        self.live(self.sim.strays()).await
    }
    fn events(&self) -> tokio::sync::broadcast::Receiver<HostEvent> {
        self.sim.events()
    }
}

#[async_trait]
impl Engine for Mortal {
    async fn observe(&self, target: &EngineTarget) -> Result<EngineObserved, EngineError> {
        self.live(Engine::observe(&self.sim, target)).await
    }
    async fn rebuild(&self, target: &EngineTarget, seed: &[u8]) -> Result<(), EngineError> {
        self.live(self.sim.rebuild(target, seed)).await
    }
    async fn swarm_ensure_init(&self, target: &EngineTarget) -> Result<(), EngineError> {
        self.live(self.sim.swarm_ensure_init(target)).await
    }
    async fn swarm_ensure_joined(
        &self,
        target: &EngineTarget,
        manager: &EngineTarget,
    ) -> Result<(), EngineError> {
        self.live(self.sim.swarm_ensure_joined(target, manager))
            .await
    }
    async fn swarm_ensure_left(&self, target: &EngineTarget) -> Result<(), EngineError> {
        self.live(self.sim.swarm_ensure_left(target)).await
    }
    async fn swarm_node_ensure_gone(
        &self,
        manager: &EngineTarget,
        node: &NodeName,
    ) -> Result<(), EngineError> {
        self.live(self.sim.swarm_node_ensure_gone(manager, node))
            .await
    }
    async fn swarm_nodes(&self, manager: &EngineTarget) -> Result<Vec<NodeName>, EngineError> {
        self.live(self.sim.swarm_nodes(manager)).await
    }
    async fn swarm_drained(&self, manager: &EngineTarget) -> Result<Vec<NodeName>, EngineError> {
        self.live(self.sim.swarm_drained(manager)).await
    }
    async fn endpoint_probe(&self, at: Ipv4Addr, by: &ClientIdentity) -> Result<(), EngineError> {
        self.live(self.sim.endpoint_probe(at, by)).await
    }
    async fn containers(&self, target: &EngineTarget) -> Result<Vec<ContainerView>, EngineError> {
        self.live(self.sim.containers(target)).await
    }

    async fn volumes(&self, target: &EngineTarget) -> Result<Vec<String>, EngineError> {
        self.live(self.sim.volumes(target)).await
    }

    async fn containers_memory(
        &self,
        target: &EngineTarget,
        ids: &[String],
    ) -> Result<Vec<ContainerMemory>, EngineError> {
        self.live(self.sim.containers_memory(target, ids)).await
    }

    async fn containers_usage(
        &self,
        target: &EngineTarget,
    ) -> Result<Vec<ContainerCounters>, EngineError> {
        self.live(self.sim.containers_usage(target)).await
    }
}
