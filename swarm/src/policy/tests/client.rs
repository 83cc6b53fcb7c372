//! N: what real clients send, and must be able to.

use super::*;
use crate::api::tests::recorded::recordings;
use crate::api::{Matched, find};

/// HostConfigs that ask for nothing forbidden.
#[rustfmt::skip]
pub const PLAIN: &[&str] = &[
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

#[test]
fn n_what_real_clients_send_passes() {
    for body in PLAIN {
        assert_eq!(outcome(host(body)), 0, "N {body}: {:?}", host(body).err());
    }
    let labels = r#"{"Labels":{"com.docker.compose.project":"x","com.docker.stack.namespace":"y","com.docker.swarm.constraints":"[]"},"NetworkingConfig":{"EndpointsConfig":{"default":{"IPAMConfig":null,"MacAddress":"","NetworkID":""},"mynet":{"Aliases":["w"],"IPAMConfig":{"IPv4Address":"10.9.0.5"}}}}}"#;
    assert_eq!(outcome(create(Some("my-swarm-manager"), labels)), 0);
}

/// A recording's name says what it asks for on purpose.
#[test]
fn n_recorded_clients_are_refused_only_for_what_they_ask() {
    let mut nodes = cluster();
    for (at, name) in [
        "net1",
        "net6",
        "over1",
        "n",
        "shop_front",
        "shop_back",
        "st_front",
    ]
    .iter()
    .enumerate()
    {
        nodes[0]
            .networks
            .push(network(&format!("f{at}dd"), name, "bridge"));
    }
    let nodes: Vec<&NodeView> = nodes.iter().collect();
    let (mut n_refused, mut wrong) = (0, Vec::new());
    for recording in recordings() {
        let mut refusals = Vec::new();
        for request in &recording.requests {
            let Some(body) = &request.body else { continue };
            let Ok(matched) = find(&request.method, &request.target) else {
                continue;
            };
            let verdict = judge(&matched, body.to_string().as_bytes(), &Cluster(&nodes));
            refusals.extend(verdict.err());
        }
        let is_forbidden = recording.file.starts_with("refused-");
        n_refused += usize::from(is_forbidden);
        if !is_forbidden && !refusals.is_empty() {
            wrong.push(format!(
                "{}/{}: {refusals:?}",
                recording.client, recording.file
            ));
        }
        if is_forbidden && refusals.iter().any(|refusal| refusal.status != 403) {
            wrong.push(format!(
                "{}/{}: {refusals:?}",
                recording.client, recording.file
            ));
        }
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
    assert!(n_refused > 20);
}

fn judge(matched: &Matched, body: &[u8], known: &Cluster<'_>) -> Result<(), Refusal> {
    let subject = admit::Subject::default();
    admit::body(&Policy::carina(), matched, body, known, &subject).map(|_| ())
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
