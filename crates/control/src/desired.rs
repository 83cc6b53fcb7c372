//! What is wanted of one cluster, with every detail filled in.

use std::collections::BTreeMap;
use std::sync::Arc;

use host::{ClientIdentity, EngineTarget, NetworkMode, NetworkSpec, NodeName, SegmentSpec};
use ipnet::Ipv4Net;
use model::{ClusterId, UnixMs};
use store::{ClusterFact, ClusterWish, SegmentFact, SegmentWish};
use wire::DomainMark;

use crate::Settings;
use crate::error::Error;
use crate::material::Authorities;
use crate::placement;

/// The input of a plan; wishes only, and how long the loop has been at it.
#[derive(Clone)]
pub(crate) struct Desired {
    pub cluster: ClusterId,
    pub generation: i64,
    pub is_deleting: bool,
    /// A rebuild was asked for and is not done.
    pub is_rebuilding: bool,
    /// Failed tries so far.
    pub attempt: u32,
    /// How long the last rounds waited for the same thing.
    pub waited_ms: i64,
    pub network: NetworkSpec,
    /// By ordinal; those that go are in it too.
    pub segments: BTreeMap<u32, DesiredSegment>,
}

#[derive(Clone)]
pub(crate) struct DesiredSegment {
    pub spec: SegmentSpec,
    pub target: EngineTarget,
    pub seed: Seed,
    pub is_removing: bool,
    /// How long ago it was seen to start; none when it was not seen running.
    pub running_ms: Option<i64>,
}

/// A seed volume's content; `Debug` does not show it.
#[derive(Clone, PartialEq, Eq)]
pub(crate) struct Seed {
    pub generation: u64,
    pub bytes: Arc<[u8]>,
}

impl std::fmt::Debug for Seed {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "Seed({})", self.generation)
    }
}

/// Rows of one cluster as one read transaction saw them.
pub(crate) struct Rows {
    pub wish: ClusterWish,
    pub segments: Vec<SegmentWish>,
    pub fact: Option<ClusterFact>,
    pub segment_facts: BTreeMap<u32, SegmentFact>,
}

/// What the panel uses on a cluster, parsed once.
#[derive(Clone)]
pub(crate) struct Identities {
    pub authorities: Arc<Authorities>,
    pub panel: Arc<ClientIdentity>,
    pub probe: Arc<ClientIdentity>,
}

impl Rows {
    pub(crate) async fn load(
        tx: &mut store::Tx,
        cluster: ClusterId,
    ) -> Result<Option<Self>, Error> {
        let Some(wish) = tx.cluster_by_id(cluster).await? else {
            return Ok(None);
        };
        let segments = tx.segment_list(cluster).await?;
        let fact = tx.fact_get(cluster).await?;
        let facts = tx.segment_fact_list(cluster).await?;
        let segment_facts = facts.into_iter().map(|fact| (fact.ordinal, fact)).collect();
        Ok(Some(Self {
            wish,
            segments,
            fact,
            segment_facts,
        }))
    }

    pub(crate) fn subnet(&self) -> Result<Ipv4Net, Error> {
        subnet(&self.wish)
    }

    pub(crate) fn desired(
        &self,
        identities: &Identities,
        settings: &Settings,
        panel_ca_pem: &str,
        attempt: u32,
        now: UnixMs,
    ) -> Result<Desired, Error> {
        let wish = &self.wish;
        let subnet = self.subnet()?;
        let mut segments = BTreeMap::new();
        for row in &self.segments {
            let bytes = identities
                .authorities
                .seed(wish, row, subnet, settings, panel_ca_pem)?;
            let running = self
                .segment_facts
                .get(&row.ordinal)
                .and_then(|f| f.running_since);
            let desired = DesiredSegment {
                spec: segment_spec(row, subnet, settings.discovery_port),
                target: target(row, identities.panel.clone()),
                seed: Seed {
                    generation: row.seed_generation.unsigned_abs(),
                    bytes: bytes.into(),
                },
                is_removing: row.removing_since.is_some() || wish.deleting_since.is_some(),
                running_ms: running.map(|since| now - since),
            };
            segments.insert(row.ordinal, desired);
        }
        let fact = self.fact.as_ref();
        let observed_generation = fact.map_or(0, |fact| fact.observed_generation);
        Ok(Desired {
            cluster: wish.id,
            generation: wish.desired_generation,
            is_deleting: wish.deleting_since.is_some(),
            is_rebuilding: wish.rebuild_generation > observed_generation,
            attempt,
            waited_ms: fact
                .and_then(|f| f.waiting_since)
                .map_or(0, |since| now - since),
            network: network_spec(wish, subnet),
            segments,
        })
    }
}

pub(crate) fn subnet(wish: &ClusterWish) -> Result<Ipv4Net, Error> {
    wish.subnet
        .parse()
        .map_err(|_| Error::Broken(format!("“{}” is no subnet", wish.subnet)))
}

pub(crate) fn target(row: &SegmentWish, identity: Arc<ClientIdentity>) -> EngineTarget {
    let node = NodeName {
        cluster: row.cluster_id,
        ordinal: row.ordinal,
    };
    EngineTarget {
        node,
        address: *row.address,
        identity,
    }
}

fn network_spec(wish: &ClusterWish, subnet: Ipv4Net) -> NetworkSpec {
    NetworkSpec {
        cluster: wish.id,
        mode: network_mode(&wish.network_mode),
        bridge: placement::bridge(subnet),
        subnet,
        gateway: placement::gateway(subnet),
    }
}

fn segment_spec(row: &SegmentWish, subnet: Ipv4Net, discovery_port: u16) -> SegmentSpec {
    SegmentSpec {
        node: NodeName {
            cluster: row.cluster_id,
            ordinal: row.ordinal,
        },
        mark: DomainMark {
            cluster: row.cluster_id.0,
            ordinal: row.ordinal,
            id_base: row.id_base,
            image: row.image.clone(),
            address: *row.address,
            discovery_port,
            pids: row.pids,
        },
        mac: row.mac.clone(),
        address: *row.address,
        prefix: subnet.prefix_len(),
        gateway: placement::gateway(subnet),
        memory_mib: row.memory_mib,
        vcpus: row.vcpus,
        disk_bytes: row.disk_bytes,
    }
}

/// Words in the database for the modes.
pub(crate) fn network_mode_word(mode: NetworkMode) -> &'static str {
    match mode {
        NetworkMode::Nat => "nat",
        NetworkMode::Routed => "routed",
    }
}

fn network_mode(word: &str) -> NetworkMode {
    match word {
        "routed" => NetworkMode::Routed,
        _ => NetworkMode::Nat,
    }
}
