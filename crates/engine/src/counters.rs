//! What the containers of one segment have used: one question to its init, for the history.

use std::collections::BTreeSet;

use host::NodeName;
use wire::{CONTAINERS_MAX, ContainerCounters, ContainersUsage, is_container_id};

use crate::door::{Door, DoorError};

/// Of an honest answer about as many containers as there may be, twice as much.
const ANSWER_MAX_BYTES: usize = 64 * 1024;

pub async fn read(door: &mut Door, node: &NodeName) -> Result<Vec<ContainerCounters>, DoorError> {
    let told: ContainersUsage = door
        .get_small(wire::route::CONTAINERS, ANSWER_MAX_BYTES)
        .await?;
    checked(told, node).map_err(|why| DoorError::Nonsense(why.to_owned()))
}

/// A segment is its tenant's and may say anything: what does not look like an answer is none.
fn checked(told: ContainersUsage, node: &NodeName) -> Result<Vec<ContainerCounters>, &'static str> {
    if told.node != node.to_string() {
        return Err("it says it is another segment");
    }
    if told.containers.len() > CONTAINERS_MAX {
        return Err("it tells of more containers than it may");
    }
    let mut seen = BTreeSet::new();
    for one in &told.containers {
        if !is_container_id(&one.id) {
            return Err("it tells of something that is no container");
        }
        if !seen.insert(&one.id) {
            return Err("it tells of a container twice");
        }
    }
    Ok(told.containers)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn one(n: usize) -> ContainerCounters {
        ContainerCounters {
            id: format!("{n:064x}"),
            cpu_us: u64::MAX,
            memory_bytes: u64::MAX,
            received_bytes: Some(u64::MAX),
            sent_bytes: Some(u64::MAX),
            read_bytes: Some(u64::MAX),
            written_bytes: Some(u64::MAX),
        }
    }

    fn told(containers: Vec<ContainerCounters>) -> Result<usize, &'static str> {
        let node = "00000000-0000-0000-0000-000000000007-n2";
        let told = ContainersUsage {
            node: node.to_owned(),
            containers,
        };
        let node = node.parse().expect("a node's name");
        checked(told, &node).map(|all| all.len())
    }

    #[test]
    fn what_a_segment_may_not_say_is_no_answer() {
        assert_eq!(told(Vec::new()), Ok(0));
        assert_eq!(told((0..64).map(one).collect()), Ok(64));
        assert!(told((0..65).map(one).collect()).is_err());
        assert!(told(vec![one(1), one(1)]).is_err());
        for id in ["", "web", "../../etc", &"é".repeat(32)] {
            let id = id.to_owned();
            assert!(told(vec![ContainerCounters { id, ..one(1) }]).is_err());
        }
    }

    #[test]
    fn the_largest_answer_is_read() {
        let told = ContainersUsage {
            node: "x".repeat(60),
            containers: (0..CONTAINERS_MAX).map(one).collect(),
        };
        let length = serde_json::to_vec(&told).expect("plain data").len();
        assert!(length <= ANSWER_MAX_BYTES / 2, "{length}");
    }
}
