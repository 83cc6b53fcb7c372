//! What is there: the host's answer, and every engine's, asked side by side.

use std::collections::BTreeSet;
use std::time::Duration;

use futures::future::join_all;
use host::{EngineObserved, EngineTarget, Host, SegmentState, SwarmRole, SwarmState};

use crate::desired::{Desired, Identities};
use crate::error::Error;
use crate::panel::Panel;
use crate::plan::Observed;

/// An engine whose agent has registered.
const KNOWN: Duration = Duration::from_secs(3);
/// One that has been running for a while and is silent: it may have registered with a panel
/// before this one.
const SILENT: Duration = Duration::from_millis(1500);
/// One that is starting. Its address does not answer ARP yet, and a connection would hang for
/// seconds; its registration is a kick anyway.
const STARTING: Duration = Duration::from_millis(150);
const STARTING_MS: i64 = 10_000;

impl Panel {
    pub(crate) async fn observe(
        &self,
        host: &dyn Host,
        desired: &Desired,
        identities: &Identities,
    ) -> Result<Observed, Error> {
        let mut observed = Observed {
            host: host.observe(desired.cluster).await?,
            ..Observed::default()
        };
        if desired.is_deleting {
            return Ok(observed);
        }
        let lowest = desired
            .segments
            .iter()
            .find(|(_, s)| !s.is_removing)
            .map(|(o, _)| *o);
        let asked = desired.segments.iter().filter(|(ordinal, _)| {
            let seen = observed.host.segments.get(ordinal);
            seen.is_some_and(|seen| seen.state == SegmentState::Running)
        });
        let asked = asked.map(|(ordinal, segment)| async move {
            let address = segment.spec.address;
            let limit = match self.registrations.has(desired.cluster, address, self.now()) {
                true => KNOWN,
                false if segment.running_ms.is_none_or(|ms| ms < STARTING_MS) => STARTING,
                false => SILENT,
            };
            let engine = self.engine_observe(&segment.target, limit).await?;
            let probe = async {
                !segment.is_removing
                    && self
                        .engine
                        .endpoint_probe(address, &identities.probe)
                        .await
                        .is_ok()
            };
            let nodes = async {
                match (&engine.swarm, Some(*ordinal) == lowest) {
                    (
                        SwarmState::Active {
                            role: SwarmRole::Manager,
                            ..
                        },
                        true,
                    ) => self.engine.swarm_nodes(&segment.target).await.ok(),
                    _ => None,
                }
            };
            let (is_answering, nodes) = futures::join!(probe, nodes);
            Some((*ordinal, engine, is_answering, nodes))
        });
        for (ordinal, engine, is_answering, nodes) in join_all(asked).await.into_iter().flatten() {
            observed.engines.insert(ordinal, engine);
            if is_answering {
                observed.answering.insert(ordinal);
            }
            if let Some(nodes) = nodes {
                observed.swarm_nodes = Some(nodes.into_iter().collect::<BTreeSet<_>>());
            }
        }
        Ok(observed)
    }

    async fn engine_observe(
        &self,
        target: &EngineTarget,
        limit: Duration,
    ) -> Option<EngineObserved> {
        let observed = tokio::time::timeout(limit, self.engine.observe(target)).await;
        match observed {
            Ok(Ok(observed)) => Some(observed),
            Ok(Err(error)) => {
                tracing::debug!(node.name = %target.node, %error, "an engine does not answer");
                None
            }
            Err(_) => None,
        }
    }
}
