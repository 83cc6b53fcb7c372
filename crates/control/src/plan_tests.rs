//! `check(desired, observed, expect)`: the trace of a plan is what people read, so it is what is
//! compared.

use std::net::Ipv4Addr;
use std::sync::Arc;

use host::{
    ClientIdentity, EngineTarget, NetworkMode, NetworkObserved, NetworkSpec, SegmentObserved,
    SegmentSpec,
};
use model::ClusterId;
use uuid::Uuid;
use wire::{DomainMark, SegmentStatus};

use super::*;
use crate::desired::Seed;

fn cluster() -> ClusterId {
    ClusterId(Uuid::from_u128(7))
}

fn node(ordinal: u32) -> NodeName {
    NodeName {
        cluster: cluster(),
        ordinal,
    }
}

fn segment(ordinal: u32) -> DesiredSegment {
    let address = Ipv4Addr::new(10, 84, 0, 10 + u8::try_from(ordinal).unwrap());
    let identity = ClientIdentity {
        ca_pem: String::new(),
        cert_pem: String::new(),
        key_pem: wire::Secret(String::new()),
    };
    DesiredSegment {
        spec: SegmentSpec {
            node: node(ordinal),
            mark: DomainMark {
                cluster: cluster().0,
                ordinal,
                id_base: 65_536 * ordinal,
                image: "0123456789abcdef".into(),
                address,
                discovery_port: 17_946,
                pids: 4096,
            },
            mac: String::new(),
            address,
            prefix: 24,
            gateway: Ipv4Addr::new(10, 84, 0, 1),
            memory_mib: 2048,
            vcpus: 2,
            disk_bytes: 1,
        },
        target: EngineTarget {
            node: node(ordinal),
            address,
            identity: Arc::new(identity),
        },
        seed: Seed {
            generation: 1,
            bytes: Arc::from(&b"{}"[..]),
        },
        is_removing: false,
        running_ms: Some(60_000),
    }
}

fn wanted(segments: u32) -> Desired {
    Desired {
        cluster: cluster(),
        generation: 1,
        is_deleting: false,
        is_rebuilding: false,
        attempt: 0,
        waited_ms: 0,
        network: NetworkSpec {
            cluster: cluster(),
            mode: NetworkMode::Nat,
            bridge: "crn0a540000".into(),
            subnet: "10.84.0.0/24".parse().unwrap(),
            gateway: Ipv4Addr::new(10, 84, 0, 1),
        },
        segments: (1..=segments)
            .map(|ordinal| (ordinal, segment(ordinal)))
            .collect(),
    }
}

fn at_host(state: SegmentState) -> SegmentObserved {
    SegmentObserved {
        is_defined: true,
        state,
        disk_bytes: Some(1),
        has_seed: true,
    }
}

fn engine(ordinal: u32, swarm: SwarmState) -> EngineObserved {
    EngineObserved {
        status: SegmentStatus {
            node: node(ordinal).to_string(),
            generation: 1,
            engine_version: Some("26.1.5".into()),
            system: Vec::new(),
            memory_bytes: 0,
            memory_limit_bytes: 0,
            cpu_usage_us: 0,
            disk_used_bytes: 0,
            disk_total_bytes: 0,
            boot: Vec::new(),
        },
        swarm,
    }
}

fn manager(has_quorum: bool) -> SwarmState {
    let (node_id, swarm_id) = ("m".to_owned(), Some("s".to_owned()));
    SwarmState::Active {
        node_id,
        role: SwarmRole::Manager,
        has_quorum,
        swarm_id,
    }
}

fn worker() -> SwarmState {
    let node_id = "w".to_owned();
    SwarmState::Active {
        node_id,
        role: SwarmRole::Worker,
        has_quorum: true,
        swarm_id: None,
    }
}

/// Everything as `wanted(segments)` wants it.
fn converged(segments: u32) -> Observed {
    let mut observed = Observed::default();
    observed.host.network = Some(NetworkObserved { is_active: true });
    for ordinal in 1..=segments {
        observed
            .host
            .segments
            .insert(ordinal, at_host(SegmentState::Running));
        let swarm = if ordinal == 1 {
            manager(true)
        } else {
            worker()
        };
        observed.engines.insert(ordinal, engine(ordinal, swarm));
        observed.answering.insert(ordinal);
    }
    observed.swarm_nodes = Some((1..=segments).map(node).collect());
    observed
}

#[track_caller]
fn check(desired: &Desired, observed: &Observed, expect: &str) {
    let made = plan(desired, observed);
    assert_eq!(made.to_string(), expect);
    assert_eq!(made.is_done(), expect.is_empty());
}

#[test]
fn a_converged_cluster_is_left_alone() {
    check(&wanted(1), &converged(1), "");
    check(&wanted(3), &converged(3), "");
}

#[test]
fn a_new_cluster_gets_its_network_and_all_segments_at_once() {
    let expect = "network; define 1, start 1; define 2, start 2; define 3, start 3";
    check(&wanted(3), &Observed::default(), expect);
}

#[test]
fn an_engine_that_is_not_up_yet_is_waited_for() {
    let mut observed = converged(1);
    observed.engines.clear();
    observed.answering.clear();
    check(&wanted(1), &observed, "waits for the engine of segment 1");
}

#[test]
fn the_lowest_segment_makes_the_swarm_and_the_others_join_it() {
    let mut observed = converged(3);
    for ordinal in 1..=3 {
        observed
            .engines
            .insert(ordinal, engine(ordinal, SwarmState::Inactive));
    }
    observed.swarm_nodes = None;
    check(&wanted(3), &observed, "swarm init 1");
    observed.engines.insert(1, engine(1, manager(true)));
    observed.swarm_nodes = Some(BTreeSet::from([node(1)]));
    check(&wanted(3), &observed, "swarm join 2; swarm join 3");
}

#[test]
fn a_segment_does_not_wait_for_its_slower_sibling() {
    let mut observed = converged(3);
    observed.engines.insert(2, engine(2, SwarmState::Inactive));
    observed.engines.remove(&3);
    observed.answering.remove(&3);
    observed.swarm_nodes = Some(BTreeSet::from([node(1)]));
    check(
        &wanted(3),
        &observed,
        "swarm join 2; waits for the engine of segment 3",
    );
}

#[test]
fn the_endpoint_is_waited_for() {
    let mut observed = converged(2);
    observed.answering.remove(&2);
    check(&wanted(2), &observed, "waits for the endpoint of segment 2");
}

#[test]
fn a_stopped_segment_is_started_with_its_newest_seed() {
    let mut observed = converged(2);
    observed
        .host
        .segments
        .insert(2, at_host(SegmentState::Stopped));
    observed.engines.remove(&2);
    check(&wanted(2), &observed, "seed 2, start 2");
    observed
        .host
        .segments
        .insert(2, at_host(SegmentState::Changing));
    check(
        &wanted(2),
        &observed,
        "waits for segment 2 to start or stop",
    );
}

#[test]
fn a_segment_that_stops_right_after_its_start_waits_for_the_next_one() {
    let mut desired = wanted(1);
    let mut observed = converged(1);
    observed
        .host
        .segments
        .insert(1, at_host(SegmentState::Stopped));
    observed.engines.clear();
    observed.answering.clear();
    desired.segments.get_mut(&1).unwrap().running_ms = Some(400);
    let expect = "waits for another start of segment 1 (it stopped right after the last)";
    check(&desired, &observed, expect);
    desired.segments.get_mut(&1).unwrap().running_ms = Some(RESTART_PAUSE_MS);
    check(&desired, &observed, "seed 1, start 1");
    desired.segments.get_mut(&1).unwrap().running_ms = None;
    check(&desired, &observed, "seed 1, start 1");
}

#[test]
fn a_segment_with_lost_volumes_is_made_whole() {
    for lose in [
        |seen: &mut SegmentObserved| seen.is_defined = false,
        |seen: &mut SegmentObserved| seen.disk_bytes = None,
        |seen: &mut SegmentObserved| seen.has_seed = false,
    ] {
        let mut observed = converged(1);
        let mut seen = at_host(SegmentState::Stopped);
        lose(&mut seen);
        observed.host.segments.insert(1, seen);
        observed.engines.clear();
        check(&wanted(1), &observed, "define 1, start 1");
    }
}

#[test]
fn an_inactive_network_is_mended() {
    let mut observed = converged(1);
    observed.host.network = Some(NetworkObserved { is_active: false });
    check(&wanted(1), &observed, "network");
}

#[test]
fn a_member_leaves_before_it_goes() {
    let mut desired = wanted(3);
    desired.segments.get_mut(&3).unwrap().is_removing = true;
    check(&desired, &converged(3), "swarm leave 3, gone 3");
    // It does not answer: it goes all the same.
    let mut observed = converged(3);
    observed.engines.remove(&3);
    check(&desired, &observed, "gone 3");
    // Leaving failed too often.
    desired.attempt = LEAVE_TRIES;
    check(&desired, &converged(3), "gone 3");
}

#[test]
fn the_swarm_forgets_a_segment_that_is_gone() {
    let mut desired = wanted(3);
    desired.segments.get_mut(&3).unwrap().is_removing = true;
    let mut observed = converged(3);
    observed.host.segments.remove(&3);
    observed.engines.remove(&3);
    check(&desired, &observed, "swarm node gone 3");
    check(&wanted(2), &observed, "swarm node gone 3");
    observed.swarm_nodes = Some((1..=2).map(node).collect());
    check(&desired, &observed, "");
}

#[test]
fn a_strange_node_in_the_swarm_is_not_ours_to_remove() {
    let mut observed = converged(1);
    let stranger = NodeName {
        cluster: ClusterId(Uuid::from_u128(8)),
        ordinal: 1,
    };
    observed.swarm_nodes = Some(BTreeSet::from([node(1), stranger]));
    check(&wanted(1), &observed, "");
}

#[test]
fn a_segment_nobody_wished_for_goes() {
    let mut observed = converged(1);
    observed
        .host
        .segments
        .insert(5, at_host(SegmentState::Stopped));
    check(&wanted(1), &observed, "gone 5");
}

#[test]
fn an_older_seed_is_replaced_on_the_disk_and_in_the_engine() {
    let mut desired = wanted(2);
    for segment in desired.segments.values_mut() {
        segment.seed.generation = 2;
    }
    check(
        &desired,
        &converged(2),
        "seed 1, rebuild 1; seed 2, rebuild 2",
    );
}

#[test]
fn a_rebuild_restarts_a_segment_whose_agent_stays_silent() {
    let mut desired = wanted(1);
    desired.is_rebuilding = true;
    let mut observed = converged(1);
    observed.engines.clear();
    observed.answering.clear();
    check(&desired, &observed, "waits for the engine of segment 1");
    desired.waited_ms = REBUILD_PATIENCE_MS;
    check(&desired, &observed, "seed 1, stop 1, start 1");
    // Just restarted: it gets its time.
    desired.segments.get_mut(&1).unwrap().running_ms = Some(1_000);
    check(&desired, &observed, "waits for the engine of segment 1");
    // Nobody asked for a rebuild: users' containers are not stopped for our sake.
    desired.segments.get_mut(&1).unwrap().running_ms = Some(600_000);
    desired.is_rebuilding = false;
    check(&desired, &observed, "waits for the engine of segment 1");
}

#[test]
fn a_swarm_without_quorum_is_made_anew_only_after_patience() {
    let mut desired = wanted(2);
    let mut observed = converged(2);
    observed.engines.insert(1, engine(1, manager(false)));
    observed.swarm_nodes = None;
    check(&desired, &observed, "waits for Docker's swarm on segment 1");
    desired.waited_ms = SWARM_PATIENCE_MS;
    check(&desired, &observed, "swarm leave 1, swarm init 1");
}

#[test]
fn a_worker_of_a_swarm_that_is_lost_joins_the_new_one() {
    let mut observed = converged(2);
    observed.swarm_nodes = Some(BTreeSet::from([node(1)]));
    check(&wanted(2), &observed, "swarm join 2");
    let mut own = manager(true);
    if let SwarmState::Active { swarm_id, .. } = &mut own {
        *swarm_id = Some("another".into());
    }
    let mut observed = converged(2);
    observed.engines.insert(2, engine(2, own));
    check(&wanted(2), &observed, "swarm join 2");
}

#[test]
fn a_deletion_removes_all_segments_and_the_network_last() {
    let mut desired = wanted(2);
    desired.is_deleting = true;
    check(&desired, &converged(2), "gone 1; gone 2");
    let mut observed = converged(0);
    check(&desired, &observed, "network gone");
    observed.host.network = None;
    check(&desired, &observed, "");
}

#[path = "plan_disk_tests.rs"]
mod disks;
