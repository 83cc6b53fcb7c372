//! The simulated engines: Docker's Swarm mode, the init's status, the endpoint.

use std::net::Ipv4Addr;

use async_trait::async_trait;
use model::{ContainerMemory, ContainerView};
use wire::{ContainerCounters, SYSTEM_CONTAINERS, SegmentSeed};

use super::guest::{self, Guest};
use super::system::{status, system_container};
use super::{Disk, Membership, Segment, Sim, SwarmEntry, Verb, World, usage};
use crate::{
    ClientIdentity, Engine, EngineError, EngineObserved, EngineTarget, NodeName, SwarmRole,
    SwarmState,
};

impl Sim {
    fn engine_call<T>(
        &self,
        verb: Verb,
        node: &dyn std::fmt::Display,
        effect: impl FnOnce(&mut World) -> Result<T, EngineError>,
    ) -> Result<T, EngineError> {
        let node = node.to_string();
        let fault = |why| EngineError::Unreachable {
            node: node.clone(),
            why,
        };
        self.call(verb, fault, effect)
    }
}

fn unreachable(node: &impl std::fmt::Display, why: &str) -> EngineError {
    EngineError::Unreachable {
        node: node.to_string(),
        why: why.to_owned(),
    }
}

fn refused(node: &NodeName, verb: &'static str, why: impl Into<String>) -> EngineError {
    EngineError::Refused {
        node: node.to_string(),
        verb,
        why: why.into(),
    }
}

impl World {
    /// The disk and the seed of a segment whose agent opens its door to `target`.
    fn door(&mut self, target: &EngineTarget) -> Result<(&mut Disk, SegmentSeed), EngineError> {
        let node = &target.node;
        if self.is_held(node) {
            return Err(unreachable(node, "held"));
        }
        let boot = self.boot;
        let segment = self
            .segments
            .get_mut(node)
            .filter(|segment| segment.has_booted(boot))
            .ok_or_else(|| unreachable(node, "connection refused"))?;
        if segment.spec.as_ref().map(|spec| spec.address) != Some(target.address) {
            return Err(unreachable(node, "nobody has this address"));
        }
        let disk = segment.disk.get_or_insert_default();
        let seed = disk
            .held_seed
            .clone()
            .ok_or_else(|| unreachable(node, "the init refused its seed"))?;
        if seed.engine.ca_pem != target.identity.ca_pem {
            return Err(unreachable(node, "unknown certificate authority"));
        }
        Ok((disk, seed))
    }

    fn is_held(&self, node: &NodeName) -> bool {
        self.held.contains(node) || self.faults.now.is_silent
    }

    pub(super) fn is_up_by_name(&self, node: &str) -> bool {
        let found = self.segments.keys().find(|one| one.to_string() == node);
        found.is_some_and(|node| self.is_up(node))
    }

    pub(super) fn is_up(&self, node: &NodeName) -> bool {
        !self.is_held(node)
            && self
                .segments
                .get(node)
                .is_some_and(|segment| segment.has_booted(self.boot))
    }

    /// Managers of `swarm_id` that live, out of how many; a node lives as itself only while its
    /// disk remembers the same Docker node id.
    fn quorum(&self, swarm_id: &str) -> bool {
        let managers: Vec<_> = self
            .swarms
            .get(swarm_id)
            .into_iter()
            .flatten()
            .filter(|entry| entry.is_manager)
            .collect();
        let live = managers.iter().filter(|entry| self.lives(entry)).count();
        live * 2 > managers.len()
    }

    fn lives(&self, entry: &SwarmEntry) -> bool {
        self.is_up(&entry.node)
            && self
                .segments
                .get(&entry.node)
                .and_then(|segment| segment.disk.as_ref()?.membership.as_ref())
                .is_some_and(|membership| membership.node_id == entry.node_id)
    }

    /// The membership of a manager whose swarm can decide.
    fn manager(
        &mut self,
        target: &EngineTarget,
        verb: &'static str,
    ) -> Result<Membership, EngineError> {
        let membership = self
            .door(target)?
            .0
            .membership
            .clone()
            .filter(|membership| membership.is_manager)
            .ok_or_else(|| refused(&target.node, verb, "This node is not a swarm manager"))?;
        if !self.quorum(&membership.swarm_id) {
            return Err(refused(
                &target.node,
                verb,
                "The swarm does not have a leader",
            ));
        }
        Ok(membership)
    }

    fn enter(&mut self, node: &NodeName, swarm_id: String, is_manager: bool) {
        let node_id = format!("node{:08}", self.next_serial());
        self.swarms
            .entry(swarm_id.clone())
            .or_default()
            .push(SwarmEntry {
                node: node.clone(),
                node_id: node_id.clone(),
                is_manager,
            });
        if let Some(disk) = self.segments.get_mut(node).and_then(|s| s.disk.as_mut()) {
            disk.membership = Some(Membership {
                swarm_id,
                node_id,
                is_manager,
            });
        }
    }
}

#[async_trait]
impl Engine for Sim {
    async fn observe(&self, target: &EngineTarget) -> Result<EngineObserved, EngineError> {
        self.engine_call(Verb::EngineObserve, &target.node, |world| {
            let (disk, seed) = world.door(target)?;
            let (membership, disk_bytes) = (disk.membership.clone(), disk.bytes);
            let swarm = match membership {
                None => SwarmState::Inactive,
                // A worker knows neither the swarm's id nor whether its managers agree.
                Some(membership) if !membership.is_manager => SwarmState::Active {
                    node_id: membership.node_id,
                    role: SwarmRole::Worker,
                    has_quorum: world.quorum(&membership.swarm_id),
                    swarm_id: None,
                },
                Some(membership) => SwarmState::Active {
                    has_quorum: world.quorum(&membership.swarm_id),
                    node_id: membership.node_id,
                    role: SwarmRole::Manager,
                    swarm_id: Some(membership.swarm_id),
                },
            };
            Ok(EngineObserved {
                status: status(&seed, disk_bytes),
                swarm,
            })
        })
    }

    async fn rebuild(&self, target: &EngineTarget, seed: &[u8]) -> Result<(), EngineError> {
        self.engine_call(Verb::EngineRebuild, &target.node, |world| {
            let (disk, held) = world.door(target)?;
            let given: SegmentSeed = serde_json::from_slice(seed)
                .map_err(|why| refused(&target.node, "rebuild", why.to_string()))?;
            if given.cluster != held.cluster || given.node != held.node {
                return Err(refused(
                    &target.node,
                    "rebuild",
                    "a seed of another segment",
                ));
            }
            if given.generation < held.generation {
                return Err(refused(&target.node, "rebuild", "an older seed"));
            }
            disk.held_seed = Some(given);
            disk.rebuilds += 1;
            Ok(())
        })
    }

    async fn swarm_ensure_init(&self, target: &EngineTarget) -> Result<(), EngineError> {
        self.engine_call(Verb::SwarmEnsureInit, &target.node, |world| {
            if world.door(target)?.0.membership.is_none() {
                let swarm_id = format!("swarm{:08}", world.next_serial());
                world.enter(&target.node, swarm_id, true);
            }
            Ok(())
        })
    }

    async fn swarm_ensure_joined(
        &self,
        target: &EngineTarget,
        manager: &EngineTarget,
    ) -> Result<(), EngineError> {
        self.engine_call(Verb::SwarmEnsureJoined, &target.node, |world| {
            let swarm_id = world.manager(manager, "swarm_join")?.swarm_id;
            let (disk, _) = world.door(target)?;
            let held = disk.membership.clone();
            // Removed from the list by force, a node still thinks that it is in.
            let is_in = held.is_some_and(|held| {
                held.swarm_id == swarm_id
                    && world
                        .swarms
                        .get(&swarm_id)
                        .into_iter()
                        .flatten()
                        .any(|entry| entry.node_id == held.node_id)
            });
            if !is_in {
                world.enter(&target.node, swarm_id, false);
            }
            Ok(())
        })
    }

    async fn swarm_ensure_left(&self, target: &EngineTarget) -> Result<(), EngineError> {
        self.engine_call(Verb::SwarmEnsureLeft, &target.node, |world| {
            world.door(target)?.0.membership = None;
            Ok(())
        })
    }

    async fn swarm_node_ensure_gone(
        &self,
        manager: &EngineTarget,
        node: &NodeName,
    ) -> Result<(), EngineError> {
        self.engine_call(Verb::SwarmNodeEnsureGone, &manager.node, |world| {
            let own = world.manager(manager, "node_remove")?;
            if let Some(entries) = world.swarms.get_mut(&own.swarm_id) {
                entries.retain(|entry| entry.node != *node || entry.node_id == own.node_id);
            }
            Ok(())
        })
    }

    async fn swarm_nodes(&self, manager: &EngineTarget) -> Result<Vec<NodeName>, EngineError> {
        self.engine_call(Verb::SwarmNodes, &manager.node, |world| {
            let own = world.manager(manager, "node_list")?;
            let entries = world.swarms.get(&own.swarm_id).into_iter().flatten();
            let mut nodes: Vec<_> = entries.map(|entry| entry.node.clone()).collect();
            nodes.sort();
            nodes.dedup();
            Ok(nodes)
        })
    }

    async fn swarm_drained(&self, manager: &EngineTarget) -> Result<Vec<NodeName>, EngineError> {
        let nodes = self.swarm_nodes(manager).await?;
        let drained = &self.lock().drained;
        Ok(nodes
            .into_iter()
            .filter(|one| drained.contains(one))
            .collect())
    }

    async fn endpoint_probe(
        &self,
        address: Ipv4Addr,
        client: &ClientIdentity,
    ) -> Result<(), EngineError> {
        self.engine_call(Verb::EndpointProbe, &address, |world| {
            let boot = world.boot;
            let (node, segment) = world
                .segments
                .iter()
                .find(|(_, s)| s.spec.as_ref().is_some_and(|spec| spec.address == address))
                .filter(|(_, segment)| segment.has_booted(boot))
                .ok_or_else(|| unreachable(&address, "connection refused"))?;
            if world.is_held(node) {
                return Err(unreachable(node, "held"));
            }
            let seed = segment
                .disk
                .as_ref()
                .and_then(|disk| disk.held_seed.as_ref());
            match seed {
                Some(seed) if seed.manager.ca_pem == client.ca_pem => Ok(()),
                Some(_) => Err(unreachable(node, "unknown certificate authority")),
                None => Err(unreachable(node, "the init refused its seed")),
            }
        })
    }

    async fn containers(&self, target: &EngineTarget) -> Result<Vec<ContainerView>, EngineError> {
        self.engine_call(Verb::Containers, &target.node, |world| {
            let (disk, seed) = world.door(target)?;
            let system = SYSTEM_CONTAINERS
                .iter()
                .map(|name| system_container(&seed, name));
            Ok(system.chain(disk.containers.iter().cloned()).collect())
        })
    }

    async fn volumes(&self, target: &EngineTarget) -> Result<Vec<String>, EngineError> {
        self.engine_call(Verb::Volumes, &target.node, |world| {
            world.door(target)?;
            Ok(world.volume_names(target))
        })
    }

    async fn containers_memory(
        &self,
        target: &EngineTarget,
        ids: &[String],
    ) -> Result<Vec<ContainerMemory>, EngineError> {
        self.engine_call(Verb::ContainersMemory, &target.node, |world| {
            let (disk, _) = world.door(target)?;
            let running = disk.containers.iter().filter(|one| one.state == "running");
            Ok(running
                .filter(|one| ids.contains(&one.id))
                .map(|one| ContainerMemory {
                    id: one.id.clone(),
                    bytes: usage::of_container(&one.id),
                })
                .collect())
        })
    }

    async fn containers_usage(
        &self,
        target: &EngineTarget,
    ) -> Result<Vec<ContainerCounters>, EngineError> {
        self.engine_call(Verb::ContainersUsage, &target.node, |world| {
            let (disk, _) = world.door(target)?;
            let running = disk.containers.iter().filter(|one| one.state == "running");
            let told = running.filter(|one| wire::is_container_id(&one.id));
            Ok(told
                .take(wire::CONTAINERS_MAX)
                .map(|one| Guest::of(one).counters(guest::now_ms()))
                .collect())
        })
    }
}

impl Segment {
    fn has_booted(&self, boot: std::time::Duration) -> bool {
        self.running_since
            .is_some_and(|since| since.elapsed() >= boot)
    }
}
