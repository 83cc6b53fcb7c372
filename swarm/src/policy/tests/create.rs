//! C: what a create may carry.

use super::*;

/// A HostConfig, and the code of its refusal.
#[rustfmt::skip]
pub const HOST_CONFIGS: &[(&str, &str, u16)] = &[
    ("C1", r#"{"Binds":["/:/h"]}"#, 1002),
    ("C1", r#"{"Binds":["/var/run/docker.sock:/var/run/docker.sock"]}"#, 1002),
    ("C1", r#"{"Binds":["/var/lib/docker:/x:ro"]}"#, 1002),
    ("C1", r#"{"Binds":["./x:/h"]}"#, 1002),
    ("C1", r#"{"Binds":["~/x:/h"]}"#, 1002),
    ("C1", r#"{"Binds":["..:/h"]}"#, 1002),
    ("C1", r#"{"Binds":["a/b:/h"]}"#, 1002),
    ("C1", r#"{"Binds":["c:\\x:/h"]}"#, 400),
    ("C1", r#"{"Binds":["\\\\.\\pipe\\docker_engine:/h"]}"#, 1002),
    ("C1", r#"{"Binds":[""]}"#, 1002),
    ("C1", r#"{"Binds":[":/h"]}"#, 1002),
    ("C1", r#"{"Binds":["relative"]}"#, 1002),
    ("C1", r#"{"Binds":["a:/b:ro:/c"]}"#, 400),
    ("C1", r#"{"Binds":["a:/b:ro,rshared"]}"#, 1021),
    ("C2", r#"{"Mounts":[{"Type":"bind","Source":"/","Target":"/h"}]}"#, 1002),
    ("C2", r#"{"Mounts":[{"Type":"bind","Source":"data","Target":"/h"}]}"#, 1002),
    ("C2", r#"{"Mounts":[{"Type":"Bind","Source":"/","Target":"/h"}]}"#, 1021),
    ("C2", r#"{"Mounts":[{"Type":"","Source":"/","Target":"/h"}]}"#, 1021),
    ("C2", r#"{"Mounts":[{"Source":"/","Target":"/h"}]}"#, 1021),
    ("C2", r#"{"Mounts":[{"Type":"volume","Source":"/","Target":"/h"}]}"#, 1002),
    ("C2", r#"{"Mounts":[{"Type":"volume","Source":"a","Target":"/h","BindOptions":{"Propagation":"rshared"}}]}"#, 1021),
    ("C3", r#"{"Mounts":[{"Type":"volume","Source":"a","Target":"/h","VolumeOptions":{"DriverConfig":{"Name":"local","Options":{"type":"none","o":"bind","device":"/"}}}}]}"#, 1014),
    ("C3", r#"{"Mounts":[{"Type":"volume","Target":"/h","VolumeOptions":{"DriverConfig":{"Options":{"device":"/"}}}}]}"#, 1014),
    ("C3", r#"{"Mounts":[{"Type":"volume","Target":"/h","VolumeOptions":{"DriverConfig":{"Name":"plugin"}}}]}"#, 1014),
    ("C4", r#"{"Mounts":[{"Type":"image","Source":"swarm","Target":"/h"}]}"#, 1021),
    ("C4", r#"{"Mounts":[{"Type":"cluster","Source":"x","Target":"/h"}]}"#, 1021),
    ("C4", r#"{"Mounts":[{"Type":"npipe","Source":"x","Target":"/h"}]}"#, 1021),
    ("C4", r#"{"Mounts":[{"Type":"volume","Source":"a","Target":"/h","VolumeOptions":{"Subpath":"../x"}}]}"#, 1021),
    ("C5", r#"{"VolumesFrom":["swarm-agent"]}"#, 1019),
    ("C5", r#"{"VolumesFrom":["/swarm-manager:ro"]}"#, 1019),
    ("C5", r#"{"VolumesFrom":["n2/swarm-agent"]}"#, 1019),
    ("C5", r#"{"VolumesFrom":["500aaaa0000"]}"#, 1019),
    ("C5", r#"{"VolumesFrom":["511"]}"#, 1019),
    ("C5", r#"{"VolumesFrom":["5"]}"#, 1019),
    ("C5", r#"{"VolumesFrom":["web:rw,shared"]}"#, 400),
    ("C5", r#"{"Binds":["swarm-data:/x"]}"#, 1016),
    ("C5", r#"{"Mounts":[{"Type":"volume","Source":"swarm-data","Target":"/x"}]}"#, 1016),
    ("C6", r#"{"VolumeDriver":"nfs"}"#, 1014),
    ("C7", r#"{"Tmpfs":{"/t":"exec"}}"#, 1021),
    ("C7", r#"{"Tmpfs":{"/t":"rw,suid"}}"#, 1021),
    ("C7", r#"{"Tmpfs":{"/t":"dev"}}"#, 1021),
    ("C7", r#"{"Tmpfs":{"/t":"size=0"}}"#, 1021),
    ("C7", r#"{"Tmpfs":{"/proc":""}}"#, 1021),
    ("C7", r#"{"Tmpfs":{"/x/../sys/fs":""}}"#, 1021),
    ("C7", r#"{"Tmpfs":{"/dev":""}}"#, 1021),
    ("C7", r#"{"Binds":["data:/proc/sys"]}"#, 1021),
    ("C7", r#"{"Mounts":[{"Type":"tmpfs","Target":"//proc/."}]}"#, 1021),
    ("C7", r#"{"Mounts":[{"Type":"tmpfs","Target":"/t","TmpfsOptions":{"Mode":2541}}]}"#, 1021),
    ("C7", r#"{"Mounts":[{"Type":"tmpfs","Target":"/t","TmpfsOptions":{"Options":[["exec"]]}}]}"#, 1021),
    ("C8", r#"{"Privileged":true}"#, 1001),
    ("C9", r#"{"CapAdd":["SYS_ADMIN"]}"#, 1003),
    ("C9", r#"{"CapAdd":["cap_chown"]}"#, 1003),
    ("C9", r#"{"CapAdd":["ALL"]}"#, 1003),
    ("C9", r#"{"Capabilities":["CAP_SYS_ADMIN"]}"#, 1003),
    ("C9", r#"{"CapDrop":["NET_RAW"]}"#, 1004),
    ("C10", r#"{"SecurityOpt":["seccomp=unconfined"]}"#, 1000),
    ("C10", r#"{"SecurityOpt":["seccomp:{}"]}"#, 1000),
    ("C10", r#"{"SecurityOpt":["apparmor=unconfined"]}"#, 1000),
    ("C10", r#"{"SecurityOpt":["label=disable"]}"#, 1000),
    ("C10", r#"{"SecurityOpt":["label:disable"]}"#, 1000),
    ("C10", r#"{"SecurityOpt":["systempaths=unconfined"]}"#, 1000),
    ("C10", r#"{"SecurityOpt":["no-new-privileges=false"]}"#, 1000),
    ("C10", r#"{"SecurityOpt":["no-new-privileges","writable-cgroups=true"]}"#, 1000),
    ("C10", r#"{"SecurityOpt":[""]}"#, 1000),
    ("C11", r#"{"MaskedPaths":[]}"#, 1013),
    ("C11", r#"{"ReadonlyPaths":[]}"#, 1013),
    ("C11", r#"{"MaskedPaths":["/proc/kcore"]}"#, 1013),
    ("C12", r#"{"PidMode":"host"}"#, 1007),
    ("C12", r#"{"PidMode":"container:web"}"#, 1007),
    ("C13", r#"{"IpcMode":"host"}"#, 1006),
    ("C13", r#"{"IpcMode":"container:web"}"#, 1006),
    ("C13", r#"{"IpcMode":"shareable"}"#, 1006),
    ("C14", r#"{"UTSMode":"host"}"#, 1007),
    ("C14", r#"{"UsernsMode":"host"}"#, 1007),
    ("C14", r#"{"CgroupnsMode":"host"}"#, 1007),
    ("C14", r#"{"Cgroup":"container:web"}"#, 1007),
    ("C15", r#"{"NetworkMode":"host"}"#, 1007),
    ("C15", r#"{"NetworkMode":"n1/host"}"#, 1007),
    ("C15", r#"{"NetworkMode":"e01bb"}"#, 1007),
    ("C15", r#"{"NetworkMode":"e01"}"#, 1007),
    ("C15", r#"{"NetworkMode":"container:swarm-agent"}"#, 1019),
    ("C15", r#"{"NetworkMode":"container:501"}"#, 1019),
    ("C15", r#"{"NetworkMode":"container:nobody"}"#, 404),
    ("C15", r#"{"NetworkMode":"ns:/proc/1/ns/net"}"#, 404),
    ("C15", r#"{"NetworkMode":"ingress"}"#, 1015),
    ("C15", r#"{"NetworkMode":"docker_gwbridge"}"#, 1015),
    ("C15", r#"{"NetworkMode":"foreign"}"#, 404),
    ("C16", r#"{"CgroupParent":"/"}"#, 1009),
    ("C17", r#"{"Devices":[{"PathOnHost":"/dev/kmsg","PathInContainer":"/k","CgroupPermissions":"rwm"}]}"#, 1008),
    ("C17", r#"{"DeviceRequests":[{"Count":-1,"Capabilities":[["gpu"]]}]}"#, 1008),
    ("C17", r#"{"DeviceRequests":[{"Driver":"cdi","DeviceIDs":["x.y/z=0"]}]}"#, 1008),
    ("C17", r#"{"DeviceCgroupRules":["a *:* rwm"]}"#, 1008),
    ("C17", r#"{"BlkioDeviceReadBps":[{"Path":"/dev/sda","Rate":1}]}"#, 1008),
    ("C17", r#"{"BlkioDeviceWriteBps":[{"Path":"/dev/sda","Rate":1}]}"#, 1008),
    ("C17", r#"{"BlkioDeviceReadIOps":[{"Path":"/dev/sda","Rate":1}]}"#, 1008),
    ("C17", r#"{"BlkioDeviceWriteIOps":[{"Path":"/dev/sda","Rate":1}]}"#, 1008),
    ("C17", r#"{"BlkioWeightDevice":[{"Path":"/dev/sda","Weight":10}]}"#, 1008),
    ("C18", r#"{"Sysctls":{"kernel.shm_rmid_forced":"0"}}"#, 1010),
    ("C18", r#"{"Sysctls":{"net.core.somaxconn":"1"},"NetworkMode":"host"}"#, 1007),
    ("C19", r#"{"Runtime":"/bin/sh"}"#, 1011),
    ("C19", r#"{"Runtime":"io.containerd.kata.v2"}"#, 1011),
    ("C19", r#"{"Annotations":{"run.oci.hooks":"x"}}"#, 1011),
    ("C19", r#"{"Isolation":"hyperv"}"#, 1011),
    ("C20", r#"{"LogConfig":{"Type":"syslog","Config":{"syslog-address":"unix:///x"}}}"#, 1012),
    ("C20", r#"{"LogConfig":{"Type":"fluentd","Config":{}}}"#, 1012),
    ("C20", r#"{"LogConfig":{"Type":"gelf"}}"#, 1012),
    ("C20", r#"{"LogConfig":{"Type":"journald"}}"#, 1012),
    ("C20", r#"{"LogConfig":{"Type":"json-file","Config":{"path":"/x"}}}"#, 1012),
    ("C20", r#"{"LogConfig":{"Type":"","Config":{"gelf-address":"udp://10.0.0.1"}}}"#, 1012),
    ("C21", r#"{"StorageOpt":{"size":"1T"}}"#, 1020),
    ("C21", r#"{"ShmSize":9000000000}"#, 1020),
    ("C21", r#"{"ShmSize":-1}"#, 1020),
    ("C21", r#"{"Ulimits":[{"Name":"rtprio","Hard":99,"Soft":99}]}"#, 1020),
    ("C21", r#"{"PidsLimit":-1}"#, 1020),
    ("C21", r#"{"OomScoreAdj":-1000}"#, 1020),
    ("C21", r#"{"OomKillDisable":true}"#, 1020),
    ("C21", r#"{"CpuRealtimeRuntime":950000}"#, 1020),
    ("C21", r#"{"CpuRealtimePeriod":1000000}"#, 1020),
    ("C21", r#"{"MemorySwap":-1}"#, 1020),
    // A group alone opens nothing; the socket it would open cannot be mounted.
    ("C22", r#"{"GroupAdd":["999"],"Binds":["/run/docker.sock:/s"]}"#, 1002),
    ("C23", r#"{"Links":["swarm-agent:a"]}"#, 1019),
    ("C23", r#"{"Links":["/swarm-data"]}"#, 1019),
    ("C23", r#"{"ExtraHosts":["h:host-gateway"]}"#, 1025),
    ("C23", r#"{"ExtraHosts":["h=host-gateway"]}"#, 1025),
    ("C24", r#"{"PortBindings":{"1/tcp":[{"HostPort":"2375"}]}}"#, 1017),
    ("C24", r#"{"PortBindings":{"1/tcp":[{"HostPort":"02376"}]}}"#, 1017),
    ("C24", r#"{"PortBindings":{"1/udp":[{"HostPort":"4789"}]}}"#, 1017),
    ("C24", r#"{"PortBindings":{"1/tcp":[{"HostPort":"2370-2380"}]}}"#, 1017),
    ("C24", r#"{"PortBindings":{"1/tcp":[{"HostPort":"80"},{"HostPort":"42376"}]}}"#, 1017),
    ("C24", r#"{"PortBindings":{"1/tcp":[{"HostPort":"+2377"}]}}"#, 400),
    ("C24", r#"{"PortBindings":{"1/tcp":[{"HostPort":" 2377"}]}}"#, 400),
    ("C24", r#"{"PortBindings":{"1/tcp":[{"HostIp":"10.83.7.1","HostPort":"80"}]}}"#, 1015),
    ("C24", r#"{"PortBindings":{"1/tcp":[{"HostIp":"nonsense","HostPort":"80"}]}}"#, 1015),
    ("D3", r#"{"Binds":["evil:/x"]}"#, 1014),
    ("D3", r#"{"Mounts":[{"Type":"volume","Source":"evil","Target":"/x"}]}"#, 1014),
    ("D3", r#"{"Binds":["remote:/x"]}"#, 1014),
    ("D5", r#"{"Binds":["data/../../etc:/x"]}"#, 1002),
];

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
        ("C26", None, r#"{"NetworkingConfig":{"EndpointsConfig":{"mynet":{"Links":["swarm-agent:x"]}}}}"#, 1019),
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
            assert_eq!(outcome(got), 1019, "C5 {host}");
        }
    }
}
