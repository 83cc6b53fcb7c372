//! What an owner decides about a cluster that exists.

use leptos::prelude::*;
use model::ClusterSettingsView;

use crate::ApiError;

#[server(endpoint = "cluster_settings")]
pub async fn cluster_settings(id: String) -> Result<ClusterSettingsView, ApiError> {
    use crate::server::{actor, cluster_id, control, refused};
    let actor = actor()?;
    control()
        .cluster_settings(&actor, cluster_id(&id)?)
        .await
        .map_err(refused)
}

#[server(endpoint = "cluster_rename")]
pub async fn cluster_rename(id: String, name: String) -> Result<(), ApiError> {
    use crate::server::{actor, cluster_id, control, refused};
    let actor = actor()?;
    control()
        .cluster_rename(&actor, cluster_id(&id)?, &name)
        .await
        .map_err(|error| refused(error).typed("name", &name))?;
    leptos_axum::redirect(&format!("/clusters/{id}/settings?done=renamed"));
    Ok(())
}

/// `on` is `true` or `false`.
#[server(endpoint = "cluster_autoscale")]
pub async fn cluster_autoscale(id: String, on: bool) -> Result<(), ApiError> {
    use crate::server::{actor, cluster_id, control, refused};
    let actor = actor()?;
    control()
        .cluster_autoscale(&actor, cluster_id(&id)?, on)
        .await
        .map_err(refused)?;
    leptos_axum::redirect(&format!("/clusters/{id}/settings"));
    Ok(())
}

/// In GiB, of each segment.
#[server(endpoint = "cluster_disk_grow")]
pub async fn cluster_disk_grow(id: String, disk_gib: String) -> Result<(), ApiError> {
    use crate::api::quota::number;
    use crate::server::{actor, cluster_id, control, refused};
    let actor = actor()?;
    let cluster = cluster_id(&id)?;
    let typed = |error: ApiError| error.typed("disk_gib", &disk_gib);
    let gib = number("disk_gib", &disk_gib).map_err(typed)?;
    control()
        .cluster_disk_grow(&actor, cluster, gib.unwrap_or_default())
        .await
        .map_err(|error| typed(refused(error)))?;
    leptos_axum::redirect(&format!("/clusters/{cluster}"));
    Ok(())
}

#[server(endpoint = "segment_replace")]
pub async fn segment_replace(
    id: String,
    ordinal: u32,
    confirm_name: String,
) -> Result<(), ApiError> {
    use crate::server::{actor, cluster_id, control, refused};
    let actor = actor()?;
    control()
        .segment_replace(&actor, cluster_id(&id)?, ordinal, &confirm_name)
        .await
        .map_err(|error| refused(error).typed("confirm_name", &confirm_name))?;
    leptos_axum::redirect(&format!("/clusters/{id}"));
    Ok(())
}
