//! Which network a client means.

use std::sync::Arc;

use futures::future::join_all;

use super::Manager;
use super::cluster::{Located, View};
use crate::api::Refusal;
use crate::engine::{Engine, Snapshot};
use crate::schedule::facts::NetworkFacts;
use crate::schedule::filter::not_healthy;

/// A network and a node that knows it.
pub struct Net {
    pub engine: Arc<Engine>,
    pub snapshot: Arc<Snapshot>,
    pub facts: NetworkFacts,
}

pub fn is_local(facts: &NetworkFacts) -> bool {
    facts.scope == "local"
}

impl Manager {
    /// The network as the container's node knows it.
    pub async fn network_for(
        &self,
        located: &Located,
        reference: &str,
    ) -> Result<NetworkFacts, Refusal> {
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
                let net = self.network_seek(reference).await?;
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

    /// The one network that is meant; ambiguous is none. What is known may be a moment old: before
    /// there is no such network, all nodes are asked.
    pub async fn network_seek(&self, reference: &str) -> Result<Net, Refusal> {
        if let Ok(net) = self.network_find(reference) {
            return Ok(net);
        }
        let view = self.cluster.view();
        join_all(view.healthy().map(|(engine, _)| engine.networks_refresh())).await;
        self.network_find(reference)
    }

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
        found.ok_or_else(|| {
            let nodes = view.nodes();
            let mut down = nodes.iter().filter(|known| {
                known.health == 0
                    && node.is_none_or(|node| known.is_called(node))
                    && known
                        .networks
                        .iter()
                        .any(|facts| facts.name == bare && is_local(facts))
            });
            match (down.next(), down.next()) {
                (Some(down), None) => Refusal::failed(format!(
                    "network {bare} is on segment {}, which is {}",
                    down.called(),
                    not_healthy(down)
                )),
                _ => missing(),
            }
        })
    }

    /// Networks of the swarm are changed through an engine that manages it.
    pub fn at_swarm_manager(&self, net: Net) -> Net {
        if is_local(&net.facts) {
            return net;
        }
        match self.cluster.view().swarm_manager() {
            Some((engine, snapshot)) => Net {
                engine: Arc::clone(engine),
                snapshot: Arc::clone(snapshot),
                facts: net.facts,
            },
            None => net,
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

/// A name is one network's in the whole cluster, but for those of one node that people ask for by
/// `node/name`: of these each node may have one.
pub fn name_is_taken(view: &View, name: &str, is_on_node: bool, chosen: &Snapshot) -> bool {
    view.nodes().iter().any(|node| {
        node.networks.iter().any(|facts| {
            let counts = !is_on_node || !is_local(facts) || node.addr == chosen.view.addr;
            facts.name == name && counts
        })
    })
}
