//! Docker's own Swarm mode between the engines of one cluster.

use std::net::Ipv4Addr;

use bytes::Bytes;
use host::{EngineTarget, NodeName, SwarmRole, SwarmState};
use http::{Method, StatusCode};
use serde::Deserialize;
use serde_json::json;

use crate::door::{Door, DoorError};
use crate::{api, door};

/// Where managers talk to each other, inside the cluster's own network.
const LISTEN: &str = "0.0.0.0:2377";

#[derive(Deserialize)]
#[serde(rename_all = "PascalCase")]
struct Info {
    swarm: SwarmInfo,
}

#[derive(Deserialize)]
struct SwarmInfo {
    #[serde(rename = "NodeID", default)]
    node_id: String,
    #[serde(rename = "LocalNodeState", default)]
    state: String,
    /// A manager that has a leader.
    #[serde(rename = "ControlAvailable", default)]
    is_in_control: bool,
    #[serde(rename = "Error", default)]
    error: String,
    /// Managers alone have it.
    #[serde(rename = "Cluster", default)]
    cluster: Option<Cluster>,
    /// Its own id is among them when it is a manager.
    #[serde(rename = "RemoteManagers", default)]
    managers: Option<Vec<Peer>>,
}

#[derive(Deserialize)]
struct Cluster {
    #[serde(rename = "ID", default)]
    id: String,
}

#[derive(Deserialize)]
struct Peer {
    #[serde(rename = "NodeID", default)]
    node_id: String,
}

#[derive(Deserialize)]
struct NodeEntry {
    #[serde(rename = "ID")]
    id: String,
    #[serde(rename = "Description", default)]
    description: Description,
    #[serde(rename = "Spec", default)]
    spec: NodeSpec,
}

#[derive(Deserialize, Default)]
struct NodeSpec {
    #[serde(rename = "Availability", default)]
    availability: String,
}

#[derive(Deserialize, Default)]
struct Description {
    #[serde(rename = "Hostname", default)]
    hostname: String,
}

#[derive(Deserialize)]
struct Swarm {
    #[serde(rename = "JoinTokens")]
    tokens: JoinTokens,
}

#[derive(Deserialize)]
struct JoinTokens {
    #[serde(rename = "Worker")]
    worker: String,
}

async fn info(door: &mut Door) -> Result<SwarmInfo, DoorError> {
    let info: Info = door.get(api!("/info")).await?;
    Ok(info.swarm)
}

pub async fn state(door: &mut Door) -> Result<SwarmState, DoorError> {
    Ok(info(door).await?.into_state())
}

impl SwarmInfo {
    fn into_state(self) -> SwarmState {
        match self.state.as_str() {
            "inactive" | "" => SwarmState::Inactive,
            "active" => {
                let is_manager = self.is_in_control
                    || self
                        .managers
                        .iter()
                        .flatten()
                        .any(|peer| peer.node_id == self.node_id);
                SwarmState::Active {
                    has_quorum: if is_manager {
                        self.is_in_control && self.error.is_empty()
                    } else {
                        true
                    },
                    role: if is_manager {
                        SwarmRole::Manager
                    } else {
                        SwarmRole::Worker
                    },
                    swarm_id: self.cluster.map(|c| c.id).filter(|id| !id.is_empty()),
                    node_id: self.node_id,
                }
            }
            other => SwarmState::Troubled(other.chars().take(40).collect()),
        }
    }
}

pub async fn ensure_init(door: &mut Door, address: Ipv4Addr) -> Result<(), DoorError> {
    if !matches!(state(door).await?, SwarmState::Inactive) {
        return Ok(());
    }
    let body = json!({ "ListenAddr": LISTEN, "AdvertiseAddr": address.to_string() });
    match door.post(api!("/swarm/init"), &body).await {
        // Somebody was faster: it is in one.
        Err(error) if error.has_status(StatusCode::SERVICE_UNAVAILABLE) => {
            match state(door).await? {
                SwarmState::Inactive => Err(error),
                _ => Ok(()),
            }
        }
        outcome => outcome,
    }
}

pub async fn ensure_joined(target: &EngineTarget, manager: &EngineTarget) -> Result<(), DoorError> {
    let mut target_door = door(target).await?;
    let mut manager_door = door(manager).await?;
    match state(&mut target_door).await? {
        SwarmState::Inactive => {}
        SwarmState::Active { node_id, .. } if knows(&mut manager_door, &node_id).await? => {
            return Ok(());
        }
        SwarmState::Active { .. } | SwarmState::Troubled(_) => leave(&mut target_door).await?,
    }
    let swarm: Swarm = manager_door.get(api!("/swarm")).await?;
    let body = json!({
        "ListenAddr": LISTEN,
        "AdvertiseAddr": target.address.to_string(),
        "RemoteAddrs": [format!("{}:2377", manager.address)],
        "JoinToken": swarm.tokens.worker,
    });
    target_door.post(api!("/swarm/join"), &body).await?;
    forget_former_selves(&mut target_door, &mut manager_door, target).await
}

/// A segment that joins again gets a new node id; its former entries would stay as `Down` for ever.
async fn forget_former_selves(
    target_door: &mut Door,
    manager_door: &mut Door,
    target: &EngineTarget,
) -> Result<(), DoorError> {
    let own_id = info(target_door).await?.node_id;
    let name = target.node.to_string();
    for entry in entries(manager_door).await? {
        if entry.description.hostname == name && entry.id != own_id {
            node_remove(manager_door, &entry.id).await?;
        }
    }
    Ok(())
}

pub async fn ensure_left(door: &mut Door) -> Result<(), DoorError> {
    match state(door).await? {
        SwarmState::Inactive => Ok(()),
        SwarmState::Active { .. } | SwarmState::Troubled(_) => leave(door).await,
    }
}

async fn leave(door: &mut Door) -> Result<(), DoorError> {
    match door
        .call(Method::POST, api!("/swarm/leave?force=true"), Bytes::new())
        .await
    {
        // 503: it is in none (any more).
        Err(error) if !error.has_status(StatusCode::SERVICE_UNAVAILABLE) => Err(error),
        _ => Ok(()),
    }
}

async fn knows(manager: &mut Door, node_id: &str) -> Result<bool, DoorError> {
    // The id is the segment's own word: only Docker's alphabet goes into a path.
    if !is_node_id(node_id) {
        return Ok(false);
    }
    let path = format!(api!("/nodes/{}"), node_id);
    match manager.call(Method::GET, &path, Bytes::new()).await {
        Ok(_) => Ok(true),
        Err(error) if error.has_status(StatusCode::NOT_FOUND) => Ok(false),
        Err(error) => Err(error),
    }
}

fn is_node_id(text: &str) -> bool {
    !text.is_empty() && text.len() <= 64 && text.bytes().all(|b| b.is_ascii_alphanumeric())
}

async fn entries(manager: &mut Door) -> Result<Vec<NodeEntry>, DoorError> {
    manager.get(api!("/nodes")).await
}

async fn node_remove(manager: &mut Door, id: &str) -> Result<(), DoorError> {
    if !is_node_id(id) {
        return Err(DoorError::Nonsense("a node's id".into()));
    }
    let path = format!(api!("/nodes/{}?force=true"), id);
    match manager.call(Method::DELETE, &path, Bytes::new()).await {
        Err(error) if !error.has_status(StatusCode::NOT_FOUND) => Err(error),
        _ => Ok(()),
    }
}

pub async fn node_ensure_gone(manager: &mut Door, node: &NodeName) -> Result<(), DoorError> {
    let name = node.to_string();
    for entry in entries(manager).await? {
        if entry.description.hostname == name {
            node_remove(manager, &entry.id).await?;
        }
    }
    Ok(())
}

pub async fn nodes(manager: &mut Door) -> Result<Vec<NodeName>, DoorError> {
    Ok(names(entries(manager).await?.iter()))
}

pub async fn drained(manager: &mut Door) -> Result<Vec<NodeName>, DoorError> {
    let entries = entries(manager).await?;
    let is_closed =
        |entry: &&NodeEntry| matches!(entry.spec.availability.as_str(), "drain" | "pause");
    Ok(names(entries.iter().filter(is_closed)))
}

/// Of those that are nodes of ours.
fn names<'e>(entries: impl Iterator<Item = &'e NodeEntry>) -> Vec<NodeName> {
    let mut names: Vec<NodeName> = entries
        .filter_map(|entry| entry.description.hostname.parse().ok())
        .collect();
    names.sort();
    names.dedup();
    names
}

#[cfg(test)]
mod tests {
    use super::*;

    fn state(text: &str) -> SwarmState {
        let info: SwarmInfo = serde_json::from_str(text).expect("an engine's words");
        info.into_state()
    }

    #[test]
    fn the_states_of_docker_26_are_understood() {
        assert_eq!(
            state(r#"{"NodeID":"","LocalNodeState":"inactive","RemoteManagers":null}"#),
            SwarmState::Inactive
        );
        assert_eq!(
            state(
                r#"{"NodeID":"n1","LocalNodeState":"active","ControlAvailable":true,"Error":"",
                   "RemoteManagers":[{"NodeID":"n1","Addr":"10.0.0.1:2377"}],"Cluster":{"ID":"s1"}}"#
            ),
            SwarmState::Active {
                node_id: "n1".into(),
                role: SwarmRole::Manager,
                has_quorum: true,
                swarm_id: Some("s1".into()),
            }
        );
        assert_eq!(
            state(
                r#"{"NodeID":"n2","LocalNodeState":"active","ControlAvailable":false,"Error":"",
                   "RemoteManagers":[{"NodeID":"n1","Addr":"10.0.0.1:2377"}]}"#
            ),
            SwarmState::Active {
                node_id: "n2".into(),
                role: SwarmRole::Worker,
                has_quorum: true,
                swarm_id: None,
            }
        );
        assert_eq!(
            state(r#"{"LocalNodeState":"locked"}"#),
            SwarmState::Troubled("locked".into())
        );
    }

    #[test]
    fn a_manager_without_a_leader_has_no_quorum() {
        let SwarmState::Active {
            has_quorum, role, ..
        } = state(
            r#"{"NodeID":"n1","LocalNodeState":"active","ControlAvailable":false,
               "Error":"rpc error: The swarm does not have a leader",
               "RemoteManagers":[{"NodeID":"n1","Addr":"10.0.0.1:2377"}]}"#,
        )
        else {
            panic!("not active");
        };
        assert!(!has_quorum);
        assert_eq!(role, SwarmRole::Manager);
    }

    #[test]
    fn a_node_id_never_leaves_its_place_in_a_path() {
        assert!(is_node_id("x3p1q9abcdefghijklmnopqrs"));
        for id in ["", "../swarm", "a/b", "a?force=1", "a b"] {
            assert!(!is_node_id(id), "{id}");
        }
    }
}
