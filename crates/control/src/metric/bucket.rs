//! The lowest, the mean and the highest of a time, for every measure, and how they add up.

use model::{Measure, Reading};

use super::{MEASURES, NONE, unpack};

/// What was measured over a bucket's time. `count` samples went in.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Bucket {
    count: u16,
    /// Packed; none where no sample knew the measure.
    readings: [Option<Packed>; MEASURES],
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
struct Packed {
    min: u32,
    avg: u32,
    max: u32,
}

/// Bytes of a bucket in the database: the count, then three numbers for each measure.
pub(crate) const BUCKET_BYTES: usize = 2 + MEASURES * 12;

/// Adds samples and buckets up.
#[derive(Debug, Clone, Copy, Default)]
pub(super) struct Sum {
    count: u64,
    parts: [Part; MEASURES],
}

#[derive(Debug, Clone, Copy, Default)]
struct Part {
    weight: u64,
    sum: u64,
    min: u32,
    max: u32,
}

impl Part {
    fn add(&mut self, packed: Packed, weight: u64) {
        self.min = match self.weight {
            0 => packed.min,
            _ => self.min.min(packed.min),
        };
        self.max = self.max.max(packed.max);
        self.sum = self.sum.saturating_add(u64::from(packed.avg) * weight);
        self.weight += weight;
    }

    fn packed(&self) -> Option<Packed> {
        let avg = (self.sum + self.weight / 2).checked_div(self.weight)?;
        Some(Packed {
            min: self.min,
            avg: u32::try_from(avg).unwrap_or(NONE - 1),
            max: self.max,
        })
    }
}

impl Sum {
    pub(super) fn sample(&mut self, values: &[u32; MEASURES]) {
        self.count += 1;
        for (part, value) in self.parts.iter_mut().zip(values) {
            if *value != NONE {
                let packed = Packed {
                    min: *value,
                    avg: *value,
                    max: *value,
                };
                part.add(packed, 1);
            }
        }
    }

    /// Each bucket counts as much as the samples in it.
    pub(super) fn bucket(&mut self, bucket: &Bucket) {
        let weight = u64::from(bucket.count);
        self.count += weight;
        for (part, reading) in self.parts.iter_mut().zip(&bucket.readings) {
            if let Some(packed) = reading {
                part.add(*packed, weight);
            }
        }
    }

    /// None when nothing went in.
    pub(super) fn total(&self) -> Option<Bucket> {
        (self.count > 0).then(|| Bucket {
            count: u16::try_from(self.count).unwrap_or(u16::MAX),
            readings: self.parts.map(|part| part.packed()),
        })
    }
}

impl Bucket {
    /// In the measure's own unit.
    pub(super) fn reading(&self, measure: Measure) -> Option<Reading> {
        let packed = self.readings.get(measure as usize).copied().flatten()?;
        Some(Reading {
            min: unpack(measure, packed.min),
            avg: unpack(measure, packed.avg),
            max: unpack(measure, packed.max),
        })
    }

    /// Samples that went in, and of each measure the lowest, the mean and the highest, packed.
    pub(super) fn numbers(&self) -> (u16, [Option<[u32; 3]>; MEASURES]) {
        let numbers = |reading: Option<Packed>| reading.map(|r| [r.min, r.avg, r.max]);
        (self.count, self.readings.map(numbers))
    }

    pub(super) fn of_numbers(count: u16, numbers: [Option<[u32; 3]>; MEASURES]) -> Self {
        let packed = |one: Option<[u32; 3]>| one.map(|[min, avg, max]| Packed { min, avg, max });
        Self {
            count,
            readings: numbers.map(packed),
        }
    }

    pub(super) fn to_bytes(self) -> Vec<u8> {
        let mut bytes = Vec::with_capacity(BUCKET_BYTES);
        bytes.extend(self.count.to_le_bytes());
        for reading in self.readings {
            let packed = reading.map_or([NONE; 3], |r| [r.min, r.avg, r.max]);
            bytes.extend(packed.iter().flat_map(|number| number.to_le_bytes()));
        }
        bytes
    }

    /// None for what another version wrote.
    pub(super) fn from_bytes(bytes: &[u8]) -> Option<Self> {
        let (count, numbers) = bytes.split_first_chunk::<2>()?;
        if bytes.len() != BUCKET_BYTES {
            return None;
        }
        let mut readings = [None; MEASURES];
        for (reading, chunk) in readings.iter_mut().zip(numbers.chunks_exact(12)) {
            let number = |n: usize| -> Option<u32> {
                let four = chunk.get(n * 4..n * 4 + 4)?;
                four.try_into().ok().map(u32::from_le_bytes)
            };
            let (min, avg, max) = (number(0)?, number(1)?, number(2)?);
            *reading = (avg != NONE).then_some(Packed { min, avg, max });
        }
        Some(Self {
            count: u16::from_le_bytes(*count),
            readings,
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn values(cpu: u32, memory: u32) -> [u32; MEASURES] {
        let mut values = [NONE; MEASURES];
        values[Measure::Cpu as usize] = cpu;
        values[Measure::Memory as usize] = memory;
        values
    }

    fn bucket(samples: &[[u32; MEASURES]]) -> Bucket {
        let mut sum = Sum::default();
        samples.iter().for_each(|values| sum.sample(values));
        sum.total().unwrap()
    }

    fn reading(min: u64, avg: u64, max: u64) -> Option<Reading> {
        Some(Reading { min, avg, max })
    }

    #[test]
    fn a_bucket_knows_the_lowest_the_mean_and_the_highest() {
        let minute = bucket(&[values(10, 4), values(40, 2), values(11, 6)]);
        assert_eq!(minute.reading(Measure::Cpu), reading(10, 20, 40));
        assert_eq!(
            minute.reading(Measure::Memory),
            reading(2 * 1024, 4 * 1024, 6 * 1024)
        );
        assert_eq!(minute.reading(Measure::DiskRead), None, "never measured");
    }

    #[test]
    fn a_bucket_with_few_samples_counts_less() {
        let full = bucket(&[values(100, 1); 6]);
        let short = bucket(&[values(30, 1)]);
        let mut sum = Sum::default();
        sum.bucket(&full);
        sum.bucket(&short);
        let both = sum.total().unwrap();
        assert_eq!(both.reading(Measure::Cpu), reading(30, 90, 100));
        assert_eq!(both.count, 7);
    }

    #[test]
    fn what_one_sample_does_not_know_is_no_zero() {
        let minute = bucket(&[values(NONE, 8), values(50, 8)]);
        assert_eq!(minute.reading(Measure::Cpu), reading(50, 50, 50));
        assert_eq!(Sum::default().total(), None);
    }

    #[test]
    fn a_bucket_comes_back_as_it_was_written() {
        let minute = bucket(&[values(10, 4), values(NONE - 1, NONE)]);
        let bytes = minute.to_bytes();
        assert_eq!(bytes.len(), BUCKET_BYTES);
        assert_eq!(Bucket::from_bytes(&bytes), Some(minute));
        assert_eq!(Bucket::from_bytes(&bytes[1..]), None);
        assert_eq!(Bucket::from_bytes(&[]), None);
    }
}
