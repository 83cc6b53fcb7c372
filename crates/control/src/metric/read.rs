//! Charts for pages.

use std::collections::HashMap;

use model::{ClusterId, Measure, MetricsView, Reading, SegmentMetrics, Span, TrendView, UnixMs};

use super::bucket::Bucket;
use super::grid::{self, Grid};
use super::{Level, roll};
use crate::Actor;
use crate::desired::Rows;
use crate::error::Error;
use crate::panel::Panel;

/// Points of a card's drawing, two minutes each.
const TREND_POINTS: usize = 30;
const TREND_STEP_MS: i64 = 120_000;

/// From the widest buckets that are fine enough for a span to the narrowest: where the wide ones
/// end, the narrower ones know more.
fn levels(span: Span) -> &'static [Level] {
    match span {
        Span::Hour | Span::Day => &[Level::MINUTE],
        Span::Week => &[Level::TEN, Level::MINUTE],
        Span::Month => &[Level::HOUR, Level::TEN, Level::MINUTE],
    }
}

impl Panel {
    pub(crate) async fn cluster_metrics(
        &self,
        actor: &Actor,
        id: ClusterId,
        span: Span,
    ) -> Result<MetricsView, Error> {
        let mut tx = self.store.read().await?;
        self.own(&mut tx, actor, id).await?;
        let rows = Rows::load(&mut tx, id)
            .await?
            .ok_or_else(|| Error::not_found("cluster"))?;
        let now = self.now();
        let from = grid::from(span, now);
        let ordinals = rows.segments.iter().map(|segment| segment.ordinal);
        let mut charts: HashMap<u32, Chart> = ordinals
            .map(|ordinal| (ordinal, self.chart(id, ordinal, span, now)))
            .collect();
        let mut wider: Option<Level> = None;
        for level in levels(span) {
            // Narrower rows are only wanted for what the wider ones do not have yet.
            let end = wider.map_or(i64::MIN, |wider| now - 2 * wider.step_ms());
            let since = from.max(end).max(roll::oldest(*level, now)) - level.step_ms();
            for row in tx.metric_since(id, level.step_s, since).await? {
                let chart = charts.get_mut(&row.ordinal);
                if let (Some(chart), Some(bucket)) = (chart, Bucket::from_bytes(&row.data)) {
                    chart.put(row.at, *level, &bucket);
                }
            }
            wider = Some(*level);
        }
        drop(tx);
        let segments = rows.segments.iter().map(|segment| {
            let chart = charts.remove(&segment.ordinal);
            let chart = chart.unwrap_or_else(|| self.chart(id, segment.ordinal, span, now));
            SegmentMetrics {
                ordinal: segment.ordinal,
                vcpus: segment.vcpus,
                memory_limit_bytes: segment.memory_mib << 20,
                disk_limit_bytes: segment.disk_bytes,
                lines: chart.finished(self, (id, segment.ordinal)).lines(),
            }
        });
        Ok(MetricsView {
            span,
            from,
            segments: segments.collect(),
        })
    }

    /// The last hour in memory decides where the rows of a short chart end.
    fn chart(&self, id: ClusterId, ordinal: u32, span: Span, now: UnixMs) -> Chart {
        let samples = self.rings.between((id, ordinal), i64::MIN..i64::MAX);
        let first = samples.first().map_or(i64::MAX, |(at, _)| *at);
        Chart {
            grid: Grid::of(span, now),
            end: i64::MIN,
            until: if span == Span::Hour { first } else { i64::MAX },
        }
    }

    /// The last hour of these clusters, out of memory. The caller has made sure that they may be
    /// seen.
    pub(crate) fn trends(&self, all: &[Rows]) -> Vec<TrendView> {
        all.iter().map(|rows| self.trend(rows)).collect()
    }

    fn trend(&self, rows: &Rows) -> TrendView {
        let end = (self.now().div_euclid(TREND_STEP_MS) + 1) * TREND_STEP_MS;
        let from = end - TREND_STEP_MS * TREND_POINTS as i64;
        let mut cpu = vec![None; TREND_POINTS];
        let mut memory = vec![None; TREND_POINTS];
        for segment in &rows.segments {
            let mut grid = Grid::new(from, TREND_STEP_MS, TREND_POINTS);
            let key = (rows.wish.id, segment.ordinal);
            for (at, values) in self.rings.between(key, from..end) {
                grid.sample(at, &values);
            }
            add(&mut cpu, &grid.line(Measure::Cpu));
            add(&mut memory, &grid.line(Measure::Memory));
        }
        let sum = |of: fn(&store::SegmentWish) -> u64| rows.segments.iter().map(of).sum();
        TrendView {
            cluster: rows.wish.id,
            cpu_centi: cpu,
            cpu_limit_centi: sum(|segment| u64::from(segment.vcpus) * 100),
            memory_bytes: memory,
            memory_limit_bytes: sum(|segment| segment.memory_mib << 20),
        }
    }
}

/// Segments together: what one of them lacks, the others still have.
fn add(total: &mut [Option<u64>], line: &[Option<Reading>]) {
    for (total, point) in total.iter_mut().zip(line) {
        if let Some(reading) = point {
            *total = Some(total.unwrap_or(0) + reading.avg);
        }
    }
}

/// A grid that is filled from the widest buckets on.
struct Chart {
    grid: Grid,
    /// Where the rows so far end.
    end: UnixMs,
    /// Where the samples in memory take over.
    until: UnixMs,
}

impl Chart {
    fn put(&mut self, at: UnixMs, level: Level, bucket: &Bucket) {
        let end = at + level.step_ms();
        if at >= self.end && end <= self.until {
            self.grid.bucket(at, level.step_ms(), bucket);
            self.end = end;
        }
    }

    /// With the samples that no row holds yet.
    fn finished(mut self, panel: &Panel, key: (ClusterId, u32)) -> Grid {
        for (at, values) in panel.rings.between(key, self.end..i64::MAX) {
            self.grid.sample(at, &values);
        }
        self.grid
    }
}
