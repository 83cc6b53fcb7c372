//! Stacks of Docker's own swarm mode, asked of a cluster's endpoint in a person's name.

use async_trait::async_trait;
use model::{StackName, StackOutcome, StackSpec};

use crate::{EndpointError, EndpointTarget};

#[async_trait]
pub trait Stacks: Send + Sync {
    /// Makes what is missing and brings up to date what is there. What it cannot do it refuses
    /// where it stands: what came before is there then, and the next try goes on.
    async fn stack_deploy(
        &self,
        at: &EndpointTarget,
        name: &StackName,
        spec: &StackSpec,
    ) -> Result<StackOutcome, EndpointError>;
    /// Its services and networks. Volumes stay.
    async fn stack_remove(
        &self,
        at: &EndpointTarget,
        name: &StackName,
    ) -> Result<(), EndpointError>;
}
