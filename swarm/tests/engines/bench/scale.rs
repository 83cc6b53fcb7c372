//! One manager over more and more simulated engines.

use std::net::{Ipv4Addr, TcpListener};
use std::process::Command;
use std::time::{Duration, Instant};

use super::client::{Client, Times};
use super::sim::{CONTAINERS, Sims};
use super::{Report, resident};
use crate::lab::{CLUSTER, Certs, Process, SWARM};

pub struct Row {
    pub engines: usize,
    ready: Duration,
    ps: Times,
    ps_one: Times,
    info: Times,
    inspect: Times,
    create: Times,
    ping: Times,
    /// Bytes after the start, and after all calls.
    memory: [u64; 2],
}

pub fn measure(engines: usize, calls: usize) -> Row {
    let dir = tempfile::tempdir().expect("a directory");
    let certs = Certs::new(
        dir.path(),
        CLUSTER,
        &[Ipv4Addr::LOCALHOST],
        Ipv4Addr::LOCALHOST,
    );
    let alice = certs.client("alice", CLUSTER);
    let sims = Sims::start(engines, &certs);
    let list: Vec<String> = sims.entries.iter().map(ToString::to_string).collect();
    let entries = dir.path().join("entries");
    std::fs::write(&entries, list.join("\n")).expect("a file");
    let address = {
        let listener = TcpListener::bind("127.0.0.1:0").expect("a port");
        listener.local_addr().expect("bound").to_string()
    };
    let mut command = Command::new(SWARM);
    command
        .args(["manage", &format!("-H=tcp://{address}"), "--tlsverify"])
        .arg(format!("--tlscacert={}", certs.cluster_ca().display()))
        .arg(format!("--tlscert={}", certs.server_cert().display()))
        .arg(format!("--tlskey={}", certs.server_key().display()))
        .arg(format!("file://{}", entries.display()))
        .env("SWARM_ENGINE_TLSCACERT", certs.engine_ca())
        .env("SWARM_ENGINE_TLSCERT", certs.manager_cert())
        .env("SWARM_ENGINE_TLSKEY", certs.manager_key())
        .env("SWARM_CLUSTER", CLUSTER);
    let began = Instant::now();
    let manager = Process::start(command, &dir.path().join("manager.log"));
    let runtime = tokio::runtime::Builder::new_current_thread()
        .enable_all()
        .build()
        .expect("a runtime");
    runtime.block_on(async {
        let client = Client::with_bundle(address, &certs, &alice);
        while client.pool.connect_ahead().await.is_err() {
            assert!(
                began.elapsed() < Duration::from_secs(10),
                "it does not listen"
            );
            tokio::time::sleep(Duration::from_millis(5)).await;
        }
        loop {
            let (_, info) = client.call("GET /info", "").await;
            let healthy = String::from_utf8_lossy(&info)
                .matches("\"Healthy\"")
                .count();
            if healthy == engines {
                break;
            }
            assert!(
                began.elapsed() < Duration::from_secs(120),
                "{healthy} engines are healthy"
            );
            tokio::time::sleep(Duration::from_millis(50)).await;
        }
        let ready = began.elapsed();
        let started = resident(manager.id());
        // Large answers, fewer of them.
        let large = if engines >= 1000 { calls / 10 } else { calls };
        let ping = client.times(calls, "GET /_ping").await;
        let ps = client.times(large, "GET /containers/json").await;
        let one = "GET /containers/json?filters=%7B%22name%22%3A%5B%22shop-0-web-7%22%5D%7D";
        let ps_one = client.times(large, one).await;
        let info = client.times(large, "GET /info").await;
        let inspect = client
            .times(calls, "GET /containers/shop-0-web-7/json")
            .await;
        let mut create = Times::default();
        for k in 0..calls.min(200) {
            let request = format!("POST /containers/create?name=made-{k}");
            let body = r#"{"Image":"nginx:1.29","HostConfig":{"Memory":16777216}}"#;
            create.list.push(client.time(&request, body).await.0);
        }
        let memory = [started, resident(manager.id())];
        Row {
            engines,
            ready,
            ps,
            ps_one,
            info,
            inspect,
            create,
            ping,
            memory,
        }
    })
}

pub fn write(rows: &[Row], report: &mut Report) {
    report.line("## `docker ps`, `info`, `inspect` and `create` over many engines");
    report.line("");
    report.line(&format!(
        "Simulated engines in the measuring process, {CONTAINERS} running containers on each, mutual TLS on both sides, one kept connection of a Rust client, one call after another. Milliseconds, p50 / p90 / p99. The classic program's figures are those that Docker published for 1,000 nodes and 30,000 containers with Swarm 1.0 on EC2 (API, and scheduling of one container); other machines, so an order of magnitude and no race.",
    ));
    report.line("");
    report.line("| engines | containers | `ps` | `ps` of one name | `info` | `inspect` | `create` | `_ping` |");
    report.line("|---|---|---|---|---|---|---|---|");
    for row in rows {
        report.line(&format!(
            "| {} | {} | {} | {} | {} | {} | {} | {} |",
            row.engines,
            row.engines * CONTAINERS,
            row.ps.ms(),
            row.ps_one.ms(),
            row.info.ms(),
            row.inspect.ms(),
            row.create.ms(),
            row.ping.ms(),
        ));
    }
    report.line("| classic, 1000 | 30000 | 150 / 200 / 360 | | | | 230 / 250 / 400 | |");
    report.line("");
    if let Some(row) = rows.iter().find(|row| row.engines == 1000) {
        let p99 = row.ps.at(99);
        report.line(&format!(
            "Target for `docker ps` over 1,000 engines: p99 ≤ 150 ms, {}: {:.1} ms for {:.1} MB.",
            super::verdict(p99 <= Duration::from_millis(150)),
            p99.as_secs_f64() * 1e3,
            row.ps.bytes as f64 / 1e6,
        ));
        report.line("");
    }
    report.line(
        "| engines | all engines read after | manager resident, just started | after the calls |",
    );
    report.line("|---|---|---|---|");
    for row in rows {
        let mib = |bytes: u64| format!("{:.1} MiB", bytes as f64 / 1048576.0);
        report.line(&format!(
            "| {} | {:.2} s | {} | {} |",
            row.engines,
            row.ready.as_secs_f64(),
            mib(row.memory[0]),
            mib(row.memory[1]),
        ));
    }
    report.line("");
}
