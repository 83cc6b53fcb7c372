//! The moments that people watch, written down when they happen and not at the round's end.

use std::convert::Infallible;
use std::future::pending;
use std::time::Duration;

use futures::future::join_all;

use crate::desired::{Desired, Identities};
use crate::error::Error;
use crate::panel::Panel;
use crate::plan::Observed;
use crate::reconcile::Round;
use crate::step::Step;

/// A manager that comes up tells nobody; it is looked for this often while steps are taken.
const ENDPOINT_PAUSE: Duration = Duration::from_millis(40);

impl Panel {
    /// Marks these steps of the round's operation as done, and tells who watches.
    pub(crate) async fn steps_record(&self, round: &Round, keys: &[String]) -> Result<(), Error> {
        let Some(operation) = round.operation.filter(|_| !keys.is_empty()) else {
            return Ok(());
        };
        let now = self.now();
        let mut tx = self.store.write().await?;
        let mut is_news = false;
        for key in keys {
            // Keys that the operation does not have, or has done, change nothing.
            is_news |= tx.step_done(operation, key, now).await?;
        }
        let wish = match is_news {
            true => tx.cluster_by_id(round.cluster).await?,
            false => None,
        };
        tx.commit().await?;
        if let Some(wish) = wish {
            self.changed(wish.owner_id, round.cluster);
        }
        Ok(())
    }

    /// What the taking of a step proves by itself.
    pub(crate) async fn step_record(&self, round: &Round, step: &Step) -> Result<(), Error> {
        match step {
            Step::SegmentStart { node, .. } => {
                self.steps_record(round, &[format!("made:{}", node.ordinal)])
                    .await
            }
            _ => Ok(()),
        }
    }

    /// Beside the steps: the first manager comes up while Docker's swarm is being made, and its
    /// endpoint is of use at once. Never ends; the caller drops it with the last step.
    pub(crate) async fn endpoint_watch(
        &self,
        round: &Round,
        desired: &Desired,
        observed: &Observed,
        identities: &Identities,
    ) -> Infallible {
        let is_awaited = round.operation.is_some()
            && !observed.engines.is_empty()
            && observed.answering.is_empty();
        if !is_awaited {
            return pending().await;
        }
        let probe_one = async |ordinal: &u32| match desired.segments.get(ordinal) {
            Some(segment) if !segment.is_removing => {
                let address = segment.spec.address;
                let probe = self.engine.endpoint_probe(address, &identities.probe);
                probe.await.is_ok()
            }
            _ => false,
        };
        loop {
            let answers = join_all(observed.engines.keys().map(probe_one)).await;
            if answers.contains(&true) {
                // What cannot be written now is written by the next round, which sees it too.
                if let Err(error) = self.steps_record(round, &["endpoint".to_owned()]).await {
                    tracing::debug!(%error, "the endpoint's moment was not written down");
                }
                return pending().await;
            }
            tokio::time::sleep(ENDPOINT_PAUSE).await;
        }
    }
}
