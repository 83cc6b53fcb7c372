//! From an engine's two answers about a container to what is kept of it.

use std::collections::{BTreeMap, BTreeSet};
use std::hash::{DefaultHasher, Hash, Hasher};

use bytes::Bytes;
use serde::{Deserialize, Deserializer};
use serde_json::{Map, Value};

use super::snapshot::Listed;
use super::status::{StateFacts, moment_parse};
use crate::schedule::facts::{ContainerFacts, MountFacts, PortUse};
use crate::schedule::request::cpus_of_shares;

/// The parts of `GET /containers/{id}/json` that matter here.
#[derive(Debug, Default, Deserialize)]
#[serde(rename_all = "PascalCase", default)]
pub struct Inspect {
    id: String,
    name: String,
    created: String,
    image: String,
    #[serde(deserialize_with = "null_default")]
    state: InspectState,
    #[serde(deserialize_with = "null_default")]
    config: InspectConfig,
    #[serde(deserialize_with = "null_default")]
    host_config: InspectHostConfig,
    #[serde(deserialize_with = "null_default")]
    network_settings: InspectNetworks,
    #[serde(deserialize_with = "null_default")]
    mounts: Vec<InspectMount>,
}

#[derive(Debug, Default, Deserialize)]
#[serde(rename_all = "PascalCase", default)]
struct InspectState {
    status: String,
    running: bool,
    paused: bool,
    restarting: bool,
    dead: bool,
    exit_code: i64,
    started_at: String,
    finished_at: String,
    health: Option<InspectHealth>,
}

#[derive(Debug, Default, Deserialize)]
#[serde(rename_all = "PascalCase", default)]
struct InspectHealth {
    status: String,
}

#[derive(Debug, Default, Deserialize)]
#[serde(rename_all = "PascalCase", default)]
struct InspectConfig {
    image: String,
    #[serde(deserialize_with = "null_default")]
    labels: BTreeMap<String, String>,
    #[serde(deserialize_with = "null_default")]
    exposed_ports: BTreeMap<String, Value>,
}

#[derive(Debug, Default, Deserialize)]
#[serde(rename_all = "PascalCase", default)]
struct InspectHostConfig {
    network_mode: String,
    #[serde(deserialize_with = "null_default")]
    port_bindings: Ports,
    memory: i64,
    cpu_shares: i64,
}

type Ports = BTreeMap<String, Option<Vec<InspectPort>>>;

#[derive(Debug, Default, Deserialize)]
#[serde(rename_all = "PascalCase", default)]
struct InspectPort {
    host_ip: String,
    host_port: String,
}

#[derive(Debug, Default, Deserialize)]
#[serde(rename_all = "PascalCase", default)]
struct InspectNetworks {
    #[serde(deserialize_with = "null_default")]
    ports: Ports,
    #[serde(deserialize_with = "null_default")]
    networks: BTreeMap<String, Value>,
}

#[derive(Debug, Default, Deserialize)]
#[serde(rename_all = "PascalCase", default)]
struct InspectMount {
    name: String,
    source: String,
    destination: String,
}

/// Go writes `null` for an empty map or list.
fn null_default<'de, D, T>(deserializer: D) -> Result<T, D::Error>
where
    D: Deserializer<'de>,
    T: Default + Deserialize<'de>,
{
    Ok(Option::deserialize(deserializer)?.unwrap_or_default())
}

impl Inspect {
    /// `engine_cpus` turns shares into CPUs.
    pub fn facts(&self, engine_cpus: i64) -> ContainerFacts {
        let ports: BTreeSet<PortUse> = [
            &self.host_config.port_bindings,
            &self.network_settings.ports,
        ]
        .into_iter()
        .flatten()
        .flat_map(|(container_port, bindings)| {
            bindings.iter().flatten().map(|binding| PortUse {
                container_port: container_port.clone(),
                host_ip: binding.host_ip.clone(),
                host_port: binding.host_port.clone(),
            })
        })
        .collect();
        ContainerFacts {
            id: self.id.clone(),
            name: self.name.trim_start_matches('/').to_owned(),
            image: self.config.image.clone(),
            image_id: self.image.clone(),
            labels: self.config.labels.clone(),
            created: moment_parse(&self.created)
                .and_then(|moment| i64::try_from(moment.unix_timestamp_nanos()).ok())
                .unwrap_or(0),
            state: self.state.status.clone(),
            exit_code: self.state.exit_code,
            health: self.health().to_owned(),
            cpus: cpus_of_shares(self.host_config.cpu_shares, engine_cpus),
            memory: self.host_config.memory,
            network_mode: self.host_config.network_mode.clone(),
            ports: ports.into_iter().collect(),
            exposed: self.config.exposed_ports.keys().cloned().collect(),
            mounts: self
                .mounts
                .iter()
                .map(|mount| MountFacts {
                    name: mount.name.clone(),
                    source: mount.source.clone(),
                    destination: mount.destination.clone(),
                })
                .collect(),
            networks: self.network_settings.networks.keys().cloned().collect(),
        }
    }

    fn health(&self) -> &str {
        match &self.state.health {
            Some(health) if health.status != "none" => &health.status,
            _ => "",
        }
    }

    pub fn state(&self) -> StateFacts {
        StateFacts {
            running: self.state.running,
            paused: self.state.paused,
            restarting: self.state.restarting,
            removing: self.state.status == "removing",
            dead: self.state.dead,
            exit_code: self.state.exit_code,
            started_at: moment_parse(&self.state.started_at),
            finished_at: moment_parse(&self.state.finished_at),
            health: self.health().to_owned(),
        }
    }
}

/// An engine's line in `docker ps` as the cluster shows it: names with the node's, ports at the
/// node's address, and room for the status at the end.
pub fn listed(mut line: Map<String, Value>, state: StateFacts, node: &str, ip: &str) -> Listed {
    let fingerprint = fingerprint(&line);
    line.remove("Status");
    if let Some(Value::Array(names)) = line.get_mut("Names") {
        for name in names {
            if let Value::String(name) = name {
                *name = format!("/{node}{name}");
            }
        }
    }
    if let Some(Value::Array(ports)) = line.get_mut("Ports") {
        ports_at(ports, ip);
    }
    let mut prefix = serde_json::to_vec(&line).unwrap_or_default();
    prefix.pop();
    Listed {
        // There are many of them: without the room that writing it has left at its end.
        prefix: Bytes::from(prefix.into_boxed_slice()),
        state,
        fingerprint,
        inspect: None,
    }
}

/// Tells two lines of an engine's list apart, but for the sentence that changes by itself. What a
/// line does not show (limits, say) is told by events.
pub fn fingerprint(line: &Map<String, Value>) -> u64 {
    let mut hasher = DefaultHasher::new();
    for (key, value) in line {
        if key == "Status" {
            // "(healthy)" and exit codes count, "5 minutes" does not.
            let text = value.as_str().unwrap_or_default();
            text.split_once('(')
                .map(|(_, rest)| rest.split(')').next())
                .hash(&mut hasher);
        } else {
            key.hash(&mut hasher);
            value.to_string().hash(&mut hasher);
        }
    }
    hasher.finish()
}

/// "Any address" is the node's; afterwards IPv4 and IPv6 may say the same twice.
fn ports_at(ports: &mut Vec<Value>, ip: &str) {
    for port in ports.iter_mut() {
        if let Some(Value::String(at)) = port.get_mut("IP")
            && is_any_address(at)
        {
            *at = ip.to_owned();
        }
    }
    let mut seen: Vec<Value> = Vec::with_capacity(ports.len());
    ports.retain(|port| {
        let new = !seen.contains(port);
        if new {
            seen.push(port.clone());
        }
        new
    });
}

pub fn is_any_address(address: &str) -> bool {
    matches!(address, "0.0.0.0" | "::" | "")
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn a_line_of_ps_carries_node_and_address() {
        let Value::Object(line) = json!({
            "Id": "abc", "Names": ["/web", "/other/db"], "Status": "Up",
            "Ports": [
                {"IP": "0.0.0.0", "PrivatePort": 80, "PublicPort": 8080, "Type": "tcp"},
                {"IP": "::", "PrivatePort": 80, "PublicPort": 8080, "Type": "tcp"},
                {"IP": "127.0.0.1", "PrivatePort": 81, "PublicPort": 81, "Type": "tcp"},
                {"PrivatePort": 443, "Type": "tcp"},
            ],
        }) else {
            panic!("an object")
        };
        let listed = listed(line, StateFacts::default(), "c-n1", "10.0.0.2");
        let mut text = listed.prefix.to_vec();
        text.push(b'}');
        let line: Value = serde_json::from_slice(&text).expect("whole but for the brace");
        assert_eq!(line["Names"], json!(["/c-n1/web", "/c-n1/other/db"]));
        assert_eq!(line["Ports"].as_array().map(Vec::len), Some(3));
        assert_eq!(line["Ports"][0]["IP"], "10.0.0.2");
        assert_eq!(line["Ports"][1]["IP"], "127.0.0.1");
        assert_eq!(line.get("Status"), None);
    }

    #[test]
    fn facts_come_out_of_an_inspect_with_nulls() {
        let inspect: Inspect = serde_json::from_value(json!({
            "Id": "abc", "Name": "/web", "Image": "sha256:1",
            "Created": "1970-01-01T00:00:07.000000009Z",
            "State": {"Status": "running", "Running": true, "StartedAt": "2026-01-02T03:04:05.6Z",
                      "FinishedAt": "0001-01-01T00:00:00Z", "Health": {"Status": "healthy"}},
            "Config": {"Image": "nginx", "Labels": null, "ExposedPorts": {"80/tcp": {}}},
            "HostConfig": {"NetworkMode": "default", "Memory": 5, "CpuShares": 0,
                           "PortBindings": {"80/tcp": [{"HostIp": "", "HostPort": ""}]}},
            "NetworkSettings": {"Ports": {"80/tcp": [{"HostIp": "0.0.0.0", "HostPort": "49153"}],
                                          "81/tcp": null},
                                "Networks": {"bridge": {}}},
            "Mounts": null,
        }))
        .expect("lenient");
        let facts = inspect.facts(2);
        assert_eq!(
            (facts.name.as_str(), facts.health.as_str()),
            ("web", "healthy")
        );
        assert_eq!(facts.created, 7_000_000_009);
        assert_eq!(facts.ports.len(), 2);
        assert!(
            inspect
                .state()
                .sentence(time::OffsetDateTime::now_utc())
                .to_string()
                .ends_with("(healthy)")
        );
    }
}
