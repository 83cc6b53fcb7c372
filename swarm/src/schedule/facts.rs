//! What the scheduler, the policy and `docker ps` know about the cluster: plain values, no handles.

use std::collections::{BTreeMap, BTreeSet};

use time::OffsetDateTime;

/// Length of an id as uuids are written.
const CLUSTER_ID: usize = 36;
/// `on-node-failure` or `off`, as a list of one.
pub const RESCHEDULE_LABEL: &str = "com.docker.swarm.reschedule-policies";
/// The manager's own mark on a container made in the place of one on an engine that was lost.
pub const REPLACES_LABEL: &str = "com.docker.swarm.replaces";

/// One engine, as last seen.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct NodeView {
    /// The engine's own id.
    pub id: String,
    /// Docker's host name, `<cluster>-n<k>`.
    pub name: String,
    /// `ip:port` of its door.
    pub addr: String,
    /// 0…100; 0 is not healthy.
    pub health: i64,
    /// Why it does not answer, since its first failure in a row.
    pub trouble: Option<Trouble>,
    /// As the engine reports them, without overcommit.
    pub cpus: i64,
    /// Bytes, as the engine reports them, without overcommit.
    pub memory: i64,
    /// The engine's labels with the built-in ones (storagedriver, kernelversion, operatingsystem,
    /// ostype), which go before an engine's own of the same name.
    pub labels: BTreeMap<String, String>,
    /// All of them: stopped ones and system containers too.
    pub containers: Vec<ContainerFacts>,
    pub images: Vec<ImageFacts>,
    pub networks: Vec<NetworkFacts>,
    pub volumes: Vec<VolumeFacts>,
}

/// An engine that does not answer.
#[derive(Debug, Clone, PartialEq)]
pub struct Trouble {
    /// In a few words.
    pub reason: String,
    pub since: OffsetDateTime,
}

impl NodeView {
    /// `n2` of `<cluster>-n2`: what people call a segment. Only names of that form have one, with
    /// a cluster's id in front, so that it stands for one segment of a cluster.
    pub fn short_name(&self) -> Option<&str> {
        let (cluster, short) = self.name.split_at_checked(CLUSTER_ID)?;
        let is_id = cluster.bytes().enumerate().all(|(at, byte)| match at {
            8 | 13 | 18 | 23 => byte == b'-',
            _ => byte.is_ascii_hexdigit(),
        });
        let short = short.strip_prefix('-').filter(|_| is_id)?;
        let number = short.strip_prefix('n')?;
        let is_number = !number.is_empty() && number.bytes().all(|b| b.is_ascii_digit());
        is_number.then_some(short)
    }

    /// For messages.
    pub fn called(&self) -> &str {
        self.short_name().unwrap_or(&self.name)
    }

    /// Whether `reference` means this node: its name, short or not, or its engine's id.
    pub fn is_called(&self, reference: &str) -> bool {
        self.name == reference || self.id == reference || self.short_name() == Some(reference)
    }
}

/// One container.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct ContainerFacts {
    /// Full, 64 hex digits.
    pub id: String,
    /// Without the slash.
    pub name: String,
    /// As asked for at create.
    pub image: String,
    pub image_id: String,
    pub labels: BTreeMap<String, String>,
    /// Nanoseconds since 1970: of several in one second the last must be known.
    pub created: i64,
    /// Docker's word: created, running, paused, restarting, removing, exited, dead.
    pub state: String,
    pub exit_code: i64,
    /// healthy, unhealthy, starting; empty when it has no check.
    pub health: String,
    /// CPUs as classic Swarm counts them (see [`crate::schedule::request::cpus_of_shares`]).
    pub cpus: i64,
    /// HostConfig.Memory.
    pub memory: i64,
    /// HostConfig.NetworkMode.
    pub network_mode: String,
    /// HostConfig.PortBindings and NetworkSettings.Ports together.
    pub ports: Vec<PortUse>,
    /// Keys of Config.ExposedPorts.
    pub exposed: BTreeSet<String>,
    /// Names and destinations of its mounts.
    pub mounts: Vec<MountFacts>,
    /// Names of the networks it is on.
    pub networks: BTreeSet<String>,
}

impl ContainerFacts {
    /// Whether it is one of those that `segment-init` keeps. By name and not by label: names of
    /// system containers cannot be taken or given away, labels any image may carry.
    pub fn is_system(&self) -> bool {
        wire::SYSTEM_CONTAINERS.contains(&self.name.as_str())
    }

    /// `com.docker.swarm.id`, which the manager gave it.
    pub fn swarm_id(&self) -> Option<&str> {
        self.labels.get("com.docker.swarm.id").map(String::as_str)
    }

    pub fn mounts_volume(&self, name: &str) -> bool {
        self.mounts.iter().any(|mount| mount.name == name)
    }

    /// Whether it is to be made anew elsewhere when its engine is lost.
    pub fn is_rescheduled(&self) -> bool {
        !self.is_system()
            && self.labels.get(RESCHEDULE_LABEL).is_some_and(|text| {
                serde_json::from_str::<Vec<String>>(text)
                    .is_ok_and(|policies| policies == ["on-node-failure"])
            })
    }

    /// Ids of the containers that it was made in the place of, oldest first.
    pub fn replaced(&self) -> Vec<String> {
        self.labels
            .get(REPLACES_LABEL)
            .and_then(|text| serde_json::from_str(text).ok())
            .unwrap_or_default()
    }

    pub fn is_running(&self) -> bool {
        matches!(self.state.as_str(), "running" | "paused" | "restarting")
    }
}

/// A published port.
#[derive(Debug, Clone, Default, PartialEq, Eq, PartialOrd, Ord)]
pub struct PortUse {
    /// `80/tcp`, inside.
    pub container_port: String,
    pub host_ip: String,
    /// Empty: the engine chooses.
    pub host_port: String,
}

#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct MountFacts {
    /// Of the volume; empty for others.
    pub name: String,
    pub source: String,
    pub destination: String,
}

impl MountFacts {
    pub fn of_volume(name: impl Into<String>) -> Self {
        Self {
            name: name.into(),
            ..Self::default()
        }
    }
}

#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct ImageFacts {
    pub id: String,
    pub repo_tags: Vec<String>,
    pub repo_digests: Vec<String>,
}

#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct NetworkFacts {
    pub id: String,
    pub name: String,
    pub driver: String,
    /// local, global or swarm.
    pub scope: String,
    pub ingress: bool,
}

#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct VolumeFacts {
    pub name: String,
    pub driver: String,
    pub options: BTreeMap<String, String>,
    pub labels: BTreeMap<String, String>,
}

/// A container that was placed and is being made: it counts on its node before the engine shows it.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct Pending {
    /// [`NodeView::name`] of where it goes.
    pub node: String,
    /// What it will be, as far as known; made by [`crate::schedule::Request::pending`]. Without an
    /// image it is no container but a volume that is being made.
    pub facts: ContainerFacts,
    /// Its create has ended, and nobody knows whether it was done.
    pub in_doubt: bool,
}

impl Pending {
    pub fn is_container(&self) -> bool {
        !self.facts.image.is_empty()
    }
}
