//! The bytes of a row: all containers of a segment, by their keys.
//!
//! The first byte says what follows, so that another version's rows are known for what they are.
//! Numbers have eleven bits and five that say how far they are shifted: they are right to a
//! thousandth, which is less than a pixel, in half the room.

use std::collections::BTreeMap;

use wire::CONTAINERS_MAX;

use super::super::bucket::Bucket;
use super::super::{MEASURES as ALL, NONE};
use super::MEASURES;

/// What a container is called here: the first half of its id's first half.
pub(super) type ContainerKey = u64;

/// A number for each measure, packed as in a segment's sample.
pub(super) type Values = [u32; ALL];

const KEY_BYTES: usize = 8;
const SMALL_BYTES: usize = 2;
/// A container in a row of samples.
pub(super) const SAMPLE_BYTES: usize = KEY_BYTES + MEASURES.len() * SMALL_BYTES;
/// A container in a wider row: how many samples went in, then lowest, mean, highest.
pub(super) const BUCKET_BYTES: usize = KEY_BYTES + 1 + MEASURES.len() * 3 * SMALL_BYTES;

const SAMPLES: u8 = 1;
const BUCKETS: u8 = 2;
const UNKNOWN: u16 = u16::MAX;
const MANTISSA_BITS: u32 = 11;

/// None for what is no whole id of a container.
pub(super) fn key(id: &str) -> Option<ContainerKey> {
    let is_id = wire::is_container_id(id);
    let digits = id.get(..2 * KEY_BYTES).filter(|_| is_id)?;
    ContainerKey::from_str_radix(digits, 16).ok()
}

/// Rounded down. Order stays: what is not less is not less afterwards.
fn small(value: u32) -> u16 {
    if value == NONE {
        return UNKNOWN;
    }
    let bits = u32::BITS - value.leading_zeros();
    let shift = bits.saturating_sub(MANTISSA_BITS);
    u16::try_from((shift << MANTISSA_BITS) | (value >> shift)).unwrap_or(UNKNOWN - 1)
}

fn large(small: u16) -> Option<u32> {
    let (shift, mantissa) = (small >> MANTISSA_BITS, small & ((1 << MANTISSA_BITS) - 1));
    let value = u64::from(mantissa) << shift;
    (small != UNKNOWN).then(|| u32::try_from(value).unwrap_or(NONE - 1))
}

pub(super) fn samples(all: &BTreeMap<ContainerKey, Values>) -> Vec<u8> {
    let mut bytes = vec![SAMPLES];
    for (key, values) in all.iter().take(CONTAINERS_MAX) {
        bytes.extend(key.to_le_bytes());
        for measure in MEASURES {
            bytes.extend(small(values[measure as usize]).to_le_bytes());
        }
    }
    bytes
}

/// Of more containers than there may be, those that were measured most often.
pub(super) fn buckets(all: BTreeMap<ContainerKey, Bucket>) -> Vec<u8> {
    let mut kept: Vec<_> = all.into_iter().collect();
    kept.sort_by_key(|(_, bucket)| std::cmp::Reverse(bucket.numbers().0));
    kept.truncate(CONTAINERS_MAX);
    kept.sort_unstable_by_key(|(key, _)| *key);
    let mut bytes = vec![BUCKETS];
    for (key, bucket) in kept {
        let (count, numbers) = bucket.numbers();
        bytes.extend(key.to_le_bytes());
        bytes.push(u8::try_from(count).unwrap_or(u8::MAX));
        for measure in MEASURES {
            let three = numbers[measure as usize].map_or([UNKNOWN; 3], |three| three.map(small));
            bytes.extend(three.iter().flat_map(|number| number.to_le_bytes()));
        }
    }
    bytes
}

/// Everything in a row; nothing for what another version wrote.
pub(super) fn entries(bytes: &[u8]) -> impl Iterator<Item = (ContainerKey, Bucket)> {
    let (kind, entries) = bytes.split_first().unwrap_or((&0, &[]));
    let length = match *kind {
        SAMPLES => SAMPLE_BYTES,
        _ => BUCKET_BYTES,
    };
    let is_known = matches!(*kind, SAMPLES | BUCKETS) && entries.len().is_multiple_of(length);
    let entries = if is_known { entries } else { &[] };
    entries.chunks_exact(length).filter_map(entry)
}

fn entry(bytes: &[u8]) -> Option<(ContainerKey, Bucket)> {
    let (key, rest) = bytes.split_first_chunk::<KEY_BYTES>()?;
    let is_sample = bytes.len() == SAMPLE_BYTES;
    let (count, rest) = match is_sample {
        true => (1, rest),
        false => rest
            .split_first()
            .map(|(count, rest)| (u16::from(*count), rest))?,
    };
    let mut numbers = [None; ALL];
    let of_each = if is_sample { 1 } else { 3 };
    for (measure, bytes) in MEASURES
        .iter()
        .zip(rest.chunks_exact(of_each * SMALL_BYTES))
    {
        let number = |n: usize| -> Option<u32> {
            let two = bytes.get(n * SMALL_BYTES..(n + 1) * SMALL_BYTES)?;
            large(u16::from_le_bytes(two.try_into().ok()?))
        };
        let three = match is_sample {
            true => number(0).map(|value| [value; 3]),
            false => Option::zip(number(0), Option::zip(number(1), number(2)))
                .map(|(min, (avg, max))| [min, avg, max]),
        };
        numbers[*measure as usize] = three;
    }
    Some((
        ContainerKey::from_le_bytes(*key),
        Bucket::of_numbers(count, numbers),
    ))
}

#[cfg(test)]
mod tests {
    use model::{Measure, Reading};

    use super::super::super::bucket::Sum;
    use super::*;

    fn values(cpu: u32, memory: u32) -> Values {
        let mut values = [NONE; ALL];
        values[Measure::Cpu as usize] = cpu;
        values[Measure::Memory as usize] = memory;
        values
    }

    fn reading(bytes: &[u8], key: ContainerKey, measure: Measure) -> Option<Reading> {
        let mut all = entries(bytes);
        all.find(|(other, _)| *other == key)?.1.reading(measure)
    }

    #[test]
    fn numbers_are_right_to_a_thousandth_and_stay_in_order() {
        let mut before = 0;
        let all = (0..40_000).chain((0..4_000).map(|n| n * 1_073_741));
        let mut all: Vec<u32> = all.collect();
        all.sort_unstable();
        for value in all {
            let back = large(small(value)).unwrap();
            assert!(
                back <= value && value - back <= value / 1_000,
                "{value} {back}"
            );
            assert!(back >= before, "{value}");
            before = back;
        }
        assert_eq!(large(small(2_047)), Some(2_047));
        assert_eq!(large(small(NONE)), None);
        assert!(large(small(NONE - 1)).is_some());
        // Whatever bytes somebody finds.
        for number in 0..u16::MAX {
            assert!(large(number).is_some_and(|value| value != NONE));
        }
    }

    #[test]
    fn a_row_comes_back_as_it_was_written() {
        let all = [(7, values(10, 2_000)), (3, values(NONE, 5))];
        let bytes = samples(&all.into_iter().collect());
        assert_eq!(bytes.len(), 1 + 2 * SAMPLE_BYTES);
        let (min, avg, max) = (10, 10, 10);
        assert_eq!(
            reading(&bytes, 7, Measure::Cpu),
            Some(Reading { min, avg, max })
        );
        assert_eq!(reading(&bytes, 3, Measure::Cpu), None, "no zero");
        assert_eq!(reading(&bytes, 8, Measure::Cpu), None);

        let mut sum = Sum::default();
        for cpu in [10, 40, 11] {
            sum.sample(&values(cpu, 9));
        }
        let bytes = buckets([(7, sum.total().unwrap())].into());
        assert_eq!(bytes.len(), 1 + BUCKET_BYTES);
        let (min, avg, max) = (10, 20, 40);
        assert_eq!(
            reading(&bytes, 7, Measure::Cpu),
            Some(Reading { min, avg, max })
        );
        assert_eq!(reading(&bytes, 7, Measure::NetworkIn), None);
        assert_eq!(entries(&bytes).next().unwrap().1.numbers().0, 3);
    }

    #[test]
    fn what_another_version_wrote_is_nothing() {
        let bytes = samples(&[(7, values(1, 1))].into());
        assert_eq!(entries(&bytes[..bytes.len() - 1]).count(), 0);
        assert_eq!(entries(&[9, 1, 2, 3]).count(), 0);
        assert_eq!(entries(&[]).count(), 0);
        assert_eq!(entries(&[SAMPLES]).count(), 0);
    }

    #[test]
    fn a_row_never_has_more_containers_than_there_may_be() {
        let many: BTreeMap<_, _> = (0..500).map(|key| (key, values(1, 1))).collect();
        assert_eq!(entries(&samples(&many)).count(), CONTAINERS_MAX);
        let bucket = |samples: u64| {
            let mut sum = Sum::default();
            (0..samples).for_each(|_| sum.sample(&values(1, 1)));
            sum.total().unwrap()
        };
        let many = (0..500).map(|key| (key, bucket(1 + key % 100))).collect();
        let bytes = buckets(many);
        assert_eq!(entries(&bytes).count(), CONTAINERS_MAX);
        let least = entries(&bytes).map(|(_, bucket)| bucket.numbers().0).min();
        assert!(least > Some(80), "the shortest-lived go: {least:?}");
        assert!(entries(&bytes).is_sorted_by_key(|(key, _)| key));
    }

    #[test]
    fn a_key_is_made_of_a_whole_id_alone() {
        let id = format!("00000000000000ff{}", "0".repeat(48));
        assert_eq!(key(&id), Some(255));
        for wrong in ["", "web", "00000000000000ff", &"é".repeat(32)] {
            assert_eq!(key(wrong), None, "{wrong}");
        }
    }
}
