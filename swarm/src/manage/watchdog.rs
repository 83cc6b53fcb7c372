//! Containers whose engine is lost are made again elsewhere, if they asked for it.
//!
//! The old one stays on its engine. When that comes back it goes, since the new one, which says
//! whose place it took, has its name and its swarm id. Every round looks at what is, not at what
//! happened: it is safe after a manager's start, a change of the primary, or a round that died.

use std::collections::{BTreeSet, HashMap};
use std::sync::Arc;
use std::time::{Duration, Instant};

use futures::future::OptionFuture;
use http::Method;
use serde_json::json;
use tokio_util::sync::CancellationToken;

use super::Manager;
use super::cluster::View;
use super::create::{Made, query_of};
use super::primary::Role;
use super::revival::Revival;
use crate::api::{NetworkConnect, Refusal, json as strict};
use crate::engine::{Engine, EngineError, Phase, Snapshot};
use crate::schedule::facts::{ContainerFacts, REPLACES_LABEL};
use crate::schedule::request::SWARM_ID_LABEL;

/// Until what could not be placed is tried again; something else may have been removed.
const RETRY: Duration = Duration::from_secs(10);
/// Nothing is left to do, and whatever changes that wakes us.
const IDLE: Duration = Duration::from_secs(3600);

pub async fn run(manager: Arc<Manager>, delay: Duration, stop: CancellationToken) {
    let mut phases = manager.cluster.hub.phases();
    let mut roles = manager.election.as_ref().map(|election| election.roles());
    let mut watchdog = Watchdog {
        manager,
        delay,
        lost: HashMap::new(),
    };
    loop {
        phases.mark_unchanged();
        let next = watchdog.round().await;
        let role = OptionFuture::from(roles.as_mut().map(|roles| roles.changed()));
        tokio::select! {
            () = stop.cancelled() => return,
            () = tokio::time::sleep(next) => {}
            changed = phases.changed() => if changed.is_err() { return },
            Some(changed) = role => if changed.is_err() { return },
        }
    }
}

struct Watchdog {
    manager: Arc<Manager>,
    /// How long an engine is waited for: one that only starts again needs nobody's help.
    delay: Duration,
    /// Since when, by address.
    lost: HashMap<String, Instant>,
}

impl Watchdog {
    /// One look at everything; gives back when to look again.
    async fn round(&mut self) -> Duration {
        if let Some(election) = &self.manager.election
            && election.role() != Role::Primary
        {
            self.lost.clear();
            return IDLE;
        }
        let view = self.manager.cluster.view();
        let replaced = replaced(&view);
        for (engine, snapshot) in view.healthy() {
            returned(engine, snapshot, &replaced).await;
        }
        let is_lost = |snapshot: &Snapshot| snapshot.phase == Phase::Unhealthy;
        let lost: Vec<_> = view.members.iter().filter(|(_, s)| is_lost(s)).collect();
        self.lost
            .retain(|entry, _| lost.iter().any(|(engine, _)| engine.entry == *entry));
        let mut next = IDLE;
        for (engine, snapshot) in &lost {
            let since = *self
                .lost
                .entry(engine.entry.clone())
                .or_insert_with(Instant::now);
            let wait = self.delay.saturating_sub(since.elapsed());
            for container in &snapshot.view.containers {
                if !container.is_rescheduled() {
                    continue;
                }
                if replaced.contains(&container.id) {
                    // Shown once: as what it is now.
                    engine.container_forget(&container.id);
                } else if !wait.is_zero() {
                    next = next.min(wait);
                } else if !is_trusted(&view) || !self.revived(engine, snapshot, container).await {
                    next = next.min(RETRY);
                }
            }
        }
        next
    }

    async fn revived(&self, engine: &Engine, from: &Snapshot, container: &ContainerFacts) -> bool {
        match self.revive(from, container).await {
            Ok(made) => {
                engine.container_forget(&container.id);
                tracing::info!(
                    container = container.name,
                    from = from.view.name,
                    to = made.engine.snapshot().view.name,
                    id = made.id,
                    "a container was rescheduled"
                );
                true
            }
            Err(refusal) => {
                let reason = refusal.message.replace('\n', "; ");
                tracing::warn!(
                    container = container.name,
                    node = from.view.name,
                    reason,
                    "a container cannot be rescheduled"
                );
                false
            }
        }
    }

    async fn revive(&self, from: &Snapshot, container: &ContainerFacts) -> Result<Made, Refusal> {
        let mut known = from.view.containers.iter().zip(&from.listed);
        let inspect = known
            .find(|(known, _)| known.id == container.id)
            .and_then(|(_, listed)| listed.inspect.clone())
            .ok_or_else(|| Refusal::failed("its engine was never asked about it"))?;
        let Revival {
            mut create,
            networks,
        } = {
            let view = self.manager.cluster.view();
            Revival::of(&inspect, container, &from.view, &view.nodes())?
        };
        let name = container.name.as_str();
        let mut request = self.manager.create_check(Some(name), &mut create)?;
        request.replaces = Some(container.id.clone());
        let labels = create.labels.get_or_insert_default();
        if let Some(swarm_id) = container.swarm_id() {
            labels.insert(SWARM_ID_LABEL.into(), swarm_id.to_owned());
        }
        let mut replaces = container.replaced();
        replaces.push(container.id.clone());
        labels.insert(REPLACES_LABEL.into(), json!(replaces).to_string());
        let target = format!("/containers/create{}", query_of(&[("name", name)]));
        let term = match &self.manager.election {
            None => None,
            Some(election) => Some(
                election
                    .term(&self.manager.cluster)
                    .await
                    .ok_or_else(|| Refusal::failed("another manager is the primary by now"))?,
            ),
        };
        let made = self
            .manager
            .create_placed(term, request, create, |_| target.clone())
            .await?;
        for (network, settings) in networks {
            let connect = NetworkConnect {
                container: Some(made.id.clone()),
                endpoint_config: Some(settings),
            };
            let body = Some(strict::write(&connect));
            let target = format!("/networks/{network}/connect");
            let done = made.engine.call(Method::POST, &target, body).await;
            told(container, "is not on its network", &done.map(drop));
        }
        if container.is_running() {
            let target = format!("/containers/{}/start", made.id);
            let done = made.engine.call(Method::POST, &target, None).await;
            told(container, "does not start", &done.map(drop));
            made.engine.container_refresh(&made.id).await;
        }
        Ok(made)
    }
}

/// A manager that sees less than half of the engines is more likely cut off itself, and the
/// others would make the same containers.
fn is_trusted(view: &View) -> bool {
    2 * view.healthy().count() >= view.members.len()
}

/// Ids of all containers in whose place another one is.
fn replaced(view: &View) -> BTreeSet<String> {
    view.healthy()
        .flat_map(|(_, snapshot)| &snapshot.view.containers)
        .flat_map(ContainerFacts::replaced)
        .collect()
}

/// The engine is back with containers that are elsewhere by now.
async fn returned(engine: &Engine, snapshot: &Snapshot, replaced: &BTreeSet<String>) {
    for container in &snapshot.view.containers {
        if !container.is_rescheduled() || !replaced.contains(&container.id) {
            continue;
        }
        let target = format!("/containers/{}?force=1&v=1", container.id);
        let done = engine.call(Method::DELETE, &target, None).await;
        if done.is_ok() {
            engine.container_forget(&container.id);
        }
        tracing::info!(
            container = container.name,
            node = snapshot.view.name,
            "a container that was rescheduled is removed"
        );
        told(container, "is not removed", &done.map(drop));
    }
}

fn told(container: &ContainerFacts, what: &str, done: &Result<(), EngineError>) {
    if let Err(error) = done {
        tracing::warn!(container = container.name, %error, "a container {what}");
    }
}
