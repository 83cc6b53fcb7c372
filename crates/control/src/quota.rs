//! What an account may have, and what it has. Checked inside the wish's transaction: writers stand
//! in a line, so no quota is exceeded.

use model::{AccountId, ClusterName, Phase, QuotaChoice, QuotaLimits, QuotaView};
use store::{ClusterWish, QuotaRecord, Tx};

use crate::Actor;
use crate::error::Error;
use crate::panel::{AuditOf as _, Panel};
use crate::permit::Action;

/// The most clusters and the most memory and disk that an administrator may give: typing errors
/// have an end.
const CLUSTERS_MOST: u32 = 1_000;
const MEMORY_MIB_MOST: u64 = 16 << 20;
const DISK_GIB_MOST: u64 = 1 << 20;

/// What counts against the quota of one account.
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
    pub(crate) fn limits(&self, quota: QuotaRecord) -> QuotaLimits {
        let (choice, default) = (choice(quota), self.settings.quota);
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
        account: AccountId,
    ) -> Result<QuotaLimits, Error> {
        let account = tx.account_by_id(account).await?;
        let quota = account.map(|account| account.quota).unwrap_or_default();
        Ok(self.limits(quota))
    }

    pub(crate) async fn quota(&self, actor: &Actor) -> Result<QuotaView, Error> {
        actor.permit(Action::ClusterSee)?;
        let mut tx = self.store.read().await?;
        let used = used(&mut tx, actor.account.id).await?;
        let limits = self.limits_of(&mut tx, actor.account.id).await?;
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

    /// May the account have one more cluster, of this name and size?
    pub(crate) async fn quota_check(
        &self,
        tx: &mut Tx,
        actor: &Actor,
        name: &ClusterName,
        segments: u32,
    ) -> Result<(), Error> {
        let limits = self.limits_of(tx, actor.account.id).await?;
        if !(1..=limits.segments).contains(&segments) {
            let most = limits.segments;
            let why = match most {
                1 => "Choose 1 segment.".to_owned(),
                _ => format!("Choose 1 to {most} segments."),
            };
            return Err(Error::invalid("segments", why));
        }
        let own = tx.cluster_by_account(actor.account.id).await?;
        if let Some(same) = own.iter().find(|wish| wish.name == *name) {
            let why = match same.deleting_since {
                None => format!("You have a cluster “{name}” already. Choose another name."),
                Some(_) => format!(
                    "“{name}” is still being deleted. Choose another name, or wait a moment."
                ),
            };
            return Err(Error::invalid("name", why));
        }
        let used = used(tx, actor.account.id).await?;
        let most = limits.clusters;
        if used.clusters >= most {
            let counted = used.clusters;
            let why = format!("You have {counted} of {most} clusters. Delete one first.");
            return Err(Error::conflict(why));
        }
        // What never came up does not count, and still takes addresses: not without end.
        let all = used.all;
        if all >= most.saturating_mul(2) {
            let why = format!(
                "{all} clusters of yours are failing or being deleted. Delete them, or wait until \
                 they are gone."
            );
            return Err(Error::conflict(why));
        }
        self.room_check(limits, used, segments)
    }

    /// May a cluster have so many more segments?
    pub(crate) async fn quota_grow_check(
        &self,
        tx: &mut Tx,
        wish: &ClusterWish,
        more: u32,
    ) -> Result<(), Error> {
        let limits = self.limits_of(tx, wish.account_id).await?;
        let used = used(tx, wish.account_id).await?;
        self.room_check(limits, used, more)
    }

    fn room_check(&self, limits: QuotaLimits, used: Used, segments: u32) -> Result<(), Error> {
        let (flavor, segments) = (self.settings.flavor, u64::from(segments));
        let memory = segments * flavor.memory_mib;
        if used.memory_mib + memory > limits.memory_mib {
            let why = format!(
                "This takes {memory} MiB of memory. {} of your {} MiB are in use.",
                used.memory_mib, limits.memory_mib
            );
            return Err(Error::conflict(why));
        }
        let disk = segments * flavor.disk_bytes;
        if used.disk_bytes + disk > limits.disk_gib << 30 {
            let why = format!(
                "This takes {} GiB of disk. {} of your {} GiB are in use.",
                disk.div_ceil(1 << 30),
                used.disk_bytes.div_ceil(1 << 30),
                limits.disk_gib
            );
            return Err(Error::conflict(why));
        }
        Ok(())
    }

    /// What is there already stays, even if it is more.
    pub(crate) async fn quota_set(
        &self,
        actor: &Actor,
        id: AccountId,
        choice: QuotaChoice,
    ) -> Result<(), Error> {
        actor.permit(Action::PeopleManage)?;
        choice_check(choice)?;
        let mut tx = self.store.write().await?;
        self.still(&mut tx, actor).await?;
        let account = tx.account_by_id(id).await?;
        let account = account.ok_or_else(|| Error::not_found("account"))?;
        tx.account_quota_set(id, record(choice)).await?;
        let limits = self.limits(record(choice));
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

/// What is going away and what never came up does not count.
async fn used(tx: &mut Tx, account: AccountId) -> Result<Used, Error> {
    let mut used = Used::default();
    for wish in tx.cluster_by_account(account).await? {
        used.all += 1;
        let fact = tx.fact_get(wish.id).await?;
        let never_came_up =
            fact.is_some_and(|f| f.phase == Phase::Error && f.first_active_at.is_none());
        if wish.deleting_since.is_some() || never_came_up {
            continue;
        }
        used.clusters += 1;
        for segment in tx.segment_list(wish.id).await? {
            if segment.removing_since.is_none() {
                used.memory_mib += segment.memory_mib;
                used.disk_bytes += segment.disk_bytes;
            }
        }
    }
    Ok(used)
}
