//! From samples to minutes, ten minutes and hours: one transaction a minute for all segments.
//!
//! A wider bucket is made of the rows of the narrower ones once its time is over, so that nothing
//! of it is in memory only: a panel that was away goes on where it stopped.

use std::collections::{BTreeSet, HashMap, HashSet};
use std::ops::Range;

use model::UnixMs;
use store::{MetricPlace, Tx};

use super::Level;
use super::bucket::{Bucket, Sum};
use super::ring::Key;
use crate::error::Error;
use crate::panel::Panel;

/// In the panel's own values: the last minute that was written, counted from 1970.
const WRITTEN: &str = "metrics_minute";
/// Minutes that a busy panel catches up with; their samples are in memory for an hour.
const CATCH_UP: i64 = 30;

/// What is to be written now: numbers of buckets, counted from 1970.
#[derive(Debug, PartialEq, Eq)]
struct Due {
    minutes: Range<i64>,
    tens: BTreeSet<i64>,
    hours: BTreeSet<i64>,
}

/// `written` is the last minute in the database, `minute` the one that is under way.
fn due(written: Option<i64>, minute: i64) -> Due {
    let first = written.map_or(minute - 1, |written| written + 1);
    let minutes = first.max(minute - CATCH_UP)..minute;
    // What the last minute before belongs to may be unfinished, however long ago that was.
    let touched = || minutes.clone().chain(written);
    let closed = |width: i64| -> BTreeSet<i64> {
        touched()
            .filter(|at| !(written == Some(*at) && (at + 1) % width == 0))
            .map(|at| at.div_euclid(width))
            .filter(|bucket| (bucket + 1) * width <= minute)
            .collect()
    };
    Due {
        tens: closed(10),
        hours: closed(60),
        minutes,
    }
}

impl Level {
    fn place(self, series: i64, bucket: i64) -> MetricPlace {
        MetricPlace {
            series,
            step_s: self.step_s,
            place: bucket.rem_euclid(self.places),
            at: bucket * self.step_ms(),
        }
    }
}

impl Panel {
    /// Writes what is due; nothing, most of the time.
    pub(super) async fn metrics_roll(&self) -> Result<(), Error> {
        let minute = self.now().div_euclid(Level::MINUTE.step_ms());
        let mut written = self.sampler.written();
        if written.is_none() {
            let text = self.store.read().await?.panel_get(WRITTEN).await?;
            written = text.and_then(|text| text.parse().ok());
        }
        // Also after the clock was set back: then the rings in the database wait.
        if written.is_some_and(|written| written >= minute - 1) {
            self.sampler.written_set(written);
            return Ok(());
        }
        let due = due(written, minute);
        let mut tx = self.store.write().await?;
        let series = self.metrics_series(&mut tx).await?;
        for (key, id) in &series {
            for at in due.minutes.clone() {
                let step = Level::MINUTE.step_ms();
                if let Some(bucket) = self.rings.bucket(*key, at * step..(at + 1) * step) {
                    tx.metric_put(Level::MINUTE.place(*id, at), &bucket.to_bytes())
                        .await?;
                }
            }
        }
        for id in series.values() {
            for bucket in &due.tens {
                widen(&mut tx, *id, Level::MINUTE, Level::TEN, *bucket).await?;
            }
            for bucket in &due.hours {
                widen(&mut tx, *id, Level::TEN, Level::HOUR, *bucket).await?;
            }
        }
        tx.panel_set(WRITTEN, &(minute - 1).to_string()).await?;
        tx.commit().await?;
        self.sampler.written_set(Some(minute - 1));
        if !due.tens.is_empty() {
            self.autoscale_all().await;
        }
        Ok(())
    }

    /// The numbers of all segments; what is no segment of ours any more is forgotten.
    async fn metrics_series(&self, tx: &mut Tx) -> Result<HashMap<Key, i64>, Error> {
        let there: HashSet<Key> = tx.segment_keys().await?.into_iter().collect();
        self.rings.keep(&there);
        let list = async |tx: &mut Tx| -> Result<HashMap<Key, i64>, Error> {
            let all = tx.metric_series_list().await?.into_iter();
            Ok(all.map(|s| ((s.cluster_id, s.ordinal), s.id)).collect())
        };
        let mut series = list(tx).await?;
        let mut missing = self.rings.keys();
        missing.retain(|key| !series.contains_key(key));
        // In their order, so that a cluster's series lie side by side.
        missing.sort_unstable();
        if !missing.is_empty() {
            for (cluster, ordinal) in missing {
                tx.metric_series_add(cluster, ordinal).await?;
            }
            series = list(tx).await?;
        }
        Ok(series)
    }
}

/// One wider bucket out of the narrower ones of its time.
async fn widen(tx: &mut Tx, series: i64, from: Level, to: Level, bucket: i64) -> Result<(), Error> {
    let parts = to.step_s / from.step_s;
    let first = (bucket * parts).rem_euclid(from.places);
    let at = bucket * to.step_ms()..(bucket + 1) * to.step_ms();
    let rows = tx
        .metric_places(series, from.step_s, first..first + parts, at)
        .await?;
    let mut sum = Sum::default();
    for bucket in rows.iter().filter_map(|row| Bucket::from_bytes(row)) {
        sum.bucket(&bucket);
    }
    if let Some(total) = sum.total() {
        tx.metric_put(to.place(series, bucket), &total.to_bytes())
            .await?;
    }
    Ok(())
}

/// Since when a level can have rows.
pub(super) fn oldest(level: Level, now: UnixMs) -> UnixMs {
    now - level.places * level.step_ms()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn check(written: Option<i64>, minute: i64, minutes: Range<i64>, tens: &[i64], hours: &[i64]) {
        let due = due(written, minute);
        assert_eq!(due.minutes, minutes, "{written:?} {minute}");
        assert!(due.tens.iter().eq(tens), "{written:?} {minute}: {due:?}");
        assert!(due.hours.iter().eq(hours), "{written:?} {minute}: {due:?}");
    }

    #[test]
    fn every_bucket_is_written_once_its_time_is_over() {
        check(Some(603), 605, 604..605, &[], &[]);
        check(Some(608), 610, 609..610, &[60], &[]);
        check(Some(609), 611, 610..611, &[], &[]);
        check(Some(658), 660, 659..660, &[65], &[10]);
        check(Some(659), 661, 660..661, &[], &[]);
    }

    #[test]
    fn a_panel_that_was_away_ends_what_it_began() {
        // It stopped within a ten and an hour, and comes back two hours later.
        check(Some(604), 740, 710..740, &[60, 71, 72, 73], &[10, 11]);
        // It never was here before.
        check(None, 605, 604..605, &[], &[]);
        check(None, 660, 659..660, &[65], &[10]);
    }

    #[test]
    fn rings_hold_whole_wider_buckets() {
        // So that the parts of a wider bucket lie side by side, without going round the end.
        assert_eq!(Level::MINUTE.places % 10, 0);
        assert_eq!(Level::TEN.places % 6, 0);
        let spans = Level::ALL.map(|level| level.places * level.step_s);
        assert_eq!(spans, [86_400, 7 * 86_400, 30 * 86_400]);
    }

    #[test]
    fn a_new_bucket_takes_the_place_of_the_oldest() {
        let level = Level::MINUTE;
        let (old, new) = (level.place(7, 100), level.place(7, 100 + 1_440));
        assert_eq!(old.place, new.place);
        assert!(old.at < new.at);
    }
}
