//! What segments use.

use model::{
    ClusterId, ClusterPageView, ContainerMemory, ContainerMetricsView, ContainerRef, MetricsView,
    OperationPage, Span,
};

use super::{Control, answer};
use crate::{Actor, Numbers, Result};

impl Control {
    /// Every measure of every segment of a cluster, so far back.
    pub async fn cluster_metrics(
        &self,
        actor: &Actor,
        id: ClusterId,
        span: Span,
    ) -> Result<MetricsView> {
        answer(self.0.cluster_metrics(actor, id, span)).await
    }

    /// What one container of a cluster used, so far back; it is named by its whole id, and one that
    /// was never measured has no points.
    pub async fn container_metrics(
        &self,
        actor: &Actor,
        id: ClusterId,
        container: &ContainerRef,
        span: Span,
    ) -> Result<ContainerMetricsView> {
        answer(self.0.container_metrics(actor, id, container, span)).await
    }

    /// One's clusters by the page, with what they used lately; `filter` is a part of their names.
    pub async fn cluster_page(
        &self,
        actor: &Actor,
        filter: &str,
        page: u32,
    ) -> Result<ClusterPageView> {
        answer(self.0.cluster_page(actor, filter, page)).await
    }

    /// What was asked of a cluster, the newest first, with the steps; `before` is a page's `next`.
    pub async fn cluster_operations(
        &self,
        actor: &Actor,
        id: ClusterId,
        before: Option<&str>,
    ) -> Result<OperationPage> {
        answer(self.0.cluster_operations(actor, id, before)).await
    }

    /// What the cluster's containers use, as far as it is known.
    pub async fn cluster_memory(
        &self,
        actor: &Actor,
        id: ClusterId,
    ) -> Result<Vec<ContainerMemory>> {
        answer(self.0.cluster_memory(actor, id)).await
    }

    /// For the listener of a monitoring program: whoever can reach it may read them.
    pub async fn numbers(&self) -> Result<Numbers> {
        answer(self.0.numbers()).await
    }

    /// One sample now, as the loop takes every ten seconds (tests).
    pub async fn metrics_sample(&self) {
        self.0.metrics_sample().await;
    }

    /// The same of containers: those segments whose turn it is (tests).
    pub async fn container_metrics_sample(&self) {
        self.0.container_metrics_sample().await;
    }
}
