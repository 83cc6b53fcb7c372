//! Images, volumes, networks and services, through the cluster's endpoint.

use leptos::prelude::*;
use model::{ImageView, NetworkView, PullView, ServiceView, VolumeView};

use crate::ApiError;

#[server(endpoint = "image_list")]
pub async fn image_list(id: String) -> Result<Vec<ImageView>, ApiError> {
    use crate::server::{actor, cluster_id, control, refused};
    let actor = actor()?;
    control()
        .image_list(&actor, cluster_id(&id)?)
        .await
        .map_err(refused)
}

#[server(endpoint = "image_pulls")]
pub async fn image_pulls(id: String) -> Result<Vec<PullView>, ApiError> {
    use crate::server::{actor, cluster_id, control, refused};
    let actor = actor()?;
    control()
        .image_pulls(&actor, cluster_id(&id)?)
        .await
        .map_err(refused)
}

/// It goes on by itself; the page says how far it is.
#[server(endpoint = "image_pull")]
pub async fn image_pull(id: String, name: String) -> Result<(), ApiError> {
    use crate::server::{actor, cluster_id, control, refused};
    let actor = actor()?;
    let cluster = cluster_id(&id)?;
    control()
        .image_pull(&actor, cluster, &name)
        .await
        .map_err(|error| refused(error).typed("name", &name))?;
    leptos_axum::redirect(&format!("/clusters/{cluster}/images"));
    Ok(())
}

/// `ordinal`: the segment, 0 for wherever the endpoint thinks best.
#[server(endpoint = "volume_create")]
pub async fn volume_create(
    id: String,
    name: String,
    #[server(default)] ordinal: u32,
) -> Result<(), ApiError> {
    use crate::server::{actor, cluster_id, control, refused};
    let actor = actor()?;
    let cluster = cluster_id(&id)?;
    let ordinal = (ordinal > 0).then_some(ordinal);
    control()
        .volume_create(&actor, cluster, &name, ordinal)
        .await
        .map_err(|error| refused(error).typed("name", &name))?;
    leptos_axum::redirect(&format!("/clusters/{cluster}/volumes?done=made"));
    Ok(())
}

#[server(endpoint = "network_create")]
pub async fn network_create(id: String, name: String) -> Result<(), ApiError> {
    use crate::server::{actor, cluster_id, control, refused};
    let actor = actor()?;
    let cluster = cluster_id(&id)?;
    control()
        .network_create(&actor, cluster, &name)
        .await
        .map_err(|error| refused(error).typed("name", &name))?;
    leptos_axum::redirect(&format!("/clusters/{cluster}/networks?done=made"));
    Ok(())
}

#[server(endpoint = "volume_list")]
pub async fn volume_list(id: String) -> Result<Vec<VolumeView>, ApiError> {
    use crate::server::{actor, cluster_id, control, refused};
    let actor = actor()?;
    control()
        .volume_list(&actor, cluster_id(&id)?)
        .await
        .map_err(refused)
}

#[server(endpoint = "network_list")]
pub async fn network_list(id: String) -> Result<Vec<NetworkView>, ApiError> {
    use crate::server::{actor, cluster_id, control, refused};
    let actor = actor()?;
    control()
        .network_list(&actor, cluster_id(&id)?)
        .await
        .map_err(refused)
}

#[server(endpoint = "service_list")]
pub async fn service_list(id: String) -> Result<Vec<ServiceView>, ApiError> {
    use crate::server::{actor, cluster_id, control, refused};
    let actor = actor()?;
    control()
        .service_list(&actor, cluster_id(&id)?)
        .await
        .map_err(refused)
}

/// What has no name and is not used goes, on all segments.
#[server(endpoint = "image_prune")]
pub async fn image_prune(id: String) -> Result<(), ApiError> {
    use crate::server::{actor, cluster_id, control, refused};
    let actor = actor()?;
    let cluster = cluster_id(&id)?;
    let gained = control()
        .image_prune(&actor, cluster)
        .await
        .map_err(refused)?;
    leptos_axum::redirect(&format!("/clusters/{cluster}/images?gained={gained}"));
    Ok(())
}

/// `drained` is there or not, as a form's button says.
#[server(endpoint = "segment_drain")]
pub async fn segment_drain(
    id: String,
    ordinal: u32,
    drained: Option<String>,
) -> Result<(), ApiError> {
    use crate::server::{actor, cluster_id, control, refused};
    let actor = actor()?;
    let cluster = cluster_id(&id)?;
    control()
        .segment_drain(&actor, cluster, ordinal, drained.is_some())
        .await
        .map_err(refused)?;
    leptos_axum::redirect(&format!("/clusters/{cluster}"));
    Ok(())
}

#[server(endpoint = "service_scale")]
pub async fn service_scale(id: String, thing: String, replicas: u32) -> Result<(), ApiError> {
    use crate::server::{actor, cluster_id, control, refused, thing_ref};
    let actor = actor()?;
    let cluster = cluster_id(&id)?;
    control()
        .service_scale(&actor, cluster, &thing_ref(&thing)?, replicas)
        .await
        .map_err(refused)?;
    leptos_axum::redirect(&format!("/clusters/{cluster}/services?done=scaled"));
    Ok(())
}

/// `kind`: image, volume, network or service.
#[server(endpoint = "thing_remove")]
pub async fn thing_remove(id: String, kind: String, thing: String) -> Result<(), ApiError> {
    use crate::server::{actor, cluster_id, control, refused, thing_ref};
    use model::{ThingKind, UserError};
    let actor = actor()?;
    let cluster = cluster_id(&id)?;
    // Whose cluster it is comes before everything that is wrong with the question.
    control()
        .cluster_get(&actor, cluster)
        .await
        .map_err(refused)?;
    let kind: ThingKind = kind.parse().map_err(|()| {
        refused(UserError::NotFound {
            what: "kind of thing".to_owned(),
        })
    })?;
    control()
        .thing_remove(&actor, cluster, kind, &thing_ref(&thing)?)
        .await
        .map_err(refused)?;
    leptos_axum::redirect(&format!("/clusters/{cluster}/{kind}s?done=removed"));
    Ok(())
}
