//! `docker ps`: order, filters, and nodes that are down.

use std::time::Duration;

use super::{Line, Seed, passes};
use crate::lab::Lab;

pub const LINES: &[Line] = &[
    passes(
        "api/ps",
        Seed::Yes,
        "a dead node's containers are hidden without -a",
        ps_hides_a_dead_node_s,
    ),
    passes("api/ps", Seed::Yes, "-n", ps_n),
    passes("api/ps", Seed::Yes, "-l", ps_l),
    passes(
        "api/ps",
        Seed::Yes,
        "filters status, id, name, exited, label, before, since",
        ps_filters,
    ),
    passes("api/ps", Seed::Yes, "filter node", ps_by_node),
    passes(
        "api/ps",
        Seed::Later,
        "filter volume, by name or destination",
        ps_by_volume,
    ),
    passes(
        "api/ps",
        Seed::Later,
        "filter network, by name over the nodes",
        ps_by_network,
    ),
    passes("api/ps", Seed::Later, "filter is-task", ps_is_task),
    passes(
        "api/ps",
        Seed::Later,
        "filter health: starting, healthy, unhealthy, none",
        ps_by_health,
    ),
];

fn ps_hides_a_dead_node_s(lab: &mut Lab) {
    lab.ok(&format!(
        "run -d --name one {} busybox sleep 300",
        lab.at(1)
    ));
    lab.ok(&format!(
        "run -d --name two {} busybox sleep 300",
        lab.at(2)
    ));
    super::node_down(lab, 2);
    assert_eq!(names(lab, ""), ["one"]);
    assert_eq!(names(lab, "-a -f name=^two$"), ["two"]);
    assert!(lab.ok("ps -a -f name=^two$").contains("Host Down"));
    super::node_up(lab, 2);
    assert_eq!(names(lab, ""), ["two", "one"]);
}

fn ps_n(lab: &mut Lab) {
    three(lab);
    assert_eq!(names(lab, "-n 2"), ["three", "two"]);
    assert_eq!(names(lab, "-n 3"), ["three", "two", "one"]);
    // Stopped ones count.
    lab.ok("kill three");
    assert_eq!(names(lab, "-n 1"), ["three"]);
}

fn ps_l(lab: &mut Lab) {
    lab.ok("run -d --name one busybox sleep 300");
    assert_eq!(names(lab, "-l"), ["one"]);
    lab.ok("create --name two busybox");
    assert_eq!(names(lab, "-l"), ["two"]);
}

fn ps_filters(lab: &mut Lab) {
    let id = lab.ok("run -d --name aa --label zone=x busybox sleep 300");
    lab.ok("create --name bb --label zone=y busybox");
    lab.ok("run --name cc busybox true");
    assert!(!lab.say("run --name dd busybox sh -c 'exit 3'").ok);
    for (filter, wanted) in [
        ("status=running", &["aa"][..]),
        ("status=created -f name=bb", &["bb"]),
        ("status=exited", &["cc", "dd"]),
        (&format!("id={id}"), &["aa"]),
        (&format!("id={}", &id[..10]), &["aa"]),
        ("name=bb", &["bb"]),
        ("name=^.b$", &["bb"]),
        ("exited=0", &["cc"]),
        ("exited=3", &["dd"]),
        ("label=zone", &["aa", "bb"]),
        ("label=zone=y", &["bb"]),
        ("label=zone=z", &[]),
        ("before=bb", &["aa"]),
        ("since=aa", &["bb", "cc", "dd"]),
    ] {
        let mut got = names(lab, &format!("-a -f {filter}"));
        got.retain(|name| !name.starts_with("swarm-"));
        got.sort();
        assert_eq!(got, wanted, "{filter}");
    }
    let text = lab.fails("ps -f nonsense=1");
    assert!(text.contains("invalid filter"), "{text}");
}

fn ps_by_node(lab: &mut Lab) {
    lab.ok(&format!("create --name one {} busybox", lab.at(0)));
    lab.ok(&format!("create --name two {} busybox", lab.at(1)));
    let by = |node: &str| {
        let mut got = names(lab, &format!("-a -f node={node}"));
        got.retain(|name| !name.starts_with("swarm-"));
        got
    };
    assert_eq!(by(lab.node(0)), ["one"]);
    assert_eq!(by(lab.node(1)), ["two"]);
    assert_eq!(by("nobody"), [""; 0]);
}

fn ps_by_volume(lab: &mut Lab) {
    lab.ok("create --name one -v h-ps:/data busybox");
    lab.ok("create --name two -v /other busybox");
    assert_eq!(names(lab, "-a -f volume=h-ps"), ["one"]);
    assert_eq!(names(lab, "-a -f volume=/data"), ["one"]);
    assert_eq!(names(lab, "-a -f volume=/other"), ["two"]);
    assert_eq!(names(lab, "-a -f volume=nothing"), [""; 0]);
    lab.ok("rm -v one two");
    lab.ok("volume rm h-ps");
}

/// Each node has a network of the name; the filter takes the containers of all.
fn ps_by_network(lab: &mut Lab) {
    for k in 0..2 {
        let node = lab.node(k);
        lab.ok(&format!("network create -d bridge {node}/h-ps"));
        let net = format!("--net {node}/h-ps");
        lab.ok(&format!("run -d --name n{k} {net} busybox sleep 300"));
    }
    lab.ok("run -d --name other busybox sleep 300");
    let mut got = names(lab, "-f network=h-ps");
    got.sort();
    assert_eq!(got, ["n0", "n1"]);
    let one = format!("-f network={}/h-ps", lab.node(1));
    assert_eq!(names(lab, &one), ["n1"]);
    lab.containers_remove();
    for k in 0..2 {
        lab.ok(&format!("network rm {}/h-ps", lab.node(k)));
    }
}

/// Tasks are Docker's own swarm's; here one that only looks like it.
fn ps_is_task(lab: &mut Lab) {
    lab.ok("run -d --name plain busybox sleep 300");
    let label = "--label com.docker.swarm.task.id=x --label com.docker.swarm.id=h-task";
    let made = lab.engine_says(1, &format!("run -d --name task {label} busybox sleep 300"));
    assert!(made.ok, "{}", made.err);
    lab.wait_until("it is seen", Duration::from_secs(5), |lab| {
        names(lab, "").len() == 2
    });
    assert_eq!(names(lab, "-f is-task=true"), ["task"]);
    assert_eq!(names(lab, "-f is-task=false"), ["plain"]);
}

fn ps_by_health(lab: &mut Lab) {
    let check = "--health-interval 100ms --health-retries 1 --health-cmd";
    lab.ok("run -d --name nothing busybox sleep 300");
    lab.ok(&format!(
        "run -d --name good {check} true busybox sleep 300"
    ));
    lab.ok(&format!(
        "run -d --name bad {check} false busybox sleep 300"
    ));
    let slow = "--health-interval 1h --health-cmd true";
    lab.ok(&format!("run -d --name slow {slow} busybox sleep 300"));
    for (health, wanted) in [
        ("healthy", "good"),
        ("unhealthy", "bad"),
        ("starting", "slow"),
        ("none", "nothing"),
    ] {
        lab.wait_until(health, Duration::from_secs(10), |lab| {
            names(lab, &format!("-f health={health}")) == [wanted]
        });
    }
    assert!(lab.ok("ps -f name=bad").contains("(unhealthy)"));
}

/// Newest first, as they are listed, without their nodes.
fn names(lab: &Lab, args: &str) -> Vec<String> {
    let list = lab.ok(&format!("ps --format {{{{.Names}}}} {args}"));
    let bare = |name: &str| name.rsplit('/').next().unwrap_or_default().to_owned();
    list.lines().map(bare).collect()
}

fn three(lab: &Lab) {
    lab.ok("run -d --name one busybox sleep 300");
    lab.ok("run -d --name two busybox sleep 300");
    lab.ok("run -d --name three busybox sleep 300");
}
