//! What runs on one engine, for the cluster's page.

use std::collections::HashMap;

use host::NodeName;
use model::{ContainerMemory, ContainerView};
use serde::{Deserialize, Deserializer};
use wire::{SYSTEM_CONTAINERS, SYSTEM_LABEL};

use crate::api;
use crate::door::{Door, DoorError};

#[derive(Deserialize)]
#[serde(rename_all = "PascalCase")]
pub struct Summary {
    id: String,
    #[serde(default, deserialize_with = "null_is_empty")]
    names: Vec<String>,
    #[serde(default)]
    image: String,
    #[serde(default)]
    created: i64,
    #[serde(default, deserialize_with = "null_is_empty")]
    ports: Vec<Port>,
    #[serde(default, deserialize_with = "null_is_empty")]
    labels: HashMap<String, String>,
    #[serde(default)]
    state: String,
    #[serde(default)]
    status: String,
}

/// Go writes an empty list or map as `null` when nobody made it.
pub fn null_is_empty<'de, D, T>(deserializer: D) -> Result<T, D::Error>
where
    D: Deserializer<'de>,
    T: Deserialize<'de> + Default,
{
    Ok(Option::deserialize(deserializer)?.unwrap_or_default())
}

#[derive(Deserialize)]
#[serde(rename_all = "PascalCase")]
struct Port {
    #[serde(rename = "IP")]
    ip: Option<String>,
    private_port: u16,
    public_port: Option<u16>,
    #[serde(rename = "Type", default)]
    protocol: String,
}

pub async fn list(door: &mut Door, node: &NodeName) -> Result<Vec<ContainerView>, DoorError> {
    let summaries: Vec<Summary> = door.get(api!("/containers/json?all=true")).await?;
    Ok(summaries
        .into_iter()
        .map(|summary| summary.into_view(node))
        .collect())
}

#[derive(Deserialize)]
struct Stats {
    #[serde(default)]
    memory_stats: MemoryStats,
}

/// Empty for a container that does not run.
#[derive(Deserialize, Default)]
struct MemoryStats {
    usage: Option<u64>,
    #[serde(default, deserialize_with = "null_is_empty")]
    stats: HashMap<String, u64>,
}

impl MemoryStats {
    /// cgroup v1 calls the page cache `total_cache`, v2 `file`.
    fn without_cache(&self) -> Option<u64> {
        let cache = self.stats.get("total_cache").or(self.stats.get("file"));
        Some(self.usage?.saturating_sub(cache.copied().unwrap_or(0)))
    }
}

/// One after the other, over one connection: asked like this, an engine answers at once.
pub async fn memory(door: &mut Door, ids: &[String]) -> Result<Vec<ContainerMemory>, DoorError> {
    let mut all = Vec::new();
    for id in ids {
        // What an engine named so itself; nothing else belongs into a path.
        if id.is_empty() || !id.bytes().all(|byte| byte.is_ascii_hexdigit()) {
            continue;
        }
        let path = format!(
            "{}/{id}/stats?stream=false&one-shot=true",
            api!("/containers")
        );
        match door.get::<Stats>(&path).await {
            Ok(stats) => {
                all.extend(
                    stats
                        .memory_stats
                        .without_cache()
                        .map(|bytes| ContainerMemory {
                            id: id.clone(),
                            bytes,
                        }),
                )
            }
            // It ended meanwhile.
            Err(DoorError::Refused { .. }) => {}
            Err(error) => return Err(error),
        }
    }
    Ok(all)
}

impl Summary {
    fn into_view(self, node: &NodeName) -> ContainerView {
        // A link adds a name with a slash inside (`/web/db`); the container's own has none.
        let name = self
            .names
            .iter()
            .map(|name| name.trim_start_matches('/'))
            .find(|name| !name.contains('/'))
            .unwrap_or_default()
            .to_owned();
        self.named(node.to_string(), name)
    }

    /// A manager's line: `/<node>/<name>`, and a link has one slash more.
    pub fn into_cluster_view(self) -> ContainerView {
        let (node, name) = self
            .names
            .iter()
            .filter_map(|name| name.trim_start_matches('/').split_once('/'))
            .find(|(_, name)| !name.contains('/'))
            .unwrap_or_default();
        let (node, name) = (node.to_owned(), name.to_owned());
        self.named(node, name)
    }

    fn named(self, node: String, name: String) -> ContainerView {
        let is_system = is_system(&name, self.labels.get(SYSTEM_LABEL).map(String::as_str));
        let mut ports: Vec<String> = self.ports.iter().map(Port::words).collect();
        ports.sort();
        ports.dedup();
        ContainerView {
            node,
            is_system,
            id: self.id,
            name,
            image: self.image,
            state: self.state,
            status: self.status,
            ports,
            created_at: self.created.saturating_mul(1000),
        }
    }
}

/// Both together: a label alone is easily put on a container of one's own.
pub fn is_system(name: &str, label: Option<&str>) -> bool {
    SYSTEM_CONTAINERS.contains(&name) && label == Some(name)
}

impl Port {
    /// As `docker ps` writes it.
    fn words(&self) -> String {
        let inside = format!("{}/{}", self.private_port, self.protocol);
        match (&self.ip, self.public_port) {
            (Some(ip), Some(port)) if ip.contains(':') => format!("[{ip}]:{port}->{inside}"),
            (Some(ip), Some(port)) => format!("{ip}:{port}->{inside}"),
            (None, Some(port)) => format!("{port}->{inside}"),
            (_, None) => inside,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn view(text: &str) -> ContainerView {
        let summary: Summary = serde_json::from_str(text).expect("an engine's words");
        let node = "00000000-0000-0000-0000-000000000007-n2"
            .parse()
            .expect("a node's name");
        summary.into_view(&node)
    }

    #[test]
    fn a_container_reads_as_docker_ps_shows_it() {
        let view = view(
            r#"{"Id":"abc","Names":["/front/db","/db"],"Image":"busybox","Created":2,"State":"running",
               "Status":"Up 3 seconds","Labels":null,"Ports":[
                 {"IP":"::","PrivatePort":80,"PublicPort":8080,"Type":"tcp"},
                 {"IP":"0.0.0.0","PrivatePort":80,"PublicPort":8080,"Type":"tcp"},
                 {"PrivatePort":443,"Type":"tcp"}]}"#,
        );
        assert_eq!(view.name, "db");
        assert_eq!(view.created_at, 2000);
        assert_eq!(
            view.ports,
            ["0.0.0.0:8080->80/tcp", "443/tcp", "[::]:8080->80/tcp"]
        );
        assert!(!view.is_system);
    }

    #[test]
    fn memory_is_told_without_page_cache() {
        let of = |text: &str| {
            let stats: Stats = serde_json::from_str(text).expect("an engine's words");
            stats.memory_stats.without_cache()
        };
        let v1 = r#"{"memory_stats":{"usage":100,"stats":{"cache":1,"total_cache":30}}}"#;
        assert_eq!(of(v1), Some(70));
        let v2 = r#"{"memory_stats":{"usage":100,"stats":{"file":40,"inactive_file":9}}}"#;
        assert_eq!(of(v2), Some(60));
        assert_eq!(of(r#"{"memory_stats":{}}"#), None);
        assert_eq!(of(r#"{"memory_stats":{"stats":null}}"#), None);
    }

    #[test]
    fn a_system_container_has_the_name_and_the_label() {
        let with = |name: &str, label: &str| {
            view(&format!(
                r#"{{"Id":"a","Names":["/{name}"],"Labels":{{"carina.system":"{label}"}}}}"#
            ))
            .is_system
        };
        assert!(with("swarm-agent", "swarm-agent"));
        assert!(!with("mine", "swarm-agent"));
        assert!(!with("swarm-agent", "mine"));
    }
}
