//! What an owner may have, an account or a team, and what it has. Checked inside the wish's
//! transaction: writers stand in a line, so no quota is exceeded.

use model::{AccountId, ClusterName, OwnerId, QuotaChoice, QuotaLimits, QuotaView};
use store::{ClusterWish, QuotaRecord, Tx};

use crate::Actor;
use crate::error::Error;
use crate::gate::Target;
use crate::panel::{AuditOf as _, Panel};
use crate::permit::Action;
use crate::settings::Quota;

/// The most clusters and the most memory and disk that an administrator may give: typing errors
/// have an end.
const CLUSTERS_MOST: u32 = 1_000;
const MEMORY_MIB_MOST: u64 = 16 << 20;
const DISK_GIB_MOST: u64 = 1 << 20;

/// What counts against the quota of one owner.
#[derive(Debug, Clone, Copy, Default)]
struct Used {
    clusters: u32,
    /// With those that do not count.
    all: u32,
    memory_mib: u64,
    disk_bytes: u64,
}

pub(crate) fn choice(quota: QuotaRecord) -> QuotaChoice {
    let small = |n: Option<i64>| n.and_then(|n| u32::try_from(n).ok());
    let large = |n: Option<i64>| n.and_then(|n| u64::try_from(n).ok());
    QuotaChoice {
        clusters: small(quota.quota_clusters),
        segments: small(quota.quota_segments),
        memory_mib: large(quota.quota_memory_mib),
        disk_gib: large(quota.quota_disk_gib),
    }
}

pub(crate) fn record(choice: QuotaChoice) -> QuotaRecord {
    let large = |n: Option<u64>| n.and_then(|n| i64::try_from(n).ok());
    QuotaRecord {
        quota_clusters: choice.clusters.map(i64::from),
        quota_segments: choice.segments.map(i64::from),
        quota_memory_mib: large(choice.memory_mib),
        quota_disk_gib: large(choice.disk_gib),
    }
}

/// Says what is wrong with a quota, beside the field.
pub(crate) fn choice_check(choice: QuotaChoice) -> Result<(), Error> {
    let segments = model::MAX_SEGMENTS;
    if choice.clusters.is_some_and(|n| n > CLUSTERS_MOST) {
        let why = format!("Give at most {CLUSTERS_MOST} clusters.");
        return Err(Error::invalid("clusters", why));
    }
    if choice
        .segments
        .is_some_and(|n| !(1..=segments).contains(&n))
    {
        let why = format!("A cluster has 1 to {segments} segments.");
        return Err(Error::invalid("segments", why));
    }
    if choice.memory_mib.is_some_and(|n| n > MEMORY_MIB_MOST) {
        let why = format!("Give at most {MEMORY_MIB_MOST} MiB.");
        return Err(Error::invalid("memory_mib", why));
    }
    if choice.disk_gib.is_some_and(|n| n > DISK_GIB_MOST) {
        let why = format!("Give at most {DISK_GIB_MOST} GiB.");
        return Err(Error::invalid("disk_gib", why));
    }
    Ok(())
}

impl Panel {
    /// Memory and disk that nobody fixed suffice for all the clusters and segments.
    pub(crate) fn limits(&self, quota: QuotaRecord, default: Quota) -> QuotaLimits {
        let choice = choice(quota);
        let clusters = choice.clusters.unwrap_or(default.clusters);
        let segments = choice.segments.unwrap_or(default.segments);
        let most = u64::from(clusters) * u64::from(segments);
        let flavor = self.settings.flavor;
        QuotaLimits {
            clusters,
            segments,
            memory_mib: choice.memory_mib.unwrap_or(most * flavor.memory_mib),
            disk_gib: choice
                .disk_gib
                .unwrap_or(most * flavor.disk_bytes.div_ceil(1 << 30)),
        }
    }

    pub(crate) async fn limits_of(
        &self,
        tx: &mut Tx,
        owner: OwnerId,
    ) -> Result<QuotaLimits, Error> {
        let quota = tx.owner_quota(owner).await?;
        let default = self.quota_default(tx).await?;
        Ok(self.limits(quota.unwrap_or_default(), default))
    }

    /// The actor's own, or that of a team the actor is in.
    pub(crate) async fn quota(
        &self,
        actor: &Actor,
        team: Option<&str>,
    ) -> Result<QuotaView, Error> {
        actor.permit(Action::ClusterSee)?;
        let mut tx = self.store.read().await?;
        let (target, _) = self.target_seen(&mut tx, actor, team).await?;
        self.quota_view(&mut tx, target.id).await
    }

    pub(crate) async fn quota_view(&self, tx: &mut Tx, owner: OwnerId) -> Result<QuotaView, Error> {
        let used = used(tx, owner).await?;
        let limits = self.limits_of(tx, owner).await?;
        let flavor = self.settings.flavor;
        Ok(QuotaView {
            clusters_used: used.clusters,
            clusters_max: limits.clusters,
            segments_max: limits.segments,
            memory_used_mib: used.memory_mib,
            memory_max_mib: limits.memory_mib,
            disk_used_gib: used.disk_bytes.div_ceil(1 << 30),
            disk_max_gib: limits.disk_gib,
            memory_per_segment_mib: flavor.memory_mib,
            vcpus_per_segment: flavor.vcpus,
            disk_per_segment_bytes: flavor.disk_bytes,
        })
    }

    /// May the owner have one more cluster, of this name and these sizes?
    pub(crate) async fn quota_check(
        &self,
        tx: &mut Tx,
        target: &Target,
        name: &ClusterName,
        segments: u32,
        disk_bytes: u64,
    ) -> Result<(), Error> {
        let limits = self.limits_of(tx, target.id).await?;
        if !(1..=limits.segments).contains(&segments) {
            let most = limits.segments;
            let why = match most {
                1 => "Choose 1 segment.".to_owned(),
                _ => format!("Choose 1 to {most} segments."),
            };
            return Err(Error::invalid("segments", why));
        }
        let own = tx.cluster_by_owner(target.id).await?;
        if let Some(same) = own.iter().find(|wish| wish.name == *name) {
            let why = match (same.deleting_since, &target.team) {
                (None, None) => {
                    format!("You have a cluster “{name}” already. Choose another name.")
                }
                (None, Some(_)) => {
                    format!("The team has a cluster “{name}” already. Choose another name.")
                }
                (Some(_), _) => format!(
                    "“{name}” is still being deleted. Choose another name, or wait a moment."
                ),
            };
            return Err(Error::invalid("name", why));
        }
        let used = used(tx, target.id).await?;
        count_check(limits, used, target)?;
        room_check(limits, used, self.need(segments, disk_bytes))
    }

    /// May a cluster have so many more segments?
    pub(crate) async fn quota_grow_check(
        &self,
        tx: &mut Tx,
        wish: &ClusterWish,
        more: u32,
    ) -> Result<(), Error> {
        let limits = self.limits_of(tx, wish.owner_id).await?;
        let used = used(tx, wish.owner_id).await?;
        room_check(limits, used, self.need(more, self.disk_bytes(wish)))
    }

    /// May the owner have this cluster as it is?
    pub(crate) async fn quota_receive_check(
        &self,
        tx: &mut Tx,
        target: &Target,
        wish: &ClusterWish,
    ) -> Result<(), Error> {
        let limits = self.limits_of(tx, target.id).await?;
        if wish.segments > limits.segments {
            let (most, has) = (limits.segments, wish.segments);
            let why = format!(
                "A cluster may have at most {most} segments there. {} has {has}.",
                wish.name
            );
            return Err(Error::conflict(why));
        }
        let used = used(tx, target.id).await?;
        count_check(limits, used, target)?;
        let mut need = Used::default();
        need.add_segments(tx, wish).await?;
        room_check(limits, used, need)
    }

    fn need(&self, segments: u32, disk_bytes: u64) -> Used {
        let segments = u64::from(segments);
        Used {
            memory_mib: segments * self.settings.flavor.memory_mib,
            disk_bytes: segments * disk_bytes,
            ..Used::default()
        }
    }

    /// What is left of the owner's disk.
    pub(crate) async fn disk_free(&self, tx: &mut Tx, owner: OwnerId) -> Result<u64, Error> {
        let limits = self.limits_of(tx, owner).await?;
        let used = used(tx, owner).await?;
        Ok((limits.disk_gib << 30).saturating_sub(used.disk_bytes))
    }

    /// What is there already stays, even if it is more.
    pub(crate) async fn quota_set(
        &self,
        actor: &Actor,
        id: AccountId,
        choice: QuotaChoice,
    ) -> Result<(), Error> {
        actor.permit(Action::PeopleManage)?;
        self.confirmed(actor)?;
        choice_check(choice)?;
        let mut tx = self.store.write().await?;
        self.still(&mut tx, actor).await?;
        let account = tx.account_by_id(id).await?;
        let account = account.ok_or_else(|| Error::not_found("account"))?;
        tx.account_quota_set(id, record(choice)).await?;
        let default = self.quota_default(&mut tx).await?;
        let limits = self.limits(record(choice), default);
        let audit = self.audit(actor, "quota_set", account.name.as_str(), words(limits));
        tx.audit_insert(&audit.of(id)).await?;
        tx.commit().await?;
        Ok(())
    }
}

pub(crate) fn words(limits: QuotaLimits) -> String {
    format!(
        "{} clusters, {} segments each, {} MiB memory, {} GiB disk",
        limits.clusters, limits.segments, limits.memory_mib, limits.disk_gib
    )
}

/// One more, as far as their number goes.
fn count_check(limits: QuotaLimits, used: Used, target: &Target) -> Result<(), Error> {
    let (counted, most, all) = (used.clusters, limits.clusters, used.all);
    let is_team = target.team.is_some();
    if counted >= most {
        return Err(Error::conflict(match is_team {
            false => format!("You have {counted} of {most} clusters. Delete one first."),
            true => format!("The team has {counted} of {most} clusters. Delete one first."),
        }));
    }
    // What is being deleted does not count, and still takes addresses: not without end.
    if all >= most.saturating_mul(2) {
        return Err(Error::conflict(match is_team {
            false => format!(
                "{all} clusters of yours are there or being deleted. Wait until some are gone."
            ),
            true => format!(
                "{all} clusters of the team are there or being deleted. Wait until some are gone."
            ),
        }));
    }
    Ok(())
}

fn room_check(limits: QuotaLimits, used: Used, need: Used) -> Result<(), Error> {
    if used.memory_mib + need.memory_mib > limits.memory_mib {
        let why = format!(
            "This takes {} MiB of memory. {} of the quota's {} MiB are in use.",
            need.memory_mib, used.memory_mib, limits.memory_mib
        );
        return Err(Error::conflict(why));
    }
    if used.disk_bytes + need.disk_bytes > limits.disk_gib << 30 {
        let why = format!(
            "This takes {} GiB of disk. {} of the quota's {} GiB are in use.",
            need.disk_bytes.div_ceil(1 << 30),
            used.disk_bytes.div_ceil(1 << 30),
            limits.disk_gib
        );
        return Err(Error::conflict(why));
    }
    Ok(())
}

impl Used {
    /// Those that stay, or go to come back.
    async fn add_segments(&mut self, tx: &mut Tx, wish: &ClusterWish) -> Result<(), Error> {
        for segment in tx.segment_list(wish.id).await? {
            if segment.removing_since.is_none() || segment.ordinal <= wish.segments {
                self.memory_mib += segment.memory_mib;
                self.disk_bytes += segment.disk_bytes;
            }
        }
        Ok(())
    }
}

async fn used(tx: &mut Tx, owner: OwnerId) -> Result<Used, Error> {
    let used = tx.quota_used(owner).await?;
    Ok(Used {
        clusters: u32::try_from(used.clusters).unwrap_or(u32::MAX),
        all: u32::try_from(used.all).unwrap_or(u32::MAX),
        memory_mib: u64::try_from(used.memory_mib).unwrap_or(0),
        disk_bytes: u64::try_from(used.disk_bytes).unwrap_or(0),
    })
}
