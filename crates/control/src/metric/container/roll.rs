//! Rows of a minute as they come, wider ones out of narrower ones once their time is over.
//!
//! A place without samples is emptied when its turn has come, so that a container which is gone
//! has left the database thirty days later. Wider rows are written for some segments at a time:
//! whoever else wants to write gets in between.

use std::collections::{BTreeMap, HashMap, HashSet};
use std::ops::Range;

use store::{MetricPlace, Tx};

use super::super::Level;
use super::super::bucket::{Bucket, Sum};
use super::super::ring::Key;
use super::pack::{self, ContainerKey, Values};
use super::{LEVELS, MINUTE, SIX, place};
use crate::error::Error;
use crate::panel::Panel;

/// In the panel's own values: the last minute that was ended, counted from 1970.
const WRITTEN: &str = "container_metrics_minute";
/// Segments in one transaction.
const AT_ONCE: usize = 200;

/// Numbers of the rows of a width whose time is over and that may have parts: `written` is the
/// last minute that was ended, rows of the one after it may be there. A panel that was away has
/// nothing of that time.
fn closed(level: Level, written: i64, minute: i64) -> Range<i64> {
    let width = level.step_s / MINUTE.step_s;
    let first = (written + 1).div_euclid(width);
    first..minute.div_euclid(width).min(first + 1)
}

/// A row to be written, or a place to be emptied.
struct Wide {
    place: MetricPlace,
    data: Option<Vec<u8>>,
}

impl Panel {
    /// Writes what the segments said in `minute`, and the wider rows whose time is over.
    pub(super) async fn container_metrics_roll(
        &self,
        minute: i64,
        samples: Vec<(Key, BTreeMap<ContainerKey, Values>)>,
    ) -> Result<(), Error> {
        self.container_minute_write(minute, &samples).await?;
        let written = self.container_written().await?;
        // Also after the clock was set back: then the rings wait.
        if written.is_some_and(|written| written >= minute - 1) {
            return Ok(());
        }
        if let Some(written) = written {
            for two in LEVELS.windows(2) {
                for n in closed(two[1], written, minute) {
                    self.container_widen(two[0], two[1], n).await?;
                }
            }
        }
        let mut tx = self.store.write().await?;
        tx.panel_set(WRITTEN, &(minute - 1).to_string()).await?;
        tx.commit().await?;
        self.container_sampler.written_set(minute - 1);
        Ok(())
    }

    async fn container_written(&self) -> Result<Option<i64>, Error> {
        if let Some(written) = self.container_sampler.written() {
            return Ok(Some(written));
        }
        let text = self.store.read().await?.panel_get(WRITTEN).await?;
        Ok(text.and_then(|text| text.parse().ok()))
    }

    async fn container_minute_write(
        &self,
        minute: i64,
        samples: &[(Key, BTreeMap<ContainerKey, Values>)],
    ) -> Result<(), Error> {
        if samples.is_empty() {
            return Ok(());
        }
        let mut tx = self.store.write().await?;
        let series = series(&mut tx, samples.iter().map(|(key, _)| *key)).await?;
        for (key, sample) in samples {
            // One whose segment has gone meanwhile belongs to nobody.
            if let Some(id) = series.get(key) {
                let data = pack::samples(sample);
                tx.container_metric_put(place(MINUTE, *id, minute), &data)
                    .await?;
            }
        }
        tx.commit().await?;
        Ok(())
    }

    /// The `n`-th row of a width, of all segments.
    async fn container_widen(&self, from: Level, to: Level, n: i64) -> Result<(), Error> {
        let mut tx = self.store.read().await?;
        let series = tx.metric_series_list().await?;
        drop(tx);
        for some in series.chunks(AT_ONCE) {
            let mut tx = self.store.read().await?;
            let mut rows = Vec::with_capacity(some.len());
            for one in some {
                rows.push(wide(&mut tx, one.id, from, to, n).await?);
            }
            drop(tx);
            let mut tx = self.store.write().await?;
            // Of a segment that has gone meanwhile there is no series to write to.
            let there = tx.metric_series_list().await?;
            let there: HashSet<i64> = there.iter().map(|one| one.id).collect();
            for row in rows.iter().filter(|row| there.contains(&row.place.series)) {
                row_write(&mut tx, row, to, n).await?;
            }
            tx.commit().await?;
        }
        Ok(())
    }
}

/// The numbers of these segments, as far as they are there.
async fn series(tx: &mut Tx, keys: impl Iterator<Item = Key>) -> Result<HashMap<Key, i64>, Error> {
    let list = async |tx: &mut Tx| -> Result<HashMap<Key, i64>, Error> {
        let all = tx.metric_series_list().await?.into_iter();
        Ok(all.map(|s| ((s.cluster_id, s.ordinal), s.id)).collect())
    };
    let known = list(tx).await?;
    let mut missing: Vec<Key> = keys.filter(|key| !known.contains_key(key)).collect();
    if missing.is_empty() {
        return Ok(known);
    }
    let there: HashSet<Key> = tx.segment_keys().await?.into_iter().collect();
    missing.retain(|key| there.contains(key));
    for (cluster, ordinal) in missing {
        tx.metric_series_add(cluster, ordinal).await?;
    }
    list(tx).await
}

async fn wide(tx: &mut Tx, series: i64, from: Level, to: Level, n: i64) -> Result<Wide, Error> {
    let at = n * to.step_ms()..(n + 1) * to.step_ms();
    let rows = tx
        .container_metric_places(series, from.step_s, parts(from, to, n), at)
        .await?;
    let mut sums: BTreeMap<ContainerKey, Sum> = BTreeMap::new();
    for (key, bucket) in rows.iter().flat_map(|row| pack::entries(row)) {
        sums.entry(key).or_default().bucket(&bucket);
    }
    let totals: BTreeMap<ContainerKey, Bucket> = sums
        .into_iter()
        .filter_map(|(key, sum)| Some((key, sum.total()?)))
        .collect();
    Ok(Wide {
        place: place(to, series, n),
        data: (!totals.is_empty()).then(|| pack::buckets(totals)),
    })
}

/// Places of the rows that one wider row is made of.
fn parts(from: Level, to: Level, n: i64) -> Range<i64> {
    let count = to.step_s / from.step_s;
    let first = (n * count).rem_euclid(from.places);
    first..first + count
}

async fn row_write(tx: &mut Tx, row: &Wide, to: Level, n: i64) -> Result<(), Error> {
    let Wide { place, data } = row;
    match data {
        Some(data) => tx.container_metric_put(*place, data).await?,
        None => {
            let here = place.place..place.place + 1;
            tx.container_metric_clear(place.series, to.step_s, here, place.at)
                .await?;
        }
    }
    // Minutes have no turn of their own: one without an answer still holds what was there before.
    if to == SIX {
        let minutes = parts(MINUTE, SIX, n);
        tx.container_metric_clear(place.series, MINUTE.step_s, minutes, place.at)
            .await?;
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::super::{FOUR, HOUR};
    use super::*;

    #[test]
    fn a_row_is_widened_once_its_time_is_over() {
        let closed = |level, written, minute| {
            let rows = closed(level, written, minute);
            rows.collect::<Vec<_>>()
        };
        // Minute by minute.
        for (written, minute, expect) in [(3, 5, vec![]), (4, 6, vec![0]), (5, 7, vec![])] {
            assert_eq!(closed(SIX, written, minute), expect, "{written}");
        }
        assert_eq!(closed(HOUR, 58, 60), [0]);
        assert_eq!(closed(HOUR, 59, 61), Vec::<i64>::new());
        assert_eq!(closed(FOUR, 238, 240), [0]);
        // It stopped in the middle of one and comes back days later.
        assert_eq!(closed(SIX, 7, 9_000), [1]);
        assert_eq!(closed(HOUR, 61, 9_000), [1]);
        // It stopped just after the first minute of one was written.
        assert_eq!(closed(SIX, 5, 9_000), [1]);
        // The clock was set back.
        assert_eq!(closed(SIX, 600, 10), Vec::<i64>::new());
    }

    #[test]
    fn parts_lie_side_by_side() {
        assert_eq!(parts(MINUTE, SIX, 19), 114..120);
        assert_eq!(parts(MINUTE, SIX, 20), 0..6);
        assert_eq!(parts(SIX, HOUR, 23), 230..240);
        assert_eq!(parts(HOUR, FOUR, 42), 0..4);
    }
}
