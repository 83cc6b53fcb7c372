//! One real engine: what agent and manager add to it, call by call and byte by byte.

mod stream;

use std::time::{Duration, Instant};

use serde_json::Value;
use swarm::http::Target;

use super::client::{Client, Times};
use super::floor::{EmptyServer, floor};
use super::{Report, verdict};
use crate::lab::{Lab, door_tls};

/// p50 that calls from the manager's own state should have, microseconds.
const STATE_TARGETS: [(&str, &str, i128); 3] = [
    ("`_ping`", "GET /_ping", 58),
    ("`ps`", "GET /containers/json", 61),
    ("`info`", "GET /info", 107),
];
/// Every way is measured in turn, so often: what else the machine does then falls on all of them.
const ROUNDS: usize = 5;

/// The three ways to the same engine.
pub struct Ways {
    /// dockerd's unix socket.
    bare: Client,
    /// dockerd's own port with mutual TLS.
    tls: Client,
    /// The manager's port with mutual TLS.
    ours: Client,
    empty: EmptyServer,
    lab: Lab,
}

impl Ways {
    fn all(&self) -> [&Client; 3] {
        [&self.bare, &self.tls, &self.ours]
    }
}

pub fn measure(calls: usize, report: &mut Report) {
    let lab = Lab::start_measured(1);
    lab.docker_ok(&["run", "-d", "--name", "one", "busybox", "sleep", "100000"]);
    let node = &lab.nodes[0];
    let certs = &lab.certs;
    let ways = Ways {
        bare: Client::plain(Target::Unix(node.socket())),
        tls: Client::with_tls(node.own_door(), door_tls(certs, "manager")),
        ours: Client::with_bundle(format!("{}:2376", node.ip), certs, &lab.alice),
        empty: EmptyServer::start(),
        lab,
    };
    let runtime = tokio::runtime::Builder::new_current_thread()
        .enable_all()
        .build()
        .expect("a runtime");
    runtime.block_on(async {
        latencies(calls, &ways, report).await;
        stream::measure(&ways, report).await;
    });
}

async fn latencies(calls: usize, ways: &Ways, report: &mut Report) {
    report.line("## What manager and agent add to one engine");
    report.line("");
    report.line("The same engine by three ways: its unix socket, its own port with mutual TLS (`dockerd --tlsverify`, what a person would have without a manager), and the manager's port with mutual TLS, from where it goes on to the agent with mutual TLS and to the socket. One kept connection of a Rust client each, in turn. Microseconds, p50 / p99.");
    report.line("");
    report.line(
        "| call | socket | dockerd over TLS | manager | added to the socket | added to TLS |",
    );
    report.line("|---|---|---|---|---|---|");
    let mut row = |name: &str, times: &[Times; 3]| {
        let pair = |one: &Times| format!("{} / {}", one.us(50), one.us(99));
        let [bare, tls, ours] = times;
        let added = |to: &Times| {
            let of = |share| ours.us(share) - to.us(share);
            format!("{} / {}", of(50), of(99))
        };
        let cells = [pair(bare), pair(tls), pair(ours), added(bare), added(tls)];
        report.line(&format!("| {name} | {} |", cells.join(" | ")));
    };
    let mut machine = floor(calls);
    let mut state = Vec::new();
    for (name, request, target) in STATE_TARGETS {
        // An engine's own info takes milliseconds.
        let times = in_turn(ways, calls / if name == "`info`" { 10 } else { 1 }, request).await;
        row(name, &times);
        state.push((name, times[2].us(50), target));
    }
    machine.list.extend(floor(calls).list);
    let empty = ways.empty.times(calls).await;
    let inspect = in_turn(ways, calls, "GET /containers/one/json").await;
    row("`inspect`", &inspect);
    let [bare, _, ours] = &inspect;
    let added = (ours.us(50) - bare.us(50), ours.us(99) - bare.us(99));
    let mut times: [Times; 3] = Default::default();
    for _ in 0..(calls / 50).clamp(5, 30) {
        for (client, times) in ways.all().into_iter().zip(&mut times) {
            times.list.push(create_start(client).await);
        }
    }
    row("`create` and `start`", &times);
    report.line("");
    let targets = state.iter().map(|(name, p50, target)| {
        format!("{name} {p50} (target {target}, {})", verdict(p50 <= target))
    });
    report.line(&format!(
        "Targets for calls from the manager's own state, p50 in µs: {}. Of each of these the machine itself takes {} / {}: two threads that pass 200 bytes over loopback TCP to and fro, with nothing done in between. A server of the same libraries (tokio, hyper, rustls) with mutual TLS that says `OK` and knows of nothing takes this client {} / {}: what a call takes beyond that is the manager's own work. For a call that goes to an engine, added to the socket: p50 ≤ 500 {}, p99 ≤ 3000 {}.",
        targets.collect::<Vec<_>>().join(", "),
        machine.us(50),
        machine.us(99),
        empty.us(50),
        empty.us(99),
        verdict(added.0 <= 500),
        verdict(added.1 <= 3000),
    ));
    report.line("");
}

/// `n` calls by each way.
async fn in_turn(ways: &Ways, n: usize, request: &str) -> [Times; 3] {
    let mut times: [Times; 3] = Default::default();
    for _ in 0..ROUNDS {
        for (client, times) in ways.all().into_iter().zip(&mut times) {
            let more = client.times(n.div_ceil(ROUNDS), request).await;
            times.list.extend(more.list);
        }
    }
    times
}

async fn create_start(client: &Client) -> Duration {
    let began = Instant::now();
    let id = create(client, r#"{"Image":"busybox","Cmd":["sleep","1000"]}"#).await;
    client
        .time(&format!("POST /containers/{id}/start"), "")
        .await;
    let took = began.elapsed();
    client
        .time(&format!("DELETE /containers/{id}?force=1"), "")
        .await;
    took
}

pub async fn create(client: &Client, body: &str) -> String {
    let (status, answer) = client.call("POST /containers/create", body).await;
    let text = String::from_utf8_lossy(&answer);
    assert_eq!(status, 201, "{text}");
    let answer: Value = serde_json::from_slice(&answer).expect("JSON");
    answer["Id"].as_str().expect("an id").to_owned()
}
