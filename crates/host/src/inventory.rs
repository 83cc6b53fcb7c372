//! Images, volumes, networks and services, asked of a cluster's endpoint in a person's name.

use async_trait::async_trait;
use model::{ImageView, NetworkView, ServiceView, ThingKind, ThingRef, VolumeView};

use crate::{EndpointError, EndpointTarget};

#[async_trait]
pub trait Inventory: Send + Sync {
    async fn image_list(&self, at: &EndpointTarget) -> Result<Vec<ImageView>, EndpointError>;
    /// Those without a name that no container is made from, on all segments; bytes gained.
    async fn image_prune(&self, at: &EndpointTarget) -> Result<u64, EndpointError>;
    async fn volume_list(&self, at: &EndpointTarget) -> Result<Vec<VolumeView>, EndpointError>;
    async fn network_list(&self, at: &EndpointTarget) -> Result<Vec<NetworkView>, EndpointError>;
    /// None where the engines are in no swarm.
    async fn service_list(&self, at: &EndpointTarget) -> Result<Vec<ServiceView>, EndpointError>;
    async fn service_scale(
        &self,
        at: &EndpointTarget,
        service: &ThingRef,
        replicas: u32,
    ) -> Result<(), EndpointError>;
    /// What is in use is refused.
    async fn thing_remove(
        &self,
        at: &EndpointTarget,
        kind: ThingKind,
        thing: &ThingRef,
    ) -> Result<(), EndpointError>;
}
