//! What the init keeps in every simulated segment, and what it says of it.

use model::ContainerView;
use wire::{SYSTEM_CONTAINERS, SegmentSeed, SegmentStatus, SystemContainer};

const ENGINE_VERSION: &str = "26.1.5";

fn state_of(name: &str) -> &'static str {
    if name == "swarm-data" {
        "created"
    } else {
        "running"
    }
}

pub(super) fn status(seed: &SegmentSeed, disk_bytes: u64) -> SegmentStatus {
    SegmentStatus {
        node: seed.node.clone(),
        generation: seed.generation,
        engine_version: Some(ENGINE_VERSION.to_owned()),
        system: SYSTEM_CONTAINERS
            .iter()
            .map(|name| SystemContainer {
                name: (*name).to_owned(),
                state: state_of(name).to_owned(),
            })
            .collect(),
        memory_bytes: 48 << 20,
        memory_limit_bytes: 2 << 30,
        cpu_usage_us: 1_000_000,
        disk_used_bytes: 64 << 20,
        disk_total_bytes: disk_bytes,
        boot: Vec::new(),
    }
}

pub(super) fn system_container(seed: &SegmentSeed, name: &str) -> ContainerView {
    ContainerView {
        node: seed.node.clone(),
        id: format!("{}-{name}", seed.node),
        name: name.to_owned(),
        image: wire::SYSTEM_IMAGE.to_owned(),
        state: state_of(name).to_owned(),
        status: if name == "swarm-data" {
            "Created"
        } else {
            "Up"
        }
        .to_owned(),
        ports: Vec::new(),
        is_system: true,
        created_at: 0,
    }
}
