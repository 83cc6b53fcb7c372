//! Images, volumes, networks and services, through the cluster's endpoint.

use host::NodeName;
use model::{
    ClusterId, ImageView, NetworkView, ServiceView, ThingKind, ThingName, ThingRef, VolumeView,
};

use crate::Actor;
use crate::error::Error;
use crate::panel::Panel;
use crate::permit::Action;

/// Docker takes any number; a slip of the finger should not.
const REPLICAS_MAX: u32 = 100;

impl Panel {
    pub(crate) async fn image_list(
        &self,
        actor: &Actor,
        id: ClusterId,
    ) -> Result<Vec<ImageView>, Error> {
        let (_, at) = self.endpoint_of(actor, id, Action::ClusterSee).await?;
        let mut all = self.endpoint.image_list(&at).await?;
        all.sort_by(|a, b| (a.is_system, &a.names, &a.id).cmp(&(b.is_system, &b.names, &b.id)));
        Ok(all)
    }

    /// Bytes gained.
    pub(crate) async fn image_prune(&self, actor: &Actor, id: ClusterId) -> Result<u64, Error> {
        let (wish, at) = self.endpoint_of(actor, id, Action::ClusterUse).await?;
        let gained = self.endpoint.image_prune(&at).await?;
        let detail = format!("{gained} bytes");
        self.container_audit(actor, "image_prune", &wish, detail)
            .await?;
        self.changed(wish.owner_id, id);
        Ok(gained)
    }

    pub(crate) async fn volume_list(
        &self,
        actor: &Actor,
        id: ClusterId,
    ) -> Result<Vec<VolumeView>, Error> {
        let (_, at) = self.endpoint_of(actor, id, Action::ClusterSee).await?;
        let mut all = self.endpoint.volume_list(&at).await?;
        all.sort_by(|a, b| (a.is_system, &a.name, &a.node).cmp(&(b.is_system, &b.name, &b.node)));
        Ok(all)
    }

    pub(crate) async fn network_list(
        &self,
        actor: &Actor,
        id: ClusterId,
    ) -> Result<Vec<NetworkView>, Error> {
        let (_, at) = self.endpoint_of(actor, id, Action::ClusterSee).await?;
        let mut all = self.endpoint.network_list(&at).await?;
        all.sort_by(|a, b| (a.is_builtin, &a.name, &a.node).cmp(&(b.is_builtin, &b.name, &b.node)));
        Ok(all)
    }

    pub(crate) async fn service_list(
        &self,
        actor: &Actor,
        id: ClusterId,
    ) -> Result<Vec<ServiceView>, Error> {
        let (_, at) = self.endpoint_of(actor, id, Action::ClusterSee).await?;
        let mut all = self.endpoint.service_list(&at).await?;
        all.sort_by(|a, b| (&a.stack, &a.name).cmp(&(&b.stack, &b.name)));
        Ok(all)
    }

    pub(crate) async fn service_scale(
        &self,
        actor: &Actor,
        id: ClusterId,
        service: &ThingRef,
        replicas: u32,
    ) -> Result<(), Error> {
        let (wish, at) = self.endpoint_of(actor, id, Action::ClusterUse).await?;
        if replicas > REPLICAS_MAX {
            let why = format!("Type a number from 0 to {REPLICAS_MAX}.");
            return Err(Error::invalid("replicas", why));
        }
        let outcome = self.endpoint.service_scale(&at, service, replicas).await;
        let what = format!("{service} to {replicas}");
        self.outcome_audit(actor, "service_scale", &wish, what, outcome)
            .await?;
        // Not after a refusal: pages that look again would take it away.
        self.changed(wish.owner_id, id);
        Ok(())
    }

    pub(crate) async fn thing_remove(
        &self,
        actor: &Actor,
        id: ClusterId,
        kind: ThingKind,
        thing: &ThingRef,
    ) -> Result<(), Error> {
        let (wish, at) = self.endpoint_of(actor, id, Action::ClusterUse).await?;
        if kind == ThingKind::Volume {
            // Everything else can be had again.
            self.confirmed(actor)?;
        }
        let outcome = self.endpoint.thing_remove(&at, kind, thing).await;
        let action = format!("{kind}_remove");
        self.outcome_audit(actor, &action, &wish, thing.to_string(), outcome)
            .await?;
        // Not after a refusal: pages that look again would take it away.
        self.changed(wish.owner_id, id);
        Ok(())
    }

    /// `ordinal`: the segment that it is to be on; none: wherever the endpoint thinks best.
    pub(crate) async fn volume_create(
        &self,
        actor: &Actor,
        id: ClusterId,
        name: &str,
        ordinal: Option<u32>,
    ) -> Result<(), Error> {
        let (wish, at) = self.endpoint_of(actor, id, Action::ClusterUse).await?;
        let name: ThingName = name.parse().map_err(|why| Error::invalid("name", why))?;
        let node = match ordinal {
            None => None,
            Some(ordinal) => {
                let is_it = |node: &&NodeName| node.ordinal == ordinal;
                let node = at.nodes.iter().find(is_it);
                Some(node.ok_or_else(|| Error::not_found("segment"))?)
            }
        };
        let outcome = self.endpoint.volume_create(&at, &name, node).await;
        self.outcome_audit(actor, "volume_create", &wish, name.to_string(), outcome)
            .await?;
        self.changed(wish.owner_id, id);
        Ok(())
    }

    /// Over all segments.
    pub(crate) async fn network_create(
        &self,
        actor: &Actor,
        id: ClusterId,
        name: &str,
    ) -> Result<(), Error> {
        let (wish, at) = self.endpoint_of(actor, id, Action::ClusterUse).await?;
        let name: ThingName = name.parse().map_err(|why| Error::invalid("name", why))?;
        let outcome = self.endpoint.network_create(&at, &name).await;
        self.outcome_audit(actor, "network_create", &wish, name.to_string(), outcome)
            .await?;
        self.changed(wish.owner_id, id);
        Ok(())
    }
}
