//! The whole cluster at one moment: made once and shared by all requests until something changes.

use std::collections::BTreeSet;
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, Mutex, OnceLock, PoisonError};

use super::{Engine, Phase, Snapshot};
use crate::api::path::Version;
use crate::schedule::facts::NodeView;

/// One moment of the whole cluster.
#[derive(Default)]
pub struct View {
    /// In discovery's order.
    pub members: Vec<(Arc<Engine>, Arc<Snapshot>)>,
    /// Of the members those that have answered at least once.
    shown: Vec<u32>,
    order: OnceLock<Vec<At>>,
    api_version: OnceLock<Option<Version>>,
}

/// A container's place in a [`View`].
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct At {
    /// Among [`View::nodes`], in their order.
    pub node: u32,
    /// Among its containers.
    pub container: u32,
}

impl View {
    pub fn new(members: Vec<(Arc<Engine>, Arc<Snapshot>)>) -> Self {
        let shown = (0..).zip(&members);
        let shown = shown.filter(|(_, (_, snapshot))| snapshot.phase != Phase::Pending);
        Self {
            shown: shown.map(|(at, _)| at).collect(),
            members,
            ..Self::default()
        }
    }

    /// Those that have answered at least once.
    pub fn shown(&self) -> impl Iterator<Item = &(Arc<Engine>, Arc<Snapshot>)> {
        self.shown.iter().map(|at| &self.members[*at as usize])
    }

    /// The node of a place in this view.
    pub fn snapshot(&self, at: At) -> &Snapshot {
        &self.members[self.shown[at.node as usize] as usize].1
    }

    /// What the scheduler, the policy and `ps` read.
    pub fn nodes(&self) -> Vec<&NodeView> {
        self.shown().map(|(_, snapshot)| &snapshot.view).collect()
    }

    pub fn healthy(&self) -> impl Iterator<Item = &(Arc<Engine>, Arc<Snapshot>)> {
        self.members
            .iter()
            .filter(|(_, snapshot)| snapshot.is_healthy())
    }

    /// Names of the nodes that are to take nothing new, as the engine says that manages Docker's swarm,
    /// or has said last: while it is away nobody can have changed that.
    pub fn drained(&self) -> BTreeSet<&str> {
        let manager = self
            .healthy()
            .chain(&self.members)
            .find(|(_, snapshot)| snapshot.facts.swarm_manager);
        let Some((_, manager)) = manager else {
            return BTreeSet::new();
        };
        let closed = &manager.facts.drained;
        self.members
            .iter()
            .filter(|(_, snapshot)| {
                let id = snapshot.facts.swarm["NodeID"].as_str();
                id.is_some_and(|id| closed.iter().any(|closed| closed == id))
            })
            .map(|(_, snapshot)| snapshot.view.name.as_str())
            .collect()
    }

    pub fn of_addr(&self, addr: &str) -> Option<&(Arc<Engine>, Arc<Snapshot>)> {
        self.members.iter().find(|(engine, _)| engine.entry == addr)
    }

    /// By node name or engine id.
    pub fn of_node(&self, node: &str) -> Option<&(Arc<Engine>, Arc<Snapshot>)> {
        self.members
            .iter()
            .find(|(_, snapshot)| snapshot.view.name == node || snapshot.view.id == node)
    }

    /// All containers in the order of `docker ps`, sorted once.
    pub fn order(&self) -> &[At] {
        self.order
            .get_or_init(|| crate::api::ps::order(&self.nodes()))
    }

    /// The API version that is offered: the lowest of the engines'.
    pub fn api_version(&self) -> Option<Version> {
        *self.api_version.get_or_init(|| {
            let versions = self.members.iter();
            versions
                .filter_map(|(_, snapshot)| Version::parse(&snapshot.facts.api_version))
                .min()
                .map(|version| version.min(Version::CEILING))
        })
    }
}

/// The view of now, for as long as it is.
#[derive(Default)]
pub struct ViewCell {
    changes: AtomicU64,
    made: Mutex<Option<(u64, Arc<View>)>>,
}

impl std::fmt::Debug for ViewCell {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("ViewCell")
    }
}

impl ViewCell {
    pub fn get(&self, make: impl FnOnce() -> View) -> Arc<View> {
        // Read first: what changes while the view is made makes it old at once.
        let now = self.changes.load(Ordering::Acquire);
        if let Some((at, view)) = &*self.lock()
            && *at == now
        {
            return Arc::clone(view);
        }
        let view = Arc::new(make());
        *self.lock() = Some((now, Arc::clone(&view)));
        view
    }

    /// Before something changes: what only the cell holds need not be copied for that.
    pub fn forget(&self) {
        *self.lock() = None;
    }

    /// After something has changed.
    pub fn changed(&self) {
        self.changes.fetch_add(1, Ordering::Release);
    }

    fn lock(&self) -> std::sync::MutexGuard<'_, Option<(u64, Arc<View>)>> {
        self.made.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_view_is_shared_until_something_changes() {
        let cell = ViewCell::default();
        let first = cell.get(View::default);
        assert!(Arc::ptr_eq(&first, &cell.get(View::default)));
        cell.forget();
        cell.changed();
        let second = cell.get(|| {
            // A change in the middle of the making is not lost.
            cell.changed();
            View::default()
        });
        assert!(!Arc::ptr_eq(&first, &second));
        assert!(!Arc::ptr_eq(&second, &cell.get(View::default)));
    }
}
