//! N: what real clients send, and must be able to.

use super::*;

#[test]
fn n_what_real_clients_send_passes() {
    #[rustfmt::skip]
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
    for line in include_str!("../../api/recorded.jsonl").lines() {
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
