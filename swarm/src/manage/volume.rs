//! Volumes: each lives on one segment, and what mounts it goes there.

use std::sync::Arc;

use futures::future::join_all;
use http::{Method, StatusCode};
use serde_json::{Value, json};

use super::Manager;
use super::answer::{Answer, engine_refusal, json_bytes, no_content};
use super::create::node_name;
use super::dispatch::Call;
use crate::api::{Refusal, VolumeCreate, json as strict};
use crate::engine::{Engine, Snapshot};
use crate::http::json as json_response;
use crate::schedule::facts::VolumeFacts;

impl Manager {
    pub fn volume_list(&self, call: &Call) -> Answer {
        let filters = call.matched.query.filters();
        let view = self.cluster.view();
        let mut list = Vec::new();
        for (_, snapshot) in view.healthy() {
            for volume in snapshot.volumes.iter() {
                if !is_wanted(&filters, snapshot, volume)? {
                    continue;
                }
                let mut volume = volume.clone();
                let name = volume["Name"].as_str().unwrap_or_default();
                volume["Name"] = format!("{}/{name}", snapshot.view.name).into();
                list.push(volume);
            }
        }
        let answer = json!({"Volumes": list, "Warnings": null});
        Ok(json_bytes(serde_json::to_vec(&answer).unwrap_or_default()))
    }

    pub async fn volume_inspect(&self, call: &Call) -> Answer {
        let mut holders = self.volume_holders(&call.matched.name);
        let (Some((engine, _, facts)), true) = (holders.pop(), holders.is_empty()) else {
            return Err(missing(&call.matched.name));
        };
        let volume: Value = engine
            .get(&format!("/volumes/{}", facts.name))
            .await
            .map_err(|error| engine_refusal(&error))?;
        Ok(json_bytes(serde_json::to_vec(&volume).unwrap_or_default()))
    }

    pub async fn volume_create(&self, mut call: Call) -> Answer {
        let mut create: VolumeCreate = strict::read(&call.json_body().await?)?;
        self.policy.volume_create(&create)?;
        let name = create.name.clone().unwrap_or_default();
        let (node, name) = match name.split_once('/') {
            Some((node, name)) => (Some(node), name),
            None => (None, name.as_str()),
        };
        // One that exists is Docker's answer to being made again.
        let known = if node.is_none() && !name.is_empty() {
            self.volume_holders(name).into_iter().next()
        } else {
            None
        };
        let (engine, snapshot) = match known {
            Some((engine, snapshot, _)) => (engine, snapshot),
            None => self.node_choose(node)?,
        };
        create.name = Some(name.to_owned()).filter(|name| !name.is_empty());
        let version = self.version_for(&call.matched, &snapshot);
        let target = call.matched.target(version, "");
        let (_, bytes) = engine
            .call(Method::POST, &target, Some(strict::write(&create)))
            .await
            .map_err(|error| engine_refusal(&error))?;
        engine.volumes_refresh().await;
        let answer: Value = serde_json::from_slice(&bytes).unwrap_or_else(|_| json!({}));
        Ok(json_response(StatusCode::CREATED, &answer))
    }

    /// On every node that has one of the name.
    pub async fn volume_delete(&self, call: &Call) -> Answer {
        let holders = self.volume_holders(&call.matched.name);
        if holders.is_empty() {
            return Err(missing(&call.matched.name));
        }
        for (_, _, facts) in &holders {
            self.policy.volume_delete(facts)?;
        }
        let done = holders.iter().map(|(engine, snapshot, facts)| {
            let version = self.version_for(&call.matched, snapshot);
            let target = call.matched.target(version, &facts.name);
            async move {
                let answer = engine.call(Method::DELETE, &target, None).await;
                engine.volumes_refresh().await;
                (engine, answer)
            }
        });
        let mut errors = Vec::new();
        for (engine, answer) in join_all(done).await {
            if let Err(error) = answer {
                errors.push((node_name(engine), engine_refusal(&error)));
            }
        }
        match errors.as_slice() {
            [] => Ok(no_content()),
            [(_, only)] => Err(only.clone()),
            [(_, first), ..] => Err(Refusal {
                message: errors
                    .iter()
                    .map(|(node, refusal)| format!("{node}: {}", refusal.message))
                    .collect::<Vec<_>>()
                    .join("\n"),
                ..first.clone()
            }),
        }
    }

    fn volume_holders(&self, reference: &str) -> Vec<(Arc<Engine>, Arc<Snapshot>, VolumeFacts)> {
        let (node, name) = match reference.split_once('/') {
            Some((node, name)) => (Some(node), name),
            None => (None, reference),
        };
        let view = self.cluster.view();
        view.healthy()
            .filter(|(_, snapshot)| {
                node.is_none_or(|node| node == snapshot.view.name || node == snapshot.view.id)
            })
            .filter_map(|(engine, snapshot)| {
                let facts = snapshot
                    .view
                    .volumes
                    .iter()
                    .find(|facts| facts.name == name)?;
                Some((Arc::clone(engine), Arc::clone(snapshot), facts.clone()))
            })
            .collect()
    }
}

fn missing(name: &str) -> Refusal {
    Refusal::not_found(format!("get {name}: no such volume"))
}

/// Docker's filters on volumes: name (a part of it), node, label, driver, dangling.
fn is_wanted(
    filters: &crate::api::query::Filters,
    snapshot: &Snapshot,
    volume: &Value,
) -> Result<bool, Refusal> {
    let name = volume["Name"].as_str().unwrap_or_default();
    for (key, wanted) in filters {
        let fits = match key.as_str() {
            "name" => wanted.iter().any(|part| {
                name.contains(part.as_str())
                    || format!("{}/{name}", snapshot.view.name).contains(part.as_str())
            }),
            "node" => wanted
                .iter()
                .any(|node| *node == snapshot.view.name || *node == snapshot.view.id),
            "driver" => wanted
                .iter()
                .any(|driver| volume["Driver"] == driver.as_str()),
            "label" => wanted.iter().all(|label| match label.split_once('=') {
                Some((key, value)) => volume["Labels"][key] == value,
                None => !volume["Labels"][label.as_str()].is_null(),
            }),
            "dangling" => {
                let used = snapshot
                    .view
                    .containers
                    .iter()
                    .any(|container| container.mounts.iter().any(|mount| mount.name == name));
                wanted
                    .iter()
                    .any(|text| matches!(text.as_str(), "true" | "1") != used)
            }
            _ => return Err(Refusal::bad_request(format!("invalid filter '{key}'"))),
        };
        if !fits {
            return Ok(false);
        }
    }
    Ok(true)
}
