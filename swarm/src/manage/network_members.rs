//! Who is on a network of the whole cluster. Each engine knows only its own containers, and learns
//! from Docker's swarm a moment after the last one left that it may let the network go.

use std::time::Duration;

use futures::future::join_all;
use http::Method;
use serde_json::{Map, Value};
use tokio::time::Instant;

use super::Manager;
use super::answer::engine_refusal;
use crate::api::Refusal;
use crate::engine::{Engine, EngineError};
use crate::schedule::facts::NetworkFacts;

/// How long the last container's leave may take to come round.
const LEAVE_LIMIT: Duration = Duration::from_secs(5);
const LEAVE_PAUSE: Duration = Duration::from_millis(100);

impl Manager {
    /// `Containers` of the network's inspect, over all nodes. An engine that does not take part in
    /// the network has no word in it.
    pub async fn network_members(&self, target: &str) -> Map<String, Value> {
        let view = self.cluster.view();
        let asked = view
            .healthy()
            .map(|(engine, _)| async { engine.get::<Value>(target).await.ok() });
        let mut members = Map::new();
        for network in join_all(asked).await.into_iter().flatten() {
            members.extend(members_of(network));
        }
        members
    }

    /// Deletes; a network that no container of the cluster is on is waited for.
    pub async fn network_release(
        &self,
        engine: &Engine,
        target: &str,
        facts: &NetworkFacts,
    ) -> Result<(), Refusal> {
        let end = Instant::now() + LEAVE_LIMIT;
        loop {
            let error = match engine.call(Method::DELETE, target, None).await {
                Ok(_) => return Ok(()),
                Err(error) => error,
            };
            if !is_in_use(&error) || self.network_is_used(facts) || Instant::now() > end {
                return Err(engine_refusal(&error));
            }
            tokio::time::sleep(LEAVE_PAUSE).await;
        }
    }

    /// Until no engine shows the deleted network: who makes it again by that name at once is not
    /// to meet what is left of it.
    pub async fn network_forget(&self, facts: &NetworkFacts) {
        let end = Instant::now() + LEAVE_LIMIT;
        loop {
            let view = self.cluster.view();
            join_all(view.healthy().map(|(engine, _)| engine.networks_refresh())).await;
            let view = self.cluster.view();
            let is_shown = view.healthy().any(|(_, snapshot)| {
                let mut networks = snapshot.view.networks.iter();
                networks.any(|network| network.id == facts.id)
            });
            if !is_shown || Instant::now() > end {
                return;
            }
            tokio::time::sleep(LEAVE_PAUSE).await;
        }
    }

    fn network_is_used(&self, facts: &NetworkFacts) -> bool {
        let view = self.cluster.view();
        let mut nodes = view.healthy();
        nodes.any(|(_, snapshot)| {
            let mut containers = snapshot.view.containers.iter();
            containers.any(|container| container.networks.contains(&facts.name))
        })
    }
}

/// Without the end that the engine itself keeps for its load balancing, as long as it takes part.
fn members_of(mut network: Value) -> Map<String, Value> {
    let balancer = format!("lb-{}", network["Name"].as_str().unwrap_or_default());
    match network["Containers"].take() {
        Value::Object(mut members) => {
            members.remove(&balancer);
            members
        }
        _ => Map::new(),
    }
}

fn is_in_use(error: &EngineError) -> bool {
    matches!(error, EngineError::Status { status, message }
        if status.is_client_error() && (message.contains("in use") || message.contains("active endpoints")))
}

#[cfg(test)]
mod tests {
    use http::StatusCode;
    use serde_json::json;

    use super::*;

    #[test]
    fn the_balancer_s_end_is_no_member() {
        let network = json!({ "Name": "shop", "Containers": {
            "abc": { "Name": "web" }, "lb-shop": { "Name": "shop-endpoint" },
        }});
        let members = members_of(network);
        assert_eq!(members.keys().collect::<Vec<_>>(), ["abc"]);
        assert!(members_of(json!({ "Name": "shop", "Containers": null })).is_empty());
    }

    #[test]
    fn only_being_in_use_is_waited_for() {
        let said = |status, message: &str| EngineError::Status {
            status,
            message: message.into(),
        };
        let (conflict, refused) = (StatusCode::CONFLICT, StatusCode::BAD_REQUEST);
        assert!(is_in_use(&said(refused, "network x is in use by task y")));
        assert!(is_in_use(&said(conflict, "network x has active endpoints")));
        assert!(!is_in_use(&said(conflict, "network x is predefined")));
        assert!(!is_in_use(&EngineError::Late));
    }
}
