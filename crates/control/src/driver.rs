//! The loop: kicks, due times and host events all mean “look”, and rounds run side by side.

use std::collections::{BTreeMap, BTreeSet, HashMap};
use std::sync::Arc;
use std::time::Duration;

use futures::future::join_all;
use host::{Host, HostEvent};
use model::{ClusterId, UnixMs};
use tokio::sync::Semaphore;
use tokio::sync::broadcast::error::RecvError;
use tokio::task::{Id, JoinSet};
use tokio_util::sync::CancellationToken;

use crate::error::{Error, chain};
use crate::panel::Panel;
use crate::reconcile::Outcome;

/// Clusters made by another process (the command line) are found this often.
const RELOAD: Duration = Duration::from_secs(15);
/// A round that takes longer is given up; its lease runs out by itself.
const ROUND_MAX: Duration = Duration::from_secs(180);
/// Ended sessions are deleted this often.
const SWEEP: Duration = Duration::from_secs(3600);
/// A host's event brings a failing cluster's next try forward, but not to at once.
const HINT_MS: i64 = 1_000;
/// Rounds at once; the others wait in line.
const ROUNDS_AT_ONCE: usize = 16;
/// How long rounds may finish their step at shutdown.
const GRACE: Duration = Duration::from_secs(5);

struct Turns {
    at_once: Arc<Semaphore>,
    due: BTreeMap<ClusterId, UnixMs>,
    running: HashMap<Id, ClusterId>,
    /// Kicked while a round of theirs was running.
    again: BTreeSet<ClusterId>,
    /// Whose last round failed.
    failed: BTreeSet<ClusterId>,
}

impl Turns {
    fn new() -> Self {
        Self {
            at_once: Arc::new(Semaphore::new(ROUNDS_AT_ONCE)),
            due: BTreeMap::new(),
            running: HashMap::new(),
            again: BTreeSet::new(),
            failed: BTreeSet::new(),
        }
    }

    fn is_running(&self, cluster: ClusterId) -> bool {
        self.running.values().any(|other| *other == cluster)
    }

    fn bring_forward(&mut self, cluster: ClusterId, at: UnixMs) {
        if let Some(due) = self.due.get_mut(&cluster) {
            *due = at.min(*due);
        }
    }

    fn next_due(&self) -> Option<UnixMs> {
        self.due.values().min().copied()
    }
}

impl Panel {
    pub(crate) async fn run(self: &Arc<Self>, shutdown: CancellationToken) {
        let mut side = JoinSet::new();
        for host in self.hosts.values() {
            side.spawn(host_listen(self.clone(), host.clone()));
        }
        side.spawn(usage_loop(self.clone()));
        side.spawn(container_loop(self.clone()));
        side.spawn(session_loop(self.clone()));
        side.spawn({
            let panel = self.clone();
            async move { panel.examine_all().await }
        });
        let mut turns = Turns::new();
        let mut rounds = JoinSet::new();
        // Whatever happened while nobody looked.
        self.turns_reload(&mut turns).await;
        turns.due.values_mut().for_each(|due| *due = 0);
        let mut reload = tokio::time::interval(RELOAD);
        loop {
            let now = self.now();
            let pause = turns.next_due().map_or(RELOAD, |due| {
                Duration::from_millis(u64::try_from(due - now).unwrap_or(0))
            });
            tokio::select! {
                () = shutdown.cancelled() => break,
                taken = self.kicks.take() => {
                    for cluster in taken.hinted {
                        match turns.failed.contains(&cluster) {
                            true => turns.bring_forward(cluster, self.now() + HINT_MS),
                            false => self.round_start(&mut turns, &mut rounds, cluster),
                        }
                    }
                    for cluster in taken.kicked {
                        self.round_start(&mut turns, &mut rounds, cluster);
                    }
                }
                Some(done) = rounds.join_next_with_id() => {
                    self.round_end(&mut turns, &mut rounds, done);
                }
                () = tokio::time::sleep(pause) => {
                    let now = self.now();
                    let due: Vec<ClusterId> =
                        turns.due.iter().filter(|(_, at)| **at <= now).map(|(id, _)| *id).collect();
                    for cluster in due {
                        self.round_start(&mut turns, &mut rounds, cluster);
                    }
                }
                _ = reload.tick() => self.turns_reload(&mut turns).await,
            }
        }
        side.abort_all();
        let rest = async { while rounds.join_next().await.is_some() {} };
        if tokio::time::timeout(GRACE, rest).await.is_err() {
            tracing::warn!("rounds were given up at shutdown; the next start takes them up");
        }
    }

    fn round_start(
        self: &Arc<Self>,
        turns: &mut Turns,
        rounds: &mut JoinSet<Outcome>,
        cluster: ClusterId,
    ) {
        turns.due.remove(&cluster);
        if turns.is_running(cluster) {
            turns.again.insert(cluster);
            return;
        }
        let panel = self.clone();
        let turn = turns.at_once.clone();
        let task = rounds.spawn(async move {
            let _turn = turn.acquire_owned().await;
            match tokio::time::timeout(ROUND_MAX, panel.round(cluster)).await {
                Ok(outcome) => outcome,
                Err(_) => Outcome::Failed {
                    due_at: panel.now(),
                },
            }
        });
        turns.running.insert(task.id(), cluster);
    }

    fn round_end(
        self: &Arc<Self>,
        turns: &mut Turns,
        rounds: &mut JoinSet<Outcome>,
        done: Result<(Id, Outcome), tokio::task::JoinError>,
    ) {
        let (id, outcome) = match done {
            Ok(done) => done,
            Err(error) => {
                // A panic counts as a failed round; the lease runs out by itself.
                tracing::error!(error = chain(&error), "a round panicked");
                (
                    error.id(),
                    Outcome::Failed {
                        due_at: self.now() + 5_000,
                    },
                )
            }
        };
        let Some(cluster) = turns.running.remove(&id) else {
            return;
        };
        let is_kicked = turns.again.remove(&cluster);
        match outcome {
            Outcome::Failed { .. } => turns.failed.insert(cluster),
            _ => turns.failed.remove(&cluster),
        };
        match outcome {
            Outcome::Gone => {}
            Outcome::Progressed => self.round_start(turns, rounds, cluster),
            _ if is_kicked => self.round_start(turns, rounds, cluster),
            other => {
                turns.due.insert(cluster, other.due_at(self.now()));
            }
        }
    }

    async fn turns_reload(&self, turns: &mut Turns) {
        match self.loop_all().await {
            Ok(rows) => {
                for (cluster, due_at) in rows {
                    if !turns.is_running(cluster) {
                        turns.due.entry(cluster).or_insert(due_at);
                    }
                }
            }
            Err(error) => tracing::error!(error = chain(&error), "the clusters cannot be read"),
        }
    }

    async fn loop_all(&self) -> Result<Vec<(ClusterId, UnixMs)>, Error> {
        let rows = self.store.read().await?.loop_all().await?;
        Ok(rows
            .into_iter()
            .map(|row| (row.cluster_id, row.due_at))
            .collect())
    }

    /// Rounds until nothing is left to do, or nothing has moved for a while. For tests.
    pub(crate) async fn settle(&self) {
        const STILL: Duration = Duration::from_secs(2);
        let mut moved = tokio::time::Instant::now();
        while moved.elapsed() < STILL {
            let clusters = self.loop_all().await.unwrap_or_default();
            let rounds = clusters.iter().map(|(cluster, _)| self.round(*cluster));
            let outcomes = join_all(rounds).await;
            let is_quiet = |o: &Outcome| matches!(o, Outcome::Converged { .. } | Outcome::Gone);
            if outcomes.iter().any(|o| matches!(o, Outcome::Progressed)) {
                moved = tokio::time::Instant::now();
            } else if outcomes.iter().all(is_quiet) {
                return;
            } else {
                tokio::time::sleep(Duration::from_millis(5)).await;
            }
        }
    }
}

/// Events are hints to look; a gap in them means to look at everything.
async fn host_listen(panel: Arc<Panel>, host: Arc<dyn Host>) {
    let mut events = host.events();
    loop {
        match events.recv().await {
            Ok(HostEvent::SegmentStarted(node) | HostEvent::SegmentStopped(node)) => {
                panel.kicks.hint(node.cluster);
            }
            Ok(HostEvent::Changed(cluster)) => panel.kicks.hint(cluster),
            Ok(HostEvent::Connected) | Err(RecvError::Lagged(_)) => {
                for (cluster, _) in panel.loop_all().await.unwrap_or_default() {
                    panel.kicks.hint(cluster);
                }
            }
            Ok(HostEvent::Disconnected) => {
                tracing::warn!(host.name = host.name(), "host {} is away", host.name());
            }
            Err(RecvError::Closed) => return,
        }
    }
}

/// Samples for the charts always, and what engines tell while somebody watches.
async fn usage_loop(panel: Arc<Panel>) {
    let mut tick = tokio::time::interval(crate::metric::EVERY);
    tick.set_missed_tick_behavior(tokio::time::MissedTickBehavior::Delay);
    loop {
        tick.tick().await;
        panel.metrics_sample().await;
        let watched = panel.watchers.accounts();
        if !watched.is_empty() {
            panel.usage_sample_all(&watched).await;
        }
    }
}

/// What containers use, for their history: a part of the segments each time. By itself, so that
/// segments that do not answer hold up nothing but this.
async fn container_loop(panel: Arc<Panel>) {
    let mut tick = tokio::time::interval(crate::metric::EVERY);
    tick.set_missed_tick_behavior(tokio::time::MissedTickBehavior::Delay);
    loop {
        tick.tick().await;
        panel.container_metrics_sample().await;
    }
}

/// Deletes the sessions that are over; loading one checks its limits anyway.
async fn session_loop(panel: Arc<Panel>) {
    let limits = panel.settings.session;
    let sessions = panel.store.session_store(limits.idle, limits.absolute);
    let mut tick = tokio::time::interval(SWEEP);
    loop {
        tick.tick().await;
        if let Err(error) = sessions.sweep().await {
            tracing::warn!(error = chain(&error), "ended sessions cannot be deleted");
        }
    }
}
