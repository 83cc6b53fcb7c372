//! Clusters: what is, and what is wished for.

use leptos::prelude::*;
use model::{ClusterView, ContainerView, QuotaView};

use crate::ApiError;

#[server(endpoint = "quota")]
pub async fn quota() -> Result<QuotaView, ApiError> {
    use crate::server::{actor, control, refused};
    let actor = actor()?;
    control().quota(&actor).await.map_err(refused)
}

#[server(endpoint = "cluster_list")]
pub async fn cluster_list() -> Result<Vec<ClusterView>, ApiError> {
    use crate::server::{actor, control, refused};
    let actor = actor()?;
    control().cluster_list(&actor).await.map_err(refused)
}

#[server(endpoint = "cluster_get")]
pub async fn cluster_get(id: String) -> Result<ClusterView, ApiError> {
    use crate::server::{actor, cluster_id, control, refused};
    let actor = actor()?;
    control()
        .cluster_get(&actor, cluster_id(&id)?)
        .await
        .map_err(refused)
}

#[server(endpoint = "cluster_containers")]
pub async fn cluster_containers(id: String) -> Result<Vec<ContainerView>, ApiError> {
    use crate::server::{actor, cluster_id, control, refused};
    let actor = actor()?;
    control()
        .cluster_containers(&actor, cluster_id(&id)?)
        .await
        .map_err(refused)
}

/// A free name, so that the form can be sent as it comes.
#[server(endpoint = "cluster_name_suggest")]
pub async fn cluster_name_suggest() -> Result<String, ApiError> {
    use crate::server::{actor, control, refused};
    let actor = actor()?;
    control()
        .cluster_name_suggest(&actor)
        .await
        .map(String::from)
        .map_err(refused)
}

#[server(endpoint = "cluster_create")]
pub async fn cluster_create(
    name: String,
    segments: u32,
    #[server(default)] autoscale: bool,
) -> Result<(), ApiError> {
    use crate::server::{actor, control, refused};
    let actor = actor()?;
    let cluster = control()
        .cluster_create(&actor, &name, segments)
        .await
        .map_err(|error| {
            refused(error)
                .typed("name", &name)
                .typed("segments", &segments.to_string())
                .typed("autoscale", &autoscale.to_string())
        })?;
    if autoscale {
        control()
            .cluster_autoscale(&actor, cluster.id, true)
            .await
            .map_err(refused)?;
    }
    leptos_axum::redirect(&format!("/clusters/{}", cluster.id));
    Ok(())
}

#[server(endpoint = "cluster_scale")]
pub async fn cluster_scale(id: String, segments: u32) -> Result<(), ApiError> {
    use crate::server::{actor, cluster_id, control, refused};
    let actor = actor()?;
    let cluster = control()
        .cluster_scale(&actor, cluster_id(&id)?, segments)
        .await
        .map_err(refused)?;
    leptos_axum::redirect(&format!("/clusters/{}", cluster.id));
    Ok(())
}

#[server(endpoint = "cluster_rebuild")]
pub async fn cluster_rebuild(id: String) -> Result<(), ApiError> {
    use crate::server::{actor, cluster_id, control, refused};
    let actor = actor()?;
    let cluster = control()
        .cluster_rebuild(&actor, cluster_id(&id)?)
        .await
        .map_err(refused)?;
    leptos_axum::redirect(&format!("/clusters/{}", cluster.id));
    Ok(())
}

/// The next try at once, instead of when it is due.
#[server(endpoint = "cluster_retry")]
pub async fn cluster_retry(id: String) -> Result<(), ApiError> {
    use crate::server::{actor, cluster_id, control, refused};
    let actor = actor()?;
    let cluster = control()
        .cluster_retry(&actor, cluster_id(&id)?)
        .await
        .map_err(refused)?;
    leptos_axum::redirect(&format!("/clusters/{}", cluster.id));
    Ok(())
}

#[server(endpoint = "cluster_delete")]
pub async fn cluster_delete(id: String, confirm_name: String) -> Result<(), ApiError> {
    use crate::server::{actor, cluster_id, control, refused};
    let actor = actor()?;
    control()
        .cluster_delete(&actor, cluster_id(&id)?, &confirm_name)
        .await
        .map_err(|error| refused(error).typed("confirm_name", &confirm_name))?;
    leptos_axum::redirect("/clusters");
    Ok(())
}
