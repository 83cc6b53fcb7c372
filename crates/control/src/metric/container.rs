//! What containers use, over time: each segment is asked once a minute, in one question for all of
//! its containers, and what it says goes to the database at once. Nothing but the counters that
//! the next rate is counted from is kept in memory.
//!
//! A row holds all containers of one segment, so that a panel with thirty thousand of them writes
//! a thousand rows a minute and not thirty thousand. The widths are those of the charts' points:
//! no chart reads more rows than it has points.
//!
//! What must not happen here: that a segment, which is its tenant's, takes more room than the
//! rings have, whatever it says; or that one that does not answer is asked again and again.

mod pack;
mod read;
mod roll;
mod sample;

pub(crate) use sample::ContainerSampler;

use model::Measure;
use store::MetricPlace;

use super::Level;

/// What is measured of a container: how much of the disk is its own, only a walk through all of
/// its files would tell.
const MEASURES: [Measure; 6] = [
    Measure::Cpu,
    Measure::Memory,
    Measure::NetworkIn,
    Measure::NetworkOut,
    Measure::DiskRead,
    Measure::DiskWrite,
];

/// Samples of two hours, then one width for each chart.
const MINUTE: Level = Level {
    step_s: 60,
    places: 120,
};
const SIX: Level = Level {
    step_s: 6 * 60,
    places: 240,
};
const HOUR: Level = Level {
    step_s: 3_600,
    places: 168,
};
const FOUR: Level = Level {
    step_s: 4 * 3_600,
    places: 180,
};

/// Each is made of the one before.
const LEVELS: [Level; 4] = [MINUTE, SIX, HOUR, FOUR];

/// Where the row of a time is: the `n`-th of its width since 1970.
fn place(level: Level, series: i64, n: i64) -> MetricPlace {
    MetricPlace {
        series,
        step_s: level.step_s,
        place: n.rem_euclid(level.places),
        at: n * level.step_ms(),
    }
}

#[cfg(test)]
mod tests {
    use model::Span;
    use wire::CONTAINERS_MAX;

    use super::*;

    #[test]
    fn every_chart_has_rows_of_its_own_points() {
        for (level, span) in [(SIX, Span::Day), (HOUR, Span::Week), (FOUR, Span::Month)] {
            assert_eq!(level.step_ms(), span.step_ms(), "{span}");
            assert_eq!(level.places * level.step_ms(), span.length_ms(), "{span}");
        }
        assert!(MINUTE.places * MINUTE.step_ms() > Span::Hour.length_ms());
    }

    #[test]
    fn rings_hold_whole_wider_rows() {
        // So that the parts of a wider row lie side by side, without going round the end.
        for two in LEVELS.windows(2) {
            let parts = two[1].step_s / two[0].step_s;
            assert_eq!(two[1].step_s % two[0].step_s, 0);
            assert_eq!(two[0].places % parts, 0);
        }
    }

    /// docs/metrics.md says these.
    #[test]
    fn a_container_and_a_segment_take_a_bounded_room() {
        let rows: i64 = LEVELS.iter().map(|level| level.places).sum();
        assert_eq!(rows, 708);
        let places = |level: Level| usize::try_from(level.places).unwrap();
        let wide: usize = [SIX, HOUR, FOUR].map(places).iter().sum();
        let container = places(MINUTE) * pack::SAMPLE_BYTES + wide * pack::BUCKET_BYTES;
        assert_eq!(container, 28_860);
        assert_eq!(container * CONTAINERS_MAX + 708, 1_847_748);
    }
}
