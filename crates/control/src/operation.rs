//! What was done to a cluster, step by step.

use model::{ClusterId, ContainerMemory, OperationDetail, OperationPage};

use crate::Actor;
use crate::audit::{key, next_key};
use crate::desired::Rows;
use crate::error::Error;
use crate::panel::Panel;
use crate::{steps, view};

/// Operations of one page.
const PAGE: usize = 20;

impl Panel {
    /// The newest first, with their steps; `before` as the page before said.
    pub(crate) async fn cluster_operations(
        &self,
        actor: &Actor,
        id: ClusterId,
        before: Option<&str>,
    ) -> Result<OperationPage, Error> {
        let mut tx = self.store.read().await?;
        self.own(&mut tx, actor, id).await?;
        let rows = Rows::load(&mut tx, id)
            .await?
            .ok_or_else(|| Error::not_found("cluster"))?;
        let (at, before) = key(before);
        // One more than are shown tells whether there is another page.
        let most = i64::try_from(PAGE + 1).unwrap_or(i64::MAX);
        let mut found = tx.operation_page(id, (at, &before), most).await?;
        let has_more = found.len() > PAGE;
        found.truncate(PAGE);
        let last = found.last().filter(|_| has_more);
        let next = last.map(|one| next_key(one.started_at, &one.id.to_string()));
        let mut details = Vec::new();
        for operation in found {
            let steps = tx.step_list(operation.id).await?;
            details.push(OperationDetail {
                steps: steps::views(&rows, &operation, &steps),
                operation: view::operation_view(operation),
            });
        }
        Ok(OperationPage {
            rows: details,
            next,
        })
    }
}

impl Panel {
    /// As the last sample had it; nothing before the first one.
    pub(crate) async fn cluster_memory(
        &self,
        actor: &Actor,
        id: ClusterId,
    ) -> Result<Vec<ContainerMemory>, Error> {
        let mut tx = self.store.read().await?;
        self.own(&mut tx, actor, id).await?;
        Ok(self.memory.get(id))
    }
}
