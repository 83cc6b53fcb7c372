//! One row a way round. The ids name the row of the list of known ones (A transport … G existing
//! containers); `N` rows are what must pass. Rows of A and B are the tests of `api`.

use super::*;
use crate::api::{commit, json};
use crate::schedule::facts::NodeView;
use crate::schedule::testing::{container, node};

/// Two segments with the system containers and something of the user's.
fn cluster() -> [NodeView; 2] {
    let mut nodes = [node("n1"), node("n2")];
    for (index, node) in nodes.iter_mut().enumerate() {
        node.addr = format!("10.83.7.{}:42376", 11 + index);
        for (at, name) in wire::SYSTEM_CONTAINERS.iter().enumerate() {
            node.containers
                .push(container(&format!("5{index}{at}aaaa0000"), name));
        }
        for (at, name, driver) in [
            (0, "bridge", "bridge"),
            (1, "host", "host"),
            (2, "none", "null"),
        ] {
            node.networks
                .push(network(&format!("e{index}{at}bb"), name, driver));
        }
        node.networks.push(network(
            &format!("e{index}3bb"),
            "docker_gwbridge",
            "bridge",
        ));
        node.networks.push(NetworkFacts {
            ingress: true,
            ..network("e9cc", "ingress", "overlay")
        });
        node.volumes.push(VolumeFacts {
            name: "swarm-data".into(),
            driver: "local".into(),
            ..Default::default()
        });
    }
    nodes[0].containers.push(container("77770000", "web"));
    nodes[0].networks.push(network("cccc", "mynet", "bridge"));
    let mut evil = VolumeFacts {
        name: "evil".into(),
        driver: "local".into(),
        ..Default::default()
    };
    evil.options.insert("device".into(), "/".into());
    nodes[0].volumes.push(evil);
    nodes[0].volumes.push(VolumeFacts {
        name: "remote".into(),
        driver: "nfs".into(),
        ..Default::default()
    });
    nodes
}

fn network(id: &str, name: &str, driver: &str) -> NetworkFacts {
    NetworkFacts {
        id: id.into(),
        name: name.into(),
        driver: driver.into(),
        ..Default::default()
    }
}

/// What becomes of a create; the body is the whole one, or a HostConfig in round brackets.
fn create(name: Option<&str>, body: &str) -> Result<ContainerCreate, Refusal> {
    let nodes = cluster();
    let nodes: Vec<&NodeView> = nodes.iter().collect();
    let mut create: ContainerCreate = json::read(body.as_bytes())?;
    Policy::carina().container_create(name, &mut create, &Cluster(&nodes))?;
    Ok(create)
}

fn host(host_config: &str) -> Result<ContainerCreate, Refusal> {
    create(
        None,
        &format!(r#"{{"Image":"busybox","HostConfig":{host_config}}}"#),
    )
}

/// The status when there is no code.
fn outcome<T>(result: Result<T, Refusal>) -> u16 {
    match result {
        Ok(_) => 0,
        Err(refusal) => match refusal.code {
            Some(code) => {
                assert_eq!(refusal.status, 403);
                assert!(
                    refusal.message.starts_with(&format!("{code}: ")),
                    "{refusal}"
                );
                code as u16
            }
            None => refusal.status,
        },
    }
}

#[test]
fn c_no_host_config_opens_the_segment() {
    let rows: &[(&str, &str, u16)] = &[
        ("C1", r#"{"Binds":["/:/h"]}"#, 1002),
        (
            "C1",
            r#"{"Binds":["/var/run/docker.sock:/var/run/docker.sock"]}"#,
            1002,
        ),
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
        (
            "C2",
            r#"{"Mounts":[{"Type":"bind","Source":"/","Target":"/h"}]}"#,
            1002,
        ),
        (
            "C2",
            r#"{"Mounts":[{"Type":"bind","Source":"data","Target":"/h"}]}"#,
            1002,
        ),
        (
            "C2",
            r#"{"Mounts":[{"Type":"Bind","Source":"/","Target":"/h"}]}"#,
            1021,
        ),
        (
            "C2",
            r#"{"Mounts":[{"Type":"","Source":"/","Target":"/h"}]}"#,
            1021,
        ),
        ("C2", r#"{"Mounts":[{"Source":"/","Target":"/h"}]}"#, 1021),
        (
            "C2",
            r#"{"Mounts":[{"Type":"volume","Source":"/","Target":"/h"}]}"#,
            1002,
        ),
        (
            "C2",
            r#"{"Mounts":[{"Type":"volume","Source":"a","Target":"/h","BindOptions":{"Propagation":"rshared"}}]}"#,
            1021,
        ),
        (
            "C3",
            r#"{"Mounts":[{"Type":"volume","Source":"a","Target":"/h","VolumeOptions":{"DriverConfig":{"Name":"local","Options":{"type":"none","o":"bind","device":"/"}}}}]}"#,
            1014,
        ),
        (
            "C3",
            r#"{"Mounts":[{"Type":"volume","Target":"/h","VolumeOptions":{"DriverConfig":{"Options":{"device":"/"}}}}]}"#,
            1014,
        ),
        (
            "C3",
            r#"{"Mounts":[{"Type":"volume","Target":"/h","VolumeOptions":{"DriverConfig":{"Name":"plugin"}}}]}"#,
            1014,
        ),
        (
            "C4",
            r#"{"Mounts":[{"Type":"image","Source":"swarm","Target":"/h"}]}"#,
            1021,
        ),
        (
            "C4",
            r#"{"Mounts":[{"Type":"cluster","Source":"x","Target":"/h"}]}"#,
            1021,
        ),
        (
            "C4",
            r#"{"Mounts":[{"Type":"npipe","Source":"x","Target":"/h"}]}"#,
            1021,
        ),
        (
            "C4",
            r#"{"Mounts":[{"Type":"volume","Source":"a","Target":"/h","VolumeOptions":{"Subpath":"../x"}}]}"#,
            1021,
        ),
        ("C5", r#"{"VolumesFrom":["swarm-agent"]}"#, 1019),
        ("C5", r#"{"VolumesFrom":["/swarm-manager:ro"]}"#, 1019),
        ("C5", r#"{"VolumesFrom":["n2/swarm-agent"]}"#, 1019),
        ("C5", r#"{"VolumesFrom":["500aaaa0000"]}"#, 1019),
        ("C5", r#"{"VolumesFrom":["511"]}"#, 1019),
        ("C5", r#"{"VolumesFrom":["5"]}"#, 1019),
        ("C5", r#"{"VolumesFrom":["web:rw,shared"]}"#, 400),
        ("C5", r#"{"Binds":["swarm-data:/x"]}"#, 1016),
        (
            "C5",
            r#"{"Mounts":[{"Type":"volume","Source":"swarm-data","Target":"/x"}]}"#,
            1016,
        ),
        ("C6", r#"{"VolumeDriver":"nfs"}"#, 1014),
        ("C7", r#"{"Tmpfs":{"/t":"exec"}}"#, 1021),
        ("C7", r#"{"Tmpfs":{"/t":"rw,suid"}}"#, 1021),
        ("C7", r#"{"Tmpfs":{"/t":"dev"}}"#, 1021),
        ("C7", r#"{"Tmpfs":{"/t":"size=0"}}"#, 1021),
        ("C7", r#"{"Tmpfs":{"/proc":""}}"#, 1021),
        ("C7", r#"{"Tmpfs":{"/x/../sys/fs":""}}"#, 1021),
        ("C7", r#"{"Tmpfs":{"/dev":""}}"#, 1021),
        ("C7", r#"{"Binds":["data:/proc/sys"]}"#, 1021),
        (
            "C7",
            r#"{"Mounts":[{"Type":"tmpfs","Target":"//proc/."}]}"#,
            1021,
        ),
        (
            "C7",
            r#"{"Mounts":[{"Type":"tmpfs","Target":"/t","TmpfsOptions":{"Mode":2541}}]}"#,
            1021,
        ),
        (
            "C7",
            r#"{"Mounts":[{"Type":"tmpfs","Target":"/t","TmpfsOptions":{"Options":[["exec"]]}}]}"#,
            1021,
        ),
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
        (
            "C10",
            r#"{"SecurityOpt":["no-new-privileges=false"]}"#,
            1000,
        ),
        (
            "C10",
            r#"{"SecurityOpt":["no-new-privileges","writable-cgroups=true"]}"#,
            1000,
        ),
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
        (
            "C17",
            r#"{"Devices":[{"PathOnHost":"/dev/kmsg","PathInContainer":"/k","CgroupPermissions":"rwm"}]}"#,
            1008,
        ),
        (
            "C17",
            r#"{"DeviceRequests":[{"Count":-1,"Capabilities":[["gpu"]]}]}"#,
            1008,
        ),
        (
            "C17",
            r#"{"DeviceRequests":[{"Driver":"cdi","DeviceIDs":["x.y/z=0"]}]}"#,
            1008,
        ),
        ("C17", r#"{"DeviceCgroupRules":["a *:* rwm"]}"#, 1008),
        (
            "C17",
            r#"{"BlkioDeviceReadBps":[{"Path":"/dev/sda","Rate":1}]}"#,
            1008,
        ),
        (
            "C17",
            r#"{"BlkioDeviceWriteBps":[{"Path":"/dev/sda","Rate":1}]}"#,
            1008,
        ),
        (
            "C17",
            r#"{"BlkioDeviceReadIOps":[{"Path":"/dev/sda","Rate":1}]}"#,
            1008,
        ),
        (
            "C17",
            r#"{"BlkioDeviceWriteIOps":[{"Path":"/dev/sda","Rate":1}]}"#,
            1008,
        ),
        (
            "C17",
            r#"{"BlkioWeightDevice":[{"Path":"/dev/sda","Weight":10}]}"#,
            1008,
        ),
        ("C18", r#"{"Sysctls":{"kernel.shm_rmid_forced":"0"}}"#, 1010),
        (
            "C18",
            r#"{"Sysctls":{"net.core.somaxconn":"1"},"NetworkMode":"host"}"#,
            1007,
        ),
        ("C19", r#"{"Runtime":"/bin/sh"}"#, 1011),
        ("C19", r#"{"Runtime":"io.containerd.kata.v2"}"#, 1011),
        ("C19", r#"{"Annotations":{"run.oci.hooks":"x"}}"#, 1011),
        ("C19", r#"{"Isolation":"hyperv"}"#, 1011),
        (
            "C20",
            r#"{"LogConfig":{"Type":"syslog","Config":{"syslog-address":"unix:///x"}}}"#,
            1012,
        ),
        (
            "C20",
            r#"{"LogConfig":{"Type":"fluentd","Config":{}}}"#,
            1012,
        ),
        ("C20", r#"{"LogConfig":{"Type":"gelf"}}"#, 1012),
        ("C20", r#"{"LogConfig":{"Type":"journald"}}"#, 1012),
        (
            "C20",
            r#"{"LogConfig":{"Type":"json-file","Config":{"path":"/x"}}}"#,
            1012,
        ),
        (
            "C20",
            r#"{"LogConfig":{"Type":"","Config":{"gelf-address":"udp://10.0.0.1"}}}"#,
            1012,
        ),
        ("C21", r#"{"StorageOpt":{"size":"1T"}}"#, 1020),
        ("C21", r#"{"ShmSize":9000000000}"#, 1020),
        ("C21", r#"{"ShmSize":-1}"#, 1020),
        (
            "C21",
            r#"{"Ulimits":[{"Name":"rtprio","Hard":99,"Soft":99}]}"#,
            1020,
        ),
        ("C21", r#"{"PidsLimit":-1}"#, 1020),
        ("C21", r#"{"OomScoreAdj":-1000}"#, 1020),
        ("C21", r#"{"OomKillDisable":true}"#, 1020),
        ("C21", r#"{"CpuRealtimeRuntime":950000}"#, 1020),
        ("C21", r#"{"CpuRealtimePeriod":1000000}"#, 1020),
        ("C21", r#"{"MemorySwap":-1}"#, 1020),
        // A group alone opens nothing; the socket it would open cannot be mounted.
        (
            "C22",
            r#"{"GroupAdd":["999"],"Binds":["/run/docker.sock:/s"]}"#,
            1002,
        ),
        ("C23", r#"{"Links":["swarm-agent:a"]}"#, 1019),
        ("C23", r#"{"Links":["/swarm-data"]}"#, 1019),
        ("C23", r#"{"ExtraHosts":["h:host-gateway"]}"#, 1025),
        ("C23", r#"{"ExtraHosts":["h=host-gateway"]}"#, 1025),
        (
            "C24",
            r#"{"PortBindings":{"1/tcp":[{"HostPort":"2375"}]}}"#,
            1017,
        ),
        (
            "C24",
            r#"{"PortBindings":{"1/tcp":[{"HostPort":"02376"}]}}"#,
            1017,
        ),
        (
            "C24",
            r#"{"PortBindings":{"1/udp":[{"HostPort":"4789"}]}}"#,
            1017,
        ),
        (
            "C24",
            r#"{"PortBindings":{"1/tcp":[{"HostPort":"2370-2380"}]}}"#,
            1017,
        ),
        (
            "C24",
            r#"{"PortBindings":{"1/tcp":[{"HostPort":"80"},{"HostPort":"42376"}]}}"#,
            1017,
        ),
        (
            "C24",
            r#"{"PortBindings":{"1/tcp":[{"HostPort":"+2377"}]}}"#,
            400,
        ),
        (
            "C24",
            r#"{"PortBindings":{"1/tcp":[{"HostPort":" 2377"}]}}"#,
            400,
        ),
        (
            "C24",
            r#"{"PortBindings":{"1/tcp":[{"HostIp":"10.83.7.1","HostPort":"80"}]}}"#,
            1015,
        ),
        (
            "C24",
            r#"{"PortBindings":{"1/tcp":[{"HostIp":"nonsense","HostPort":"80"}]}}"#,
            1015,
        ),
        ("D3", r#"{"Binds":["evil:/x"]}"#, 1014),
        (
            "D3",
            r#"{"Mounts":[{"Type":"volume","Source":"evil","Target":"/x"}]}"#,
            1014,
        ),
        ("D3", r#"{"Binds":["remote:/x"]}"#, 1014),
        ("D5", r#"{"Binds":["data/../../etc:/x"]}"#, 1002),
    ];
    for (id, body, expect) in rows {
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
    let rows: &[(&str, Option<&str>, &str, u16)] = &[
        (
            "C26",
            None,
            r#"{"NetworkingConfig":{"EndpointsConfig":{"host":{}}}}"#,
            1007,
        ),
        (
            "C26",
            None,
            r#"{"NetworkingConfig":{"EndpointsConfig":{"e11bb":{}}}}"#,
            1007,
        ),
        (
            "C26",
            None,
            r#"{"NetworkingConfig":{"EndpointsConfig":{"ingress":null}}}"#,
            1015,
        ),
        (
            "C26",
            None,
            r#"{"NetworkingConfig":{"EndpointsConfig":{"foreign":{}}}}"#,
            404,
        ),
        (
            "C26",
            None,
            r#"{"NetworkingConfig":{"EndpointsConfig":{"mynet":{"NetworkID":"e01bb"}}}}"#,
            1007,
        ),
        (
            "C26",
            None,
            r#"{"NetworkingConfig":{"EndpointsConfig":{"mynet":{"DriverOpts":{"com.docker.network.endpoint.sysctls":"net.ipv4.conf.IFNAME.forwarding=1"}}}}}"#,
            1015,
        ),
        (
            "C26",
            None,
            r#"{"NetworkingConfig":{"EndpointsConfig":{"mynet":{"MacAddress":"02:00:00:00:00:01"}}}}"#,
            1015,
        ),
        (
            "C26",
            None,
            r#"{"NetworkingConfig":{"EndpointsConfig":{"mynet":{"IPAMConfig":{"LinkLocalIPs":["169.254.169.254"]}}}}}"#,
            1015,
        ),
        (
            "C26",
            None,
            r#"{"NetworkingConfig":{"EndpointsConfig":{"mynet":{"Links":["swarm-agent:x"]}}}}"#,
            1019,
        ),
        ("C27", None, r#"{"MacAddress":"02:00:00:00:00:01"}"#, 1015),
        (
            "C27",
            None,
            r#"{"Labels":{"carina.system":"swarm-agent"}}"#,
            1018,
        ),
        (
            "C27",
            None,
            r#"{"Labels":{"com.docker.swarm.id":"x"}}"#,
            1018,
        ),
        (
            "C27",
            None,
            r#"{"Labels":{"com.docker.swarm.task.id":"x"}}"#,
            1018,
        ),
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
    let texts = [
        (
            r#"{"SecurityOpt":["x"]}"#,
            "CARINA-1000: Changing SecurityOpt not allowed by policy",
        ),
        (
            r#"{"Privileged":true}"#,
            "CARINA-1001: Privileged containers not allowed by policy",
        ),
        (
            r#"{"Binds":["/a:/x","data:/y","/b:/z"],"Mounts":[{"Type":"bind","Source":"/c","Target":"/w"}]}"#,
            "CARINA-1002: Host mount path(s) not allowed by policy: /a, /b, /c",
        ),
        (
            r#"{"CapAdd":["x"]}"#,
            "CARINA-1003: Adding capabilities not allowed by policy",
        ),
        (
            r#"{"CapDrop":["x"]}"#,
            "CARINA-1004: Dropping capabilities not allowed by policy",
        ),
        (
            r#"{"IpcMode":"host"}"#,
            "CARINA-1006: Setting ipc=host not allowed by policy",
        ),
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
fn n_what_real_clients_send_passes() {
    let rows = [
        "{}",
        r#"{"Privileged":false,"CapAdd":null,"CapDrop":[],"Binds":null,"SecurityOpt":null,"Devices":[],"MaskedPaths":null,"ReadonlyPaths":null,"NetworkMode":"default","PidsLimit":0,"MemorySwappiness":-1,"OomKillDisable":false,"ConsoleSize":[24,80],"RestartPolicy":{"Name":"no"},"CgroupnsMode":"private","IpcMode":"","LogConfig":{"Type":"","Config":{}},"Isolation":"","UTSMode":"","ShmSize":0}"#,
        r#"{"CgroupnsMode":"","NetworkMode":"bridge","ContainerIDFile":"/tmp/cid","KernelMemory":0,"Capabilities":null}"#,
        r#"{"NetworkMode":"none"}"#,
        r#"{"NetworkMode":"mynet"}"#,
        r#"{"NetworkMode":"n1/mynet"}"#,
        r#"{"NetworkMode":"container:web"}"#,
        r#"{"Binds":["data:/x","data:/y:ro","my_d.a-t:/z:rw,z","/anonymous"]}"#,
        r#"{"Mounts":[{"Type":"volume","Source":"data","Target":"/x","VolumeOptions":{}},{"Type":"volume","Target":"/y"},{"Type":"tmpfs","Target":"/t","TmpfsOptions":{"SizeBytes":1024,"Mode":1023}}]}"#,
        r#"{"Tmpfs":{"/run":"rw,noexec,nosuid,size=65536k","/t":"","/dev/shm":"size=64m"}}"#,
        r#"{"VolumesFrom":["web","swarm-data"]}"#,
        r#"{"PortBindings":{"80/tcp":[{"HostIp":"","HostPort":"8080"}],"81/tcp":[{"HostIp":"127.0.0.1","HostPort":""}],"82/udp":null},"PublishAllPorts":true}"#,
        r#"{"SecurityOpt":["no-new-privileges:true"]}"#,
        r#"{"Ulimits":[{"Name":"nofile","Soft":1024,"Hard":2048}],"Memory":67108864,"NanoCpus":1500000000,"OomScoreAdj":5,"Init":true,"GroupAdd":["5"],"ReadonlyRootfs":true}"#,
        r#"{"LogConfig":{"Type":"json-file","Config":{"max-size":"10m","max-file":"3"}},"Runtime":"runc"}"#,
        r#"{"Sysctls":{"net.core.somaxconn":"1024"},"ExtraHosts":["db:10.0.0.1"],"Links":["web:w"],"Dns":["1.1.1.1"]}"#,
        r#"{"VolumeDriver":"local","RestartPolicy":{"Name":"on-failure","MaximumRetryCount":3},"AutoRemove":false}"#,
    ];
    for body in rows {
        assert_eq!(outcome(host(body)), 0, "N {body}: {:?}", host(body).err());
    }
    let labels = r#"{"Labels":{"com.docker.compose.project":"x","com.docker.stack.namespace":"y","com.docker.swarm.constraints":"[]"},"NetworkingConfig":{"EndpointsConfig":{"default":{"IPAMConfig":null,"MacAddress":"","NetworkID":""},"mynet":{"Aliases":["w"],"IPAMConfig":{"IPv4Address":"10.9.0.5"}}}}}"#;
    assert_eq!(outcome(create(Some("my-swarm-manager"), labels)), 0);
}

#[test]
fn n_recorded_clients_are_refused_only_for_what_they_ask() {
    // The one recorded request that asks for everything forbidden, and the options of others.
    let nodes = cluster();
    let nodes: Vec<&NodeView> = nodes.iter().collect();
    for line in include_str!("../api/recorded.jsonl").lines() {
        let request: serde_json::Value = serde_json::from_str(line).expect(line);
        if !request["target"]
            .as_str()
            .is_some_and(|target| target.contains("/containers/create"))
        {
            continue;
        }
        let mut create: ContainerCreate =
            json::read(request["body"].to_string().as_bytes()).expect(line);
        if let Some(host) = &mut create.host_config {
            // Not a row of N: asked for on purpose when this was recorded.
            host.annotations = None;
            host.storage_opt = None;
            host.links = None;
        }
        create.mac_address = None;
        let endpoints = create
            .networking_config
            .iter_mut()
            .flat_map(|c| c.endpoints_config.iter_mut().flatten());
        for (_, endpoint) in endpoints {
            if let Some(endpoint) = endpoint {
                endpoint.mac_address = None;
                endpoint.links = None;
            }
        }
        let is_hostile = create
            .host_config
            .as_ref()
            .is_some_and(|host| host.privileged == Some(true));
        let got = Policy::carina().container_create(None, &mut create, &Cluster(&nodes));
        assert_eq!(got.is_err(), is_hostile, "{line}: {got:?}");
    }
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
fn d_volumes_are_local_and_plain() {
    let rows = [
        (
            "N",
            r#"{"Name":"data","Driver":"local","DriverOpts":{},"Labels":{"a":"b"}}"#,
            0,
        ),
        ("N", r#"{"Name":"n1/data"}"#, 0),
        ("N", "{}", 0),
        (
            "D1",
            r#"{"Name":"x","Driver":"local","DriverOpts":{"type":"none","o":"bind","device":"/"}}"#,
            1014,
        ),
        (
            "D1",
            r#"{"Name":"x","DriverOpts":{"o":"ro,rbind","device":"/"}}"#,
            1014,
        ),
        (
            "D1",
            r#"{"DriverOpts":{"type":"overlay","o":"lowerdir=/"}}"#,
            1014,
        ),
        ("D1", r#"{"DriverOpts":{"size":"1g"}}"#, 1014),
        ("D2", r#"{"Name":"x","Driver":"vieux/sshfs"}"#, 1014),
        ("D2", r#"{"Name":"x","ClusterVolumeSpec":{}}"#, 1014),
        ("D4", r#"{"Name":"swarm-data"}"#, 1016),
        ("D4", r#"{"Name":"n1/swarm-data"}"#, 1016),
        (
            "D4",
            r#"{"Name":"x","Labels":{"carina.cluster":"y"}}"#,
            1018,
        ),
        ("D5", r#"{"Name":"../x"}"#, 400),
        ("D5", r#"{"Name":"a/b/c"}"#, 400),
    ];
    for (id, body, expect) in rows {
        let volume: VolumeCreate = json::read(body.as_bytes()).expect(body);
        assert_eq!(
            outcome(Policy::carina().volume_create(&volume)),
            expect,
            "{id} {body}"
        );
    }
    let named = |name: &str| VolumeFacts {
        name: name.into(),
        ..Default::default()
    };
    assert_eq!(
        outcome(Policy::carina().volume_delete(&named("swarm-data"))),
        1016,
        "D4"
    );
    assert_eq!(outcome(Policy::carina().volume_delete(&named("data"))), 0);
}

#[test]
fn e_networks_are_the_clusters_own_kinds() {
    let nodes = cluster();
    let nodes: Vec<&NodeView> = nodes.iter().collect();
    let rows = [
        (
            "N",
            r#"{"Name":"foo","Driver":"bridge","Scope":"","IPAM":{"Driver":"default","Options":{},"Config":[]},"Internal":false,"Attachable":false,"Ingress":false,"ConfigOnly":false,"ConfigFrom":null,"Options":{},"Labels":{}}"#,
            0,
        ),
        ("N", r#"{"Name":"n1/foo","CheckDuplicate":true}"#, 0),
        (
            "N",
            r#"{"Name":"foo","Driver":"overlay","Attachable":true,"EnableIPv6":true,"Options":{"com.docker.network.driver.mtu":"1400"},"IPAM":{"Config":[{"Subnet":"10.7.0.0/16","IPRange":"10.7.1.0/24","Gateway":"10.7.0.1"},{"Subnet":"fd00::/64"}]}}"#,
            0,
        ),
        (
            "E1",
            r#"{"Name":"x","Driver":"macvlan","Options":{"parent":"eth0"}}"#,
            1015,
        ),
        ("E1", r#"{"Name":"x","Driver":"ipvlan"}"#, 1015),
        ("E1", r#"{"Name":"x","Driver":"host"}"#, 1015),
        ("E1", r#"{"Name":"x","Driver":"null"}"#, 1015),
        ("E1", r#"{"Name":"x","Driver":"weave"}"#, 1015),
        (
            "E2",
            r#"{"Name":"x","Options":{"com.docker.network.bridge.name":"docker0"}}"#,
            1015,
        ),
        (
            "E2",
            r#"{"Name":"x","Options":{"com.docker.network.bridge.host_binding_ipv4":"10.0.0.1"}}"#,
            1015,
        ),
        (
            "E2",
            r#"{"Name":"x","Options":{"com.docker.network.bridge.gateway_mode_ipv4":"routed"}}"#,
            1015,
        ),
        (
            "E2",
            r#"{"Name":"x","Options":{"com.docker.network.bridge.trusted_host_interfaces":"eth0"}}"#,
            1015,
        ),
        (
            "E2",
            r#"{"Name":"x","Options":{"com.docker.network.bridge.enable_icc":"true"}}"#,
            1015,
        ),
        (
            "E2",
            r#"{"Name":"x","Options":{"com.docker.network.driver.mtu":"99999"}}"#,
            1015,
        ),
        ("E3", r#"{"Name":"x","ConfigOnly":true}"#, 1015),
        ("E3", r#"{"Name":"x","ConfigFrom":{"Network":"y"}}"#, 1015),
        ("E3", r#"{"Name":"x","Ingress":true}"#, 1015),
        ("E3", r#"{"Name":"x","Scope":"everywhere"}"#, 1015),
        ("E3", r#"{"Name":"x","IPAM":{"Driver":"plugin"}}"#, 1015),
        ("E3", r#"{"Name":"x","IPAM":{"Options":{"a":"b"}}}"#, 1015),
        (
            "E3",
            r#"{"Name":"x","IPAM":{"Config":[{"Subnet":"169.254.0.0/16"}]}}"#,
            1015,
        ),
        (
            "E3",
            r#"{"Name":"x","IPAM":{"Config":[{"Subnet":"0.0.0.0/0"}]}}"#,
            1015,
        ),
        (
            "E3",
            r#"{"Name":"x","IPAM":{"Config":[{"Subnet":"8.8.8.0/24"}]}}"#,
            1015,
        ),
        (
            "E3",
            r#"{"Name":"x","IPAM":{"Config":[{"Subnet":"10.83.7.0/24"}]}}"#,
            1015,
        ),
        (
            "E3",
            r#"{"Name":"x","IPAM":{"Config":[{"Subnet":"10.0.0.0/8"}]}}"#,
            1015,
        ),
        (
            "E3",
            r#"{"Name":"x","IPAM":{"Config":[{"Subnet":"nonsense"}]}}"#,
            400,
        ),
        ("E4", r#"{"Name":"ingress"}"#, 1015),
        ("E4", r#"{"Name":"n1/docker_gwbridge"}"#, 1015),
        ("E4", r#"{"Name":"host"}"#, 1015),
        ("E4", r#"{"Name":""}"#, 400),
        ("C27", r#"{"Name":"x","Labels":{"carina.x":"y"}}"#, 1018),
    ];
    for (id, body, expect) in rows {
        let create: NetworkCreate = json::read(body.as_bytes()).expect(body);
        let got = Policy::carina().network_create(&create, &Cluster(&nodes));
        assert_eq!(outcome(got.clone()), expect, "{id} {body}: {got:?}");
    }

    let policy = Policy::carina();
    let (mine, ingress) = (
        network("c", "mynet", "bridge"),
        network("i", "ingress", "overlay"),
    );
    let (web, agent) = (container("7", "web"), container("5", "swarm-agent"));
    let connect = |body: &str| json::read::<NetworkConnect>(body.as_bytes()).expect(body);
    let plain = connect(r#"{"Container":"web","EndpointConfig":{"Aliases":["z"]}}"#);
    let mac = connect(r#"{"Container":"web","EndpointConfig":{"MacAddress":"02:00:00:00:00:01"}}"#);
    let known = Cluster(&nodes);
    assert_eq!(
        outcome(policy.network_connect(&mine, &web, &plain, &known)),
        0,
        "N"
    );
    assert_eq!(
        outcome(policy.network_connect(&mine, &agent, &plain, &known)),
        1019,
        "E4"
    );
    assert_eq!(
        outcome(policy.network_connect(&ingress, &web, &plain, &known)),
        1015,
        "E4"
    );
    assert_eq!(
        outcome(policy.network_connect(&network("h", "host", "host"), &web, &plain, &known)),
        1007,
        "E4"
    );
    assert_eq!(
        outcome(policy.network_connect(&mine, &web, &mac, &known)),
        1015,
        "C26"
    );
    assert_eq!(outcome(policy.network_disconnect(&mine, &web)), 0, "N");
    assert_eq!(
        outcome(policy.network_disconnect(&mine, &agent)),
        1019,
        "E4"
    );
    assert_eq!(outcome(policy.network_delete(&mine)), 0, "N");
    assert_eq!(outcome(policy.network_delete(&ingress)), 1015, "E4");
    assert_eq!(
        outcome(policy.network_delete(&network("h", "host", "host"))),
        1015,
        "E4"
    );
}

#[test]
fn f_images_and_files_keep_their_place() {
    let policy = Policy::carina();
    let query = |route: Route, raw: &str| {
        let row = crate::api::route::rows()
            .iter()
            .find(|row| row.route == route)
            .expect("a row");
        Query::parse(row.query, raw).expect(raw)
    };
    use crate::api::Route;
    let creates = [
        ("N", "fromImage=docker.io%2Flibrary%2Fbusybox&tag=latest", 0),
        ("N", "fromSrc=-&repo=r%3At&changes=CMD+x", 0),
        (
            "F8",
            "fromSrc=http%3A%2F%2F169.254.169.254%2Flatest&repo=r",
            1026,
        ),
        ("F8", "fromSrc=%2Fetc%2Fshadow", 1026),
        ("J3", "fromImage=swarm", 1016),
        (
            "J3",
            "fromImage=docker.io%2Flibrary%2Fswarm&tag=latest",
            1016,
        ),
        ("J3", "fromSrc=-&repo=swarm%3Alatest", 1016),
        ("F6", "fromSrc=-&repo=r&changes=ONBUILD+RUN+x", 1023),
    ];
    for (id, raw, expect) in creates {
        assert_eq!(
            outcome(policy.image_create(&query(Route::ImageCreate, raw))),
            expect,
            "{id} {raw}"
        );
    }
    let images = [
        ("N", "busybox", 0),
        ("N", "me/swarm", 0),
        ("N", "registry:5000/swarm:1", 0),
        ("N", "swarm-tools:1", 0),
        ("N", "", 0),
        ("J3", "swarm", 1016),
        ("J3", "swarm:latest", 1016),
        ("J3", "swarm:1.2.9", 1016),
        ("J3", "library/swarm", 1016),
        ("J3", "docker.io/swarm:latest", 1016),
        ("J3", "docker.io/library/swarm@sha256:00", 1016),
    ];
    for (id, reference, expect) in images {
        assert_eq!(
            outcome(policy.image_change(reference)),
            expect,
            "{id} {reference}"
        );
    }
    let image = ImageFacts {
        repo_tags: vec!["x:1".into(), "swarm:latest".into()],
        ..Default::default()
    };
    assert_eq!(
        outcome(policy.image_delete("sha256:00", &image)),
        1016,
        "J3"
    );

    let commits = [
        (
            "N",
            "container=web&repo=r&changes=CMD+%5B%22x%22%5D&changes=ENV+A%3D1",
            "{}",
            0,
        ),
        ("N", "container=web&changes=LABEL+a%3Db", "null", 0),
        ("F6", "container=web&changes=VOLUME+%2Fproc", "", 1023),
        (
            "F6",
            "container=web&changes=WORKDIR+%2Fproc%2Fself%2Ffd%2F8",
            "",
            1023,
        ),
        (
            "F6",
            "container=web&changes=LABEL+%22carina.system%22%3Dx",
            "",
            1023,
        ),
        (
            "F6",
            "container=web&changes=CMD+x%0AONBUILD+RUN+y",
            "",
            1023,
        ),
        (
            "F6",
            "container=web&changes=LABEL+a%3D%5C%0Acarina.system%3Dx",
            "",
            1023,
        ),
        ("F6", "container=web", r#"{"Volumes":{"/sys":{}}}"#, 1021),
        (
            "F6",
            "container=web",
            r#"{"Labels":{"carina.x":"y"}}"#,
            1018,
        ),
        ("F6", "container=web", r#"{"WorkingDir":"/proc/1"}"#, 1022),
        ("F6", "container=web", r#"{"HostConfig":{}}"#, 400),
        ("J3", "container=web&repo=swarm&tag=latest", "", 1016),
    ];
    for (id, raw, body, expect) in commits {
        let got = commit::read(body.as_bytes())
            .and_then(|config| policy.commit(&config, &query(Route::ContainerCommit, raw)));
        assert_eq!(outcome(got), expect, "{id} {raw} {body}");
    }
    for (id, path, expect) in [
        ("N", "/etc/hosts", 0),
        ("N", ".", 0),
        ("F2", "/proc/self/root", 1022),
        ("F2", "/x/../sys", 1022),
        ("-", "", 400),
    ] {
        assert_eq!(outcome(policy.archive(path)), expect, "{id} {path}");
    }
}

#[test]
fn g_existing_containers_give_no_way_out() {
    let policy = Policy::carina();
    let execs = [
        (
            "N",
            r#"{"User":"0","Privileged":false,"Tty":true,"Cmd":["ls"],"WorkingDir":"","Env":["A=1"]}"#,
            0,
        ),
        ("N", r#"{"Cmd":["ls"],"WorkingDir":"/srv"}"#, 0),
        ("G1", r#"{"Privileged":true,"Cmd":["ls"]}"#, 1001),
        (
            "G1",
            r#"{"Cmd":["ls"],"WorkingDir":"/proc/self/fd/7"}"#,
            1022,
        ),
        (
            "G1",
            r#"{"Cmd":["ls"],"WorkingDir":"proc/self/fd/7"}"#,
            1022,
        ),
    ];
    for (id, body, expect) in execs {
        let exec: ExecCreate = json::read(body.as_bytes()).expect(body);
        assert_eq!(outcome(policy.exec_create(&exec)), expect, "{id} {body}");
    }
    for name in wire::SYSTEM_CONTAINERS {
        let system = container("5", name);
        assert_eq!(
            outcome(policy.container(Deed::Look, &system)),
            0,
            "N {name}"
        );
        assert_eq!(
            outcome(policy.container(Deed::Use, &system)),
            1019,
            "G2 {name}"
        );
        assert_eq!(
            outcome(policy.container(Deed::Delete, &system)),
            1005,
            "G2 {name}"
        );
        assert_eq!(outcome(policy.container_rename(name)), 1016, "G2 {name}");
    }
    assert_eq!(
        outcome(policy.container(Deed::Delete, &container("7", "web"))),
        0
    );
    assert_eq!(outcome(policy.container_rename("web2")), 0);
    let updates = [
        (
            "N",
            r#"{"Memory":10485760,"Devices":null,"RestartPolicy":{"Name":"always","MaximumRetryCount":0},"CgroupParent":""}"#,
            0,
        ),
        ("G3", r#"{"Devices":[{"PathOnHost":"/dev/sda"}]}"#, 1008),
        ("G3", r#"{"DeviceCgroupRules":["a"]}"#, 1008),
        (
            "G3",
            r#"{"BlkioDeviceWriteIOps":[{"Path":"/x","Rate":1}]}"#,
            1008,
        ),
        ("G3", r#"{"CgroupParent":"/"}"#, 1009),
        ("G3", r#"{"PidsLimit":-1}"#, 1020),
        ("G3", r#"{"MemorySwap":-1}"#, 1020),
        ("G3", r#"{"OomKillDisable":true}"#, 1020),
        ("G3", r#"{"RestartPolicy":{"Name":"sometimes"}}"#, 400),
    ];
    for (id, body, expect) in updates {
        let update: ContainerUpdate = json::read(body.as_bytes()).expect(body);
        assert_eq!(
            outcome(policy.container_update(&update)),
            expect,
            "{id} {body}"
        );
    }
}

#[test]
fn g6_a_container_is_looked_at_again_when_it_starts() {
    let nodes = cluster();
    let nodes: Vec<&NodeView> = nodes.iter().collect();
    let start = |host_config: &str| {
        let inspect: serde_json::Value =
            serde_json::from_str(&format!(r#"{{"HostConfig":{host_config}}}"#)).expect(host_config);
        HostConfig::from_inspect(&inspect)
            .and_then(|host| Policy::carina().container_start(&host, &Cluster(&nodes)))
    };
    // As engine 26 shows a plain container, and a field of the future.
    let plain = r#"{"Binds":null,"ContainerIDFile":"","LogConfig":{"Type":"json-file","Config":{}},"NetworkMode":"bridge","PortBindings":{},"RestartPolicy":{"Name":"no","MaximumRetryCount":0},"AutoRemove":false,"VolumeDriver":"","VolumesFrom":null,"ConsoleSize":[0,0],"CapAdd":null,"CapDrop":null,"CgroupnsMode":"private","Dns":[],"DnsOptions":[],"DnsSearch":[],"ExtraHosts":null,"GroupAdd":null,"IpcMode":"private","Cgroup":"","Links":null,"OomScoreAdj":0,"PidMode":"","Privileged":false,"PublishAllPorts":false,"ReadonlyRootfs":false,"SecurityOpt":null,"UTSMode":"","UsernsMode":"","ShmSize":67108864,"Runtime":"runc","Isolation":"","CpuShares":0,"Memory":67108864,"NanoCpus":0,"CgroupParent":"","BlkioWeight":0,"BlkioWeightDevice":[],"BlkioDeviceReadBps":[],"BlkioDeviceWriteBps":[],"BlkioDeviceReadIOps":[],"BlkioDeviceWriteIOps":[],"CpuPeriod":0,"CpuQuota":0,"CpuRealtimePeriod":0,"CpuRealtimeRuntime":0,"CpusetCpus":"","CpusetMems":"","Devices":[],"DeviceCgroupRules":null,"DeviceRequests":null,"MemoryReservation":0,"MemorySwap":-1,"MemorySwappiness":null,"OomKillDisable":null,"PidsLimit":null,"Ulimits":[],"CpuCount":0,"CpuPercent":0,"IOMaximumIOps":0,"IOMaximumBandwidth":0,"MaskedPaths":["/proc/asound","/proc/acpi","/proc/kcore","/proc/keys","/proc/latency_stats","/proc/timer_list","/proc/timer_stats","/proc/sched_debug","/proc/scsi","/sys/firmware","/sys/devices/virtual/powercap"],"ReadonlyPaths":["/proc/bus","/proc/fs","/proc/irq","/proc/sys","/proc/sysrq-trigger"],"NewInTheFuture":{"A":1}}"#;
    assert_eq!(outcome(start(plain)), 0, "N {:?}", start(plain));
    for (id, host_config, expect) in [
        ("G6", r#"{"Privileged":true}"#, 1001),
        ("G6", r#"{"Binds":["/:/h"]}"#, 1002),
        ("G6", r#"{"NetworkMode":"host"}"#, 1007),
        ("G6", r#"{"PidMode":"host"}"#, 1007),
        ("G6", r#"{"VolumesFrom":["swarm-agent"]}"#, 1019),
        ("G6", r#"{"MaskedPaths":[]}"#, 1013),
        (
            "G6",
            r#"{"Mounts":[{"Type":"bind","Source":"/","Target":"/x"}]}"#,
            1002,
        ),
        ("G6", r#"{"Mounts":[{"Type":"volume","Unheard":1}]}"#, 500),
    ] {
        assert_eq!(outcome(start(host_config)), expect, "{id} {host_config}");
    }
}

#[test]
fn h_builds_stay_inside() {
    let keys = crate::api::route::rows()
        .iter()
        .find(|row| row.route == crate::api::Route::BuildImage)
        .expect("a row")
        .query;
    let rows = [
        (
            "N",
            "t=a&t=b&dockerfile=Dockerfile&buildargs=%7B%22A%22%3A%221%22%7D&rm=1&networkmode=default&labels=%7B%7D&ulimits=null&cachefrom=%5B%5D&shmsize=0&version=1",
            0,
        ),
        ("H1", "networkmode=host", 1023),
        ("H1", "networkmode=container%3Aabc", 1023),
        ("H2", "cgroupparent=%2F", 1023),
        ("H3", "remote=http%3A%2F%2F10.0.0.1%2Fx.tar", 1023),
        ("H4", "securityopt=%5B%22seccomp%3Dunconfined%22%5D", 1023),
        ("H4", "ulimits=%5B%7B%22Name%22%3A%22rtprio%22%7D%5D", 1023),
        ("H4", "outputs=%5B%7B%22Type%22%3A%22local%22%7D%5D", 1023),
        ("H4", "isolation=hyperv", 1023),
        ("H4", "squash=1", 1023),
        ("H4", "shmsize=99999999999", 1023),
        ("H4", "memswap=-1", 1023),
        ("H4", "extrahosts=a%3Ahost-gateway", 1025),
        ("H4", "labels=%7B%22carina.x%22%3A%221%22%7D", 1018),
        ("J3", "t=swarm", 1016),
        ("H5", "version=3", 1023),
    ];
    for (id, raw, expect) in rows {
        let query = Query::parse(keys, raw).expect(raw);
        assert_eq!(
            outcome(Policy::carina().build(&query)),
            expect,
            "{id} {raw}"
        );
    }
}

#[test]
fn without_a_policy_nothing_is_refused() {
    let policy = Policy::off();
    let mut create: ContainerCreate =
        json::read(br#"{"HostConfig":{"Privileged":true,"Binds":["/:/h"]}}"#).expect("a create");
    let before = create.clone();
    assert_eq!(
        policy.container_create(Some("swarm-data"), &mut create, &Cluster(&[])),
        Ok(())
    );
    assert_eq!(create, before);
    assert_eq!(
        policy.container(Deed::Delete, &container("5", "swarm-data")),
        Ok(())
    );
}
