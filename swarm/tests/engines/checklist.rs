//! The checklist of classic Swarm's behaviours, each held by a scenario with the real client.
//!
//! A line that passes has a scenario. One that differs says why, with a scenario of what happens
//! here instead wherever there is something to see. A dead one needs what no longer exists.
//!
//! `docs/classic-checklist.md` is written from here: by a full run with engines, or from the table
//! alone by `CARINA_WRITE_DOCS=1 cargo test -p swarm --test engines checklist`.

mod api;
mod cli;
mod compose;
mod discovery;
mod discovery_kv;
mod nodes;
mod placing;
mod rescheduling;
mod swarm_id;

use std::collections::BTreeSet;
use std::fmt::Write as _;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::path::PathBuf;
use std::time::Instant;

use crate::compare;
use crate::lab::Lab;

/// One behaviour.
pub struct Line {
    /// Of the archived integration suite, without its ending.
    pub file: &'static str,
    pub line: &'static str,
    pub seed: Seed,
    pub test: Verdict,
}

/// Since when classic Swarm had it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Seed {
    /// In October 2015, when Carina began.
    Yes,
    Later,
}

pub enum Verdict {
    Passes(fn(&mut Lab)),
    Differs {
        /// What happens here instead.
        test: Option<fn(&mut Lab)>,
        why: &'static str,
    },
    Dead(&'static str),
}

/// A file of scenarios each; in the order in which they run: what kills engines comes last.
const PARTS: &[&[&[Line]]] = &[
    &[
        cli::LINES,
        swarm_id::LINES,
        discovery::LINES,
        discovery_kv::LINES,
    ],
    api::PARTS,
    compose::PARTS,
    &[placing::LINES, nodes::LINES, rescheduling::LINES],
];

/// Every file of the archived suite, with the number of its tests.
const FILES: [(&str, usize); 66] = [
    ("affinities", 6),
    ("api_version", 1),
    ("build_with_filters", 2),
    ("cli", 2),
    ("cli_join", 1),
    ("cli_list", 1),
    ("constraints", 3),
    ("containerslots-filter", 3),
    ("dependency", 3),
    ("port-filters", 2),
    ("replication", 5),
    ("rescheduling", 5),
    ("resource_management", 4),
    ("swarm_id", 1),
    ("api/attach", 2),
    ("api/build", 3),
    ("api/commit", 1),
    ("api/cp", 1),
    ("api/create", 2),
    ("api/diff", 1),
    ("api/events", 2),
    ("api/exec", 2),
    ("api/export", 1),
    ("api/history", 1),
    ("api/images", 4),
    ("api/import", 2),
    ("api/info", 2),
    ("api/inspect", 2),
    ("api/kill", 1),
    ("api/load", 2),
    ("api/logs", 2),
    ("api/network", 11),
    ("api/pause", 1),
    ("api/port", 2),
    ("api/ps", 9),
    ("api/pull", 3),
    ("api/rename", 2),
    ("api/restart", 1),
    ("api/rm", 2),
    ("api/rmi", 7),
    ("api/run", 10),
    ("api/save", 2),
    ("api/search", 1),
    ("api/start", 1),
    ("api/stats", 1),
    ("api/stop", 1),
    ("api/tag", 2),
    ("api/top", 1),
    ("api/unpause", 1),
    ("api/update", 1),
    ("api/version", 1),
    ("api/volume", 6),
    ("api/wait", 1),
    ("compose/ps", 1),
    ("compose/scale", 1),
    ("compose/up", 5),
    ("discovery/consul", 4),
    ("discovery/etcd", 5),
    ("discovery/file", 4),
    ("discovery/token", 2),
    ("discovery/zk", 4),
    ("nodemanagement/cluster_options", 1),
    ("nodemanagement/connection", 1),
    ("nodemanagement/engine_options", 1),
    ("nodemanagement/nodehealth", 3),
    ("nodemanagement/state", 2),
];

fn lines() -> impl Iterator<Item = &'static Line> {
    PARTS.iter().copied().flatten().copied().flatten()
}

impl Line {
    fn name(&self) -> String {
        format!("{}: {}", self.file, self.line)
    }

    fn scenario(&self) -> Option<fn(&mut Lab)> {
        match self.test {
            Verdict::Passes(scenario) => Some(scenario),
            Verdict::Differs { test, .. } => test,
            Verdict::Dead(_) => None,
        }
    }
}

/// Runs the lines whose name contains `only` and gives back those that failed.
pub fn run(lab: &mut Lab, only: &str) -> Vec<String> {
    let mut failed = Vec::new();
    for line in lines() {
        let name = line.name();
        let Some(scenario) = line.scenario().filter(|_| name.contains(only)) else {
            continue;
        };
        let began = Instant::now();
        let end = catch_unwind(AssertUnwindSafe(|| scenario(lab)));
        println!(
            "{name}: {} ({:.1?})",
            if end.is_ok() { "ok" } else { "FAILED" },
            began.elapsed()
        );
        if end.is_err() {
            failed.push(name);
        }
        lab.containers_remove();
    }
    if only.is_empty() && writes_docs() {
        page_write(&failed);
    }
    failed
}

fn writes_docs() -> bool {
    std::env::var("CARINA_WRITE_DOCS").as_deref() == Ok("1")
}

fn page_path() -> PathBuf {
    PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("../docs/classic-checklist.md")
}

fn page_write(failed: &[String]) {
    std::fs::write(page_path(), page(failed)).expect("the page is written");
}

/// The page, when the lines of `failed` do not hold.
fn page(failed: &[String]) -> String {
    let (mut pass, mut differ, mut dead) = (0, 0, 0);
    for line in lines() {
        match line.test {
            Verdict::Passes(_) => pass += 1,
            Verdict::Differs { .. } => differ += 1,
            Verdict::Dead(_) => dead += 1,
        }
    }
    let mut page = format!(
        "# Classic Swarm's checklist\n\n\
         What the archived program's integration suite looked at, a line a behaviour, and what a\n\
         cluster of ours does. Every line that passes, and every one that differs and can be seen, is\n\
         tried with the real docker client against real engines by\n\
         `CARINA_TEST_ENGINES=1 cargo test -p swarm --test engines the_checklist`. Written by that run\n\
         with `CARINA_WRITE_DOCS=1`; do not edit.\n\n\
         ● was there in October 2015, ○ came later. {pass} lines pass, {differ} differ, {dead} are dead.\n"
    );
    for (file, _) in FILES {
        let of_file: Vec<&Line> = lines().filter(|line| line.file == file).collect();
        if of_file.is_empty() {
            continue;
        }
        let _ = write!(
            page,
            "\n## {file}\n\n| | behaviour | here |\n|---|---|---|\n"
        );
        for line in of_file {
            let seed = match line.seed {
                Seed::Yes => "●",
                Seed::Later => "○",
            };
            let verdict = match line.test {
                _ if failed.contains(&line.name()) => "**fails**".to_owned(),
                Verdict::Passes(_) => "passes".to_owned(),
                Verdict::Differs { why, .. } => format!("differs: {why}"),
                Verdict::Dead(why) => format!("dead: {why}"),
            };
            let cell = |text: &str| text.replace('|', "\\|");
            let _ = writeln!(
                page,
                "| {seed} | {} | {} |",
                cell(line.line),
                cell(&verdict)
            );
        }
    }
    page
}

#[test]
fn the_checklist_has_every_file_and_no_line_twice() {
    let mut seen = BTreeSet::new();
    for line in lines() {
        assert!(seen.insert(line.name()), "twice: {}", line.name());
        assert!(
            FILES.iter().any(|(file, _)| *file == line.file),
            "no such file: {}",
            line.name()
        );
        if let Verdict::Differs { why, .. } | Verdict::Dead(why) = line.test {
            assert!(!why.is_empty(), "without a reason: {}", line.name());
        }
    }
    for (file, tests) in FILES {
        let count = lines().filter(|line| line.file == file).count();
        assert!(count >= tests, "{file}: {count} lines for {tests} tests");
    }
}

#[test]
fn the_checklist_s_page_is_that_of_the_table() {
    compare::page_compare(
        "classic-checklist.md",
        &page(&[]),
        "--test engines checklist",
    );
}
