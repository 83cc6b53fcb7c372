//! Every known way round the policy, through the real endpoint with raw bytes: mTLS to a manager,
//! agents, and behind them engines that only take notes, so that "refused" means that nothing has
//! reached an engine. `ways.txt` lists the ids; docs/security.md is written from what happened.

#![expect(clippy::print_stdout, reason = "a test reports on standard output")]

mod certificates;
mod cluster;
mod engine;
mod flags;
mod routes;
mod special;
mod state;
mod system;
mod tally;
mod ways;

/// Shared with the lab of real engines.
#[path = "../engines/lab"]
#[expect(dead_code, reason = "the lab uses the rest")]
mod lab {
    pub mod certs;
    pub mod discovery;
    pub mod process;
    pub mod serving;

    pub use certs::{Certs, Client};
    pub use discovery::Discovery;
    pub use process::Process;
    pub use serving::Serving;
}

#[path = "../pages/compare.rs"]
mod compare;

use cluster::{Cluster, request};
use tally::Tally;

const BEGIN: &str = "<!-- ways: written by the test swarm/tests/policy_rows -->\n";
const END: &str = "<!-- end of ways -->\n";

#[test]
fn every_known_way_round_is_closed() {
    swarm::tls::install_provider();
    let mut cluster = Cluster::start();
    let mut tally = Tally::default();
    whole_requests(&cluster, &mut tally);
    odd_bytes(&cluster, &mut tally);
    special::run(&cluster, &mut tally);
    special::stream::revocation(&cluster, &mut tally);
    system::run(&cluster, &mut tally);
    let routes = routes::run(&cluster);
    certificates::run(&cluster, &mut tally);
    special::stream::manager_end(&mut cluster, &mut tally);

    let wrong = tally.wrong();
    assert!(wrong.is_empty(), "{wrong:#?}");
    let ids = tally.ids();
    println!(
        "{} requests for {} ids, {routes} routes: {}",
        tally.requests(),
        ids.len(),
        ids.join(" ")
    );
    let place = (BEGIN, END);
    compare::section_compare("security.md", place, &tally.table(), "--test policy_rows");
}

/// With the clients that are installed.
#[test]
fn every_flag_has_its_row() {
    swarm::tls::install_provider();
    flags::run(&Cluster::start());
    flags::page_compare();
}

/// What is named as trying an id elsewhere is there.
#[test]
fn what_is_tried_elsewhere_is_there() {
    for row in ways::elsewhere::ELSEWHERE {
        let path = format!("{}/../{}", env!("CARGO_MANIFEST_DIR"), row.file);
        let text = std::fs::read_to_string(&path).unwrap_or_default();
        assert!(
            text.contains(row.test),
            "{}: no {} in {path}",
            row.id,
            row.test
        );
    }
}

/// A refusal in Docker's JSON, with its code if it has one, and no engine has heard of it.
fn refused(cluster: &Cluster, what: &str, expect: u16, got: (u16, String)) -> String {
    judged(cluster, what, expect, got).unwrap_or_else(|wrong| panic!("{wrong}"))
}

/// The same; else what is wrong.
fn judged(
    cluster: &Cluster,
    what: &str,
    expect: u16,
    (status, answer): (u16, String),
) -> Result<String, String> {
    let (wanted, code) = match expect {
        1000.. => (403, format!("CARINA-{expect}: ")),
        status => (status, String::new()),
    };
    let short: String = what.chars().take(300).collect();
    let reached = cluster.reached();
    if !reached.is_empty() {
        return Err(format!("{short} reached an engine: {reached:?}"));
    }
    let is_said = answer.contains(r#"{"message":"#) || what.contains(" HEAD ");
    if status != wanted || !answer.contains(&code) || !is_said {
        return Err(format!("{short}: not {expect}, but {answer}"));
    }
    Ok(match expect {
        1000.. => format!("CARINA-{expect}"),
        status => status.to_string(),
    })
}

fn whole_requests(cluster: &Cluster, tally: &mut Tally) {
    let mut wrong = Vec::new();
    for ask in ways::asks() {
        let (method, target) = ask.request.split_once(' ').expect("a method and a target");
        let headers: &[_] = match ask.body.is_empty() {
            true => &[],
            false => &[ways::raw::JSON],
        };
        let got = cluster.send(method, target, headers, &ask.body);
        let body = String::from_utf8_lossy(&ask.body);
        let what = format!("{} {} {body}", ask.id, ask.request);
        match judged(cluster, &what, ask.expect, got) {
            Ok(answer) => tally.add(ask.id, answer),
            Err(what) => wrong.push(what),
        }
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n\n"));
}

fn odd_bytes(cluster: &Cluster, tally: &mut Tally) {
    let mut wrong = Vec::new();
    for (id, method, target, status) in ways::target::REFUSED.iter().filter(|row| row.0 != "-") {
        let got = cluster.raw(&request(method, target, &[], b""));
        // What is no request at all is answered by the reader, without a word.
        if got.0 == 400 && !got.1.contains("message") {
            assert_eq!(
                (got.0, cluster.reached().len()),
                (*status, 0),
                "{id} {method} {target}"
            );
            tally.add(id, "400");
            continue;
        }
        // A code of ours is a 403 there.
        match judged(cluster, &format!("{id} {method} {target}"), *status, got) {
            Ok(answer) => tally.add(id, answer),
            Err(what) => wrong.push(what),
        }
    }
    for (id, bytes, expect) in ways::raw::RAW {
        let (status, answer) = cluster.raw(bytes.as_bytes());
        let reached = cluster.reached();
        if !expect.contains(&status) || !reached.is_empty() {
            wrong.push(format!("{id} {bytes}: {status} {answer} {reached:?}"));
        }
        let seen = if status == 0 {
            "no answer".into()
        } else {
            status.to_string()
        };
        tally.add(id, seen);
    }
    for (id, headers, status) in ways::raw::HEADERS {
        let body = ways::raw::BODY.as_bytes();
        let got = cluster.raw(&request("POST", "/containers/create", headers, body));
        match judged(cluster, &format!("{id} {headers:?}"), *status, got) {
            Ok(answer) => tally.add(id, answer),
            Err(what) => wrong.push(what),
        }
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n\n"));
}
