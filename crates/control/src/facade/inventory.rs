//! Images, volumes, networks and services, in the actor's name.

use std::sync::Arc;

use model::{
    ClusterId, ImageView, NetworkView, PullView, ServiceView, ThingKind, ThingRef, VolumeView,
};

use super::{Control, answer};
use crate::{Actor, Result};

impl Control {
    pub async fn image_list(&self, actor: &Actor, id: ClusterId) -> Result<Vec<ImageView>> {
        answer(self.0.image_list(actor, id)).await
    }

    /// Removes what has no name and is not used, on all segments; bytes gained.
    pub async fn image_prune(&self, actor: &Actor, id: ClusterId) -> Result<u64> {
        answer(self.0.image_prune(actor, id)).await
    }

    /// Begins to bring an image to every segment, and comes back at once; audited when it ends.
    pub async fn image_pull(&self, actor: &Actor, id: ClusterId, name: &str) -> Result<()> {
        answer(Arc::clone(&self.0).image_pull(actor, id, name)).await
    }

    /// Those that are on their way, and how the last ones ended; the newest first.
    pub async fn image_pulls(&self, actor: &Actor, id: ClusterId) -> Result<Vec<PullView>> {
        answer(self.0.image_pulls(actor, id)).await
    }

    /// On one segment, or without one wherever the endpoint thinks best; audited.
    pub async fn volume_create(
        &self,
        actor: &Actor,
        id: ClusterId,
        name: &str,
        ordinal: Option<u32>,
    ) -> Result<()> {
        answer(self.0.volume_create(actor, id, name, ordinal)).await
    }

    /// Over all segments; audited.
    pub async fn network_create(&self, actor: &Actor, id: ClusterId, name: &str) -> Result<()> {
        answer(self.0.network_create(actor, id, name)).await
    }

    pub async fn volume_list(&self, actor: &Actor, id: ClusterId) -> Result<Vec<VolumeView>> {
        answer(self.0.volume_list(actor, id)).await
    }

    pub async fn network_list(&self, actor: &Actor, id: ClusterId) -> Result<Vec<NetworkView>> {
        answer(self.0.network_list(actor, id)).await
    }

    pub async fn service_list(&self, actor: &Actor, id: ClusterId) -> Result<Vec<ServiceView>> {
        answer(self.0.service_list(actor, id)).await
    }

    /// A drained segment gets nothing new; its containers stay, tasks of services go elsewhere.
    pub async fn segment_drain(
        &self,
        actor: &Actor,
        id: ClusterId,
        ordinal: u32,
        is_drained: bool,
    ) -> Result<()> {
        answer(self.0.segment_drain(actor, id, ordinal, is_drained)).await
    }

    pub async fn service_scale(
        &self,
        actor: &Actor,
        id: ClusterId,
        service: &ThingRef,
        replicas: u32,
    ) -> Result<()> {
        answer(self.0.service_scale(actor, id, service, replicas)).await
    }

    /// What is in use is refused, in the engine's words; audited.
    pub async fn thing_remove(
        &self,
        actor: &Actor,
        id: ClusterId,
        kind: ThingKind,
        thing: &ThingRef,
    ) -> Result<()> {
        answer(self.0.thing_remove(actor, id, kind, thing)).await
    }
}
