//! One segment made anew: its containers, images and volumes go, the cluster stays.

use model::{ClusterId, ClusterView, OperationKind};
use store::Tx;

use crate::Actor;
use crate::error::Error;
use crate::material::Authorities;
use crate::panel::Panel;
use crate::steps;

impl Panel {
    /// It is removed like one that a smaller size has no place for; as the size did not change,
    /// another one takes its place in the very transaction that frees it.
    pub(crate) async fn segment_replace(
        &self,
        actor: &Actor,
        id: ClusterId,
        ordinal: u32,
        confirm_name: &str,
    ) -> Result<ClusterView, Error> {
        let mut tx = self.store.write().await?;
        let mut wish = self.own_alive(&mut tx, actor, id).await?;
        self.confirmed(actor)?;
        let rows = tx.segment_list(id).await?;
        if ordinal > wish.segments || !rows.iter().any(|row| row.ordinal == ordinal) {
            return Err(Error::not_found("segment"));
        }
        if rows.iter().any(|row| row.removing_since.is_some()) {
            let why = "Another segment is being removed. Replace this one when that is done.";
            return Err(Error::conflict(why));
        }
        if confirm_name.trim() != wish.name.as_str() {
            let why = format!("Type “{}” to replace the segment.", wish.name);
            return Err(Error::invalid("confirm_name", why));
        }
        let now = self.now();
        wish.desired_generation += 1;
        tx.cluster_scale(id, wish.segments, wish.desired_generation)
            .await?;
        tx.segment_removing(id, ordinal, Some(now)).await?;
        let summary = format!("Replace segment {ordinal}");
        let operation = self.operation(actor, &wish, OperationKind::Scale, summary.clone());
        tx.operation_insert(&operation, &steps::of_replace(ordinal))
            .await?;
        tx.loop_due_now(id, now).await?;
        tx.audit_insert(&self.cluster_audit(actor, "segment_replace", &wish, summary))
            .await?;
        tx.commit().await?;
        self.kick(wish.owner_id, id);
        self.cluster_after(actor, id).await
    }

    /// After a segment's row went: whether its place is wanted all the same, and taken anew.
    pub(crate) async fn segment_again(
        &self,
        tx: &mut Tx,
        id: ClusterId,
        ordinal: u32,
    ) -> Result<bool, Error> {
        let wish = tx.cluster_by_id(id).await?;
        let Some(wish) =
            wish.filter(|wish| wish.deleting_since.is_none() && ordinal <= wish.segments)
        else {
            return Ok(false);
        };
        let rows = tx.segment_list(id).await?;
        if rows.iter().any(|row| row.ordinal == ordinal) {
            return Ok(false);
        }
        let authorities = Authorities::parse(&wish.authorities)?;
        self.segments_add(tx, &wish, &authorities, [ordinal])
            .await?;
        Ok(true)
    }
}
