//! Networks: those of one node are called `<node>/<name>`, those of the whole cluster by name.

use std::sync::Arc;

use http::{Method, StatusCode};
use serde_json::{Value, json};

use super::Manager;
use super::answer::{Answer, engine_refusal, json_bytes, no_content};
use super::cluster::{Located, View};
use super::dispatch::Call;
use super::network_find::{is_local, name_is_taken};
use super::proxy::Payload;
use crate::api::{NetworkConnect, NetworkDisconnect, Refusal, json as strict};
use crate::engine::{Engine, Snapshot};
use crate::http::json as json_response;
use crate::policy::{Deed, admit};
use crate::schedule::Request;
use crate::schedule::facts::NetworkFacts;
use crate::schedule::filter::not_healthy;

impl Manager {
    pub async fn network_inspect(&self, call: &Call) -> Answer {
        // What services can use, which only the swarm's manager knows.
        if call.matched.query.text("scope") == Some("swarm")
            && let Ok((engine, snapshot)) = self.swarm_manager()
        {
            let version = self.version_for(&call.matched, &snapshot);
            let target = call.matched.target(version, &call.matched.name);
            let network: Value = engine
                .get(&target)
                .await
                .map_err(|error| engine_refusal(&error))?;
            return Ok(json_bytes(serde_json::to_vec(&network).unwrap_or_default()));
        }
        let net = self.network_seek(&call.matched.name).await?;
        let version = self.version_for(&call.matched, &net.snapshot);
        let target = call.matched.target(version, &net.facts.id);
        let mut network: Value = net
            .engine
            .get(&target)
            .await
            .map_err(|error| engine_refusal(&error))?;
        if !is_local(&net.facts) {
            network["Containers"] = self.network_members(&target).await.into();
        }
        Ok(json_bytes(serde_json::to_vec(&network).unwrap_or_default()))
    }

    pub async fn network_create(&self, mut call: Call) -> Answer {
        let body = call.json_body().await?;
        // One after the other: of two of the same name the second finds the first.
        let _turn = self.network_turn.lock().await;
        let view = self.cluster.view();
        let mut create = {
            let nodes = view.nodes();
            admit::network_create(&self.policy, &body, &crate::policy::Cluster(&nodes))?
        };
        let name = create.name.clone().unwrap_or_default();
        let (node, name) = match name.split_once('/') {
            Some((node, name)) => (Some(node.to_owned()), name.to_owned()),
            None => (None, name),
        };
        let driver = create.driver.clone().unwrap_or_default();
        let manager = self.swarm_manager();
        let everywhere = match driver.as_str() {
            "overlay" => true,
            // The docker client writes `bridge` for nothing, older ones `default`. A bridge is what
            // its options or a node's name in front say that it is.
            "" | "default" | "bridge" => {
                let plain = create
                    .options
                    .as_ref()
                    .is_none_or(|options| options.is_empty());
                manager.is_ok() && node.is_none() && plain
            }
            _ => false,
        };
        let (engine, snapshot) = if everywhere {
            create.driver = Some("overlay".into());
            // Otherwise no plain container could join it.
            create.attachable = Some(true);
            manager?
        } else {
            create.driver = Some(if driver.is_empty() {
                "bridge".into()
            } else {
                driver
            });
            self.node_choose(node.as_deref())?
        };
        if name_is_taken(&view, &name, node.is_some(), &snapshot) {
            return Err(Refusal::conflict(format!(
                "network with name {name} already exists"
            )));
        }
        create.name = Some(name);
        let version = self.version_for(&call.matched, &snapshot);
        let target = call.matched.target(version, "");
        let body = Some(strict::write(&create));
        let (_, bytes) = engine
            .call_in(call.term, Method::POST, &target, body)
            .await
            .map_err(|error| engine_refusal(&error))?;
        engine.networks_refresh().await;
        let answer: Value = serde_json::from_slice(&bytes).unwrap_or_else(|_| json!({}));
        Ok(json_response(StatusCode::CREATED, &answer))
    }

    pub async fn network_delete(&self, call: &Call) -> Answer {
        let net = self.network_seek(&call.matched.name).await?;
        self.policy.network_delete(&net.facts)?;
        let net = self.at_swarm_manager(net);
        let version = self.version_for(&call.matched, &net.snapshot);
        let target = call.matched.target(version, &net.facts.id);
        self.network_release(&net.engine, &target, &net.facts)
            .await?;
        if is_local(&net.facts) {
            net.engine.networks_refresh().await;
        } else {
            self.network_forget(&net.facts).await;
        }
        Ok(no_content())
    }

    pub async fn network_connect(&self, mut call: Call) -> Answer {
        let mut connect: NetworkConnect = strict::read(&call.json_body().await?)?;
        let reference = connect.container.clone().unwrap_or_default();
        let located = self.container_take(&reference, Deed::Use)?;
        let facts = self.network_for(&located, &call.matched.name).await?;
        {
            let view = self.cluster.view();
            let (nodes, container) = (view.nodes(), &located.container);
            let known = crate::policy::Cluster(&nodes);
            self.policy
                .network_connect(&facts, container, &connect, &known)?;
        }
        connect.container = Some(located.container.id.clone());
        let payload = Payload::Json(strict::write(&connect));
        self.network_send(&mut call, &located, &facts, payload)
            .await
    }

    pub async fn network_disconnect(&self, mut call: Call) -> Answer {
        let mut disconnect: NetworkDisconnect = strict::read(&call.json_body().await?)?;
        let reference = disconnect.container.clone().unwrap_or_default();
        let located = self.container_take(&reference, Deed::Use)?;
        let facts = self.network_for(&located, &call.matched.name).await?;
        self.policy.network_disconnect(&facts, &located.container)?;
        disconnect.container = Some(located.container.id.clone());
        let payload = Payload::Json(strict::write(&disconnect));
        self.network_send(&mut call, &located, &facts, payload)
            .await
    }

    async fn network_send(
        &self,
        call: &mut Call,
        located: &Located,
        facts: &NetworkFacts,
        payload: Payload,
    ) -> Answer {
        // By name where the node may not have seen it yet: an overlay appears with its first user.
        let name = if is_local(facts) {
            &facts.id
        } else {
            &facts.name
        };
        let answer = self
            .send(call, &located.engine, &located.snapshot, name, payload)
            .await?;
        located
            .engine
            .container_refresh(&located.container.id)
            .await;
        located.engine.networks_refresh().await;
        Ok(answer)
    }

    /// The node named, else the one that `spread` would choose for a container that asks nothing.
    pub fn node_choose(&self, node: Option<&str>) -> Result<(Arc<Engine>, Arc<Snapshot>), Refusal> {
        match node {
            Some(node) => {
                let view = self.cluster.view();
                let (engine, snapshot) = view
                    .of_node(node)
                    .filter(|(_, snapshot)| snapshot.is_healthy())
                    .ok_or_else(|| node_refusal(&view, node))?;
                Ok((Arc::clone(engine), Arc::clone(snapshot)))
            }
            None => {
                let reserved = self.cluster.reserve(&Request::default())?;
                Ok((Arc::clone(&reserved.engine), Arc::clone(&reserved.snapshot)))
            }
        }
    }
}

/// Why nothing can be made on the node that was named.
fn node_refusal(view: &View, node: &str) -> Refusal {
    let nodes = view.nodes();
    let why = match nodes.iter().find(|known| known.is_called(node)) {
        Some(known) => not_healthy(known),
        None => {
            let names: Vec<&str> = nodes.iter().map(|known| known.called()).collect();
            format!("there are {}", names.join(", "))
        }
    };
    Refusal::failed(format!("No healthy node {node} in the cluster: {why}"))
}
