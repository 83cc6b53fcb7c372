//! Volumes: each lives on one node, and is listed as `<node>/<name>`.

use std::time::Duration;

use serde_json::Value;

use super::{Line, Seed, differs, passes};
use crate::lab::Lab;

pub const LINES: &[Line] = &[
    passes("api/volume", Seed::Later, "ls: counts, names", volume_ls),
    passes(
        "api/volume",
        Seed::Later,
        "filters name, node, label",
        volume_ls_filters,
    ),
    passes(
        "api/volume",
        Seed::Later,
        "inspect: the engine's own answer",
        volume_inspect,
    ),
    differs(
        "api/volume",
        Seed::Later,
        "create on all nodes, on one, on one that is none",
        volume_create,
        "a volume lives on one segment, so that every container that mounts it finds the same data",
    ),
    passes(
        "api/volume",
        Seed::Later,
        "rm, and what cannot be removed",
        volume_rm,
    ),
    differs(
        "api/volume",
        Seed::Later,
        "a whitelist label chooses nodes",
        volume_whitelist,
        "it gets one of the nodes that the label allows",
    ),
];

fn volume_ls(lab: &mut Lab) {
    let before = places(lab, "").len();
    for k in 0..3 {
        lab.ok(&format!("volume create {}/h-ls{k}", lab.node(k)));
    }
    assert_eq!(places(lab, "").len(), before + 3);
    for k in 0..3 {
        assert_eq!(
            places(lab, &format!("-f name=h-ls{k}")),
            [(k, format!("h-ls{k}"))]
        );
    }
    lab.ok("volume rm h-ls0 h-ls1 h-ls2");
    assert_eq!(places(lab, "").len(), before);
}

fn volume_ls_filters(lab: &mut Lab) {
    lab.ok(&format!(
        "volume create --label zone=x {}/h-one",
        lab.node(0)
    ));
    lab.ok(&format!(
        "volume create --label zone=y {}/h-two",
        lab.node(1)
    ));
    for (filter, wanted) in [
        ("name=h-o".to_owned(), &["h-one"][..]),
        ("name=h-".to_owned(), &["h-one", "h-two"]),
        ("name=nothing-h".to_owned(), &[]),
        (format!("node={} -f name=h-", lab.node(1)), &["h-two"]),
        ("node=nobody".to_owned(), &[]),
        ("label=zone".to_owned(), &["h-one", "h-two"]),
        ("label=zone=y".to_owned(), &["h-two"]),
        ("label=zone=z".to_owned(), &[]),
    ] {
        let got = places(lab, &format!("-f {filter}"));
        let got: Vec<&str> = got.iter().map(|(_, name)| name.as_str()).collect();
        assert_eq!(got, wanted, "{filter}");
    }
    let text = lab.fails("volume ls -f nonsense=1");
    assert!(text.contains("invalid filter"), "{text}");
    lab.ok("volume rm h-one h-two");
}

fn volume_inspect(lab: &mut Lab) {
    lab.ok(&format!(
        "volume create --label a=b {}/h-inspect",
        lab.node(2)
    ));
    let theirs = lab.engine_says(2, "volume inspect h-inspect").out;
    let read = |text: &str| serde_json::from_str::<Value>(text).expect("JSON");
    for name in ["h-inspect".to_owned(), format!("{}/h-inspect", lab.node(2))] {
        let ours = lab.ok(&format!("volume inspect {name}"));
        assert_eq!(read(&ours), read(&theirs));
    }
    // The same name on two nodes is nobody's.
    assert!(lab.engine_says(0, "volume create h-inspect").ok);
    lab.wait_until("it is seen", Duration::from_secs(5), |lab| {
        places(lab, "-f name=h-inspect").len() == 2
    });
    let text = lab.fails("volume inspect h-inspect").to_lowercase();
    assert!(text.contains("no such volume"), "{text}");
    let list = lab.ok("volume ls -f name=h-inspect");
    assert!(
        list.contains(&format!("{}/h-inspect", lab.node(0))),
        "{list}"
    );
    lab.ok(&format!(
        "volume rm {0}/h-inspect {1}/h-inspect",
        lab.node(0),
        lab.node(2)
    ));
}

fn volume_create(lab: &mut Lab) {
    lab.ok("volume create h-create");
    assert_eq!(places(lab, "-f name=h-create").len(), 1);
    lab.ok("volume create h-create");
    let again = places(lab, "-f name=h-create");
    assert_eq!(again.len(), 1, "once more is the same");
    lab.ok(&format!("volume create {}/h-there", lab.node(1)));
    assert_eq!(places(lab, "-f name=h-there"), [(1, "h-there".to_owned())]);
    lab.fails("volume create nobody/h-x");
    assert_eq!(places(lab, "-f name=h-x"), []);
    lab.ok("volume rm h-create h-there");
}

fn volume_rm(lab: &mut Lab) {
    let text = lab.fails("volume rm h-nothing").to_lowercase();
    assert!(text.contains("no such volume"), "{text}");
    lab.ok("create --name one -v h-rm:/data busybox");
    let text = lab.fails("volume rm h-rm");
    assert!(text.contains("in use"), "{text}");
    lab.ok("rm one");
    lab.ok("volume rm h-rm");
    assert_eq!(places(lab, "-f name=h-rm"), []);
    // Where engines have the name behind our back, all of them lose it.
    for k in 0..2 {
        assert!(lab.engine_says(k, "volume create h-rm").ok);
    }
    lab.wait_until("they are seen", Duration::from_secs(5), |lab| {
        places(lab, "-f name=h-rm").len() == 2
    });
    lab.ok("volume rm h-rm");
    for k in 0..2 {
        assert!(!lab.engine_says(k, "volume inspect h-rm").ok);
    }
}

fn volume_whitelist(lab: &mut Lab) {
    for k in [2, 1] {
        let list = format!("com.docker.swarm.whitelists=[\"node=={}\"]", lab.node(k));
        lab.docker_ok(&["volume", "create", "--label", &list, "h-white"]);
        assert_eq!(places(lab, "-f name=h-white"), [(k, "h-white".to_owned())]);
        lab.ok("volume rm h-white");
    }
    let nobody = "com.docker.swarm.whitelists=[\"node==nobody\"]";
    lab.docker_err(&["volume", "create", "--label", nobody, "h-white"]);
    assert_eq!(places(lab, "-f name=h-white"), []);
}

/// The volumes that are listed, by name, each with the node that has it, whether the list says
/// that node or not.
fn places(lab: &Lab, args: &str) -> Vec<(usize, String)> {
    let list = lab.ok(&format!("volume ls --format {{{{.Name}}}} {args}"));
    let mut places = Vec::new();
    for listed in list.lines() {
        let (node, name) = match listed.split_once('/') {
            Some((node, name)) => (Some(node), name),
            None => (None, listed),
        };
        let mut holders = (0..lab.nodes.len()).filter(|k| match node {
            Some(node) => node == lab.node(*k),
            None => lab.engine_says(*k, &format!("volume inspect {name}")).ok,
        });
        let at = holders
            .next()
            .unwrap_or_else(|| panic!("{listed} is nowhere"));
        places.push((at, name.to_owned()));
    }
    places.sort_by(|one, other| one.1.cmp(&other.1));
    places
}
