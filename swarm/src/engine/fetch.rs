//! Asking an engine for all that a snapshot holds.

use std::collections::HashMap;
use std::sync::Arc;
use std::sync::atomic::Ordering;

use futures::{FutureExt, StreamExt, TryStreamExt, stream};
use http::{Method, StatusCode};
use serde::Deserialize;
use serde_json::{Map, Value};

use super::container::{Inspect, fingerprint, listed};
use super::kept::Kept;
use super::snapshot::{COMMON_INFO, EngineFacts, Listed, text};
use super::{Engine, EngineError, Reading};
use crate::api::path::encode;
use crate::limits::POOL_IDLE_READ;
use crate::schedule::facts::{ContainerFacts, NodeView};

/// Inspections at the same time on one engine.
const INSPECT_WIDTH: usize = 4;

pub async fn engine(engine: &Engine) -> Result<(EngineFacts, NodeView), EngineError> {
    let turn = engine.facts_turn.fetch_add(1, Ordering::Relaxed) + 1;
    let (mut info, version): (Value, Value) =
        futures::try_join!(engine.get("/info"), engine.get("/version"))?;
    let (cpus, memory) = (
        info["NCPU"].as_i64().unwrap_or(0),
        info["MemTotal"].as_i64().unwrap_or(0),
    );
    if cpus == 0 || memory == 0 {
        return Err(EngineError::Unfit(format!(
            "cannot get resources for this engine, make sure {} is a Docker Engine, not a Swarm \
             manager",
            engine.entry
        )));
    }
    let mut labels: std::collections::BTreeMap<String, String> = info["Labels"]
        .as_array()
        .into_iter()
        .flatten()
        .filter_map(Value::as_str)
        .map(|label| {
            let (key, value) = label.split_once('=').unwrap_or((label, ""));
            (key.to_owned(), value.to_owned())
        })
        .collect();
    for (key, field) in [
        ("storagedriver", "Driver"),
        ("kernelversion", "KernelVersion"),
        ("operatingsystem", "OperatingSystem"),
        ("ostype", "OSType"),
    ] {
        labels.insert(key.into(), text(&info, field));
    }
    let view = NodeView {
        id: text(&info, "ID"),
        name: text(&info, "Name"),
        addr: engine.entry.clone(),
        cpus,
        memory,
        labels,
        ..NodeView::default()
    };
    let swarm = info["Swarm"].take();
    let swarm_manager = swarm["ControlAvailable"].as_bool().unwrap_or(false);
    let drained = match swarm_manager {
        true => drained(engine).await,
        false => Vec::new(),
    };
    let facts = EngineFacts {
        turn,
        version: text(&version, "Version"),
        api_version: text(&version, "ApiVersion"),
        min_api_version: text(&version, "MinAPIVersion"),
        kernel: text(&info, "KernelVersion"),
        architecture: text(&info, "Architecture"),
        swarm_state: text(&swarm, "LocalNodeState"),
        swarm_manager,
        swarm,
        drained,
        components: Kept::new(version["Components"].as_array().map_or(&[], Vec::as_slice)),
        info: info_common(info),
    };
    Ok((facts, view))
}

/// Nodes that somebody has drained or paused (`docker node update --availability`).
async fn drained(engine: &Engine) -> Vec<String> {
    let Ok(nodes) = engine.get::<Vec<Value>>("/nodes").await else {
        // It has just ceased to manage them: what was said last holds until another one speaks.
        return engine.snapshot().facts.drained.clone();
    };
    let is_closed = |node: &&Value| {
        let availability = node["Spec"]["Availability"].as_str();
        matches!(availability, Some("drain" | "pause"))
    };
    let closed = nodes.iter().filter(is_closed);
    closed.map(|node| text(node, "ID")).collect()
}

/// What is ever asked of an engine's info: it is long, and there may be a thousand engines.
fn info_common(mut info: Value) -> Value {
    if let Value::Object(fields) = &mut info {
        fields.retain(|key, _| key == "DriverStatus" || COMMON_INFO.contains(&key.as_str()));
    }
    info
}

/// All containers; those that go away meanwhile are left out.
pub async fn containers(engine: &Engine) -> Result<Vec<(ContainerFacts, Listed)>, EngineError> {
    let lines: Vec<Map<String, Value>> = engine.get("/containers/json?all=1").await?;
    let snapshot = engine.snapshot();
    let known: HashMap<&str, (&ContainerFacts, &Listed)> = snapshot
        .view
        .containers
        .iter()
        .zip(&snapshot.listed)
        .map(|(facts, listed)| (facts.id.as_str(), (facts, listed)))
        .collect();
    let unchanged = |line: &Map<String, Value>| {
        let id = line.get("Id").and_then(Value::as_str)?;
        let (facts, listed) = known.get(id)?;
        (listed.fingerprint == fingerprint(line)).then(|| ((*facts).clone(), (*listed).clone()))
    };
    let read = lines.into_iter().map(|line| match unchanged(&line) {
        Some(container) => async { Ok(Some(container)) }.boxed(),
        None => container_from_line(engine, line).boxed(),
    });
    stream::iter(read.collect::<Vec<_>>())
        .buffered(INSPECT_WIDTH)
        .try_filter_map(|container| async { Ok(container) })
        .try_collect()
        .await
}

/// One container; `None` when it is gone.
pub async fn container(
    engine: &Engine,
    id: &str,
) -> Result<Option<(ContainerFacts, Listed)>, EngineError> {
    let mut filters = String::new();
    encode(&format!(r#"{{"id":["{id}"]}}"#), b"", &mut filters);
    let lines: Vec<Map<String, Value>> = engine
        .get(&format!("/containers/json?all=1&filters={filters}"))
        .await?;
    let line = lines
        .into_iter()
        .find(|line| line.get("Id").and_then(Value::as_str) == Some(id));
    match line {
        Some(line) => container_from_line(engine, line).await,
        None => Ok(None),
    }
}

/// Those of `ids` that are still there, read with one list.
pub async fn containers_some(
    engine: &Engine,
    ids: &[String],
) -> Result<Vec<(ContainerFacts, Listed)>, EngineError> {
    let filter = serde_json::json!({ "id": ids }).to_string();
    let mut filters = String::new();
    encode(&filter, b"", &mut filters);
    let lines: Vec<Map<String, Value>> = engine
        .get(&format!("/containers/json?all=1&filters={filters}"))
        .await?;
    let read = lines
        .into_iter()
        .map(|line| container_from_line(engine, line).boxed());
    stream::iter(read.collect::<Vec<_>>())
        .buffered(INSPECT_WIDTH)
        .try_filter_map(|container| async { Ok(container) })
        .try_collect()
        .await
}

async fn container_from_line(
    engine: &Engine,
    line: Map<String, Value>,
) -> Result<Option<(ContainerFacts, Listed)>, EngineError> {
    let id = line.get("Id").and_then(Value::as_str).unwrap_or_default();
    let path = format!("/containers/{id}/json");
    let bytes = match engine.call(Method::GET, &path, None).await {
        Ok((_, bytes)) => bytes,
        Err(EngineError::Status { status, .. }) if status == StatusCode::NOT_FOUND => {
            return Ok(None);
        }
        Err(error) => return Err(error),
    };
    let inspect: Inspect = serde_json::from_slice(&bytes).map_err(EngineError::Answer)?;
    let snapshot = engine.snapshot();
    let facts = inspect.facts(snapshot.view.cpus);
    let mut listed = listed(line, inspect.state(), &snapshot.view.name, engine.ip());
    if facts.is_rescheduled() {
        listed.inspect = serde_json::from_slice(&bytes).ok().map(Arc::new);
    }
    Ok(Some((facts, listed)))
}

pub async fn images(engine: &Engine) -> Result<Vec<Value>, EngineError> {
    engine.get("/images/json").await
}

pub async fn networks(engine: &Engine) -> Result<Vec<Value>, EngineError> {
    engine.get("/networks").await
}

pub async fn volumes(engine: &Engine) -> Result<Vec<Value>, EngineError> {
    #[derive(Deserialize)]
    struct Volumes {
        #[serde(rename = "Volumes")]
        volumes: Option<Vec<Value>>,
    }
    let volumes: Volumes = engine.get("/volumes").await?;
    Ok(volumes.volumes.unwrap_or_default())
}

/// Everything that is not the engine's own facts, at once.
pub async fn all(engine: &Engine) -> Result<(), EngineError> {
    let _reading = Reading::begin(engine);
    let (containers, images, networks, volumes) = futures::try_join!(
        containers(engine),
        images(engine),
        networks(engine),
        volumes(engine)
    )?;
    engine.change(|snapshot| {
        snapshot.containers_set(containers);
        snapshot.images_set(&images);
        snapshot.networks_set(&networks);
        snapshot.volumes_set(&volumes);
    });
    engine.pool.keep(POOL_IDLE_READ);
    Ok(())
}

/// Takes what the engine says of itself into the snapshot.
pub fn engine_set(engine: &Engine, facts: EngineFacts, view: NodeView) {
    engine.change(|snapshot| {
        // One that began later has told already, and knows more.
        if snapshot.facts.turn > facts.turn {
            return;
        }
        let old = std::mem::replace(&mut snapshot.view, view);
        snapshot.view.health = old.health;
        snapshot.view.trouble = old.trouble;
        snapshot.view.containers = old.containers;
        snapshot.view.images = old.images;
        snapshot.view.networks = old.networks;
        snapshot.view.volumes = old.volumes;
        snapshot.facts = Arc::new(facts);
    });
    engine.pool.call(engine.called());
}
