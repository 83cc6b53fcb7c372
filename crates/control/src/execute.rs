//! Takes the steps of a plan. Nothing is decided here and nothing is tried twice.

use std::collections::BTreeMap;

use futures::future::join_all;
use host::Host;

use crate::error::{Error, chain};
use crate::host_words::{engine_words, host_words};
use crate::panel::Panel;
use crate::plan::Plan;
use crate::reconcile::Round;
use crate::step::Step;

/// How long a segment may take to stop in order.
const STOP_GRACE_S: u32 = 10;

/// What became of the steps.
#[derive(Debug, Default)]
pub(crate) struct Executed {
    /// Why the shared steps ended early.
    pub shared_failure: Option<String>,
    /// Why lanes ended early, by ordinal.
    pub failures: BTreeMap<u32, String>,
    /// Segments that were started.
    pub started: Vec<u32>,
}

impl Executed {
    /// Nothing could even be looked at.
    pub(crate) fn of_failure(error: &Error) -> Self {
        Self {
            shared_failure: Some(reason(error)),
            ..Self::default()
        }
    }

    pub(crate) fn has_failed(&self) -> bool {
        self.shared_failure.is_some() || !self.failures.is_empty()
    }
}

impl Panel {
    /// One lane's failure stops that lane only.
    pub(crate) async fn execute(&self, round: &Round, host: &dyn Host, plan: &Plan) -> Executed {
        let mut executed = Executed::default();
        if let Err(error) = self.steps_take(round, host, &plan.shared).await {
            executed.shared_failure = Some(reason(&error));
            return executed;
        }
        let lanes = plan.lanes.iter().map(|(ordinal, steps)| async move {
            (*ordinal, self.steps_take(round, host, steps).await)
        });
        for (ordinal, result) in join_all(lanes).await {
            match result {
                Ok(()) => {
                    let is_start = |step: &Step| matches!(step, Step::SegmentStart { .. });
                    if plan.lanes[&ordinal].iter().any(is_start) {
                        executed.started.push(ordinal);
                    }
                }
                Err(error) => {
                    executed.failures.insert(ordinal, reason(&error));
                }
            }
        }
        executed
    }

    async fn steps_take(
        &self,
        round: &Round,
        host: &dyn Host,
        steps: &[Step],
    ) -> Result<(), Error> {
        for step in steps {
            self.lease_renew(round).await?;
            let begun = self.now();
            let result = self.step_take(host, step).await;
            let duration_ms = self.now() - begun;
            let cluster = round.cluster;
            match &result {
                Ok(()) => tracing::info!(
                    cluster.id = %cluster, step = %step, duration_ms,
                    "cluster {cluster}: {step}"
                ),
                Err(error) => tracing::warn!(
                    cluster.id = %cluster, step = %step, duration_ms, error = chain(error),
                    "cluster {cluster}: {step} failed"
                ),
            }
            result?;
            self.step_record(round, step).await?;
        }
        Ok(())
    }

    async fn step_take(&self, host: &dyn Host, step: &Step) -> Result<(), Error> {
        match step {
            Step::NetworkEnsure(spec) => host.network_ensure(spec).await?,
            Step::NetworkGone(cluster) => host.network_ensure_gone(*cluster).await?,
            Step::SegmentDefine { spec, seed } => {
                host.segment_ensure_defined(spec, &seed.bytes).await?;
            }
            Step::SeedPut { node, seed } => host.seed_ensure(node, &seed.bytes).await?,
            Step::DiskGrow { node, bytes } => host.disk_ensure_grown(node, *bytes).await?,
            Step::SegmentStart { node, address } => {
                self.registrations.drop_one(node.cluster, *address);
                host.segment_ensure_running(node).await?;
            }
            Step::SegmentStop(node) => host.segment_ensure_stopped(node, STOP_GRACE_S).await?,
            Step::SegmentGone(node) => host.segment_ensure_gone(node).await?,
            Step::EngineRebuild { target, seed } => {
                self.engine.rebuild(target, &seed.bytes).await?;
            }
            Step::SwarmInit(target) => self.engine.swarm_ensure_init(target).await?,
            Step::SwarmJoin { target, manager } => {
                self.engine.swarm_ensure_joined(target, manager).await?;
            }
            Step::SwarmLeave(target) => self.engine.swarm_ensure_left(target).await?,
            Step::SwarmNodeGone { manager, node } => {
                self.engine.swarm_node_ensure_gone(manager, node).await?;
            }
        }
        Ok(())
    }
}

/// Why, for people.
fn reason(error: &Error) -> String {
    match error {
        Error::Host(error) => host_words(error),
        Error::Engine(error) => engine_words(error),
        other => chain(other),
    }
}
