//! A stack: networks and configs, then services, with the label by which Docker's own client knows what
//! belongs together. What is there already is changed, never made twice.

use std::collections::HashMap;
use std::time::Duration;

use async_trait::async_trait;
use bytes::Bytes;
use host::{EndpointError, EndpointTarget, Stacks};
use http::{Method, StatusCode};
use model::{StackName, StackOutcome, StackSpec};
use serde::Deserialize;
use serde_json::json;

use super::service::STACK_LABEL;
use super::stack_file::Files;
use super::{door, stack_spec, within};
use crate::container::null_is_empty;
use crate::door::{Door, DoorError};
use crate::{Engines, api};

/// Before a service is made its image is brought to all segments. The panel's own deadline for an
/// answer is a minute.
const DEADLINE: Duration = Duration::from_secs(55);
/// How often a network that is in use is tried again, and how long after.
const NETWORK_TRIES: u32 = 10;
const NETWORK_WAIT: Duration = Duration::from_secs(1);

/// A service, a config or a secret that is there.
#[derive(Deserialize)]
pub struct Found {
    #[serde(rename = "ID", alias = "Id")]
    pub id: String,
    #[serde(rename = "Version", default)]
    version: Version,
    #[serde(rename = "Spec", default)]
    pub spec: FoundSpec,
}

#[derive(Deserialize, Default)]
#[serde(rename_all = "PascalCase", default)]
struct Version {
    index: u64,
}

#[derive(Deserialize, Default)]
#[serde(rename_all = "PascalCase", default)]
pub struct FoundSpec {
    pub name: String,
    #[serde(deserialize_with = "null_is_empty")]
    labels: HashMap<String, String>,
}

impl Found {
    pub fn is_of(&self, stack: &str) -> bool {
        is_labeled(&self.spec.labels, stack)
    }
}

fn is_labeled(labels: &HashMap<String, String>, stack: &str) -> bool {
    labels.get(STACK_LABEL).is_some_and(|of| of == stack)
}

#[derive(Deserialize)]
#[serde(rename_all = "PascalCase")]
struct Network {
    id: String,
    name: String,
    #[serde(default, deserialize_with = "null_is_empty")]
    labels: HashMap<String, String>,
}

#[async_trait]
impl Stacks for Engines {
    async fn stack_deploy(
        &self,
        at: &EndpointTarget,
        name: &StackName,
        spec: &StackSpec,
    ) -> Result<StackOutcome, EndpointError> {
        within("stack", DEADLINE, deploy(at, name.as_str(), spec)).await
    }

    async fn stack_remove(
        &self,
        at: &EndpointTarget,
        name: &StackName,
    ) -> Result<(), EndpointError> {
        within("stack", DEADLINE, remove(at, name.as_str())).await
    }
}

async fn deploy(
    at: &EndpointTarget,
    name: &str,
    spec: &StackSpec,
) -> Result<StackOutcome, DoorError> {
    let mut door = door(at).await?;
    let mut outcome = StackOutcome::default();
    networks_make(&mut door, name, spec).await?;
    let files = Files::made(&mut door, name, spec).await?;
    let there = services_of(&mut door, name).await?;
    for service in &spec.services {
        let full = format!("{name}_{}", service.name);
        let body = stack_spec::service(name, spec, service, &files);
        match there.iter().find(|found| found.spec.name == full) {
            Some(found) => {
                let id = checked(&found.id)?;
                let path = format!(
                    api!("/services/{}/update?version={}"),
                    id, found.version.index
                );
                door.post(&path, &body).await?;
                outcome.changed.push(service.name.clone());
            }
            None => {
                door.post(api!("/services/create"), &body).await?;
                outcome.made.push(service.name.clone());
            }
        }
    }
    files.sweep(&mut door, name).await?;
    let is_named = |full: &str| {
        let mut own = spec.services.iter();
        own.any(|service| full == format!("{name}_{}", service.name))
    };
    let left = there.into_iter().map(|found| found.spec.name);
    outcome.left = left.filter(|full| !is_named(full)).collect();
    Ok(outcome)
}

async fn networks_make(door: &mut Door, name: &str, spec: &StackSpec) -> Result<(), DoorError> {
    let used = |key: &str| {
        let mut services = spec.services.iter();
        services.any(|service| service.networks.iter().any(|own| own == key))
    };
    let wanted: Vec<_> = spec
        .networks
        .iter()
        .filter(|network| !network.is_external && used(&network.key))
        .collect();
    if wanted.is_empty() {
        return Ok(());
    }
    let there: Vec<Network> = door.get(api!("/networks")).await?;
    for network in wanted {
        let full = network.full_name(name);
        if there.iter().any(|found| found.name == full) {
            continue;
        }
        let mut labels = network.labels.clone();
        labels.insert(STACK_LABEL.to_owned(), name.to_owned());
        let body = json!({
            "Name": full, "Driver": "overlay", "Attachable": true, "Labels": labels,
        });
        door.post(api!("/networks/create"), &body).await?;
    }
    Ok(())
}

/// Services first: a network in use does not go. Volumes stay.
async fn remove(at: &EndpointTarget, name: &str) -> Result<(), DoorError> {
    let mut door = door(at).await?;
    let services = services_of(&mut door, name).await?;
    let networks: Vec<Network> = door.get(api!("/networks")).await?;
    let mut own: Vec<Network> = networks
        .into_iter()
        .filter(|network| is_labeled(&network.labels, name))
        .collect();
    if services.is_empty() && own.is_empty() {
        return Err(DoorError::Refused {
            status: StatusCode::NOT_FOUND,
            why: "no such stack".to_owned(),
        });
    }
    for found in &services {
        let path = format!(api!("/services/{}"), checked(&found.id)?);
        gone(door.call(Method::DELETE, &path, Bytes::new()).await)?;
    }
    Files::default().sweep(&mut door, name).await?;
    // Tasks end a moment after their service; until then their networks are in use.
    for _ in 0..NETWORK_TRIES {
        let mut busy = Vec::new();
        for network in own {
            let path = format!(api!("/networks/{}"), checked(&network.id)?);
            let outcome = door.call(Method::DELETE, &path, Bytes::new()).await;
            match gone(outcome) {
                Ok(()) => {}
                Err(DoorError::Refused { .. }) => busy.push(network),
                Err(other) => return Err(other),
            }
        }
        if busy.is_empty() {
            return Ok(());
        }
        own = busy;
        tokio::time::sleep(NETWORK_WAIT).await;
    }
    let names: Vec<&str> = own.iter().map(|network| network.name.as_str()).collect();
    Err(DoorError::Refused {
        status: StatusCode::CONFLICT,
        why: format!("still in use: {}", names.join(", ")),
    })
}

/// That it is gone already is no failure.
fn gone(outcome: Result<Bytes, DoorError>) -> Result<(), DoorError> {
    match outcome {
        Err(error) if error.has_status(StatusCode::NOT_FOUND) => Ok(()),
        other => other.map(drop),
    }
}

async fn services_of(door: &mut Door, name: &str) -> Result<Vec<Found>, DoorError> {
    // Letters, digits and hyphens: nothing to be encoded but the braces around it.
    let filter = format!("%7B%22label%22%3A%5B%22{STACK_LABEL}%3D{name}%22%5D%7D");
    door.get(&format!(api!("/services?filters={}"), filter))
        .await
}

/// It becomes part of a path, and a manager may lie.
pub fn checked(id: &str) -> Result<&str, DoorError> {
    let is_id = !id.is_empty() && id.len() <= 64 && id.bytes().all(|b| b.is_ascii_alphanumeric());
    is_id
        .then_some(id)
        .ok_or_else(|| DoorError::Nonsense("an id that is none".to_owned()))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_id_is_one_piece_of_a_path() {
        assert!(checked("0a1bzz").is_ok());
        for bad in ["", "a/b", "../x", "a?b", &"x".repeat(65)] {
            assert!(checked(bad).is_err(), "{bad}");
        }
    }
}
