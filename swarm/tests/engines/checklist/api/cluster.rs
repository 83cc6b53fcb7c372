//! The cluster as a whole: events, info, version, and what `inspect` says of the node.

use std::time::Duration;

use super::{Line, Seed, passes};
use crate::lab::Lab;

pub const LINES: &[Line] = &[
    passes(
        "api/events",
        Seed::Yes,
        "create, start and die with the node they are from",
        events_name_their_node,
    ),
    passes(
        "api/events",
        Seed::Yes,
        "until a moment of the past: nothing",
        events_until_the_past,
    ),
    passes(
        "api/info",
        Seed::Yes,
        "number of nodes, labels of engines",
        info_names_nodes_and_labels,
    ),
    passes(
        "api/info",
        Seed::Yes,
        "containers by state through pause, unpause and kill",
        info_counts_states,
    ),
    passes(
        "api/inspect",
        Seed::Yes,
        "Env, Hostname, Node",
        inspect_names_the_node,
    ),
    passes(
        "api/inspect",
        Seed::Yes,
        "with a format: Config.Image, Node.IP",
        inspect_takes_a_format,
    ),
    passes(
        "api/search",
        Seed::Yes,
        "through a node (a registry of our own in place of Docker Hub)",
        search_asks_a_registry,
    ),
    passes("api/version", Seed::Yes, "says swarm/", version_says_swarm),
];

fn events_name_their_node(lab: &mut Lab) {
    let listeners = |lab: &Lab| -> usize {
        let count = lab.ok("info -f {{.NEventsListener}}");
        count.parse().expect("a number")
    };
    let before = listeners(lab);
    let watcher = lab.docker_background(0, &lab.alice, "api-events.log", &["events"]);
    lab.wait_until("it listens", Duration::from_secs(5), |lab| {
        listeners(lab) > before
    });
    lab.ok(&format!("run --name one {} busybox true", lab.at(1)));
    let name = lab.node(1).to_owned();
    lab.wait_until("all three events", Duration::from_secs(5), |lab| {
        let text = lab.read("api-events.log");
        ["create", "start", "die"].iter().all(|action| {
            text.lines().any(|line| {
                line.contains(&format!("container {action} "))
                    && line.contains("name=one")
                    && line.contains(&format!("node.name={name}"))
            })
        })
    });
    drop(watcher);
}

fn events_until_the_past(lab: &mut Lab) {
    lab.ok("run --rm busybox true");
    assert_eq!(lab.ok("events --until 1"), "");
    assert_eq!(lab.ok("events --since 1 --until 2"), "");
}

fn info_names_nodes_and_labels(lab: &mut Lab) {
    let info = lab.ok("info");
    assert!(info.contains("Nodes: 3"), "{info}");
    for node in &lab.nodes {
        let label = format!("carina.test={}", node.ip);
        let has = |line: &str| line.contains("└ Labels:") && line.contains(&label);
        assert!(info.lines().any(has), "{label}: {info}");
    }
}

fn info_counts_states(lab: &mut Lab) {
    let system = lab.ok(&format!("ps -aq -f node={}", lab.node(0)));
    let system = system.lines().count();
    let check = |running: usize, paused: usize, stopped: usize| {
        let info = lab.ok("info");
        let (stopped, all) = (stopped + system, 1 + system);
        let line =
            format!("Containers: {all} ({running} Running, {paused} Paused, {stopped} Stopped)");
        assert!(info.contains(&line), "{line}: {info}");
        for (word, count) in [("Running", running), ("Paused", paused)] {
            assert!(info.contains(&format!("{word}: {count}\n")), "{info}");
        }
    };
    lab.ok(&format!(
        "run -d --name one {} busybox sleep 300",
        lab.at(0)
    ));
    check(1, 0, 0);
    lab.ok("pause one");
    check(0, 1, 0);
    lab.ok("unpause one");
    check(1, 0, 0);
    lab.ok("kill one");
    check(0, 0, 1);
}

fn inspect_names_the_node(lab: &mut Lab) {
    lab.ok("create --name one -h some-host -e TEST=true busybox sleep 500");
    let text = lab.ok("inspect one");
    let node = lab.nodes[lab.node_of("one")].name.clone();
    for wanted in [
        "\"TEST=true\"",
        "\"Hostname\": \"some-host\"",
        "\"Node\": {",
        &format!("\"Name\": \"{node}\""),
    ] {
        assert!(text.contains(wanted), "{wanted} in {text}");
    }
}

fn inspect_takes_a_format(lab: &mut Lab) {
    lab.ok("create --name one busybox sleep 500");
    assert_eq!(lab.ok("inspect -f {{.Config.Image}} one"), "busybox");
    let ip = lab.nodes[lab.node_of("one")].ip.to_string();
    assert_eq!(lab.ok("inspect -f {{.Node.IP}} one"), ip);
}

fn version_says_swarm(lab: &mut Lab) {
    assert!(lab.ok("version").contains("swarm/"));
    assert!(
        lab.ok("version -f {{.Server.Version}}")
            .starts_with("swarm/")
    );
}

fn search_asks_a_registry(lab: &mut Lab) {
    let image = super::registry_image(lab, "h-search");
    let place = lab.registry.address;
    let found = lab.ok(&format!("search {place}/h-search"));
    assert!(
        found.contains("NAME") && found.contains("h-search"),
        "{found}"
    );
    drop(image);
}
