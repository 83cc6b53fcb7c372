//! One real engine: what agent and manager add to it, call by call and byte by byte.

use std::time::{Duration, Instant};

use http::{Request, header};
use http_body_util::BodyExt as _;
use hyper_util::rt::TokioIo;
use serde_json::Value;
use swarm::http::{Target, bytes_body, empty};
use tokio::io::{AsyncReadExt, AsyncWriteExt};

use super::client::{Client, Times};
use super::{Report, number, verdict};
use crate::lab::Lab;

/// p50 that calls from the manager's own state should have, microseconds.
const STATE_TARGETS: [(&str, &str, i128); 3] = [
    ("`_ping`", "GET /_ping", 58),
    ("`ps`", "GET /containers/json", 61),
    ("`info`", "GET /info", 107),
];

pub fn measure(calls: usize, report: &mut Report) {
    let lab = Lab::start(1);
    lab.docker_ok(&["run", "-d", "--name", "one", "busybox", "sleep", "100000"]);
    let direct = Client::plain(Target::Unix(lab.nodes[0].socket()));
    let entry = format!("{}:2376", lab.nodes[0].ip);
    let through = Client::with_bundle(entry, &lab.certs, &lab.alice);
    let runtime = tokio::runtime::Builder::new_current_thread()
        .enable_all()
        .build()
        .expect("a runtime");
    runtime.block_on(async {
        latencies(calls, &direct, &through, report).await;
        throughputs(&direct, &through, report).await;
    });
}

async fn latencies(calls: usize, direct: &Client, through: &Client, report: &mut Report) {
    report.line("## What manager and agent add to one engine");
    report.line("");
    report.line("dockerd's own unix socket against the manager's port with mutual TLS, one kept connection of a Rust client each. Microseconds.");
    report.line("");
    report
        .line("| call | bare p50 | bare p99 | manager p50 | manager p99 | added p50 | added p99 |");
    report.line("|---|---|---|---|---|---|---|");
    let mut row = |name: &str, bare: &Times, ours: &Times| {
        let of = |share| (bare.us(share), ours.us(share));
        let ((b50, o50), (b99, o99)) = (of(50), of(99));
        report.line(&format!(
            "| {name} | {b50} | {b99} | {o50} | {o99} | {} | {} |",
            o50 - b50,
            o99 - b99
        ));
    };
    let mut state = Vec::new();
    for (name, request, target) in STATE_TARGETS {
        // An engine's own info takes milliseconds.
        let bare = direct.times(calls / 4, request).await;
        let ours = through.times(calls, request).await;
        row(name, &bare, &ours);
        state.push((name, ours.us(50), target));
    }
    let inspect = "GET /containers/one/json";
    let (bare, ours) = (
        direct.times(calls, inspect).await,
        through.times(calls, inspect).await,
    );
    row("inspect", &bare, &ours);
    let added = (ours.us(50) - bare.us(50), ours.us(99) - bare.us(99));
    let (mut bare, mut ours) = (Times::default(), Times::default());
    for _ in 0..(calls / 50).clamp(5, 30) {
        bare.list.push(create_start(direct).await);
        ours.list.push(create_start(through).await);
    }
    row("create and start", &bare, &ours);
    report.line("");
    let targets = state.iter().map(|(name, p50, target)| {
        format!("{name} {p50} (target {target}, {})", verdict(p50 <= target))
    });
    report.line(&format!(
        "Targets for calls from the manager's own state, p50 in µs: {}. For a call that goes to an engine, added: p50 ≤ 500 {}, p99 ≤ 3000 {}.",
        targets.collect::<Vec<_>>().join(", "),
        verdict(added.0 <= 500),
        verdict(added.1 <= 3000),
    ));
    report.line("");
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

async fn create(client: &Client, body: &str) -> String {
    let (status, answer) = client.call("POST /containers/create", body).await;
    let text = String::from_utf8_lossy(&answer);
    assert_eq!(status, 201, "{text}");
    let answer: Value = serde_json::from_slice(&answer).expect("JSON");
    answer["Id"].as_str().expect("an id").to_owned()
}

async fn throughputs(direct: &Client, through: &Client, report: &mut Report) {
    let size = number("CARINA_BENCH_MIB", 256) << 20;
    report.line("Throughput, MB/s, the better of two: output and input of a hijacked connection (`exec`, `attach`), and an archive sent along with a `build`.");
    report.line("");
    report.line("| stream | bare | through the manager | share |");
    report.line("|---|---|---|---|");
    let rate = |took: Duration| size as f64 / 1e6 / took.as_secs_f64();
    let mut row = |name: &str, bare: [Duration; 2], ours: [Duration; 2]| {
        let best = |list: [Duration; 2]| rate(list[0].min(list[1]));
        let (bare, ours) = (best(bare), best(ours));
        report.line(&format!(
            "| {name} | {bare:.0} | {ours:.0} | {:.0} % |",
            ours / bare * 100.0
        ));
    };
    let bare = [exec_out(direct, size).await, exec_out(direct, size).await];
    let ours = [exec_out(through, size).await, exec_out(through, size).await];
    row("`exec`, out", bare, ours);
    let bare = [attach_in(direct, size).await, attach_in(direct, size).await];
    let ours = [
        attach_in(through, size).await,
        attach_in(through, size).await,
    ];
    row("`attach`, in", bare, ours);
    let context = context(size);
    let bare = [build(direct, &context).await, build(direct, &context).await];
    let ours = [
        build(through, &context).await,
        build(through, &context).await,
    ];
    row("`build`, context", bare, ours);
    report.line("");
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

/// An archive with one large file that the build does not use.
fn context(size: usize) -> bytes::Bytes {
    let mut archive = Vec::with_capacity(size + 8192);
    let mut add = |name: &str, content: &[u8]| {
        let mut head = [0_u8; 512];
        let mut put =
            |at: usize, text: &str| head[at..at + text.len()].copy_from_slice(text.as_bytes());
        put(0, name);
        put(100, "0000644");
        put(108, "0000000");
        put(116, "0000000");
        put(124, &format!("{:011o}", content.len()));
        put(136, "00000000000");
        put(148, "        ");
        put(156, "0");
        put(257, "ustar");
        put(263, "00");
        let sum: u32 = head.iter().map(|byte| u32::from(*byte)).sum();
        head[148..155].copy_from_slice(format!("{sum:06o}\0").as_bytes());
        archive.extend_from_slice(&head);
        archive.extend_from_slice(content);
        archive.resize(archive.len().next_multiple_of(512), 0);
    };
    add("Dockerfile", b"FROM busybox\nLABEL a=b\n");
    add("large", &vec![7; size]);
    archive.extend_from_slice(&[0; 1024]);
    archive.into()
}

async fn build(client: &Client, context: &bytes::Bytes) -> Duration {
    let request = Request::post("/build?rm=1&version=1")
        .header(header::HOST, "docker")
        .header(header::CONTENT_TYPE, "application/x-tar")
        .body(bytes_body(context.clone()))
        .expect("a request");
    let began = Instant::now();
    let response = client.pool.send(request).await.expect("an answer");
    let body = response.into_body().collect().await.expect("it is whole");
    let took = began.elapsed();
    let said = String::from_utf8_lossy(&body.to_bytes()).into_owned();
    assert!(said.contains("Successfully built"), "{said}");
    took
}
