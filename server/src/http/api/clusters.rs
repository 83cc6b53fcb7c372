//! Clusters for programs.

use axum::Json;
use axum::extract::rejection::JsonRejection;
use axum::extract::{Path, Query, State};
use axum::http::StatusCode;
use axum::response::Response;
use model::ClusterView;
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
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Scale {
    segments: u32,
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
    let Json(Create { name, segments }) = body?;
    let made = web.control.cluster_create(&actor, &name, segments).await?;
    Ok((StatusCode::CREATED, Json(made)))
}

pub async fn scale(
    State(web): State<Web>,
    Bearer(actor): Bearer,
    Path(id): Path<String>,
    body: Result<Json<Scale>, JsonRejection>,
) -> Answer<Json<ClusterView>> {
    let Json(Scale { segments }) = body?;
    let scaled = web
        .control
        .cluster_scale(&actor, cluster_id(&id)?, segments)
        .await?;
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
