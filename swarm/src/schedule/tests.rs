//! Placement, by request and cluster. The expectations are the archived integration suite's.

mod held;
mod spread;

use super::testing::{container, node};
use super::*;
use crate::api::{ContainerCreate, json};

/// What `docker run` sends, as JSON, placed; the node's name or the error.
fn check(nodes: &[NodeView], pending: &[Pending], create: &str) -> Result<String, String> {
    let mut create: ContainerCreate = json::read(create.as_bytes()).expect(create);
    let request = Request::take(&mut create, None).map_err(|refusal| refusal.message)?;
    let nodes: Vec<&NodeView> = nodes.iter().collect();
    place(
        &nodes,
        &BTreeSet::new(),
        pending,
        &request,
        &Settings::default(),
    )
    .map(|placement| placement.node().to_owned())
    .map_err(|refusal| refusal.message)
}

fn three() -> Vec<NodeView> {
    ["n1", "n2", "n3"].map(node).into()
}

fn with_port(id: &str, name: &str, port: &str, host_port: &str) -> ContainerFacts {
    let mut facts = container(id, name);
    facts.ports.push(PortUse {
        container_port: port.into(),
        host_ip: String::new(),
        host_port: host_port.into(),
    });
    facts
}

#[test]
fn nothing_to_place_on_says_so() {
    assert_eq!(
        check(&[], &[], "{}"),
        Err("No nodes available in the cluster".into())
    );
    let mut nodes = three();
    nodes.iter_mut().for_each(|node| node.health = 0);
    assert_eq!(
        check(&nodes, &[], "{}"),
        Err("No healthy node available in the cluster\nno segment can take this container: n1: not healthy; n2: not healthy; n3: not healthy".into())
    );
    nodes[1].health = 100;
    assert_eq!(check(&nodes, &[], "{}"), Ok("n2".into()));
    assert_eq!(
        check(&nodes[1..2], &[], r#"{"HostConfig":{"CpuShares":10240}}"#),
        Err("no resources available to schedule container\nno segment can take this container: n2: 10240 CPUs asked for, 2 CPUs left of 2 CPUs".into())
    );
}

#[test]
fn a_published_port_is_free_once_a_node() {
    let mut nodes = three()[..2].to_vec();
    let web = r#"{"HostConfig":{"PortBindings":{"80/tcp":[{"HostPort":"80"}]}}}"#;
    let dns = r#"{"HostConfig":{"PortBindings":{"80/udp":[{"HostPort":"80"}]}}}"#;
    let local =
        r#"{"HostConfig":{"PortBindings":{"80/tcp":[{"HostIp":"127.0.0.1","HostPort":"81"}]}}}"#;
    let any = r#"{"HostConfig":{"PortBindings":{"80/tcp":[{"HostPort":""}]}}}"#;
    let range = r#"{"HostConfig":{"PortBindings":{"80/tcp":[{"HostPort":"79-80"}]}}}"#;
    nodes[0]
        .containers
        .push(with_port("a", "one", "80/tcp", "80"));
    assert_eq!(check(&nodes, &[], web), Ok("n2".into()));
    let mut stopped = with_port("b", "two", "80/tcp", "80");
    stopped.state = "exited".into();
    nodes[1].containers.push(stopped);
    assert_eq!(
        check(&nodes, &[], web),
        Err("Unable to find a node that satisfies the following conditions \n[port 80 (Bridge mode)]\nno segment can take this container: n1: port 80 is taken by one; n2: port 80 is taken by two".into())
    );
    for free in [dns, local, any, range] {
        assert_eq!(check(&nodes, &[], free), Ok("n1".into()), "{free}");
    }
    let coming = Pending {
        node: "n1".into(),
        facts: with_port("", "new", "80/tcp", "90"),
        in_doubt: false,
    };
    let other = r#"{"HostConfig":{"PortBindings":{"80/tcp":[{"HostPort":"90"}]}}}"#;
    assert_eq!(check(&nodes, &[coming], other), Ok("n2".into()));
}

#[test]
fn host_mode_goes_by_exposed_ports() {
    let mut nodes = three()[..1].to_vec();
    let create = r#"{"ExposedPorts":{"80/tcp":{}},"HostConfig":{"NetworkMode":"host"}}"#;
    assert_eq!(check(&nodes, &[], create), Ok("n1".into()));
    let mut taken = container("a", "one");
    taken.network_mode = "host".into();
    taken.exposed.insert("80/tcp".into());
    nodes[0].containers.push(taken);
    let message = check(&nodes, &[], create).expect_err("taken");
    assert_eq!(message.lines().nth(1), Some("[port 80/tcp (Host mode)]"));
}

#[test]
fn a_label_limits_the_containers_of_a_node() {
    let mut nodes = three()[..2].to_vec();
    nodes[0].labels.insert("containerslots".into(), "1".into());
    nodes[1]
        .labels
        .insert("containerslots".into(), "many".into());
    nodes[1]
        .containers
        .extend([container("a", "a"), container("b", "b")]);
    assert_eq!(check(&nodes, &[], "{}"), Ok("n1".into()));
    nodes[0].containers.push(container("c", "c"));
    assert_eq!(
        check(&nodes, &[], "{}"),
        Ok("n2".into()),
        "no number, no limit"
    );
    let message = check(&nodes[..1], &[], "{}").expect_err("full");
    assert_eq!(message.lines().nth(1), Some("[available container slots]"));
}

#[test]
fn a_container_goes_where_those_are_that_it_names() {
    let mut nodes = three();
    nodes[0].containers.push(container("aaaa01", "other"));
    nodes[1].containers.push(container("bbbb01", "b1"));
    nodes[1].containers.push(container("bbbb02", "b2"));
    let cases = [
        r#"{"HostConfig":{"VolumesFrom":["b1:ro"]}}"#,
        r#"{"HostConfig":{"VolumesFrom":["/b1"]}}"#,
        r#"{"HostConfig":{"VolumesFrom":["n2/b1"]}}"#,
        r#"{"HostConfig":{"Links":["b1:foo"]}}"#,
        r#"{"HostConfig":{"NetworkMode":"container:b1"}}"#,
        r#"{"HostConfig":{"NetworkMode":"container:bbbb01"}}"#,
        r#"{"HostConfig":{"NetworkMode":"n2/bridge"}}"#,
    ];
    for create in cases {
        assert_eq!(check(&nodes, &[], create), Ok("n2".into()), "{create}");
    }
    let message = check(
        &nodes,
        &[],
        r#"{"HostConfig":{"VolumesFrom":["b1"],"Links":["other:x"]}}"#,
    )
    .expect_err("apart");
    assert_eq!(
        message.lines().nth(2),
        Some("[--volumes-from=b1 --link=other:x]"),
        "{message}"
    );
}

#[test]
fn constraints_and_affinities_choose() {
    let mut nodes = three();
    nodes[1]
        .labels
        .insert("storagedriver".into(), "overlay2".into());
    nodes[1].containers.push(container("bbbb", "c1"));
    nodes[2].containers.push(container("cccc", "c3"));
    nodes[2].containers[0]
        .labels
        .insert("test.label".into(), "true".into());
    nodes[2].images.push(ImageFacts {
        id: "sha256:1".into(),
        repo_tags: vec!["localhost:5000/test:latest".into()],
        ..Default::default()
    });
    let cases = [
        ("constraint:node==n2", Ok("n2")),
        ("constraint:node==id-of-n3", Ok("n3")),
        ("constraint:node!=n1", Ok("n2")),
        ("constraint:node==/n[23]/", Ok("n2")),
        ("constraint:storagedriver==over*", Ok("n2")),
        ("constraint:storagedriver==~not_exist", Ok("n1")),
        ("affinity:container==c1", Ok("n2")),
        ("affinity:container==bbbb", Ok("n2")),
        ("affinity:container!=c1", Ok("n1")),
        ("affinity:image==localhost:5000/test", Ok("n3")),
        ("affinity:image!=localhost:5000/test", Ok("n1")),
        ("affinity:test.label==true", Ok("n3")),
        ("affinity:test.label!=true", Ok("n1")),
        ("affinity:test.label==~no", Ok("n1")),
        ("whitelist:node==n2|n3", Ok("n2")),
        ("constraint:node==n9", Err("[node==n9 (soft=false)]")),
        (
            "affinity:container==c9",
            Err("[container==c9 (soft=false)]"),
        ),
        ("whitelist:node==n9", Err("[node==n9 (soft=false)]")),
        (
            "constraint:node=n1",
            Err("One of operator ==, != is expected"),
        ),
        (
            "reschedule:sometimes",
            Err("invalid reschedule policy: sometimes"),
        ),
    ];
    for (entry, expect) in cases {
        let by_env = format!(r#"{{"Env":["A=1",{entry:?}]}}"#);
        let got = check(&nodes, &[], &by_env);
        match expect {
            Ok(node) => assert_eq!(got, Ok(node.to_owned()), "{entry}"),
            Err(text) => assert!(
                got.expect_err(entry).lines().any(|line| line == text),
                "{entry}"
            ),
        }
    }
}

#[test]
fn scheduling_words_move_from_the_environment_to_labels() {
    let mut create: ContainerCreate = json::read(
        br#"{"Env":["A=1","constraint:node==n1","affinity:image==~x","B=affinity:no","reschedule:off"],
             "Labels":{"com.docker.swarm.constraints":"[\"storagedriver!=vfs\"]"}}"#,
    )
    .expect("a create");
    let request = Request::take(&mut create, Some("/web")).expect("a request");
    assert_eq!(
        create.env,
        Some(vec!["A=1".to_owned(), "B=affinity:no".to_owned()])
    );
    let labels = create.labels.clone().expect("labels");
    assert_eq!(
        labels["com.docker.swarm.constraints"],
        r#"["storagedriver!=vfs","node==n1"]"#
    );
    assert_eq!(labels["com.docker.swarm.affinities"], r#"["image==~x"]"#);
    assert_eq!(labels["com.docker.swarm.reschedule-policies"], r#"["off"]"#);
    assert_eq!(request.name.as_deref(), Some("web"));
    assert!(request.is_pinned());
    let pending = request.pending("n1").facts;
    assert_eq!((pending.name.as_str(), pending.labels.len()), ("web", 3));
    // The same again from the labels alone.
    let again = Request::take(&mut create, Some("web")).expect("a request");
    assert_eq!(again.constraints, request.constraints);
    for labels in [
        r#"{"com.docker.swarm.constraints":"node==n1"}"#,
        r#"{"com.docker.swarm.reschedule-policies":"[\"off\",\"off\"]"}"#,
    ] {
        let mut create: ContainerCreate =
            json::read(format!(r#"{{"Labels":{labels}}}"#).as_bytes()).expect("a create");
        assert!(Request::take(&mut create, None).is_err(), "{labels}");
    }
}

#[test]
fn references_are_written_out_for_the_engine() {
    let mut n1 = node("n1");
    n1.containers.push(container("abcdef0123456789", "web"));
    n1.containers.push(container("fedcba9876543210", "db"));
    n1.containers[0]
        .labels
        .insert("com.docker.swarm.id".into(), "1111222233334444".into());
    n1.networks.push(NetworkFacts {
        id: "cafe99".into(),
        name: "cafe".into(),
        ..Default::default()
    });
    let mut create: ContainerCreate = json::read(
        br#"{"HostConfig":{"VolumesFrom":["web:ro","n1/web","1111222233334444:rw","db"],
             "Links":["web","n1/web:x"],"NetworkMode":"cafe","CpuShares":1},
             "NetworkingConfig":{"EndpointsConfig":{"cafe":{},"n1/backend":null}}}"#,
    )
    .expect("a create");
    pin::settle_on(&mut create, &n1, &[&n1]);
    let host = create.host_config.expect("a host config");
    let id = "abcdef0123456789";
    assert_eq!(
        host.volumes_from.expect("some"),
        [
            "web:ro".to_owned(),
            id.to_owned(),
            format!("{id}:rw"),
            "fedcba9876543210".to_owned()
        ],
        "a name that could be an id is one afterwards"
    );
    assert_eq!(
        host.links.expect("some"),
        ["web:web".to_owned(), format!("{id}:x")]
    );
    assert_eq!(host.network_mode.as_deref(), Some("cafe99"));
    assert_eq!(host.cpu_shares, Some(512));
    let endpoints = create
        .networking_config
        .and_then(|c| c.endpoints_config)
        .expect("some");
    assert_eq!(endpoints.keys().collect::<Vec<_>>(), ["backend", "cafe99"]);
}

#[test]
fn a_name_that_looks_like_another_s_id_is_not_that_one() {
    let mut n1 = node("n1");
    n1.containers
        .push(container("5b0000000000beef", "swarm-agent"));
    let mut n2 = node("n2");
    n2.containers.push(container("1111111111111111", "5b0"));
    let nodes = [n1.clone(), n2.clone()];
    let create = r#"{"Env":["constraint:node==n1"],"HostConfig":{"VolumesFrom":["5b0"]}}"#;
    assert!(
        check(&nodes, &[], create).is_err(),
        "the name's container is on n2"
    );
    let create = r#"{"HostConfig":{"VolumesFrom":["5b0"]}}"#;
    assert_eq!(check(&nodes, &[], create), Ok("n2".into()));
    let mut create: ContainerCreate = json::read(create.as_bytes()).expect("a create");
    pin::settle_on(&mut create, &n2, &[&n1, &n2]);
    let host = create.host_config.expect("a host config");
    assert_eq!(host.volumes_from, Some(vec!["1111111111111111".to_owned()]));
}

#[test]
fn a_drained_node_takes_nothing_new() {
    let nodes = three();
    let nodes: Vec<&NodeView> = nodes.iter().collect();
    let placed = |create: &str, drained: &[&str]| {
        let mut create: ContainerCreate = json::read(create.as_bytes()).expect(create);
        let request = Request::take(&mut create, None).expect("a request");
        let drained = drained.iter().copied().collect();
        place(&nodes, &drained, &[], &request, &Settings::default())
            .map(|placement| placement.node().to_owned())
            .map_err(|refusal| refusal.message)
    };
    assert_eq!(placed("{}", &[]), Ok("n1".into()));
    assert_eq!(placed("{}", &["n1"]), Ok("n2".into()));
    let pinned = r#"{"Env":["constraint:node==n1"]}"#;
    let refused = placed(pinned, &["n1"]).expect_err("n1 is drained");
    assert!(refused.contains("n1: it is drained"), "{refused}");
    let refused = placed("{}", &["n1", "n2", "n3"]).expect_err("all are drained");
    assert!(
        refused.contains("Every node of the cluster is drained"),
        "{refused}"
    );
}
