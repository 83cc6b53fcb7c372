//! What people do with a cluster, one function each.

use std::time::Duration;

use crate::lab::{CLUSTER, Lab};

pub type Scenario = (&'static str, fn(&mut Lab));

pub const ALL: &[Scenario] = &[
    ("containers_run_and_are_seen", containers_run_and_are_seen),
    ("the_seed_s_commands_work", the_seed_s_commands_work),
];

fn node(k: usize) -> String {
    format!("{CLUSTER}-n{k}")
}

fn containers_run_and_are_seen(lab: &mut Lab) {
    assert_eq!(lab.docker_ok(&["run", "--rm", "busybox", "echo", "hello"]), "hello");
    for name in ["a", "b", "c"].map(|c| format!("c{c}")) {
        lab.docker_ok(&["run", "-d", "--name", &name, "busybox", "sleep", "300"]);
    }
    let names = lab.docker_ok(&["ps", "--format", "{{.Names}}"]);
    let mut nodes: Vec<&str> = names.lines().filter_map(|name| name.split_once('/')).map(|n| n.0).collect();
    nodes.sort_unstable();
    assert_eq!(nodes, [node(1), node(2), node(3)], "spread puts one on each: {names}");
    assert_eq!(lab.docker_ok(&["exec", "ca", "echo", "in"]), "in");
    let text = lab.docker_ok(&["inspect", "-f", "{{.Node.Name}}", "cb"]);
    assert!(text.starts_with(CLUSTER), "{text}");
    lab.docker_ok(&["stop", "-t", "0", "ca"]);
    assert!(lab.docker_ok(&["ps", "-a", "--filter", "name=ca"]).contains("Exited"));
    lab.docker_ok(&["rm", "ca"]);
    assert!(lab.docker_err(&["inspect", "ca"]).to_lowercase().contains("no such"));
    lab.wait_until("info counts", Duration::from_secs(2), |lab| {
        lab.docker_ok(&["info"]).contains("Running: 2")
    });
}

fn the_seed_s_commands_work(lab: &mut Lab) {
    let manager = lab.docker_ok(&["ps", "-aq", "-f", "name=swarm-manager", "-n", "1"]);
    let token = lab.docker_ok(&["inspect", "-f", "{{index .Config.Cmd 6}}", &manager]);
    assert_eq!(token, lab.token_url());
    let list = lab.swarm(&["list", &token]);
    assert_eq!(list.out.lines().collect::<Vec<_>>(), lab.discovery.entries());
    let files = lab.docker_ok(&[
        "run", "--rm", "--volumes-from", "swarm-data", "busybox", "ls", "/etc/docker",
    ]);
    assert_eq!(files, "ca.pem\nserver-cert.pem\nserver-key.pem");
}
