//! Images, volumes, networks and services, in the actor's name.

use model::{ClusterId, ImageView, NetworkView, ServiceView, ThingKind, ThingRef, VolumeView};

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

    pub async fn volume_list(&self, actor: &Actor, id: ClusterId) -> Result<Vec<VolumeView>> {
        answer(self.0.volume_list(actor, id)).await
    }

    pub async fn network_list(&self, actor: &Actor, id: ClusterId) -> Result<Vec<NetworkView>> {
        answer(self.0.network_list(actor, id)).await
    }

    pub async fn service_list(&self, actor: &Actor, id: ClusterId) -> Result<Vec<ServiceView>> {
        answer(self.0.service_list(actor, id)).await
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
