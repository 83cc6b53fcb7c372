//! A container's charts.

use std::collections::HashMap;

use model::{ClusterId, ContainerMetricsView, ContainerRef, MetricLine, Span, UnixMs};
use store::Tx;

use super::super::grid::Grid;
use super::super::{Level, roll};
use super::pack::{self, ContainerKey};
use super::{FOUR, HOUR, MEASURES, MINUTE, SIX};
use crate::Actor;
use crate::error::Error;
use crate::panel::Panel;

/// From the rows that are as wide as a chart's points to the narrowest: where the wide ones end,
/// the narrower ones know more.
fn levels(span: Span) -> &'static [Level] {
    match span {
        Span::Hour => &[MINUTE],
        Span::Day => &[SIX, MINUTE],
        Span::Week => &[HOUR, SIX, MINUTE],
        Span::Month => &[FOUR, HOUR, SIX, MINUTE],
    }
}

/// When the first point of a chart begins that ends now, and how long each is, milliseconds.
fn axis(span: Span, now: UnixMs) -> (UnixMs, i64) {
    let step = span.step_ms().max(MINUTE.step_ms());
    ((now.div_euclid(step) + 1) * step - span.length_ms(), step)
}

impl Panel {
    pub(crate) async fn container_metrics(
        &self,
        actor: &Actor,
        id: ClusterId,
        container: &ContainerRef,
        span: Span,
    ) -> Result<ContainerMetricsView, Error> {
        let mut tx = self.store.read().await?;
        self.own(&mut tx, actor, id).await?;
        let now = self.now();
        let (from, step_ms) = axis(span, now);
        let points = usize::try_from(span.length_ms() / step_ms).unwrap_or(0);
        let mut grid = Grid::new(from, step_ms, points);
        if let Some(key) = pack::key(container.as_str()) {
            fill(&mut tx, &mut grid, id, key, span, now).await?;
        }
        let line = |measure| MetricLine {
            measure,
            points: grid.line(measure),
        };
        Ok(ContainerMetricsView {
            span,
            from,
            step_ms,
            lines: MEASURES.map(line).to_vec(),
        })
    }
}

/// Of all segments of the cluster: which one a container is on, it does not say.
async fn fill(
    tx: &mut Tx,
    grid: &mut Grid,
    id: ClusterId,
    key: ContainerKey,
    span: Span,
    now: UnixMs,
) -> Result<(), Error> {
    let (from, _) = axis(span, now);
    // Where the rows so far end, by segment; also of those without this container.
    let mut ends: HashMap<u32, UnixMs> = HashMap::new();
    let mut wider: Option<Level> = None;
    for level in levels(span) {
        let end = wider.map_or(i64::MIN, |wider| now - 2 * wider.step_ms());
        let since = from.max(end).max(roll::oldest(*level, now)) - level.step_ms();
        let rows = tx.container_metric_since(id, level.step_s, since).await?;
        for row in rows {
            let end = ends.entry(row.ordinal).or_insert(i64::MIN);
            if row.at < *end {
                continue;
            }
            *end = row.at + level.step_ms();
            let found = pack::entries(&row.data).find(|(other, _)| *other == key);
            if let Some((_, bucket)) = found {
                grid.bucket(row.at, level.step_ms(), &bucket);
            }
        }
        wider = Some(*level);
    }
    Ok(())
}
