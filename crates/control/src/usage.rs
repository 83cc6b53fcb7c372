//! What segments use: sampled while somebody watches, kept in memory only.

use std::collections::{BTreeMap, BTreeSet, HashMap};
use std::sync::Mutex;
use std::time::Duration;

use futures::future::join_all;
use host::{SwarmRole, SwarmState};
use model::{AccountId, ClusterId, ContainerMemory, SegmentPhase, UnixMs};

use crate::desired::{Rows, target};
use crate::error::{Error, chain};
use crate::panel::{Panel, lock};

/// A page gets what there is after this long; the rest comes with the next sample.
const PAGE_WAIT: Duration = Duration::from_millis(400);
/// A page does not ask again for what is younger.
const FRESH_MS: i64 = 8_000;
/// Containers of a segment whose memory is asked for, one by one.
const CONTAINERS_MAX: usize = 100;
/// CPU over a shorter time says nothing.
const INTERVAL_MIN_MS: i64 = 500;

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Usage {
    pub at: UnixMs,
    pub memory_bytes: u64,
    cpu_us: u64,
    pub cpu_centi: Option<u32>,
    pub disk_bytes: Option<u64>,
    /// Running and all, without the system's.
    pub containers: Option<(u32, u32)>,
}

#[derive(Default)]
pub(crate) struct UsageCache(Mutex<HashMap<ClusterId, BTreeMap<u32, Usage>>>);

/// What containers use, by segment.
#[derive(Default)]
pub(crate) struct MemoryCache(Mutex<HashMap<ClusterId, BTreeMap<u32, Vec<ContainerMemory>>>>);

impl MemoryCache {
    pub(crate) fn get(&self, cluster: ClusterId) -> Vec<ContainerMemory> {
        let cache = lock(&self.0);
        let segments = cache.get(&cluster).into_iter().flat_map(|all| all.values());
        segments.flatten().cloned().collect()
    }

    pub(crate) fn forget(&self, cluster: ClusterId) {
        lock(&self.0).remove(&cluster);
    }

    fn put(&self, cluster: ClusterId, ordinal: u32, all: Vec<ContainerMemory>) {
        lock(&self.0)
            .entry(cluster)
            .or_default()
            .insert(ordinal, all);
    }
}

impl UsageCache {
    pub(crate) fn get(&self, cluster: ClusterId) -> BTreeMap<u32, Usage> {
        lock(&self.0).get(&cluster).cloned().unwrap_or_default()
    }

    pub(crate) fn forget(&self, cluster: ClusterId) {
        lock(&self.0).remove(&cluster);
    }

    fn put(&self, cluster: ClusterId, ordinal: u32, sample: Usage) {
        let mut cache = lock(&self.0);
        let segments = cache.entry(cluster).or_default();
        let sample = match segments.get(&ordinal) {
            Some(before) => with_cpu(*before, sample),
            None => sample,
        };
        segments.insert(ordinal, sample);
    }

    fn is_fresh(&self, cluster: ClusterId, now: UnixMs) -> bool {
        lock(&self.0)
            .get(&cluster)
            .is_some_and(|segments| segments.values().any(|usage| now - usage.at < FRESH_MS))
    }
}

/// Hundredths of a CPU since the sample before; that one's figure where the time between is too
/// short, none where the segment was restarted in between.
fn with_cpu(before: Usage, sample: Usage) -> Usage {
    let elapsed_ms = sample.at - before.at;
    if elapsed_ms < INTERVAL_MIN_MS {
        return Usage {
            at: before.at,
            cpu_us: before.cpu_us,
            cpu_centi: before.cpu_centi,
            ..sample
        };
    }
    let used_us = sample.cpu_us.checked_sub(before.cpu_us);
    let cpu_centi = used_us.map(|used| {
        let centi = used / (10 * elapsed_ms.unsigned_abs());
        u32::try_from(centi).unwrap_or(u32::MAX)
    });
    Usage {
        cpu_centi,
        ..sample
    }
}

impl Panel {
    /// For a page: fresh enough, without holding the page up.
    pub(crate) async fn usage_refresh(&self, rows: &Rows) {
        if !self.usage.is_fresh(rows.wish.id, self.now()) {
            let _ = tokio::time::timeout(PAGE_WAIT, self.usage_sample(rows)).await;
        }
    }

    pub(crate) async fn usage_sample_all(&self, accounts: &[AccountId]) {
        if let Err(error) = self.usage_sample_try(accounts).await {
            tracing::warn!(error = chain(&error), "usage cannot be sampled");
        }
    }

    async fn usage_sample_try(&self, accounts: &[AccountId]) -> Result<(), Error> {
        let mut tx = self.store.read().await?;
        // A team's is seen by several of them, and sampled once.
        let mut seen = BTreeSet::new();
        let mut all = Vec::new();
        for account in accounts {
            for wish in tx.cluster_seen(*account).await? {
                if seen.insert(wish.id) {
                    all.extend(Rows::load(&mut tx, wish.id).await?);
                }
            }
        }
        drop(tx);
        for rows in all.iter().filter(|rows| rows.wish.deleting_since.is_none()) {
            self.usage_sample(rows).await;
            self.changed(rows.wish.owner_id, rows.wish.id);
        }
        Ok(())
    }

    async fn usage_sample(&self, rows: &Rows) {
        let Ok(identities) = self.identities(&rows.wish) else {
            return;
        };
        let up = rows.segments.iter().filter(|segment| {
            let fact = rows.segment_facts.get(&segment.ordinal);
            fact.is_some_and(|f| matches!(f.phase, SegmentPhase::Joining | SegmentPhase::Active))
        });
        join_all(up.map(|segment| async {
            let target = target(segment, identities.panel.clone());
            let both = futures::join!(
                self.engine.observe(&target),
                self.engine.containers(&target)
            );
            let (Ok(engine), containers) = both else {
                return;
            };
            let own: Option<Vec<_>> = containers
                .ok()
                .map(|all| all.into_iter().filter(|c| !c.is_system).collect());
            let running: Vec<String> = own
                .iter()
                .flatten()
                .filter(|c| c.state == "running")
                .map(|c| c.id.clone())
                .take(CONTAINERS_MAX)
                .collect();
            let count = |n: usize| u32::try_from(n).unwrap_or(u32::MAX);
            let sample = Usage {
                at: self.now(),
                memory_bytes: engine.status.memory_bytes,
                cpu_us: engine.status.cpu_usage_us,
                cpu_centi: None,
                disk_bytes: Some(engine.status.disk_used_bytes),
                containers: own.map(|own| {
                    let running = own.iter().filter(|c| c.state == "running").count();
                    (count(running), count(own.len()))
                }),
            };
            self.usage.put(rows.wish.id, segment.ordinal, sample);
            if let SwarmState::Active {
                role: SwarmRole::Manager,
                ..
            } = engine.swarm
            {
                self.drained_sample(&target).await;
            }
            if let Ok(memory) = self.engine.containers_memory(&target, &running).await {
                self.memory.put(rows.wish.id, segment.ordinal, memory);
            }
        }))
        .await;
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn sample(at: UnixMs, cpu_us: u64) -> Usage {
        Usage {
            at,
            memory_bytes: 1,
            cpu_us,
            cpu_centi: None,
            disk_bytes: None,
            containers: None,
        }
    }

    #[test]
    fn cpu_is_what_was_used_over_the_interval() {
        let first = sample(0, 1_000_000);
        let second = with_cpu(first, sample(10_000, 16_000_000));
        assert_eq!(second.cpu_centi, Some(150));
        // Too soon: the older figure and its moment stay.
        let third = with_cpu(second, sample(10_100, 17_000_000));
        assert_eq!(
            (third.at, third.cpu_us, third.cpu_centi),
            (10_000, 16_000_000, Some(150))
        );
        // Restarted: the counter went back.
        assert_eq!(with_cpu(second, sample(20_000, 5)).cpu_centi, None);
    }
}
