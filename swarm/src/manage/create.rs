//! `docker create`: check, place, reserve, make.

use std::sync::Arc;

use super::Manager;
use super::answer::{Answer, engine_refusal};
use super::cluster::Reserved;
use super::dispatch::Call;
use super::doubt::doubt;
use super::image_name::Wanted;
pub use super::image_name::{name_of, tagged};
use crate::api::path::encode;
use crate::api::{ContainerCreate, Refusal, json as strict};
use crate::engine::{Engine, EngineError, Snapshot};
use crate::http::json as json_response;
use crate::policy::{Cluster as Known, admit};
use crate::schedule::expression::Expression;
use crate::schedule::facts::ImageFacts;
use crate::schedule::request::SWARM_ID_LABEL;
use crate::schedule::{Request, pin};
use futures::future::join_all;
use http::StatusCode;
use serde_json::{Value, json};

/// How engines begin to say that there is no image.
const NO_IMAGE: &str = "No such image";

/// A container that was made.
pub struct Made {
    pub id: String,
    pub warnings: Vec<Value>,
    pub engine: Arc<Engine>,
}

impl Manager {
    /// To a client "not found" means the image, and it goes to pull it: what else is missing (a
    /// network, a volume's driver) is told with another status.
    pub async fn container_create(&self, call: Call) -> Answer {
        self.container_place(call)
            .await
            .map_err(only_images_missing)
    }

    async fn container_place(&self, mut call: Call) -> Answer {
        let body = call.json_body().await?;
        let (mut create, request) = {
            let view = self.cluster.view();
            let nodes = view.nodes();
            let name = call.matched.query.text("name");
            admit::container_create(&self.policy, name, &body, &Known(&nodes))?
        };
        create
            .labels
            .get_or_insert_default()
            .entry(SWARM_ID_LABEL.into())
            .or_insert_with(swarm_id);
        let target = |snapshot: &Snapshot| {
            let version = self.version_for(&call.matched, snapshot);
            call.matched.target(version, "")
        };
        let made = self
            .create_placed(call.term, request, create, target)
            .await?;
        let body = json!({ "Id": made.id, "Warnings": made.warnings });
        Ok(json_response(StatusCode::CREATED, &body))
    }

    /// What the policy says to one that the manager itself makes, and what it asks of the scheduler.
    pub(super) fn create_check(
        &self,
        name: Option<&str>,
        create: &mut ContainerCreate,
    ) -> Result<Request, Refusal> {
        let view = self.cluster.view();
        let nodes = view.nodes();
        admit::container_create_check(&self.policy, name, create, &Known(&nodes))
    }

    /// Makes the container on the node that is chosen for it; `target` is the path there.
    pub(super) async fn create_placed(
        &self,
        term: Option<u64>,
        mut request: Request,
        create: ContainerCreate,
        target: impl Fn(&Snapshot) -> String,
    ) -> Result<Made, Refusal> {
        let mut tries = self.create_retry;
        let mut meant = self.image_meant(&request.image).await?;
        let (mut has_asked, mut has_looked, mut not_copied) = (false, false, None);
        loop {
            let reserved = match (self.cluster.reserve(&request), not_copied.take()) {
                (Err(_), Some(reason)) => return Err(reason),
                (reserved, _) => reserved?,
            };
            let mut create = create.clone();
            if let Some(found) = meant.as_ref().filter(|m| !m.is_on(&reserved.engine)) {
                if let Err(refusal) = self.image_bring(found, &reserved.engine).await {
                    // It may have gone, or come by a pull, meanwhile: looked at anew, once.
                    if !std::mem::replace(&mut has_looked, true) {
                        drop(reserved);
                        self.images_refresh().await;
                        meant = self.image_meant(&request.image).await?;
                        continue;
                    }
                    // As with classic Swarm the container then goes to the image.
                    if request.is_pinned() {
                        return Err(refusal);
                    }
                    not_copied = Some(refusal);
                    let affinity = Expression::parse(&format!("image=={}", request.image))?;
                    request = request.with_affinity(affinity);
                    continue;
                }
                if found.is_digest {
                    create.image = Some(found.id.clone());
                }
            }
            let error = match self.create_on(term, &target, &reserved, create).await {
                Ok((made, is_read)) => {
                    let known = &reserved.snapshot.view.volumes;
                    let is_new = |name: &String| known.iter().all(|v| v.name != *name);
                    if request.volumes.iter().any(is_new) {
                        made.engine.volumes_refresh().await;
                    }
                    if !is_read {
                        doubt(&self.cluster, reserved, term);
                    }
                    return Ok(made);
                }
                Err(error) => error,
            };
            if is_image_missing(&error) {
                // What is known may be a moment old, when another manager brought the image in. A
                // client that is told "no such image" pulls to all nodes.
                if !has_asked {
                    has_asked = true;
                    self.images_refresh().await;
                    meant = self.image_meant(&request.image).await?;
                    if meant.is_some() {
                        continue;
                    }
                }
                return Err(image_missing(&request.image, &error));
            }
            if error.is_open() {
                doubt(&self.cluster, reserved, term);
                return Err(engine_refusal(&error));
            }
            if tries == 0 || matches!(error, EngineError::Deposed { .. }) {
                return Err(engine_refusal(&error));
            }
            tries -= 1;
            tracing::info!(node = reserved.snapshot.view.name, %error, "a create is tried again");
        }
    }

    /// What was made; and does the node's snapshot show it?
    async fn create_on(
        &self,
        term: Option<u64>,
        target: &impl Fn(&Snapshot) -> String,
        reserved: &Reserved<'_>,
        mut create: ContainerCreate,
    ) -> Result<(Made, bool), EngineError> {
        {
            let view = self.cluster.view();
            pin::settle_on(&mut create, &reserved.snapshot.view, &view.nodes());
        }
        let target = target(&reserved.snapshot);
        let body = Some(strict::write(&create));
        let engine = &reserved.engine;
        let (_, bytes) = engine
            .call_in(term, http::Method::POST, &target, body)
            .await?;
        let answer: Value = serde_json::from_slice(&bytes).map_err(EngineError::Answer)?;
        let id = answer["Id"].as_str().unwrap_or_default();
        // Before the reservation falls: the container must not be nowhere in between.
        let is_read = engine.container_refresh(id).await || engine.container_refresh(id).await;
        let made = Made {
            id: id.to_owned(),
            warnings: answer["Warnings"].as_array().cloned().unwrap_or_default(),
            engine: Arc::clone(engine),
        };
        Ok((made, is_read))
    }

    /// Nobody is told that there is no image before all nodes were asked.
    pub(super) async fn images_refresh(&self) {
        let view = self.cluster.view();
        join_all(view.healthy().map(|(engine, _)| engine.images_refresh())).await;
    }
}

fn only_images_missing(refusal: Refusal) -> Refusal {
    match refusal.status {
        404 if !refusal.message.contains(NO_IMAGE) => Refusal::failed(refusal.message),
        _ => refusal,
    }
}

/// Why there is no such image, where that can be said.
fn image_missing(image: &str, error: &EngineError) -> Refusal {
    if image.len() == 64 && image.bytes().all(|b| b.is_ascii_hexdigit()) {
        return Refusal::not_found(format!(
            "{NO_IMAGE}: {image}: invalid repository name ({image}), \
             cannot specify 64-byte hexadecimal strings"
        ));
    }
    engine_refusal(error)
}

fn is_image_missing(error: &EngineError) -> bool {
    matches!(error, EngineError::Status { status, message }
        if *status == StatusCode::NOT_FOUND && message.contains(NO_IMAGE))
}

/// Is this the image that `reference` means? By id, its prefix, a tag (`latest` when none is
/// given) or a digest.
pub fn image_matches(image: &ImageFacts, reference: &str) -> bool {
    Wanted::of(reference).matches(image)
}

/// 64 hex digits, like Docker's own ids.
fn swarm_id() -> String {
    let bytes: [u8; 32] = rand::random();
    bytes.iter().map(|byte| format!("{byte:02x}")).collect()
}

/// `?key=value` for the manager's own questions.
pub fn query_of(pairs: &[(&str, &str)]) -> String {
    let mut query = String::new();
    for (key, value) in pairs {
        query.push(if query.is_empty() { '?' } else { '&' });
        query.push_str(key);
        query.push('=');
        encode(value, b"", &mut query);
    }
    query
}

/// Names an engine in messages.
pub fn node_name(engine: &Engine) -> String {
    let name = engine.snapshot().view.name.clone();
    if name.is_empty() {
        engine.entry.clone()
    } else {
        name
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn swarm_ids_look_like_ids() {
        let id = swarm_id();
        assert_eq!(id.len(), 64);
        assert_ne!(id, swarm_id());
    }

    #[test]
    fn not_found_is_said_of_images_only() {
        let status = |message: &str| only_images_missing(Refusal::not_found(message)).status;
        assert_eq!(status("No such image: busybox:latest"), 404);
        assert_eq!(status("network nobody/net not found"), 500);
        assert_eq!(only_images_missing(Refusal::conflict("taken")).status, 409);
    }

    #[test]
    fn an_id_that_is_no_image_s_is_told_apart() {
        let error = EngineError::Status {
            status: StatusCode::NOT_FOUND,
            message: "No such image: x".into(),
        };
        let text = |image: &str| image_missing(image, &error).message;
        assert!(text(&"0a".repeat(32)).contains("cannot specify 64-byte hexadecimal strings"));
        assert_eq!(text("busybox"), "No such image: x");
    }
}
