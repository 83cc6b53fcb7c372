//! Asking the hosts, every ten seconds, for all segments at once.

use std::collections::BTreeMap;
use std::sync::Mutex;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::Duration;

use futures::StreamExt as _;
use futures::future::join_all;
use host::{NodeName, SegmentUsage};

use crate::desired::{Rows, target};
use crate::error::chain;
use crate::panel::{Panel, lock};

/// A host that takes longer leaves a gap.
const HOST_WITHIN: Duration = Duration::from_secs(8);
const AGENT_WITHIN: Duration = Duration::from_secs(3);
const AGENTS_AT_ONCE: usize = 16;
/// Where only the agent knows how full the disk is, it is asked at every sixth sample.
const DISK_EVERY: u64 = 6;

/// How far sampling is.
#[derive(Default)]
pub(crate) struct Sampler {
    samples: AtomicU64,
    /// The last minute in the database; none before it was read from there.
    written: Mutex<Option<i64>>,
}

impl Sampler {
    pub(super) fn written(&self) -> Option<i64> {
        *lock(&self.written)
    }

    pub(super) fn written_set(&self, minute: Option<i64>) {
        *lock(&self.written) = minute;
    }
}

impl Panel {
    /// One sample of every running segment, and whatever is due to be written.
    pub(crate) async fn metrics_sample(&self) {
        let asked = self.hosts.values().map(|host| async move {
            match tokio::time::timeout(HOST_WITHIN, host.usage()).await {
                Ok(Ok(usage)) => usage,
                Ok(Err(error)) => {
                    tracing::debug!(host.name = host.name(), %error, "no usage from a host");
                    BTreeMap::new()
                }
                Err(_) => {
                    tracing::warn!(host.name = host.name(), "usage from a host takes too long");
                    BTreeMap::new()
                }
            }
        });
        let mut all: BTreeMap<NodeName, SegmentUsage> =
            join_all(asked).await.into_iter().flatten().collect();
        self.metrics_complete(&mut all).await;
        let now = self.now();
        for (node, usage) in &all {
            self.rings.push((node.cluster, node.ordinal), now, usage);
        }
        if let Err(error) = self.metrics_roll().await {
            tracing::warn!(error = chain(&error), "metrics cannot be written");
        }
    }

    /// What a host could not tell: asked of the agents, or as it was a moment ago.
    async fn metrics_complete(&self, all: &mut BTreeMap<NodeName, SegmentUsage>) {
        let turn = self.sampler.samples.fetch_add(1, Ordering::Relaxed);
        let mut silent = Vec::new();
        for (node, usage) in all.iter_mut() {
            let is_disk_due = usage.disk_used_bytes.is_none() && turn.is_multiple_of(DISK_EVERY);
            if usage.disk_used_bytes.is_none() {
                usage.disk_used_bytes = self.rings.disk_used((node.cluster, node.ordinal));
            }
            if usage.memory_bytes.is_none() || is_disk_due {
                silent.push(node.clone());
            }
        }
        let told = futures::stream::iter(silent)
            .map(|node| async move { (self.agent_levels(&node).await, node) })
            .buffer_unordered(AGENTS_AT_ONCE)
            .collect::<Vec<_>>()
            .await;
        for (levels, node) in told {
            if let (Some((memory, disk)), Some(usage)) = (levels, all.get_mut(&node)) {
                usage.memory_bytes.get_or_insert(memory);
                usage.disk_used_bytes = Some(disk);
            }
        }
    }

    /// Memory and disk in bytes, from within the segment.
    async fn agent_levels(&self, node: &NodeName) -> Option<(u64, u64)> {
        let mut tx = self.store.read().await.ok()?;
        let rows = Rows::load(&mut tx, node.cluster).await.ok()??;
        drop(tx);
        let segment = rows.segments.iter().find(|s| s.ordinal == node.ordinal)?;
        let identities = self.identities(&rows.wish).ok()?;
        let target = target(segment, identities.panel.clone());
        let asked = tokio::time::timeout(AGENT_WITHIN, self.engine.observe(&target));
        let status = asked.await.ok()?.ok()?.status;
        Some((status.memory_bytes, status.disk_used_bytes))
    }
}
