//! Who dies or freezes in the middle of something: nothing is doubled, lost or left hanging.

use std::process::{Command, Stdio};
use std::time::{Duration, Instant};

use swarm::limits::{ENGINE_VERDICT, PRIMARY_GAP};

use super::node;
use crate::lab::Lab;

/// What a client, its start and a loaded machine add to a limit.
const SLACK: Duration = Duration::from_secs(5);

/// The names that the engines themselves have, without the managers.
fn names_on_engines(lab: &Lab, prefix: &str) -> Vec<String> {
    let mut names = Vec::new();
    for k in 0..lab.nodes.len() {
        let filter = format!("name=^/{prefix}");
        let list = lab.engine(k, &["ps", "-a", "-f", &filter, "--format", "{{.Names}}"]);
        names.extend(list.out.lines().map(str::to_owned));
    }
    names.sort();
    names
}

pub fn ten_names_are_given_once(lab: &mut Lab) {
    let mut children = Vec::new();
    for k in 0..100 {
        let name = format!("race-{}", k % 10);
        let args = ["run", "-d", "--name", &name, "busybox", "sleep", "300"];
        let mut command = lab.docker_command(k % 3, &lab.alice, &args);
        command.stdout(Stdio::null()).stderr(Stdio::piped());
        children.push(command.spawn().expect("it starts"));
    }
    let ends = children.into_iter().map(|child| child.wait_with_output());
    let (mut won, mut lost) = (0, 0);
    for end in ends {
        let end = end.expect("it ends");
        let said = String::from_utf8_lossy(&end.stderr);
        match end.status.success() {
            true => won += 1,
            false if said.contains("Conflict") => lost += 1,
            false => panic!("neither won nor lost: {said}"),
        }
    }
    assert_eq!((won, lost), (10, 90));
    let expected: Vec<String> = (0..10).map(|k| format!("race-{k}")).collect();
    assert_eq!(names_on_engines(lab, "race-"), expected);
}

/// Creates through the third manager while the first one, the primary, is lost by `lose`.
fn creates_while_the_primary_goes(lab: &mut Lab, prefix: &str, lose: fn(&mut Lab)) {
    let began = Instant::now();
    let (mut made, mut failed, mut gap) = (Vec::new(), 0, Duration::ZERO);
    let (mut last, mut gone) = (Instant::now(), false);
    let mut k = 0;
    while began.elapsed() < Duration::from_secs(8) {
        if !gone && began.elapsed() > Duration::from_secs(2) {
            lose(lab);
            gone = true;
        }
        let name = format!("{prefix}-{k}");
        let said = lab.docker_at(2, &lab.alice, &["create", "--name", &name, "busybox"]);
        if said.ok {
            gap = gap.max(last.elapsed());
            last = Instant::now();
            made.push(name);
        } else {
            failed += 1;
        }
        k += 1;
    }
    println!(
        "  {prefix}: {} made, {failed} failed, the longest gap {gap:.1?}",
        made.len()
    );
    assert!(last.elapsed() < SLACK, "creates go on");
    assert!(gap < PRIMARY_GAP + SLACK, "{gap:?}");
    let there = names_on_engines(lab, &format!("{prefix}-"));
    let mut once = there.clone();
    once.dedup();
    assert_eq!(there, once, "no name twice");
    for name in &made {
        assert!(there.contains(name), "{name} was promised");
    }
    assert!(there.len() <= made.len() + failed);
}

pub fn a_killed_primary_loses_no_create(lab: &mut Lab) {
    creates_while_the_primary_goes(lab, "killed", |lab| lab.nodes[0].manager = None);
    lab.manager_start(0);
    back(lab);
}

pub fn a_frozen_primary_decides_nothing_when_it_wakes(lab: &mut Lab) {
    creates_while_the_primary_goes(lab, "frozen", |lab| {
        lab.nodes[0].manager.as_ref().expect("it runs").freeze();
    });
    // It wakes with old names in its head: the name is taken all the same.
    let name = ["create", "--name", "woken", "busybox"];
    assert!(lab.docker_at(1, &lab.alice, &name).ok);
    lab.nodes[0].manager.as_ref().expect("it runs").thaw();
    let twice = lab.docker_at(0, &lab.alice, &name);
    assert!(twice.err.contains("Conflict"), "{}", twice.err);
    back(lab);
}

/// An engine that takes its time over the old primary's last create is waited for by the new one: it
/// must not give the name a second time.
pub fn a_slow_engine_s_name_is_given_once(lab: &mut Lab) {
    let create = |lab: &Lab, via: usize, on: usize| {
        let constraint = format!("constraint:node=={}", node(on));
        let args = ["create", "--name", "slow", "-e", &constraint, "busybox"];
        let mut command = lab.docker_command(via, &lab.alice, &args);
        command.stdout(Stdio::null()).stderr(Stdio::piped());
        command.spawn().expect("it starts")
    };
    lab.nodes[1].engine.as_ref().expect("it runs").freeze();
    let first = create(lab, 0, 2);
    // For the create to be on its way to the engine, which nothing tells.
    std::thread::sleep(Duration::from_millis(700));
    lab.nodes[0].manager.as_ref().expect("it runs").freeze();
    let second = create(lab, 2, 3);
    // Longer than it takes to take over, and shorter than until an engine is given up.
    std::thread::sleep(PRIMARY_GAP + Duration::from_secs(1));
    lab.nodes[1].engine.as_ref().expect("it runs").thaw();
    let second = second.wait_with_output().expect("it ends");
    let said = String::from_utf8_lossy(&second.stderr).into_owned();
    lab.nodes[0].manager.as_ref().expect("it runs").thaw();
    let first = first.wait_with_output().expect("it ends");
    assert_eq!(names_on_engines(lab, "slow"), ["slow"]);
    assert!(said.contains("Conflict"), "{said}");
    assert!(first.status.success(), "{first:?}");
    back(lab);
}

fn back(lab: &mut Lab) {
    lab.wait_until(
        "the first manager is back",
        Duration::from_secs(10),
        |lab| lab.docker_at(0, &lab.alice, &["ps", "-q"]).ok,
    );
}

/// A frozen agent stands for a frozen segment: it keeps its connections and says nothing.
pub fn a_frozen_engine_holds_nobody(lab: &mut Lab) {
    let constraint = format!("constraint:node=={}", node(3));
    let args = [
        "run",
        "-d",
        "--name",
        "held",
        "-e",
        &constraint,
        "busybox",
        "sleep",
        "600",
    ];
    lab.docker_ok(&args);
    let follow = |lab: &Lab, args: &[&str]| {
        let mut command: Command = lab.docker_command(0, &lab.alice, args);
        command.stdout(Stdio::null()).stderr(Stdio::piped());
        command.spawn().expect("it starts")
    };
    let streams = [
        follow(lab, &["logs", "-f", "held"]),
        follow(lab, &["attach", "--no-stdin", "held"]),
        follow(lab, &["exec", "held", "sleep", "600"]),
    ];
    lab.wait_until("the exec runs", Duration::from_secs(10), |lab| {
        lab.docker(&["top", "held"])
            .out
            .matches("sleep 600")
            .count()
            == 2
    });
    lab.nodes[2].agent.as_ref().expect("it runs").freeze();
    let began = Instant::now();
    let created = follow(lab, &["create", "-e", &constraint, "busybox"]);
    for child in streams.into_iter().chain([created]) {
        let _ = child.wait_with_output().expect("it ends");
        assert!(
            began.elapsed() < ENGINE_VERDICT + SLACK,
            "{:?}",
            began.elapsed()
        );
    }
    let said = lab.docker_err(&["logs", "held"]);
    assert!(said.contains("running on unhealthy node"), "{said}");
    let all = lab.docker_ok(&["ps", "-a", "-f", "name=held"]);
    assert!(all.contains("Host Down"), "{all}");
    lab.nodes[2].agent.as_ref().expect("it runs").thaw();
    lab.wait_until(
        "the node is back by itself",
        Duration::from_secs(15),
        |lab| lab.docker_ok(&["info"]).matches("Status: Healthy").count() == 3,
    );
}
