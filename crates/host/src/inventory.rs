//! Images, volumes, networks and services, asked of a cluster's endpoint in a person's name.

use async_trait::async_trait;
use model::{
    ImageName, ImageView, NetworkView, ServiceView, ThingKind, ThingName, ThingRef, VolumeView,
};

use crate::{EndpointError, EndpointTarget, NodeName};

#[async_trait]
pub trait Inventory: Send + Sync {
    async fn image_list(&self, at: &EndpointTarget) -> Result<Vec<ImageView>, EndpointError>;
    /// Those without a name that no container is made from, on all segments; bytes gained.
    async fn image_prune(&self, at: &EndpointTarget) -> Result<u64, EndpointError>;
    /// To every segment, however long it takes; `told` hears each line of progress.
    async fn image_pull(
        &self,
        at: &EndpointTarget,
        image: &ImageName,
        told: &(dyn Fn(String) + Send + Sync),
    ) -> Result<(), EndpointError>;
    async fn volume_list(&self, at: &EndpointTarget) -> Result<Vec<VolumeView>, EndpointError>;
    /// On one node: that one, or where the endpoint thinks best. One that is there already is no failure.
    async fn volume_create(
        &self,
        at: &EndpointTarget,
        name: &ThingName,
        node: Option<&NodeName>,
    ) -> Result<(), EndpointError>;
    async fn network_list(&self, at: &EndpointTarget) -> Result<Vec<NetworkView>, EndpointError>;
    /// Over all nodes.
    async fn network_create(
        &self,
        at: &EndpointTarget,
        name: &ThingName,
    ) -> Result<(), EndpointError>;
    /// None where the engines are in no swarm.
    async fn service_list(&self, at: &EndpointTarget) -> Result<Vec<ServiceView>, EndpointError>;
    async fn service_scale(
        &self,
        at: &EndpointTarget,
        service: &ThingRef,
        replicas: u32,
    ) -> Result<(), EndpointError>;
    /// A drained node gets no new containers and tasks, and its tasks go elsewhere; its containers stay.
    async fn node_drain(
        &self,
        at: &EndpointTarget,
        node: &NodeName,
        is_drained: bool,
    ) -> Result<(), EndpointError>;
    /// What is in use is refused.
    async fn thing_remove(
        &self,
        at: &EndpointTarget,
        kind: ThingKind,
        thing: &ThingRef,
    ) -> Result<(), EndpointError>;
}
