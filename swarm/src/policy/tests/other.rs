//! D to H: volumes, networks, files, existing containers, builds.

use super::*;

#[test]
fn d_volumes_are_local_and_plain() {
    #[rustfmt::skip]
    let rows = [
        ("N", r#"{"Name":"data","Driver":"local","DriverOpts":{},"Labels":{"a":"b"}}"#, 0),
        ("N", r#"{"Name":"n1/data"}"#, 0),
        ("N", "{}", 0),
        ("D1", r#"{"Name":"x","Driver":"local","DriverOpts":{"type":"none","o":"bind","device":"/"}}"#, 1014),
        ("D1", r#"{"Name":"x","DriverOpts":{"o":"ro,rbind","device":"/"}}"#, 1014),
        ("D1", r#"{"DriverOpts":{"type":"overlay","o":"lowerdir=/"}}"#, 1014),
        ("D1", r#"{"DriverOpts":{"size":"1g"}}"#, 1014),
        ("D2", r#"{"Name":"x","Driver":"vieux/sshfs"}"#, 1014),
        ("D2", r#"{"Name":"x","ClusterVolumeSpec":{}}"#, 1014),
        ("D4", r#"{"Name":"swarm-data"}"#, 1005),
        ("D4", r#"{"Name":"n1/swarm-data"}"#, 1005),
        ("D4", r#"{"Name":"x","Labels":{"carina.cluster":"y"}}"#, 1018),
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
        1005,
        "D4"
    );
    assert_eq!(outcome(Policy::carina().volume_delete(&named("data"))), 0);
}

#[test]
fn e_networks_are_the_clusters_own_kinds() {
    let nodes = cluster();
    let nodes: Vec<&NodeView> = nodes.iter().collect();
    #[rustfmt::skip]
    let rows = [
        ("N", r#"{"Name":"foo","Driver":"bridge","Scope":"","IPAM":{"Driver":"default","Options":{},"Config":[]},"Internal":false,"Attachable":false,"Ingress":false,"ConfigOnly":false,"ConfigFrom":null,"Options":{},"Labels":{}}"#, 0),
        ("N", r#"{"Name":"n1/foo","CheckDuplicate":true}"#, 0),
        ("N", r#"{"Name":"foo","Driver":"overlay","Attachable":true,"EnableIPv6":true,"Options":{"com.docker.network.driver.mtu":"1400"},"IPAM":{"Config":[{"Subnet":"10.7.0.0/16","IPRange":"10.7.1.0/24","Gateway":"10.7.0.1"},{"Subnet":"fd00::/64"}]}}"#, 0),
        ("E1", r#"{"Name":"x","Driver":"macvlan","Options":{"parent":"eth0"}}"#, 1015),
        ("E1", r#"{"Name":"x","Driver":"ipvlan"}"#, 1015),
        ("E1", r#"{"Name":"x","Driver":"host"}"#, 1015),
        ("E1", r#"{"Name":"x","Driver":"null"}"#, 1015),
        ("E1", r#"{"Name":"x","Driver":"weave"}"#, 1015),
        ("E2", r#"{"Name":"x","Options":{"com.docker.network.bridge.name":"docker0"}}"#, 1015),
        ("E2", r#"{"Name":"x","Options":{"com.docker.network.bridge.host_binding_ipv4":"10.0.0.1"}}"#, 1015),
        ("E2", r#"{"Name":"x","Options":{"com.docker.network.bridge.gateway_mode_ipv4":"routed"}}"#, 1015),
        ("E2", r#"{"Name":"x","Options":{"com.docker.network.bridge.trusted_host_interfaces":"eth0"}}"#, 1015),
        ("E2", r#"{"Name":"x","Options":{"com.docker.network.bridge.enable_icc":"true"}}"#, 1015),
        ("E2", r#"{"Name":"x","Options":{"com.docker.network.driver.mtu":"99999"}}"#, 1015),
        ("E3", r#"{"Name":"x","ConfigOnly":true}"#, 1015),
        ("E3", r#"{"Name":"x","ConfigFrom":{"Network":"y"}}"#, 1015),
        ("E3", r#"{"Name":"x","Ingress":true}"#, 1015),
        ("E3", r#"{"Name":"x","Scope":"everywhere"}"#, 1015),
        ("E3", r#"{"Name":"x","IPAM":{"Driver":"plugin"}}"#, 1015),
        ("E3", r#"{"Name":"x","IPAM":{"Options":{"a":"b"}}}"#, 1015),
        ("E3", r#"{"Name":"x","IPAM":{"Config":[{"Subnet":"169.254.0.0/16"}]}}"#, 1015),
        ("E3", r#"{"Name":"x","IPAM":{"Config":[{"Subnet":"0.0.0.0/0"}]}}"#, 1015),
        ("E3", r#"{"Name":"x","IPAM":{"Config":[{"Subnet":"8.8.8.0/24"}]}}"#, 1015),
        ("E3", r#"{"Name":"x","IPAM":{"Config":[{"Subnet":"10.83.7.0/24"}]}}"#, 1015),
        ("E3", r#"{"Name":"x","IPAM":{"Config":[{"Subnet":"10.0.0.0/8"}]}}"#, 1015),
        ("E3", r#"{"Name":"x","IPAM":{"Config":[{"Subnet":"nonsense"}]}}"#, 400),
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
        1005,
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
        1005,
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
            .find(|row| row.route == route)
            .expect("a row");
        Query::parse(row.query, raw).expect(raw)
    };
    use crate::api::Route;
    #[rustfmt::skip]
    let creates = [
        ("N", "fromImage=docker.io%2Flibrary%2Fbusybox&tag=latest", 0),
        ("N", "fromSrc=-&repo=r%3At&changes=CMD+x", 0),
        ("F8", "fromSrc=http%3A%2F%2F169.254.169.254%2Flatest&repo=r", 1026),
        ("F8", "fromSrc=%2Fetc%2Fshadow", 1026),
        ("J3", "fromImage=swarm", 1005),
        ("J3", "fromImage=docker.io%2Flibrary%2Fswarm&tag=latest", 1005),
        ("J3", "fromSrc=-&repo=swarm%3Alatest", 1005),
        ("F6", "fromSrc=-&repo=r&changes=ONBUILD+RUN+x", 1023),
    ];
    for (id, raw, expect) in creates {
        assert_eq!(
            outcome(policy.image_create(&query(Route::ImageCreate, raw))),
            expect,
            "{id} {raw}"
        );
    }
    #[rustfmt::skip]
    let images = [
        ("N", "busybox", 0),
        ("N", "me/swarm", 0),
        ("N", "registry:5000/swarm:1", 0),
        ("N", "swarm-tools:1", 0),
        ("N", "", 0),
        ("J3", "swarm", 1005),
        ("J3", "swarm:latest", 1005),
        ("J3", "swarm:1.2.9", 1005),
        ("J3", "library/swarm", 1005),
        ("J3", "docker.io/swarm:latest", 1005),
        ("J3", "docker.io/library/swarm@sha256:00", 1005),
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
    assert_eq!(outcome(policy.image_touch("sha256:00", &image)), 1005, "J3");

    #[rustfmt::skip]
    let commits = [
        ("N", "container=web&repo=r&changes=CMD+%5B%22x%22%5D&changes=ENV+A%3D1", "{}", 0),
        ("N", "container=web&changes=LABEL+a%3Db", "null", 0),
        ("F6", "container=web&changes=VOLUME+%2Fproc", "", 1023),
        ("F6", "container=web&changes=WORKDIR+%2Fproc%2Fself%2Ffd%2F8", "", 1023),
        ("F6", "container=web&changes=LABEL+%22carina.system%22%3Dx", "", 1023),
        ("F6", "container=web&changes=CMD+x%0AONBUILD+RUN+y", "", 1023),
        ("F6", "container=web&changes=LABEL+a%3D%5C%0Acarina.system%3Dx", "", 1023),
        ("F6", "container=web", r#"{"Volumes":{"/sys":{}}}"#, 1021),
        ("F6", "container=web", r#"{"Labels":{"carina.x":"y"}}"#, 1018),
        ("F6", "container=web", r#"{"WorkingDir":"/proc/1"}"#, 1022),
        ("F6", "container=web", r#"{"MacAddress":"02:42:ac:11:00:02"}"#, 1015),
        ("F6", "container=web", r#"{"HostConfig":{}}"#, 400),
        ("J3", "container=web&repo=swarm&tag=latest", "", 1005),
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
    #[rustfmt::skip]
    let execs = [
        ("N", r#"{"User":"0","Privileged":false,"Tty":true,"Cmd":["ls"],"WorkingDir":"","Env":["A=1"]}"#, 0),
        ("N", r#"{"Cmd":["ls"],"WorkingDir":"/srv"}"#, 0),
        ("G1", r#"{"Privileged":true,"Cmd":["ls"]}"#, 1001),
        ("G1", r#"{"Cmd":["ls"],"WorkingDir":"/proc/self/fd/7"}"#, 1022),
        ("G1", r#"{"Cmd":["ls"],"WorkingDir":"proc/self/fd/7"}"#, 1022),
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
            1005,
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
    #[rustfmt::skip]
    let updates = [
        ("N", r#"{"Memory":10485760,"Devices":null,"RestartPolicy":{"Name":"always","MaximumRetryCount":0},"CgroupParent":""}"#, 0),
        ("G3", r#"{"Devices":[{"PathOnHost":"/dev/sda"}]}"#, 1008),
        ("G3", r#"{"DeviceCgroupRules":["a"]}"#, 1008),
        ("G3", r#"{"BlkioDeviceWriteIOps":[{"Path":"/x","Rate":1}]}"#, 1008),
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
        ("G6", r#"{"VolumesFrom":["swarm-agent"]}"#, 1005),
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
        .find(|row| row.route == crate::api::Route::BuildImage)
        .expect("a row")
        .query;
    #[rustfmt::skip]
    let rows = [
        ("N", "t=a&t=b&dockerfile=Dockerfile&buildargs=%7B%22A%22%3A%221%22%7D&rm=1&networkmode=default&labels=%7B%7D&ulimits=null&cachefrom=%5B%5D&shmsize=0&version=1", 0),
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
        ("J3", "t=swarm", 1005),
        ("N", "version=2&session=abc&buildid=x&remote=client-session&t=a", 0),
        ("N", "version=2&buildid=upload-request%3Ax", 0),
        ("N", "version=2&remote=upload-request", 0),
        ("N", "version=2&outputs=%5B%7B%22Type%22%3A%22local%22%2C%22Attrs%22%3A%7B%7D%7D%5D", 0),
        ("H3", "version=2&remote=http%3A%2F%2F10.0.0.1%2Fx.tar", 1023),
        ("H3", "remote=client-session", 1023),
        ("H4", "version=2&outputs=%5B%7B%22Type%22%3A%22moby%22%2C%22Attrs%22%3A%7B%22name%22%3A%22swarm%22%7D%7D%5D", 1023),
        ("H4", "version=2&outputs=%5B%7B%22Type%22%3Anull%7D%5D", 1023),
        ("H5", "version=2&networkmode=host", 1023),
        ("H5", "version=2&cgroupparent=%2F", 1023),
        // A group may have any name.
        ("H2", "cgroupparent=default", 1023),
        ("N", "isolation=default", 0),
        ("H5", "version=3", 1023),
        ("H5", "session=abc", 1023),
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
fn a_second_absent_label_does_not_prune_system_containers() {
    let filters =
        |key: &str| crate::api::query::Filters::from([(key.to_owned(), ["x".to_owned()].into())]);
    for (key, expect) in [("label", 0), ("until", 0), ("label!", 1018)] {
        assert_eq!(
            outcome(Policy::carina().prune(&filters(key))),
            expect,
            "{key}"
        );
    }
    assert_eq!(outcome(Policy::off().prune(&filters("label!"))), 0);
}
