//! What a container uses, out of Docker's statistics.

use std::collections::HashMap;

use host::ContainerSample;
use model::ContainerUsageView;
use serde::Deserialize;

use crate::container::null_is_empty;

#[derive(Deserialize, Default)]
#[serde(default)]
pub struct Stats {
    cpu_stats: Cpu,
    memory_stats: Memory,
    pids_stats: Pids,
    #[serde(deserialize_with = "null_is_empty")]
    networks: HashMap<String, Network>,
    blkio_stats: Blocks,
}

#[derive(Deserialize, Default)]
#[serde(default)]
struct Cpu {
    cpu_usage: CpuUsage,
}

#[derive(Deserialize, Default)]
#[serde(default)]
struct CpuUsage {
    /// Nanoseconds.
    total_usage: u64,
}

#[derive(Deserialize, Default)]
#[serde(default)]
struct Memory {
    usage: u64,
    limit: u64,
    stats: HashMap<String, u64>,
}

#[derive(Deserialize, Default)]
#[serde(default)]
struct Pids {
    current: u64,
}

#[derive(Deserialize, Default)]
#[serde(default)]
struct Network {
    rx_bytes: u64,
    tx_bytes: u64,
}

#[derive(Deserialize, Default)]
#[serde(default)]
struct Blocks {
    #[serde(deserialize_with = "null_is_empty")]
    io_service_bytes_recursive: Vec<Block>,
}

#[derive(Deserialize, Default)]
#[serde(default)]
struct Block {
    op: String,
    value: u64,
}

impl Stats {
    pub fn into_sample(self) -> ContainerSample {
        let memory = &self.memory_stats;
        // What `docker stats` takes off, too: the first is of cgroup v2, the second of v1.
        let cache = ["inactive_file", "total_inactive_file"]
            .iter()
            .find_map(|name| memory.stats.get(*name))
            .copied()
            .unwrap_or(0);
        let moved = |wanted: &str| {
            let blocks = self.blkio_stats.io_service_bytes_recursive.iter();
            let of_kind = blocks.filter(|block| block.op.eq_ignore_ascii_case(wanted));
            of_kind.fold(0, |sum: u64, block| sum.saturating_add(block.value))
        };
        let through = |bytes: fn(&Network) -> u64| {
            let all = self.networks.values().map(bytes);
            all.fold(0, u64::saturating_add)
        };
        ContainerSample {
            cpu_us: self.cpu_stats.cpu_usage.total_usage / 1_000,
            usage: ContainerUsageView {
                cpu_centi: None,
                memory_bytes: memory.usage.saturating_sub(cache),
                memory_limit_bytes: memory.limit,
                pids: u32::try_from(self.pids_stats.current).unwrap_or(u32::MAX),
                received_bytes: through(|network| network.rx_bytes),
                sent_bytes: through(|network| network.tx_bytes),
                read_bytes: moved("read"),
                written_bytes: moved("write"),
            },
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn memory_is_told_without_the_cache() {
        let stats: Stats = serde_json::from_str(
            r#"{"cpu_stats":{"cpu_usage":{"total_usage":2500000}},
                "memory_stats":{"usage":1000,"limit":4000,"stats":{"inactive_file":400}},
                "pids_stats":{"current":3},
                "networks":{"eth0":{"rx_bytes":5,"tx_bytes":6},"eth1":{"rx_bytes":5,"tx_bytes":6}},
                "blkio_stats":{"io_service_bytes_recursive":[{"op":"read","value":7},{"op":"Write","value":8}]}}"#,
        )
        .expect("an engine's words");
        let sample = stats.into_sample();
        assert_eq!((sample.cpu_us, sample.usage.memory_bytes), (2_500, 600));
        let usage = sample.usage;
        assert_eq!((usage.received_bytes, usage.sent_bytes), (10, 12));
        assert_eq!((usage.read_bytes, usage.written_bytes), (7, 8));
    }

    #[test]
    fn a_stopped_container_uses_nothing() {
        let text = r#"{"networks":null,"blkio_stats":{"io_service_bytes_recursive":null}}"#;
        let stats: Stats = serde_json::from_str(text).expect("an engine's words");
        assert_eq!(stats.into_sample(), ContainerSample::default());
    }
}
