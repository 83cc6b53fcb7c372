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

    /// New segments get disks so large at once; those that are there are started anew for it, one
    /// after another. `Invalid` of `disk_gib` for what is smaller, or more than the quota has.
    pub async fn cluster_disk_grow(
        &self,
        actor: &Actor,
        id: ClusterId,
        gib: u64,
    ) -> Result<ClusterView> {
        answer(self.0.cluster_disk_grow(actor, id, gib)).await
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
