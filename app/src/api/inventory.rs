//! Images, volumes, networks and services, through the cluster's endpoint.

use leptos::prelude::*;
use model::{ImageView, NetworkView, ServiceView, VolumeView};

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
