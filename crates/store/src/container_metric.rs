//! What containers used: rings of rows as of segments, each row with all containers of one.

use std::net::Ipv4Addr;
use std::ops::Range;

use model::{ClusterId, UnixMs};
use sqlx::FromRow;

use crate::db::{execute, fetch_all, fetch_optional};
use crate::{Error, MetricPlace, MetricRow, Text, Tx};

/// A segment whose engine answers, of a cluster that is active and stays.
#[derive(Debug, Clone, PartialEq, Eq, FromRow)]
pub struct SegmentActive {
    #[sqlx(try_from = "String")]
    pub cluster_id: ClusterId,
    #[sqlx(try_from = "i64")]
    pub ordinal: u32,
    #[sqlx(try_from = "String")]
    pub address: Text<Ipv4Addr>,
}

impl Tx {
    /// By cluster and ordinal.
    pub async fn segment_active(&mut self) -> Result<Vec<SegmentActive>, Error> {
        fetch_all!(self, SEGMENT_ACTIVE as SegmentActive)
    }

    pub async fn container_metric_put(
        &mut self,
        place: MetricPlace,
        data: &[u8],
    ) -> Result<(), Error> {
        execute!(
            self,
            CONTAINER_METRIC_PUT,
            place.series,
            place.step_s,
            place.place,
            place.at,
            data
        )
        .map(|_| ())
    }

    /// Empties a row of places of what is older than `before`.
    pub async fn container_metric_clear(
        &mut self,
        series: i64,
        step_s: i64,
        places: Range<i64>,
        before: UnixMs,
    ) -> Result<(), Error> {
        execute!(
            self,
            CONTAINER_METRIC_CLEAR,
            series,
            step_s,
            places.start,
            places.end,
            before
        )
        .map(|_| ())
    }

    /// The rows in a row of places, by time, if they are of this time.
    pub async fn container_metric_places(
        &mut self,
        series: i64,
        step_s: i64,
        places: Range<i64>,
        at: Range<UnixMs>,
    ) -> Result<Vec<Vec<u8>>, Error> {
        let rows = fetch_all!(
            self,
            CONTAINER_METRIC_PLACES as (i64, Vec<u8>),
            series,
            step_s,
            places.start,
            places.end,
            at.start,
            at.end
        )?;
        Ok(rows.into_iter().map(|(_, data)| data).collect())
    }

    /// A cluster's rows of one width that began at `since` or later, by segment and time.
    pub async fn container_metric_since(
        &mut self,
        id: ClusterId,
        step_s: i64,
        since: UnixMs,
    ) -> Result<Vec<MetricRow>, Error> {
        fetch_all!(
            self,
            CONTAINER_METRIC_SINCE as MetricRow,
            id.to_string(),
            step_s,
            since
        )
    }

    /// Rows kept in all, and the bytes in them.
    pub async fn container_metric_size(&mut self) -> Result<(i64, i64), Error> {
        let row = fetch_optional!(self, CONTAINER_METRIC_SIZE as (i64, i64))?;
        Ok(row.unwrap_or_default())
    }
}
