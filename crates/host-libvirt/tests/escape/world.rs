//! The clusters and the rest of the world: made, and taken away whatever happens.

use std::net::{TcpListener, UdpSocket};
use std::os::unix::fs::MetadataExt;
use std::process::Command;
use std::sync::Arc;

use host::contract::Ground;
use host::{Host, SegmentSpec};
use model::ClusterId;
use uuid::Uuid;

use crate::attempts::World;
use crate::probe::Engine;
use crate::segments::{BOOTS_WITHIN, image, inside, wait_for};

/// A network namespace with a machine of the internet and one of the host's own network in it.
const OUTSIDE: &str = "carina-outside";
const OUTSIDE_LINK: &str = "carina-out0";
/// Addresses for documentation: nobody's, and not private. No more of them than are needed: some
/// machines put their mirrors into such networks.
const INTERNET: &str = "198.51.100.254";
const PRIVATE: &str = "192.168.213.2";
/// Small, so that they are soon exhausted.
const MEMORY_MIB: u64 = 1024;
const DISK_BYTES: u64 = 1 << 30;
const PIDS: u32 = 640;
pub const CONNECTIONS: u32 = 3000;

pub struct Clusters {
    pub world: World,
    /// Of the segment whose people have gone bad, and of the other one in its cluster.
    pub engine: Engine,
    pub peer: Engine,
    /// Of the segment in the other cluster.
    pub neighbour: Engine,
    pub attacker: SegmentSpec,
    pub peer_spec: SegmentSpec,
    pub neighbour_spec: SegmentSpec,
    pub bridge: String,
    // What listens, for as long as the clusters are there.
    _panel: (TcpListener, UdpSocket),
    _discovery: TcpListener,
}

/// Runs a test on fresh clusters and removes them whatever came of it; nothing may be left.
pub async fn with_clusters(host: Arc<dyn Host>, test: impl FnOnce(Clusters) + Send + 'static) {
    let grounds = [
        ground(*b"escape-attackers", 250, 2_102_001_664),
        ground(*b"escape-neighbour", 249, 2_102_329_344),
    ];
    for ground in &grounds {
        remove(&*host, ground).await;
    }
    let rules = Rules::few_connections();
    let (running, on) = (Arc::clone(&host), grounds.clone());
    let outcome = tokio::spawn(async move {
        let clusters = begin(&*running, &on).await;
        tokio::task::spawn_blocking(move || test(clusters)).await
    })
    .await;
    for ground in &grounds {
        remove(&*host, ground).await;
    }
    outside_remove();
    drop(rules);
    match outcome {
        Ok(Ok(())) => {}
        Ok(Err(failure)) | Err(failure) => std::panic::resume_unwind(failure.into_panic()),
    }
    let strays = host.strays().await.expect("strays").0;
    for ground in &grounds {
        let name = ground.cluster.to_string();
        let left = strays.iter().find(|line| line.contains(&name));
        assert!(left.is_none(), "{left:?}");
        let rules = output("nft", &["list", "ruleset"]);
        let network = ground.subnet.network().to_string();
        let prefix = network.trim_end_matches('0');
        let ours = rules.lines().find(|line| {
            line.contains(prefix) && !line.contains("saddr") && !line.contains("daddr")
        });
        assert!(ours.is_none(), "a rule is left: {ours:?}");
    }
}

async fn remove(host: &dyn Host, ground: &Ground) {
    for ordinal in 1..=2 {
        let gone = host.segment_ensure_gone(&ground.node(ordinal)).await;
        gone.expect("an end");
    }
    let gone = host.network_ensure_gone(ground.cluster).await;
    gone.expect("an end");
}

/// The host's rules with a limit that is soon reached; as they were when this is dropped.
struct Rules(Vec<u8>);

impl Rules {
    fn few_connections() -> Self {
        let found = std::fs::read(rules_path()).expect("rules: run carina host prepare");
        let mut rules: wire::HostRules = serde_json::from_slice(&found).expect("rules");
        rules.connections = CONNECTIONS;
        std::fs::write(rules_path(), serde_json::to_vec(&rules).expect("JSON")).expect("rules");
        Self(found)
    }
}

impl Drop for Rules {
    fn drop(&mut self) {
        std::fs::write(rules_path(), &self.0).expect("rules");
    }
}

fn rules_path() -> String {
    format!("{}/{}", wire::STATE_DIR, wire::RULES_FILE)
}

fn ground(cluster: [u8; 16], third: u8, id_base: u32) -> Ground {
    Ground {
        cluster: ClusterId(Uuid::from_bytes(cluster)),
        subnet: format!("10.84.{third}.0/24").parse().expect("a subnet"),
        id_base,
        image: image(),
    }
}

async fn begin(host: &dyn Host, [bad, good]: &[Ground; 2]) -> Clusters {
    outside_remove();
    outside_make();
    let discovery = TcpListener::bind("0.0.0.0:0").expect("a port");
    let discovery_port = discovery.local_addr().expect("an address").port();
    let small = |ground: &Ground, ordinal| {
        let mut spec = ground.segment(ordinal);
        spec.memory_mib = MEMORY_MIB;
        spec.vcpus = 1;
        spec.disk_bytes = DISK_BYTES;
        spec.mark.pids = PIDS;
        spec.mark.discovery_port = discovery_port;
        spec
    };
    let specs = [small(bad, 1), small(bad, 2), small(good, 1)];
    for ground in [bad, good] {
        host.network_ensure(&ground.network())
            .await
            .expect("a network");
    }
    for (spec, ground) in specs.iter().zip([bad, bad, good]) {
        let seed = ground.seed(spec.node.ordinal, 1);
        host.segment_ensure_defined(spec, &seed)
            .await
            .expect("a segment");
        host.segment_ensure_running(&spec.node)
            .await
            .expect("a start");
    }
    let [engine, peer, neighbour] = specs.each_ref().map(|spec| {
        let inside = inside(&spec.node.to_string());
        let socket = inside.join("run/docker.sock");
        wait_for(BOOTS_WITHIN, || socket.exists().then_some(()));
        let engine = Engine::new(&inside);
        wait_for(BOOTS_WITHIN, || {
            let answer = engine.docker(&["version"]).output().expect("docker");
            answer.status.success().then_some(())
        });
        engine.import();
        engine
    });
    let panel = TcpListener::bind("0.0.0.0:0").expect("a port");
    let open_port = panel.local_addr().expect("an address").port();
    let by_udp = UdpSocket::bind(("0.0.0.0", open_port)).expect("the same port");
    let [attacker, peer_spec, neighbour_spec] = specs;
    let world = World {
        marker: rules_path(),
        root_device: device("/"),
        other_disk: device(&format!(
            "{}/segments/{}/disk",
            wire::STATE_DIR,
            neighbour_spec.node
        )),
        other_disk_path: format!("{}/pool/{}.disk", wire::STATE_DIR, neighbour_spec.node),
        gateway: attacker.gateway.to_string(),
        host_addresses: host_addresses(&attacker.gateway.to_string()),
        open_port,
        discovery_port,
        neighbour: neighbour_spec.address.to_string(),
        neighbour_gateway: neighbour_spec.gateway.to_string(),
        internet: INTERNET.into(),
        private: PRIVATE.into(),
        foreign_id: 100_000,
    };
    Clusters {
        world,
        engine,
        peer,
        neighbour,
        attacker,
        peer_spec,
        neighbour_spec,
        bridge: bad.network().bridge,
        _panel: (panel, by_udp),
        _discovery: discovery,
    }
}

/// `major minor` of the device that a path lies on.
fn device(path: &str) -> String {
    let path = if std::path::Path::new(path).exists() {
        path
    } else {
        "/"
    };
    let device = std::fs::metadata(path).expect("a path").dev();
    format!("{} {}", libc::major(device), libc::minor(device))
}

fn host_addresses(gateway: &str) -> Vec<String> {
    output("ip", &["-4", "-o", "address", "show", "scope", "global"])
        .lines()
        .filter_map(|line| line.split_whitespace().nth(3)?.split('/').next())
        .filter(|address| *address != gateway)
        .map(str::to_owned)
        .collect()
}

/// Runs a command and gives back its standard output.
pub fn output(program: &str, arguments: &[&str]) -> String {
    let output = Command::new(program).args(arguments).output();
    let output = output.unwrap_or_else(|why| panic!("{program}: {why}"));
    String::from_utf8_lossy(&output.stdout).into_owned()
}

fn outside_make() {
    let steps = [
        format!("netns add {OUTSIDE}"),
        format!("link add {OUTSIDE_LINK} type veth peer name eth0 netns {OUTSIDE}"),
        format!("address add 198.51.100.253/30 dev {OUTSIDE_LINK}"),
        format!("address add 192.168.213.1/30 dev {OUTSIDE_LINK}"),
        format!("link set {OUTSIDE_LINK} up"),
        format!("-n {OUTSIDE} address add {INTERNET}/30 dev eth0"),
        format!("-n {OUTSIDE} address add {PRIVATE}/30 dev eth0"),
        format!("-n {OUTSIDE} link set eth0 up"),
        format!("-n {OUTSIDE} route add default via 198.51.100.253"),
    ];
    for step in steps {
        let words: Vec<&str> = step.split(' ').collect();
        let done = Command::new("ip").args(&words).output().expect("ip");
        assert!(done.status.success(), "ip {step}: {done:?}");
    }
}

fn outside_remove() {
    // The link goes with either end.
    for words in [
        &["netns", "del", OUTSIDE][..],
        &["link", "del", OUTSIDE_LINK],
    ] {
        let _ = Command::new("ip").args(words).output();
    }
}
