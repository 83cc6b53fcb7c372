//! What was done to clusters.

use leptos::prelude::*;
use model::OperationPage;

use crate::ApiError;

/// The newest first, with their steps; `before` is a page's `next`.
#[server(endpoint = "cluster_operations")]
pub async fn cluster_operations(
    id: String,
    #[server(default)] before: String,
) -> Result<OperationPage, ApiError> {
    use crate::server::{actor, cluster_id, control, refused};
    let actor = actor()?;
    control()
        .cluster_operations(&actor, cluster_id(&id)?, Some(&before))
        .await
        .map_err(refused)
}
