//! Placement by what only some segments have, by segments' names, and what is said when nothing
//! can be placed.

use std::collections::BTreeMap;

use time::{Duration, OffsetDateTime};

use super::*;
use crate::schedule::facts::Trouble;

const CLUSTER: &str = "0190a5f2-7a3b-7c00-8000-00000000c1a5";

fn volume(name: &str) -> VolumeFacts {
    VolumeFacts {
        name: name.into(),
        ..Default::default()
    }
}

fn segments() -> Vec<NodeView> {
    (1..=3).map(|k| node(&format!("{CLUSTER}-n{k}"))).collect()
}

#[test]
fn a_volume_keeps_its_containers_together() {
    let mut nodes = three();
    nodes[1].containers.push(container("a", "a"));
    let binds = r#"{"HostConfig":{"Binds":["data:/data"]}}"#;
    let mounts =
        r#"{"HostConfig":{"Mounts":[{"Type":"volume","Source":"data","Target":"/data"}]}}"#;
    for create in [binds, mounts] {
        assert_eq!(
            check(&nodes, &[], create),
            Ok("n1".into()),
            "a new one may be anywhere"
        );
    }
    nodes[1].volumes.push(volume("data"));
    for create in [binds, mounts] {
        assert_eq!(check(&nodes, &[], create), Ok("n2".into()));
    }
    let bind = r#"{"HostConfig":{"Binds":["/data:/data"]}}"#;
    assert_eq!(check(&nodes, &[], bind), Ok("n1".into()), "no volume");
    // The container is seen before its volume is.
    nodes[1].volumes.clear();
    nodes[1].containers[0].mounts = vec![MountFacts::of_volume("data")];
    assert_eq!(check(&nodes, &[], binds), Ok("n2".into()));
}

#[test]
fn a_volume_that_is_being_made_has_its_place() {
    let mut nodes = three();
    nodes[2].containers.push(container("a", "a"));
    let create = r#"{"Image":"busybox","HostConfig":{"Binds":["data:/data"]}}"#;
    let mut first: ContainerCreate = json::read(create.as_bytes()).expect("a create");
    let first = Request::take(&mut first, None).expect("a request");
    let alone = Request::of_volume("data", None, &BTreeMap::new()).expect("a request");
    for request in [first, alone] {
        let pending = [request.pending("n3")];
        assert_eq!(check(&nodes, &pending, create), Ok("n3".into()));
        let other = r#"{"HostConfig":{"Binds":["other:/data"]}}"#;
        assert_eq!(check(&nodes, &pending, other), Ok("n1".into()));
    }
}

#[test]
fn what_cannot_go_to_its_volume_is_told_where_that_is() {
    let mut nodes = three();
    nodes[1].volumes.push(volume("data"));
    nodes[1]
        .containers
        .push(with_port("a", "web", "80/tcp", "80"));
    let create = r#"{"HostConfig":{"Binds":["data:/data"],
                     "PortBindings":{"80/tcp":[{"HostPort":"80"}]}}}"#;
    assert_eq!(
        check(&nodes, &[], create),
        Err(
            "Unable to find a node that satisfies the following conditions \n\
             [port 80 (Bridge mode)]\n[available container slots]\n[--volume=data]\n\
             no segment can take this container: n1: volume data is not there; \
             n2: port 80 is taken by web; n3: volume data is not there\n\
             volume data is on segment n2, which cannot take this container: \
             port 80 is taken by web"
                .into()
        )
    );
    nodes[1].health = 0;
    nodes[1].trouble = Some(Trouble {
        reason: "connection refused".into(),
        since: OffsetDateTime::now_utc() - Duration::seconds(12),
    });
    let create = r#"{"HostConfig":{"Binds":["data:/data"]}}"#;
    let message = check(&nodes, &[], create).expect_err("not on an empty one instead");
    assert!(
        message.ends_with(
            "volume data is on segment n2, which cannot take this container: \
             not healthy (connection refused, 12 s)"
        ),
        "{message}"
    );
    let many = format!(
        r#"{{"HostConfig":{{"Binds":["data:/data"],"Memory":{}}}}}"#,
        3_i64 << 30
    );
    nodes[1].health = 100;
    let message = check(&nodes, &[], &many).expect_err("too large");
    assert!(message.starts_with("no resources available"), "{message}");
    assert!(
        message.contains("n2: 3 GiB of memory asked for, 2.1 GiB"),
        "{message}"
    );
}

#[test]
fn two_volumes_apart_are_told_of() {
    let mut nodes = three();
    nodes[0].volumes.push(volume("a"));
    nodes[1].volumes.push(volume("b"));
    let create = r#"{"HostConfig":{"Binds":["a:/a","b:/b"]}}"#;
    let message = check(&nodes, &[], create).expect_err("apart");
    for line in [
        "volume a is on segment n1, which cannot take this container: volume b is not there",
        "volume b is on segment n2, which cannot take this container: volume a is not there",
    ] {
        assert!(message.lines().any(|known| known == line), "{message}");
    }
    // One of the name on each, as services make them: any of those will do.
    nodes[1].volumes.push(volume("a"));
    assert_eq!(check(&nodes, &[], create), Ok("n2".into()));
}

#[test]
fn volumes_by_themselves_spread() {
    let mut nodes = three();
    let mut made = Vec::new();
    for name in ["a", "b", "c", "d"] {
        let request = Request::of_volume(name, None, &BTreeMap::new()).expect("a request");
        let views: Vec<&NodeView> = nodes.iter().collect();
        let placed = place(
            &views,
            &BTreeSet::new(),
            &[],
            &request,
            &Settings::default(),
        )
        .expect("placed");
        let at = placed.node().to_owned();
        let node = nodes
            .iter_mut()
            .find(|node| node.name == at)
            .expect("known");
        node.volumes.push(volume(name));
        made.push(at);
    }
    assert_eq!(made, ["n1", "n2", "n3", "n1"]);
    // A node that takes no container more still takes a volume.
    nodes[0].labels.insert("containerslots".into(), "0".into());
    let pinned = BTreeMap::from([("carina.segment".to_owned(), "n1".to_owned())]);
    let request = Request::of_volume("e", None, &pinned).expect("a request");
    let views: Vec<&NodeView> = nodes.iter().collect();
    assert!(
        place(
            &views,
            &BTreeSet::new(),
            &[],
            &request,
            &Settings::default()
        )
        .is_ok()
    );
    // One that is somewhere is not made elsewhere.
    let request = Request::of_volume("b", Some("n1"), &BTreeMap::new()).expect("a request");
    let refusal = place(
        &views,
        &BTreeSet::new(),
        &[],
        &request,
        &Settings::default(),
    )
    .expect_err("on n2");
    assert!(
        refusal
            .message
            .contains("volume b is on segment n2, which cannot take this volume"),
        "{refusal}"
    );
}

#[test]
fn a_network_of_one_segment_is_joined_there() {
    let mut nodes = three();
    nodes[2].networks.push(NetworkFacts {
        id: "beef01".into(),
        name: "mine".into(),
        driver: "bridge".into(),
        scope: "local".into(),
        ingress: false,
    });
    let create = r#"{"HostConfig":{"NetworkMode":"mine"}}"#;
    assert_eq!(check(&nodes, &[], create), Ok("n3".into()));
    let second = r#"{"NetworkingConfig":{"EndpointsConfig":{"bridge":{},"n3/mine":{}}}}"#;
    assert_eq!(check(&nodes, &[], second), Ok("n3".into()));
    let apart = r#"{"Env":["constraint:node==n1"],"HostConfig":{"NetworkMode":"mine"}}"#;
    let message = check(&nodes, &[], apart).expect_err("apart");
    assert!(message.contains("[--net=mine]"), "{message}");
    assert!(
        message.contains("network mine is on segment n3, which cannot take this container"),
        "{message}"
    );
    nodes[0].networks.push(NetworkFacts {
        id: "wide01".into(),
        name: "wide".into(),
        driver: "overlay".into(),
        scope: "swarm".into(),
        ingress: false,
    });
    let wide = r#"{"HostConfig":{"NetworkMode":"wide"}}"#;
    assert_eq!(check(&nodes, &[], wide), Ok("n1".into()), "anywhere");
}

#[test]
fn segments_have_short_names() {
    let mut nodes = segments();
    assert_eq!(nodes[1].called(), "n2");
    assert_eq!(node("web-n2").short_name(), None);
    assert_eq!(node(&format!("{CLUSTER}-n")).short_name(), None);
    assert_eq!(node(&format!("{CLUSTER}-m2")).short_name(), None);
    assert_eq!(node("0190a5f2-7a3b-7c00-8000-0000000ä").short_name(), None);
    nodes[1].containers.push(container("b1", "b1"));
    let n2 = nodes[1].name.clone();
    for create in [
        r#"{"Env":["constraint:node==n2"]}"#.to_owned(),
        format!(r#"{{"Env":["constraint:node=={n2}"]}}"#),
        r#"{"Env":["whitelist:node==n2|n9"]}"#.to_owned(),
        r#"{"Labels":{"carina.segment":"n2"}}"#.to_owned(),
        format!(r#"{{"Labels":{{"carina.segment":"{n2}"}}}}"#),
        r#"{"HostConfig":{"VolumesFrom":["n2/b1"]}}"#.to_owned(),
        r#"{"HostConfig":{"NetworkMode":"n2/bridge"}}"#.to_owned(),
    ] {
        assert_eq!(check(&nodes, &[], &create), Ok(n2.clone()), "{create}");
    }
    let not = r#"{"Env":["constraint:node!=n1","constraint:node!=n2"]}"#;
    assert_eq!(check(&nodes, &[], not), Ok(nodes[2].name.clone()));
    let message = check(&nodes, &[], r#"{"Labels":{"carina.segment":"n9"}}"#).expect_err("no n9");
    assert!(
        message.ends_with(
            "no segment can take this container: n1: constraint node==n9; \
             n2: constraint node==n9; n3: constraint node==n9"
        ),
        "{message}"
    );
    for label in ["/n2/", "n*", "", "n1|n2"] {
        let create = format!(r#"{{"Labels":{{"carina.segment":"{label}"}}}}"#);
        let message = check(&nodes, &[], &create).expect_err("a name only");
        assert!(message.contains("must be a segment's name"), "{message}");
    }
}
