//! What the two engines that take notes say of themselves: the same world as in the policy's own
//! tests (`swarm/src/policy/tests.rs`).

use serde_json::{Value, json};

/// A container, its id begins so.
#[derive(Debug, Clone, Copy)]
pub struct Container {
    pub node: usize,
    pub name: &'static str,
    id: &'static str,
}

impl Container {
    pub fn id(&self) -> String {
        format!("{:0<64}", self.id)
    }
}

const fn container(node: usize, name: &'static str, id: &'static str) -> Container {
    Container { node, name, id }
}

pub const CONTAINERS: [Container; 8] = [
    container(0, "swarm-manager", "500aaaa0000"),
    container(0, "swarm-agent", "501aaaa0000"),
    container(0, "swarm-data", "502aaaa0000"),
    container(1, "swarm-manager", "510aaaa0000"),
    container(1, "swarm-agent", "511aaaa0000"),
    container(1, "swarm-data", "512aaaa0000"),
    container(0, "web", "77770000"),
    // Made before there was a policy.
    container(0, "old", "8888"),
];

/// Execs: one in `web`, one in a system container, one with more rights than anybody gets.
pub const EXECS: [(&str, &str, bool); 3] = [
    ("ea01", "web", false),
    ("ea02", "swarm-agent", false),
    ("ea03", "web", true),
];

pub fn of_node(k: usize) -> impl Iterator<Item = &'static Container> {
    CONTAINERS
        .iter()
        .filter(move |container| container.node == k)
}

/// What a manager looks at by itself; `None` for everything else, null for what is not there.
pub fn state(k: usize, method: &str, path: &str, query: &str) -> Option<Value> {
    if method != "GET" {
        return None;
    }
    if let Some(id) = path
        .strip_prefix("/networks/")
        .filter(|_| query.contains("scope=swarm"))
    {
        return Some(of_the_swarm(id));
    }
    let inspected = path
        .strip_prefix("/containers/")
        .and_then(|rest| rest.strip_suffix("/json"))
        .and_then(|id| of_node(k).find(|known| known.id() == id));
    if let Some(container) = inspected {
        return Some(inspect(container));
    }
    if let Some(id) = path
        .strip_prefix("/exec/")
        .and_then(|rest| rest.strip_suffix("/json"))
    {
        return exec(k, id);
    }
    if let Some(id) = path.strip_prefix("/networks/")
        && let Some(network) = networks(k)
            .into_iter()
            .find(|n| n["Id"] == id || n["Name"] == id)
    {
        return Some(network);
    }
    Some(match path {
        "/_ping" => json!("OK"),
        "/info" => info(k),
        "/version" => json!({ "Version": "26.1.5", "ApiVersion": "1.45", "MinAPIVersion": "1.24" }),
        "/containers/json" => of_node(k).map(listed).collect(),
        "/images/json" => json!([
            { "Id": "sha256:01", "RepoTags": ["busybox:latest"], "RepoDigests": [], "Created": 1 },
            { "Id": "sha256:02", "RepoTags": ["swarm:latest"], "RepoDigests": [], "Created": 1 },
        ]),
        "/networks" => networks(k).into(),
        "/services/web" => json!({
            "ID": "web", "Version": { "Index": 7 },
            "Spec": { "Name": "web", "TaskTemplate": { "ContainerSpec": { "Image": "busybox" } } },
            "PreviousSpec": { "Name": "web", "TaskTemplate": { "ContainerSpec": {
                "Mounts": [{ "Type": "bind", "Source": "/", "Target": "/h" }] } } },
        }),
        // What runs breaks a rule, what it was before does not.
        "/services/mended" => json!({
            "ID": "mended", "Version": { "Index": 7 },
            "Spec": { "Name": "mended", "TaskTemplate": { "ContainerSpec": {
                "Mounts": [{ "Type": "bind", "Source": "/", "Target": "/h" }] } } },
            "PreviousSpec": { "Name": "mended", "TaskTemplate": { "ContainerSpec": { "Image": "busybox" } } },
        }),
        "/services/bad" => json!({
            "ID": "bad", "Version": { "Index": 3 },
            "Spec": { "Name": "bad", "TaskTemplate": { "ContainerSpec": {
                "CapabilityAdd": ["CAP_SYS_ADMIN"] } } },
        }),
        "/nodes/n2" => {
            json!({ "ID": "n2", "Spec": { "Role": "worker", "Availability": "active" } })
        }
        "/swarm" => json!({
            "ID": "s", "Version": { "Index": 1 },
            "JoinTokens": { "Worker": "SWMTKN-1-w", "Manager": "SWMTKN-1-m" },
            "TLSInfo": { "TrustRoot": "-----BEGIN" },
            "Spec": { "CAConfig": { "SigningCAKey": "secret" }, "EncryptionConfig": { "AutoLockManagers": true } },
        }),
        "/volumes" => json!({ "Volumes": volumes(k) }),
        _ => return None,
    })
}

/// A network as an engine that manages the swarm finds it for services.
fn of_the_swarm(id: &str) -> Value {
    let networks = [
        ("swhost", "host", "host"),
        ("swbridge", "bridge", "bridge"),
        ("swingress", "ingress", "overlay"),
        ("swmine", "mine", "overlay"),
    ];
    let found = networks
        .iter()
        .find(|network| network.0 == id || network.1 == id);
    found.map_or(Value::Null, |(id, name, driver)| {
        json!({ "Id": id, "Name": name, "Driver": driver, "Scope": "swarm", "Ingress": *name == "ingress" })
    })
}

fn exec(k: usize, id: &str) -> Option<Value> {
    let known = EXECS.iter().find(|(known, ..)| *known == id);
    let found = known.and_then(|(_, of, is_privileged)| {
        let container = of_node(k).find(|container| container.name == *of)?;
        Some((container, is_privileged))
    });
    let Some((container, is_privileged)) = found else {
        return Some(Value::Null);
    };
    Some(json!({
        "ID": id, "ContainerID": container.id(), "Running": false,
        "ProcessConfig": { "privileged": is_privileged, "entrypoint": "sh" },
    }))
}

fn info(k: usize) -> Value {
    json!({
        "ID": format!("engine-{k}"), "Name": format!("n{}", k + 1), "NCPU": 2,
        "MemTotal": 2_147_483_648_u64, "Labels": [], "Driver": "overlay2", "OSType": "linux",
        "KernelVersion": "6.1.0",
        "HttpProxy": "http://user:secret@proxy.example", "Warnings": ["secret"],
        "RegistryConfig": { "Mirrors": ["https://secret.example"] },
        "Swarm": {
            "LocalNodeState": "active", "ControlAvailable": k == 0, "NodeID": format!("node-{k}"),
            "RemoteManagers": [{ "NodeID": "node-0", "Addr": "10.83.7.11:2377" }],
        },
    })
}

fn networks(k: usize) -> Vec<Value> {
    let network = |id: String, name: &str, driver: &str, scope: &str| json!({ "Id": id, "Name": name, "Driver": driver, "Scope": scope, "Ingress": name == "ingress" });
    let mut all = vec![
        network(format!("e{k}0bb"), "bridge", "bridge", "local"),
        network(format!("e{k}1bb"), "host", "host", "local"),
        network(format!("e{k}2bb"), "none", "null", "local"),
        network(format!("e{k}3bb"), "docker_gwbridge", "bridge", "local"),
        network("e9cc".into(), "ingress", "overlay", "swarm"),
    ];
    if k == 0 {
        all.push(network("cccc".into(), "mynet", "bridge", "local"));
    }
    all
}

fn volumes(k: usize) -> Vec<Value> {
    let volume = |name: &str, driver: &str, options: Value| json!({ "Name": name, "Driver": driver, "Options": options, "Labels": null });
    let mut all = vec![volume("swarm-data", "local", Value::Null)];
    if k == 0 {
        all.push(volume("data", "local", Value::Null));
        all.push(volume(
            "evil",
            "local",
            json!({ "type": "none", "o": "bind", "device": "/" }),
        ));
        all.push(volume("remote", "nfs", Value::Null));
    }
    all
}

fn listed(container: &Container) -> Value {
    json!({
        "Id": container.id(), "Names": [format!("/{}", container.name)], "Image": "busybox",
        "ImageID": "sha256:01", "Command": "sh", "Created": 1, "State": "running", "Status": "Up",
        "Ports": [], "Labels": {}, "Mounts": [], "HostConfig": { "NetworkMode": "bridge" },
        "NetworkSettings": { "Networks": {} },
    })
}

fn inspect(container: &Container) -> Value {
    let is_old = container.name == "old";
    json!({
        "Id": container.id(), "Name": format!("/{}", container.name), "Image": "sha256:01",
        "State": {
            "Status": "running", "Running": true, "Paused": false, "Restarting": false, "Dead": false,
            "ExitCode": 0, "StartedAt": "2026-01-01T00:00:00Z", "FinishedAt": "0001-01-01T00:00:00Z",
        },
        "Config": { "Image": "busybox", "Labels": {}, "ExposedPorts": null },
        "HostConfig": {
            "NetworkMode": "bridge", "PortBindings": {}, "Memory": 0, "CpuShares": 0,
            "Privileged": is_old,
        },
        "NetworkSettings": { "Ports": {}, "Networks": {} }, "Mounts": [],
    })
}
