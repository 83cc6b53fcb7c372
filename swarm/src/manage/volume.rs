//! Volumes: each lives on one segment, and what mounts it goes there.

use std::collections::HashMap;
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
use crate::policy::admit;
use crate::schedule::Request;
use crate::schedule::facts::VolumeFacts;
use crate::schedule::filter::not_healthy;

/// A volume on its node.
struct Volume {
    engine: Arc<Engine>,
    snapshot: Arc<Snapshot>,
    facts: VolumeFacts,
}

impl Manager {
    /// By its name where only one node has it, else by `node/name`, as with the classic. A plain
    /// classic Swarm's are always called so.
    pub fn volume_list(&self, call: &Call) -> Answer {
        let filters = call.matched.query.filters();
        let view = self.cluster.view();
        let nodes = view.nodes();
        let mut count: HashMap<&str, usize> = HashMap::new();
        for volume in nodes.iter().flat_map(|node| &node.volumes) {
            *count.entry(&volume.name).or_default() += 1;
        }
        let mut list = Vec::new();
        for (_, snapshot) in view.healthy() {
            for mut volume in snapshot.volumes.read() {
                if !is_wanted(&filters, snapshot, &volume)? {
                    continue;
                }
                let name = volume["Name"].as_str().unwrap_or_default();
                if !self.policy.is_enforced() || count.get(name).copied() != Some(1) {
                    volume["Name"] = format!("{}/{name}", snapshot.view.name).into();
                }
                list.push(volume);
            }
        }
        let answer = json!({"Volumes": list, "Warnings": null});
        Ok(json_bytes(serde_json::to_vec(&answer).unwrap_or_default()))
    }

    pub async fn volume_inspect(&self, call: &Call) -> Answer {
        let reference = &call.matched.name;
        let volumes = self.volumes_reach(reference).await?;
        let [volume] = volumes.as_slice() else {
            return Err(ambiguous(reference, &volumes));
        };
        let version = self.version_for(&call.matched, &volume.snapshot);
        let target = call.matched.target(version, &volume.facts.name);
        let volume: Value = volume
            .engine
            .get(&target)
            .await
            .map_err(|error| engine_refusal(&error))?;
        Ok(json_bytes(serde_json::to_vec(&volume).unwrap_or_default()))
    }

    /// On one node: where it is already, where its labels or the node in front of its name say,
    /// else on the emptiest. Of two at once, or of a container that mounts it at the same moment,
    /// the second finds the place that the first one reserved.
    ///
    /// A plain classic Swarm makes it on every node that will do, as the archived program did and
    /// as its users expect; containers then go anywhere. Only a volume that a container made by
    /// itself has one place there, and later ones follow it: nobody wants an empty copy.
    pub async fn volume_create(&self, mut call: Call) -> Answer {
        let mut create = admit::volume_create(&self.policy, &call.json_body().await?)?;
        let given = create.name.take().unwrap_or_default();
        let (node, name) = match given.split_once('/') {
            Some((node, name)) => (Some(node), name),
            None => (None, given.as_str()),
        };
        create.name = Some(name.to_owned()).filter(|name| !name.is_empty());
        let labels = create.labels.clone().unwrap_or_default();
        let mut request = Request::of_volume(name, node, &labels)?;
        if !self.policy.is_enforced() && !name.is_empty() {
            request.volumes.clear();
            let places = self.cluster.places(&request)?;
            let made = places
                .iter()
                .map(|(engine, snapshot)| self.volume_create_on(&call, engine, snapshot, &create));
            let mut made = join_all(made).await;
            made.sort_by_key(Result::is_ok);
            return made.swap_remove(0);
        }
        let reserved = self.cluster.reserve(&request)?;
        self.volume_create_on(&call, &reserved.engine, &reserved.snapshot, &create)
            .await
    }

    async fn volume_create_on(
        &self,
        call: &Call,
        engine: &Engine,
        snapshot: &Snapshot,
        create: &VolumeCreate,
    ) -> Answer {
        let version = self.version_for(&call.matched, snapshot);
        let target = call.matched.target(version, "");
        let (_, bytes) = engine
            .call_in(
                call.term,
                Method::POST,
                &target,
                Some(strict::write(create)),
            )
            .await
            .map_err(|error| engine_refusal(&error))?;
        engine.volumes_refresh().await;
        let answer: Value = serde_json::from_slice(&bytes).unwrap_or_else(|_| json!({}));
        Ok(json_response(StatusCode::CREATED, &answer))
    }

    /// On every node that has one of the name.
    pub async fn volume_delete(&self, call: &Call) -> Answer {
        let volumes = self.volumes_reach(&call.matched.name).await?;
        for volume in &volumes {
            self.policy.volume_delete(&volume.facts)?;
        }
        let done = volumes.iter().map(|volume| {
            let version = self.version_for(&call.matched, &volume.snapshot);
            let target = call.matched.target(version, &volume.facts.name);
            let engine = &volume.engine;
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

    /// All that the reference stands for, on nodes that can be asked.
    /// What is known may be a moment old: before there is no such volume, all nodes are asked.
    async fn volumes_reach(&self, reference: &str) -> Result<Vec<Volume>, Refusal> {
        let mut volumes = self.volumes_find(reference);
        if volumes.is_empty() {
            let view = self.cluster.view();
            join_all(view.healthy().map(|(engine, _)| engine.volumes_refresh())).await;
            volumes = self.volumes_find(reference);
        }
        let is_down = |volume: &&Volume| !volume.snapshot.is_healthy();
        match volumes.iter().find(is_down) {
            Some(down) => Err(Refusal::failed(format!(
                "volume {} is on segment {}, which is {}",
                down.facts.name,
                down.snapshot.view.called(),
                not_healthy(&down.snapshot.view)
            ))),
            None if volumes.is_empty() => Err(Refusal::not_found(format!(
                "get {reference}: no such volume"
            ))),
            None => Ok(volumes),
        }
    }

    fn volumes_find(&self, reference: &str) -> Vec<Volume> {
        let (node, name) = match reference.split_once('/') {
            Some((node, name)) => (Some(node), name),
            None => (None, reference),
        };
        let view = self.cluster.view();
        let members = view.members.iter();
        members
            .filter(|(_, snapshot)| node.is_none_or(|node| snapshot.view.is_called(node)))
            .filter_map(|(engine, snapshot)| {
                let mut volumes = snapshot.view.volumes.iter();
                Some(Volume {
                    engine: Arc::clone(engine),
                    snapshot: Arc::clone(snapshot),
                    facts: volumes.find(|facts| facts.name == name)?.clone(),
                })
            })
            .collect()
    }
}

/// Several nodes have one: as in the archive that is none, but people should see why.
fn ambiguous(name: &str, volumes: &[Volume]) -> Refusal {
    let nodes = volumes.iter().map(|volume| volume.snapshot.view.called());
    let nodes = nodes.collect::<Vec<_>>().join(", ");
    Refusal::not_found(format!(
        "get {name}: no such volume: there is one on each of {nodes}; name it with its node in \
         front, as in {}/{name}",
        volumes[0].snapshot.view.called()
    ))
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
            "node" => wanted.iter().any(|node| snapshot.view.is_called(node)),
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
