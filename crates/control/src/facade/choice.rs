//! What an owner decides about a cluster that exists.

use model::{ClusterId, ClusterSettingsView, ClusterView};

use super::{Control, answer};
use crate::{Actor, Result};

impl Control {
    pub async fn cluster_settings(
        &self,
        actor: &Actor,
        id: ClusterId,
    ) -> Result<ClusterSettingsView> {
        answer(self.0.cluster_settings(actor, id)).await
    }

    pub async fn cluster_rename(&self, actor: &Actor, id: ClusterId, name: &str) -> Result<()> {
        answer(self.0.cluster_rename(actor, id, name)).await
    }

    /// Whether it grows by itself when it is full.
    pub async fn cluster_autoscale(&self, actor: &Actor, id: ClusterId, is_on: bool) -> Result<()> {
        answer(self.0.cluster_autoscale(actor, id, is_on)).await
    }

    /// Everything on the segment is lost; another one takes its place.
    pub async fn segment_replace(
        &self,
        actor: &Actor,
        id: ClusterId,
        ordinal: u32,
        confirm_name: &str,
    ) -> Result<ClusterView> {
        answer(self.0.segment_replace(actor, id, ordinal, confirm_name)).await
    }
}
