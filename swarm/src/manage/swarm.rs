//! Docker's own swarm between the engines: everything about it goes to an engine that manages it.

use std::sync::Arc;

use serde_json::{Map, Value, json};

use super::Manager;
use super::answer::{Answer, engine_refusal, json_bytes};
use super::cluster::View;
use super::dispatch::Call;
use super::proxy::Payload;
use crate::api::{ConfigSpec, NodeSpec, Refusal, json as strict};
use crate::engine::{Engine, Snapshot};
use crate::policy::admit;

/// What a client may know of the swarm's settings. Not: tokens, keys and the authority.
const CLUSTER_KEYS: [&str; 9] = [
    "ID",
    "Version",
    "CreatedAt",
    "UpdatedAt",
    "RootRotationInProgress",
    "DefaultAddrPool",
    "SubnetSize",
    "DataPathPort",
    "DataPathAddress",
];
const SPEC_KEYS: [&str; 6] = [
    "Name",
    "Labels",
    "Orchestration",
    "Raft",
    "Dispatcher",
    "TaskDefaults",
];

impl View {
    /// A healthy engine that manages Docker's swarm.
    pub fn swarm_manager(&self) -> Option<&(Arc<Engine>, Arc<Snapshot>)> {
        self.healthy()
            .find(|(_, snapshot)| snapshot.facts.swarm_manager)
    }
}

impl Manager {
    /// The same, or what a person can do about its absence.
    pub fn swarm_manager(&self) -> Result<(Arc<Engine>, Arc<Snapshot>), Refusal> {
        let view = self.cluster.view();
        if let Some((engine, snapshot)) = view.swarm_manager() {
            return Ok((Arc::clone(engine), Arc::clone(snapshot)));
        }
        let lost = view
            .members
            .iter()
            .find(|(_, snapshot)| snapshot.facts.swarm_manager);
        Err(Refusal::unavailable(match lost {
            Some((_, snapshot)) => format!(
                "{} manages the swarm of this cluster's engines and does not answer: services go \
                 on as they are, and can be looked at and changed when it is back",
                snapshot.view.name
            ),
            None if self.policy.is_enforced() => {
                "the engines of this cluster form no swarm yet, which services, secrets and configs \
                 need: it is made within seconds after the cluster's start; if it stays so, the \
                 cluster's page in the panel says why"
                    .to_owned()
            }
            None => "no engine of this cluster manages a swarm, which services, secrets and \
                     configs need: run `docker swarm init` on one of them and `docker swarm join` \
                     on the others"
                .to_owned(),
        }))
    }

    /// What needs no more than to be asked at the right place: lists, inspections, logs, removals.
    pub async fn swarm_pass(&self, mut call: Call) -> Answer {
        self.swarm_send(&mut call, Payload::Empty).await
    }

    /// Sends the call to the swarm's manager as it was checked.
    pub async fn swarm_send(&self, call: &mut Call, payload: Payload) -> Answer {
        let (engine, snapshot) = self.swarm_manager()?;
        let name = call.matched.name.clone();
        let answer = self.send(call, &engine, &snapshot, &name, payload).await?;
        // It may have ceased to be a manager without a word.
        if answer.status() == http::StatusCode::SERVICE_UNAVAILABLE {
            tokio::spawn(async move { engine.facts_refresh().await });
        }
        Ok(answer)
    }

    pub async fn secret_write(&self, mut call: Call) -> Answer {
        let secret = admit::secret(&self.policy, &call.json_body().await?)?;
        let payload = Payload::Json(strict::write(&secret));
        self.swarm_send(&mut call, payload).await
    }

    pub async fn config_write(&self, mut call: Call) -> Answer {
        let body = call.json_body_within(ConfigSpec::BOUNDS).await?;
        let config = admit::config(&self.policy, &body)?;
        let payload = Payload::Json(strict::write(&config));
        self.swarm_send(&mut call, payload).await
    }

    pub async fn node_update(&self, mut call: Call) -> Answer {
        let asked: NodeSpec = strict::read(&call.json_body().await?)?;
        let (engine, _) = self.swarm_manager()?;
        let node: Value = engine
            .get(&format!("/nodes/{}", call.matched.name))
            .await
            .map_err(|error| engine_refusal(&error))?;
        let is: NodeSpec = serde_json::from_value(node["Spec"].clone())
            .map_err(|error| Refusal::failed(format!("the node is not understood: {error}")))?;
        let asked = admit::node_update(&self.policy, asked, &is)?;
        let payload = Payload::Json(strict::write(&asked));
        let answer = self.swarm_send(&mut call, payload).await;
        // Who drains a node and then runs something does not find it there.
        engine.facts_refresh().await;
        answer
    }

    pub async fn swarm_inspect(&self) -> Answer {
        let (engine, _) = self.swarm_manager()?;
        let swarm: Value = engine
            .get("/swarm")
            .await
            .map_err(|error| engine_refusal(&error))?;
        let mut shown = cluster_shown(&swarm);
        shown["JoinTokens"] = json!({"Worker": "", "Manager": ""});
        Ok(json_bytes(serde_json::to_vec(&shown).unwrap_or_default()))
    }
}

/// The `Swarm` of `docker info`: that of an engine that manages it, as far as it may be known.
pub fn swarm_shown(view: &View) -> Value {
    let active = view
        .healthy()
        .map(|(_, snapshot)| &snapshot.facts)
        .filter(|facts| facts.swarm_state == "active")
        .max_by_key(|facts| facts.swarm_manager);
    let Some(facts) = active else {
        return json!({"LocalNodeState": "inactive", "ControlAvailable": false, "Error": "",
            "NodeID": "", "NodeAddr": "", "RemoteManagers": null});
    };
    let swarm = &facts.swarm;
    let mut shown = json!({"LocalNodeState": "active", "ControlAvailable": facts.swarm_manager,
        "Error": "", "NodeID": swarm["NodeID"], "NodeAddr": swarm["NodeAddr"],
        "RemoteManagers": swarm["RemoteManagers"]});
    if facts.swarm_manager {
        shown["Nodes"] = swarm["Nodes"].clone();
        shown["Managers"] = swarm["Managers"].clone();
        shown["Cluster"] = cluster_shown(&swarm["Cluster"]);
    }
    shown
}

/// What `GET /swarm` and `docker info` have in common, key by key.
fn cluster_shown(cluster: &Value) -> Value {
    let mut shown = chosen(cluster, &CLUSTER_KEYS);
    let mut spec = chosen(&cluster["Spec"], &SPEC_KEYS);
    spec.insert("CAConfig".into(), json!({}));
    spec.insert(
        "EncryptionConfig".into(),
        json!({"AutoLockManagers": false}),
    );
    shown.insert("Spec".into(), Value::Object(spec));
    shown.insert("TLSInfo".into(), json!({}));
    Value::Object(shown)
}

fn chosen(object: &Value, keys: &[&str]) -> Map<String, Value> {
    keys.iter()
        .filter_map(|key| Some(((*key).to_owned(), object.get(key)?.clone())))
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn no_token_key_or_authority_is_shown() {
        let swarm = json!({
            "ID": "s1", "Version": {"Index": 7}, "SubnetSize": 24, "UnlockKey": "SWMKEY-1",
            "JoinTokens": {"Worker": "SWMTKN-1-w", "Manager": "SWMTKN-1-m"},
            "TLSInfo": {"TrustRoot": "-----BEGIN CERTIFICATE-----"},
            "Spec": {
                "Name": "default", "Raft": {"ElectionTick": 10},
                "CAConfig": {"SigningCAKey": "-----BEGIN PRIVATE KEY-----", "ExternalCAs": [{"URL": "x"}]},
                "EncryptionConfig": {"AutoLockManagers": true},
                "SomethingNew": "secret",
            },
            "AlsoNew": "secret",
        });
        let shown = cluster_shown(&swarm);
        assert_eq!(shown["ID"], "s1");
        assert_eq!(shown["Spec"]["Raft"]["ElectionTick"], 10);
        let text = shown.to_string();
        for word in ["SWMTKN", "SWMKEY", "BEGIN", "URL", "secret"] {
            assert!(!text.contains(word), "{word} in {text}");
        }
    }
}
