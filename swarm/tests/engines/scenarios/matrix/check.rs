//! What must be when all is over: as much is open as before, nothing is half there or twice, every
//! name is somebody's or free, and the segment works.

use std::time::{Duration, Instant};

use super::fault::{Fault, VICTIM};
use super::operation::Stage;
use crate::lab::{Lab, SLOW_TAKES};
use crate::scenarios::{node, streams};

/// Kept connections are no leak, but there are few of them.
const KEPT: usize = 12;
/// For what the other side's kernel has to find out: see `PEER_SILENT`.
const LET_GO: Duration = Duration::from_secs(25);
/// For a manager to see that an engine which is back has nothing under way.
const DOUBT_ENDS_WITHIN: Duration = Duration::from_secs(10);

pub struct Before {
    sockets: usize,
    /// Of each engine: dangling images, volumes and networks.
    kept: Vec<[usize; 3]>,
}

impl Before {
    pub fn look(lab: &Lab) -> Self {
        Self {
            sockets: streams::sockets(lab),
            kept: kept(lab),
        }
    }
}

fn lines(lab: &Lab, k: usize, args: &[&str]) -> Vec<String> {
    let said = lab.engine(k, args);
    said.out.lines().map(str::to_owned).collect()
}

fn kept(lab: &Lab) -> Vec<[usize; 3]> {
    (0..lab.nodes.len())
        .map(|k| {
            [
                &["images", "-q", "-f", "dangling=true"][..],
                &["volume", "ls", "-q"],
                &["network", "ls", "-q"],
            ]
            .map(|args| lines(lab, k, args).len())
        })
        .collect()
}

/// Waits until it is so; else says what is wrong.
fn comes_true(what: String, wrong: &mut Vec<String>, mut is: impl FnMut() -> Result<(), String>) {
    let end = Instant::now() + LET_GO;
    while let Err(seen) = is() {
        if Instant::now() > end {
            wrong.push(format!("{what}: {seen}"));
            return;
        }
        std::thread::sleep(Duration::from_millis(100));
    }
}

pub fn after(lab: &Lab, stage: &Stage, before: &Before, wrong: &mut Vec<String>) {
    let tag = &stage.tag;
    comes_true("connections are let go".into(), wrong, || {
        let now = streams::sockets(lab);
        match now <= before.sockets + KEPT {
            true => Ok(()),
            false => Err(format!("{now} sockets, {} before", before.sockets)),
        }
    });
    comes_true("what ran for a client is gone".into(), wrong, || {
        let top = lab.engine(VICTIM, &["top", &format!("held-{tag}")]).out;
        match top.lines().any(|line| line.ends_with(" cat")) {
            true => Err(top),
            false => Ok(()),
        }
    });
    comes_true("containers are ours".into(), wrong, || {
        let strangers: Vec<String> = (0..lab.nodes.len())
            .flat_map(|k| lines(lab, k, &["ps", "-a", "--format", "{{.Names}}"]))
            .filter(|name| !name.ends_with(tag.as_str()) && !name.starts_with("swarm-"))
            .collect();
        match strangers.is_empty() {
            true => Ok(()),
            false => Err(format!("{strangers:?}")),
        }
    });
    comes_true("nothing else is kept".into(), wrong, || {
        let now = kept(lab);
        let pairs = now.iter().flatten().zip(before.kept.iter().flatten());
        match pairs.into_iter().any(|(now, before)| now > before) {
            true => Err(format!("{now:?}, before {:?}", before.kept)),
            false => Ok(()),
        }
    });
    name_is_somebody_s_or_free(lab, tag, wrong);
    images_are_whole(lab, stage, wrong);
    if stage.fault == Fault::ClientGone {
        // Until a pull that somebody went on with would have come to its end.
        std::thread::sleep(SLOW_TAKES.saturating_sub(stage.began.elapsed()));
        for image in stage.images() {
            let has = |k: &usize| !lines(lab, *k, &["images", "-q", &image]).is_empty();
            let holders: Vec<usize> = (0..lab.nodes.len()).filter(has).collect();
            if !holders.is_empty() {
                wrong.push(format!("{image} was made for nobody, on {holders:?}"));
            }
        }
    }
    let there = format!("constraint:node=={}", node(VICTIM + 1));
    let run = ["run", "--rm", "-e", &there, "busybox", "echo", "on"];
    comes_true("the segment works".into(), wrong, || {
        let said = lab.docker(&run);
        match said.out == "on" {
            true => Ok(()),
            false => Err(format!("{} {}", said.out, said.err)),
        }
    });
}

/// The container is there once, and its name taken; or it is nowhere, and its name free.
fn name_is_somebody_s_or_free(lab: &Lab, tag: &str, wrong: &mut Vec<String>) {
    let name = format!("made-{tag}");
    let filter = format!("name=^/{name}$");
    let count = |lab: &Lab| -> usize {
        let on = |k| lines(lab, k, &["ps", "-aq", "-f", &filter]).len();
        (0..lab.nodes.len()).map(on).sum()
    };
    let create = || lab.docker_at(1, &lab.alice, &["create", "--name", &name, "busybox"]);
    let until = Instant::now() + DOUBT_ENDS_WITHIN;
    let mut again = create();
    while again.err.contains("is not known") && Instant::now() < until {
        std::thread::sleep(Duration::from_millis(100));
        again = create();
    }
    let there = count(lab) - usize::from(again.ok);
    let is_right = match there {
        0 => again.ok,
        1 => again.err.contains("Conflict") && !again.err.contains("is not known"),
        _ => false,
    };
    if !is_right || count(lab) != 1 {
        wrong.push(format!(
            "{name} is there {there} times, and then: {}",
            again.err
        ));
    }
}

/// Whatever an engine lists it can also give away; and what was pulled and loaded is the same
/// everywhere.
fn images_are_whole(lab: &Lab, stage: &Stage, wrong: &mut Vec<String>) {
    for image in stage.images() {
        let mut ids = Vec::new();
        for k in 0..lab.nodes.len() {
            let id = lines(lab, k, &["images", "-q", "--no-trunc", &image]);
            if id.is_empty() {
                continue;
            }
            let archive = lab.path("saved.tar");
            if !lab
                .engine(k, &["save", "-o", &archive.to_string_lossy(), &image])
                .ok
            {
                wrong.push(format!("{image} is not whole on {k}"));
            }
            ids.extend(id);
        }
        ids.dedup();
        if ids.len() > 1 {
            wrong.push(format!("{image} is {ids:?}"));
        }
    }
}
