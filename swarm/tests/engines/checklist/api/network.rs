//! Networks: those of one node are called `<node>/<name>`.

use serde_json::Value;

use super::{Line, Seed, passes};
use crate::lab::Lab;

pub const LINES: &[Line] = &[
    passes(
        "api/network",
        Seed::Later,
        "ls: three on each node",
        network_ls,
    ),
    passes(
        "api/network",
        Seed::Later,
        "ls by type: builtin, custom, an unknown one",
        network_ls_by_type,
    ),
    passes("api/network", Seed::Later, "ls by node", network_ls_by_node),
    passes(
        "api/network",
        Seed::Later,
        "ls by a part of the name",
        network_ls_by_name,
    ),
    passes(
        "api/network",
        Seed::Later,
        "inspect: bridge alone is nobody's, node/bridge is the engine's own answer",
        network_inspect,
    ),
    passes(
        "api/network",
        Seed::Later,
        "create: anywhere, on a node, on a node that is none",
        network_create,
    ),
    passes(
        "api/network",
        Seed::Later,
        "rm, and what cannot be removed",
        network_rm,
    ),
    passes(
        "api/network",
        Seed::Later,
        "connect and disconnect node/bridge",
        network_connect_and_disconnect,
    ),
    passes(
        "api/network",
        Seed::Later,
        "connect --ip",
        network_connect_with_an_address,
    ),
    passes(
        "api/network",
        Seed::Later,
        "connect --alias",
        network_connect_with_an_alias,
    ),
    passes(
        "api/network",
        Seed::Later,
        "run --net node/network, --network-alias",
        network_of_a_run,
    ),
];

const BUILT_IN: [&str; 3] = ["bridge", "host", "none"];

fn network_ls(lab: &mut Lab) {
    let mut expected: Vec<String> = lab
        .nodes
        .iter()
        .flat_map(|node| BUILT_IN.map(|net| format!("{}/{net}", node.name)))
        .collect();
    expected.sort();
    assert_eq!(
        names(lab, "-f type=builtin"),
        expected,
        "three on each node"
    );
    let all = names(lab, "");
    assert!(expected.iter().all(|net| all.contains(net)), "{all:?}");
}

fn network_ls_by_type(lab: &mut Lab) {
    let net = format!("{}/h-type", lab.node(1));
    lab.ok(&format!("network create -d bridge {net}"));
    let custom = names(lab, "-f type=custom");
    assert!(custom.contains(&net), "{custom:?}");
    let built_in = |net: &String| {
        BUILT_IN
            .iter()
            .any(|name| net.ends_with(&format!("/{name}")))
    };
    assert!(!custom.iter().any(built_in), "{custom:?}");
    assert!(names(lab, "-f type=builtin").iter().all(built_in));
    let text = lab.fails("network ls -f type=foo");
    assert!(text.contains("invalid filter"), "{text}");
    lab.ok(&format!("network rm {net}"));
}

fn network_ls_by_node(lab: &mut Lab) {
    let of_node = names(lab, &format!("-f node={} -f type=builtin", lab.node(0)));
    let expected = BUILT_IN.map(|net| format!("{}/{net}", lab.node(0)));
    assert_eq!(of_node, expected);
    assert_eq!(names(lab, "-f node=nobody"), [""; 0]);
}

fn network_ls_by_name(lab: &mut Lab) {
    lab.ok("network create h-name-one");
    lab.ok("network create h-name-two");
    assert_eq!(names(lab, "-f name=h-name"), ["h-name-one", "h-name-two"]);
    assert_eq!(names(lab, "-f name=name-two"), ["h-name-two"]);
    assert_eq!(names(lab, "-f name=h-name-three"), [""; 0]);
    lab.ok("network rm h-name-one h-name-two");
}

fn network_inspect(lab: &mut Lab) {
    let text = lab.fails("network inspect bridge");
    assert!(text.contains("No such network: bridge"), "{text}");
    for k in 0..3 {
        let ours = lab.ok(&format!("network inspect {}/bridge", lab.node(k)));
        let theirs = lab.engine_says(k, "network inspect bridge").out;
        let read = |text: &str| serde_json::from_str::<Value>(text).expect("JSON");
        assert_eq!(read(&ours), read(&theirs));
    }
}

fn network_create(lab: &mut Lab) {
    lab.ok("network create h-wide");
    assert_eq!(names(lab, "-f name=h-wide"), ["h-wide"], "of all nodes");
    assert_eq!(lab.ok("network inspect -f {{.Driver}} h-wide"), "overlay");
    let there = format!("{}/h-there", lab.node(1));
    lab.ok(&format!("network create -d bridge {there}"));
    assert_eq!(names(lab, "-f name=h-there"), [there.as_str()]);
    assert!(lab.engine_says(1, "network inspect h-there").ok);
    let text = lab.fails("network create -d bridge nobody/h-x");
    assert!(text.contains("nobody"), "{text}");
    lab.ok(&format!("network rm h-wide {there}"));
}

fn network_rm(lab: &mut Lab) {
    let net = format!("{}/h-rm", lab.node(2));
    lab.ok(&format!("network create -d bridge {net}"));
    lab.ok(&format!("network rm {net}"));
    assert_eq!(names(lab, "-f name=h-rm"), [""; 0]);
    let text = lab.fails(&format!("network rm {net}"));
    assert!(text.contains("No such network"), "{text}");
    // What the engine made stays.
    lab.fails("network rm bridge");
    let text = lab.fails(&format!("network rm {}/bridge", lab.node(0)));
    assert!(
        text.contains("CARINA-") || text.contains("pre-defined"),
        "{text}"
    );
    assert!(lab.engine_says(0, "network inspect bridge").ok);
}

fn network_connect_and_disconnect(lab: &mut Lab) {
    let net = format!("{}/h-conn", lab.node(0));
    lab.ok(&format!("network create -d bridge {net}"));
    let run = format!(
        "run -d --name one {} --net {net} busybox sleep 300",
        lab.at(0)
    );
    lab.ok(&run);
    let bridge = format!("{}/bridge", lab.node(0));
    lab.ok(&format!("network connect {bridge} one"));
    assert_eq!(networks_of(lab, "one"), "bridge h-conn");
    lab.ok(&format!("network disconnect {bridge} one"));
    assert_eq!(networks_of(lab, "one"), "h-conn");
    let elsewhere = format!("{}/bridge", lab.node(1));
    let text = lab.fails(&format!("network connect {elsewhere} one"));
    assert!(text.contains(lab.node(0)), "says where it is: {text}");
    lab.containers_remove();
    lab.ok(&format!("network rm {net}"));
}

fn network_connect_with_an_address(lab: &mut Lab) {
    let net = format!("{}/h-ip", lab.node(1));
    lab.ok(&format!(
        "network create -d bridge --subnet 10.77.2.0/24 {net}"
    ));
    lab.ok(&format!(
        "run -d --name one {} busybox sleep 300",
        lab.at(1)
    ));
    lab.ok(&format!("network connect --ip 10.77.2.50 {net} one"));
    let address = "inspect -f '{{(index .NetworkSettings.Networks \"h-ip\").IPAddress}}' one";
    assert_eq!(lab.ok(address), "10.77.2.50");
    lab.containers_remove();
    lab.ok(&format!("network rm {net}"));
}

fn network_connect_with_an_alias(lab: &mut Lab) {
    let net = format!("{}/h-alias", lab.node(1));
    lab.ok(&format!("network create -d bridge {net}"));
    lab.ok(&format!(
        "run -d --name one {} busybox sleep 300",
        lab.at(1)
    ));
    lab.ok(&format!(
        "network connect --alias first --alias second {net} one"
    ));
    lab.ok(&format!("run -d --name two --net {net} busybox sleep 300"));
    for alias in ["first", "second"] {
        let ping = lab.ok(&format!("exec two ping -c 1 -w 5 {alias}"));
        assert!(ping.contains("1 packets received"), "{ping}");
    }
    lab.containers_remove();
    lab.ok(&format!("network rm {net}"));
}

fn network_of_a_run(lab: &mut Lab) {
    let net = format!("{}/h-run", lab.node(2));
    lab.ok(&format!("network create -d bridge {net}"));
    lab.ok(&format!(
        "run -d --name one --net {net} --network-alias known busybox sleep 300"
    ));
    assert_eq!(lab.node_of("one"), 2);
    lab.ok("run -d --name two --net h-run busybox sleep 300");
    assert_eq!(lab.node_of("two"), 2, "by its bare name as well");
    let ping = lab.ok("exec two ping -c 1 -w 5 known");
    assert!(ping.contains("1 packets received"), "{ping}");
    let text = lab.fails("run --net nobody/h-run busybox true");
    assert!(text.contains("h-run"), "{text}");
    // A client that is told "not found" takes it for the image's and pulls.
    assert!(!text.contains("Unable to find image"), "{text}");
    lab.containers_remove();
    lab.ok(&format!("network rm {net}"));
}

fn names(lab: &Lab, args: &str) -> Vec<String> {
    let list = lab.ok(&format!("network ls --format {{{{.Name}}}} {args}"));
    let mut names: Vec<String> = list.lines().map(str::to_owned).collect();
    names.sort();
    names
}

fn networks_of(lab: &Lab, container: &str) -> String {
    let format = "'{{range $k, $v := .NetworkSettings.Networks}}{{$k}} {{end}}'";
    lab.ok(&format!("inspect -f {format} {container}"))
}
