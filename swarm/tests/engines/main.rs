//! `swarm` against real engines: dockerd in network namespaces, agents and managers as processes,
//! driven by the real docker client over mTLS. Needs root, dockerd and two minutes, and runs only
//! when `CARINA_TEST_ENGINES=1` is set; `CARINA_TEST_ONLY=word,word` chooses. The engines are this
//! machine's, or those of the Debian tree that `CARINA_TEST_ROOT` names. With `CARINA_TEST_STAY=1` the
//! cluster stays for trying things by hand until standard input ends.

#![expect(clippy::print_stdout, reason = "a test reports on standard output")]

mod bench;
mod checklist;
mod clients;
#[path = "../pages/compare.rs"]
mod compare;
mod lab;
mod scenarios;

/// Shared with the test of the policy's rows.
#[path = "../policy_rows"]
#[expect(dead_code, reason = "that test uses the rest")]
mod rows {
    pub mod ways;
}
use rows::ways;

use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::{Mutex, PoisonError};

use lab::Lab;
use scenarios::Scenario;

/// Labs of one process have the same names: one at a time.
static TURN: Mutex<()> = Mutex::new(());

/// Which scenarios are wanted; `None` without real engines.
fn wanted() -> Option<String> {
    if std::env::var("CARINA_TEST_ENGINES").as_deref() != Ok("1") {
        println!("skipped: set CARINA_TEST_ENGINES=1 to test with real engines (root, dockerd)");
        return None;
    }
    Some(std::env::var("CARINA_TEST_ONLY").unwrap_or_default())
}

#[test]
fn the_checklist_is_kept() {
    let Some(only) = wanted() else { return };
    let _turn = TURN.lock().unwrap_or_else(PoisonError::into_inner);
    let mut lab = Lab::start(3);
    let failed = checklist::run(&mut lab, &only);
    if !failed.is_empty() {
        lab.logs_show();
    }
    assert!(failed.is_empty(), "failed: {failed:#?}");
}

#[test]
fn the_cluster_behaves() {
    run_all(scenarios::ALL);
}

#[test]
fn unchanged_clients_work() {
    run_all(clients::ALL);
}

/// One lab for all: an engine takes seconds to start.
fn run_all(all: &[Scenario]) {
    let Some(only) = wanted() else { return };
    let _turn = TURN.lock().unwrap_or_else(PoisonError::into_inner);
    let mut lab = Lab::start(3);
    let mut failed = Vec::new();
    for (name, scenario) in all {
        if !only.split(',').any(|word| name.contains(word)) {
            continue;
        }
        let began = std::time::Instant::now();
        let end = catch_unwind(AssertUnwindSafe(|| scenario(&mut lab)));
        println!(
            "{name}: {} ({:.1?})",
            if end.is_ok() { "ok" } else { "FAILED" },
            began.elapsed()
        );
        if end.is_err() {
            failed.push(*name);
        }
        lab.containers_remove();
    }
    if !failed.is_empty() {
        lab.logs_show();
    }
    if std::env::var_os("CARINA_TEST_STAY").is_some() {
        lab.stay();
    }
    assert!(failed.is_empty(), "failed: {failed:?}");
}

/// See [`bench`].
#[test]
fn the_manager_is_measured() {
    if std::env::var("CARINA_BENCH").as_deref() != Ok("1") {
        println!("skipped: `make bench` measures");
        return;
    }
    let _turn = TURN.lock().unwrap_or_else(PoisonError::into_inner);
    bench::run();
}
