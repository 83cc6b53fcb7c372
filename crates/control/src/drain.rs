//! Segments that are to take nothing new, by Docker's own word for it: the managers place no container
//! and Docker's swarm no task there.

use std::collections::{BTreeSet, HashMap};
use std::sync::Mutex;

use host::{EngineTarget, NodeName};
use model::ClusterId;

use crate::Actor;
use crate::error::Error;
use crate::panel::{Panel, lock};
use crate::permit::Action;

/// By cluster, the ordinals, as the engines said last.
#[derive(Default)]
pub(crate) struct Drained(Mutex<HashMap<ClusterId, BTreeSet<u32>>>);

impl Drained {
    pub(crate) fn get(&self, cluster: ClusterId) -> BTreeSet<u32> {
        lock(&self.0).get(&cluster).cloned().unwrap_or_default()
    }

    pub(crate) fn forget(&self, cluster: ClusterId) {
        lock(&self.0).remove(&cluster);
    }

    fn put(&self, cluster: ClusterId, ordinals: BTreeSet<u32>) {
        lock(&self.0).insert(cluster, ordinals);
    }
}

impl Panel {
    /// Asks the engine that manages Docker's swarm; whoever sees the cluster sees it then.
    pub(crate) async fn drained_sample(&self, manager: &EngineTarget) {
        let cluster = manager.node.cluster;
        if let Ok(nodes) = self.engine.swarm_drained(manager).await {
            let own = nodes.into_iter().filter(|node| node.cluster == cluster);
            self.drained
                .put(cluster, own.map(|node| node.ordinal).collect());
        }
    }

    /// Through the endpoint, in the person's name.
    pub(crate) async fn segment_drain(
        &self,
        actor: &Actor,
        id: ClusterId,
        ordinal: u32,
        is_drained: bool,
    ) -> Result<(), Error> {
        let (wish, at) = self.endpoint_of(actor, id, Action::ClusterUse).await?;
        let node = NodeName {
            cluster: id,
            ordinal,
        };
        if !at.nodes.contains(&node) {
            return Err(Error::not_found("segment"));
        }
        let outcome = self.endpoint.node_drain(&at, &node, is_drained).await;
        let what = match is_drained {
            true => format!("segment {ordinal}"),
            false => format!("segment {ordinal} takes containers again"),
        };
        self.outcome_audit(actor, "segment_drain", &wish, what, outcome)
            .await?;
        let mut drained = self.drained.get(id);
        match is_drained {
            true => drained.insert(ordinal),
            false => drained.remove(&ordinal),
        };
        self.drained.put(id, drained);
        self.changed(wish.owner_id, id);
        Ok(())
    }
}
