//! The engines of the cluster together: finding things on them, and placing new ones.

use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, Mutex, PoisonError, RwLock};
use std::time::{Duration, Instant};

use futures::future::join_all;
use rustls::ClientConfig;
use tokio::sync::watch;
use tokio_util::sync::{CancellationToken, DropGuard};

use super::image::Holder;
use crate::api::Refusal;
use crate::api::path::Version;
pub use crate::engine::View;
use crate::engine::{Engine, EventHub, Phase, Snapshot, ViewCell, WatchSettings, host_of};
use crate::http::{Pool, Target};
use crate::limits::TAKEOVER;
use crate::schedule::facts::{ContainerFacts, Pending};
use crate::schedule::{Request, Settings, container_find, name_conflict, name_conflict_but, place};

/// How long a request waits for the first engine of a cluster that is just starting.
const READY_LIMIT: Duration = Duration::from_secs(10);

pub struct Cluster {
    /// In discovery's order.
    members: RwLock<Vec<Member>>,
    pub hub: EventHub,
    views: Arc<ViewCell>,
    engine_tls: Option<Arc<ClientConfig>>,
    watch: WatchSettings,
    settings: Settings,
    pending: Mutex<Vec<(u64, Pending)>>,
    pending_next: AtomicU64,
    /// Ticks whenever the list of members changes.
    changed: watch::Sender<u64>,
}

struct Member {
    engine: Arc<Engine>,
    /// Since when discovery does not name it any more.
    absent_since: Option<Instant>,
    /// Its end stops the watch.
    _watch: DropGuard,
}

/// A container that was found, and where.
pub struct Located {
    pub engine: Arc<Engine>,
    pub snapshot: Arc<Snapshot>,
    pub container: ContainerFacts,
}

/// A place that is reserved until the engine shows the container; given back when dropped.
pub struct Reserved<'a> {
    held: Held<'a>,
    pub engine: Arc<Engine>,
    pub snapshot: Arc<Snapshot>,
}

impl Reserved<'_> {
    /// It goes on counting until its ticket is [given back](Cluster::give_back).
    pub fn leave_in_doubt(self) -> u64 {
        let Held { cluster, ticket } = self.held;
        for (_, pending) in cluster.pending().iter_mut().filter(|(of, _)| *of == ticket) {
            pending.in_doubt = true;
        }
        std::mem::forget(self.held);
        ticket
    }
}

/// What counts as there though no engine shows it yet, until dropped.
pub struct Held<'a> {
    cluster: &'a Cluster,
    ticket: u64,
}

impl Drop for Held<'_> {
    fn drop(&mut self) {
        self.cluster.give_back(self.ticket);
    }
}

impl Cluster {
    pub fn new(
        engine_tls: Option<Arc<ClientConfig>>,
        watch: WatchSettings,
        settings: Settings,
    ) -> Self {
        let hub = EventHub::default();
        Self {
            members: RwLock::default(),
            views: hub.views(),
            hub,
            engine_tls,
            watch,
            settings,
            pending: Mutex::default(),
            pending_next: AtomicU64::new(0),
            changed: watch::Sender::new(0),
        }
    }

    pub fn settings(&self) -> &Settings {
        &self.settings
    }

    /// Makes the members those of discovery: new ones are watched, gone ones are let go.
    ///
    /// An engine that answers is kept for `grace` though discovery does not name it: a panel that
    /// has just started again hears of its segments one by one, and no cluster must notice.
    pub fn entries_set(&self, entries: &[String], grace: Duration, stop: &CancellationToken) {
        let mut members = self.members.write().unwrap_or_else(PoisonError::into_inner);
        let before: Vec<String> = members.iter().map(|m| m.engine.entry.clone()).collect();
        let mut kept = Vec::new();
        let mut known = Vec::new();
        for (at, mut member) in std::mem::take(&mut *members).into_iter().enumerate() {
            if entries.contains(&member.engine.entry) {
                member.absent_since = None;
                known.push(member);
                continue;
            }
            let since = *member.absent_since.get_or_insert_with(Instant::now);
            if since.elapsed() < grace && member.engine.snapshot().is_healthy() {
                kept.push((at, member));
            } else {
                tracing::info!(engine = member.engine.entry, "an engine left the cluster");
            }
        }
        for entry in entries {
            let at = known
                .iter()
                .position(|member| member.engine.entry == *entry);
            members.push(match at {
                Some(at) => known.swap_remove(at),
                None => self.member_new(entry, stop),
            });
        }
        for (at, member) in kept {
            let at = at.min(members.len());
            members.insert(at, member);
        }
        let changed = !members.iter().map(|m| &m.engine.entry).eq(&before);
        drop(members);
        self.views.changed();
        if changed {
            self.changed.send_modify(|tick| *tick += 1);
        }
    }

    /// Is every member named by discovery and well? Otherwise it is worth looking again soon.
    pub fn is_settled(&self) -> bool {
        let members = self.members.read().unwrap_or_else(PoisonError::into_inner);
        members
            .iter()
            .all(|member| member.absent_since.is_none() && member.engine.snapshot().is_healthy())
    }

    /// Waits until it is not settled.
    pub async fn unsettled(&self) {
        let mut phases = self.hub.phases();
        while self.is_settled() && phases.changed().await.is_ok() {}
    }

    /// Has discovery named `own`, and has every member answered, or failed to, at least once?
    pub fn is_read(&self, own: &str) -> bool {
        let members = self.members.read().unwrap_or_else(PoisonError::into_inner);
        let asked = |member: &Member| {
            let snapshot = member.engine.snapshot();
            snapshot.phase != Phase::Pending || snapshot.failures > 0
        };
        members.iter().any(|m| host_of(&m.engine.entry) == own) && members.iter().all(asked)
    }

    fn member_new(&self, entry: &str, stop: &CancellationToken) -> Member {
        let pool = Pool::new(Target::Tcp {
            entry: entry.to_owned(),
            tls: self.engine_tls.clone(),
        });
        let engine = Engine::new(entry.to_owned(), pool, self.watch.clone(), &self.hub);
        let token = stop.child_token();
        engine.watch_start(token.clone());
        Member {
            engine,
            absent_since: None,
            _watch: token.drop_guard(),
        }
    }

    /// The entries in discovery's order.
    pub fn entries(&self) -> Vec<String> {
        let members = self.members.read().unwrap_or_else(PoisonError::into_inner);
        members
            .iter()
            .map(|member| member.engine.entry.clone())
            .collect()
    }

    /// Reads the containers of all engines that answer in time.
    pub async fn containers_refresh(&self) -> bool {
        let view = self.view();
        let readings = view
            .healthy()
            .map(|(engine, _)| engine.containers_refresh());
        tokio::time::timeout(TAKEOVER, join_all(readings))
            .await
            .is_ok()
    }

    pub fn changes(&self) -> watch::Receiver<u64> {
        self.changed.subscribe()
    }

    /// What is known now; shared until something changes.
    pub fn view(&self) -> Arc<View> {
        self.views.get(|| {
            let members = self.members.read().unwrap_or_else(PoisonError::into_inner);
            let both = |m: &Member| (Arc::clone(&m.engine), m.engine.snapshot());
            View::new(members.iter().map(both).collect())
        })
    }

    /// Waits, within bounds, until the cluster has an engine: a client that comes in the first
    /// tenth of a second of a cluster's life is not sent away.
    pub async fn ready(&self) {
        let any = || {
            self.view()
                .members
                .iter()
                .any(|(_, s)| s.phase != Phase::Pending)
        };
        if any() {
            return;
        }
        let wait = async {
            while !any() {
                tokio::time::sleep(Duration::from_millis(5)).await;
            }
        };
        let _ = tokio::time::timeout(READY_LIMIT, wait).await;
    }

    /// The container that a client means.
    pub fn container_find(&self, reference: &str) -> Result<Located, Refusal> {
        let view = self.view();
        let nodes = view.nodes();
        let found = container_find(&nodes, reference)
            .ok_or_else(|| Refusal::not_found(format!("No such container: {reference}")))?;
        let (engine, snapshot) = view
            .of_addr(&found.node.addr)
            .ok_or_else(|| Refusal::not_found(format!("No such container: {reference}")))?;
        Ok(Located {
            engine: Arc::clone(engine),
            snapshot: Arc::clone(snapshot),
            container: found.container.clone(),
        })
    }

    /// As [`Self::container_find`], on a node that can be asked.
    pub fn container_reach(&self, reference: &str) -> Result<Located, Refusal> {
        let located = self.container_find(reference)?;
        if !located.snapshot.is_healthy() {
            return Err(Refusal::failed(format!(
                "Container {reference} running on unhealthy node {}",
                located.snapshot.view.name
            )));
        }
        Ok(located)
    }

    /// Holds `name` for a container that gets it; 409 when it is taken or being taken.
    pub fn name_hold(&self, name: &str, of: &Located) -> Result<Held<'_>, Refusal> {
        let mut pending = self.pending();
        let list: Vec<Pending> = pending.iter().map(|(_, entry)| entry.clone()).collect();
        name_conflict(&self.view().nodes(), &list, name)?;
        let facts = ContainerFacts {
            name: name.to_owned(),
            ..ContainerFacts::default()
        };
        let node = of.snapshot.view.name.clone();
        let pending_name = Pending {
            node,
            facts,
            in_doubt: false,
        };
        Ok(self.hold(&mut pending, pending_name))
    }

    fn hold(&self, list: &mut Vec<(u64, Pending)>, entry: Pending) -> Held<'_> {
        let ticket = self.pending_next.fetch_add(1, Ordering::Relaxed);
        list.push((ticket, entry));
        Held {
            cluster: self,
            ticket,
        }
    }

    /// 409 when `name` is a container's id: nobody would know any more who is meant.
    pub fn id_free(&self, name: &str) -> Result<(), Refusal> {
        let view = self.view();
        let nodes = view.nodes();
        let mut containers = nodes.iter().flat_map(|node| &node.containers);
        if !containers.any(|known| known.id == name || known.swarm_id() == Some(name)) {
            return Ok(());
        }
        Err(Refusal::conflict(format!(
            "Conflict: The name {name} is the id of a container. Choose another name."
        )))
    }

    /// Chooses a node and reserves what the container needs there, in one step: of two requests at
    /// the same moment the second sees the first.
    pub fn reserve(&self, request: &Request) -> Result<Reserved<'_>, Refusal> {
        let mut pending = self.pending();
        let list: Vec<Pending> = pending.iter().map(|(_, entry)| entry.clone()).collect();
        let view = self.view();
        let nodes = view.nodes();
        if let Some(name) = &request.name {
            name_conflict_but(&nodes, &list, name, request.replaces.as_deref())?;
        }
        let placement = place(&nodes, &view.drained(), &list, request, &self.settings)?;
        let node = placement.node();
        let (engine, snapshot) = view
            .of_node(node)
            .ok_or_else(|| Refusal::failed("the chosen node has just left the cluster"))?;
        let held = self.hold(&mut pending, request.pending(node));
        Ok(Reserved {
            held,
            engine: Arc::clone(engine),
            snapshot: Arc::clone(snapshot),
        })
    }

    /// Every node that would do, best first, with nothing reserved.
    pub fn places(&self, request: &Request) -> Result<Vec<Holder>, Refusal> {
        let view = self.view();
        let nodes = view.nodes();
        let placement = place(&nodes, &view.drained(), &[], request, &self.settings)?;
        let names = placement.ranked.into_iter();
        Ok(names
            .filter_map(|name| view.of_node(name))
            .cloned()
            .collect())
    }

    fn pending(&self) -> std::sync::MutexGuard<'_, Vec<(u64, Pending)>> {
        self.pending.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// What was held by this ticket does not count any more.
    pub fn give_back(&self, ticket: u64) {
        self.pending().retain(|(of, _)| *of != ticket);
    }

    /// The API version that is offered: the lowest of the engines'.
    pub fn api_version(&self) -> Option<Version> {
        self.view().api_version()
    }
}
