//! [`LibvirtHost`] as a [`Host`].

use std::collections::{BTreeMap, BTreeSet};
use std::time::Duration;

use async_trait::async_trait;
use host::{
    Capacity, Host, HostError, HostEvent, HostObserved, NetworkSpec, NodeName, SegmentSpec,
    SegmentUsage, Strays,
};
use model::{ClusterId, Finding, FindingLevel};
use tokio::sync::broadcast;
use tokio::time::{Instant, sleep};

use crate::doctor::{Check, Level, doctor};
use crate::{LibvirtHost, local, network, segment, usage, volume};

/// Between two looks at a segment that is stopping.
const LOOK_EVERY: Duration = Duration::from_millis(50);

#[async_trait]
impl Host for LibvirtHost {
    fn name(&self) -> &str {
        &self.name
    }

    async fn observe(&self, cluster: ClusterId) -> Result<HostObserved, HostError> {
        self.run(move |connect| {
            Ok(HostObserved {
                network: network::observe(connect, cluster)?,
                segments: segment::observe(connect, cluster)?,
            })
        })
        .await
    }

    async fn clusters(&self) -> Result<Vec<ClusterId>, HostError> {
        self.run(|connect| {
            let volumes = volume::list(connect)?;
            let mut clusters: BTreeSet<_> = network::clusters(connect)?.into_iter().collect();
            clusters.extend(segment::list(connect)?.keys().map(|node| node.cluster));
            clusters.extend(volumes.disks.iter().map(|node| node.cluster));
            clusters.extend(volumes.seeds.iter().map(|node| node.cluster));
            Ok(clusters.into_iter().collect())
        })
        .await
    }

    async fn network_ensure(&self, spec: &NetworkSpec) -> Result<(), HostError> {
        let spec = spec.clone();
        self.run(move |connect| network::ensure(connect, &spec))
            .await
    }

    async fn network_ensure_gone(&self, cluster: ClusterId) -> Result<(), HostError> {
        self.run(move |connect| network::ensure_gone(connect, cluster))
            .await
    }

    async fn segment_ensure_defined(
        &self,
        spec: &SegmentSpec,
        seed: &[u8],
    ) -> Result<(), HostError> {
        let (spec, seed) = (spec.clone(), seed.to_vec());
        self.run(move |connect| segment::ensure_defined(connect, &spec, &seed))
            .await
    }

    async fn seed_ensure(&self, node: &NodeName, seed: &[u8]) -> Result<(), HostError> {
        let (node, seed) = (node.clone(), seed.to_vec());
        self.run(move |connect| segment::seed_ensure(connect, &node, &seed))
            .await
    }

    async fn disk_ensure_grown(&self, node: &NodeName, bytes: u64) -> Result<(), HostError> {
        let node = node.clone();
        self.run(move |connect| segment::disk_ensure_grown(connect, &node, bytes))
            .await
    }

    async fn segment_ensure_running(&self, node: &NodeName) -> Result<(), HostError> {
        let node = node.clone();
        self.run(move |connect| segment::ensure_running(connect, &node))
            .await
    }

    async fn segment_ensure_stopped(&self, node: &NodeName, grace_s: u32) -> Result<(), HostError> {
        let asked = node.clone();
        if !self
            .run(move |connect| segment::ask_to_stop(connect, &asked))
            .await?
        {
            return Ok(());
        }
        let until = Instant::now() + Duration::from_secs(grace_s.into());
        loop {
            let asked = node.clone();
            if !self
                .run(move |connect| segment::is_running(connect, &asked))
                .await?
            {
                return Ok(());
            }
            if Instant::now() >= until {
                break;
            }
            sleep(LOOK_EVERY).await;
        }
        let node = node.clone();
        self.run(move |connect| segment::ensure_destroyed(connect, &node))
            .await
    }

    async fn segment_ensure_gone(&self, node: &NodeName) -> Result<(), HostError> {
        let node = node.clone();
        self.run(move |connect| segment::ensure_gone(connect, &node))
            .await
    }

    async fn usage(&self) -> Result<BTreeMap<NodeName, SegmentUsage>, HostError> {
        let is_local = local::is_local(&self.uri);
        self.run(move |connect| usage::all(connect, is_local)).await
    }

    async fn capacity(&self) -> Result<Capacity, HostError> {
        let is_local = local::is_local(&self.uri);
        self.run(move |connect| volume::capacity(connect, is_local))
            .await
    }

    async fn examine(&self) -> Vec<Finding> {
        let options = self.doctor.clone().filter(|_| local::is_local(&self.uri));
        let Some(options) = options else {
            return vec![from_afar()];
        };
        let checks = tokio::task::spawn_blocking(move || doctor(&options)).await;
        checks.map_or_else(
            |_| vec![from_afar()],
            |checks| checks.into_iter().map(Finding::from).collect(),
        )
    }

    async fn strays(&self) -> Result<Strays, HostError> {
        let is_local = local::is_local(&self.uri);
        self.run(move |connect| local::strays(connect, is_local))
            .await
    }

    fn events(&self) -> broadcast::Receiver<HostEvent> {
        self.events.subscribe()
    }
}

/// Most of what the doctor looks at can only be seen on the machine itself.
fn from_afar() -> Finding {
    Finding {
        name: "doctor".to_owned(),
        level: FindingLevel::Warn,
        found: "this host cannot be examined from here".to_owned(),
        mend: Some("run `carina host doctor` on it".to_owned()),
    }
}

impl From<Check> for Finding {
    fn from(check: Check) -> Self {
        Self {
            name: check.name.to_owned(),
            level: match check.level {
                Level::Ok => FindingLevel::Ok,
                Level::Warn => FindingLevel::Warn,
                Level::Fail => FindingLevel::Fail,
            },
            found: check.found,
            mend: check.mend,
        }
    }
}
