//! What happens to containers whose engine is lost.

use std::time::Duration;

use super::{Line, Seed, Verdict};
use crate::lab::{Lab, Plain, Relay};

const fn line(line: &'static str, test: fn(&mut Lab)) -> Line {
    Line {
        file: "rescheduling",
        line,
        seed: Seed::Later,
        test: Verdict::Passes(test),
    }
}

pub const LINES: &[Line] = &[
    line(
        "a container with on-node-failure, by environment or by label, is made again elsewhere \
         within seconds, with its swarm id; one without stays",
        containers_move,
    ),
    line(
        "with the policy off it stays, and inspect fails while its node is down",
        containers_stay_with_the_policy_off,
    ),
    line(
        "with a hard constraint to its node it stays",
        containers_stay_with_a_constraint,
    ),
    line(
        "policies that are none, and two at once, are refused",
        wrong_policies_are_refused,
    ),
    line(
        "when the node returns what was on it is removed there, and a later loss moves the \
         container back",
        containers_move_back,
    ),
    line(
        "a container with a published port moves",
        containers_move_with_their_port,
    ),
];

const FLAGS: [&str; 2] = [
    "--cluster-opt=swarm.rescheduledelay=0s",
    "--engine-failure-retry=2",
];
const POLICY: &str = "reschedule:on-node-failure";
const SOON: Duration = Duration::from_secs(10);

fn cluster(lab: &Lab) -> (Plain, Vec<Relay>) {
    lab.plain_cluster(&[0, 1], &FLAGS)
}

/// Runs one on the first node, which is the emptiest by name.
fn run_on(plain: &Plain, node: &str, name: &str, flags: &[&str]) {
    let soft = format!("constraint:node==~{node}");
    let run = ["run", "-d", "--name", name, "-e", &soft];
    plain.ok(&[&run[..], flags, &["busybox", "sleep", "300"]].concat());
    assert_eq!(plain.node_of(name), node);
}

fn swarm_id(plain: &Plain, name: &str) -> String {
    let label = "{{index .Config.Labels \"com.docker.swarm.id\"}}";
    plain.ok(&["inspect", "-f", label, name])
}

fn wait_node(plain: &Plain, name: &str, node: &str) {
    plain.wait(&format!("{name} is on {node}"), SOON, |plain| {
        let said = plain.docker(&["inspect", "-f", "{{.Node.Name}} {{.State.Running}}", name]);
        said.out == format!("{node} true")
    });
}

fn containers_move(lab: &mut Lab) {
    let (plain, mut relays) = cluster(lab);
    let (n1, n2) = (&lab.nodes[0].name, &lab.nodes[1].name);
    run_on(
        &plain,
        n1,
        "by-env",
        &["-e", POLICY, "-e", "MINE=kept", "-m", "40m"],
    );
    let label = "com.docker.swarm.reschedule-policies=[\"on-node-failure\"]";
    run_on(&plain, n1, "by-label", &["--label", label]);
    run_on(&plain, n1, "stays", &[]);
    run_on(&plain, n1, "stopped", &["-e", POLICY]);
    plain.ok(&["stop", "-t", "0", "stopped"]);
    let ids = [swarm_id(&plain, "by-env"), swarm_id(&plain, "by-label")];
    let engine_id = plain.ok(&["inspect", "-f", "{{.Id}}", "by-env"]);
    relays[0].cut();
    wait_node(&plain, "by-env", n2);
    wait_node(&plain, "by-label", n2);
    assert_eq!(
        ids,
        [swarm_id(&plain, "by-env"), swarm_id(&plain, "by-label")]
    );
    assert_ne!(plain.ok(&["inspect", "-f", "{{.Id}}", "by-env"]), engine_id);
    assert_eq!(
        plain.ok(&["exec", "by-env", "sh", "-c", "echo $MINE"]),
        "kept"
    );
    let memory = plain.ok(&["inspect", "-f", "{{.HostConfig.Memory}}", "by-env"]);
    assert_eq!(memory, (40 << 20).to_string());
    // What did not run does not run there, either.
    plain.wait("the stopped one has moved", SOON, |plain| {
        plain
            .docker(&["inspect", "-f", "{{.State.Status}}", "stopped"])
            .out
            == "created"
    });
    let all = plain.ok(&["ps", "-a", "--format", "{{.Names}} {{.Status}}"]);
    assert_eq!(all.matches("by-env").count(), 1, "shown once: {all}");
    assert!(all.contains(&format!("{n1}/stays Host Down")), "{all}");
    // Nothing of it is lost on the engine that nobody reaches.
    let there = lab.engine_ok(0, &["ps", "-q", "--no-trunc"]);
    assert!(there.contains(&engine_id), "{there}");
    relays[0].mend();
    plain.wait_status("Healthy", 2);
}

fn containers_stay_with_the_policy_off(lab: &mut Lab) {
    let (plain, mut relays) = cluster(lab);
    let (n1, n2) = (&lab.nodes[0].name, &lab.nodes[1].name);
    run_on(&plain, n1, "stays", &["-e", "reschedule:off"]);
    run_on(&plain, n1, "moves", &["-e", POLICY]);
    let id = plain.ok(&["inspect", "-f", "{{.Id}}", "stays"]);
    relays[0].cut();
    wait_node(&plain, "moves", n2);
    plain.err(&["inspect", "stays"]);
    relays[0].mend();
    plain.wait_status("Healthy", 2);
    assert_eq!(plain.ok(&["inspect", "-f", "{{.Id}}", "stays"]), id);
    assert_eq!(plain.node_of("stays"), *n1);
}

fn containers_stay_with_a_constraint(lab: &mut Lab) {
    let (plain, mut relays) = cluster(lab);
    let (n1, n2) = (&lab.nodes[0].name, &lab.nodes[1].name);
    let hard = format!("constraint:node=={n1}");
    run_on(&plain, n1, "pinned", &["-e", POLICY, "-e", &hard]);
    run_on(&plain, n1, "moves", &["-e", POLICY]);
    relays[0].cut();
    wait_node(&plain, "moves", n2);
    let all = plain.ok(&["ps", "-a", "--format", "{{.Names}} {{.Status}}"]);
    assert!(all.contains(&format!("{n1}/pinned Host Down")), "{all}");
    plain.wait("it is said why", SOON, |plain| {
        let log = plain.log_read();
        log.contains("a container cannot be rescheduled") && log.contains("node==")
    });
    relays[0].mend();
    plain.wait_status("Healthy", 2);
    assert_eq!(plain.node_of("pinned"), *n1);
}

fn wrong_policies_are_refused(lab: &mut Lab) {
    let label = "com.docker.swarm.reschedule-policies=[\"false\"]";
    for (flags, text) in [
        (
            &["-e", "reschedule:false"][..],
            "invalid reschedule policy: false",
        ),
        (&["--label", label], "invalid reschedule policy: false"),
        (
            &["-e", POLICY, "-e", "reschedule:off"],
            "too many reschedule policies",
        ),
    ] {
        let said = lab.docker_err(&[&["run"], flags, &["busybox", "true"]].concat());
        assert!(said.contains(text), "{flags:?}: {said}");
    }
    assert_eq!(
        lab.docker_ok(&["ps", "-aq", "-f", "label=com.docker.swarm.id"]),
        ""
    );
}

fn containers_move_back(lab: &mut Lab) {
    let (plain, mut relays) = cluster(lab);
    let (n1, n2) = (&lab.nodes[0].name, &lab.nodes[1].name);
    run_on(&plain, n1, "wanderer", &["-e", POLICY]);
    let first = plain.ok(&["inspect", "-f", "{{.Id}}", "wanderer"]);
    relays[0].cut();
    wait_node(&plain, "wanderer", n2);
    relays[0].mend();
    lab.wait_until("the old one is gone", SOON, |lab| {
        !lab.engine_ok(0, &["ps", "-aq", "--no-trunc"])
            .contains(&first)
    });
    plain.wait_status("Healthy", 2);
    assert_eq!(plain.node_of("wanderer"), *n2);
    let second = plain.ok(&["inspect", "-f", "{{.Id}}", "wanderer"]);
    relays[1].cut();
    wait_node(&plain, "wanderer", n1);
    relays[1].mend();
    lab.wait_until("that one is gone, too", SOON, |lab| {
        !lab.engine_ok(1, &["ps", "-aq", "--no-trunc"])
            .contains(&second)
    });
    plain.wait_status("Healthy", 2);
    let all = plain.ok(&["ps", "-a", "--format", "{{.Names}}", "-f", "name=wanderer"]);
    assert_eq!(all, format!("{n1}/wanderer"));
}

fn containers_move_with_their_port(lab: &mut Lab) {
    let (plain, mut relays) = cluster(lab);
    let (n1, n2) = (&lab.nodes[0].name, &lab.nodes[1].name);
    run_on(&plain, n1, "web", &["-e", POLICY, "-p", "8065:80"]);
    relays[0].cut();
    wait_node(&plain, "web", n2);
    let port = plain.ok(&["port", "web"]);
    assert!(port.contains(":8065"), "{port}");
    relays[0].mend();
    plain.wait_status("Healthy", 2);
}
