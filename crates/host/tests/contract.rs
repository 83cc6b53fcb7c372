//! The simulator keeps the contract of every host, and its faults do what they say.
#![expect(clippy::unwrap_used, reason = "a test that cannot go on fails")]

use std::sync::Arc;

use host::contract::endpoint::{self, EndpointGround};
use host::contract::engine::containers_tell_what_they_use;
use host::contract::{ALL, Ground, check};
use host::sim::{Sim, Verb, When};
use host::{
    ClientIdentity, Endpoint as _, EndpointError, EndpointTarget, EngineError, EngineTarget, Host,
    HostError, SegmentState,
};
use model::ClusterId;
use uuid::Uuid;

fn ground() -> Ground {
    Ground {
        cluster: ClusterId(Uuid::from_u128(7)),
        subnet: "10.84.7.0/24".parse().expect("a subnet"),
        id_base: 2_000_027_648,
        image: "0123456789abcdef".into(),
    }
}

#[tokio::test]
async fn the_simulator_keeps_the_contract() {
    for (name, test) in ALL {
        eprintln!("{name}");
        let sim = Sim::new("sim");
        check(Arc::new(sim.clone()), ground(), *test).await;
        assert_eq!(sim.violations(), Vec::<String>::new(), "{name}");
    }
}

#[tokio::test]
async fn a_crash_before_a_call_leaves_the_world_alone() {
    let (sim, ground) = (Sim::new("sim"), ground());
    sim.crash_at(1, When::Before);
    assert!(sim.network_ensure(&ground.network()).await.is_ok());
    let defined = sim
        .segment_ensure_defined(&ground.segment(1), &ground.seed(1, 1))
        .await;
    assert!(matches!(defined, Err(HostError::Failed { .. })));
    assert!(sim.has_crashed());
    // Dead is dead.
    assert!(sim.observe(ground.cluster).await.is_err());
    sim.restart();
    let observed = sim.observe(ground.cluster).await.unwrap();
    assert!(observed.network.is_some() && observed.segments.is_empty());
}

#[tokio::test]
async fn a_crash_after_a_call_has_its_effect() {
    let (sim, ground) = (Sim::new("sim"), ground());
    sim.crash_at(0, When::After);
    assert!(sim.network_ensure(&ground.network()).await.is_err());
    sim.restart();
    assert!(sim.observe(ground.cluster).await.unwrap().network.is_some());
}

#[tokio::test]
async fn told_to_fail_a_verb_fails_so_often() {
    let (sim, ground) = (Sim::new("sim"), ground());
    sim.fail_next(Verb::NetworkEnsure, 2);
    for is_ok in [false, false, true] {
        let result = sim.network_ensure(&ground.network()).await;
        assert_eq!(result.is_ok(), is_ok);
    }
}

#[tokio::test]
async fn what_happens_behind_our_back_is_observed() {
    let (sim, ground) = (Sim::new("sim"), ground());
    sim.network_ensure(&ground.network()).await.unwrap();
    let seed = ground.seed(1, 1);
    sim.segment_ensure_defined(&ground.segment(1), &seed)
        .await
        .unwrap();
    sim.segment_ensure_running(&ground.node(1)).await.unwrap();
    sim.destroy_behind_our_back(&ground.node(1));
    let observed = sim.observe(ground.cluster).await.unwrap();
    assert_eq!(observed.segments[&1].state, SegmentState::Stopped);
    sim.undefine_behind_our_back(&ground.node(1));
    let observed = sim.observe(ground.cluster).await.unwrap();
    let left = &observed.segments[&1];
    assert!(!left.is_defined && left.disk_bytes.is_some());
    assert_eq!(sim.strays().await.unwrap().0.len(), 1);
}

#[tokio::test]
async fn shared_addresses_are_written_down() {
    let (sim, ground) = (Sim::new("sim"), ground());
    let mut twin = ground.segment(2);
    twin.address = ground.segment(1).address;
    for spec in [ground.segment(1), twin] {
        sim.segment_ensure_defined(&spec, b"").await.unwrap();
    }
    assert_eq!(sim.violations().len(), 1);
}

/// A segment that is up, with its guests, and its endpoint in somebody's name.
async fn endpoint_ground(sim: &Sim) -> EndpointGround {
    let ground = ground();
    sim.network_ensure(&ground.network()).await.unwrap();
    sim.segment_ensure_defined(&ground.segment(1), &ground.seed(1, 1))
        .await
        .unwrap();
    sim.segment_ensure_running(&ground.node(1)).await.unwrap();
    let identity = ClientIdentity {
        ca_pem: "none".into(),
        cert_pem: "none".into(),
        key_pem: wire::Secret("none".into()),
    };
    EndpointGround {
        target: EndpointTarget {
            cluster: ground.cluster,
            managers: vec![ground.segment(1).address],
            nodes: vec![ground.node(1)],
            identity: Arc::new(identity),
        },
        container: "web".parse().unwrap(),
    }
}

#[tokio::test]
async fn the_simulated_endpoint_keeps_the_contract() {
    let sim = Sim::new("sim").with_guests();
    let ground = endpoint_ground(&sim).await;
    for (name, test) in endpoint::ALL {
        eprintln!("{name}");
        test(&sim, &ground).await;
    }
}

#[tokio::test]
async fn simulated_containers_tell_what_they_use() {
    let sim = Sim::new("sim").with_guests();
    let at = endpoint_ground(&sim).await.target;
    let target = EngineTarget {
        node: at.nodes[0].clone(),
        address: at.managers[0],
        identity: Arc::clone(&at.identity),
    };
    let all = sim.container_list(&at).await.unwrap();
    let web = all.iter().find(|one| one.name == "web").unwrap();
    containers_tell_what_they_use(&sim, &target, &web.id).await;
    sim.hold(&target.node);
    let silent = host::Engine::containers_usage(&sim, &target).await;
    assert!(matches!(silent, Err(EngineError::Unreachable { .. })));
}

#[tokio::test]
async fn an_endpoint_knows_its_own_authority_alone() {
    let sim = Sim::new("sim").with_guests();
    let ground = endpoint_ground(&sim).await;
    let mut stranger = ground.target.clone();
    stranger.identity = Arc::new(ClientIdentity {
        ca_pem: "another".into(),
        ..ClientIdentity::clone(&ground.target.identity)
    });
    let got = sim.container_list(&stranger).await;
    assert!(matches!(got, Err(EndpointError::Unreachable { .. })));
}
