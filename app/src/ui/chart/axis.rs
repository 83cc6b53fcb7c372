//! The height of a chart, and how its numbers are told.

use crate::format::{bytes, centi};

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Unit {
    /// Hundredths of a vCPU.
    Vcpu,
    Bytes,
    BytesPerSecond,
}

impl Unit {
    pub fn text(self, value: u64) -> String {
        match self {
            Self::Vcpu => format!("{} vCPU", centi(u32::try_from(value).unwrap_or(u32::MAX))),
            Self::Bytes => bytes(value),
            Self::BytesPerSecond => format!("{}/s", bytes(value)),
        }
    }

    /// A round number that `max` fits below, so that a half of it is round as well.
    pub fn ceiling(self, max: u64) -> u64 {
        match self {
            Self::Vcpu => {
                let powers = std::iter::successors(Some(10_u64), |n| n.checked_mul(10));
                powers
                    .flat_map(|power| [1, 2, 4].map(|n| power.saturating_mul(n)))
                    .find(|top| *top >= max)
                    .unwrap_or(u64::MAX)
            }
            Self::Bytes | Self::BytesPerSecond => max
                .max(1_024)
                .checked_next_power_of_two()
                .unwrap_or(u64::MAX),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_chart_is_as_high_as_a_round_number() {
        for (unit, max, top, text) in [
            (Unit::Vcpu, 0, 10, "0.10 vCPU"),
            (Unit::Vcpu, 11, 20, "0.20 vCPU"),
            (Unit::Vcpu, 35, 40, "0.40 vCPU"),
            (Unit::Vcpu, 180, 200, "2.00 vCPU"),
            (Unit::Bytes, 0, 1_024, "1 KiB"),
            (Unit::Bytes, 300 << 20, 512 << 20, "512 MiB"),
            (Unit::Bytes, 512 << 20, 512 << 20, "512 MiB"),
            (Unit::BytesPerSecond, 70_000, 128 << 10, "128 KiB/s"),
        ] {
            assert_eq!(unit.ceiling(max), top, "{max}");
            assert_eq!(unit.text(top), text);
        }
        assert!(Unit::Vcpu.ceiling(u64::MAX) > 0);
        assert!(Unit::Bytes.ceiling(u64::MAX) > 0);
    }
}
