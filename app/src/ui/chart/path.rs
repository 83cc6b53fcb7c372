//! Points as paths: one stroke for every row of them without a gap.

use std::fmt::Write as _;

use model::Reading;

/// Between two points, in the drawing's own units.
pub const STEP: usize = 10;
pub const HEIGHT: usize = 1_000;

/// Rows of points without a gap, each with its place.
fn runs<T: Copy>(points: &[Option<T>]) -> Vec<Vec<(usize, T)>> {
    let mut runs: Vec<Vec<(usize, T)>> = Vec::new();
    let mut is_open = false;
    for (n, point) in points.iter().enumerate() {
        match (point, runs.last_mut().filter(|_| is_open)) {
            (Some(value), Some(run)) => run.push((n, *value)),
            (Some(value), None) => runs.push(vec![(n, *value)]),
            (None, _) => {}
        }
        is_open = point.is_some();
    }
    runs
}

fn x(n: usize) -> usize {
    n * STEP + STEP / 2
}

/// From the top down.
fn y(value: u64, top: u64) -> u64 {
    let height = HEIGHT as u64;
    let up = u128::from(value.min(top)) * u128::from(height) / u128::from(top.max(1));
    height - u64::try_from(up).unwrap_or(height)
}

/// Of the means. A point that stands alone is a dot: a line without length with round ends.
pub fn line(points: &[Option<Reading>], top: u64) -> String {
    let means: Vec<Option<u64>> = points.iter().map(|p| p.map(|r| r.avg)).collect();
    stroke(&means, top)
}

pub fn stroke(points: &[Option<u64>], top: u64) -> String {
    let mut path = String::new();
    for run in runs(points) {
        for (k, (n, value)) in run.iter().enumerate() {
            let letter = if k == 0 { 'M' } else { 'L' };
            let _ = write!(path, "{letter}{} {}", x(*n), y(*value, top));
        }
        if run.len() == 1 {
            path.push_str("h0");
        }
    }
    path
}

/// Between the lowest and the highest.
pub fn band(points: &[Option<Reading>], top: u64) -> String {
    let mut path = String::new();
    for run in runs(points).into_iter().filter(|run| run.len() > 1) {
        for (k, (n, reading)) in run.iter().enumerate() {
            let letter = if k == 0 { 'M' } else { 'L' };
            let _ = write!(path, "{letter}{} {}", x(*n), y(reading.max, top));
        }
        for (n, reading) in run.iter().rev() {
            let _ = write!(path, "L{} {}", x(*n), y(reading.min, top));
        }
        path.push('Z');
    }
    path
}

#[cfg(test)]
mod tests {
    use super::*;

    /// `.` is a gap, `low-mean-high` a point.
    fn points(text: &str) -> Vec<Option<Reading>> {
        text.split(' ')
            .map(|word| {
                let mut parts = word.split('-').filter_map(|n| n.parse().ok());
                Some(Reading {
                    min: parts.next()?,
                    avg: parts.next()?,
                    max: parts.next()?,
                })
            })
            .collect()
    }

    #[test]
    fn a_gap_ends_a_stroke() {
        let line = line(&points("1-1-1 2-2-2 . 4-4-4 2-2-2"), 4);
        assert_eq!(line, "M5 750L15 500M35 0L45 500");
    }

    #[test]
    fn a_point_alone_is_a_dot() {
        assert_eq!(line(&points(". 2-2-2 ."), 4), "M15 500h0");
        assert_eq!(band(&points(". 1-2-3 ."), 4), "");
    }

    #[test]
    fn nothing_is_drawn_where_nothing_is() {
        assert_eq!(line(&points(". . ."), 4), "");
        assert_eq!(line(&[], 4), "");
        assert_eq!(band(&[], 4), "");
    }

    #[test]
    fn the_band_goes_round_lowest_and_highest() {
        let band = band(&points("0-1-2 1-2-4"), 4);
        assert_eq!(band, "M5 500L15 0L15 750L5 1000Z");
    }

    #[test]
    fn what_is_too_high_stays_within_the_drawing() {
        assert_eq!(y(9, 4), 0);
        assert_eq!(y(u64::MAX, u64::MAX), 0);
        assert_eq!(y(0, 0), 1_000);
    }
}
