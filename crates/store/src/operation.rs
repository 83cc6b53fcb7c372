//! Operations: what somebody asked for, watchable. They never drive anything.

use model::{ClusterId, OperationId, OperationState, UnixMs};

use crate::db::{execute, fetch_all};
use crate::{Error, OperationRecord, StepRecord, Tx};

impl Tx {
    /// The one that runs from now on; what ran before is superseded.
    pub async fn operation_insert(
        &mut self,
        operation: &OperationRecord,
        steps: &[StepRecord],
    ) -> Result<(), Error> {
        execute!(
            self,
            OPERATION_END_RUNNING,
            operation.cluster_id.to_string(),
            OperationState::Superseded.as_str(),
            operation.started_at
        )?;
        execute!(
            self,
            OPERATION_INSERT,
            operation.id.to_string(),
            operation.cluster_id.to_string(),
            operation.kind.as_str(),
            &operation.summary,
            operation.generation,
            &operation.by_name,
            operation.state.as_str(),
            operation.started_at
        )?;
        for step in steps {
            execute!(
                self,
                STEP_INSERT,
                operation.id.to_string(),
                step.position,
                &step.key,
                &step.label,
                step.done_at
            )?;
        }
        Ok(())
    }

    /// Ends what ran for this generation or an older one.
    pub async fn operation_done(
        &mut self,
        id: ClusterId,
        generation: i64,
        at: UnixMs,
    ) -> Result<bool, Error> {
        let rows = fetch_all!(
            self,
            OPERATION_DONE as (String,),
            id.to_string(),
            generation,
            at
        )?;
        Ok(!rows.is_empty())
    }

    /// The newest twenty, the newest first.
    pub async fn operation_list(&mut self, id: ClusterId) -> Result<Vec<OperationRecord>, Error> {
        fetch_all!(self, OPERATION_LIST as OperationRecord, id.to_string())
    }

    /// The newest of those that began before one of this moment and id, the newest first.
    pub async fn operation_page(
        &mut self,
        id: ClusterId,
        before: (UnixMs, &str),
        most: i64,
    ) -> Result<Vec<OperationRecord>, Error> {
        fetch_all!(
            self,
            OPERATION_PAGE as OperationRecord,
            id.to_string(),
            before.0,
            before.1,
            most
        )
    }

    /// Keeps the first time.
    pub async fn step_done(
        &mut self,
        id: OperationId,
        key: &str,
        at: UnixMs,
    ) -> Result<bool, Error> {
        Ok(execute!(self, STEP_DONE, id.to_string(), key, at)? > 0)
    }

    pub async fn step_list(&mut self, id: OperationId) -> Result<Vec<StepRecord>, Error> {
        fetch_all!(self, STEP_LIST as StepRecord, id.to_string())
    }
}
