//! Clusters that grow by themselves: looked at every ten minutes, and what became of it is told.

use std::collections::HashMap;
use std::sync::Mutex;

use model::{AutoscaleView, ClusterId, Measure, Phase};
use store::ClusterWish;

use crate::Actor;
use crate::desired::Rows;
use crate::error::{Error, chain};
use crate::panel::{Panel, lock};

/// Of its CPU or its memory, on average over all segments and over ten minutes.
const FULL_PERCENT: u64 = 80;
const LOOK_BACK_MS: i64 = 600_000;
/// Samples that a judgement needs of each segment: half of what there can be.
const SAMPLES_LEAST: usize = 30;

/// By cluster, what became of the last look, and the generation that it saw. A panel that starts looks
/// again within ten minutes.
#[derive(Default)]
pub(crate) struct Autoscales(Mutex<HashMap<ClusterId, (i64, AutoscaleView)>>);

impl Autoscales {
    pub(crate) fn get(&self, wish: &ClusterWish) -> AutoscaleView {
        let known = lock(&self.0).get(&wish.id).cloned();
        // What it could not do before somebody changed it says nothing of now.
        let is_now = |(generation, view): &(i64, AutoscaleView)| {
            *generation == wish.desired_generation || !matches!(view, AutoscaleView::Stuck { .. })
        };
        let known = known.filter(is_now).map(|(_, view)| view);
        known.unwrap_or(AutoscaleView::Watching)
    }

    pub(crate) fn forget(&self, cluster: ClusterId) {
        lock(&self.0).remove(&cluster);
    }

    fn put(&self, wish: &ClusterWish, view: AutoscaleView) {
        lock(&self.0).insert(wish.id, (wish.desired_generation, view));
    }
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Verdict {
    Full,
    NotFull,
    /// Something is under way, or it was not measured for long enough.
    Unknown,
}

impl Panel {
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
        let mut judged = Vec::new();
        for id in tx.cluster_autoscaling().await? {
            if let Some(rows) = Rows::load(&mut tx, id).await? {
                judged.push((self.verdict(&rows), rows.wish));
            }
        }
        drop(tx);
        for (verdict, wish) in judged {
            match verdict {
                Verdict::Full => self.autoscale_full(&wish).await,
                Verdict::NotFull => {
                    if matches!(self.autoscales.get(&wish), AutoscaleView::Stuck { .. }) {
                        self.autoscale_told(&wish, AutoscaleView::Watching);
                    }
                }
                Verdict::Unknown => {}
            }
        }
        Ok(())
    }

    async fn autoscale_full(&self, wish: &ClusterWish) {
        let (segments, at) = (wish.segments + 1, self.now());
        match self.cluster_grow(wish, segments).await {
            Ok(true) => {
                tracing::info!(
                    cluster.id = %wish.id,
                    "cluster {} was full and grows to {segments} segments", wish.id
                );
                self.autoscale_told(wish, AutoscaleView::Grown { segments, at });
            }
            Ok(false) => {}
            // Its quota, or the host's room.
            Err(error) => {
                tracing::info!(
                    cluster.id = %wish.id, error = chain(&error),
                    "cluster {} is full and cannot grow", wish.id
                );
                let why = error.into_user().to_string();
                self.autoscale_told(wish, AutoscaleView::Stuck { why, at });
            }
        }
    }

    fn autoscale_told(&self, wish: &ClusterWish, view: AutoscaleView) {
        self.autoscales.put(wish, view);
        self.changed(wish.owner_id, wish.id);
    }

    /// Nobody asks for it but the panel: what somebody changed meanwhile stays, and false is answered.
    async fn cluster_grow(&self, seen: &ClusterWish, segments: u32) -> Result<bool, Error> {
        let capacities = self.capacities().await;
        let mut tx = self.store.write().await?;
        let wish = tx.cluster_by_id(seen.id).await?;
        let wish = wish.filter(|wish| {
            wish.autoscale
                && wish.deleting_since.is_none()
                && wish.desired_generation == seen.desired_generation
        });
        match wish {
            Some(wish) => {
                let actor = Actor::system();
                self.scale_and_commit(tx, &capacities, &actor, wish, segments)
                    .await?;
                Ok(true)
            }
            None => Ok(false),
        }
    }

    /// Full: everything is there and was measured for long enough, and the whole is nearly used up.
    /// Scaling itself asks the quota.
    fn verdict(&self, rows: &Rows) -> Verdict {
        let is_settled = rows.fact.as_ref().is_some_and(|fact| {
            fact.phase == Phase::Active && fact.observed_generation == rows.wish.desired_generation
        });
        if !is_settled {
            return Verdict::Unknown;
        }
        let now = self.now();
        let (mut cpu, mut cpu_limit, mut memory, mut memory_limit) = (0, 0, 0, 0);
        for segment in &rows.segments {
            let key = (rows.wish.id, segment.ordinal);
            let time = now - LOOK_BACK_MS..now + 1;
            if self.rings.count(key, time.clone()) < SAMPLES_LEAST {
                return Verdict::Unknown;
            }
            let mean = |measure| self.rings.mean(key, time.clone(), measure).unwrap_or(0);
            cpu += mean(Measure::Cpu);
            memory += mean(Measure::Memory);
            cpu_limit += u64::from(segment.vcpus) * 100;
            memory_limit += segment.memory_mib << 20;
        }
        match is_over(cpu, cpu_limit) || is_over(memory, memory_limit) {
            true => Verdict::Full,
            false => Verdict::NotFull,
        }
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
