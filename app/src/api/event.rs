//! What happened in a cluster.

use leptos::prelude::*;
use model::EventView;

use crate::ApiError;

#[server(endpoint = "event_list")]
pub async fn event_list(id: String) -> Result<Vec<EventView>, ApiError> {
    use crate::server::{actor, cluster_id, control, refused};
    let actor = actor()?;
    control()
        .event_list(&actor, cluster_id(&id)?)
        .await
        .map_err(refused)
}
