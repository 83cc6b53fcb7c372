//! What people may wish of clusters. Each wish is one transaction, then a kick.

use std::collections::BTreeSet;

use futures::future::join_all;
use host::NodeName;
use model::{
    ClusterId, ClusterName, ClusterView, ContainerView, OperationId, OperationKind, OperationState,
    SegmentPhase, UserError,
};
use rand::Rng as _;
use store::{ClusterWish, OperationRecord, SegmentWish, Tx};
use uuid::Uuid;

use crate::Actor;
use crate::desired::{Rows, network_mode_word, subnet, target};
use crate::error::Error;
use crate::material::Authorities;
use crate::panel::{AuditOf as _, Panel};
use crate::permit::Action;
use crate::steps;

impl Panel {
    /// The cluster, if the actor may see it: what is somebody else's does not exist.
    pub(crate) async fn own(
        &self,
        tx: &mut Tx,
        actor: &Actor,
        id: ClusterId,
    ) -> Result<ClusterWish, Error> {
        actor.permit(Action::ClusterSee)?;
        let wish = tx.cluster_by_id(id).await?;
        wish.filter(|wish| wish.account_id == actor.account.id)
            .ok_or_else(|| Error::not_found("cluster"))
    }

    /// The same, for somebody who wants to do this with it.
    pub(crate) async fn own_for(
        &self,
        tx: &mut Tx,
        actor: &Actor,
        id: ClusterId,
        action: Action,
    ) -> Result<ClusterWish, Error> {
        let wish = self.own(tx, actor, id).await?;
        actor.permit(action)?;
        Ok(wish)
    }

    /// One that may still be changed.
    pub(crate) async fn own_alive(
        &self,
        tx: &mut Tx,
        actor: &Actor,
        id: ClusterId,
    ) -> Result<ClusterWish, Error> {
        let wish = self.own_for(tx, actor, id, Action::ClusterChange).await?;
        match wish.deleting_since {
            None => Ok(wish),
            Some(_) => Err(Error::conflict(format!("{} is being deleted.", wish.name))),
        }
    }

    pub(crate) async fn cluster_name_suggest(&self, actor: &Actor) -> Result<ClusterName, Error> {
        actor.permit(Action::ClusterCreate)?;
        let mut tx = self.store.read().await?;
        let taken: BTreeSet<String> = tx
            .cluster_by_account(actor.account.id)
            .await?
            .into_iter()
            .map(|wish| wish.name.into())
            .collect();
        let free = (1..)
            .map(|n| format!("cluster-{n}"))
            .find(|name| !taken.contains(name));
        free.and_then(|name| name.parse().ok())
            .ok_or_else(|| Error::Broken("no name is free".to_owned()))
    }

    pub(crate) async fn cluster_create(
        &self,
        actor: &Actor,
        name: &str,
        segments: u32,
    ) -> Result<ClusterView, Error> {
        actor.permit(Action::ClusterCreate)?;
        let name: ClusterName = name.parse().map_err(|why| Error::invalid("name", why))?;
        let id = ClusterId(Uuid::new_v4());
        // Keys take milliseconds; no transaction waits for them.
        let authorities = Authorities::make(id)?;
        let mut tx = self.store.write().await?;
        self.quota_check(&mut tx, actor, &name, segments).await?;
        let now = self.now();
        let wish = ClusterWish {
            id,
            account_id: actor.account.id,
            name,
            host: self.place_host(&mut tx).await?,
            network_mode: network_mode_word(self.settings.network_mode).to_owned(),
            subnet: String::new(),
            front_door_port: 0,
            token: hex::encode(rand::rng().random::<[u8; 16]>()),
            authorities: authorities.to_text()?,
            segments,
            desired_generation: 1,
            rebuild_generation: 0,
            autoscale: false,
            deleting_since: None,
            created_at: now,
        };
        let wish = self.place_network(&mut tx, wish).await?;
        tx.cluster_insert(&wish).await?;
        self.segments_add(&mut tx, &wish, &authorities, 1..=segments)
            .await?;
        let summary = format!("Create with {}", count_words(segments));
        let operation = self.operation(actor, &wish, OperationKind::Create, summary);
        tx.operation_insert(&operation, &steps::of_create(segments, now))
            .await?;
        let detail = format!("{id}, {}", count_words(segments));
        let audit = self.audit(actor, "cluster_create", wish.name.as_str(), detail);
        tx.audit_insert(&audit.of(id)).await?;
        tx.commit().await?;
        self.kick(wish.account_id, id);
        self.front_doors_update().await?;
        self.cluster_after(actor, id).await
    }

    pub(crate) fn operation(
        &self,
        actor: &Actor,
        wish: &ClusterWish,
        kind: OperationKind,
        summary: String,
    ) -> OperationRecord {
        OperationRecord {
            id: OperationId(Uuid::now_v7()),
            cluster_id: wish.id,
            kind,
            summary,
            generation: wish.desired_generation,
            by_name: actor.account.name.to_string(),
            state: OperationState::Running,
            started_at: self.now(),
            ended_at: None,
        }
    }

    pub(crate) async fn cluster_scale(
        &self,
        actor: &Actor,
        id: ClusterId,
        segments: u32,
    ) -> Result<ClusterView, Error> {
        let mut tx = self.store.write().await?;
        let mut wish = self.own_alive(&mut tx, actor, id).await?;
        if segments == 0 {
            let why = "A cluster has at least 1 segment. To have none, delete the cluster.";
            return Err(Error::invalid("segments", why));
        }
        let most = self.limits_of(&mut tx, wish.account_id).await?.segments;
        if segments > most.max(wish.segments) {
            let (has, free) = (wish.segments, most.saturating_sub(wish.segments));
            let why = format!(
                "A cluster may have at most {most} segments. {} has {has}, so {free} more {} free.",
                wish.name,
                if free == 1 { "is" } else { "are" }
            );
            return Err(Error::invalid("segments", why));
        }
        if segments == wish.segments {
            drop(tx);
            return self.cluster_after(actor, id).await;
        }
        let before = wish.segments;
        if segments > before {
            self.quota_grow_check(&mut tx, &wish, segments - before)
                .await?;
        }
        wish.segments = segments;
        wish.desired_generation += 1;
        tx.cluster_scale(id, segments, wish.desired_generation)
            .await?;
        let now = self.now();
        let rows = tx.segment_list(id).await?;
        for row in &rows {
            // The highest go first. One that was going and is wanted again stays.
            let removing = (row.ordinal > segments).then(|| row.removing_since.unwrap_or(now));
            if removing != row.removing_since {
                tx.segment_removing(id, row.ordinal, removing).await?;
            }
        }
        let there: BTreeSet<u32> = rows.iter().map(|row| row.ordinal).collect();
        let missing = (1..=segments).filter(|ordinal| !there.contains(ordinal));
        let authorities = Authorities::parse(&wish.authorities)?;
        self.segments_add(&mut tx, &wish, &authorities, missing)
            .await?;
        let summary = format!("Scale to {}", count_words(segments));
        let operation = self.operation(actor, &wish, OperationKind::Scale, summary.clone());
        tx.operation_insert(&operation, &steps::of_scale(before, segments, now))
            .await?;
        tx.loop_due_now(id, now).await?;
        let audit = self.audit(actor, "cluster_scale", wish.name.as_str(), summary);
        tx.audit_insert(&audit.of(id)).await?;
        tx.commit().await?;
        self.kick(wish.account_id, id);
        self.cluster_after(actor, id).await
    }

    /// New certificates and management containers; containers and addresses stay.
    pub(crate) async fn cluster_rebuild(
        &self,
        actor: &Actor,
        id: ClusterId,
    ) -> Result<ClusterView, Error> {
        let mut tx = self.store.write().await?;
        let mut wish = self.own_alive(&mut tx, actor, id).await?;
        wish.desired_generation += 1;
        tx.cluster_rebuild(id, wish.desired_generation).await?;
        let authorities = Authorities::parse(&wish.authorities)?;
        let subnet = subnet(&wish)?;
        let mut ordinals = Vec::new();
        for row in tx
            .segment_list(id)
            .await?
            .iter()
            .filter(|row| row.removing_since.is_none())
        {
            let node = NodeName {
                cluster: id,
                ordinal: row.ordinal,
            };
            let material = authorities.segment(&node, *row.address, subnet, &self.settings)?;
            let text = material.to_text()?;
            tx.segment_seed(id, row.ordinal, wish.desired_generation, &text)
                .await?;
            ordinals.push(row.ordinal);
        }
        let now = self.now();
        let summary = "Rebuild the management containers".to_owned();
        let operation = self.operation(actor, &wish, OperationKind::Rebuild, summary);
        tx.operation_insert(&operation, &steps::of_rebuild(&ordinals))
            .await?;
        tx.loop_due_now(id, now).await?;
        let audit = self.audit(actor, "cluster_rebuild", wish.name.as_str(), "");
        tx.audit_insert(&audit.of(id)).await?;
        tx.commit().await?;
        self.kick(wish.account_id, id);
        self.cluster_after(actor, id).await
    }

    pub(crate) async fn cluster_retry(
        &self,
        actor: &Actor,
        id: ClusterId,
    ) -> Result<ClusterView, Error> {
        let mut tx = self.store.write().await?;
        let wish = self
            .own_for(&mut tx, actor, id, Action::ClusterChange)
            .await?;
        tx.loop_due_now(id, self.now()).await?;
        let audit = self.audit(actor, "cluster_retry", wish.name.as_str(), "");
        tx.audit_insert(&audit.of(id)).await?;
        tx.commit().await?;
        self.kick(wish.account_id, id);
        self.cluster_after(actor, id).await
    }

    pub(crate) async fn cluster_delete(
        &self,
        actor: &Actor,
        id: ClusterId,
        confirm_name: &str,
    ) -> Result<(), Error> {
        let mut tx = self.store.write().await?;
        let mut wish = self
            .own_for(&mut tx, actor, id, Action::ClusterDelete)
            .await?;
        self.confirmed(actor)?;
        if confirm_name.trim() != wish.name.as_str() {
            let why = format!("Type “{}” to delete it.", wish.name);
            return Err(Error::invalid("confirm_name", why));
        }
        let now = self.now();
        wish.desired_generation += 1;
        // Asked for again, it goes on, and tries at once.
        if tx
            .cluster_deleting(id, now, wish.desired_generation)
            .await?
        {
            let rows = tx.segment_list(id).await?;
            let ordinals: Vec<u32> = rows.iter().map(|row| row.ordinal).collect();
            for row in rows.iter().filter(|row| row.removing_since.is_none()) {
                tx.segment_removing(id, row.ordinal, Some(now)).await?;
            }
            let summary = "Delete".to_owned();
            let operation = self.operation(actor, &wish, OperationKind::Delete, summary);
            tx.operation_insert(&operation, &steps::of_delete(&ordinals))
                .await?;
            let audit = self.audit(actor, "cluster_delete", wish.name.as_str(), id.to_string());
            tx.audit_insert(&audit.of(id)).await?;
        }
        tx.loop_due_now(id, now).await?;
        tx.commit().await?;
        self.kick(wish.account_id, id);
        self.front_doors_update().await?;
        Ok(())
    }

    pub(crate) async fn cluster_containers(
        &self,
        actor: &Actor,
        id: ClusterId,
    ) -> Result<Vec<ContainerView>, Error> {
        let mut tx = self.store.read().await?;
        let wish = self.own(&mut tx, actor, id).await?;
        let rows = Rows::load(&mut tx, id)
            .await?
            .ok_or_else(|| Error::not_found("cluster"))?;
        drop(tx);
        let identities = self.identities(&wish)?;
        let up: Vec<&SegmentWish> = rows
            .segments
            .iter()
            .filter(|row| {
                let fact = rows.segment_facts.get(&row.ordinal);
                fact.is_some_and(|f| {
                    matches!(f.phase, SegmentPhase::Joining | SegmentPhase::Active)
                })
            })
            .collect();
        let asked = up.iter().map(|row| async {
            let target = target(row, identities.panel.clone());
            let limit = std::time::Duration::from_secs(3);
            tokio::time::timeout(limit, self.engine.containers(&target))
                .await
                .ok()?
                .ok()
        });
        let answers: Vec<_> = join_all(asked).await.into_iter().flatten().collect();
        if answers.is_empty() && !up.is_empty() {
            let what = "The cluster's engine".to_owned();
            return Err(UserError::Unavailable { what }.into());
        }
        Ok(answers.into_iter().flatten().collect())
    }
}

fn count_words(segments: u32) -> String {
    match segments {
        1 => "1 segment".to_owned(),
        n => format!("{n} segments"),
    }
}
