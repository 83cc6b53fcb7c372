//! What segments and containers use.

use leptos::prelude::*;
use model::{ClusterPageView, ContainerMemory, ContainerMetricsView, MetricsView};

use crate::ApiError;

/// One's clusters by the page.
#[server(endpoint = "cluster_page")]
pub async fn cluster_page(q: String, page: u32) -> Result<ClusterPageView, ApiError> {
    use crate::server::{actor, control, refused};
    let actor = actor()?;
    control()
        .cluster_page(&actor, &q, page)
        .await
        .map_err(refused)
}

/// `span` is `1h`, `1d`, `7d` or `30d`; another word means the hour.
#[server(endpoint = "cluster_metrics")]
pub async fn cluster_metrics(id: String, span: String) -> Result<MetricsView, ApiError> {
    use crate::server::{actor, cluster_id, control, refused};
    let actor = actor()?;
    let span = span.parse().unwrap_or(model::Span::Hour);
    control()
        .cluster_metrics(&actor, cluster_id(&id)?, span)
        .await
        .map_err(refused)
}

/// `container` is a whole id; one that was never measured has no points. `span` as above.
#[server(endpoint = "container_metrics")]
pub async fn container_metrics(
    id: String,
    container: String,
    span: String,
) -> Result<ContainerMetricsView, ApiError> {
    use crate::server::{actor, cluster_id, container_ref, control, refused};
    let actor = actor()?;
    let span = span.parse().unwrap_or(model::Span::Hour);
    let (cluster, container) = (cluster_id(&id)?, container_ref(&container)?);
    control()
        .container_metrics(&actor, cluster, &container, span)
        .await
        .map_err(refused)
}

/// What the cluster's containers use, as far as it is known.
#[server(endpoint = "cluster_memory")]
pub async fn cluster_memory(id: String) -> Result<Vec<ContainerMemory>, ApiError> {
    use crate::server::{actor, cluster_id, control, refused};
    let actor = actor()?;
    control()
        .cluster_memory(&actor, cluster_id(&id)?)
        .await
        .map_err(refused)
}
