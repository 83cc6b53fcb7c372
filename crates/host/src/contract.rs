//! What every [`Host`] has to do, as tests that any of them can be put through.
//!
//! The simulator runs them in `cargo test -p host`, libvirt in `cargo test -p host-libvirt` with
//! `CARINA_TEST_LIBVIRT=1`. Each takes a cluster of its own and removes it, also when it fails:
//! [`check`] does. A test that only one of them passes shows that the two have drifted apart.

pub mod endpoint;
pub mod engine;

use std::future::Future;
use std::net::Ipv4Addr;
use std::pin::Pin;
use std::sync::Arc;
use std::time::Duration;

use ipnet::Ipv4Net;
use model::ClusterId;
use tokio::sync::broadcast;
use wire::{DomainMark, EngineIdentity, ManagerIdentity, SEED_VERSION, Secret, SegmentSeed};

use crate::{
    Host, HostError, HostEvent, NetworkMode, NetworkSpec, NodeName, SegmentSpec, SegmentState,
};

/// How long an event may take.
const EVENT_WITHIN: Duration = Duration::from_secs(10);
const GRACE_S: u32 = 10;

/// Where the tests may work: a /24 that nobody uses, ids that nobody has, an image that is there.
#[derive(Debug, Clone)]
pub struct Ground {
    pub cluster: ClusterId,
    pub subnet: Ipv4Net,
    pub id_base: u32,
    pub image: String,
}

type Test = for<'a> fn(&'a dyn Host, &'a Ground) -> Pin<Box<dyn Future<Output = ()> + Send + 'a>>;

/// Every test with its name.
pub const ALL: &[(&str, Test)] = &[
    ("an_unknown_cluster_is_empty", |host, ground| {
        Box::pin(an_unknown_cluster_is_empty(host, ground))
    }),
    ("a_network_is_made_once_and_goes", |host, ground| {
        Box::pin(a_network_is_made_once_and_goes(host, ground))
    }),
    ("a_segment_lives_and_goes", |host, ground| {
        Box::pin(a_segment_lives_and_goes(host, ground))
    }),
    ("every_verb_may_be_repeated", |host, ground| {
        Box::pin(every_verb_may_be_repeated(host, ground))
    }),
    ("a_disk_grows_and_never_shrinks", |host, ground| {
        Box::pin(a_disk_grows_and_never_shrinks(host, ground))
    }),
    ("what_is_not_there_does_not_start", |host, ground| {
        Box::pin(what_is_not_there_does_not_start(host, ground))
    }),
    ("a_segment_needs_its_network", |host, ground| {
        Box::pin(a_segment_needs_its_network(host, ground))
    }),
    ("starts_and_stops_are_told", |host, ground| {
        Box::pin(starts_and_stops_are_told(host, ground))
    }),
];

/// Runs one test and takes its cluster away whatever came of it; nothing may be left.
pub async fn check(host: Arc<dyn Host>, ground: Ground, test: Test) {
    let (running, on) = (Arc::clone(&host), ground.clone());
    let outcome = tokio::spawn(async move { test(&*running, &on).await }).await;
    remove(&*host, &ground).await;
    if let Err(failure) = outcome {
        std::panic::resume_unwind(failure.into_panic());
    }
    let left = ok(host.observe(ground.cluster).await);
    assert_eq!(left, crate::HostObserved::default(), "something is left");
    let strays = ok(host.strays().await);
    let name = ground.cluster.to_string();
    let ours: Vec<_> = strays
        .0
        .iter()
        .filter(|line| line.contains(&name))
        .collect();
    assert!(ours.is_empty(), "strays: {ours:?}");
}

async fn remove(host: &dyn Host, ground: &Ground) {
    for ordinal in 1..=3 {
        ok(host.segment_ensure_gone(&ground.node(ordinal)).await);
    }
    ok(host.network_ensure_gone(ground.cluster).await);
}

async fn an_unknown_cluster_is_empty(host: &dyn Host, ground: &Ground) {
    let observed = ok(host.observe(ground.cluster).await);
    assert_eq!(observed, crate::HostObserved::default());
    assert!(!ok(host.clusters().await).contains(&ground.cluster));
    assert!(!ok(host.usage().await).contains_key(&ground.node(1)));
    let capacity = ok(host.capacity().await);
    assert!(capacity.memory_total_mib > 0 && capacity.cpus > 0);
    assert!(capacity.disk_total_bytes >= capacity.disk_free_bytes);
    for finding in host.examine().await {
        let is_ok = finding.level == model::FindingLevel::Ok;
        assert_eq!(is_ok, finding.mend.is_none(), "{finding:?}");
    }
}

async fn a_network_is_made_once_and_goes(host: &dyn Host, ground: &Ground) {
    let spec = ground.network();
    ok(host.network_ensure(&spec).await);
    ok(host.network_ensure(&spec).await);
    let observed = ok(host.observe(ground.cluster).await);
    assert!(observed.network.is_some_and(|network| network.is_active));
    assert!(ok(host.clusters().await).contains(&ground.cluster));
    ok(host.network_ensure_gone(ground.cluster).await);
    assert_eq!(ok(host.observe(ground.cluster).await).network, None);
}

async fn a_segment_lives_and_goes(host: &dyn Host, ground: &Ground) {
    let node = ground.node(1);
    ok(host.network_ensure(&ground.network()).await);
    ok(host
        .segment_ensure_defined(&ground.segment(1), &ground.seed(1, 1))
        .await);
    assert_eq!(state(host, ground, 1).await, Some(SegmentState::Stopped));
    let observed = ok(host.observe(ground.cluster).await);
    let segment = &observed.segments[&1];
    assert!(segment.is_defined && segment.has_seed);
    assert_eq!(segment.disk_bytes, Some(ground.segment(1).disk_bytes));

    ok(host.segment_ensure_running(&node).await);
    assert_eq!(state(host, ground, 1).await, Some(SegmentState::Running));
    let first = ok(host.usage().await)[&node];
    assert!(first.memory_bytes != Some(0), "none, or some");
    let second = ok(host.usage().await)[&node];
    assert!(second.cpu_time_ns >= first.cpu_time_ns);
    assert!(second.network_in_bytes >= first.network_in_bytes);
    assert!(second.disk_write_bytes >= first.disk_write_bytes);

    ok(host.segment_ensure_stopped(&node, GRACE_S).await);
    assert_eq!(state(host, ground, 1).await, Some(SegmentState::Stopped));
    assert!(!ok(host.usage().await).contains_key(&node));

    ok(host.segment_ensure_running(&node).await);
    ok(host.segment_ensure_gone(&node).await);
    assert_eq!(state(host, ground, 1).await, None);
}

async fn every_verb_may_be_repeated(host: &dyn Host, ground: &Ground) {
    let node = ground.node(1);
    for _ in 0..2 {
        ok(host.network_ensure(&ground.network()).await);
    }
    for generation in 1..3 {
        ok(host
            .segment_ensure_defined(&ground.segment(1), &ground.seed(1, generation))
            .await);
    }
    for generation in 3..5 {
        ok(host.seed_ensure(&node, &ground.seed(1, generation)).await);
    }
    for _ in 0..2 {
        ok(host.segment_ensure_running(&node).await);
    }
    // Defining what runs changes what runs next time.
    ok(host
        .segment_ensure_defined(&ground.segment(1), &ground.seed(1, 5))
        .await);
    assert_eq!(state(host, ground, 1).await, Some(SegmentState::Running));
    for _ in 0..2 {
        ok(host.segment_ensure_stopped(&node, GRACE_S).await);
    }
    for _ in 0..2 {
        ok(host.segment_ensure_gone(&node).await);
    }
    for _ in 0..2 {
        ok(host.network_ensure_gone(ground.cluster).await);
    }
}

async fn a_disk_grows_and_never_shrinks(host: &dyn Host, ground: &Ground) {
    const GIB: u64 = 1 << 30;
    let node = ground.node(1);
    let size = async || {
        let observed = ok(host.observe(ground.cluster).await);
        observed.segments[&1].disk_bytes.map(|bytes| bytes / GIB)
    };
    let nowhere = host.disk_ensure_grown(&node, GIB).await;
    assert!(
        matches!(nowhere, Err(HostError::Failed { .. })),
        "{nowhere:?}"
    );
    ok(host.network_ensure(&ground.network()).await);
    ok(host
        .segment_ensure_defined(&ground.segment(1), &ground.seed(1, 1))
        .await);
    assert_eq!(size().await, Some(20));
    for (wanted, expect) in [(30, 30), (30, 30), (25, 30)] {
        ok(host.disk_ensure_grown(&node, wanted * GIB).await);
        assert_eq!(size().await, Some(expect), "{wanted}");
    }
    // Defined with the size that it had once, it keeps the one that it has.
    ok(host
        .segment_ensure_defined(&ground.segment(1), &ground.seed(1, 2))
        .await);
    assert_eq!(size().await, Some(30));
    ok(host.segment_ensure_running(&node).await);
    let running = host.disk_ensure_grown(&node, 40 * GIB).await;
    assert!(
        matches!(running, Err(HostError::Failed { .. })),
        "{running:?}"
    );
    assert_eq!(size().await, Some(30));
    ok(host.segment_ensure_stopped(&node, GRACE_S).await);
    ok(host.disk_ensure_grown(&node, 40 * GIB).await);
    assert_eq!(size().await, Some(40));
    ok(host.segment_ensure_running(&node).await);
    assert_eq!(state(host, ground, 1).await, Some(SegmentState::Running));
}

async fn what_is_not_there_does_not_start(host: &dyn Host, ground: &Ground) {
    let node = ground.node(1);
    let start = host.segment_ensure_running(&node).await;
    assert!(matches!(start, Err(HostError::Failed { .. })), "{start:?}");
    let seed = host.seed_ensure(&node, &ground.seed(1, 1)).await;
    assert!(matches!(seed, Err(HostError::Failed { .. })), "{seed:?}");
    ok(host.segment_ensure_stopped(&node, GRACE_S).await);
    ok(host.segment_ensure_gone(&node).await);
}

async fn a_segment_needs_its_network(host: &dyn Host, ground: &Ground) {
    let node = ground.node(1);
    ok(host
        .segment_ensure_defined(&ground.segment(1), &ground.seed(1, 1))
        .await);
    let start = host.segment_ensure_running(&node).await;
    assert!(matches!(start, Err(HostError::Failed { .. })), "{start:?}");
    assert_eq!(state(host, ground, 1).await, Some(SegmentState::Stopped));
    ok(host.network_ensure(&ground.network()).await);
    ok(host.segment_ensure_running(&node).await);
}

async fn starts_and_stops_are_told(host: &dyn Host, ground: &Ground) {
    let node = ground.node(2);
    ok(host.network_ensure(&ground.network()).await);
    ok(host
        .segment_ensure_defined(&ground.segment(2), &ground.seed(2, 1))
        .await);
    let mut events = host.events();
    ok(host.segment_ensure_running(&node).await);
    hears(&mut events, &HostEvent::SegmentStarted(node.clone())).await;
    ok(host.segment_ensure_gone(&node).await);
    hears(&mut events, &HostEvent::SegmentStopped(node)).await;
}

async fn hears(events: &mut broadcast::Receiver<HostEvent>, wanted: &HostEvent) {
    let heard = tokio::time::timeout(EVENT_WITHIN, async {
        while events.recv().await.expect("a host that is there") != *wanted {}
    });
    assert!(heard.await.is_ok(), "{wanted:?} was not told");
}

async fn state(host: &dyn Host, ground: &Ground, ordinal: u32) -> Option<SegmentState> {
    let observed = ok(host.observe(ground.cluster).await);
    observed.segments.get(&ordinal).map(|segment| segment.state)
}

fn ok<T>(result: Result<T, HostError>) -> T {
    match result {
        Ok(value) => value,
        Err(error) => panic!("{error}"),
    }
}

impl Ground {
    pub fn node(&self, ordinal: u32) -> NodeName {
        NodeName {
            cluster: self.cluster,
            ordinal,
        }
    }

    pub fn network(&self) -> NetworkSpec {
        NetworkSpec {
            cluster: self.cluster,
            mode: NetworkMode::Nat,
            bridge: format!("crn{}", &self.cluster.0.simple().to_string()[24..]),
            subnet: self.subnet,
            gateway: self.address(1),
        }
    }

    pub fn segment(&self, ordinal: u32) -> SegmentSpec {
        let address = self.segment_address(ordinal);
        SegmentSpec {
            node: self.node(ordinal),
            mark: DomainMark {
                cluster: self.cluster.0,
                ordinal,
                id_base: self.id_base + ordinal * wire::ID_RANGE,
                image: self.image.clone(),
                address,
                discovery_port: 17_946,
                pids: 4096,
            },
            mac: wire::segment_mac(address),
            address,
            prefix: self.subnet.prefix_len(),
            gateway: self.address(1),
            memory_mib: 2048,
            vcpus: 2,
            disk_bytes: 20 << 30,
        }
    }

    /// A seed without real certificates: the segment boots, its agent cannot register.
    pub fn seed(&self, ordinal: u32, generation: u64) -> Vec<u8> {
        let none = || Secret("none".into());
        let seed = SegmentSeed {
            version: SEED_VERSION,
            generation,
            cluster: self.cluster.0,
            node: self.node(ordinal).to_string(),
            ordinal,
            address: self.segment_address(ordinal),
            gateway: self.address(1),
            nameservers: vec![self.address(1)],
            discovery: format!("token://{}:17946/v1/none", self.address(1)),
            panel_ca_pem: "none".into(),
            manager: ManagerIdentity {
                ca_pem: "none".into(),
                server_cert_pem: "none".into(),
                server_key_pem: none(),
            },
            engine: EngineIdentity {
                ca_pem: "none".into(),
                agent_cert_pem: "none".into(),
                agent_key_pem: none(),
                manager_cert_pem: "none".into(),
                manager_key_pem: none(),
            },
        };
        serde_json::to_vec(&seed).expect("because a seed is plain data")
    }

    fn segment_address(&self, ordinal: u32) -> Ipv4Addr {
        self.address(10 + ordinal)
    }

    fn address(&self, offset: u32) -> Ipv4Addr {
        Ipv4Addr::from_bits(self.subnet.network().to_bits() + offset)
    }
}
