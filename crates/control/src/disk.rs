//! How large the disks of a cluster's segments are: their owner's choice, within the quota. They only
//! grow: a file system in use is not made smaller without a risk for what is on it.

use model::{
    ClusterDisksView, ClusterId, ClusterView, DISK_GIB_LEAST, OperationKind, SegmentDiskView,
};
use store::{ClusterWish, SegmentWish, Tx};

use crate::Actor;
use crate::error::Error;
use crate::panel::Panel;
use crate::steps;

/// Less than the largest file that hosts' file systems can have.
const GIB_MOST: u64 = 8192;

impl Panel {
    /// Of each segment that is made from now on.
    pub(crate) fn disk_bytes(&self, wish: &ClusterWish) -> u64 {
        self.disk_bytes_of(wish.disk_gib.map(i64::unsigned_abs))
    }

    /// A choice's size; without one the configuration's.
    pub(crate) fn disk_bytes_of(&self, gib: Option<u64>) -> u64 {
        gib.map_or(self.settings.flavor.disk_bytes, |gib| gib << 30)
    }

    /// Says what is wrong with a size, beside the field.
    pub(crate) fn disk_check(&self, gib: u64) -> Result<(), Error> {
        let configured = self.settings.flavor.disk_bytes.div_ceil(1 << 30);
        let least = DISK_GIB_LEAST.min(configured);
        if gib < least {
            let why = format!("A disk has at least {least} GiB.");
            return Err(Error::invalid("disk_gib", why));
        }
        if gib > GIB_MOST.max(configured) {
            let why = format!("A disk has at most {GIB_MOST} GiB.");
            return Err(Error::invalid("disk_gib", why));
        }
        Ok(())
    }

    /// New segments get it at once; each that is there is started anew for it, one after another.
    pub(crate) async fn cluster_disk_grow(
        &self,
        actor: &Actor,
        id: ClusterId,
        gib: u64,
    ) -> Result<ClusterView, Error> {
        self.disk_check(gib)?;
        let bytes = gib << 30;
        let capacities = self.capacities().await;
        let mut tx = self.store.write().await?;
        let mut wish = self.own_alive(&mut tx, actor, id).await?;
        let rows = staying(&mut tx, &wish).await?;
        let has = largest(&rows);
        if bytes < has {
            let why = format!(
                "A disk cannot become smaller, and has {} GiB now. For smaller ones make a new \
                 cluster, and move to it what you need.",
                has.div_ceil(1 << 30)
            );
            return Err(Error::invalid("disk_gib", why));
        }
        let gained: u64 = rows.iter().map(|row| bytes - row.disk_bytes).sum();
        if gained == 0 && self.disk_bytes(&wish) == bytes {
            drop(tx);
            return self.cluster_after(actor, id).await;
        }
        let view = self.disks_view(&mut tx, &wish).await?;
        if gib > view.gib_most && gained > 0 {
            let why = format!(
                "This takes {} GiB more than they have, and {} GiB of the quota are free: a disk \
                 of this cluster has at most {} GiB.",
                gained.div_ceil(1 << 30),
                view.quota_free_gib,
                view.gib_most.max(view.gib)
            );
            return Err(Error::invalid("disk_gib", why));
        }
        self.disk_room_check(&capacities, &wish.host, gained)?;
        wish.desired_generation += 1;
        wish.disk_gib = i64::try_from(gib).ok();
        let stored = i64::try_from(gib).unwrap_or(i64::MAX);
        tx.cluster_disk_set(id, stored, wish.desired_generation)
            .await?;
        tx.segment_disk_grow(id, wish.segments, bytes).await?;
        let ordinals: Vec<u32> = rows.iter().map(|row| row.ordinal).collect();
        let now = self.now();
        let summary = format!("Grow the disks to {gib} GiB");
        let operation = self.operation(actor, &wish, OperationKind::Scale, summary.clone());
        tx.operation_insert(&operation, &steps::of_disks(&ordinals))
            .await?;
        tx.loop_due_now(id, now).await?;
        let audit = self.cluster_audit(actor, "cluster_disk_grow", &wish, summary);
        tx.audit_insert(&audit).await?;
        tx.commit().await?;
        self.kick(wish.owner_id, id);
        self.cluster_after(actor, id).await
    }

    pub(crate) async fn disks_view(
        &self,
        tx: &mut Tx,
        wish: &ClusterWish,
    ) -> Result<ClusterDisksView, Error> {
        let rows = staying(tx, wish).await?;
        let facts = tx.segment_fact_list(wish.id).await?;
        let free = self.disk_free(tx, wish.owner_id).await?;
        let taken: u64 = rows.iter().map(|row| row.disk_bytes).sum();
        let n = u64::try_from(rows.len()).unwrap_or(1).max(1);
        let now = self.now();
        let segment = |row: &SegmentWish| {
            let fact = facts.iter().find(|fact| fact.ordinal == row.ordinal);
            let latest = self.rings.latest((wish.id, row.ordinal), now);
            SegmentDiskView {
                ordinal: row.ordinal,
                used_bytes: latest.and_then(|latest| latest.disk_used_bytes),
                has_bytes: fact.and_then(|fact| fact.disk_bytes).map(i64::unsigned_abs),
                wanted_bytes: row.disk_bytes,
            }
        };
        Ok(ClusterDisksView {
            gib: largest(&rows).div_ceil(1 << 30),
            gib_most: (((taken + free) / n) >> 30).min(GIB_MOST),
            quota_free_gib: free >> 30,
            segments: rows.iter().map(segment).collect(),
        })
    }
}

/// Segments that stay, or go to come back.
async fn staying(tx: &mut Tx, wish: &ClusterWish) -> Result<Vec<SegmentWish>, Error> {
    let mut rows = tx.segment_list(wish.id).await?;
    rows.retain(|row| row.ordinal <= wish.segments);
    Ok(rows)
}

fn largest(rows: &[SegmentWish]) -> u64 {
    rows.iter().map(|row| row.disk_bytes).max().unwrap_or(0)
}
