//! Nobody gets out: everything that is known to lead out of a segment or to take more than its
//! share, tried for real. With `CARINA_TEST_LIBVIRT=1` only, and it says so when it does not run.
//!
//! Two clusters: one whose people have gone bad, and a neighbour. The attempts are made by root of
//! an ordinary container, and by root of the segment itself, as if the policy and the engine had
//! fallen. docs/isolation.md is written from what came of them, with `CARINA_WRITE_DOCS=1`.

#[path = "../segments/mod.rs"]
mod segments;

mod attempts;
mod exhaust;
mod frames;
mod page;
mod probe;
mod world;

use std::net::TcpStream;
use std::sync::Arc;
use std::time::{Duration, Instant};

use host::Host;
use host_libvirt::LibvirtHost;

use attempts::{Attempt, Must};
use page::Row;
use probe::{Engine, From};
use segments::SWITCH;
use world::Clusters;

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn nobody_gets_out_of_a_segment() {
    if std::env::var(SWITCH).as_deref() != Ok("1") {
        eprintln!("skipped: set {SWITCH}=1 on a prepared host to run it");
        return;
    }
    let host: Arc<dyn Host> = Arc::new(LibvirtHost::new("test", "lxc:///"));
    world::with_clusters(host, |clusters| {
        let mut rows = try_all(&clusters);
        rows.push(published(&clusters));
        rows.extend(frames::spoof(&clusters));
        rows.extend(exhaust::all(&clusters));
        for row in &rows {
            eprintln!("{}", row.line());
        }
        page::keep(&rows);
        let open: Vec<_> = rows
            .iter()
            .filter(|row| !row.holds)
            .map(Row::line)
            .collect();
        eprintln!("{} attempts, {} got through", rows.len(), open.len());
        assert!(open.is_empty(), "these got through:\n{}", open.join("\n"));
    })
    .await;
}

/// Everything that one line of the probe can try.
fn try_all(clusters: &Clusters) -> Vec<Row> {
    let attempts = attempts::all(&clusters.world);
    let mut rows = Vec::new();
    for from in [From::Container, From::Segment] {
        let tried: Vec<(usize, &Attempt)> = attempts
            .iter()
            .enumerate()
            .filter(|(_, attempt)| attempt.from.contains(&from))
            .collect();
        let lines: String = tried
            .iter()
            .map(|(key, attempt)| format!("{key} {}\n", attempt.line))
            .collect();
        let outcomes = clusters.engine.run(from, &lines);
        for (key, attempt) in tried {
            let outcome = outcomes.get(&key.to_string());
            let outcome = outcome.unwrap_or_else(|| panic!("nothing came of {}", attempt.line));
            rows.push(Row {
                group: attempt.group,
                what: attempt.what.clone(),
                from,
                how: page::words(outcome),
                is_control: matches!(attempt.must, Must::Work),
                holds: attempt.must.holds(outcome),
            });
        }
    }
    rows
}

/// A published port answers, as every day, from outside of the segment.
fn published(clusters: &Clusters) -> Row {
    let (port, more) = (8080, "--publish=8080:80");
    let listening = clusters
        .engine
        .begin(From::Container, &[more], "heard listen 80 20\n");
    let address = (clusters.attacker.address, port);
    let until = Instant::now() + Duration::from_secs(15);
    while TcpStream::connect(address).is_err() && Instant::now() < until {
        std::thread::sleep(Duration::from_millis(20));
    }
    // In its own words, when it was not.
    let heard = listening.end().remove("heard");
    Row {
        group: "The network (C15, J1, L1, L2)",
        what: "be reached at a published port".into(),
        from: From::Container,
        how: heard.as_ref().map_or("nothing".into(), page::words),
        is_control: true,
        holds: heard == Some(probe::Outcome::Done),
    }
}

/// One attempt at a time, for the parts that need more than a table.
fn ask(engine: &Engine, from: From, line: &str) -> probe::Outcome {
    let mut outcomes = engine.run(from, &format!("one {line}\n"));
    outcomes.remove("one").expect("because the key was given")
}
