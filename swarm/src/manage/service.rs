//! Services: checked like containers, made by an engine that manages Docker's swarm.

use http::StatusCode;
use serde_json::Value;

use super::Manager;
use super::answer::{Answer, engine_refusal};
use super::create::query_of;
use super::dispatch::Call;
use super::proxy::Payload;
use crate::api::query::is_name;
use crate::api::{Refusal, ServiceSpec, json as strict};
use crate::engine::{Engine, EngineError};
use crate::policy::{SwarmCluster, admit};
use crate::schedule::facts::{NetworkFacts, NodeView};

impl Manager {
    pub async fn service_create(&self, mut call: Call) -> Answer {
        let mut service = service_read(&mut call).await?;
        segments_settle(&mut service, &self.cluster.view().nodes());
        let (engine, _) = self.swarm_manager()?;
        self.service_check(&engine, &mut service).await?;
        self.service_image_bring(&service).await;
        let payload = Payload::Json(strict::write(&service));
        self.swarm_send(&mut call, payload).await
    }

    /// An update names the version that it changes. What is checked here is therefore what the
    /// engine goes back to when it is to, or may, roll back: at any other version it refuses.
    pub async fn service_update(&self, mut call: Call) -> Answer {
        let mut service = service_read(&mut call).await?;
        segments_settle(&mut service, &self.cluster.view().nodes());
        let (engine, _) = self.swarm_manager()?;
        match call.matched.query.text("rollback").unwrap_or_default() {
            "" | "none" => {
                // One that fails may bring back what runs now.
                let action = service.update_config.as_ref();
                let action = action.and_then(|config| config.failure_action.as_deref());
                if action == Some("rollback") && self.policy.is_enforced() {
                    self.service_back(&call, &engine, "Spec").await?;
                }
                self.service_check(&engine, &mut service).await?;
                self.service_image_bring(&service).await;
            }
            // Of the body the engine takes nothing, it only looks whether it is a service. Clients
            // send what runs now, and that may be what one wants to get away from.
            "previous" if self.policy.is_enforced() => {
                if let Some(back) = self.service_back(&call, &engine, "PreviousSpec").await? {
                    self.service_image_bring(&back).await;
                }
            }
            "previous" => {}
            other => {
                return Err(Refusal::bad_request(format!(
                    "unrecognized rollback option {other}"
                )));
            }
        }
        let payload = Payload::Json(strict::write(&service));
        self.swarm_send(&mut call, payload).await
    }

    /// Nobody knows where tasks will run. Where it cannot be brought, the engines still ask a
    /// registry, and `docker service ps` says what came of it.
    async fn service_image_bring(&self, service: &ServiceSpec) {
        let task = service.task_template.as_ref();
        let container = task.and_then(|task| task.container_spec.as_ref());
        let Some(image) = container.and_then(|container| container.image.as_deref()) else {
            return;
        };
        if let Err(refusal) = self.image_everywhere(image).await {
            tracing::info!(image, reason = refusal.message, "not brought to all nodes");
        }
    }

    async fn service_check(
        &self,
        engine: &Engine,
        service: &mut ServiceSpec,
    ) -> Result<(), Refusal> {
        if !self.policy.is_enforced() {
            return Ok(());
        }
        let networks = networks_settle(engine, service).await?;
        let view = self.cluster.view();
        let nodes = view.nodes();
        let known = SwarmCluster {
            cluster: crate::policy::Cluster(&nodes),
            networks: &networks,
        };
        self.policy.service(service, &known)
    }

    /// The version that may come back, checked; `back` is its key. `None` when there is none: the
    /// engine says so in its own words.
    async fn service_back(
        &self,
        call: &Call,
        engine: &Engine,
        back: &str,
    ) -> Result<Option<ServiceSpec>, Refusal> {
        let service: Value = engine
            .get(&format!("/services/{}", call.matched.name))
            .await
            .map_err(|error| engine_refusal(&error))?;
        if service["Version"]["Index"].as_i64() != call.matched.query.int("version") {
            return Err(Refusal::failed("update out of sequence"));
        }
        if service[back].is_null() {
            return Ok(None);
        }
        let mut spec: ServiceSpec = serde_json::from_value(service[back].clone()).map_err(|e| {
            Refusal::failed(format!(
                "the service's former version is not understood: {e}"
            ))
        })?;
        self.service_check(engine, &mut spec)
            .await
            .map_err(|refusal| Refusal {
                message: format!("{} (in the version to go back to)", refusal.message),
                ..refusal
            })?;
        Ok(Some(spec))
    }
}

async fn service_read(call: &mut Call) -> Result<ServiceSpec, Refusal> {
    admit::service_read(&call.json_body().await?)
}

/// `node.hostname==n2` means the segment, as everywhere; the engines know it by its whole name.
fn segments_settle(service: &mut ServiceSpec, nodes: &[&NodeView]) {
    let task = service.task_template.as_mut();
    let placement = task.and_then(|task| task.placement.as_mut());
    let constraints = placement.and_then(|placement| placement.constraints.as_mut());
    for constraint in constraints.into_iter().flatten() {
        for operator in ["==", "!="] {
            let Some((key, value)) = constraint.split_once(operator) else {
                continue;
            };
            let named = nodes
                .iter()
                .find(|node| node.short_name() == Some(value.trim()));
            if key.trim() == "node.hostname"
                && let Some(node) = named
            {
                *constraint = format!("node.hostname{operator}{}", node.name);
            }
            break;
        }
    }
}

/// Writes every network's id in the place of what the client called it, as the swarm knows it, so
/// that what is checked is what is joined. One that is not there stays as it is.
async fn networks_settle(
    engine: &Engine,
    service: &mut ServiceSpec,
) -> Result<Vec<NetworkFacts>, Refusal> {
    let task = service.task_template.as_mut();
    let of_task = task.and_then(|task| task.networks.as_mut());
    let attachments = [service.networks.as_mut(), of_task];
    let mut found = Vec::new();
    for attachment in attachments.into_iter().flatten().flatten() {
        let Some(target) = attachment
            .target
            .as_mut()
            .filter(|target| !target.is_empty())
        else {
            continue;
        };
        if !is_name(target) {
            return Err(Refusal::bad_request(format!(
                "{target} is not the name of a network that services can use"
            )));
        }
        let path = format!("/networks/{target}{}", query_of(&[("scope", "swarm")]));
        let network: Value = match engine.get(&path).await {
            Ok(network) => network,
            Err(EngineError::Status { status, .. }) if status == StatusCode::NOT_FOUND => {
                return Err(Refusal::not_found(format!(
                    "network {target} not found in the swarm: services can only use networks of \
                     all nodes, as `docker network create` makes them without a driver"
                )));
            }
            Err(error) => return Err(engine_refusal(&error)),
        };
        let facts = crate::engine::network_facts(&network);
        *target = facts.id.clone();
        found.push(facts);
    }
    Ok(found)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::schedule::testing::node;

    #[test]
    fn a_service_s_segment_has_its_whole_name() {
        let name = "0190a5f2-7a3b-7c00-8000-00000000c1a5-n2";
        let node = node(name);
        for (given, settled) in [
            ("node.hostname==n2", format!("node.hostname=={name}")),
            ("node.hostname != n2", format!("node.hostname!={name}")),
            ("node.hostname==n3", "node.hostname==n3".to_owned()),
            ("node.labels.a==n2", "node.labels.a==n2".to_owned()),
            ("node.role==worker", "node.role==worker".to_owned()),
        ] {
            let spec =
                format!(r#"{{"TaskTemplate":{{"Placement":{{"Constraints":["{given}"]}}}}}}"#);
            let mut service: ServiceSpec = strict::read(spec.as_bytes()).expect("a service");
            segments_settle(&mut service, &[&node]);
            let placement = service.task_template.and_then(|task| task.placement);
            let constraints = placement.and_then(|placement| placement.constraints);
            assert_eq!(constraints, Some(vec![settled]), "{given}");
        }
    }
}
