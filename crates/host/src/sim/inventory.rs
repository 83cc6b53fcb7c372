//! Images, volumes, networks and a service of a simulated cluster, out of the guests there are.
//! What was removed stays away.

use std::collections::BTreeMap;

use async_trait::async_trait;
use model::{
    ClusterId, ContainerView, ImageName, ImageView, NetworkView, ServiceView, TaskView, ThingKind,
    ThingName, ThingRef, VolumeView,
};

use super::guest::{Guest, now_ms};
use super::made::made_id;
use super::{Sim, World};
use crate::{EndpointError, EndpointTarget, EngineTarget, Inventory, NodeName};

const DANGLING: &str = "sha256:0000000000000000000000000000000000000000000000000000000000dead00";
const DANGLING_BYTES: u64 = 83 << 20;
const PULL_STEP: std::time::Duration = std::time::Duration::from_millis(400);
pub(super) const SERVICE: &str = "svc0mail";

impl World {
    fn is_left(&self, cluster: ClusterId, kind: ThingKind, thing: &str) -> bool {
        !self.removed.contains(&(cluster, kind, thing.to_owned()))
    }

    fn guests_of(&self, at: &EndpointTarget) -> Vec<ContainerView> {
        let mut all = self.listed(at);
        all.retain(|one| !one.is_system);
        all
    }

    fn images(&self, at: &EndpointTarget) -> Vec<ImageView> {
        let mut all: BTreeMap<String, ImageView> = BTreeMap::new();
        for one in self.listed(at) {
            let number = Guest::of(&one).number();
            let view = all.entry(one.image.clone()).or_insert_with(|| ImageView {
                id: format!("sha256:{number:064x}"),
                names: vec![one.image.clone()],
                size_bytes: (12 + number % 400) << 20,
                created_at: now_ms() - 9 * 86_400_000,
                nodes: Vec::new(),
                used_by: Vec::new(),
                is_system: one.is_system,
            });
            if !view.nodes.contains(&one.node) {
                view.nodes.push(one.node.clone());
            }
            if !one.is_system {
                view.used_by.push(one.name);
            }
        }
        for (name, _) in self.made(at, ThingKind::Image) {
            all.entry(name.clone()).or_insert_with(|| ImageView {
                id: made_id(ThingKind::Image, &name),
                names: vec![name],
                size_bytes: 42 << 20,
                created_at: now_ms(),
                nodes: at.nodes.iter().map(ToString::to_string).collect(),
                used_by: Vec::new(),
                is_system: false,
            });
        }
        let first = at.nodes.first().map(ToString::to_string);
        all.insert(
            DANGLING.to_owned(),
            ImageView {
                id: DANGLING.to_owned(),
                names: Vec::new(),
                size_bytes: DANGLING_BYTES,
                created_at: now_ms() - 2 * 86_400_000,
                nodes: first.into_iter().collect(),
                used_by: Vec::new(),
                is_system: false,
            },
        );
        let is_left = |image: &ImageView| self.is_left(at.cluster, ThingKind::Image, &image.id);
        all.into_values().filter(is_left).collect()
    }

    /// Of one segment, as its own engine tells.
    pub(super) fn volume_names(&self, target: &EngineTarget) -> Vec<String> {
        let cluster = target.node.cluster;
        let nodes = self.segments.keys().filter(|node| node.cluster == cluster);
        let at = EndpointTarget {
            cluster,
            managers: Vec::new(),
            nodes: nodes.cloned().collect(),
            identity: target.identity.clone(),
        };
        let node = target.node.to_string();
        let own = self.volumes(&at).into_iter().filter(|one| one.node == node);
        let mut names: Vec<String> = own.map(|one| one.name).collect();
        names.sort();
        names
    }

    fn volumes(&self, at: &EndpointTarget) -> Vec<VolumeView> {
        let of_guest = |one: ContainerView| VolumeView {
            name: format!("{}-data", one.name),
            driver: "local".to_owned(),
            node: one.node,
            created_at: Some(one.created_at),
            used_by: vec![one.name],
            is_system: false,
        };
        let old = at.nodes.first().map(|node| VolumeView {
            name: "old-uploads".to_owned(),
            driver: "local".to_owned(),
            node: node.to_string(),
            created_at: Some(now_ms() - 30 * 86_400_000),
            used_by: Vec::new(),
            is_system: false,
        });
        let made = self.made(at, ThingKind::Volume);
        let made = made.into_iter().map(|(name, node)| VolumeView {
            name,
            driver: "local".to_owned(),
            node: node.unwrap_or_default(),
            created_at: Some(now_ms()),
            used_by: Vec::new(),
            is_system: false,
        });
        let guests = self.guests_of(at).into_iter().map(of_guest);
        let all = guests.chain(old).chain(made);
        all.filter(|one| self.is_left(at.cluster, ThingKind::Volume, &one.name))
            .collect()
    }

    fn networks(&self, at: &EndpointTarget) -> Vec<NetworkView> {
        let builtin = |node: &crate::NodeName| NetworkView {
            id: format!("bridge{}", node.ordinal),
            name: "bridge".to_owned(),
            driver: "bridge".to_owned(),
            node: Some(node.to_string()),
            subnets: vec!["172.17.0.0/16".to_owned()],
            used_by: Vec::new(),
            is_builtin: true,
        };
        let overlay = |id: &str, name: &str, used_by| NetworkView {
            id: id.to_owned(),
            name: name.to_owned(),
            driver: "overlay".to_owned(),
            node: None,
            subnets: vec!["10.0.1.0/24".to_owned()],
            used_by,
            is_builtin: false,
        };
        let users = self.guests_of(at).into_iter().map(|one| one.name).collect();
        let own = [
            overlay("net0shop", "shop_default", users),
            overlay("net0test", "test_default", Vec::new()),
        ];
        let made = self.made(at, ThingKind::Network);
        let made = made
            .into_iter()
            .map(|(name, _)| overlay(&made_id(ThingKind::Network, &name), &name, Vec::new()));
        at.nodes
            .iter()
            .map(builtin)
            .chain(own)
            .chain(made)
            .filter(|one| self.is_left(at.cluster, ThingKind::Network, &one.id))
            .collect()
    }

    fn services(&self, at: &EndpointTarget) -> Vec<ServiceView> {
        let is_left = |one: &ServiceView| self.is_left(at.cluster, ThingKind::Service, &one.id);
        let deployed = self.stack_services(at).into_iter().filter(is_left);
        self.guest_services(at)
            .into_iter()
            .chain(deployed)
            .collect()
    }

    fn guest_services(&self, at: &EndpointTarget) -> Vec<ServiceView> {
        if !self.is_inhabited || !self.is_left(at.cluster, ThingKind::Service, SERVICE) {
            return Vec::new();
        }
        let wanted = self.replicas.get(&at.cluster).copied().unwrap_or(2);
        // Its log is that of whatever runs there.
        let listed = self.listed(at);
        let on = |node: &str| {
            let mut there = listed
                .iter()
                .filter(|one| one.node == node && !one.is_system && one.state == "running");
            there.next().and_then(|one| one.id.parse().ok())
        };
        let task = |slot: u32| {
            let node = at.nodes.get(slot as usize % at.nodes.len().max(1));
            let node = node.map(ToString::to_string).unwrap_or_default();
            TaskView {
                id: format!("task{slot}"),
                slot,
                container: on(&node),
                node,
                state: "running".to_owned(),
                error: None,
                changed_at: Some(now_ms() - 600_000),
            }
        };
        let failed = TaskView {
            state: "failed".to_owned(),
            error: Some("task: non-zero exit (1)".to_owned()),
            changed_at: Some(now_ms() - 660_000),
            id: "task0".to_owned(),
            container: None,
            ..task(1)
        };
        vec![ServiceView {
            id: SERVICE.to_owned(),
            name: "shop_mail".to_owned(),
            image: "shop/mail:1.9.0".to_owned(),
            wanted: Some(wanted),
            running: wanted,
            ports: vec!["2525->25/tcp".to_owned()],
            stack: Some("shop".to_owned()),
            tasks: (1..=wanted).map(task).chain([failed]).collect(),
        }]
    }
}

fn in_use(what: &str, users: &[String]) -> Result<(), EndpointError> {
    match users {
        [] => Ok(()),
        users => Err(EndpointError::Refused {
            why: format!("{what} is in use by {}", users.join(", ")),
        }),
    }
}

#[async_trait]
impl Inventory for Sim {
    async fn image_list(&self, at: &EndpointTarget) -> Result<Vec<ImageView>, EndpointError> {
        self.endpoint_call(at, |world| Ok(world.images(at)))
    }

    async fn image_prune(&self, at: &EndpointTarget) -> Result<u64, EndpointError> {
        self.endpoint_call(at, |world| {
            let key = (at.cluster, ThingKind::Image, DANGLING.to_owned());
            Ok(if world.removed.insert(key) {
                DANGLING_BYTES
            } else {
                0
            })
        })
    }

    async fn image_pull(
        &self,
        at: &EndpointTarget,
        image: &ImageName,
        told: &(dyn Fn(String) + Send + Sync),
    ) -> Result<(), EndpointError> {
        self.endpoint_call(at, |_| Ok(()))?;
        for words in ["Pulling", "Downloading, half of it", "Extracting"] {
            for node in &at.nodes {
                told(format!("{node}: {words}"));
            }
            tokio::time::sleep(PULL_STEP).await;
        }
        self.endpoint_call(at, |world| {
            if image.repository().ends_with("missing") {
                let why = format!("pull access denied for {}", image.repository());
                return Err(EndpointError::Refused { why });
            }
            world.make(at, ThingKind::Image, &image.to_string(), None);
            Ok(())
        })
    }

    async fn volume_list(&self, at: &EndpointTarget) -> Result<Vec<VolumeView>, EndpointError> {
        self.endpoint_call(at, |world| Ok(world.volumes(at)))
    }

    async fn volume_create(
        &self,
        at: &EndpointTarget,
        name: &ThingName,
        node: Option<&NodeName>,
    ) -> Result<(), EndpointError> {
        let node = node.or(at.nodes.first()).map(ToString::to_string);
        self.endpoint_call(at, |world| {
            if world
                .volumes(at)
                .iter()
                .any(|one| one.name == name.as_str())
            {
                return Ok(());
            }
            world.make(at, ThingKind::Volume, name.as_str(), node);
            Ok(())
        })
    }

    async fn network_list(&self, at: &EndpointTarget) -> Result<Vec<NetworkView>, EndpointError> {
        self.endpoint_call(at, |world| Ok(world.networks(at)))
    }

    async fn network_create(
        &self,
        at: &EndpointTarget,
        name: &ThingName,
    ) -> Result<(), EndpointError> {
        self.endpoint_call(at, |world| {
            if world
                .networks(at)
                .iter()
                .any(|one| one.name == name.as_str())
            {
                return Err(EndpointError::Refused {
                    why: format!("network with name {name} already exists"),
                });
            }
            world.make(at, ThingKind::Network, name.as_str(), None);
            Ok(())
        })
    }

    async fn service_list(&self, at: &EndpointTarget) -> Result<Vec<ServiceView>, EndpointError> {
        self.endpoint_call(at, |world| Ok(world.services(at)))
    }

    async fn service_scale(
        &self,
        at: &EndpointTarget,
        service: &ThingRef,
        replicas: u32,
    ) -> Result<(), EndpointError> {
        self.endpoint_call(at, |world| {
            let all = world.services(at);
            if !all.iter().any(|one| one.id == service.as_str()) {
                return Err(EndpointError::NotFound { what: "service" });
            }
            world.replicas.insert(at.cluster, replicas);
            Ok(())
        })
    }

    async fn node_drain(
        &self,
        at: &EndpointTarget,
        node: &NodeName,
        is_drained: bool,
    ) -> Result<(), EndpointError> {
        self.endpoint_call(at, |world| {
            if !at.nodes.contains(node) {
                return Err(EndpointError::NotFound { what: "node" });
            }
            match is_drained {
                true => world.drained.insert(node.clone()),
                false => world.drained.remove(node),
            };
            Ok(())
        })
    }

    async fn thing_remove(
        &self,
        at: &EndpointTarget,
        kind: ThingKind,
        thing: &ThingRef,
    ) -> Result<(), EndpointError> {
        let wanted = thing.as_str();
        self.endpoint_call(at, |world| {
            let (what, found) = match kind {
                ThingKind::Image => {
                    let all = world.images(at);
                    let one = all.into_iter().find(|one| one.id == wanted);
                    if one.as_ref().is_some_and(|one| one.is_system) {
                        let why =
                            "CARINA-1005: Attempted to delete a Carina infrastructure image: swarm";
                        return Err(EndpointError::Refused {
                            why: why.to_owned(),
                        });
                    }
                    ("image", one.map(|one| one.used_by))
                }
                ThingKind::Volume => {
                    let all = world.volumes(at);
                    let one = all.into_iter().find(|one| one.name == wanted);
                    ("volume", one.map(|one| one.used_by))
                }
                ThingKind::Network => {
                    let all = world.networks(at);
                    let one = all.into_iter().find(|one| one.id == wanted);
                    ("network", one.map(|one| one.used_by))
                }
                ThingKind::Service => {
                    let all = world.services(at);
                    let one = all.into_iter().find(|one| one.id == wanted);
                    ("service", one.map(|_| Vec::new()))
                }
            };
            in_use(what, &found.ok_or(EndpointError::NotFound { what })?)?;
            world.removed.insert((at.cluster, kind, wanted.to_owned()));
            world.made.retain(|(of, what, name), _| {
                *of != at.cluster || *what != kind || made_id(kind, name) != wanted
            });
            Ok(())
        })
    }
}
