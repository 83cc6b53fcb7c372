//! What an owner decides about a cluster that exists: its name, and whether it grows by itself.

use model::{ClusterId, ClusterName, ClusterSettingsView};

use crate::Actor;
use crate::error::Error;
use crate::gate::Places;
use crate::panel::Panel;
use crate::permit::Action;

impl Panel {
    pub(crate) async fn cluster_settings(
        &self,
        actor: &Actor,
        id: ClusterId,
    ) -> Result<ClusterSettingsView, Error> {
        let mut tx = self.store.read().await?;
        let wish = self.own(&mut tx, actor, id).await?;
        let places = Places::of(&mut tx, actor).await?;
        let disks = self.disks_view(&mut tx, &wish).await?;
        Ok(ClusterSettingsView {
            id,
            team: places.team(wish.owner_id).cloned(),
            may_change: places.may(actor, wish.owner_id, Action::ClusterChange),
            name: wish.name,
            autoscale: wish.autoscale,
            segments: wish.segments,
            segments_max: self.limits_of(&mut tx, wish.owner_id).await?.segments,
            disks,
        })
    }

    /// Addresses, certificates and what runs stay as they are: they know the cluster by its id.
    pub(crate) async fn cluster_rename(
        &self,
        actor: &Actor,
        id: ClusterId,
        name: &str,
    ) -> Result<(), Error> {
        let name: ClusterName = name.parse().map_err(|why| Error::invalid("name", why))?;
        let mut tx = self.store.write().await?;
        let mut wish = self.own_alive(&mut tx, actor, id).await?;
        if wish.name == name {
            return Ok(());
        }
        match tx.cluster_rename(id, &name).await {
            Ok(()) => {}
            Err(store::Error::Taken { .. }) => {
                let why = match wish.owner_id == actor.account.id.into() {
                    true => format!("You already have a cluster named {name}."),
                    false => format!("The team already has a cluster named {name}."),
                };
                return Err(Error::invalid("name", why));
            }
            Err(error) => return Err(error.into()),
        }
        let detail = format!("from {} to {name}", wish.name);
        wish.name = name;
        tx.audit_insert(&self.cluster_audit(actor, "cluster_rename", &wish, detail))
            .await?;
        tx.commit().await?;
        self.changed(wish.owner_id, id);
        Ok(())
    }

    pub(crate) async fn cluster_autoscale(
        &self,
        actor: &Actor,
        id: ClusterId,
        is_on: bool,
    ) -> Result<(), Error> {
        let mut tx = self.store.write().await?;
        let wish = self.own_alive(&mut tx, actor, id).await?;
        tx.cluster_autoscale(id, is_on).await?;
        let detail = if is_on { "on" } else { "off" };
        tx.audit_insert(&self.cluster_audit(actor, "cluster_autoscale", &wish, detail))
            .await?;
        tx.commit().await?;
        self.autoscales.forget(id);
        self.changed(wish.owner_id, id);
        Ok(())
    }
}
