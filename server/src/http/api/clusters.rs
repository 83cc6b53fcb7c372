//! Clusters for programs.

use axum::Json;
use axum::extract::rejection::JsonRejection;
use axum::extract::{Path, Query, State};
use axum::http::StatusCode;
use axum::response::Response;
use control::ClusterOrder;
use model::{ClusterView, HostChoiceView};
use serde::Deserialize;

use super::super::bundle::attachment;
use super::super::{Web, cluster_id};
use super::bearer::Bearer;
use super::problem::Problem;

type Answer<T> = Result<T, Problem>;

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Create {
    name: String,
    segments: u32,
    /// By its id or its name; without one the cluster is the token's owner's.
    #[serde(default)]
    team: Option<String>,
    /// By its name; without one the panel chooses.
    #[serde(default)]
    host: Option<String>,
    /// The disk of each segment; without one as large as the configuration says.
    #[serde(default)]
    disk_gib: Option<u64>,
    /// It grows by itself when it is full.
    #[serde(default)]
    autoscale: bool,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Scale {
    segments: u32,
    /// Refused if the cluster has another one by now; without one whatever it has.
    #[serde(default)]
    generation: Option<i64>,
}

/// Deleting wants the name, so that a slip in an id deletes nothing.
#[derive(Deserialize)]
pub struct Delete {
    #[serde(default)]
    confirm: String,
}

pub async fn list(State(web): State<Web>, Bearer(actor): Bearer) -> Answer<Json<Vec<ClusterView>>> {
    Ok(Json(web.control.cluster_list(&actor).await?))
}

pub async fn show(
    State(web): State<Web>,
    Bearer(actor): Bearer,
    Path(id): Path<String>,
) -> Answer<Json<ClusterView>> {
    Ok(Json(
        web.control.cluster_get(&actor, cluster_id(&id)?).await?,
    ))
}

pub async fn create(
    State(web): State<Web>,
    Bearer(actor): Bearer,
    body: Result<Json<Create>, JsonRejection>,
) -> Answer<(StatusCode, Json<ClusterView>)> {
    let Json(Create {
        name,
        segments,
        team,
        host,
        disk_gib,
        autoscale,
    }) = body?;
    let order = ClusterOrder {
        name: &name,
        segments,
        team: team.as_deref(),
        host: host.as_deref(),
        disk_gib,
        autoscale,
    };
    let made = web.control.cluster_order(&actor, order).await?;
    Ok((StatusCode::CREATED, Json(made)))
}

/// Where a new one can be put; empty where there is one host alone.
pub async fn hosts(
    State(web): State<Web>,
    Bearer(actor): Bearer,
) -> Answer<Json<Vec<HostChoiceView>>> {
    Ok(Json(web.control.host_choices(&actor).await?))
}

pub async fn scale(
    State(web): State<Web>,
    Bearer(actor): Bearer,
    Path(id): Path<String>,
    body: Result<Json<Scale>, JsonRejection>,
) -> Answer<Json<ClusterView>> {
    let Json(Scale {
        segments,
        generation,
    }) = body?;
    let (control, id) = (&web.control, cluster_id(&id)?);
    let scaled = match generation {
        None => control.cluster_scale(&actor, id, segments).await?,
        Some(seen) => {
            control
                .cluster_scale_seen(&actor, id, segments, seen)
                .await?
        }
    };
    Ok(Json(scaled))
}

/// The wish is written; the cluster goes within seconds.
pub async fn delete(
    State(web): State<Web>,
    Bearer(actor): Bearer,
    Path(id): Path<String>,
    Query(Delete { confirm }): Query<Delete>,
) -> Answer<StatusCode> {
    web.control
        .cluster_delete(&actor, cluster_id(&id)?, &confirm)
        .await?;
    Ok(StatusCode::ACCEPTED)
}

/// A zip with a client certificate of its own, as the access page gives it.
pub async fn bundle(
    State(web): State<Web>,
    Bearer(actor): Bearer,
    Path(id): Path<String>,
    headers: axum::http::HeaderMap,
) -> Answer<Response> {
    let host = super::super::bundle::browser_host(&headers);
    let order = control::BundleOrder {
        browser_host: host.as_deref(),
        ..control::BundleOrder::default()
    };
    let bundle = web
        .control
        .bundle_make(&actor, cluster_id(&id)?, order)
        .await?;
    Ok(attachment(bundle))
}
