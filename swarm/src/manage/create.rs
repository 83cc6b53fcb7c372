//! `docker create`: check, place, reserve, make.

use std::collections::BTreeSet;
use std::sync::Arc;

use futures::future::join_all;
use http::StatusCode;
use serde_json::{Value, json};

use super::Manager;
use super::answer::{Answer, engine_refusal};
use super::cluster::Reserved;
use super::dispatch::Call;
use crate::api::path::encode;
use crate::api::{ContainerCreate, json as strict};
use crate::engine::{Engine, EngineError};
use crate::http::json as json_response;
use crate::policy::network_matches;
use crate::schedule::expression::Expression;
use crate::schedule::facts::{ImageFacts, NodeView};
use crate::schedule::{Request, pin};

/// The manager's own mark, by which a container is found wherever it is.
const SWARM_ID: &str = "com.docker.swarm.id";

impl Manager {
    pub async fn container_create(&self, mut call: Call) -> Answer {
        let mut create: ContainerCreate = strict::read(&call.json_body().await?)?;
        let name = call.matched.query.text("name").map(str::to_owned);
        let request = {
            let view = self.cluster.view();
            let nodes = view.nodes();
            let known = crate::policy::Cluster(&nodes);
            self.policy
                .container_create(name.as_deref(), &mut create, &known)?;
            let mut request = Request::take(&mut create, name.as_deref())?;
            request
                .constraints
                .extend(network_constraints(&create, &nodes));
            request
        };
        create
            .labels
            .get_or_insert_default()
            .entry(SWARM_ID.into())
            .or_insert_with(swarm_id);
        let mut tries = self.create_retry;
        let mut request = request;
        let (mut by_image, mut missing) = (false, Missing::Copy);
        loop {
            let reserved = self.cluster.reserve(&request)?;
            let error = match self.create_on(&call, &reserved, create.clone()).await {
                Ok(answer) => return Ok(answer),
                Err(error) => error,
            };
            if is_image_missing(&error) {
                // A client that is told "no such image" pulls to all nodes.
                let image = request.image.clone();
                let Some(holder) = self.image_find(&image, &reserved).await else {
                    return Err(engine_refusal(&error));
                };
                match std::mem::replace(&mut missing, Missing::GoThere) {
                    Missing::Copy => {
                        if let Err(refusal) =
                            self.image_copy(&holder, &reserved.engine, &image).await
                        {
                            tracing::info!(image, reason = refusal.message, "not copied");
                        }
                    }
                    Missing::GoThere if !by_image && !request.is_pinned() => {
                        by_image = true;
                        request =
                            request.with_affinity(Expression::parse(&format!("image=={image}"))?);
                    }
                    Missing::GoThere => return Err(engine_refusal(&error)),
                }
                continue;
            }
            if tries == 0 {
                return Err(engine_refusal(&error));
            }
            tries -= 1;
            tracing::info!(node = reserved.snapshot.view.name, %error, "a create is tried again");
        }
    }

    async fn create_on(
        &self,
        call: &Call,
        reserved: &Reserved<'_>,
        mut create: ContainerCreate,
    ) -> Result<http::Response<crate::http::Body>, EngineError> {
        {
            let view = self.cluster.view();
            pin::settle_on(&mut create, &reserved.snapshot.view, &view.nodes());
        }
        let version = self.version_for(&call.matched, &reserved.snapshot);
        let target = call.matched.target(version, "");
        let body = Some(strict::write(&create));
        let engine = &reserved.engine;
        let (_, bytes) = engine.call(http::Method::POST, &target, body).await?;
        let answer: Value = serde_json::from_slice(&bytes).map_err(EngineError::Answer)?;
        let id = answer["Id"].as_str().unwrap_or_default();
        // Before the reservation falls: the container must not be nowhere in between.
        engine.container_refresh(id).await;
        Ok(json_response(
            StatusCode::CREATED,
            &json!({ "Id": id, "Warnings": answer["Warnings"].as_array().cloned().unwrap_or_default() }),
        ))
    }

    /// Another node that has the image. What is known may be a moment old, when another manager
    /// brought the image in: nobody is told that there is none before all nodes were asked.
    async fn image_find(&self, image: &str, reserved: &Reserved<'_>) -> Option<Arc<Engine>> {
        if let Some(holder) = self.image_elsewhere(image, reserved) {
            return Some(holder);
        }
        let nodes = self.nodes_healthy().ok()?;
        join_all(nodes.iter().map(|(engine, _)| engine.images_refresh())).await;
        self.image_elsewhere(image, reserved)
    }

    fn image_elsewhere(&self, image: &str, reserved: &Reserved<'_>) -> Option<Arc<Engine>> {
        self.image_holders(&self.cluster.view(), image)
            .into_iter()
            .map(|(engine, _)| engine)
            .find(|engine| engine.entry != reserved.engine.entry)
    }
}

/// What is done about an image that the chosen node lacks and another has: it is copied; where
/// that fails the container goes to the image, as with classic Swarm.
enum Missing {
    Copy,
    GoThere,
}

/// A network that only some nodes have can only be joined there. Not kept with the container: the
/// network's name says it.
fn network_constraints(create: &ContainerCreate, nodes: &[&NodeView]) -> Vec<Expression> {
    let mode = create
        .host_config
        .as_ref()
        .and_then(|host| host.network_mode.as_deref());
    let endpoints = create.networking_config.as_ref();
    let endpoints = endpoints.and_then(|config| config.endpoints_config.as_ref());
    let names: BTreeSet<&str> = endpoints
        .into_iter()
        .flat_map(|endpoints| endpoints.keys().map(String::as_str))
        .chain(mode)
        .filter(|name| !matches!(*name, "" | "default" | "bridge" | "host" | "none"))
        .filter(|name| !name.contains(['/', ':']))
        .collect();
    names
        .into_iter()
        .filter_map(|name| network_constraint(name, nodes))
        .collect()
}

fn network_constraint(name: &str, nodes: &[&NodeView]) -> Option<Expression> {
    let mut holders = Vec::new();
    for node in nodes {
        for network in network_matches(&[*node], name) {
            if network.scope != "local" {
                return None;
            }
            holders.push(node.name.as_str());
        }
    }
    if holders.is_empty() {
        return None;
    }
    Expression::parse(&format!("node==/^({})$/", holders.join("|"))).ok()
}

fn is_image_missing(error: &EngineError) -> bool {
    matches!(error, EngineError::Status { status, message }
        if *status == StatusCode::NOT_FOUND && message.contains("No such image"))
}

/// Is this the image that `reference` means? By id, its prefix, a tag (`latest` when none is
/// given) or a digest.
pub fn image_matches(image: &ImageFacts, reference: &str) -> bool {
    let id = image.id.strip_prefix("sha256:").unwrap_or(&image.id);
    let wanted = reference.strip_prefix("sha256:").unwrap_or(reference);
    let is_hex = wanted.len() >= 2 && wanted.bytes().all(|b| b.is_ascii_hexdigit());
    if is_hex && id.starts_with(wanted) {
        return true;
    }
    let reference = reference.strip_prefix("docker.io/").unwrap_or(reference);
    let reference = reference.strip_prefix("library/").unwrap_or(reference);
    if reference.contains('@') {
        let without_tag = |text: &str| {
            let (name, digest) = text.split_once('@').unwrap_or((text, ""));
            format!("{}@{digest}", name_of(name))
        };
        return image
            .repo_digests
            .iter()
            .any(|digest| without_tag(digest) == without_tag(reference));
    }
    image.repo_tags.contains(&tagged(reference, None))
}

/// A reference without its tag; a colon before the last slash is a registry's port.
pub fn name_of(reference: &str) -> &str {
    match reference.rfind(':') {
        Some(colon) if !reference[colon..].contains('/') => &reference[..colon],
        _ => reference,
    }
}

/// `repo:tag` out of the two query parameters; the first may carry the tag already.
pub fn tagged(repo: &str, tag: Option<&str>) -> String {
    match tag {
        Some(tag) => format!("{repo}:{tag}"),
        None if name_of(repo).len() == repo.len() => format!("{repo}:latest"),
        None => repo.to_owned(),
    }
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
    fn images_are_known_by_all_their_names() {
        let image = ImageFacts {
            id: "sha256:0123456789abcdef".into(),
            repo_tags: vec!["busybox:latest".into(), "localhost:5000/test:1".into()],
            repo_digests: vec!["busybox@sha256:ff".into()],
        };
        for good in [
            "busybox",
            "busybox:latest",
            "docker.io/library/busybox",
            "localhost:5000/test:1",
            "0123456789ab",
            "sha256:0123456789abcdef",
            "busybox@sha256:ff",
            "busybox:x@sha256:ff",
        ] {
            assert!(image_matches(&image, good), "{good}");
        }
        for bad in [
            "busy",
            "busybox:1",
            "localhost:5000/test",
            "1234",
            "busybox@sha256:00",
        ] {
            assert!(!image_matches(&image, bad), "{bad}");
        }
    }

    #[test]
    fn swarm_ids_look_like_ids() {
        let id = swarm_id();
        assert_eq!(id.len(), 64);
        assert_ne!(id, swarm_id());
    }
}
