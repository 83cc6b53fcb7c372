//! What the containers of a segment have used, as `segment-init` reads it from the kernel.

use serde::{Deserialize, Serialize};

/// Of how many containers a segment tells: those that were started last.
pub const CONTAINERS_MAX: usize = 64;

/// The answer to [`crate::route::CONTAINERS`].
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct ContainersUsage {
    pub node: String,
    /// Those that run, the system's among them; at most [`CONTAINERS_MAX`].
    pub containers: Vec<ContainerCounters>,
}

/// Everything but memory counts from the container's start.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct ContainerCounters {
    /// Docker's: 64 digits of lower-case hex.
    pub id: String,
    /// CPU time, microseconds.
    pub cpu_us: u64,
    /// In use now, bytes. The page cache is not counted; memory that programs share is.
    pub memory_bytes: u64,
    /// Bytes through all of its interfaces; none where it has no network of its own.
    pub received_bytes: Option<u64>,
    pub sent_bytes: Option<u64>,
    /// Bytes from and to the disk; none where the kernel does not count them.
    pub read_bytes: Option<u64>,
    pub written_bytes: Option<u64>,
}

/// Whether a text is a container's whole id.
pub fn is_container_id(text: &str) -> bool {
    text.len() == 64 && text.bytes().all(|b| matches!(b, b'0'..=b'9' | b'a'..=b'f'))
}

#[cfg(test)]
mod tests {
    use super::is_container_id;

    #[test]
    fn an_id_is_all_of_it_and_nothing_else() {
        assert!(is_container_id(&"0a".repeat(32)));
        for wrong in ["", "web", "../docker", &"0A".repeat(32), &"0a".repeat(33)] {
            assert!(!is_container_id(wrong), "{wrong}");
        }
    }
}
