//! Clusters: what is, and what is wished for.

use leptos::prelude::*;
use model::{ClusterView, QuotaView, SegmentContainersView, SegmentContentsView};

use crate::ApiError;

/// One's own, or a team's.
#[server(endpoint = "quota")]
pub async fn quota(#[server(default)] team: String) -> Result<QuotaView, ApiError> {
    use crate::api::team::chosen;
    use crate::server::{actor, control, refused};
    let actor = actor()?;
    control()
        .quota(&actor, chosen(&team))
        .await
        .map_err(refused)
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
pub async fn cluster_containers(id: String) -> Result<Vec<SegmentContainersView>, ApiError> {
    use crate::server::{actor, cluster_id, control, refused};
    let actor = actor()?;
    control()
        .cluster_containers(&actor, cluster_id(&id)?)
        .await
        .map_err(refused)
}

/// What goes with each segment, as far as it could be asked.
#[server(endpoint = "cluster_contents")]
pub async fn cluster_contents(id: String) -> Result<Vec<SegmentContentsView>, ApiError> {
    use crate::server::{actor, cluster_id, control, refused};
    let actor = actor()?;
    control()
        .cluster_contents(&actor, cluster_id(&id)?)
        .await
        .map_err(refused)
}

/// A free name, so that the form can be sent as it comes.
#[server(endpoint = "cluster_name_suggest")]
pub async fn cluster_name_suggest(#[server(default)] team: String) -> Result<String, ApiError> {
    use crate::api::team::chosen;
    use crate::server::{actor, control, refused};
    let actor = actor()?;
    control()
        .cluster_name_suggest(&actor, chosen(&team))
        .await
        .map(String::from)
        .map_err(refused)
}

/// One's own, or a team's; on a host that was chosen, or where the panel likes; with disks of so many
/// GiB, or as large as the configuration says.
#[server(endpoint = "cluster_create")]
pub async fn cluster_create(
    name: String,
    segments: u32,
    #[server(default)] autoscale: bool,
    #[server(default)] team: String,
    #[server(default)] host: String,
    #[server(default)] disk_gib: String,
) -> Result<(), ApiError> {
    use crate::api::quota::number;
    use crate::api::team::chosen;
    use crate::server::{actor, control, refused};
    use control::ClusterOrder;
    let actor = actor()?;
    let typed = |error: ApiError| {
        error
            .typed("name", &name)
            .typed("segments", &segments.to_string())
            .typed("autoscale", &autoscale.to_string())
            .typed("host", &host)
            .typed("disk_gib", &disk_gib)
    };
    let order = ClusterOrder {
        name: &name,
        segments,
        team: chosen(&team),
        host: chosen(&host),
        disk_gib: number("disk_gib", &disk_gib).map_err(typed)?,
        autoscale,
    };
    let cluster = control()
        .cluster_order(&actor, order)
        .await
        .map_err(|error| typed(refused(error)))?;
    leptos_axum::redirect(&format!("/clusters/{}", cluster.id));
    Ok(())
}

/// `generation`: the one that the form was drawn with; 0 where nobody looked.
#[server(endpoint = "cluster_scale")]
pub async fn cluster_scale(
    id: String,
    segments: u32,
    #[server(default)] generation: i64,
) -> Result<(), ApiError> {
    use crate::server::{actor, cluster_id, control, refused_on};
    let actor = actor()?;
    let cluster = cluster_id(&id)?;
    let scaled = match generation {
        0 => control().cluster_scale(&actor, cluster, segments).await,
        seen => {
            control()
                .cluster_scale_seen(&actor, cluster, segments, seen)
                .await
        }
    };
    // Whoever has to prove something first comes back to what was chosen.
    let page = format!("/clusters/{cluster}/scale?segments={segments}");
    scaled.map_err(|error| refused_on(&page, error).typed("segments", &segments.to_string()))?;
    leptos_axum::redirect(&format!("/clusters/{cluster}"));
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
