//! What is known of one engine at one moment.

use std::collections::BTreeSet;
use std::sync::{Arc, OnceLock};

use bytes::Bytes;
use serde_json::Value;
use time::OffsetDateTime;

use super::kept::Kept;
use super::status::StateFacts;
use crate::schedule::facts::{ContainerFacts, ImageFacts, NetworkFacts, NodeView, VolumeFacts};

/// The words of `Status` in `docker info`.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Phase {
    /// In discovery, never answered yet.
    Pending,
    Healthy,
    /// Failed as often as is tolerated.
    Unhealthy,
}

impl Phase {
    pub const fn word(self) -> &'static str {
        match self {
            Self::Pending => "Pending",
            Self::Healthy => "Healthy",
            Self::Unhealthy => "Unhealthy",
        }
    }
}

/// Fields of an engine's info that hold for all of them, since all segments are made alike.
pub const COMMON_INFO: [&str; 27] = [
    "Driver",
    "Plugins",
    "MemoryLimit",
    "SwapLimit",
    "CpuCfsPeriod",
    "CpuCfsQuota",
    "CPUShares",
    "CPUSet",
    "PidsLimit",
    "IPv4Forwarding",
    "BridgeNfIptables",
    "BridgeNfIp6tables",
    "OomKillDisable",
    "CgroupDriver",
    "CgroupVersion",
    "LoggingDriver",
    "DefaultRuntime",
    "SecurityOptions",
    "InitBinary",
    "Isolation",
    "IndexServerAddress",
    "KernelVersion",
    "DockerRootDir",
    "Runtimes",
    "ContainerdCommit",
    "RuncCommit",
    "InitCommit",
];

/// What an engine says of itself.
#[derive(Debug, Clone, Default)]
pub struct EngineFacts {
    /// Of two readings at once the one that began later is the newer.
    pub turn: u64,
    pub version: String,
    pub api_version: String,
    pub min_api_version: String,
    pub kernel: String,
    pub architecture: String,
    /// Is it in a Docker swarm, and does it manage it?
    pub swarm_state: String,
    pub swarm_manager: bool,
    /// The `Swarm` object of its info.
    pub swarm: Value,
    /// Of one that manages it: the ids, in Docker's swarm, of the nodes that are to take nothing new.
    pub drained: Vec<String>,
    /// What it and its parts are, of its version.
    pub components: Kept,
    /// Of its info [`COMMON_INFO`], and `DriverStatus`.
    pub info: Value,
}

/// A container's line in `docker ps`, written down but for its end.
#[derive(Debug, Clone)]
pub struct Listed {
    /// A JSON object without `Status` and without its closing brace.
    pub prefix: Bytes,
    pub state: StateFacts,
    /// Of the engine's line but for the status: while it stays the same nothing is read anew.
    pub fingerprint: u64,
    /// The engine's inspection of one that may have to be made anew elsewhere: an engine that is
    /// lost cannot be asked.
    pub inspect: Option<Arc<Value>>,
}

#[derive(Debug, Clone)]
pub struct Snapshot {
    pub phase: Phase,
    pub error: Option<String>,
    /// In a row.
    pub failures: u32,
    pub updated_at: OffsetDateTime,
    pub facts: Arc<EngineFacts>,
    pub view: NodeView,
    /// Of each of the view's containers, in the same order.
    pub listed: Vec<Listed>,
    /// What `docker info` says of it, written once.
    pub status: OnceLock<Bytes>,
    /// As the engine lists them.
    pub images: Kept,
    pub networks: Kept,
    pub volumes: Kept,
    /// How many readings of the whole list of containers are under way, and which containers have
    /// changed since the first of them began.
    pub(super) readings: usize,
    touched: BTreeSet<String>,
    /// Containers that are gone for good: a reading of one that began before does not bring it back.
    /// Ids are never used twice. Kept until the next whole list.
    forgotten: BTreeSet<String>,
}

impl Snapshot {
    pub fn pending(entry: &str) -> Self {
        Self {
            phase: Phase::Pending,
            error: None,
            failures: 0,
            updated_at: OffsetDateTime::now_utc(),
            facts: Arc::default(),
            view: NodeView {
                addr: entry.to_owned(),
                ..NodeView::default()
            },
            listed: Vec::new(),
            status: OnceLock::new(),
            images: Kept::default(),
            networks: Kept::default(),
            volumes: Kept::default(),
            readings: 0,
            touched: BTreeSet::new(),
            forgotten: BTreeSet::new(),
        }
    }

    pub fn is_healthy(&self) -> bool {
        self.phase == Phase::Healthy
    }

    pub fn put(&mut self, facts: ContainerFacts, listed: Listed) {
        if self.forgotten.contains(&facts.id) {
            return;
        }
        self.touch(&facts.id);
        match self.position(&facts.id) {
            Some(at) => {
                self.view.containers[at] = facts;
                self.listed[at] = listed;
            }
            None => {
                self.view.containers.push(facts);
                self.listed.push(listed);
            }
        }
    }

    pub fn remove(&mut self, id: &str) {
        self.touch(id);
        if let Some(at) = self.position(id) {
            self.view.containers.remove(at);
            self.listed.remove(at);
        }
    }

    /// As [`Self::remove`], of a container that its engine has said to be deleted.
    pub fn forget(&mut self, id: &str) {
        self.remove(id);
        self.forgotten.insert(id.to_owned());
    }

    pub fn position(&self, id: &str) -> Option<usize> {
        let mut containers = self.view.containers.iter();
        containers.position(|known| known.id == id)
    }

    fn touch(&mut self, id: &str) {
        if self.readings > 0 {
            self.touched.insert(id.to_owned());
        }
    }

    /// Takes a whole list. It is a moment old: of a container that has come, gone or changed since
    /// its reading began, what is known stays.
    pub fn containers_set(&mut self, containers: Vec<(ContainerFacts, Listed)>) {
        let touched = &self.touched;
        let known = std::mem::take(&mut self.view.containers);
        let kept = known.into_iter().zip(std::mem::take(&mut self.listed));
        let kept = kept.filter(|(known, _)| touched.contains(&known.id));
        let new = containers.into_iter();
        let new = new.filter(|(container, _)| !touched.contains(&container.id));
        (self.view.containers, self.listed) = kept.chain(new).unzip();
        self.forgotten.clear();
    }

    pub(super) fn reading_end(&mut self) {
        self.readings = self.readings.saturating_sub(1);
        if self.readings == 0 {
            self.touched.clear();
        }
    }

    pub fn images_set(&mut self, images: &[Value]) {
        self.view.images = images
            .iter()
            .map(|image| ImageFacts {
                id: text(image, "Id"),
                repo_tags: texts(image, "RepoTags"),
                repo_digests: texts(image, "RepoDigests"),
            })
            .collect();
        self.images = Kept::new(images);
    }

    pub fn networks_set(&mut self, networks: &[Value]) {
        self.view.networks = networks.iter().map(network_facts).collect();
        self.networks = Kept::new(networks);
    }

    pub fn volumes_set(&mut self, volumes: &[Value]) {
        self.view.volumes = volumes
            .iter()
            .map(|volume| VolumeFacts {
                name: text(volume, "Name"),
                driver: text(volume, "Driver"),
                options: string_map(&volume["Options"]),
                labels: string_map(&volume["Labels"]),
            })
            .collect();
        self.volumes = Kept::new(volumes);
    }
}

/// Out of a list's line or an inspection.
pub fn network_facts(network: &Value) -> NetworkFacts {
    NetworkFacts {
        id: text(network, "Id"),
        name: text(network, "Name"),
        driver: text(network, "Driver"),
        scope: text(network, "Scope"),
        ingress: network["Ingress"].as_bool().unwrap_or(false),
    }
}

pub fn text(value: &Value, key: &str) -> String {
    value[key].as_str().unwrap_or_default().to_owned()
}

fn texts(value: &Value, key: &str) -> Vec<String> {
    let items = value[key].as_array().into_iter().flatten();
    items.filter_map(Value::as_str).map(str::to_owned).collect()
}

fn string_map(value: &Value) -> std::collections::BTreeMap<String, String> {
    let pairs = value.as_object().into_iter().flatten();
    pairs
        .filter_map(|(key, value)| Some((key.clone(), value.as_str()?.to_owned())))
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn container(id: &str, state: &str) -> (ContainerFacts, Listed) {
        let facts = ContainerFacts {
            id: id.to_owned(),
            state: state.to_owned(),
            ..ContainerFacts::default()
        };
        let listed = Listed {
            prefix: Bytes::new(),
            state: StateFacts::default(),
            fingerprint: 0,
            inspect: None,
        };
        (facts, listed)
    }

    fn states(snapshot: &Snapshot) -> Vec<(&str, &str)> {
        let containers = snapshot.view.containers.iter();
        let mut states: Vec<_> = containers
            .map(|c| (c.id.as_str(), c.state.as_str()))
            .collect();
        states.sort_unstable();
        states
    }

    #[test]
    fn a_deleted_container_does_not_come_back_with_an_older_reading() {
        let mut snapshot = Snapshot::pending("e");
        snapshot.containers_set(vec![container("a", "running"), container("b", "running")]);
        snapshot.forget("b");
        let (facts, listed) = container("b", "exited");
        snapshot.put(facts, listed);
        assert_eq!(states(&snapshot), [("a", "running")]);
        // Not so one that only was not found: it may have been read too early.
        snapshot.remove("a");
        let (facts, listed) = container("a", "running");
        snapshot.put(facts, listed);
        assert_eq!(states(&snapshot), [("a", "running")]);
    }

    #[test]
    fn a_list_does_not_overwrite_what_came_after_it() {
        let mut snapshot = Snapshot::pending("e");
        snapshot.containers_set(vec![container("a", "running"), container("b", "running")]);
        snapshot.readings = 1;
        let list = vec![container("a", "running"), container("b", "running")];
        let put = |snapshot: &mut Snapshot, (facts, listed)| snapshot.put(facts, listed);
        put(&mut snapshot, container("a", "exited"));
        snapshot.remove("b");
        put(&mut snapshot, container("c", "created"));
        snapshot.containers_set(list.clone());
        snapshot.reading_end();
        assert_eq!(states(&snapshot), [("a", "exited"), ("c", "created")]);
        assert_eq!(snapshot.listed.len(), 2);
        snapshot.containers_set(list);
        assert_eq!(states(&snapshot), [("a", "running"), ("b", "running")]);
    }
}
