//! What the system containers look like, exactly.

use std::hash::{DefaultHasher, Hash, Hasher};

use serde_json::{Value, json};
use wire::{AGENT_PORT, MANAGER_PORT, SYSTEM_IMAGE, SYSTEM_LABEL, SegmentSeed};

use crate::init::files::{AGENT_DIR, DOOR_DIR, MANAGER_DIR, MEMORY_DIR};

/// The volume that `swarm-data` shows as /etc/docker.
pub const VOLUME: &str = "swarm-data";
/// Says which specification a container was made from.
pub const CONFIG_LABEL: &str = "carina.config";

const MANAGER_MEMORY: u64 = 256 << 20;
const AGENT_MEMORY: u64 = 128 << 20;

/// A container that has to be there.
pub struct Spec {
    pub name: &'static str,
    /// `swarm-data` is made and never started.
    pub runs: bool,
    /// Of `POST /containers/create`.
    pub body: Value,
    /// Of the body and the image.
    pub config: String,
}

/// All three, in the order in which they can be made.
pub fn all(seed: &SegmentSeed, image_id: &str) -> [Spec; 3] {
    [data(), manager(seed), agent(seed)].map(|(name, runs, mut body)| {
        let mut hasher = DefaultHasher::new();
        (image_id, body.to_string()).hash(&mut hasher);
        let config = format!("{:016x}", hasher.finish());
        body["Image"] = json!(SYSTEM_IMAGE);
        body["Labels"] = json!({ SYSTEM_LABEL: name, CONFIG_LABEL: config });
        body["HostConfig"]["NetworkMode"] = json!("host");
        Spec {
            name,
            runs,
            body,
            config,
        }
    })
}

fn data() -> (&'static str, bool, Value) {
    let body = json!({
        "Cmd": ["list"],
        "HostConfig": { "Binds": [format!("{VOLUME}:/etc/docker")] },
    });
    ("swarm-data", false, body)
}

fn manager(seed: &SegmentSeed) -> (&'static str, bool, Value) {
    let body = json!({
        // The sixth word is the token: people read it with `.Config.Cmd 6`.
        "Cmd": [
            "manage",
            format!("-H=tcp://0.0.0.0:{MANAGER_PORT}"),
            "--tlsverify",
            "--tlscacert=/etc/docker/ca.pem",
            "--tlscert=/etc/docker/server-cert.pem",
            "--tlskey=/etc/docker/server-key.pem",
            seed.discovery,
        ],
        "Env": [
            "SSL_CERT_FILE=/etc/carina/panel-ca.pem",
            "SWARM_ENGINE_TLSCACERT=/etc/carina/engine-ca.pem",
            "SWARM_ENGINE_TLSCERT=/etc/carina/cert.pem",
            "SWARM_ENGINE_TLSKEY=/etc/carina/key.pem",
            format!("SWARM_CLUSTER={}", seed.cluster),
            format!("SWARM_NODE={}", seed.node),
            format!("SWARM_ADVERTISE={}:{MANAGER_PORT}", seed.address),
            format!("SWARM_MEMORY_DIR={MEMORY_DIR}"),
        ],
        "HostConfig": merged(running(MANAGER_MEMORY), json!({
            "Binds": [
                format!("{MANAGER_DIR}:/etc/carina:ro"),
                format!("{MEMORY_DIR}:{MEMORY_DIR}"),
            ],
            "VolumesFrom": ["swarm-data:ro"],
        })),
    });
    ("swarm-manager", true, body)
}

fn agent(seed: &SegmentSeed) -> (&'static str, bool, Value) {
    let body = json!({
        "Cmd": [
            "join",
            format!("--addr={}:{AGENT_PORT}", seed.address),
            seed.discovery,
        ],
        "Env": [
            "SSL_CERT_FILE=/etc/carina/panel-ca.pem",
            "SWARM_AGENT_TLSCACERT=/etc/carina/engine-ca.pem",
            "SWARM_AGENT_TLSCERT=/etc/carina/cert.pem",
            "SWARM_AGENT_TLSKEY=/etc/carina/key.pem",
        ],
        "HostConfig": merged(running(AGENT_MEMORY), json!({
            "Binds": [
                "/run/docker.sock:/var/run/docker.sock",
                format!("{DOOR_DIR}:{DOOR_DIR}"),
                format!("{AGENT_DIR}:/etc/carina:ro"),
            ],
        })),
    });
    ("swarm-agent", true, body)
}

/// What both running ones have: started by the engine itself, nothing they do not need.
fn running(memory: u64) -> Value {
    json!({
        "RestartPolicy": { "Name": "always" },
        "ReadonlyRootfs": true,
        "CapDrop": ["ALL"],
        "SecurityOpt": ["no-new-privileges"],
        "Memory": memory,
        "PidsLimit": 256,
        "LogConfig": {
            "Type": "json-file",
            "Config": { "max-size": "1m", "max-file": "2" },
        },
    })
}

fn merged(mut into: Value, from: Value) -> Value {
    if let (Value::Object(into), Value::Object(from)) = (&mut into, from) {
        into.extend(from);
    }
    into
}

#[cfg(test)]
mod tests {
    use super::*;

    fn specs(image: &str) -> [Spec; 3] {
        let seed = crate::init::test_seed(1, "a-n1");
        all(&serde_json::from_str(&seed).unwrap(), image)
    }

    #[test]
    fn the_commands_are_those_people_read_with_inspect() {
        let [data, manager, agent] = specs("sha256:1");
        assert_eq!(manager.body["Cmd"][6], "token://10.83.0.1:17946/v1/t");
        assert_eq!(
            agent.body["Cmd"],
            json!([
                "join",
                "--addr=10.83.0.11:42376",
                "token://10.83.0.1:17946/v1/t"
            ])
        );
        assert!(!data.runs);
        assert_eq!(agent.body["HostConfig"]["NetworkMode"], "host");
        assert_eq!(agent.body["HostConfig"]["RestartPolicy"]["Name"], "always");
    }

    #[test]
    fn another_image_makes_other_containers() {
        assert_eq!(specs("sha256:1")[0].config, specs("sha256:1")[0].config);
        assert_ne!(specs("sha256:1")[0].config, specs("sha256:2")[0].config);
    }
}
