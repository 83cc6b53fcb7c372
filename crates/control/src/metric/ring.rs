//! The last hour of every segment, in memory: 32 bytes a sample, 12 KiB a segment.

use std::collections::{HashMap, HashSet, VecDeque};
use std::ops::Range;
use std::sync::Mutex;

use host::SegmentUsage;
use model::{ClusterId, Measure, UnixMs};

use super::bucket::{Bucket, Sum};
use super::{EVERY_MS, MEASURES, NONE, SAMPLES, pack, unpack};
use crate::panel::lock;

/// A rate over a shorter time says nothing, one over a longer time hides what happened.
const RATE_MS: Range<i64> = 2_000..60_001;
/// The newest sample stands for the present no longer than this.
const FRESH_MS: i64 = 35_000;

/// A segment's name here.
pub(crate) type Key = (ClusterId, u32);

#[derive(Debug, Clone, Copy)]
struct Sample {
    /// Tens of seconds since 1970.
    slot: u32,
    values: [u32; MEASURES],
}

#[derive(Default)]
struct Ring {
    /// What the counters stood at, and when.
    last: Option<(UnixMs, SegmentUsage)>,
    samples: VecDeque<Sample>,
}

/// The newest of a segment.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Latest {
    pub cpu_centi: Option<u64>,
    pub memory_bytes: Option<u64>,
    pub disk_used_bytes: Option<u64>,
    pub network_in: Option<u64>,
    pub network_out: Option<u64>,
}

#[derive(Default)]
pub(crate) struct Rings(Mutex<HashMap<Key, Ring>>);

impl Rings {
    /// One more sample. `at` may not go back; a second one of the same ten seconds replaces the
    /// first.
    pub(super) fn push(&self, key: Key, at: UnixMs, usage: &SegmentUsage) {
        lock(&self.0).entry(key).or_default().push(at, usage);
    }

    pub(crate) fn latest(&self, key: Key, now: UnixMs) -> Option<Latest> {
        lock(&self.0).get(&key)?.latest(now)
    }

    /// What the disk was when it was last known.
    pub(super) fn disk_used(&self, key: Key) -> Option<u64> {
        let rings = lock(&self.0);
        let known = |s: &&Sample| s.values[Measure::DiskUsed as usize] != NONE;
        let sample = rings.get(&key)?.samples.iter().rev().find(known)?;
        Some(unpack(
            Measure::DiskUsed,
            sample.values[Measure::DiskUsed as usize],
        ))
    }

    /// Everything in a time, as one bucket.
    pub(super) fn bucket(&self, key: Key, time: Range<UnixMs>) -> Option<Bucket> {
        let mut sum = Sum::default();
        for (_, values) in self.between(key, time) {
            sum.sample(&values);
        }
        sum.total()
    }

    pub(crate) fn count(&self, key: Key, time: Range<UnixMs>) -> usize {
        self.between(key, time).len()
    }

    /// Over all samples of a time that know the measure.
    pub(crate) fn mean(&self, key: Key, time: Range<UnixMs>, measure: Measure) -> Option<u64> {
        Some(self.bucket(key, time)?.reading(measure)?.avg)
    }

    /// Samples with the moments they stand for.
    pub(super) fn between(&self, key: Key, time: Range<UnixMs>) -> Vec<(UnixMs, [u32; MEASURES])> {
        let rings = lock(&self.0);
        let Some(ring) = rings.get(&key) else {
            return Vec::new();
        };
        let samples = ring.samples.iter();
        samples
            .map(|sample| (i64::from(sample.slot) * EVERY_MS, sample.values))
            .filter(|(at, _)| time.contains(at))
            .collect()
    }

    pub(super) fn keys(&self) -> Vec<Key> {
        lock(&self.0).keys().copied().collect()
    }

    pub(super) fn keep(&self, there: &HashSet<Key>) {
        lock(&self.0).retain(|key, _| there.contains(key));
    }

    pub(crate) fn forget(&self, cluster: ClusterId) {
        lock(&self.0).retain(|(of, _), _| *of != cluster);
    }
}

impl Ring {
    fn push(&mut self, at: UnixMs, usage: &SegmentUsage) {
        let values = values(self.last.as_ref(), at, usage);
        self.last = Some((at, *usage));
        let slot = u32::try_from(at / EVERY_MS).unwrap_or(0);
        if self.samples.back().is_some_and(|last| last.slot == slot) {
            self.samples.pop_back();
        }
        self.samples.push_back(Sample { slot, values });
        let oldest = i64::from(slot) - SAMPLES;
        while self
            .samples
            .front()
            .is_some_and(|first| i64::from(first.slot) <= oldest)
        {
            self.samples.pop_front();
        }
    }

    fn latest(&self, now: UnixMs) -> Option<Latest> {
        let (at, _) = self.last?;
        let sample = self.samples.back().filter(|_| now - at < FRESH_MS)?;
        let of = |measure: Measure| {
            let packed = sample.values[measure as usize];
            (packed != NONE).then(|| unpack(measure, packed))
        };
        Some(Latest {
            cpu_centi: of(Measure::Cpu),
            memory_bytes: of(Measure::Memory),
            disk_used_bytes: of(Measure::DiskUsed),
            network_in: of(Measure::NetworkIn),
            network_out: of(Measure::NetworkOut),
        })
    }
}

/// Levels as they are; rates since the sample before, unless the segment was started in between.
fn values(
    last: Option<&(UnixMs, SegmentUsage)>,
    at: UnixMs,
    usage: &SegmentUsage,
) -> [u32; MEASURES] {
    let before = last.and_then(|(before, usage)| {
        let elapsed = at - before;
        RATE_MS.contains(&elapsed).then_some((elapsed, usage))
    });
    let is_restarted = before.is_some_and(|(_, before)| usage.cpu_time_ns < before.cpu_time_ns);
    let before = before.filter(|_| !is_restarted);
    let rate = |counter: fn(&SegmentUsage) -> u64| -> Option<u64> {
        let (elapsed, before) = before?;
        let grown = counter(usage).checked_sub(counter(before))?;
        Some(grown.saturating_mul(1_000) / elapsed.unsigned_abs())
    };
    let mut values = [NONE; MEASURES];
    for measure in Measure::ALL {
        let value = match measure {
            // Nanoseconds per second to hundredths.
            Measure::Cpu => rate(|u| u.cpu_time_ns).map(|ns| ns / 10_000_000),
            Measure::Memory => usage.memory_bytes,
            Measure::NetworkIn => rate(|u| u.network_in_bytes),
            Measure::NetworkOut => rate(|u| u.network_out_bytes),
            Measure::DiskUsed => usage.disk_used_bytes,
            Measure::DiskRead => rate(|u| u.disk_read_bytes),
            Measure::DiskWrite => rate(|u| u.disk_write_bytes),
        };
        values[*measure as usize] = pack(*measure, value);
    }
    values
}

#[cfg(test)]
mod tests {
    use super::*;

    const KEY: Key = (ClusterId(uuid::Uuid::nil()), 1);

    fn usage(cpu_s: u64, network_in: u64) -> SegmentUsage {
        SegmentUsage {
            cpu_time_ns: cpu_s * 1_000_000_000,
            memory_bytes: Some(48 << 20),
            network_in_bytes: network_in,
            network_out_bytes: 0,
            disk_used_bytes: None,
            disk_read_bytes: 0,
            disk_write_bytes: 0,
        }
    }

    #[test]
    fn rates_need_two_samples_and_levels_one() {
        let rings = Rings::default();
        rings.push(KEY, 1_000_000, &usage(100, 0));
        let first = rings.latest(KEY, 1_000_000).unwrap();
        assert_eq!((first.cpu_centi, first.network_in), (None, None));
        assert_eq!(first.memory_bytes, Some(48 << 20));
        assert_eq!(first.disk_used_bytes, None);
        rings.push(KEY, 1_010_000, &usage(115, 20_000));
        let second = rings.latest(KEY, 1_010_000).unwrap();
        assert_eq!(
            (second.cpu_centi, second.network_in),
            (Some(150), Some(2_000))
        );
        assert_eq!(rings.latest(KEY, 1_050_000), None, "old news");
    }

    #[test]
    fn a_restart_and_a_long_silence_have_no_rate() {
        let rings = Rings::default();
        rings.push(KEY, 0, &usage(100, 9_000));
        rings.push(KEY, 10_000, &usage(1, 10_000));
        assert_eq!(rings.latest(KEY, 10_000).unwrap().cpu_centi, None);
        assert_eq!(rings.latest(KEY, 10_000).unwrap().network_in, None);
        rings.push(KEY, 200_000, &usage(90, 20_000));
        assert_eq!(rings.latest(KEY, 200_000).unwrap().cpu_centi, None);
    }

    #[test]
    fn an_hour_is_kept_and_no_more() {
        let rings = Rings::default();
        for n in 0..1_000 {
            rings.push(KEY, n * EVERY_MS, &usage(n.unsigned_abs(), 0));
        }
        let all = rings.between(KEY, 0..i64::MAX);
        assert_eq!(all.len(), 360);
        assert_eq!(all.last().map(|(at, _)| *at), Some(9_990_000));
        // The same ten seconds again: in place of the sample before.
        rings.push(KEY, 9_995_000, &usage(2_000, 0));
        assert_eq!(rings.between(KEY, 0..i64::MAX).len(), 360);
        rings.keep(&HashSet::new());
        assert!(rings.keys().is_empty());
    }

    #[test]
    fn a_minute_holds_six_samples() {
        let rings = Rings::default();
        for n in 0..12 {
            rings.push(KEY, n * EVERY_MS, &usage(n.unsigned_abs() * 5, 0));
        }
        let minute = rings.bucket(KEY, 60_000..120_000).unwrap();
        let cpu = minute.reading(Measure::Cpu).unwrap();
        assert_eq!((cpu.min, cpu.avg, cpu.max), (50, 50, 50));
        assert_eq!(rings.bucket(KEY, 120_000..180_000), None);
    }
}
