//! What is on a cluster's segments, each engine asked by itself: one that is down must neither stand in
//! the way nor be taken for empty.

use std::time::Duration;

use futures::future::join_all;
use host::{EndpointError, EndpointTarget};
use model::{
    ClusterId, ContainerView, SegmentContainersView, SegmentContents, SegmentContentsView,
    SegmentPhase, ServiceView,
};
use store::SegmentWish;

use crate::Actor;
use crate::desired::{Identities, Rows, target};
use crate::error::Error;
use crate::panel::Panel;
use crate::permit::Action;

/// A page waits no longer for whoever does not answer.
const PATIENCE: Duration = Duration::from_secs(3);
/// The same, for an engine that nobody has ever seen: mostly it is not there yet.
const PATIENCE_NEW: Duration = Duration::from_millis(500);

impl Panel {
    /// Of every segment that somebody can have put something on, by ordinal.
    pub(crate) async fn cluster_containers(
        &self,
        actor: &Actor,
        id: ClusterId,
    ) -> Result<Vec<SegmentContainersView>, Error> {
        let (rows, identities) = self.rows_to_ask(actor, id).await?;
        let (rows, identities) = (&rows, &identities);
        let seen = rows
            .segments
            .iter()
            .filter(|row| !is_never_seen(rows, row.ordinal));
        let asked = seen.map(|row| async move {
            // Known to be down: a page need not wait to hear it.
            let found = match is_up(rows, row.ordinal) {
                true => self.containers_of(row, identities, PATIENCE).await,
                false => None,
            };
            SegmentContainersView {
                ordinal: row.ordinal,
                found,
            }
        });
        Ok(join_all(asked).await)
    }

    /// By ordinal.
    pub(crate) async fn cluster_contents(
        &self,
        actor: &Actor,
        id: ClusterId,
    ) -> Result<Vec<SegmentContentsView>, Error> {
        let (rows, identities) = self.rows_to_ask(actor, id).await?;
        // Without it services cannot be told, and every task counts as lost.
        let at = self.endpoint_of(actor, id, Action::ClusterSee).await;
        let at = at.ok().map(|(_, at)| at);
        let (rows, identities) = (&rows, &identities);
        let asked = rows.segments.iter().map(|row| async move {
            let is_new = is_never_seen(rows, row.ordinal);
            let patience = if is_new { PATIENCE_NEW } else { PATIENCE };
            let containers = self.containers_of(row, identities, patience);
            // Of the engine itself: managers leave out whoever they do not reach.
            let volumes = self.volumes_of(row, identities, patience);
            match (futures::join!(containers, volumes), is_new) {
                ((None, _), true) => Found::Nothing,
                ((None, _), false) => Found::Unknown,
                ((Some(containers), volumes), _) => Found::Things(containers, volumes),
            }
        });
        let services = known(at.as_ref(), |at| self.endpoint.service_list(at));
        let (found, services) = futures::join!(join_all(asked), services);
        let services = services.unwrap_or_default();
        let view = |(row, found): (&SegmentWish, Found)| {
            let found = match found {
                Found::Unknown => None,
                Found::Nothing => Some(SegmentContents {
                    volumes: Some(Vec::new()),
                    ..SegmentContents::default()
                }),
                Found::Things(containers, volumes) => {
                    let (tasks, containers) = names(&containers, &services);
                    Some(SegmentContents {
                        containers,
                        tasks,
                        volumes,
                    })
                }
            };
            SegmentContentsView {
                ordinal: row.ordinal,
                address: row.address.to_string(),
                found,
            }
        };
        Ok(rows.segments.iter().zip(found).map(view).collect())
    }

    async fn rows_to_ask(&self, actor: &Actor, id: ClusterId) -> Result<(Rows, Identities), Error> {
        let mut tx = self.store.read().await?;
        let wish = self.own(&mut tx, actor, id).await?;
        let rows = Rows::load(&mut tx, id)
            .await?
            .ok_or_else(|| Error::not_found("cluster"))?;
        Ok((rows, self.identities(&wish)?))
    }

    /// None: it does not answer.
    async fn containers_of(
        &self,
        row: &SegmentWish,
        identities: &Identities,
        patience: Duration,
    ) -> Option<Vec<ContainerView>> {
        let target = target(row, identities.panel.clone());
        tokio::time::timeout(patience, self.engine.containers(&target))
            .await
            .ok()?
            .ok()
    }

    /// The same, of the volumes.
    async fn volumes_of(
        &self,
        row: &SegmentWish,
        identities: &Identities,
        patience: Duration,
    ) -> Option<Vec<String>> {
        let target = target(row, identities.panel.clone());
        tokio::time::timeout(patience, self.engine.volumes(&target))
            .await
            .ok()?
            .ok()
    }
}

/// What became of asking one engine.
enum Found {
    /// It did not answer.
    Unknown,
    /// It never was there.
    Nothing,
    /// Its volumes, if it told of them, too.
    Things(Vec<ContainerView>, Option<Vec<String>>),
}

fn is_up(rows: &Rows, ordinal: u32) -> bool {
    let fact = rows.segment_facts.get(&ordinal);
    fact.is_some_and(|fact| matches!(fact.phase, SegmentPhase::Joining | SegmentPhase::Active))
}

/// No engine was ever seen in it, so nobody has put anything there.
fn is_never_seen(rows: &Rows, ordinal: u32) -> bool {
    let fact = rows.segment_facts.get(&ordinal);
    fact.is_none_or(|fact| fact.engine_version.is_none())
}

async fn known<'a, T, F>(
    at: Option<&'a EndpointTarget>,
    ask: impl FnOnce(&'a EndpointTarget) -> F,
) -> Option<T>
where
    F: Future<Output = Result<T, EndpointError>>,
{
    tokio::time::timeout(PATIENCE, ask(at?)).await.ok()?.ok()
}

/// Tasks of replicated services, and all others.
fn names(containers: &[ContainerView], services: &[ServiceView]) -> (Vec<String>, Vec<String>) {
    let own = containers.iter().filter(|one| !one.is_system);
    let mut names: Vec<String> = own.map(|one| one.name.clone()).collect();
    names.sort();
    names
        .into_iter()
        .partition(|name| services.iter().any(|service| is_task_of(service, name)))
}

/// Docker calls a task's container by its service, its slot and its own id.
fn is_task_of(service: &ServiceView, container: &str) -> bool {
    let rest = container.strip_prefix(&service.name);
    let rest = rest.and_then(|rest| rest.strip_prefix('.'));
    let parts = rest.and_then(|rest| rest.split_once('.'));
    let is_of = |slot: &str, id: &str| {
        let mut tasks = service.tasks.iter();
        tasks.any(|task| task.id == id && task.slot.to_string() == slot)
    };
    service.wanted.is_some() && parts.is_some_and(|(slot, id)| is_of(slot, id))
}
