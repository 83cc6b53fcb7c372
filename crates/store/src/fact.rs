//! Facts, written by the record of a round alone, and the loop's own columns.

use model::{ClusterId, UnixMs};

use crate::db::{execute, fetch_all, fetch_optional};
use crate::{ClusterFact, Error, LoopRecord, SegmentFact, Tx};

impl Tx {
    pub async fn fact_put(&mut self, id: ClusterId, fact: &ClusterFact) -> Result<(), Error> {
        execute!(
            self,
            FACT_PUT,
            id.to_string(),
            fact.observed_generation,
            fact.phase.as_str(),
            &fact.reason,
            fact.next_try_at,
            fact.waiting_since,
            fact.first_active_at,
            fact.observed_at,
            &fact.last_plan,
            fact.last_round_ms
        )
        .map(|_| ())
    }

    pub async fn fact_get(&mut self, id: ClusterId) -> Result<Option<ClusterFact>, Error> {
        fetch_optional!(self, FACT_GET as ClusterFact, id.to_string())
    }

    pub async fn segment_fact_put(
        &mut self,
        id: ClusterId,
        fact: &SegmentFact,
    ) -> Result<(), Error> {
        execute!(
            self,
            SEGMENT_FACT_PUT,
            id.to_string(),
            i64::from(fact.ordinal),
            fact.phase.as_str(),
            &fact.reason,
            &fact.engine_version,
            fact.is_answering,
            fact.running_since,
            fact.disk_bytes
        )
        .map(|_| ())
    }

    /// By ordinal.
    pub async fn segment_fact_list(&mut self, id: ClusterId) -> Result<Vec<SegmentFact>, Error> {
        fetch_all!(self, SEGMENT_FACT_LIST as SegmentFact, id.to_string())
    }

    /// Every cluster's turn, the most urgent first.
    pub async fn loop_all(&mut self) -> Result<Vec<LoopRecord>, Error> {
        fetch_all!(self, LOOP_ALL as LoopRecord)
    }

    /// Forgets the failures so far.
    pub async fn loop_due_now(&mut self, id: ClusterId, now: UnixMs) -> Result<(), Error> {
        execute!(self, LOOP_DUE_NOW, id.to_string(), now).map(|_| ())
    }

    /// By compare-and-set: the number of failed tries so far, or none when somebody has it.
    pub async fn lease_take(
        &mut self,
        id: ClusterId,
        owner: &str,
        now: UnixMs,
        until: UnixMs,
    ) -> Result<Option<u32>, Error> {
        let row = fetch_optional!(
            self,
            LEASE_TAKE as (i64,),
            id.to_string(),
            owner,
            now,
            until
        )?;
        Ok(row.map(|row| u32::try_from(row.0).unwrap_or(u32::MAX)))
    }

    /// False when it was lost.
    pub async fn lease_renew(
        &mut self,
        id: ClusterId,
        owner: &str,
        now: UnixMs,
        until: UnixMs,
    ) -> Result<bool, Error> {
        let row = fetch_optional!(
            self,
            LEASE_RENEW as (i64,),
            id.to_string(),
            owner,
            now,
            until
        )?;
        Ok(row.is_some())
    }

    /// Gives the lease back with the next try's time. False when it was lost.
    pub async fn lease_return(
        &mut self,
        id: ClusterId,
        owner: &str,
        attempt: u32,
        due_at: UnixMs,
    ) -> Result<bool, Error> {
        let rows = execute!(
            self,
            LEASE_RETURN,
            id.to_string(),
            owner,
            i64::from(attempt),
            due_at
        )?;
        Ok(rows > 0)
    }

    pub async fn lease_clear(&mut self) -> Result<(), Error> {
        execute!(self, LEASE_CLEAR).map(|_| ())
    }
}
