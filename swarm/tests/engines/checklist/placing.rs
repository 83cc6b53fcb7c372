//! Affinities, constraints, ports, dependencies, resources: where a container goes.

use super::{Line, Seed, Verdict};
use crate::lab::{Lab, Said};

const fn line(file: &'static str, line: &'static str, test: fn(&mut Lab)) -> Line {
    Line {
        file,
        line,
        seed: Seed::Yes,
        test: Verdict::Passes(test),
    }
}

const fn slots(line: &'static str, test: fn(&mut Lab)) -> Line {
    Line {
        file: "containerslots-filter",
        line,
        seed: Seed::Later,
        test: Verdict::Passes(test),
    }
}

pub const LINES: &[Line] = &[
    line(
        "affinities",
        "container affinity by environment: == and !=",
        affinity_by_env,
    ),
    line(
        "affinities",
        "container affinity by label: == and !=",
        affinity_by_label,
    ),
    line(
        "affinities",
        "image affinity: == and !=",
        affinity_to_an_image,
    ),
    line(
        "affinities",
        "affinity to an image whose name has a registry in front",
        affinity_to_a_registry_s_image,
    ),
    line(
        "affinities",
        "affinity to a label: == and !=",
        affinity_to_a_label,
    ),
    line(
        "affinities",
        "three at once that avoid each other, on two nodes: one is refused and told the condition",
        affinity_holds_at_once,
    ),
    line(
        "affinities",
        "a soft affinity that nobody fulfils is dropped",
        affinity_may_be_soft,
    ),
    line(
        "constraints",
        "constraint to a node, by environment and by label",
        constraint_to_a_node,
    ),
    line(
        "constraints",
        "a soft constraint that nobody fulfils is dropped",
        constraint_may_be_soft,
    ),
    line(
        "constraints",
        "constraint to an engine's label",
        constraint_to_a_label,
    ),
    slots(
        "two nodes with two slots each: the fifth container is refused, and told of the slots",
        slots_are_full,
    ),
    slots("without a label there is no limit", slots_without_a_label),
    slots(
        "a label that is no number is no limit",
        slots_that_are_no_number,
    ),
    line(
        "dependency",
        "--volumes-from places beside its container",
        beside_its_volumes,
    ),
    line(
        "dependency",
        "--link places beside its container",
        beside_its_link,
    ),
    line(
        "dependency",
        "--net container: places beside its container",
        beside_its_network,
    ),
    line(
        "port-filters",
        "on the host's network, one exposed port a node; the next is refused",
        ports_of_the_host,
    ),
    line(
        "port-filters",
        "a published port is taken once a node, by a stopped container, too",
        ports_that_are_published,
    ),
];

fn at(lab: &Lab, name: &str) -> String {
    lab.docker_ok(&["inspect", "-f", "{{.Node.Name}}", name])
}

fn run(lab: &Lab, name: &str, flags: &[&str]) -> String {
    let run = ["run", "-d", "--name", name];
    lab.docker_ok(&[&run[..], flags, &["busybox", "sleep", "300"]].concat());
    at(lab, name)
}

fn env(lab: &Lab, name: &str, words: &str) -> String {
    run(lab, name, &["-e", words])
}

fn affinity_by_env(lab: &mut Lab) {
    let home = run(lab, "c1", &[]);
    assert_eq!(env(lab, "c2", "affinity:container==c1"), home);
    assert_ne!(env(lab, "c3", "affinity:container!=c1"), home);
}

fn affinity_by_label(lab: &mut Lab) {
    let home = run(lab, "c1", &[]);
    let label = |words: &str| format!("com.docker.swarm.affinities=[\"{words}\"]");
    assert_eq!(run(lab, "c2", &["--label", &label("container==c1")]), home);
    assert_ne!(run(lab, "c3", &["--label", &label("container!=c1")]), home);
}

fn image_on_the_first(lab: &Lab, image: &str) {
    lab.engine_ok(0, &["tag", "busybox", image]);
    // Made behind the managers' back: the engine's event tells them.
    let words = format!("affinity:image=={image}");
    let limit = std::time::Duration::from_secs(5);
    lab.wait_until("the image is known", limit, |lab| {
        let probe = ["create", "--name", "probe", "-e", &words, "busybox"];
        lab.docker(&probe).ok
    });
    lab.docker_ok(&["rm", "probe"]);
}

fn affinity_to_an_image(lab: &mut Lab) {
    image_on_the_first(lab, "only-here");
    let home = lab.nodes[0].name.clone();
    assert_eq!(env(lab, "c1", "affinity:image==only-here"), home);
    assert_ne!(env(lab, "c2", "affinity:image!=only-here"), home);
    lab.docker_ok(&["rmi", "only-here"]);
}

fn affinity_to_a_registry_s_image(lab: &mut Lab) {
    image_on_the_first(lab, "localhost:5000/only-here");
    let home = lab.nodes[0].name.clone();
    assert_eq!(
        env(lab, "c1", "affinity:image==localhost:5000/only-here"),
        home
    );
    assert_ne!(
        env(lab, "c2", "affinity:image!=localhost:5000/only-here"),
        home
    );
    lab.docker_ok(&["rmi", "localhost:5000/only-here"]);
}

fn affinity_to_a_label(lab: &mut Lab) {
    let home = run(lab, "c1", &["--label", "test.label=true"]);
    assert_eq!(env(lab, "c2", "affinity:test.label==true"), home);
    assert_ne!(env(lab, "c3", "affinity:test.label!=true"), home);
}

fn affinity_holds_at_once(lab: &mut Lab) {
    let (plain, _relays) = lab.plain_cluster(&[0, 1], &[]);
    let words = "affinity:test.label!=true";
    let args = [
        "create",
        "--label",
        "test.label=true",
        "-e",
        words,
        "busybox",
    ];
    let children: Vec<_> = (0..3)
        .map(|_| {
            let mut command = plain.command(&args);
            std::thread::spawn(move || command.output().expect("it runs"))
        })
        .collect();
    let said: Vec<_> = children
        .into_iter()
        .map(|child| child.join().expect("no panic"))
        .collect();
    let bad: Vec<_> = said.iter().filter(|said| !said.status.success()).collect();
    assert_eq!(bad.len(), 1);
    let text = String::from_utf8_lossy(&bad[0].stderr);
    assert!(
        text.contains("Unable to find a node that satisfies the following conditions")
            && text.contains("[test.label!=true (soft=false)]"),
        "{text}"
    );
}

fn affinity_may_be_soft(lab: &mut Lab) {
    env(lab, "c1", "affinity:image==~not_exist");
    env(lab, "c2", "affinity:container==~not_exist");
    let said = lab.docker_err(&["create", "-e", "affinity:container==not_exist", "busybox"]);
    assert!(
        said.contains("[container==not_exist (soft=false)]"),
        "{said}"
    );
}

fn constraint_to_a_node(lab: &mut Lab) {
    for k in 0..3 {
        let node = lab.nodes[k].name.clone();
        let words = format!("constraint:node=={node}");
        assert_eq!(env(lab, &format!("e{k}"), &words), node);
        let label = format!("com.docker.swarm.constraints=[\"node=={node}\"]");
        assert_eq!(run(lab, &format!("l{k}"), &["--label", &label]), node);
    }
    let said = lab.docker_err(&["create", "-e", "constraint:node==node-9", "busybox"]);
    assert!(said.contains("[node==node-9 (soft=false)]"), "{said}");
}

fn constraint_may_be_soft(lab: &mut Lab) {
    env(lab, "c1", "constraint:storagedriver==~not_exist");
    let said = lab.docker_err(&[
        "create",
        "-e",
        "constraint:storagedriver==not_exist",
        "busybox",
    ]);
    assert!(
        said.contains("[storagedriver==not_exist (soft=false)]"),
        "{said}"
    );
    env(lab, "c2", "constraint:ostype==linux");
}

fn constraint_to_a_label(lab: &mut Lab) {
    for k in 0..3 {
        let words = format!("constraint:carina.test=={}", lab.nodes[k].ip);
        assert_eq!(env(lab, &format!("c{k}"), &words), lab.nodes[k].name);
    }
}

fn beside_its_volumes(lab: &mut Lab) {
    let home = run(lab, "b1", &["-v", "/data"]);
    for (name, from) in [("c1", "/b1"), ("c2", "/b1:rw"), ("c3", "/b1:ro")] {
        assert_eq!(run(lab, name, &["--volumes-from", from]), home);
        let kept = lab.docker_ok(&["inspect", "-f", "{{index .HostConfig.VolumesFrom 0}}", name]);
        assert!(kept.starts_with("/b1") || kept.len() > 60, "{kept}");
    }
}

fn beside_its_link(lab: &mut Lab) {
    let home = run(lab, "b1", &[]);
    assert_eq!(run(lab, "c1", &["--link", "/b1:foo"]), home);
    let links = lab.docker_ok(&["inspect", "-f", "{{index .HostConfig.Links 0}}", "c1"]);
    assert_eq!(links, "/b1:/c1/foo");
}

fn beside_its_network(lab: &mut Lab) {
    let home = run(lab, "b1", &[]);
    assert_eq!(run(lab, "c1", &["--net", "container:/b1"]), home);
    let mode = lab.docker_ok(&["inspect", "-f", "{{.HostConfig.NetworkMode}}", "c1"]);
    let id = lab.docker_ok(&["inspect", "-f", "{{.Id}}", "b1"]);
    assert!(
        mode == format!("container:{id}") || mode.ends_with("b1"),
        "{mode}"
    );
}

fn ports_of_the_host(lab: &mut Lab) {
    let said = lab.docker_err(&["run", "-d", "--net=host", "busybox", "true"]);
    assert!(said.contains("not allowed by policy"), "{said}");
    let (plain, _relays) = lab.plain_cluster(&[0, 1], &[]);
    let args = [
        "run",
        "-d",
        "--net=host",
        "--expose=80",
        "busybox",
        "sleep",
        "300",
    ];
    plain.ok(&args);
    plain.ok(&args);
    let said = plain.err(&args);
    assert!(said.contains("\n[port 80/tcp (Host mode)]"), "{said}");
}

fn ports_that_are_published(lab: &mut Lab) {
    let args = ["run", "-d", "-p", "8080:80", "busybox", "true"];
    for _ in 0..3 {
        lab.docker_ok(&args);
    }
    let said = lab.docker_err(&args);
    assert!(said.contains("\n[port 8080 (Bridge mode)]"), "{said}");
}

/// Five containers on two nodes that have these labels; what became of the fifth. The labels go.
fn fifth(lab: &mut Lab, labels: &[&str]) -> Said {
    let nodes = &lab.nodes[..2];
    let labelled: Vec<_> = nodes.iter().map(|node| node.labelled(labels)).collect();
    let (plain, _relays) = lab.plain_cluster(&[0, 1], &[]);
    for k in 0..4 {
        let name = format!("slot{k}");
        plain.ok(&["run", "-d", "--name", &name, "busybox", "sleep", "300"]);
    }
    let node = |k: usize| plain.node_of(&format!("slot{k}"));
    for pair in [[0, 1], [2, 3]] {
        assert_ne!(node(pair[0]), node(pair[1]), "spread");
    }
    let fifth = plain.docker(&["run", "-d", "busybox", "sleep", "300"]);
    drop(labelled);
    fifth
}

fn slots_are_full(lab: &mut Lab) {
    let said = fifth(lab, &["containerslots=2"]);
    let text = "Unable to find a node that satisfies the following conditions";
    assert!(!said.ok && said.err.contains(text), "{}", said.err);
    assert!(
        said.err.contains("[available container slots]"),
        "{}",
        said.err
    );
}

fn slots_without_a_label(lab: &mut Lab) {
    let said = fifth(lab, &[]);
    assert!(said.ok, "{}", said.err);
}

fn slots_that_are_no_number(lab: &mut Lab) {
    let said = fifth(lab, &["containerslots=foo"]);
    assert!(said.ok, "{}", said.err);
}
