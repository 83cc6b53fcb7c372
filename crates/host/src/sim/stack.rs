//! Stacks of a simulated cluster: what was deployed is there at once, and runs.

use async_trait::async_trait;
use model::{
    ServiceView, StackName, StackOutcome, StackPort, StackService, StackSpec, TaskView, ThingKind,
};

use super::guest::now_ms;
use super::inventory::SERVICE;
use super::{Sim, World};
use crate::{EndpointError, EndpointTarget, Stacks};

/// The stack that is there with the guests.
const GUEST_STACK: &str = "shop";
const GUEST_NETWORK: &str = "net0shop";

fn service_id(stack: &str, service: &str) -> String {
    format!("stk0{stack}0{service}")
}

impl World {
    pub(super) fn stack_deploy(
        &mut self,
        at: &EndpointTarget,
        name: &str,
        spec: &StackSpec,
    ) -> StackOutcome {
        let cluster = at.cluster;
        let mut outcome = StackOutcome::default();
        let there = self.stacks.entry((cluster, name.to_owned())).or_default();
        for service in &spec.services {
            let id = service_id(name, &service.name);
            let was_removed = self.removed.remove(&(cluster, ThingKind::Service, id));
            let before = there.iter().position(|old| old.name == service.name);
            match before {
                Some(at) => there[at] = service.clone(),
                None => there.push(service.clone()),
            }
            match before.filter(|_| !was_removed) {
                Some(_) => outcome.changed.push(service.name.clone()),
                None => outcome.made.push(service.name.clone()),
            }
        }
        let is_named = |old: &&StackService| spec.services.iter().any(|new| new.name == old.name);
        let left = there.iter().filter(|old| !is_named(old));
        outcome.left = left.map(|old| format!("{name}_{}", old.name)).collect();
        outcome
    }

    pub(super) fn stack_remove(
        &mut self,
        at: &EndpointTarget,
        name: &str,
    ) -> Result<(), EndpointError> {
        let was_there = self.stacks.remove(&(at.cluster, name.to_owned())).is_some();
        let is_guests = name == GUEST_STACK && self.is_inhabited;
        if is_guests {
            for (kind, thing) in [
                (ThingKind::Service, SERVICE),
                (ThingKind::Network, GUEST_NETWORK),
            ] {
                self.removed.insert((at.cluster, kind, thing.to_owned()));
            }
        }
        match was_there || is_guests {
            true => Ok(()),
            false => Err(EndpointError::NotFound { what: "stack" }),
        }
    }

    pub(super) fn stack_services(&self, at: &EndpointTarget) -> Vec<ServiceView> {
        let own = self.stacks.iter().filter(|((of, _), _)| *of == at.cluster);
        own.flat_map(|((_, stack), services)| {
            services
                .iter()
                .map(move |service| service_view(at, stack, service))
        })
        .collect()
    }
}

fn service_view(at: &EndpointTarget, stack: &str, service: &StackService) -> ServiceView {
    let running = service
        .replicas
        .unwrap_or_else(|| u32::try_from(at.nodes.len()).unwrap_or(1));
    let task = |slot: u32| TaskView {
        id: format!("{}{slot}", service_id(stack, &service.name)),
        slot,
        node: at
            .nodes
            .get(slot as usize % at.nodes.len().max(1))
            .map(ToString::to_string)
            .unwrap_or_default(),
        state: "running".to_owned(),
        error: None,
        changed_at: Some(now_ms()),
        container: None,
    };
    let port = |port: &StackPort| {
        let published = port.published.unwrap_or(30_000);
        format!("{published}->{}/{}", port.target, port.protocol)
    };
    ServiceView {
        id: service_id(stack, &service.name),
        name: format!("{stack}_{}", service.name),
        image: service.image.clone(),
        wanted: service.replicas,
        running,
        ports: service.ports.iter().map(port).collect(),
        stack: Some(stack.to_owned()),
        tasks: (1..=running).map(task).collect(),
    }
}

#[async_trait]
impl Stacks for Sim {
    async fn stack_deploy(
        &self,
        at: &EndpointTarget,
        name: &StackName,
        spec: &StackSpec,
    ) -> Result<StackOutcome, EndpointError> {
        self.endpoint_call(at, |world| Ok(world.stack_deploy(at, name.as_str(), spec)))
    }

    async fn stack_remove(
        &self,
        at: &EndpointTarget,
        name: &StackName,
    ) -> Result<(), EndpointError> {
        self.endpoint_call(at, |world| world.stack_remove(at, name.as_str()))
    }
}
