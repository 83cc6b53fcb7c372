//! What a client means by a container's name.

use super::facts::{ContainerFacts, NodeView, Pending};
use crate::api::Refusal;

/// A container and the node it is on.
#[derive(Debug, Clone, Copy)]
pub struct Found<'a> {
    pub node: &'a NodeView,
    pub container: &'a ContainerFacts,
}

/// The one container that is meant, by classic Swarm's rules; ambiguous is none.
pub fn container_find<'a>(nodes: &[&'a NodeView], reference: &str) -> Option<Found<'a>> {
    let _ = (nodes, reference);
    None
}

/// 409 when the name is taken anywhere in the cluster, or by one that is being made.
pub fn name_conflict(nodes: &[&NodeView], pending: &[Pending], name: &str) -> Result<(), Refusal> {
    let _ = (nodes, pending, name);
    Ok(())
}
