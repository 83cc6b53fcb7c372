//! Discovery in key-value stores, which Carina never had.

use super::{Line, Seed, Verdict};
use crate::lab::Lab;

const WHY: &str = "a cluster finds its engines at the panel (`token://`) or in what people write \
                   (`nodes://`, `file://`); the program says so";
const EVENTS_WHY: &str = "no such store; with the other kinds of discovery the events come all the \
                          same (see nodemanagement/state)";

const fn line(file: &'static str, line: &'static str) -> Line {
    Line {
        file,
        line,
        seed: Seed::Later,
        test: Verdict::Differs {
            test: Some(stores_are_refused_by_name),
            why: WHY,
        },
    }
}

const fn dead(file: &'static str, line: &'static str) -> Line {
    Line {
        file,
        line,
        seed: Seed::Later,
        test: Verdict::Dead("as the line before: there is no such store"),
    }
}

pub const LINES: &[Line] = &[
    line(
        "discovery/consul",
        "engines are found again by a new manager",
    ),
    dead("discovery/consul", "an engine that joins later is seen"),
    dead("discovery/consul", "an engine that left is forgotten"),
    dead(
        "discovery/consul",
        "a manager that starts before the store waits for it",
    ),
    line("discovery/etcd", "engines are found again by a new manager"),
    dead("discovery/etcd", "an engine that joins later is seen"),
    dead("discovery/etcd", "an engine that left is forgotten"),
    dead(
        "discovery/etcd",
        "a manager that starts before the store waits for it",
    ),
    Line {
        file: "discovery/etcd",
        line: "engine_connect and engine_disconnect are among the events",
        seed: Seed::Later,
        test: Verdict::Dead(EVENTS_WHY),
    },
    line("discovery/zk", "engines are found again by a new manager"),
    dead("discovery/zk", "an engine that joins later is seen"),
    dead("discovery/zk", "an engine that left is forgotten"),
    dead(
        "discovery/zk",
        "a manager that starts before the store waits for it",
    ),
];

fn stores_are_refused_by_name(lab: &mut Lab) {
    for scheme in ["consul", "etcd", "zk"] {
        let url = format!("{scheme}://10.0.0.1:1234/swarm");
        for command in [
            &["manage"][..],
            &["list"],
            &["join", "--advertise=10.0.0.2:2375"],
        ] {
            let said = lab.swarm(&[command, &[&url]].concat());
            let text = format!("discovery service not supported: {scheme}");
            assert!(
                !said.ok && said.err.contains(&text),
                "{command:?}: {}",
                said.err
            );
        }
    }
}
