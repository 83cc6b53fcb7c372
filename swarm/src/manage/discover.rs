//! Keeping the cluster's members those of discovery.

use std::sync::Arc;
use std::time::{Duration, Instant};

use tokio::sync::Notify;
use tokio_util::sync::CancellationToken;

use super::cluster::Cluster;
use super::memory::Memory;
use crate::discovery::Discovery;
use crate::engine::host_of;

/// Between two looks while our own segment's agent has not registered yet: a cluster's start, in
/// which somebody waits.
const STARTING: Duration = Duration::from_millis(30);
const STARTING_FOR: Duration = Duration::from_secs(5);
/// Afterwards the pauses double up to this.
const STARTING_MAX: Duration = Duration::from_secs(2);
/// Between two looks while an engine is unwell or unnamed: it may have been taken away.
const UNSETTLED: Duration = Duration::from_secs(5);
/// How long an engine that answers outlives its entry: the agents' time to live.
const GRACE: Duration = Duration::from_secs(180);
/// A burst of kicks is one look.
const KICK_PAUSE: Duration = Duration::from_millis(100);

pub struct Discover {
    pub discovery: Discovery,
    pub heartbeat: Duration,
    /// Host of our own segment, if we are one of several managers.
    pub own_host: Option<String>,
    pub kick: Arc<Notify>,
    pub memory: Arc<Memory>,
}

impl Discover {
    /// Looks until `stop`. A discovery service that fails changes nothing: what is known stays, and
    /// at a start what was known last.
    pub async fn run(self, cluster: Arc<Cluster>, stop: CancellationToken) {
        let (began, mut pause) = (Instant::now(), STARTING);
        let mut failing = false;
        loop {
            match self.discovery.fetch().await {
                Ok(entries) => {
                    // Lists that people write are meant as they stand.
                    let grace = if self.own_host.is_some() {
                        GRACE
                    } else {
                        Duration::ZERO
                    };
                    cluster.entries_set(&entries, grace, &stop);
                    if !entries.is_empty() {
                        self.memory.entries_keep(&entries);
                    }
                    failing = false;
                }
                Err(error) if !failing => {
                    tracing::warn!(%error, "discovery failed; the known engines stay");
                    failing = true;
                    if cluster.entries().is_empty() {
                        cluster.entries_set(&self.memory.entries(), GRACE, &stop);
                    }
                }
                Err(_) => {}
            }
            let complete = !failing && self.is_complete(&cluster);
            let is_settled = cluster.is_settled();
            let next = match (complete, is_settled) {
                (false, _) => pause,
                (true, false) => UNSETTLED.min(self.heartbeat),
                (true, true) => self.heartbeat,
            };
            if complete {
                pause = STARTING;
            } else if began.elapsed() > STARTING_FOR {
                pause = (pause * 2).min(STARTING_MAX);
            }
            tokio::select! {
                () = stop.cancelled() => return,
                () = tokio::time::sleep(next) => {}
                // Whoever was taken away becomes unwell at once; nobody waits for the next look.
                () = cluster.unsettled(), if is_settled => tokio::time::sleep(KICK_PAUSE).await,
                () = self.kick.notified() => tokio::time::sleep(KICK_PAUSE).await,
            }
        }
    }

    /// Is our own segment among the entries (or any at all)?
    fn is_complete(&self, cluster: &Cluster) -> bool {
        let entries = cluster.entries();
        match &self.own_host {
            Some(own) => entries.iter().any(|entry| host_of(entry) == own),
            None => !entries.is_empty(),
        }
    }
}
