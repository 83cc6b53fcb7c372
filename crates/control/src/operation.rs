//! What was done to a cluster, step by step.

use model::{ClusterId, ContainerMemory, OperationDetail};

use crate::Actor;
use crate::desired::Rows;
use crate::error::Error;
use crate::panel::Panel;
use crate::{steps, view};

impl Panel {
    /// The newest first, with their steps.
    pub(crate) async fn cluster_operations(
        &self,
        actor: &Actor,
        id: ClusterId,
    ) -> Result<Vec<OperationDetail>, Error> {
        let mut tx = self.store.read().await?;
        self.own(&mut tx, actor, id).await?;
        let rows = Rows::load(&mut tx, id)
            .await?
            .ok_or_else(|| Error::not_found("cluster"))?;
        let mut details = Vec::new();
        for operation in tx.operation_list(id).await? {
            let steps = tx.step_list(operation.id).await?;
            details.push(OperationDetail {
                steps: steps::views(&rows, &operation, &steps),
                operation: view::operation_view(operation),
            });
        }
        Ok(details)
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
