//! Asking the segments, each once a minute, a sixth of the clusters every ten seconds.

use std::collections::{BTreeMap, HashMap, HashSet};
use std::ops::Range;
use std::sync::Mutex;
use std::time::Duration;

use futures::StreamExt as _;
use host::{EngineTarget, NodeName};
use model::{ClusterId, Measure, UnixMs};
use store::{SegmentActive, Tx};
use wire::{CONTAINERS_MAX, ContainerCounters};

use super::super::ring::Key;
use super::super::{EVERY_MS, NONE, pack};
use super::pack::{ContainerKey, Values, key};
use super::{MEASURES, MINUTE};
use crate::error::{Error, chain};
use crate::panel::{Panel, lock};

const AGENT_WITHIN: Duration = Duration::from_secs(3);
const AGENTS_AT_ONCE: usize = 16;
/// A rate over a longer time hides what happened: at most one minute is missing in between.
const RATE_MS: Range<i64> = 10_000..150_001;
/// A segment that does not answer is asked again after a minute, two, four and so on, up to this.
const PAUSE_MAX_MINUTES: i64 = 16;

/// How far asking is.
#[derive(Default)]
pub(crate) struct ContainerSampler {
    segments: Mutex<HashMap<Key, Asked>>,
    /// The last minute that was ended in the database; none before it was read from there.
    written: Mutex<Option<i64>>,
}

/// A segment, between two questions.
#[derive(Default)]
struct Asked {
    /// The minute from which on it is asked again, counted from 1970.
    next: i64,
    /// Questions in a row that it did not answer.
    misses: u32,
    /// What it said last, and when.
    last: Option<(UnixMs, BTreeMap<ContainerKey, Counters>)>,
}

/// What rates are counted from.
#[derive(Debug, Clone, Copy)]
struct Counters {
    cpu_us: u64,
    received: Option<u64>,
    sent: Option<u64>,
    read: Option<u64>,
    written: Option<u64>,
}

impl Counters {
    fn of(told: &ContainerCounters) -> Self {
        Self {
            cpu_us: told.cpu_us,
            received: told.received_bytes,
            sent: told.sent_bytes,
            read: told.read_bytes,
            written: told.written_bytes,
        }
    }
}

/// Which tenth of a minute it is.
#[derive(Debug, Clone, Copy)]
struct Turn {
    minute: i64,
    slot: i64,
}

impl Turn {
    fn at(now: UnixMs) -> Self {
        Self {
            minute: now.div_euclid(MINUTE.step_ms()),
            slot: now.rem_euclid(MINUTE.step_ms()) / EVERY_MS,
        }
    }

    /// A cluster's own moment within every minute, so that not all are asked at once.
    fn slot_of(cluster: ClusterId) -> i64 {
        let slots = u64::try_from(MINUTE.step_ms() / EVERY_MS).unwrap_or(1);
        let (_, low) = cluster.0.as_u64_pair();
        i64::try_from(low % slots).unwrap_or(0)
    }

    fn has_come(self, cluster: ClusterId, asked: &Asked) -> bool {
        let is_late = asked.next < self.minute;
        asked.next <= self.minute && (is_late || Self::slot_of(cluster) <= self.slot)
    }
}

impl ContainerSampler {
    pub(super) fn written(&self) -> Option<i64> {
        *lock(&self.written)
    }

    pub(super) fn written_set(&self, minute: i64) {
        *lock(&self.written) = Some(minute);
    }

    pub(crate) fn forget(&self, cluster: ClusterId) {
        lock(&self.segments).retain(|(of, _), _| *of != cluster);
    }

    /// Those whose turn has come. What is not there any more is forgotten.
    fn due(&self, there: Vec<SegmentActive>, turn: Turn) -> Vec<SegmentActive> {
        let keys: HashSet<Key> = there.iter().map(key_of).collect();
        let mut segments = lock(&self.segments);
        segments.retain(|key, _| keys.contains(key));
        let mut due = there;
        due.retain(|segment| {
            let asked = segments.entry(key_of(segment)).or_insert(Asked {
                next: turn.minute,
                ..Asked::default()
            });
            turn.has_come(segment.cluster_id, asked)
        });
        due
    }

    fn missed(&self, key: Key, minute: i64) {
        if let Some(asked) = lock(&self.segments).get_mut(&key) {
            let pause = 1_i64.checked_shl(asked.misses).unwrap_or(PAUSE_MAX_MINUTES);
            asked.next = minute + pause.clamp(1, PAUSE_MAX_MINUTES);
            asked.misses = (asked.misses + 1).min(8);
        }
    }

    /// What a segment says, as a sample of each of its containers.
    fn told(
        &self,
        key: Key,
        minute: i64,
        at: UnixMs,
        told: &[ContainerCounters],
    ) -> BTreeMap<ContainerKey, Values> {
        let mut segments = lock(&self.segments);
        let asked = segments.entry(key).or_default();
        let (sample, counters) = sample(asked.last.take(), at, told);
        *asked = Asked {
            next: minute + 1,
            misses: 0,
            last: Some((at, counters)),
        };
        sample
    }
}

fn key_of(segment: &SegmentActive) -> Key {
    (segment.cluster_id, segment.ordinal)
}

type Samples = BTreeMap<ContainerKey, Values>;
type Last = BTreeMap<ContainerKey, Counters>;

fn sample(
    before: Option<(UnixMs, Last)>,
    at: UnixMs,
    told: &[ContainerCounters],
) -> (Samples, Last) {
    let before = before.filter(|(then, _)| RATE_MS.contains(&(at - then)));
    let mut samples = Samples::new();
    let mut last = Last::new();
    let known = told.iter().filter_map(|one| Some((key(&one.id)?, one)));
    for (key, one) in known.take(CONTAINERS_MAX) {
        let then = before.as_ref();
        let then = then.and_then(|(then, all)| Some((at - then, all.get(&key)?)));
        samples.insert(key, values(then, one));
        last.insert(key, Counters::of(one));
    }
    (samples, last)
}

/// Memory as it is; rates since `before`, so many milliseconds ago, unless the container was
/// started in between.
fn values(before: Option<(i64, &Counters)>, now: &ContainerCounters) -> Values {
    let before = before.filter(|(_, before)| now.cpu_us >= before.cpu_us);
    let rate = |counter: fn(&Counters) -> Option<u64>| -> Option<u64> {
        let (elapsed_ms, before) = before?;
        let grown = counter(&Counters::of(now))?.checked_sub(counter(before)?)?;
        Some(grown.saturating_mul(1_000) / elapsed_ms.unsigned_abs().max(1))
    };
    let mut values = [NONE; Measure::ALL.len()];
    for measure in MEASURES {
        let value = match measure {
            // Microseconds per second to hundredths.
            Measure::Cpu => rate(|c| Some(c.cpu_us)).map(|us| us / 10_000),
            Measure::Memory => Some(now.memory_bytes),
            Measure::NetworkIn => rate(|c| c.received),
            Measure::NetworkOut => rate(|c| c.sent),
            Measure::DiskRead => rate(|c| c.read),
            Measure::DiskWrite => rate(|c| c.written),
            Measure::DiskUsed => None,
        };
        values[measure as usize] = pack(measure, value);
    }
    values
}

impl Panel {
    /// One sample of every segment whose turn it is, and whatever is due to be written.
    pub(crate) async fn container_metrics_sample(&self) {
        if let Err(error) = self.container_metrics_try().await {
            tracing::warn!(error = chain(&error), "metrics of containers are not kept");
        }
    }

    async fn container_metrics_try(&self) -> Result<(), Error> {
        let turn = Turn::at(self.now());
        let mut tx = self.store.read().await?;
        let there = tx.segment_active().await?;
        let mut targets = Vec::new();
        for segment in self.container_sampler.due(there, turn) {
            match self.container_target(&mut tx, &segment).await {
                Ok(target) => targets.extend(target),
                // Others are asked all the same.
                Err(error) => tracing::debug!(error = chain(&error), "a segment cannot be asked"),
            }
        }
        drop(tx);
        let samples = futures::stream::iter(targets)
            .map(|target| self.container_ask(target, turn))
            .buffer_unordered(AGENTS_AT_ONCE)
            .filter_map(std::future::ready)
            .collect::<Vec<_>>()
            .await;
        self.container_metrics_roll(turn.minute, samples).await
    }

    /// None for a cluster that has gone meanwhile.
    async fn container_target(
        &self,
        tx: &mut Tx,
        segment: &SegmentActive,
    ) -> Result<Option<EngineTarget>, Error> {
        let cluster = segment.cluster_id;
        let identities = match self.identities_known(cluster) {
            Some(identities) => identities,
            None => match tx.cluster_by_id(cluster).await? {
                Some(wish) => self.identities(&wish)?,
                None => return Ok(None),
            },
        };
        Ok(Some(EngineTarget {
            node: NodeName {
                cluster,
                ordinal: segment.ordinal,
            },
            address: *segment.address,
            identity: identities.panel,
        }))
    }

    async fn container_ask(&self, target: EngineTarget, turn: Turn) -> Option<(Key, Samples)> {
        let key = (target.node.cluster, target.node.ordinal);
        let asked = self.engine.containers_usage(&target);
        let why = match tokio::time::timeout(AGENT_WITHIN, asked).await {
            Ok(Ok(told)) => {
                let sampler = &self.container_sampler;
                let sample = sampler.told(key, turn.minute, self.now(), &told);
                return (!sample.is_empty()).then_some((key, sample));
            }
            Ok(Err(error)) => error.to_string(),
            Err(_) => "it takes too long".to_owned(),
        };
        tracing::debug!(node.name = %target.node, why, "a segment does not tell of its containers");
        self.container_sampler.missed(key, turn.minute);
        None
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const MINUTE_MS: i64 = 60_000;

    fn told(cpu_s: u64, received: Option<u64>) -> ContainerCounters {
        ContainerCounters {
            id: "0".repeat(64),
            cpu_us: cpu_s * 1_000_000,
            memory_bytes: 48 << 20,
            received_bytes: received,
            sent_bytes: None,
            read_bytes: Some(0),
            written_bytes: Some(u64::MAX),
        }
    }

    /// CPU, memory in KiB, received: one container, looked at twice.
    fn twice(first: ContainerCounters, second: ContainerCounters, after_ms: i64) -> [u32; 3] {
        let (_, last) = sample(None, 0, &[first]);
        let (samples, _) = sample(Some((0, last)), after_ms, &[second]);
        let values = samples[&0];
        [Measure::Cpu, Measure::Memory, Measure::NetworkIn].map(|m| values[m as usize])
    }

    #[test]
    fn rates_are_counted_between_two_looks() {
        let memory = 48 << 10;
        let (first, second) = (told(100, Some(0)), told(190, Some(600_000)));
        let (samples, _) = sample(None, 0, std::slice::from_ref(&first));
        assert_eq!(samples[&0][Measure::Cpu as usize], NONE, "the first one");
        assert_eq!(samples[&0][Measure::Memory as usize], memory);
        let both = twice(first.clone(), second.clone(), MINUTE_MS);
        assert_eq!(both, [150, memory, 10_000]);
        // A minute was missed, then an hour.
        assert_eq!(twice(first.clone(), second.clone(), 2 * MINUTE_MS)[0], 75);
        assert_eq!(twice(first.clone(), second, 60 * MINUTE_MS)[0], NONE);
        // It was started anew, or has no network any more.
        assert_eq!(twice(first.clone(), told(1, Some(9)), MINUTE_MS)[2], NONE);
        assert_eq!(twice(first, told(101, None), MINUTE_MS)[2], NONE);
    }

    #[test]
    fn what_a_segment_claims_stays_within_bounds() {
        let huge = ContainerCounters {
            cpu_us: u64::MAX,
            memory_bytes: u64::MAX,
            ..told(0, Some(u64::MAX))
        };
        let most = NONE - 1;
        assert_eq!(twice(told(0, Some(0)), huge, 20_000)[1..], [most, most]);
        let many: Vec<_> = (0..500)
            .map(|n| ContainerCounters {
                id: format!("{n:016x}{:048x}", 0),
                ..told(1, None)
            })
            .collect();
        let (samples, last) = sample(None, 0, &many);
        assert_eq!(
            (samples.len(), last.len()),
            (CONTAINERS_MAX, CONTAINERS_MAX)
        );
    }

    fn there(n: u128) -> SegmentActive {
        SegmentActive {
            cluster_id: ClusterId(uuid::Uuid::from_u128(n)),
            ordinal: 1,
            address: store::Text(std::net::Ipv4Addr::LOCALHOST),
        }
    }

    #[test]
    fn each_is_asked_once_a_minute_and_not_all_at_once() {
        let sampler = ContainerSampler::default();
        let all = || (0..60).map(there).collect::<Vec<_>>();
        for minute in 0..3 {
            for slot in 0..6 {
                let turn = Turn { minute, slot };
                let due = sampler.due(all(), turn);
                assert_eq!(due.len(), 10, "{turn:?}");
                for segment in due {
                    sampler.told(key_of(&segment), minute, 0, &[]);
                }
            }
        }
        // Whoever was not reached in time is asked at once.
        let turn = Turn { minute: 5, slot: 0 };
        assert_eq!(sampler.due(all(), turn).len(), 60);
        assert_eq!(sampler.due(Vec::new(), turn).len(), 0);
        assert!(
            lock(&sampler.segments).is_empty(),
            "what is gone is forgotten"
        );
    }

    #[test]
    fn one_that_does_not_answer_is_asked_less_and_less() {
        let sampler = ContainerSampler::default();
        let key = key_of(&there(0));
        let mut asked = Vec::new();
        for minute in 0..100 {
            let turn = Turn { minute, slot: 5 };
            if !sampler.due(vec![there(0)], turn).is_empty() {
                asked.push(minute);
                sampler.missed(key, minute);
            }
        }
        assert_eq!(asked, [0, 1, 3, 7, 15, 31, 47, 63, 79, 95]);
        sampler.told(key, 95, 0, &[]);
        let turn = Turn {
            minute: 96,
            slot: 5,
        };
        assert_eq!(sampler.due(vec![there(0)], turn).len(), 1);
    }
}
