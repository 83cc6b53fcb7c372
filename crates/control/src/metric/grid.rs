//! The points of a chart: buckets of any width, and samples, put where their time is.

use model::{Measure, MetricLine, Reading, Span, UnixMs};

use super::bucket::{Bucket, Sum};
use super::{EVERY_MS, MEASURES};

/// One segment's chart.
pub(super) struct Grid {
    from: UnixMs,
    step_ms: i64,
    points: Vec<Sum>,
}

/// When the first point of a chart begins that ends now.
pub(super) fn from(span: Span, now: UnixMs) -> UnixMs {
    let step = span.step_ms();
    (now.div_euclid(step) + 1) * step - span.length_ms()
}

impl Grid {
    pub(super) fn new(from: UnixMs, step_ms: i64, points: usize) -> Self {
        Self {
            from,
            step_ms,
            points: vec![Sum::default(); points],
        }
    }

    pub(super) fn of(span: Span, now: UnixMs) -> Self {
        Self::new(from(span, now), span.step_ms(), span.points())
    }

    /// A wide bucket stands in all points that it lies over: it is no gap between them.
    pub(super) fn bucket(&mut self, at: UnixMs, length_ms: i64, bucket: &Bucket) {
        self.over(at, length_ms, |sum| sum.bucket(bucket));
    }

    pub(super) fn sample(&mut self, at: UnixMs, values: &[u32; MEASURES]) {
        self.over(at, EVERY_MS, |sum| sum.sample(values));
    }

    fn over(&mut self, at: UnixMs, length_ms: i64, put: impl Fn(&mut Sum)) {
        let point = |at: UnixMs| (at - self.from).div_euclid(self.step_ms);
        let (first, last) = (point(at).max(0), point(at + length_ms - 1));
        for n in first..=last {
            if let Some(sum) = usize::try_from(n).ok().and_then(|n| self.points.get_mut(n)) {
                put(sum);
            }
        }
    }

    pub(super) fn line(&self, measure: Measure) -> Vec<Option<Reading>> {
        let totals = self.points.iter().map(Sum::total);
        totals
            .map(|total| total.and_then(|bucket| bucket.reading(measure)))
            .collect()
    }

    pub(super) fn lines(&self) -> Vec<MetricLine> {
        let line = |measure: &Measure| MetricLine {
            measure: *measure,
            points: self.line(*measure),
        };
        Measure::ALL.iter().map(line).collect()
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::metric::NONE;

    fn cpu(value: u32) -> [u32; MEASURES] {
        let mut values = [NONE; MEASURES];
        values[Measure::Cpu as usize] = value;
        values
    }

    fn bucket(value: u32) -> Bucket {
        let mut sum = Sum::default();
        sum.sample(&cpu(value));
        sum.total().unwrap()
    }

    /// The means of a grid of 20 s steps from 0 on; `.` where nothing is.
    fn check(grid: &Grid, expect: &str) {
        let told: Vec<String> = grid
            .line(Measure::Cpu)
            .iter()
            .map(|point| point.map_or(".".into(), |r| r.avg.to_string()))
            .collect();
        assert_eq!(told.join(" "), expect);
    }

    #[test]
    fn samples_stand_where_their_time_is_and_gaps_stay() {
        let mut grid = Grid::new(0, 20_000, 6);
        for (at, value) in [(0, 10), (10_000, 30), (60_000, 7), (110_000, 9)] {
            grid.sample(at, &cpu(value));
        }
        check(&grid, "20 . . 7 . 9");
        assert!(grid.line(Measure::Memory).iter().all(Option::is_none));
    }

    #[test]
    fn a_wide_bucket_fills_its_points() {
        let mut grid = Grid::new(0, 20_000, 6);
        grid.bucket(60_000, 60_000, &bucket(5));
        check(&grid, ". . . 5 5 5");
        // Partly before the chart, partly after it, and beside it.
        let mut grid = Grid::new(60_000, 20_000, 2);
        grid.bucket(0, 70_000, &bucket(1));
        grid.bucket(80_000, 600_000, &bucket(2));
        grid.bucket(0, 60_000, &bucket(100));
        check(&grid, "1 2");
    }

    #[test]
    fn a_chart_ends_now() {
        let now = 1_790_000_123_456;
        for span in Span::ALL {
            let end = from(*span, now) + span.length_ms();
            assert!(end > now && end - now <= span.step_ms(), "{span}");
            assert_eq!(from(*span, now) % span.step_ms(), 0, "points do not move");
        }
    }
}
