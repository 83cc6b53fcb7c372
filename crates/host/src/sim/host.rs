//! The simulated machine.

use std::collections::BTreeMap;

use async_trait::async_trait;
use model::{ClusterId, Finding, FindingLevel};
use tokio::sync::broadcast;
use tokio::time::Instant;

use super::{Disk, Network, Segment, Sim, Verb, World, usage};
use crate::{
    Capacity, Host, HostError, HostEvent, HostObserved, NetworkObserved, NetworkSpec, NodeName,
    SegmentObserved, SegmentSpec, SegmentState, SegmentUsage, Strays,
};

impl Sim {
    /// A host verb: fails as unreachable while the host is away.
    fn host_call<T>(
        &self,
        verb: Verb,
        word: &'static str,
        effect: impl FnOnce(&mut World) -> Result<T, HostError>,
    ) -> Result<T, HostError> {
        let fault = |why| HostError::Failed { verb: word, why };
        self.call(verb, fault, |world| {
            if world.away.contains(&self.name) {
                return Err(HostError::Unreachable {
                    host: self.name.to_string(),
                    why: "told to be away".into(),
                });
            }
            effect(world)
        })
    }
}

fn failed(verb: &'static str, why: String) -> HostError {
    HostError::Failed { verb, why }
}

fn own(world: &World, node: &NodeName) -> Result<(), HostError> {
    if world.foreign.contains(node) {
        return Err(HostError::Foreign {
            what: format!("domain {node}"),
        });
    }
    Ok(())
}

#[async_trait]
impl Host for Sim {
    fn name(&self) -> &str {
        &self.name
    }

    async fn observe(&self, cluster: ClusterId) -> Result<HostObserved, HostError> {
        self.host_call(Verb::Observe, "observe", |world| {
            let network = world.networks.get(&cluster).map(|n| NetworkObserved {
                is_active: n.is_active,
            });
            let segments = world
                .segments
                .iter()
                .filter(|(node, segment)| node.cluster == cluster && segment.on == self.name)
                .map(|(node, segment)| (node.ordinal, segment.observed()))
                .collect();
            Ok(HostObserved { network, segments })
        })
    }

    async fn clusters(&self) -> Result<Vec<ClusterId>, HostError> {
        self.host_call(Verb::Clusters, "clusters", |world| {
            let segments = world.segments.iter().filter(|(_, s)| s.on == self.name);
            let networks = world.networks.iter().filter(|(_, n)| n.on == self.name);
            let mut all: Vec<_> = segments.map(|(node, _)| node.cluster).collect();
            all.extend(networks.map(|(cluster, _)| *cluster));
            all.sort();
            all.dedup();
            Ok(all)
        })
    }

    async fn network_ensure(&self, spec: &NetworkSpec) -> Result<(), HostError> {
        self.host_call(Verb::NetworkEnsure, "network_ensure", |world| {
            for (cluster, other) in &world.networks {
                let clashes = other.spec.subnet == spec.subnet || other.spec.bridge == spec.bridge;
                if *cluster != spec.cluster && clashes {
                    return Err(failed(
                        "network_ensure",
                        format!("subnet or bridge of {} is in use", spec.cluster),
                    ));
                }
            }
            world.networks.insert(
                spec.cluster,
                Network {
                    on: self.name.clone(),
                    spec: spec.clone(),
                    is_active: true,
                },
            );
            Ok(())
        })
    }

    async fn network_ensure_gone(&self, cluster: ClusterId) -> Result<(), HostError> {
        self.host_call(Verb::NetworkEnsureGone, "network_ensure_gone", |world| {
            let is_used = world
                .segments
                .iter()
                .any(|(node, segment)| node.cluster == cluster && segment.is_running());
            if is_used && world.networks.contains_key(&cluster) {
                world
                    .violations
                    .push(format!("network of {cluster} removed under its segments"));
            }
            world.networks.remove(&cluster);
            Ok(())
        })
    }

    async fn segment_ensure_defined(
        &self,
        spec: &SegmentSpec,
        seed: &[u8],
    ) -> Result<(), HostError> {
        self.host_call(
            Verb::SegmentEnsureDefined,
            "segment_ensure_defined",
            |world| {
                own(world, &spec.node)?;
                let shared: Vec<_> = world
                    .segments
                    .iter()
                    .filter(|(node, _)| **node != spec.node)
                    .filter_map(|(node, segment)| Some((node, segment.spec.as_ref()?)))
                    .filter(|(_, other)| {
                        other.address == spec.address
                            || other.mac == spec.mac
                            || other.mark.id_base == spec.mark.id_base
                    })
                    .map(|(node, _)| {
                        format!("{} shares address, MAC or ids with {node}", spec.node)
                    })
                    .collect();
                world.violations.extend(shared);
                let is_inhabited = world.is_inhabited;
                let segment = world.segments.entry(spec.node.clone()).or_default();
                segment.disk.get_or_insert_with(|| Disk {
                    bytes: spec.disk_bytes,
                    containers: match is_inhabited {
                        true => super::guest::guests(spec),
                        false => Vec::new(),
                    },
                    ..Disk::default()
                });
                segment.on = self.name.clone();
                segment.seed = Some(seed.to_vec());
                segment.spec = Some(spec.clone());
                Ok(())
            },
        )
    }

    async fn seed_ensure(&self, node: &NodeName, seed: &[u8]) -> Result<(), HostError> {
        self.host_call(Verb::SeedEnsure, "seed_ensure", |world| {
            own(world, node)?;
            match world.segments.get_mut(node) {
                Some(segment) if segment.spec.is_some() => {
                    segment.seed = Some(seed.to_vec());
                    Ok(())
                }
                _ => Err(failed("seed_ensure", format!("{node} is not defined"))),
            }
        })
    }

    async fn disk_ensure_grown(&self, node: &NodeName, bytes: u64) -> Result<(), HostError> {
        const VERB: &str = "disk_ensure_grown";
        self.host_call(Verb::DiskEnsureGrown, VERB, |world| {
            own(world, node)?;
            let segment = world
                .segments
                .get_mut(node)
                .filter(|segment| segment.spec.is_some())
                .ok_or_else(|| failed(VERB, format!("{node} is not defined")))?;
            if segment.is_running() {
                return Err(failed(VERB, format!("{node} is running")));
            }
            let disk = segment.disk.as_mut();
            let disk = disk.ok_or_else(|| failed(VERB, format!("{node} has no disk")))?;
            disk.bytes = disk.bytes.max(bytes);
            Ok(())
        })
    }

    async fn segment_ensure_running(&self, node: &NodeName) -> Result<(), HostError> {
        const VERB: &str = "segment_ensure_running";
        let boot = self.host_call(Verb::SegmentEnsureRunning, VERB, |world| {
            own(world, node)?;
            let has_network = world
                .networks
                .get(&node.cluster)
                .is_some_and(|network| network.is_active);
            let boot = world.boot;
            let segment = world
                .segments
                .get_mut(node)
                .filter(|segment| segment.spec.is_some())
                .ok_or_else(|| failed(VERB, format!("{node} is not defined")))?;
            if segment.is_running() {
                return Ok(None);
            }
            if world.faults.now.stopped.contains(&node.ordinal) {
                return Err(failed(VERB, "it stopped at once".into()));
            }
            if !has_network {
                return Err(failed(VERB, format!("the network of {node} is not active")));
            }
            if segment.disk.is_none() || segment.seed.is_none() {
                return Err(failed(VERB, format!("{node} has no disk or no seed")));
            }
            segment.start();
            Ok(Some(boot))
        })?;
        if let Some(boot) = boot {
            self.tell(HostEvent::SegmentStarted(node.clone()));
            self.tell_when_booted(node, boot);
        }
        Ok(())
    }

    async fn segment_ensure_stopped(
        &self,
        node: &NodeName,
        _grace_s: u32,
    ) -> Result<(), HostError> {
        let was_running = self.host_call(
            Verb::SegmentEnsureStopped,
            "segment_ensure_stopped",
            |world| {
                own(world, node)?;
                let segment = world.segments.get_mut(node);
                Ok(segment.is_some_and(|segment| segment.running_since.take().is_some()))
            },
        )?;
        if was_running {
            self.tell(HostEvent::SegmentStopped(node.clone()));
        }
        Ok(())
    }

    async fn segment_ensure_gone(&self, node: &NodeName) -> Result<(), HostError> {
        let gone = self.host_call(Verb::SegmentEnsureGone, "segment_ensure_gone", |world| {
            own(world, node)?;
            Ok(world.segments.remove(node))
        })?;
        if gone.is_some_and(|segment| segment.is_running()) {
            self.tell(HostEvent::SegmentStopped(node.clone()));
        }
        Ok(())
    }

    async fn usage(&self) -> Result<BTreeMap<NodeName, SegmentUsage>, HostError> {
        self.host_call(Verb::Usage, "usage", |world| {
            let here = world.segments.iter().filter(|(_, s)| s.on == self.name);
            let running = here.filter_map(|(node, segment)| {
                let containers = segment.disk.as_ref()?.containers.iter();
                let running: Vec<&str> = containers
                    .filter(|one| one.state == "running")
                    .map(|one| one.id.as_str())
                    .collect();
                let mut usage = usage::of(node, segment.running_since?.elapsed(), &running);
                if let Some(used) = world.memory_used.get(node) {
                    usage.memory_bytes = Some(*used);
                }
                if world.is_blind {
                    (usage.memory_bytes, usage.disk_used_bytes) = (None, None);
                }
                Some((node.clone(), usage))
            });
            Ok(running.collect())
        })
    }

    async fn capacity(&self) -> Result<Capacity, HostError> {
        self.host_call(Verb::Capacity, "capacity", |world| {
            Ok(self.capacity_now(world))
        })
    }

    async fn examine(&self) -> Vec<Finding> {
        let is_connected = self.is_connected();
        let finding = |name: &str, level, found: &str, mend: Option<&str>| Finding {
            name: name.to_owned(),
            level,
            found: found.to_owned(),
            mend: mend.map(str::to_owned),
        };
        vec![
            finding(
                "simulator",
                FindingLevel::Warn,
                "segments exist in memory only",
                Some("name a host with libvirt in the configuration"),
            ),
            match is_connected {
                true => finding("connection", FindingLevel::Ok, "it answers", None),
                false => finding(
                    "connection",
                    FindingLevel::Fail,
                    "told to be away",
                    Some("tell it to come back"),
                ),
            },
        ]
    }

    async fn strays(&self) -> Result<Strays, HostError> {
        self.host_call(Verb::Strays, "strays", |world| {
            let here = world.segments.iter().filter(|(_, s)| s.on == self.name);
            let leftovers = here.filter(|(_, s)| s.spec.is_none());
            Ok(Strays(
                leftovers
                    .map(|(node, _)| format!("volumes of {node}, which is not defined"))
                    .collect(),
            ))
        })
    }

    fn events(&self) -> broadcast::Receiver<HostEvent> {
        self.events.subscribe()
    }
}

impl Sim {
    /// On a real host the agent's registration is what says that an engine is up.
    fn tell_when_booted(&self, node: &NodeName, boot: std::time::Duration) {
        let cluster = node.cluster;
        if boot.is_zero() {
            return self.tell(HostEvent::Changed(cluster));
        }
        let events = self.events.clone();
        tokio::spawn(async move {
            tokio::time::sleep(boot).await;
            let _ = events.send(HostEvent::Changed(cluster));
        });
    }
}

impl Segment {
    pub(super) fn is_running(&self) -> bool {
        self.running_since.is_some()
    }

    /// As `segment-init` does: the newer of the seed on the disk and the one handed in wins.
    fn start(&mut self) {
        self.running_since = Some(Instant::now());
        let given: Option<wire::SegmentSeed> = self
            .seed
            .as_deref()
            .and_then(|seed| serde_json::from_slice(seed).ok());
        let Disk {
            held_seed,
            rebuilds,
            ..
        } = self.disk.get_or_insert_default();
        if let Some(given) = given {
            let is_newer = held_seed
                .as_ref()
                .is_none_or(|held| given.generation > held.generation);
            if is_newer {
                *rebuilds += u32::from(held_seed.is_some());
                *held_seed = Some(given);
            }
        }
    }

    fn observed(&self) -> SegmentObserved {
        SegmentObserved {
            is_defined: self.spec.is_some(),
            state: if self.is_running() {
                SegmentState::Running
            } else {
                SegmentState::Stopped
            },
            disk_bytes: self.disk.as_ref().map(|disk| disk.bytes),
            has_seed: self.seed.is_some(),
        }
    }
}
