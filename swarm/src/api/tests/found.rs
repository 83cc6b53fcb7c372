//! What differential fuzzing found first (docs/fuzzing.md), each by what was wrong.

use super::super::*;

/// `METHOD target`, all of which the manager once took for something else than an engine does.
#[rustfmt::skip]
pub const TARGETS: [(&str, &str); 9] = [
    ("POST", "/build?version=2&outputs=%5B%7B%22Type%22%3A%22local%22%2C%22type%22%3A%22image%22%7D%5D"),
    ("POST", "/build?version=2&outputs=%5B%7B%22Type%22%3A%22local%22%2C%22Attr%C5%BF%22%3A%7B%7D%7D%5D"),
    ("GET", "/images/a/attestations?platform=%7B%22os%22%3A%22linux%22%2C%22OS%22%3A%22windows%22%7D"),
    ("GET", "/containers/json?all=t"),
    ("DELETE", "/containers/web?force=f"),
    ("GET", "/containers/json?filters=%7B%22label%22%3A%5B%22a%22%5D%2C%22name%22%3A%7B%22b%22%3Atrue%7D%7D"),
    ("POST", "/build?rm="),
    ("POST", "/commit?container=web&pause="),
    ("POST", "/build?cgroupparent=default"),
];

/// Bodies of a create, likewise.
#[rustfmt::skip]
pub const BODIES: [&str; 2] = [
    r#"{"NetworkingConfig":{"EndpointsConfig":{"mynet":{}},"endpointsconfig":null}}"#,
    r#"{"NetworkingConfig":{"EndpointsConfig":{"mynet":{}},"Endpoint\u017fConfig":null}}"#,
];

fn status(at: usize) -> u16 {
    let (method, target) = TARGETS[at];
    find(method, target).map_or_else(|refusal| refusal.status, |_| 200)
}

/// The policy looked at `Type`, the engine took `type`, which came later: an image under any name.
#[test]
fn a_builds_outputs_could_say_their_type_twice() {
    assert_eq!([status(0), status(1)], [400, 400]);
    let plain = "/build?version=2&outputs=%5B%7B%22Type%22%3A%22local%22%2C%22Attrs%22%3A%7B%22dest%22%3A%22x%22%7D%7D%5D";
    let query = find("POST", plain).expect("as the client sends it").query;
    assert_eq!(
        query.json("outputs"),
        Some(&serde_json::json!([{"Type": "local", "Attrs": {"dest": "x"}}]))
    );
}

#[test]
fn a_platform_could_say_its_system_twice() {
    assert_eq!(status(2), 400);
}

/// An engine takes everything for a yes that is none of its five words for no.
#[test]
fn an_f_was_a_no_for_us_and_a_yes_for_the_engine() {
    assert_eq!([status(3), status(4)], [400, 400]);
}

#[test]
fn filters_in_two_spellings_at_once_were_taken_where_the_engine_takes_none() {
    assert_eq!(status(5), 400);
}

/// Two of the engine's flags are a yes when they are empty.
#[test]
fn an_empty_flag_became_a_no_where_it_is_a_yes() {
    for at in [6, 7] {
        let (method, target) = TARGETS[at];
        let query = find(method, target).expect("a request").query;
        assert_eq!(
            (query.flag_given("rm"), query.flag_given("pause")),
            (None, None)
        );
    }
    let query = find("POST", "/build?rm=0").expect("a request").query;
    assert_eq!(query.flag_given("rm"), Some(false));
}

/// A null of docker-py's is overlooked, but this one undoes what stands before it.
#[test]
fn a_null_undid_the_endpoints_for_the_engine_alone() {
    for body in BODIES {
        assert!(
            json::read::<ContainerCreate>(body.as_bytes()).is_err(),
            "{body}"
        );
    }
    let of_docker_py = r#"{"NetworkingConfig":{"mynet":null}}"#;
    json::read::<ContainerCreate>(of_docker_py.as_bytes()).expect("overlooked");
}

/// What belongs to a kind was only looked at where the mount said that it is of that kind.
#[test]
fn a_mount_could_carry_another_kinds_options() {
    let (policy, known) = (crate::policy::Policy::carina(), crate::policy::Cluster(&[]));
    for mount in [
        r#"{"Type":"tmpfs","Target":"/h","VolumeOptions":{"Subpath":"x"}}"#,
        r#"{"Type":"volume","Target":"/h","TmpfsOptions":{"Mode":2541}}"#,
    ] {
        let body = format!(r#"{{"HostConfig":{{"Mounts":[{mount}]}}}}"#);
        let refusal =
            crate::policy::admit::container_create(&policy, None, body.as_bytes(), &known)
                .expect_err(mount);
        assert_eq!(refusal.code, Some(Code::MountOption), "{mount}");
    }
}

/// The policy took one slash off a reference and found nobody; what wrote the reference out for the
/// engine took two off, and put the system container's id in its place.
#[test]
fn a_second_slash_hid_a_system_container_from_the_policy_alone() {
    use crate::schedule::{pin, testing};
    let mut node = testing::node("n1");
    let id = "5".repeat(64);
    node.containers.push(testing::container(&id, "swarm-agent"));
    let nodes = [&node];
    let (policy, known) = (
        crate::policy::Policy::carina(),
        crate::policy::Cluster(&nodes),
    );
    for field in ["VolumesFrom", "Links"] {
        let body = format!(r#"{{"HostConfig":{{"{field}":["//swarm-agent"]}}}}"#);
        let admitted =
            crate::policy::admit::container_create(&policy, None, body.as_bytes(), &known);
        let Ok((mut create, _)) = admitted else {
            continue;
        };
        pin::settle_on(&mut create, &node, &nodes);
        let sent = String::from_utf8(json::write(&create)).expect("JSON");
        assert!(!sent.contains(&id), "{sent}");
        assert!(sent.contains("//swarm-agent"), "{sent}");
    }
}
