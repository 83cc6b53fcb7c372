//! C: what a create may carry.

use super::*;

#[path = "../../../tests/policy_rows/ways/host_config.rs"]
mod host_config;
pub use host_config::HOST_CONFIGS;

#[test]
fn c_no_host_config_opens_the_segment() {
    for (id, body, expect) in HOST_CONFIGS {
        assert_eq!(
            outcome(host(body)),
            *expect,
            "{id} {body}: {:?}",
            host(body).err()
        );
    }
}

#[test]
fn c_no_config_takes_what_is_the_clusters() {
    #[rustfmt::skip]
    let rows: &[(&str, Option<&str>, &str, u16)] = &[
        ("C26", None, r#"{"NetworkingConfig":{"EndpointsConfig":{"host":{}}}}"#, 1007),
        ("C26", None, r#"{"NetworkingConfig":{"EndpointsConfig":{"e11bb":{}}}}"#, 1007),
        ("C26", None, r#"{"NetworkingConfig":{"EndpointsConfig":{"ingress":null}}}"#, 1015),
        ("C26", None, r#"{"NetworkingConfig":{"EndpointsConfig":{"foreign":{}}}}"#, 404),
        ("C26", None, r#"{"NetworkingConfig":{"EndpointsConfig":{"mynet":{"NetworkID":"e01bb"}}}}"#, 1007),
        ("C26", None, r#"{"NetworkingConfig":{"EndpointsConfig":{"mynet":{"DriverOpts":{"com.docker.network.endpoint.sysctls":"net.ipv4.conf.IFNAME.forwarding=1"}}}}}"#, 1015),
        ("C26", None, r#"{"NetworkingConfig":{"EndpointsConfig":{"mynet":{"MacAddress":"02:00:00:00:00:01"}}}}"#, 1015),
        ("C26", None, r#"{"NetworkingConfig":{"EndpointsConfig":{"mynet":{"IPAMConfig":{"LinkLocalIPs":["169.254.169.254"]}}}}}"#, 1015),
        ("C26", None, r#"{"NetworkingConfig":{"EndpointsConfig":{"mynet":{"Links":["swarm-agent:x"]}}}}"#, 1005),
        ("C27", None, r#"{"MacAddress":"02:00:00:00:00:01"}"#, 1015),
        ("C27", None, r#"{"Labels":{"carina.system":"swarm-agent"}}"#, 1018),
        ("C27", None, r#"{"Labels":{"com.docker.swarm.id":"x"}}"#, 1018),
        ("C27", None, r#"{"Labels":{"com.docker.swarm.task.id":"x"}}"#, 1018),
        ("C27", None, r#"{"Volumes":{"/proc":{}}}"#, 1021),
        ("C27", None, r#"{"Volumes":{"relative":{}}}"#, 400),
        ("C28", Some("swarm-data"), "{}", 1016),
        ("C28", Some("/swarm-agent"), "{}", 1016),
        ("C28", Some("swarm-manager"), "{}", 1016),
        ("G1", None, r#"{"WorkingDir":"/proc/self/fd/7"}"#, 1022),
        ("G1", None, r#"{"WorkingDir":"/x/../proc/self/fd/7"}"#, 1022),
        ("G1", None, r#"{"WorkingDir":"proc"}"#, 1022),
    ];
    for (id, name, body, expect) in rows {
        assert_eq!(outcome(create(*name, body)), *expect, "{id} {body}");
    }
}

#[test]
fn the_seven_first_refusals_read_as_in_the_original() {
    #[rustfmt::skip]
    let texts = [
        (r#"{"SecurityOpt":["x"]}"#, "CARINA-1000: Changing SecurityOpt not allowed by policy"),
        (r#"{"Privileged":true}"#, "CARINA-1001: Privileged containers not allowed by policy"),
        (r#"{"Binds":["/a:/x","data:/y","/b:/z"],"Mounts":[{"Type":"bind","Source":"/c","Target":"/w"}]}"#, "CARINA-1002: Host mount path(s) not allowed by policy: /a, /b, /c"),
        (r#"{"CapAdd":["x"]}"#, "CARINA-1003: Adding capabilities not allowed by policy"),
        (r#"{"CapDrop":["x"]}"#, "CARINA-1004: Dropping capabilities not allowed by policy"),
        (r#"{"IpcMode":"host"}"#, "CARINA-1006: Setting ipc=host not allowed by policy"),
    ];
    for (body, text) in texts {
        let refusal = host(body).expect_err(body);
        assert_eq!((refusal.status, refusal.message.as_str()), (403, text));
        assert_eq!(
            refusal.body(),
            serde_json::json!({ "message": text }).to_string()
        );
    }
    let refusal = Policy::carina()
        .container(Deed::Delete, &container("5", "swarm-agent"))
        .expect_err("a system container");
    assert_eq!(
        refusal.message,
        "CARINA-1005: Attempted to delete a Carina infrastructure container: swarm-agent"
    );
}

#[test]
fn what_old_versions_would_choose_is_written_out() {
    let create = host(
        r#"{"ContainerIDFile":"/x","VolumesFrom":["swarm-data:rw","web:rw"],"MaskedPaths":null}"#,
    )
    .expect("allowed");
    let host = create.host_config.expect("a host config");
    assert_eq!(
        host.ipc_mode.as_deref(),
        Some("private"),
        "B16: < 1.40 would share it"
    );
    assert_eq!(
        host.cgroupns_mode.as_deref(),
        Some("private"),
        "B16: < 1.41 would take the host's"
    );
    assert_eq!(host.privileged, Some(false));
    assert_eq!(host.container_id_file, None, "C25");
    assert_eq!(
        host.volumes_from,
        Some(vec!["swarm-data:ro".into(), "web:rw".into()]),
        "C5"
    );
    let create = self::create(None, r#"{"NetworkingConfig":{"EndpointsConfig":{"mynet":{"NetworkID":"cccc","EndpointID":"x","Aliases":["a"]}}}}"#)
        .expect("allowed");
    let sent = serde_json::to_value(&create).expect("JSON");
    assert_eq!(
        sent["NetworkingConfig"],
        serde_json::json!({"EndpointsConfig":{"mynet":{"Aliases":["a"]}}})
    );
}

#[test]
fn c5_a_name_like_a_short_id_hides_no_system_container() {
    let mut nodes = cluster();
    let agent = nodes[0]
        .containers
        .iter()
        .find(|c| c.name == "swarm-agent")
        .expect("an agent");
    // Docker's short form: twelve digits. The user's own container is called so.
    let id = format!("{}{}", agent.id, "0".repeat(64 - agent.id.len()));
    nodes[0]
        .containers
        .push(container(&"9".repeat(64), &id[..12]));
    for facts in &mut nodes[0].containers {
        if facts.name == "swarm-agent" {
            facts.id.clone_from(&id);
        }
    }
    let nodes: Vec<&NodeView> = nodes.iter().collect();
    for reference in [&id[..12], &id] {
        for host in [
            format!(r#"{{"VolumesFrom":["{reference}"]}}"#),
            format!(r#"{{"Links":["{reference}:x"]}}"#),
            format!(r#"{{"NetworkMode":"container:{reference}"}}"#),
        ] {
            let body = format!(r#"{{"HostConfig":{host}}}"#);
            let mut create: ContainerCreate = json::read(body.as_bytes()).expect("a create");
            let got = Policy::carina().container_create(None, &mut create, &Cluster(&nodes));
            assert_eq!(outcome(got), 1005, "C5 {host}");
        }
    }
}
