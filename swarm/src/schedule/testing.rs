//! Small clusters for tests.

use super::facts::{ContainerFacts, NodeView};

/// A healthy node of 2 CPUs and 2 GiB, empty.
pub fn node(name: &str) -> NodeView {
    NodeView {
        id: format!("id-of-{name}"),
        name: name.to_owned(),
        addr: "10.0.0.1:42376".to_owned(),
        health: 100,
        cpus: 2,
        memory: 2 << 30,
        ..NodeView::default()
    }
}

/// A running container that asks for nothing.
pub fn container(id: &str, name: &str) -> ContainerFacts {
    ContainerFacts {
        id: id.to_owned(),
        name: name.to_owned(),
        image: "busybox".to_owned(),
        state: "running".to_owned(),
        ..ContainerFacts::default()
    }
}
