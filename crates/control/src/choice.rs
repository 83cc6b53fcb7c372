//! What an owner decides about a cluster that exists: its name, and whether it grows by itself.

use model::{ClusterId, ClusterName, ClusterSettingsView, Measure, Phase};

use crate::Actor;
use crate::desired::Rows;
use crate::error::{Error, chain};
use crate::panel::Panel;

/// Of its CPU or its memory, on average over all segments and over ten minutes.
const FULL_PERCENT: u64 = 80;
const LOOK_BACK_MS: i64 = 600_000;
/// Samples that a judgement needs of each segment: half of what there can be.
const SAMPLES_LEAST: usize = 30;

impl Panel {
    pub(crate) async fn cluster_settings(
        &self,
        actor: &Actor,
        id: ClusterId,
    ) -> Result<ClusterSettingsView, Error> {
        let mut tx = self.store.read().await?;
        let wish = self.own(&mut tx, actor, id).await?;
        Ok(ClusterSettingsView {
            id,
            name: wish.name,
            autoscale: wish.autoscale,
            segments: wish.segments,
            segments_max: self.limits_of(&mut tx, wish.account_id).await?.segments,
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
        let wish = self.own_alive(&mut tx, actor, id).await?;
        if wish.name == name {
            return Ok(());
        }
        match tx.cluster_rename(id, &name).await {
            Ok(()) => {}
            Err(store::Error::Taken { .. }) => {
                let why = format!("You already have a cluster named {name}.");
                return Err(Error::invalid("name", why));
            }
            Err(error) => return Err(error.into()),
        }
        let detail = format!("from {} to {name}", wish.name);
        tx.audit_insert(&self.audit(actor, "cluster_rename", name.as_str(), detail))
            .await?;
        tx.commit().await?;
        self.changed(wish.account_id, id);
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
        tx.audit_insert(&self.audit(actor, "cluster_autoscale", wish.name.as_str(), detail))
            .await?;
        tx.commit().await?;
        self.changed(wish.account_id, id);
        Ok(())
    }

    /// Every ten minutes: one more segment for whoever is full and wants it. Never fewer.
    pub(crate) async fn autoscale_all(&self) {
        if let Err(error) = self.autoscale_try().await {
            tracing::warn!(
                error = chain(&error),
                "clusters cannot be scaled by themselves"
            );
        }
    }

    async fn autoscale_try(&self) -> Result<(), Error> {
        let mut tx = self.store.read().await?;
        let mut full = Vec::new();
        for id in tx.cluster_autoscaling().await? {
            if let Some(rows) = Rows::load(&mut tx, id).await?
                && self.is_full(&rows)
            {
                full.push(rows.wish);
            }
        }
        drop(tx);
        for wish in full {
            let mut actor = Actor::system();
            actor.account.id = wish.account_id;
            let wanted = wish.segments + 1;
            match self.cluster_scale(&actor, wish.id, wanted).await {
                Ok(_) => tracing::info!(
                    cluster.id = %wish.id,
                    "cluster {} was full and grows to {wanted} segments", wish.id
                ),
                // Its quota, or the host's room.
                Err(error) => tracing::info!(
                    cluster.id = %wish.id, error = chain(&error),
                    "cluster {} is full and cannot grow", wish.id
                ),
            }
        }
        Ok(())
    }

    /// Everything is there and was measured for long enough, and the whole is nearly used up.
    fn is_full(&self, rows: &Rows) -> bool {
        let is_settled = rows.fact.as_ref().is_some_and(|fact| {
            fact.phase == Phase::Active && fact.observed_generation == rows.wish.desired_generation
        });
        // Scaling asks the account's own quota.
        let has_room = rows.wish.segments < model::MAX_SEGMENTS;
        if !is_settled || !has_room {
            return false;
        }
        let now = self.now();
        let (mut cpu, mut cpu_limit, mut memory, mut memory_limit) = (0, 0, 0, 0);
        for segment in &rows.segments {
            let key = (rows.wish.id, segment.ordinal);
            let time = now - LOOK_BACK_MS..now + 1;
            if self.rings.count(key, time.clone()) < SAMPLES_LEAST {
                return false;
            }
            let mean = |measure| self.rings.mean(key, time.clone(), measure).unwrap_or(0);
            cpu += mean(Measure::Cpu);
            memory += mean(Measure::Memory);
            cpu_limit += u64::from(segment.vcpus) * 100;
            memory_limit += segment.memory_mib << 20;
        }
        is_over(cpu, cpu_limit) || is_over(memory, memory_limit)
    }
}

fn is_over(used: u64, limit: u64) -> bool {
    limit > 0 && used.saturating_mul(100) > limit.saturating_mul(FULL_PERCENT)
}

#[cfg(test)]
mod tests {
    use super::is_over;

    #[test]
    fn full_is_more_than_four_fifths() {
        assert!(!is_over(160, 200));
        assert!(is_over(161, 200));
        assert!(!is_over(0, 0));
    }
}
