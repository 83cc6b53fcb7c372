//! Everything in numbers, for a monitoring program. Who may read them is decided by who can reach
//! the listener; there is nothing in them beyond ids, names and numbers.

use std::sync::atomic::{AtomicU64, Ordering};
use std::time::Duration;

use futures::future::join_all;
use host::Capacity;
use model::ClusterId;

use crate::error::Error;
use crate::metric::Latest;
use crate::panel::Panel;
use crate::reconcile::Outcome;

const HOST_WITHIN: Duration = Duration::from_secs(2);

/// The panel, now.
#[derive(Debug, Clone)]
pub struct Numbers {
    pub clusters: Vec<ClusterNow>,
    pub segments: Vec<SegmentNow>,
    /// Kind, state and how many, of the clusters that there are.
    pub operations: Vec<(String, String, u64)>,
    pub rounds: Rounds,
    /// By name; none for a host that does not answer.
    pub hosts: Vec<(String, Option<Capacity>)>,
}

#[derive(Debug, Clone)]
pub struct ClusterNow {
    pub id: ClusterId,
    pub name: String,
    pub phase: String,
    /// Rounds that failed in a row.
    pub attempt: u64,
    pub last_round_ms: Option<u64>,
}

#[derive(Debug, Clone)]
pub struct SegmentNow {
    pub cluster: ClusterId,
    pub ordinal: u32,
    pub phase: String,
    pub memory_limit_bytes: u64,
    pub vcpus: u32,
    pub disk_limit_bytes: u64,
    pub cpu_centi: Option<u64>,
    pub memory_bytes: Option<u64>,
    pub disk_used_bytes: Option<u64>,
    pub network_in: Option<u64>,
    pub network_out: Option<u64>,
}

/// Rounds since the panel started, by how they ended.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Rounds {
    pub converged: u64,
    pub progressed: u64,
    pub waiting: u64,
    pub failed: u64,
    pub total_ms: u64,
}

#[derive(Default)]
pub(crate) struct RoundCounts {
    converged: AtomicU64,
    progressed: AtomicU64,
    waiting: AtomicU64,
    failed: AtomicU64,
    total_ms: AtomicU64,
}

impl RoundCounts {
    pub(crate) fn add(&self, outcome: Outcome, took: Duration) {
        let count = match outcome {
            Outcome::Converged { .. } => &self.converged,
            Outcome::Progressed | Outcome::Gone => &self.progressed,
            Outcome::Waiting { .. } => &self.waiting,
            Outcome::Failed { .. } => &self.failed,
            // Somebody else's round.
            Outcome::Busy { .. } => return,
        };
        count.fetch_add(1, Ordering::Relaxed);
        let ms = u64::try_from(took.as_millis()).unwrap_or(u64::MAX);
        self.total_ms.fetch_add(ms, Ordering::Relaxed);
    }

    fn now(&self) -> Rounds {
        let of = |count: &AtomicU64| count.load(Ordering::Relaxed);
        Rounds {
            converged: of(&self.converged),
            progressed: of(&self.progressed),
            waiting: of(&self.waiting),
            failed: of(&self.failed),
            total_ms: of(&self.total_ms),
        }
    }
}

impl Panel {
    pub(crate) async fn numbers(&self) -> Result<Numbers, Error> {
        let asked = self.hosts.values().map(|host| async {
            let capacity = tokio::time::timeout(HOST_WITHIN, host.capacity()).await;
            (host.name().to_owned(), capacity.ok().and_then(Result::ok))
        });
        let hosts = join_all(asked).await;
        let mut tx = self.store.read().await?;
        let clusters = tx.numbers_clusters().await?;
        let segments = tx.numbers_segments().await?;
        let operations = tx.numbers_operations().await?;
        drop(tx);
        let positive = |n: i64| u64::try_from(n).unwrap_or(0);
        let clusters = clusters.into_iter().map(|cluster| ClusterNow {
            id: cluster.id,
            name: cluster.name,
            phase: match (cluster.deleting_since, cluster.phase) {
                (Some(_), _) => "deleting".to_owned(),
                (None, phase) => phase.unwrap_or_else(|| "new".to_owned()),
            },
            attempt: cluster.attempt.map_or(0, positive),
            last_round_ms: cluster.last_round_ms.map(positive),
        });
        Ok(Numbers {
            clusters: clusters.collect(),
            segments: segments.into_iter().map(|s| self.segment_now(s)).collect(),
            operations: operations
                .into_iter()
                .map(|(kind, state, n)| (kind, state, positive(n)))
                .collect(),
            rounds: self.rounds.now(),
            hosts,
        })
    }

    fn segment_now(&self, segment: store::SegmentNumbers) -> SegmentNow {
        let key = (segment.cluster_id, segment.ordinal);
        let latest = self.rings.latest(key, self.now());
        let of = |pick: fn(Latest) -> Option<u64>| latest.and_then(pick);
        SegmentNow {
            cluster: segment.cluster_id,
            ordinal: segment.ordinal,
            phase: match (segment.removing_since, segment.phase) {
                (Some(_), _) => "removing".to_owned(),
                (None, phase) => phase.unwrap_or_else(|| "placed".to_owned()),
            },
            memory_limit_bytes: segment.memory_mib << 20,
            vcpus: segment.vcpus,
            disk_limit_bytes: segment.disk_bytes,
            cpu_centi: of(|l| l.cpu_centi),
            memory_bytes: of(|l| l.memory_bytes),
            disk_used_bytes: of(|l| l.disk_used_bytes),
            network_in: of(|l| l.network_in),
            network_out: of(|l| l.network_out),
        }
    }
}
