//! Streams: how fast they are by each way, and what processor time agent and manager take for them.

use std::time::{Duration, Instant};

use http::{Request, header};
use http_body_util::BodyExt as _;
use hyper_util::rt::TokioIo;
use serde_json::Value;
use swarm::http::{Body, bytes_body, empty};
use tokio::io::{AsyncReadExt, AsyncWriteExt};

use super::super::client::Client;
use super::super::{Report, number, verdict};
use super::{Ways, create};
use crate::lab::Process;

/// What a stream through the manager should have of one over dockerd's own TLS, in percent.
const SHARE_TARGET: f64 = 90.0;
const ROUNDS: usize = 5;

/// What goes over a stream.
struct Load {
    size: usize,
    context: bytes::Bytes,
    archive: bytes::Bytes,
}

#[derive(Clone, Copy)]
enum Kind {
    ExecOut,
    AttachIn,
    ArchiveOut,
    ArchiveIn,
    BuildContext,
}

const KINDS: [(&str, Kind); 5] = [
    ("`exec`, output", Kind::ExecOut),
    ("`attach`, input", Kind::AttachIn),
    ("`cp`, into a container", Kind::ArchiveIn),
    ("`cp`, out of a container", Kind::ArchiveOut),
    ("`build`, context", Kind::BuildContext),
];

impl Kind {
    async fn run(self, client: &Client, load: &Load) -> Duration {
        match self {
            Self::ExecOut => exec_out(client, load.size).await,
            Self::AttachIn => attach_in(client, load.size).await,
            Self::ArchiveOut => archive_out(client, load.size).await,
            Self::ArchiveIn => archive_in(client, &load.archive).await,
            Self::BuildContext => build(client, &load.context).await,
        }
    }
}

pub async fn measure(ways: &Ways, report: &mut Report) {
    let size = number("CARINA_BENCH_MIB", 256) << 20;
    report.line("## Streams");
    report.line("");
    report.line(&format!(
        "{} MiB each, the median of {ROUNDS} by each way in turn, MB/s; client, dockerd, agent and manager share this machine's cores, so what the manager costs is seen at its fullest. A share is the median of the shares in each turn. The target, {SHARE_TARGET:.0} %, is for what a person would have without a manager: dockerd over TLS. Where a stream into a container misses it: between manager and agent it is encrypted once more, which shows where the engine itself is quick and all five programs share the cores; more cores reach it, or an agent that the manager need not encrypt for. Last, the processor time that agent and manager together take for a gigabyte.",
        size >> 20,
    ));
    report.line("");
    report.line("| stream | socket | dockerd over TLS | manager | share of the socket | share of TLS | | s of processor per GB |");
    report.line("|---|---|---|---|---|---|---|---|");
    let large = vec![7; size];
    let dockerfile = b"FROM busybox\nLABEL a=b\n";
    let tar = |files: &[(&str, &[u8])]| bytes::Bytes::from(ways.lab.tar_make(files));
    let load = Load {
        size,
        context: tar(&[("Dockerfile", dockerfile), ("large", &large)]),
        archive: tar(&[("blob", &large)]),
    };
    for (name, kind) in KINDS {
        let mut took: [Vec<f64>; 3] = Default::default();
        let mut processor = 0.0;
        // The first turn does not count: caches, and the connections' windows.
        for turn in 0..=ROUNDS {
            for (k, client) in ways.all().into_iter().enumerate() {
                let before = processor_time(ways);
                let duration = kind.run(client, &load).await;
                if turn > 0 {
                    took[k].push(duration.as_secs_f64());
                    if k == 2 {
                        processor += processor_time(ways) - before;
                    }
                }
            }
        }
        let gigabytes = size as f64 / 1e9;
        let share = |of: usize| {
            let pairs = took[of].iter().zip(&took[2]);
            median(pairs.map(|(direct, ours)| direct / ours * 100.0).collect())
        };
        let [bare, tls, ours] = [0, 1, 2].map(|k| gigabytes * 1e3 / median(took[k].clone()));
        let of_tls = share(1);
        report.line(&format!(
            "| {name} | {bare:.0} | {tls:.0} | {ours:.0} | {:.0} % | {of_tls:.0} % | {} | {:.2} |",
            share(0),
            verdict(of_tls >= SHARE_TARGET),
            processor / (gigabytes * ROUNDS as f64),
        ));
    }
    report.line("");
}

fn median(mut list: Vec<f64>) -> f64 {
    list.sort_by(f64::total_cmp);
    list.get(list.len() / 2).copied().unwrap_or(f64::NAN)
}

/// Seconds that agent and manager have had so far.
fn processor_time(ways: &Ways) -> f64 {
    let node = &ways.lab.nodes[0];
    let both = node.agent.iter().chain(&node.manager).map(Process::id);
    both.map(|pid| {
        let stat = std::fs::read_to_string(format!("/proc/{pid}/stat")).expect("it runs");
        // Behind the name, which may hold anything: user and system time, in hundredths.
        let (_, fields) = stat.rsplit_once(')').expect("a name");
        let fields: Vec<&str> = fields.split_whitespace().collect();
        let ticks = |at: usize| fields[at].parse::<f64>().expect("a number");
        (ticks(11) + ticks(12)) / 100.0
    })
    .sum()
}

/// A connection that has left HTTP.
async fn hijack(client: &Client, target: &str, body: &str) -> TokioIo<hyper::upgrade::Upgraded> {
    let mut request = Request::post(target)
        .header(header::HOST, "docker")
        .header(header::CONNECTION, "Upgrade")
        .header(header::UPGRADE, "tcp");
    if !body.is_empty() {
        request = request.header(header::CONTENT_TYPE, "application/json");
    }
    let body = if body.is_empty() {
        empty()
    } else {
        bytes_body(body.to_owned())
    };
    let request = request.body(body).expect("a request");
    let response = client.pool.send_alone(request).await.expect("an answer");
    assert_eq!(response.status().as_u16(), 101);
    TokioIo::new(hyper::upgrade::on(response).await.expect("a connection"))
}

async fn exec_out(client: &Client, size: usize) -> Duration {
    let body = format!(r#"{{"AttachStdout":true,"Cmd":["sh","-c","head -c {size} /dev/zero"]}}"#);
    let (status, answer) = client.call("POST /containers/one/exec", &body).await;
    assert_eq!(status, 201, "{}", String::from_utf8_lossy(&answer));
    let answer: Value = serde_json::from_slice(&answer).expect("JSON");
    let id = answer["Id"].as_str().expect("an id").to_owned();
    let began = Instant::now();
    let mut stream = hijack(client, &format!("/exec/{id}/start"), r#"{"Detach":false}"#).await;
    let (mut buffer, mut length) = (vec![0; 256 * 1024], 0);
    loop {
        match stream.read(&mut buffer).await.expect("it is whole") {
            0 => break,
            n => length += n,
        }
    }
    assert!(length >= size, "{length}");
    began.elapsed()
}

async fn attach_in(client: &Client, size: usize) -> Duration {
    let body = r#"{"Image":"busybox","Cmd":["sh","-c","wc -c"],"OpenStdin":true,"StdinOnce":true,
        "AttachStdin":true,"AttachStdout":true}"#;
    let id = create(client, body).await;
    let target = format!("/containers/{id}/attach?stream=1&stdin=1&stdout=1");
    let stream = hijack(client, &target, "").await;
    client
        .time(&format!("POST /containers/{id}/start"), "")
        .await;
    let (mut reader, mut writer) = tokio::io::split(stream);
    let began = Instant::now();
    let feed = async {
        let piece = vec![0; 256 * 1024];
        for _ in 0..size / piece.len() {
            writer.write_all(&piece).await.expect("it is read");
        }
        writer.shutdown().await.expect("it ends");
    };
    let mut said = Vec::new();
    let (_, end) = tokio::join!(feed, reader.read_to_end(&mut said));
    let took = began.elapsed();
    end.expect("it is whole");
    let said = String::from_utf8_lossy(&said);
    assert!(said.contains(&size.to_string()), "{said}");
    client
        .time(&format!("DELETE /containers/{id}?force=1"), "")
        .await;
    took
}

async fn send(client: &Client, request: http::request::Builder, body: Body) -> (u16, bytes::Bytes) {
    let request = request.header(header::HOST, "docker").body(body);
    let response = client.pool.send(request.expect("a request")).await;
    let response = response.expect("an answer");
    let status = response.status().as_u16();
    let body = response.into_body().collect().await.expect("it is whole");
    (status, body.to_bytes())
}

/// Of what [`archive_in`] left there.
async fn archive_out(client: &Client, size: usize) -> Duration {
    let (took, length) = client
        .time("GET /containers/one/archive?path=/blob", "")
        .await;
    assert!(length >= size, "{length}");
    took
}

async fn archive_in(client: &Client, archive: &bytes::Bytes) -> Duration {
    let request = Request::put("/containers/one/archive?path=/")
        .header(header::CONTENT_TYPE, "application/x-tar");
    let began = Instant::now();
    let (status, said) = send(client, request, bytes_body(archive.clone())).await;
    let took = began.elapsed();
    assert_eq!(status, 200, "{}", String::from_utf8_lossy(&said));
    took
}

async fn build(client: &Client, context: &bytes::Bytes) -> Duration {
    let request =
        Request::post("/build?rm=1&version=1").header(header::CONTENT_TYPE, "application/x-tar");
    let began = Instant::now();
    let (_, said) = send(client, request, bytes_body(context.clone())).await;
    let took = began.elapsed();
    let said = String::from_utf8_lossy(&said);
    assert!(said.contains("Successfully built"), "{said}");
    took
}
