//! What simulated segments use: an even load with waves in it, other ones in every segment, so that
//! charts have something to show. Counters only ever grow.

use std::time::Duration;

use crate::{NodeName, SegmentUsage};

const MIB: f64 = 1_048_576.0;
/// Of an idle segment.
const MEMORY_MIB: f64 = 52.0;

/// `containers` are the ids of those that run.
pub(super) fn of(node: &NodeName, running: Duration, containers: &[&str]) -> SegmentUsage {
    let t = running.as_secs_f64();
    let load = 1.0 + containers.len() as f64;
    let own_mib: f64 = containers
        .iter()
        .map(|id| of_container(id) as f64 / MIB)
        .sum();
    let wave = Wave::of(node);
    let bytes = |mib: f64| (mib * MIB) as u64;
    SegmentUsage {
        cpu_time_ns: (wave.sum(t, 0.03 * load) * 1e9) as u64,
        memory_bytes: Some(bytes(MEMORY_MIB + own_mib + 9.0 * (1.0 + wave.at(t * 0.4)))),
        network_in_bytes: bytes(wave.sum(t, 0.05 * load)),
        network_out_bytes: bytes(wave.sum(t * 0.8, 0.03 * load)),
        disk_used_bytes: Some(bytes(64.0 + 12.0 * (load - 1.0) + t / 600.0)),
        disk_read_bytes: bytes(wave.sum(t, 0.002)),
        disk_write_bytes: bytes(wave.sum(t * 1.2, 0.01 * load)),
    }
}

/// Bytes: 12 to 268 MiB, always the same for one container.
pub(super) fn of_container(id: &str) -> u64 {
    let sum = id.bytes().fold(7_u64, |sum, byte| {
        sum.wrapping_mul(31).wrapping_add(u64::from(byte))
    });
    (12 + sum % 257) << 20
}

/// A slow and a fast oscillation, each segment's and container's at another moment.
pub(super) struct Wave {
    phase: f64,
}

impl Wave {
    const SLOW_S: f64 = 900.0;
    const FAST_S: f64 = 73.0;

    fn of(node: &NodeName) -> Self {
        let (high, low) = node.cluster.0.as_u64_pair();
        Self::seeded((high ^ low).wrapping_add(u64::from(node.ordinal).wrapping_mul(7_919)))
    }

    pub(super) fn seeded(seed: u64) -> Self {
        Self {
            phase: (seed % 6_283) as f64 / 1_000.0,
        }
    }

    /// Between -1 and 1.
    pub(super) fn at(&self, t: f64) -> f64 {
        let turn = std::f64::consts::TAU;
        0.7 * (turn * t / Self::SLOW_S + self.phase).sin()
            + 0.3 * (turn * t / Self::FAST_S + 2.0 * self.phase).sin()
    }

    /// The integral from 0 to `t` of `mean * (1 + at)`.
    pub(super) fn sum(&self, t: f64, mean: f64) -> f64 {
        let turn = std::f64::consts::TAU;
        let part = |share: f64, period: f64, phase: f64| {
            let omega = turn / period;
            share / omega * (phase.cos() - (omega * t + phase).cos())
        };
        mean * (t + part(0.7, Self::SLOW_S, self.phase) + part(0.3, Self::FAST_S, 2.0 * self.phase))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn counters_grow_and_levels_stay_within_the_segment() {
        let node: NodeName = "01890000-0000-7000-8000-000000000001-n2".parse().unwrap();
        let mut before = of(&node, Duration::ZERO, &["a", "b"]);
        for s in 1..2_000 {
            let now = of(&node, Duration::from_secs(s), &["a", "b"]);
            assert!(now.cpu_time_ns > before.cpu_time_ns, "{s}");
            assert!(now.network_in_bytes > before.network_in_bytes, "{s}");
            assert!(now.network_out_bytes >= before.network_out_bytes, "{s}");
            assert!(now.disk_write_bytes >= before.disk_write_bytes, "{s}");
            assert!(now.memory_bytes.is_some_and(|used| used < 2 << 30), "{s}");
            before = now;
        }
    }
}
