//! Engines that fall and rise, what they have, and the flags of a manager.

use super::discovery::file_write;
use super::{Line, Seed, Verdict};
use crate::lab::Lab;

const fn line(file: &'static str, line: &'static str, test: fn(&mut Lab)) -> Line {
    Line {
        file,
        line,
        seed: Seed::Yes,
        test: Verdict::Passes(test),
    }
}

const fn differs(file: &'static str, line: &'static str, why: &'static str) -> Line {
    Line {
        file,
        line,
        seed: Seed::Later,
        test: Verdict::Differs {
            test: Some(replication_says_why_not),
            why,
        },
    }
}

const NO_STORE: &str = "the managers of a cluster have one primary without any store";

pub const LINES: &[Line] = &[
    line(
        "api_version",
        "client and cluster agree on a version",
        versions_agree,
    ),
    line(
        "build_with_filters",
        "a build constrained to no node says so",
        build_goes_nowhere,
    ),
    line(
        "build_with_filters",
        "a build constrained to a node is made there",
        build_goes_to_a_node,
    ),
    line(
        "nodemanagement/cluster_options",
        "cluster options that cannot be are refused",
        cluster_options_are_checked,
    ),
    line(
        "nodemanagement/connection",
        "thirty containers run, inspected, read and removed: ten connections at most are left",
        connections_are_few,
    ),
    line(
        "nodemanagement/engine_options",
        "engine options that cannot be are refused",
        engine_options_are_checked,
    ),
    line(
        "nodemanagement/nodehealth",
        "when a node has just died the next containers go elsewhere",
        containers_avoid_the_dead,
    ),
    line(
        "nodemanagement/nodehealth",
        "a dead node is noticed without any request",
        the_dead_are_noticed,
    ),
    line(
        "nodemanagement/nodehealth",
        "with createretry the first create already goes elsewhere",
        create_is_tried_again,
    ),
    line(
        "nodemanagement/state",
        "Healthy, Unhealthy, Healthy",
        a_node_falls_and_rises,
    ),
    line(
        "nodemanagement/state",
        "Pending, Healthy",
        a_node_is_awaited,
    ),
    differs(
        "replication",
        "the flags of replication are checked",
        NO_STORE,
    ),
    differs(
        "replication",
        "info tells primary from replica, and another takes over",
        NO_STORE,
    ),
    differs(
        "replication",
        "containers are rescheduled by the new primary",
        NO_STORE,
    ),
    differs("replication", "the store's restart is survived", NO_STORE),
    differs("replication", "several addresses of stores", NO_STORE),
    line(
        "resource_management",
        "more memory or CPUs than any node has: refused, nothing left behind",
        too_much_is_refused,
    ),
    line(
        "resource_management",
        "reserved memory is the sum of all containers, stopped ones, too",
        memory_is_reserved,
    ),
    line(
        "resource_management",
        "spread puts two containers of a CPU on two nodes",
        cpus_are_spread,
    ),
    Line {
        file: "resource_management",
        line: "binpack puts both on one",
        seed: Seed::Yes,
        test: Verdict::Differs {
            test: Some(binpack_says_why_not),
            why: "Carina has one strategy, spread",
        },
    },
];

fn refused(lab: &Lab, flags: &[&str], text: &str) {
    let said = lab.swarm(&[&["manage"], flags, &["nodes://127.0.0.1:1"]].concat());
    assert!(
        !said.ok && said.err.contains(text),
        "{flags:?}: {}",
        said.err
    );
}

fn versions_agree(lab: &mut Lab) {
    let client = lab.docker_ok(&["version", "-f", "{{.Client.APIVersion}}"]);
    let server = lab.docker_ok(&["version", "-f", "{{.Server.APIVersion}}"]);
    let number = |text: &str| -> u32 {
        text.rsplit('.')
            .next()
            .and_then(|n| n.parse().ok())
            .expect("a version")
    };
    assert!(number(&client) <= number(&server), "{client} {server}");
}

fn build(lab: &Lab, node: &str, tag: &str) -> crate::lab::Said {
    let dir = lab.path("build");
    std::fs::create_dir_all(&dir).expect("a directory");
    let file = "FROM busybox\nARG word\nRUN echo $word > /word\n";
    std::fs::write(dir.join("Dockerfile"), file).expect("a file");
    let words = format!("constraint:node=={node}");
    let args = [
        "build",
        "-t",
        tag,
        "--build-arg",
        &words,
        "--build-arg",
        "word=kept",
    ];
    lab.docker(&[&args[..], &[&dir.to_string_lossy()]].concat())
}

fn build_goes_nowhere(lab: &mut Lab) {
    let said = build(lab, "node-9", "nowhere");
    assert!(
        !said.ok && said.err.contains("[node==node-9 (soft=false)]"),
        "{}",
        said.err
    );
}

fn build_goes_to_a_node(lab: &mut Lab) {
    let said = build(lab, &lab.nodes[1].name, "placed");
    assert!(said.ok, "{}", said.err);
    assert!(lab.engine(1, &["image", "inspect", "placed"]).ok);
    assert!(!lab.engine(0, &["image", "inspect", "placed"]).ok);
    lab.docker_ok(&["rmi", "-f", "placed"]);
}

fn cluster_options_are_checked(lab: &mut Lab) {
    refused(
        lab,
        &["--cluster-opt", "swarm.overcommit=-2"],
        "swarm.overcommit should be larger than -1, -2.000000 is invalid",
    );
    refused(
        lab,
        &["--cluster-opt", "swarm.createretry=-1"],
        "swarm.createretry can not be negative, -1 is invalid",
    );
}

/// In the archived suite one after the other; several at once ask for more.
fn connections_are_few(lab: &mut Lab) {
    let (plain, relays) = lab.plain_cluster(&[0, 1], &[]);
    std::thread::scope(|scope| {
        for k in 0..3 {
            let plain = &plain;
            scope.spawn(move || {
                for n in 0..10 {
                    let name = format!("turn{k}-{n}");
                    let said = plain.ok(&["run", "--name", &name, "busybox", "echo", "hi"]);
                    assert_eq!(said, "hi");
                    plain.ok(&["inspect", &name]);
                    assert_eq!(plain.ok(&["logs", &name]), "hi");
                    plain.ok(&["rm", &name]);
                }
            });
        }
    });
    for relay in &relays {
        let open = relay.connections();
        assert!((1..=10).contains(&open), "{open} to {}", relay.address);
    }
}

fn engine_options_are_checked(lab: &mut Lab) {
    for (flag, text) in [
        (
            "--engine-refresh-min-interval=0s",
            "min refresh interval should be a positive number",
        ),
        (
            "--engine-refresh-max-interval=1s",
            "max refresh interval cannot be less than min refresh interval",
        ),
        ("--engine-failure-retry=0", "invalid failure retry count"),
    ] {
        refused(lab, &[flag], text);
    }
}

fn containers_avoid_the_dead(lab: &mut Lab) {
    let (plain, mut relays) = lab.plain_cluster(&[0, 1], &[]);
    relays[0].cut();
    // The very first may still meet the dead one, and is told of it.
    let first = plain.docker(&["create", "busybox"]);
    assert!(
        first.ok || first.err.contains("Cannot connect") || first.err.contains("engine"),
        "{}",
        first.err
    );
    plain.ok(&["create", "--name", "second", "busybox"]);
    assert_eq!(plain.node_of("second"), lab.nodes[1].name);
}

fn the_dead_are_noticed(lab: &mut Lab) {
    let (plain, mut relays) = lab.plain_cluster(&[0, 1], &[]);
    relays[0].cut();
    plain.wait_status("Unhealthy", 1);
    plain.ok(&["create", "--name", "first", "busybox"]);
    assert_eq!(plain.node_of("first"), lab.nodes[1].name);
}

fn create_is_tried_again(lab: &mut Lab) {
    let flags = ["--cluster-opt=swarm.createretry=1"];
    let (plain, mut relays) = lab.plain_cluster(&[0, 1], &flags);
    relays[0].cut();
    plain.ok(&["create", "--name", "first", "busybox"]);
    assert_eq!(plain.node_of("first"), lab.nodes[1].name);
}

fn a_node_falls_and_rises(lab: &mut Lab) {
    let (plain, mut relays) = lab.plain_cluster(&[0, 1], &[]);
    relays[0].cut();
    plain.wait_status("Unhealthy", 1);
    relays[0].mend();
    plain.wait_status("Healthy", 2);
}

fn a_node_is_awaited(lab: &mut Lab) {
    let mut relays = [lab.relay(0), lab.relay(1)];
    relays[1].cut();
    let plain = lab.plain(&[], &file_write(lab, &relays));
    plain.wait_status("Pending", 1);
    assert!(plain.ok(&["info"]).contains("(unknown): "));
    relays[1].mend();
    plain.wait_status("Healthy", 2);
}

fn replication_says_why_not(lab: &mut Lab) {
    refused(
        lab,
        &["--replication"],
        "--advertise address must be provided",
    );
    let flags = ["--replication", "--advertise=10.0.0.1:2375"];
    refused(lab, &flags, "With Carina you do not get this option");
    refused(
        lab,
        &["--replication-ttl=-1s"],
        "--replication-ttl should be a positive number",
    );
    assert!(lab.docker_ok(&["info"]).contains("Role: primary"));
}

fn binpack_says_why_not(lab: &mut Lab) {
    for strategy in ["--strategy=binpack", "--strategy=random"] {
        refused(lab, &[strategy], "With Carina you do not get this option");
    }
}

fn too_much_is_refused(lab: &mut Lab) {
    for flags in [["-m", "1000G"], ["--cpu-shares", "10240"]] {
        let said = lab.docker_err(&[&["create"], &flags[..], &["busybox"]].concat());
        assert!(
            said.contains("no resources available to schedule container"),
            "{said}"
        );
    }
    assert_eq!(
        lab.docker_ok(&["ps", "-aq", "-f", "label=com.docker.swarm.id"]),
        ""
    );
}

fn memory_is_reserved(lab: &mut Lab) {
    let reserved = |lab: &Lab, text: &str| {
        let info = lab.docker_ok(&["info"]);
        assert!(
            info.contains(&format!("Reserved Memory: {text} / ")),
            "{text}: {info}"
        );
    };
    let here = format!("constraint:node=={}", lab.nodes[0].name);
    let run = |name: &str, memory: &str| {
        lab.docker_ok(&[
            "run", "--name", name, "-m", memory, "-e", &here, "busybox", "true",
        ]);
    };
    run("aa", "40m");
    reserved(lab, "40 MiB");
    run("bb", "44m");
    reserved(lab, "84 MiB");
    lab.docker_ok(&["rm", "aa"]);
    reserved(lab, "44 MiB");
    lab.docker_ok(&["rm", "bb"]);
    assert_eq!(
        lab.docker_ok(&["info"])
            .matches("Reserved Memory: 0 B / ")
            .count(),
        3
    );
}

fn cpus_are_spread(lab: &mut Lab) {
    for name in ["aa", "bb"] {
        lab.docker_ok(&["run", "--name", name, "-c", "1", "busybox", "true"]);
    }
    let node = |name: &str| lab.docker_ok(&["inspect", "-f", "{{.Node.Name}}", name]);
    assert_ne!(node("aa"), node("bb"));
    assert_eq!(
        lab.docker_ok(&["info"])
            .matches("Reserved CPUs: 1 / ")
            .count(),
        2
    );
}
