//! What people may wish of clusters. Each wish is one transaction, then a kick.

use std::collections::BTreeSet;

use host::NodeName;
use model::{ClusterId, ClusterName, ClusterView, OperationId, OperationKind, OperationState};
use rand::Rng as _;
use store::{ClusterWish, OperationRecord, Tx};
use uuid::Uuid;

use crate::Actor;
use crate::desired::{network_mode_word, subnet};
use crate::error::Error;
use crate::material::Authorities;
use crate::panel::Panel;
use crate::permit::Action;
use crate::room::Capacities;
use crate::steps;

/// A cluster that somebody wants.
#[derive(Debug, Clone, Copy)]
pub struct ClusterOrder<'a> {
    pub name: &'a str,
    pub segments: u32,
    /// By its id or its name; None: the actor's own.
    pub team: Option<&'a str>,
    /// By its name; None: the panel chooses.
    pub host: Option<&'a str>,
    /// The disk of each segment; None: as the configuration says.
    pub disk_gib: Option<u64>,
    /// It grows by itself when it is full.
    pub autoscale: bool,
}

impl<'a> ClusterOrder<'a> {
    /// The actor's own, wherever the panel likes.
    pub fn new(name: &'a str, segments: u32) -> Self {
        Self {
            name,
            segments,
            team: None,
            host: None,
            disk_gib: None,
            autoscale: false,
        }
    }
}

impl Panel {
    pub(crate) async fn cluster_name_suggest(
        &self,
        actor: &Actor,
        team: Option<&str>,
    ) -> Result<ClusterName, Error> {
        let mut tx = self.store.read().await?;
        let target = self.target(&mut tx, actor, team).await?;
        let taken: BTreeSet<String> = tx
            .cluster_by_owner(target.id)
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
        order: ClusterOrder<'_>,
    ) -> Result<ClusterView, Error> {
        actor.permit(Action::ClusterCreate)?;
        let ClusterOrder {
            name,
            segments,
            team,
            host,
            disk_gib,
            autoscale,
        } = order;
        let name: ClusterName = name.parse().map_err(|why| Error::invalid("name", why))?;
        if let Some(gib) = disk_gib {
            self.disk_check(gib)?;
        }
        let disk_bytes = self.disk_bytes_of(disk_gib);
        let id = ClusterId(Uuid::new_v4());
        // Keys take milliseconds; no transaction waits for them.
        let authorities = Authorities::make(id)?;
        let capacities = self.capacities().await;
        let mut tx = self.store.write().await?;
        let target = self.target(&mut tx, actor, team).await?;
        self.quota_check(&mut tx, &target, &name, segments, disk_bytes)
            .await?;
        let now = self.now();
        let wish = ClusterWish {
            id,
            owner_id: target.id,
            name,
            host: self
                .place_host(&mut tx, &capacities, host, segments, disk_bytes)
                .await?,
            network_mode: network_mode_word(self.settings.network_mode).to_owned(),
            subnet: String::new(),
            front_door_port: 0,
            token: hex::encode(rand::rng().random::<[u8; 16]>()),
            authorities: authorities.to_text()?,
            segments,
            desired_generation: 1,
            rebuild_generation: 0,
            autoscale,
            disk_gib: disk_gib.and_then(|gib| i64::try_from(gib).ok()),
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
        let grows = if autoscale { ", growing by itself" } else { "" };
        let disks = disk_gib.map(|gib| format!(", {gib} GiB of disk each"));
        let disks = disks.unwrap_or_default();
        let detail = format!("{id}, {}{disks}{grows}", count_words(segments));
        let audit = self.cluster_audit(actor, "cluster_create", &wish, detail);
        tx.audit_insert(&audit).await?;
        tx.commit().await?;
        self.kick(wish.owner_id, id);
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

    /// `seen`: the generation that whoever asks has before them; None: whichever it is.
    pub(crate) async fn cluster_scale(
        &self,
        actor: &Actor,
        id: ClusterId,
        segments: u32,
        seen: Option<i64>,
    ) -> Result<ClusterView, Error> {
        let capacities = self.capacities().await;
        let mut tx = self.store.write().await?;
        let wish = self.own_alive(&mut tx, actor, id).await?;
        let is_other = seen.is_some_and(|seen| seen != wish.desired_generation);
        if is_other && segments != wish.segments {
            return Err(Error::conflict(format!(
                "Somebody has changed this cluster meanwhile: it has {} now. Look at what your \
                 choice means, and send it again.",
                count_words(wish.segments)
            )));
        }
        self.scale_and_commit(tx, &capacities, actor, wish, segments)
            .await?;
        self.cluster_after(actor, id).await
    }

    /// Of a cluster that the caller may change; the size it has changes nothing.
    pub(crate) async fn scale_and_commit(
        &self,
        mut tx: Tx,
        capacities: &Capacities,
        actor: &Actor,
        mut wish: ClusterWish,
        segments: u32,
    ) -> Result<(), Error> {
        let id = wish.id;
        if segments == 0 {
            let why = "A cluster has at least 1 segment. To have none, delete the cluster.";
            return Err(Error::invalid("segments", why));
        }
        let most = self.limits_of(&mut tx, wish.owner_id).await?.segments;
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
            return Ok(());
        }
        let before = wish.segments;
        if segments < before {
            // What is on the segments that go is lost.
            self.confirmed(actor)?;
        }
        if segments > before {
            let more = segments - before;
            self.quota_grow_check(&mut tx, &wish, more).await?;
            self.host_room_check(&mut tx, capacities, &wish, more)
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
        if wish.disk_gib.is_some() {
            // One that was going when the disks grew grows with them.
            tx.segment_disk_grow(id, segments, self.disk_bytes(&wish))
                .await?;
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
        let audit = self.cluster_audit(actor, "cluster_scale", &wish, summary);
        tx.audit_insert(&audit).await?;
        tx.commit().await?;
        self.kick(wish.owner_id, id);
        Ok(())
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
        let audit = self.cluster_audit(actor, "cluster_rebuild", &wish, "");
        tx.audit_insert(&audit).await?;
        tx.commit().await?;
        self.kick(wish.owner_id, id);
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
        let audit = self.cluster_audit(actor, "cluster_retry", &wish, "");
        tx.audit_insert(&audit).await?;
        tx.commit().await?;
        self.kick(wish.owner_id, id);
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
            let audit = self.cluster_audit(actor, "cluster_delete", &wish, id.to_string());
            tx.audit_insert(&audit).await?;
        }
        tx.loop_due_now(id, now).await?;
        tx.commit().await?;
        self.kick(wish.owner_id, id);
        self.front_doors_update().await?;
        Ok(())
    }
}

fn count_words(segments: u32) -> String {
    match segments {
        1 => "1 segment".to_owned(),
        n => format!("{n} segments"),
    }
}
