//! Stacks: compose files, read and deployed.

use leptos::prelude::*;
use model::{StackCheckView, StackOutcome};

use crate::ApiError;

/// What a compose file would make, or what is wrong with it; makes nothing.
#[server(endpoint = "stack_check")]
pub async fn stack_check(id: String, text: String) -> Result<StackCheckView, ApiError> {
    use crate::server::{actor, cluster_id, control, refused};
    let actor = actor()?;
    control()
        .stack_check(&actor, cluster_id(&id)?, &text)
        .await
        .map_err(refused)
}

#[server(endpoint = "stack_deploy")]
pub async fn stack_deploy(
    id: String,
    name: String,
    text: String,
) -> Result<StackOutcome, ApiError> {
    use crate::server::{actor, cluster_id, control, refused};
    let actor = actor()?;
    control()
        .stack_deploy(&actor, cluster_id(&id)?, &name, &text)
        .await
        .map_err(refused)
}

/// Its services and networks; volumes stay.
#[server(endpoint = "stack_remove")]
pub async fn stack_remove(id: String, name: String) -> Result<(), ApiError> {
    use crate::server::{actor, cluster_id, control, refused};
    let actor = actor()?;
    let cluster = cluster_id(&id)?;
    control()
        .stack_remove(&actor, cluster, &name)
        .await
        .map_err(refused)?;
    leptos_axum::redirect(&format!("/clusters/{cluster}/stacks?done=removed"));
    Ok(())
}
