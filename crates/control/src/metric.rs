//! What segments use, over time: sampled every ten seconds from the hosts, the last hour kept in
//! memory, buckets of a minute, ten minutes and an hour kept in the database.
//!
//! What must not happen here: a segment that costs more than its rings have places, or a gap that
//! is drawn as a zero. Where a host cannot tell memory or disk (it is remote), the agent is asked.

mod bucket;
mod container;
mod grid;
mod read;
mod ring;
mod roll;
mod sample;

#[cfg(test)]
pub(crate) use bucket::BUCKET_BYTES;
pub(crate) use container::ContainerSampler;
pub(crate) use ring::{Latest, Rings};
pub(crate) use sample::Sampler;

use std::time::Duration;

use model::Measure;

/// Between two samples.
pub(crate) const EVERY: Duration = Duration::from_secs(10);
const EVERY_MS: i64 = 10_000;
/// Samples of a segment in memory: an hour.
const SAMPLES: i64 = 360;
/// Numbers of a sample.
const MEASURES: usize = Measure::ALL.len();

/// A width of buckets in the database, and how many of them a segment has at most.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
struct Level {
    step_s: i64,
    places: i64,
}

impl Level {
    const MINUTE: Self = Self {
        step_s: 60,
        places: 1_440,
    };
    const TEN: Self = Self {
        step_s: 600,
        places: 1_008,
    };
    const HOUR: Self = Self {
        step_s: 3_600,
        places: 720,
    };
    #[cfg(test)]
    const ALL: [Self; 3] = [Self::MINUTE, Self::TEN, Self::HOUR];

    const fn step_ms(self) -> i64 {
        self.step_s * 1_000
    }
}

/// Thirty-two bits hold a level in KiB (4 TiB), a rate in bytes per second (4 GiB/s) and hundredths
/// of a vCPU. The last value means that nothing is known.
const NONE: u32 = u32::MAX;

const fn unit(measure: Measure) -> u64 {
    match measure {
        Measure::Memory | Measure::DiskUsed => 1_024,
        Measure::Cpu
        | Measure::NetworkIn
        | Measure::NetworkOut
        | Measure::DiskRead
        | Measure::DiskWrite => 1,
    }
}

fn pack(measure: Measure, value: Option<u64>) -> u32 {
    value.map_or(NONE, |value| {
        u32::try_from(value / unit(measure)).map_or(NONE - 1, |packed| packed.min(NONE - 1))
    })
}

fn unpack(measure: Measure, packed: u32) -> u64 {
    u64::from(packed) * unit(measure)
}
