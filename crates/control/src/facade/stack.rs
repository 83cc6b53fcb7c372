//! Stacks, in the actor's name.

use model::{ClusterId, StackCheckView, StackOutcome};

use super::{Control, answer};
use crate::{Actor, Result};

impl Control {
    /// What a compose file would make, or all that is wrong with it; makes nothing.
    pub async fn stack_check(
        &self,
        actor: &Actor,
        id: ClusterId,
        text: &str,
    ) -> Result<StackCheckView> {
        answer(self.0.stack_check(actor, id, text)).await
    }

    /// Makes what is missing and brings up to date what is there; audited.
    pub async fn stack_deploy(
        &self,
        actor: &Actor,
        id: ClusterId,
        name: &str,
        text: &str,
    ) -> Result<StackOutcome> {
        answer(self.0.stack_deploy(actor, id, name, text)).await
    }

    /// Services and networks go, volumes stay; audited.
    pub async fn stack_remove(&self, actor: &Actor, id: ClusterId, name: &str) -> Result<()> {
        answer(self.0.stack_remove(actor, id, name)).await
    }
}
