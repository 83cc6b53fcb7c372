//! What segments used: rings of rows, one for each width of a bucket.

use std::ops::Range;

use model::{ClusterId, UnixMs};
use sqlx::FromRow;

use crate::db::{execute, fetch_all, fetch_optional};
use crate::{Error, Tx};

/// A segment whose use is kept; the number is short for its name.
#[derive(Debug, Clone, PartialEq, Eq, FromRow)]
pub struct MetricSeries {
    pub id: i64,
    #[sqlx(try_from = "String")]
    pub cluster_id: ClusterId,
    #[sqlx(try_from = "i64")]
    pub ordinal: u32,
}

/// One bucket of a cluster's segment.
#[derive(Debug, Clone, PartialEq, Eq, FromRow)]
pub struct MetricRow {
    #[sqlx(try_from = "i64")]
    pub ordinal: u32,
    pub at: UnixMs,
    pub data: Vec<u8>,
}

/// Where a bucket is written: whatever stood there before is gone.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct MetricPlace {
    pub series: i64,
    pub step_s: i64,
    pub place: i64,
    pub at: UnixMs,
}

impl Tx {
    /// Every segment there is.
    pub async fn segment_keys(&mut self) -> Result<Vec<(ClusterId, u32)>, Error> {
        let rows = fetch_all!(self, SEGMENT_KEYS as (String, i64))?;
        let parsed = rows
            .into_iter()
            .filter_map(|(id, ordinal)| Some((id.parse().ok()?, u32::try_from(ordinal).ok()?)));
        Ok(parsed.collect())
    }

    /// Begins a series for a segment; one that has it keeps it.
    pub async fn metric_series_add(&mut self, id: ClusterId, ordinal: u32) -> Result<(), Error> {
        execute!(self, METRIC_SERIES_ADD, id.to_string(), i64::from(ordinal)).map(|_| ())
    }

    pub async fn metric_series_list(&mut self) -> Result<Vec<MetricSeries>, Error> {
        fetch_all!(self, METRIC_SERIES_LIST as MetricSeries)
    }

    pub async fn metric_put(&mut self, place: MetricPlace, data: &[u8]) -> Result<(), Error> {
        execute!(
            self,
            METRIC_PUT,
            place.series,
            place.step_s,
            place.place,
            place.at,
            data
        )
        .map(|_| ())
    }

    /// The buckets in a row of places, by time, if they are of this time.
    pub async fn metric_places(
        &mut self,
        series: i64,
        step_s: i64,
        places: Range<i64>,
        at: Range<UnixMs>,
    ) -> Result<Vec<Vec<u8>>, Error> {
        let rows = fetch_all!(
            self,
            METRIC_PLACES as (i64, Vec<u8>),
            series,
            step_s,
            places.start,
            places.end,
            at.start,
            at.end
        )?;
        Ok(rows.into_iter().map(|(_, data)| data).collect())
    }

    /// A cluster's buckets of one width that began at `since` or later, by segment and time.
    pub async fn metric_since(
        &mut self,
        id: ClusterId,
        step_s: i64,
        since: UnixMs,
    ) -> Result<Vec<MetricRow>, Error> {
        fetch_all!(
            self,
            METRIC_SINCE as MetricRow,
            id.to_string(),
            step_s,
            since
        )
    }

    /// Buckets kept in all.
    pub async fn metric_count(&mut self) -> Result<i64, Error> {
        let row = fetch_optional!(self, METRIC_COUNT as (i64,))?;
        Ok(row.map_or(0, |row| row.0))
    }
}
