//! Containers of a cluster, over all its segments, through its endpoint.

use std::collections::HashMap;
use std::sync::Mutex;
use std::time::{Duration, Instant};

use host::EndpointError;
use model::{
    ClusterId, ContainerAction, ContainerDetailView, ContainerRef, ContainerUsageView,
    ContainerView, VariableView,
};
use store::ClusterWish;

use crate::Actor;
use crate::error::Error;
use crate::panel::{Panel, lock};
use crate::permit::Action;

/// CPU over a shorter time says nothing.
const INTERVAL_MIN: Duration = Duration::from_millis(400);
/// An older sample says nothing of now.
const INTERVAL_MAX: Duration = Duration::from_secs(60);
/// Containers whose last sample is kept.
const SAMPLES: usize = 1024;

/// The last sample of each container that somebody looks at.
#[derive(Default)]
pub(crate) struct ContainerUsage(Mutex<HashMap<(ClusterId, ContainerRef), (Instant, u64)>>);

impl ContainerUsage {
    /// Hundredths of a vCPU since the sample before, which this one replaces.
    fn cpu_centi(&self, of: (ClusterId, ContainerRef), now: Instant, cpu_us: u64) -> Option<u32> {
        let mut samples = lock(&self.0);
        let before = samples.get(&of).copied();
        if let Some((at, _)) = before
            && now - at < INTERVAL_MIN
        {
            return None;
        }
        if samples.len() >= SAMPLES {
            samples.retain(|_, (at, _)| now - *at < INTERVAL_MAX);
        }
        if samples.len() < SAMPLES {
            samples.insert(of, (now, cpu_us));
        }
        let (at, cpu_before_us) = before.filter(|(at, _)| now - *at <= INTERVAL_MAX)?;
        // Restarted in between: the counter began again.
        let used_us = u128::from(cpu_us.checked_sub(cpu_before_us)?);
        u32::try_from(used_us * 100 / (now - at).as_micros().max(1)).ok()
    }
}

/// How the audit log calls a container: by the name that the engine gives it, if it can be one.
pub(crate) fn audited(asked: &ContainerRef, told: &str) -> String {
    match told.parse::<ContainerRef>() {
        Ok(name) => name.into(),
        Err(_) => asked.to_string(),
    }
}

impl Panel {
    pub(crate) async fn container_list(
        &self,
        actor: &Actor,
        id: ClusterId,
    ) -> Result<Vec<ContainerView>, Error> {
        let (_, at) = self.endpoint_of(actor, id, Action::ClusterSee).await?;
        Ok(self.endpoint.container_list(&at).await?)
    }

    /// Without the values of its environment.
    pub(crate) async fn container_get(
        &self,
        actor: &Actor,
        id: ClusterId,
        container: &ContainerRef,
    ) -> Result<ContainerDetailView, Error> {
        let (_, at) = self.endpoint_of(actor, id, Action::ClusterSee).await?;
        Ok(self.endpoint.container_get(&at, container).await?.0)
    }

    /// With values, which may be secrets: written down who looked.
    pub(crate) async fn container_environment(
        &self,
        actor: &Actor,
        id: ClusterId,
        container: &ContainerRef,
    ) -> Result<Vec<VariableView>, Error> {
        let (wish, at) = self.endpoint_of(actor, id, Action::ClusterUse).await?;
        let (view, variables) = self.endpoint.container_get(&at, container).await?;
        let name = audited(container, &view.summary.name);
        self.container_audit(actor, "container_environment", &wish, name)
            .await?;
        Ok(variables)
    }

    /// Refused or done, it is written down.
    pub(crate) async fn container_act(
        &self,
        actor: &Actor,
        id: ClusterId,
        container: &ContainerRef,
        action: ContainerAction,
    ) -> Result<(), Error> {
        let (wish, at) = self.endpoint_of(actor, id, Action::ClusterUse).await?;
        // Its name, as long as there is one to be asked for.
        let (view, _) = self.endpoint.container_get(&at, container).await?;
        let name = audited(container, &view.summary.name);
        let outcome = self.endpoint.container_act(&at, container, action).await;
        let action = format!("container_{action}");
        self.outcome_audit(actor, &action, &wish, name, outcome)
            .await?;
        // Not after a refusal: pages that look again would take it away.
        self.changed(wish.owner_id, id);
        Ok(())
    }

    /// Writes down what was tried at an endpoint, with the reason where it was refused, and hands
    /// on how it went.
    pub(crate) async fn outcome_audit<T>(
        &self,
        actor: &Actor,
        action: &str,
        wish: &ClusterWish,
        what: String,
        outcome: Result<T, EndpointError>,
    ) -> Result<T, Error> {
        let detail = match &outcome {
            Ok(_) => what,
            Err(error) => format!("{what}: {error}"),
        };
        self.container_audit(actor, action, wish, detail).await?;
        Ok(outcome?)
    }

    pub(crate) async fn container_audit(
        &self,
        actor: &Actor,
        action: &str,
        wish: &ClusterWish,
        detail: String,
    ) -> Result<(), Error> {
        let mut tx = self.store.write().await?;
        tx.audit_insert(&self.cluster_audit(actor, action, wish, detail))
            .await?;
        tx.commit().await?;
        Ok(())
    }

    /// CPU is what was used since the last look, so the first one does not tell it.
    pub(crate) async fn container_usage(
        &self,
        actor: &Actor,
        id: ClusterId,
        container: &ContainerRef,
    ) -> Result<ContainerUsageView, Error> {
        let (_, at) = self.endpoint_of(actor, id, Action::ClusterSee).await?;
        let sample = self.endpoint.container_usage(&at, container).await?;
        let of = (id, container.clone());
        Ok(ContainerUsageView {
            cpu_centi: self
                .container_usage
                .cpu_centi(of, Instant::now(), sample.cpu_us),
            ..sample.usage
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_engine_writes_no_stories_into_the_audit_log() {
        let asked: ContainerRef = "0a1b".parse().unwrap();
        assert_eq!(audited(&asked, "web"), "web");
        for told in ["", "web\nada: cluster_delete", &"x".repeat(9_000)] {
            assert_eq!(audited(&asked, told), "0a1b");
        }
    }

    #[test]
    fn cpu_is_what_was_used_between_two_looks() {
        let usage = ContainerUsage::default();
        let begin = Instant::now();
        let look = |at_ms: u64, cpu_us| {
            let container: ContainerRef = "web".parse().unwrap();
            let of = (ClusterId(uuid::Uuid::nil()), container);
            usage.cpu_centi(of, begin + Duration::from_millis(at_ms), cpu_us)
        };
        assert_eq!(look(0, 1_000), None);
        assert_eq!(look(100, 900_000), None, "too soon");
        assert_eq!(look(1_000, 501_000), Some(50));
        assert_eq!(look(2_000, 5), None, "it was restarted");
        assert_eq!(look(92_000, 10), None, "long ago");
    }
}
