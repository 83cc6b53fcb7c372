//! What a change of size brings or takes, told before it happens.

use model::{ClusterView, ContainerView, SegmentView};

/// A segment that a smaller size removes, with the containers that live on it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Loss {
    pub ordinal: u32,
    pub node: String,
    pub address: String,
    pub containers: Vec<String>,
}

/// The segments that go when the cluster has `target` of them: the newest first, as the planner
/// does it, so that the first segment stays to the last.
pub fn losses(cluster: &ClusterView, containers: &[ContainerView], target: u32) -> Vec<Loss> {
    let mut segments: Vec<&SegmentView> = cluster.segments.iter().collect();
    segments.sort_by_key(|segment| segment.ordinal);
    segments
        .into_iter()
        .skip(target as usize)
        .map(|segment| loss(segment, containers))
        .collect()
}

fn loss(segment: &SegmentView, containers: &[ContainerView]) -> Loss {
    Loss {
        ordinal: segment.ordinal,
        node: segment.node.clone(),
        address: segment.address.clone(),
        containers: containers
            .iter()
            .filter(|container| container.node == segment.node && !container.is_system)
            .map(|container| container.name.clone())
            .collect(),
    }
}

#[cfg(test)]
mod tests {
    use model::{Phase, SegmentPhase};

    use super::*;

    fn segment(ordinal: u32) -> SegmentView {
        SegmentView {
            node: format!("c-n{ordinal}"),
            ordinal,
            address: format!("10.83.0.{}", 10 + ordinal),
            phase: SegmentPhase::Active,
            reason: None,
            engine_version: None,
            memory_used_bytes: None,
            memory_limit_bytes: 2 << 30,
            cpu_used_centi: None,
            vcpus: 2,
            disk_used_bytes: None,
            disk_limit_bytes: 20 << 30,
            containers_running: None,
            containers_total: None,
        }
    }

    fn container(node: &str, name: &str, is_system: bool) -> ContainerView {
        ContainerView {
            node: node.to_owned(),
            id: "0".repeat(64),
            name: name.to_owned(),
            image: "nginx".to_owned(),
            state: "running".to_owned(),
            status: "Up".to_owned(),
            ports: Vec::new(),
            is_system,
            created_at: 0,
        }
    }

    fn cluster(ordinals: &[u32]) -> ClusterView {
        ClusterView {
            id: "0190b0d8-0000-7000-8000-000000000001".parse().unwrap(),
            name: "demo".parse().unwrap(),
            phase: Phase::Active,
            reason: None,
            next_try_at: None,
            segments_wanted: ordinals.len() as u32,
            segments_max: 3,
            segments: ordinals.iter().copied().map(segment).collect(),
            created_at: 0,
            ending: None,
            endpoint: None,
            steps: Vec::new(),
            operations: Vec::new(),
        }
    }

    #[test]
    fn the_newest_segments_go_with_their_containers() {
        let containers = [
            container("c-n1", "db", false),
            container("c-n3", "web", false),
            container("c-n3", "swarm-agent", true),
        ];
        let lost = losses(&cluster(&[3, 1, 2]), &containers, 1);
        assert_eq!(
            lost.iter().map(|loss| loss.ordinal).collect::<Vec<_>>(),
            [2, 3]
        );
        assert!(lost[0].containers.is_empty());
        assert_eq!(lost[1].containers, ["web"]);
    }

    #[test]
    fn growing_loses_nothing() {
        assert!(losses(&cluster(&[1, 2]), &[], 3).is_empty());
    }
}
