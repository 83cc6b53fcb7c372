//! Networks: those of one node are called `<node>/<name>`, those of the whole cluster by name.

use std::sync::Arc;

use http::{Method, StatusCode};
use serde_json::{Value, json};

use super::Manager;
use super::answer::{Answer, engine_refusal, json_bytes, no_content};
use super::cluster::{Located, View};
use super::dispatch::Call;
use super::proxy::Payload;
use crate::api::query::Value as QueryValue;
use crate::api::{NetworkConnect, NetworkCreate, NetworkDisconnect, Refusal, json as strict};
use crate::engine::{Engine, Snapshot};
use crate::http::json as json_response;
use crate::policy::Deed;
use crate::schedule::Request;
use crate::schedule::facts::NetworkFacts;

/// A network and a node that knows it.
struct Net {
    engine: Arc<Engine>,
    snapshot: Arc<Snapshot>,
    facts: NetworkFacts,
}

fn is_local(facts: &NetworkFacts) -> bool {
    facts.scope == "local"
}

impl Manager {
    pub async fn network_list(&self, call: &Call) -> Answer {
        let mut query = call.matched.query.clone();
        let mut filters = query.filters();
        let nodes = filters.remove("node");
        let view = self.cluster.view();
        let mut list: Vec<Value> = Vec::new();
        for (engine, snapshot) in view.healthy() {
            let wanted = |nodes: &std::collections::BTreeSet<String>| {
                nodes.iter().any(|node| snapshot.view.is_called(node))
            };
            if nodes.as_ref().is_some_and(|nodes| !wanted(nodes)) {
                continue;
            }
            // Engines know Docker's filters; without one, memory knows the list.
            let networks = if filters.is_empty() {
                snapshot.networks.to_vec()
            } else {
                query.set("filters", QueryValue::Filters(filters.clone()));
                let target = format!("/networks?{}", query.encode());
                engine
                    .get(&target)
                    .await
                    .map_err(|error| engine_refusal(&error))?
            };
            for mut network in networks {
                if network["Scope"] == "local" {
                    let name = network["Name"].as_str().unwrap_or_default();
                    network["Name"] = format!("{}/{name}", snapshot.view.name).into();
                } else if list.iter().any(|known| known["Id"] == network["Id"]) {
                    continue;
                }
                list.push(network);
            }
        }
        Ok(json_bytes(serde_json::to_vec(&list).unwrap_or_default()))
    }

    pub async fn network_inspect(&self, call: &Call) -> Answer {
        let net = self.network_find(&call.matched.name)?;
        let version = self.version_for(&call.matched, &net.snapshot);
        let target = call.matched.target(version, &net.facts.id);
        let network: Value = net
            .engine
            .get(&target)
            .await
            .map_err(|error| engine_refusal(&error))?;
        Ok(json_bytes(serde_json::to_vec(&network).unwrap_or_default()))
    }

    pub async fn network_create(&self, mut call: Call) -> Answer {
        let mut create: NetworkCreate = strict::read(&call.json_body().await?)?;
        let view = self.cluster.view();
        self.policy
            .network_create(&create, &crate::policy::Cluster(&view.nodes()))?;
        let name = create.name.clone().unwrap_or_default();
        let (node, name) = match name.split_once('/') {
            Some((node, name)) => (Some(node.to_owned()), name.to_owned()),
            None => (None, name),
        };
        let driver = create.driver.clone().unwrap_or_default();
        let manager = view
            .healthy()
            .find(|(_, snapshot)| snapshot.facts.swarm_manager)
            .map(|(engine, snapshot)| (Arc::clone(engine), Arc::clone(snapshot)));
        let everywhere = match driver.as_str() {
            "overlay" => true,
            // The docker client writes `bridge` for nothing, older ones `default`. A bridge is what
            // its options or a node's name in front say that it is.
            "" | "default" | "bridge" => {
                let plain = create
                    .options
                    .as_ref()
                    .is_none_or(|options| options.is_empty());
                manager.is_some() && node.is_none() && plain
            }
            _ => false,
        };
        let (engine, snapshot) = if everywhere {
            create.driver = Some("overlay".into());
            // Otherwise no plain container could join it.
            create.attachable = Some(true);
            manager.ok_or_else(|| {
                Refusal::failed(
                    "no engine of this cluster manages a swarm, so there are no overlays",
                )
            })?
        } else {
            create.driver = Some(if driver.is_empty() {
                "bridge".into()
            } else {
                driver
            });
            self.node_choose(node.as_deref())?
        };
        if name_is_taken(&view, &name, everywhere, &snapshot) {
            return Err(Refusal::conflict(format!(
                "network with name {name} already exists"
            )));
        }
        create.name = Some(name);
        let version = self.version_for(&call.matched, &snapshot);
        let target = call.matched.target(version, "");
        let body = Some(strict::write(&create));
        let (_, bytes) = engine
            .call(Method::POST, &target, body)
            .await
            .map_err(|error| engine_refusal(&error))?;
        engine.networks_refresh().await;
        let answer: Value = serde_json::from_slice(&bytes).unwrap_or_else(|_| json!({}));
        Ok(json_response(StatusCode::CREATED, &answer))
    }

    pub async fn network_delete(&self, call: &Call) -> Answer {
        let net = self.network_find(&call.matched.name)?;
        self.policy.network_delete(&net.facts)?;
        let net = self.at_swarm_manager(net);
        let version = self.version_for(&call.matched, &net.snapshot);
        let target = call.matched.target(version, &net.facts.id);
        net.engine
            .call(Method::DELETE, &target, None)
            .await
            .map_err(|error| engine_refusal(&error))?;
        for (engine, _) in self.cluster.view().healthy() {
            if is_local(&net.facts) && engine.entry != net.engine.entry {
                continue;
            }
            engine.networks_refresh().await;
        }
        Ok(no_content())
    }

    pub async fn network_connect(&self, mut call: Call) -> Answer {
        let mut connect: NetworkConnect = strict::read(&call.json_body().await?)?;
        let reference = connect.container.clone().unwrap_or_default();
        let located = self.container_take(&reference, Deed::Use)?;
        let facts = self.network_for(&located, &call.matched.name)?;
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
        let facts = self.network_for(&located, &call.matched.name)?;
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

    /// The network as the container's node knows it.
    fn network_for(&self, located: &Located, reference: &str) -> Result<NetworkFacts, Refusal> {
        let bare = match reference.split_once('/') {
            Some((node, name)) if located.snapshot.view.is_called(node) => name,
            Some(_) => {
                return Err(Refusal::not_found(format!(
                    "network {reference} is not on the container's node {}",
                    located.snapshot.view.name
                )));
            }
            None => reference,
        };
        let here = located
            .snapshot
            .view
            .networks
            .iter()
            .filter(|facts| is_meant(facts, bare));
        match best(here, bare) {
            Some(facts) => Ok(facts.clone()),
            None => {
                let net = self.network_find(reference)?;
                if is_local(&net.facts) {
                    return Err(Refusal::not_found(format!(
                        "network {reference} is not on the container's node {}",
                        located.snapshot.view.name
                    )));
                }
                Ok(net.facts)
            }
        }
    }

    /// The one network that is meant; ambiguous is none.
    fn network_find(&self, reference: &str) -> Result<Net, Refusal> {
        let missing = || Refusal::not_found(format!("No such network: {reference}"));
        let view = self.cluster.view();
        let mut found: Option<Net> = None;
        let (node, bare) = match reference.split_once('/') {
            Some((node, bare)) => (Some(node), bare),
            None => (None, reference),
        };
        for (engine, snapshot) in view.healthy() {
            if node.is_some_and(|node| !snapshot.view.is_called(node)) {
                continue;
            }
            let here = snapshot
                .view
                .networks
                .iter()
                .filter(|facts| is_meant(facts, bare));
            let Some(facts) = best(here, bare) else {
                continue;
            };
            match &found {
                Some(known) if known.facts.id == facts.id => {}
                Some(_) => return Err(missing()),
                None => {
                    found = Some(Net {
                        engine: Arc::clone(engine),
                        snapshot: Arc::clone(snapshot),
                        facts: facts.clone(),
                    });
                }
            }
        }
        found.ok_or_else(missing)
    }

    /// Networks of the swarm are changed through an engine that manages it.
    fn at_swarm_manager(&self, net: Net) -> Net {
        if is_local(&net.facts) {
            return net;
        }
        let view = self.cluster.view();
        let manager = view
            .healthy()
            .find(|(_, snapshot)| snapshot.facts.swarm_manager);
        match manager {
            Some((engine, snapshot)) => Net {
                engine: Arc::clone(engine),
                snapshot: Arc::clone(snapshot),
                facts: net.facts,
            },
            None => net,
        }
    }

    /// The node named, else the one that `spread` would choose for a container that asks nothing.
    pub fn node_choose(&self, node: Option<&str>) -> Result<(Arc<Engine>, Arc<Snapshot>), Refusal> {
        match node {
            Some(node) => {
                let view = self.cluster.view();
                let (engine, snapshot) = view
                    .of_node(node)
                    .filter(|(_, snapshot)| snapshot.is_healthy())
                    .ok_or_else(|| {
                        Refusal::failed(format!("No healthy node {node} in the cluster"))
                    })?;
                Ok((Arc::clone(engine), Arc::clone(snapshot)))
            }
            None => {
                let reserved = self.cluster.reserve(&Request::default())?;
                Ok((Arc::clone(&reserved.engine), Arc::clone(&reserved.snapshot)))
            }
        }
    }
}

fn is_meant(facts: &NetworkFacts, reference: &str) -> bool {
    facts.name == reference || (reference.len() >= 2 && facts.id.starts_with(reference))
}

/// A name goes before an id, a whole id before its beginning; two beginnings are none.
fn best<'a>(
    found: impl Iterator<Item = &'a NetworkFacts>,
    reference: &str,
) -> Option<&'a NetworkFacts> {
    let found: Vec<&NetworkFacts> = found.collect();
    let exact = found
        .iter()
        .find(|facts| facts.name == reference || facts.id == reference);
    match (exact, found.as_slice()) {
        (Some(exact), _) => Some(exact),
        (None, [only]) => Some(only),
        _ => None,
    }
}

fn name_is_taken(view: &View, name: &str, everywhere: bool, chosen: &Snapshot) -> bool {
    view.healthy().any(|(_, snapshot)| {
        snapshot.view.networks.iter().any(|facts| {
            facts.name == name
                && (everywhere || !is_local(facts) || snapshot.view.addr == chosen.view.addr)
        })
    })
}
