//! `docker exec`: made on the container's node, found again by its id.

use std::sync::{Arc, PoisonError};

use http::StatusCode;
use serde_json::Value;

use super::Manager;
use super::answer::{Answer, engine_refusal};
use super::dispatch::Call;
use super::proxy::Payload;
use crate::api::{Refusal, json as strict};
use crate::engine::{Engine, EngineError, Snapshot};
use crate::http::json as json_response;
use crate::policy::{Deed, admit};

/// Older ones are forgotten first; they are still found by asking every engine.
const REMEMBERED_MAX: usize = 10_000;

impl Manager {
    pub async fn exec_create(&self, mut call: Call) -> Answer {
        let located = self.container_take(&call.matched.name, Deed::Use)?;
        let exec = admit::exec_create(&self.policy, &call.json_body().await?)?;
        let version = self.version_for(&call.matched, &located.snapshot);
        let target = call.matched.target(version, &located.container.id);
        let body = Some(strict::write(&exec));
        let (_, bytes) = located
            .engine
            .call(http::Method::POST, &target, body)
            .await
            .map_err(|error| engine_refusal(&error))?;
        let answer: Value = serde_json::from_slice(&bytes)
            .map_err(|error| engine_refusal(&EngineError::Answer(error)))?;
        if let Some(id) = answer["Id"].as_str() {
            self.exec_remember(id, &located.engine.entry);
        }
        Ok(json_response(StatusCode::CREATED, &answer))
    }

    pub async fn exec_start(&self, mut call: Call) -> Answer {
        let (engine, snapshot) = self.exec_find(&call.matched.name).await?;
        let start = admit::exec_start(&call.json_body().await?)?;
        let id = call.matched.name.clone();
        let payload = Payload::Json(strict::write(&start));
        self.send(&mut call, &engine, &snapshot, &id, payload).await
    }

    pub async fn exec_proxy(&self, mut call: Call) -> Answer {
        let (engine, snapshot) = self.exec_find(&call.matched.name).await?;
        let id = call.matched.name.clone();
        self.send(&mut call, &engine, &snapshot, &id, Payload::Empty)
            .await
    }

    fn exec_remember(&self, id: &str, entry: &str) {
        let mut execs = self.execs.lock().unwrap_or_else(PoisonError::into_inner);
        if execs.len() >= REMEMBERED_MAX {
            execs.clear();
        }
        execs.insert(id.to_owned(), entry.to_owned());
    }

    /// The exec's engine, and that it may be used: an exec belongs to its container. One that was
    /// made through another manager is looked for.
    async fn exec_find(&self, id: &str) -> Result<(Arc<Engine>, Arc<Snapshot>), Refusal> {
        let view = self.cluster.view();
        let remembered = {
            let execs = self.execs.lock().unwrap_or_else(PoisonError::into_inner);
            execs.get(id).cloned()
        };
        if let Some((engine, snapshot)) = remembered.and_then(|entry| {
            let (engine, snapshot) = view.of_addr(&entry)?;
            Some((Arc::clone(engine), Arc::clone(snapshot)))
        }) {
            if !snapshot.is_healthy() {
                return Err(Refusal::failed(format!(
                    "{} does not answer; docker info shows when it is back",
                    engine.called()
                )));
            }
            return Ok((engine, snapshot));
        }
        for (engine, snapshot) in view.healthy() {
            let Ok(exec) = engine.get::<Value>(&format!("/exec/{id}/json")).await else {
                continue;
            };
            let container = exec["ContainerID"].as_str().unwrap_or_default();
            let facts = snapshot
                .view
                .containers
                .iter()
                .find(|facts| facts.id == container);
            let Some(facts) = facts else { continue };
            self.policy.container(Deed::Use, facts)?;
            let is_privileged = &exec["ProcessConfig"]["privileged"];
            self.policy
                .exec_start(*is_privileged == Value::Bool(true))?;
            self.exec_remember(id, &engine.entry);
            return Ok((Arc::clone(engine), Arc::clone(snapshot)));
        }
        Err(Refusal::not_found(format!("No such exec instance: {id}")))
    }
}
