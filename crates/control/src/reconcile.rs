//! One round: look, plan, act, record. It takes no hint of what changed.
//!
//! What must not happen here: a retry inside the round (the loop comes again), a decision at
//! execution (the plan made them all), a wish that is changed (use-cases write those).

use std::time::Duration;

use model::{ClusterId, OperationState, UnixMs};
use rand::Rng as _;

use crate::desired::{Desired, Rows};
use crate::error::{Error, chain};
use crate::execute::Executed;
use crate::judge;
use crate::panel::Panel;
use crate::plan::{Observed, Plan, plan};
use crate::step::Awaited;

/// Longer than any single step; renewed before each.
const LEASE_MS: i64 = 60_000;
/// A cluster that is as wanted is looked at again after this long.
const RESYNC_MS: i64 = 30_000;
/// The longest pause between failing tries.
const BACKOFF_MAX_S: u64 = 600;

/// A round that holds its cluster's lease.
pub(crate) struct Round {
    pub cluster: ClusterId,
    /// The operation that somebody may be watching.
    pub operation: Option<model::OperationId>,
}

/// What a round came to, and when the next one is due.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Outcome {
    /// Everything is as wanted.
    Converged {
        due_at: UnixMs,
    },
    /// Steps were taken: look again at once.
    Progressed,
    /// Nothing to do but wait.
    Waiting {
        due_at: UnixMs,
    },
    Failed {
        due_at: UnixMs,
    },
    /// Somebody else has the lease.
    Busy {
        due_at: UnixMs,
    },
    /// There is no such cluster (any more).
    Gone,
}

impl Outcome {
    pub(crate) fn due_at(self, now: UnixMs) -> UnixMs {
        match self {
            Self::Progressed | Self::Gone => now,
            Self::Converged { due_at }
            | Self::Waiting { due_at }
            | Self::Failed { due_at }
            | Self::Busy { due_at } => due_at,
        }
    }
}

impl Panel {
    /// One round, whatever happens recorded: a failure is a condition on the cluster.
    pub(crate) async fn round(&self, cluster: ClusterId) -> Outcome {
        let begun = tokio::time::Instant::now();
        let outcome = self.round_recorded(cluster).await;
        self.rounds.add(outcome, begun.elapsed());
        outcome
    }

    async fn round_recorded(&self, cluster: ClusterId) -> Outcome {
        match self.round_try(cluster).await {
            Ok(outcome) => outcome,
            Err(error) => {
                // Without a database, or with rows that cannot be read, there is no record.
                tracing::error!(
                    cluster.id = %cluster, error = chain(&error),
                    "a round of cluster {cluster} failed"
                );
                Outcome::Failed {
                    due_at: self.now() + 5_000,
                }
            }
        }
    }

    async fn round_try(&self, cluster: ClusterId) -> Result<Outcome, Error> {
        let begun = self.now();
        let mut tx = self.store.write().await?;
        let taken = tx
            .lease_take(cluster, &self.owner, begun, begun + LEASE_MS)
            .await?;
        let Some(attempt) = taken else {
            let is_there = tx.cluster_by_id(cluster).await?.is_some();
            return Ok(match is_there {
                true => Outcome::Busy {
                    due_at: begun + 1_000,
                },
                false => Outcome::Gone,
            });
        };
        let rows = Rows::load(&mut tx, cluster).await?;
        let operation = tx.operation_list(cluster).await?.into_iter().next();
        let operation = operation.filter(|op| op.state == OperationState::Running);
        let steps = match &operation {
            Some(operation) => tx.step_list(operation.id).await?,
            None => Vec::new(),
        };
        tx.commit().await?;
        let Some(rows) = rows else {
            return Ok(Outcome::Gone);
        };
        let kind = operation.as_ref().map(|op| op.kind);
        let round = Round {
            cluster,
            operation: operation.map(|op| op.id),
        };

        let identities = self.identities(&rows.wish)?;
        let ca = self.discovery_ca.cert_pem();
        let desired = rows.desired(&identities, &self.settings, ca, attempt, begun)?;
        let (observed, plan, executed) = match self.look(&rows, &desired, &identities).await {
            Ok((host, observed)) => {
                let plan = plan(&desired, &observed);
                // Before the steps, which may take long: people watch these moments.
                let open = steps.iter().filter(|step| step.done_at.is_none());
                let seen = judge::steps_seen(open, &desired, &observed, &plan);
                self.steps_record(&round, &seen).await?;
                let watch = self.endpoint_watch(&round, &desired, &observed, &identities);
                let executed = tokio::select! {
                    executed = self.execute(&round, host, &plan) => executed,
                    never = watch => match never {},
                };
                (Some(observed), plan, executed)
            }
            Err(error) => (None, Plan::default(), Executed::of_failure(&error)),
        };
        let now = self.now();
        let outcome = outcome(&desired, observed.as_ref(), &plan, &executed, now);
        let judged = judge::Round {
            desired: &desired,
            observed: observed.as_ref(),
            plan: &plan,
            executed: &executed,
            running: kind,
            before: rows.fact.as_ref(),
            now,
            next_try_at: outcome.due_at(now),
        };
        self.record(&round, &rows, &judged, outcome, now - begun)
            .await
    }

    async fn look<'a>(
        &'a self,
        rows: &Rows,
        desired: &Desired,
        identities: &crate::desired::Identities,
    ) -> Result<(&'a dyn host::Host, Observed), Error> {
        let host = self.host(&rows.wish.host)?.as_ref();
        let limit = Duration::from_secs(30);
        match tokio::time::timeout(limit, self.observe(host, desired, identities)).await {
            Ok(observed) => Ok((host, observed?)),
            Err(_) => {
                let why = format!("no answer within {} s", limit.as_secs());
                Err(host::HostError::Unreachable {
                    host: rows.wish.host.clone(),
                    why,
                }
                .into())
            }
        }
    }

    /// Before every step: who lost the lease stops.
    pub(crate) async fn lease_renew(&self, round: &Round) -> Result<(), Error> {
        let now = self.now();
        let mut tx = self.store.write().await?;
        let is_held = tx
            .lease_renew(round.cluster, &self.owner, now, now + LEASE_MS)
            .await?;
        tx.commit().await?;
        match is_held {
            true => Ok(()),
            false => Err(Error::Broken(
                "the lease of the cluster is somebody else's".to_owned(),
            )),
        }
    }

    /// Facts and the loop's own columns, in one transaction.
    async fn record(
        &self,
        round: &Round,
        rows: &Rows,
        judged: &judge::Round<'_>,
        outcome: Outcome,
        round_ms: i64,
    ) -> Result<Outcome, Error> {
        let (now, cluster, desired) = (judged.now, round.cluster, judged.desired);
        let attempt = match judged.executed.has_failed() {
            true => desired.attempt.saturating_add(1),
            false => 0,
        };
        let mut tx = self.store.write().await?;
        if !tx
            .lease_return(cluster, &self.owner, attempt, outcome.due_at(now))
            .await?
        {
            return Ok(Outcome::Busy { due_at: now });
        }
        if outcome == Outcome::Gone {
            tx.cluster_delete(cluster).await?;
            tx.commit().await?;
            self.forget(cluster);
            tracing::info!(cluster.id = %cluster, "cluster {cluster} is gone");
            self.changed(rows.wish.owner_id, cluster);
            self.front_doors_update().await?;
            return Ok(outcome);
        }
        let fact = store::ClusterFact {
            last_round_ms: round_ms,
            ..judged.fact()
        };
        let mut is_door_news = false;
        let mut is_replaced = false;
        let mut is_news = rows
            .fact
            .as_ref()
            .is_none_or(|before| is_different(before, &fact));
        tx.fact_put(cluster, &fact).await?;
        // Without an observation nothing new is known of the segments.
        if judged.observed.is_some() {
            for (ordinal, segment) in &desired.segments {
                let before = rows.segment_facts.get(ordinal);
                let fact = judged.segment_fact(*ordinal, segment, before);
                if judged.is_gone(*ordinal, segment) {
                    tx.segment_delete(cluster, *ordinal).await?;
                    is_replaced |= self.segment_again(&mut tx, cluster, *ordinal).await?;
                    is_door_news = true;
                } else if before != Some(&fact) {
                    tx.segment_fact_put(cluster, &fact).await?;
                    is_door_news = true;
                }
            }
        }
        if judged.is_done() && !is_replaced {
            is_news |= tx.operation_done(cluster, desired.generation, now).await?;
        }
        tx.commit().await?;
        if is_door_news {
            self.front_doors_update().await?;
        }
        if is_news || is_door_news {
            self.changed(rows.wish.owner_id, cluster);
        }
        Ok(outcome)
    }
}

fn is_different(before: &store::ClusterFact, now: &store::ClusterFact) -> bool {
    let visible = |fact: &store::ClusterFact| {
        (
            fact.phase,
            fact.reason.clone(),
            fact.next_try_at,
            fact.observed_generation,
        )
    };
    visible(before) != visible(now)
}

fn outcome(
    desired: &Desired,
    observed: Option<&Observed>,
    plan: &Plan,
    executed: &Executed,
    now: UnixMs,
) -> Outcome {
    if executed.has_failed() {
        return Outcome::Failed {
            due_at: now + backoff_ms(desired.attempt),
        };
    }
    let Some(observed) = observed else {
        return Outcome::Progressed;
    };
    if plan.has_steps() {
        return Outcome::Progressed;
    }
    if desired.is_deleting {
        return Outcome::Gone;
    }
    if !plan.waiting.is_empty() {
        return Outcome::Waiting {
            due_at: now + pause_ms(desired, plan),
        };
    }
    let is_leaving = desired.segments.iter().any(|(ordinal, segment)| {
        segment.is_removing && !observed.host.segments.contains_key(ordinal)
    });
    match is_leaving {
        // Their rows go with this round's record; the next one sees the cluster without them.
        true => Outcome::Progressed,
        false => Outcome::Converged {
            due_at: now + jittered(RESYNC_MS),
        },
    }
}

/// After the first failure about a second, doubling, never all at the same moment.
fn backoff_ms(attempt: u32) -> i64 {
    let seconds = 2u64.saturating_pow(attempt.min(20)).min(BACKOFF_MAX_S);
    jittered(i64::try_from(seconds * 1000).unwrap_or(i64::MAX))
}

fn jittered(ms: i64) -> i64 {
    rand::rng().random_range(ms / 2..=ms)
}

/// Most waits end by a kick. A manager comes up within moments of its agent and tells nobody, so
/// that one is looked for closely at first.
fn pause_ms(desired: &Desired, plan: &Plan) -> i64 {
    let is_endpoint_only = plan.waiting.iter().all(|w| w.what == Awaited::Endpoint);
    match desired.waited_ms {
        waited if waited < 3_000 && is_endpoint_only => 40,
        waited if waited < 5_000 => 250,
        waited if waited < 60_000 => 1_000,
        _ => 10_000,
    }
}
