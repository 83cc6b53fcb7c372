//! `docker info` and `docker version`, in the archived program's words with today's fields.

use std::collections::BTreeSet;

use http::Response;
use serde_json::{Map, Value, json};
use time::format_description::well_known::Rfc3339;

use super::Manager;
use super::answer::{json_bytes, ok_json};
use super::cluster::View;
use super::swarm::swarm_shown;
use crate::engine::{COMMON_INFO, Engine, Phase, Snapshot};
use crate::http::Body;
use crate::schedule::facts::ContainerFacts;
use crate::schedule::spread::bytes_size;
use crate::schedule::{Filter, Settings};

impl Manager {
    pub fn info(&self) -> Response<Body> {
        let view = self.cluster.view();
        let settings = self.cluster.settings();
        let mut object = Map::new();
        if let Some((_, snapshot)) = view.healthy().next() {
            for key in COMMON_INFO {
                if let Some(value) = snapshot.facts.info.get(key) {
                    object.insert(key.into(), value.clone());
                }
            }
        }
        let healthy: Vec<&Snapshot> = view.healthy().map(|(_, snapshot)| &**snapshot).collect();
        let containers: Vec<&ContainerFacts> = healthy
            .iter()
            .flat_map(|snapshot| &snapshot.view.containers)
            .collect();
        let (running, paused, stopped) = states(containers.iter().copied());
        let images: BTreeSet<&str> = healthy
            .iter()
            .flat_map(|snapshot| &snapshot.view.images)
            .map(|image| image.id.as_str())
            .collect();
        let cpus: i64 = healthy
            .iter()
            .map(|s| settings.overcommitted(s.view.cpus))
            .sum();
        let memory: i64 = healthy
            .iter()
            .map(|s| settings.overcommitted(s.view.memory))
            .sum();
        let now = time::OffsetDateTime::now_utc()
            .format(&Rfc3339)
            .unwrap_or_default();
        let fields = json!({
            "ID": self.gate.cluster.clone().unwrap_or_default(),
            "Containers": containers.len(),
            "ContainersRunning": running,
            "ContainersPaused": paused,
            "ContainersStopped": stopped,
            "Images": images.len(),
            "NCPU": cpus,
            "MemTotal": memory,
            "Name": self.node.clone().unwrap_or_else(hostname),
            "ServerVersion": format!("swarm/{}", crate::VERSION),
            "OperatingSystem": "linux",
            "OSType": "linux",
            "Architecture": "amd64",
            "SystemTime": now,
            "NEventsListener": self.cluster.hub.listeners(),
            "Labels": [],
            "Warnings": [],
            "ExperimentalBuild": self.is_experimental,
            "LiveRestoreEnabled": false,
            "HttpProxy": "", "HttpsProxy": "", "NoProxy": "",
            "RegistryConfig": null,
            "Swarm": swarm_shown(&view),
        });
        if let Value::Object(fields) = fields {
            object.extend(fields);
        }
        // Written apart: with a thousand engines it is nearly all of the answer, and stays the same
        // for each of them until something changes there.
        let mut out = serde_json::to_vec(&Value::Object(object)).unwrap_or_default();
        out.pop();
        out.extend_from_slice(br#","SystemStatus":["#);
        status_write(&view, settings, &mut out);
        out.extend_from_slice(b"]}");
        json_bytes(out)
    }

    pub fn version(&self) -> Response<Body> {
        let view = self.cluster.view();
        let first = view.healthy().next().map(|(_, snapshot)| &snapshot.facts);
        let kernel = first.map(|facts| facts.kernel.clone()).unwrap_or_default();
        let engine = first
            .map(|facts| facts.components.read())
            .unwrap_or_default();
        let api = self
            .cluster
            .api_version()
            .map(|version| version.to_string());
        let api = api.unwrap_or_else(|| crate::api::path::Version::FLOOR.to_string());
        let floor = crate::api::path::Version::FLOOR.to_string();
        let version = format!("swarm/{}", crate::VERSION);
        let mut components = vec![json!({
            "Name": "Swarm",
            "Version": version,
            "Details": {"ApiVersion": api, "MinAPIVersion": floor, "Os": "linux",
                "Arch": "amd64", "KernelVersion": kernel, "Experimental": "false"},
        })];
        components.extend(engine);
        ok_json(&json!({
            "Platform": {"Name": "Carina"},
            "Version": version,
            "ApiVersion": api,
            "MinAPIVersion": floor,
            "GitCommit": "",
            "GoVersion": "none (Rust)",
            "Os": "linux",
            "Arch": "amd64",
            "KernelVersion": kernel,
            "Experimental": self.is_experimental,
            "BuildTime": "",
            "Components": components,
        }))
    }
}

fn status_write(view: &View, settings: &Settings, out: &mut Vec<u8>) {
    let pair = |key: &str, value: String| [key.to_owned(), value];
    let filters: Vec<&str> = settings.filters.iter().map(Filter::name).collect();
    pairs_write(
        &[
            pair("Role", "primary".into()),
            pair("Strategy", "spread".into()),
            pair("Filters", filters.join(", ")),
            pair("Nodes", view.members.len().to_string()),
        ],
        out,
    );
    let mut members: Vec<_> = view
        .members
        .iter()
        .map(|member| (natural_key(&member.1.view.name), member))
        .collect();
    members.sort_by_key(|(key, _)| *key);
    for (_, (engine, snapshot)) in members {
        let status = snapshot.status.get_or_init(|| {
            let (mut pairs, mut out) = (Vec::new(), Vec::new());
            node_pairs(engine, snapshot, settings, &mut pairs);
            pairs_write(&pairs, &mut out);
            out.into()
        });
        out.push(b',');
        out.extend_from_slice(status);
    }
}

/// The pairs, with commas between them.
fn pairs_write(pairs: &[[String; 2]], out: &mut Vec<u8>) {
    let list = serde_json::to_vec(pairs).unwrap_or_default();
    out.extend_from_slice(
        list.get(1..list.len().saturating_sub(1))
            .unwrap_or_default(),
    );
}

fn node_pairs(
    engine: &Engine,
    snapshot: &Snapshot,
    settings: &Settings,
    pairs: &mut Vec<[String; 2]>,
) {
    let node = &snapshot.view;
    let name = if node.name.is_empty() {
        "(unknown)"
    } else {
        &node.name
    };
    pairs.push([format!(" {name}"), engine.entry.clone()]);
    let mut sub = |key: &str, value: String| pairs.push([format!("  └ {key}"), value]);
    sub("ID", node.id.clone());
    sub("Status", snapshot.phase.word().into());
    let (running, paused, stopped) = states(node.containers.iter());
    let count = node.containers.len();
    sub(
        "Containers",
        match snapshot.phase {
            Phase::Healthy => {
                format!("{count} ({running} Running, {paused} Paused, {stopped} Stopped)")
            }
            Phase::Pending | Phase::Unhealthy => count.to_string(),
        },
    );
    let reserving = || {
        node.containers
            .iter()
            .filter(|container| !container.is_system())
    };
    let cpus: i64 = reserving().map(|container| container.cpus).sum();
    let memory: i64 = reserving().map(|container| container.memory).sum();
    sub(
        "Reserved CPUs",
        format!("{cpus} / {}", settings.overcommitted(node.cpus)),
    );
    sub(
        "Reserved Memory",
        format!(
            "{} / {}",
            bytes_size(memory),
            bytes_size(settings.overcommitted(node.memory))
        ),
    );
    let labels: Vec<String> = node
        .labels
        .iter()
        .map(|(key, value)| format!("{key}={value}"))
        .collect();
    sub("Labels", labels.join(", "));
    if let Some(error) = &snapshot.error {
        sub("Error", error.clone());
    }
    let updated = snapshot
        .updated_at
        .replace_nanosecond(0)
        .unwrap_or(snapshot.updated_at);
    sub("UpdatedAt", updated.format(&Rfc3339).unwrap_or_default());
    sub("ServerVersion", snapshot.facts.version.clone());
}

/// Running, paused, stopped.
fn states<'a>(containers: impl Iterator<Item = &'a ContainerFacts>) -> (usize, usize, usize) {
    containers.fold(
        (0, 0, 0),
        |(running, paused, stopped), container| match container.state.as_str() {
            "paused" => (running, paused + 1, stopped),
            "running" | "restarting" => (running + 1, paused, stopped),
            _ => (running, paused, stopped + 1),
        },
    )
}

/// `n2` before `n10`.
fn natural_key(text: &str) -> (&str, u64) {
    let at = text.trim_end_matches(|c: char| c.is_ascii_digit()).len();
    (&text[..at], text[at..].parse().unwrap_or(0))
}

fn hostname() -> String {
    std::fs::read_to_string("/proc/sys/kernel/hostname")
        .map(|name| name.trim().to_owned())
        .unwrap_or_default()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn sizes_read_as_go_units_writes_them() {
        for (bytes, text) in [
            (0, "0 B"),
            (1024, "1 KiB"),
            (20 << 20, "20 MiB"),
            (Settings::default().overcommitted(4 << 30), "4.2 GiB"),
            (2_254_857_830, "2.1 GiB"),
            (1_234_567_890, "1.15 GiB"),
        ] {
            assert_eq!(bytes_size(bytes), text);
        }
    }

    #[test]
    fn nodes_sort_by_their_number() {
        let mut names = ["c-n10", "c-n2", "c-n1", "b-n3"];
        names.sort_by_key(|name| natural_key(name));
        assert_eq!(names, ["b-n3", "c-n1", "c-n2", "c-n10"]);
    }
}
