//! On which segment a container goes.
//!
//! The rules are classic Swarm's, down to the formula and the text of its errors, so that what
//! people wrote for it places their containers the same way. Where it left ties to chance they are
//! broken by name here: the same cluster and the same request always give the same answer.

pub mod expression;
pub mod facts;
pub mod filter;
pub mod names;
pub mod pin;
pub mod request;
pub mod spread;

pub use facts::{
    ContainerFacts, ImageFacts, NetworkFacts, NodeView, Pending, PortUse, VolumeFacts,
};
pub use names::{Found, container_find, name_conflict};
pub use request::Request;

use crate::api::Refusal;

/// What the operator set.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Settings {
    /// `--cluster-opt swarm.overcommit`.
    pub overcommit: f64,
}

impl Default for Settings {
    fn default() -> Self {
        Self { overcommit: 0.05 }
    }
}

/// Where it goes.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Placement<'a> {
    /// [`NodeView::name`]s, best first. The first one is it; the others are for a retry.
    pub ranked: Vec<&'a str>,
}

impl<'a> Placement<'a> {
    pub fn node(&self) -> &'a str {
        self.ranked[0]
    }
}

/// Chooses. `pending` are containers that were placed and not yet seen on their engine.
pub fn place<'a>(
    nodes: &[&'a NodeView],
    pending: &[Pending],
    request: &Request,
    settings: &Settings,
) -> Result<Placement<'a>, Refusal> {
    let _ = (nodes, pending, request, settings);
    Err(Refusal::failed("No nodes available in the cluster"))
}
