//! What segments used, over time.

use serde::{Deserialize, Serialize};

use crate::{ClusterId, ClusterView, PageAt, UnixMs};

words!(
    /// How far back a chart looks.
    Span {
        Hour = "1h",
        Day = "1d",
        Week = "7d",
        Month = "30d",
    }
);
words!(
    /// What is measured of a segment.
    Measure {
        /// Hundredths of a vCPU in use.
        Cpu = "cpu",
        /// Bytes in use, page cache not counted.
        Memory = "memory",
        /// Bytes per second that came in.
        NetworkIn = "network_in",
        /// Bytes per second that went out.
        NetworkOut = "network_out",
        /// Bytes of its disk in use.
        DiskUsed = "disk_used",
        /// Bytes per second read from its disk.
        DiskRead = "disk_read",
        /// Bytes per second written to its disk.
        DiskWrite = "disk_write",
    }
);

impl Span {
    /// Width of one point of a chart, milliseconds.
    pub const fn step_ms(self) -> i64 {
        match self {
            Self::Hour => 20_000,
            Self::Day => 6 * 60_000,
            Self::Week => 60 * 60_000,
            Self::Month => 4 * 60 * 60_000,
        }
    }

    /// Points of a chart.
    pub const fn points(self) -> usize {
        match self {
            Self::Hour => 180,
            Self::Day => 240,
            Self::Week => 168,
            Self::Month => 180,
        }
    }

    pub const fn length_ms(self) -> i64 {
        self.step_ms() * self.points() as i64
    }
}

/// The lowest, the mean and the highest of what was measured over a time, in the measure's unit.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Reading {
    pub min: u64,
    pub avg: u64,
    pub max: u64,
}

/// One measure of one segment: a reading for every point, none where nothing was measured.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct MetricLine {
    pub measure: Measure,
    pub points: Vec<Option<Reading>>,
}

#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct SegmentMetrics {
    pub ordinal: u32,
    pub vcpus: u32,
    pub memory_limit_bytes: u64,
    pub disk_limit_bytes: u64,
    /// One for each measure, in the order of [`Measure::ALL`].
    pub lines: Vec<MetricLine>,
}

/// Every measure of every segment of a cluster. Point `n` began at `from + n * span.step_ms()`.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct MetricsView {
    pub span: Span,
    pub from: UnixMs,
    pub segments: Vec<SegmentMetrics>,
}

/// What one container used; point `n` began at `from + n * step_ms`. A measure that nobody measures
/// of containers has no line.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct ContainerMetricsView {
    pub span: Span,
    pub from: UnixMs,
    /// Not less than a minute: they are not measured more often.
    pub step_ms: i64,
    pub lines: Vec<MetricLine>,
}

impl ContainerMetricsView {
    /// Whether anything was measured in this time.
    pub fn is_empty(&self) -> bool {
        let mut points = self.lines.iter().flat_map(|line| &line.points);
        points.all(Option::is_none)
    }
}

/// The last hour of a cluster, all segments together: for a drawing without numbers.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct TrendView {
    pub cluster: ClusterId,
    /// Hundredths of a vCPU, the mean of each point.
    pub cpu_centi: Vec<Option<u64>>,
    pub cpu_limit_centi: u64,
    /// Bytes, the mean of each point.
    pub memory_bytes: Vec<Option<u64>>,
    pub memory_limit_bytes: u64,
}

/// What one container uses now, page cache not counted.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct ContainerMemory {
    /// As in [`crate::ContainerView`].
    pub id: String,
    pub bytes: u64,
}

/// One page of an account's clusters, those with a part of a name first asked for.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct ClusterPageView {
    pub clusters: Vec<ClusterView>,
    /// Of the same clusters, in the same order.
    pub trends: Vec<TrendView>,
    #[serde(flatten)]
    pub at: PageAt,
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_span_is_as_long_as_its_word() {
        const HOUR_MS: i64 = 3_600_000;
        for (span, hours) in [
            (Span::Hour, 1),
            (Span::Day, 24),
            (Span::Week, 7 * 24),
            (Span::Month, 30 * 24),
        ] {
            assert_eq!(span.length_ms(), hours * HOUR_MS, "{span}");
        }
    }
}
