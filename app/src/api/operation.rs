//! What was done to clusters.

use leptos::prelude::*;
use model::OperationDetail;

use crate::ApiError;

/// The newest first, with their steps.
#[server(endpoint = "cluster_operations")]
pub async fn cluster_operations(id: String) -> Result<Vec<OperationDetail>, ApiError> {
    use crate::server::{actor, cluster_id, control, refused};
    let actor = actor()?;
    control()
        .cluster_operations(&actor, cluster_id(&id)?)
        .await
        .map_err(refused)
}
