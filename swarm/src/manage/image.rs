//! Images: found where they are, changed wherever they are.

use std::sync::Arc;

use futures::future::join_all;
use http::Method;
use serde_json::Value;

use super::Manager;
use super::answer::{Answer, engine_refusal, no_content, ok_json};
use super::cluster::View;
use super::create::{image_matches, node_name, tagged};
use super::dispatch::Call;
use super::proxy::Payload;
use crate::api::{Refusal, Version};
use crate::engine::{Engine, Snapshot};

/// API version since which an engine tells of an image's attestations.
const ATTESTATIONS_SINCE: Version = Version::new(1, 57);

pub type Holder = (Arc<Engine>, Arc<Snapshot>);

impl Manager {
    /// Healthy nodes that have the image.
    pub fn image_holders(&self, view: &View, reference: &str) -> Vec<Holder> {
        view.healthy()
            .filter(|(_, snapshot)| {
                snapshot
                    .view
                    .images
                    .iter()
                    .any(|image| image_matches(image, reference))
            })
            .map(|(engine, snapshot)| (Arc::clone(engine), Arc::clone(snapshot)))
            .collect()
    }

    /// The same, and before there are none all nodes are asked: an image that came past this
    /// manager is known here a moment later only.
    pub async fn image_holders_asked(&self, reference: &str) -> Vec<Holder> {
        let holders = self.image_holders(&self.cluster.view(), reference);
        if !holders.is_empty() {
            return holders;
        }
        self.images_refresh().await;
        self.image_holders(&self.cluster.view(), reference)
    }

    pub async fn image_proxy(&self, mut call: Call) -> Answer {
        let name = call.matched.name.clone();
        let holders = self.image_holders_asked(&name).await;
        let Some((engine, snapshot)) = holders.into_iter().next() else {
            return Err(Refusal::not_found(format!("No such image: {name}")));
        };
        self.send(&mut call, &engine, &snapshot, &name, Payload::Empty)
            .await
    }

    /// Where the image is, if its engine can tell.
    pub async fn image_attestations(&self, call: Call) -> Answer {
        let newest = self.cluster.api_version().unwrap_or(Version::FLOOR);
        if call.matched.version.unwrap_or(newest).min(newest) < ATTESTATIONS_SINCE {
            return Err(Refusal::not_offered(format!(
                "attestations are told from API version {ATTESTATIONS_SINCE} on; \
                 the engines of this cluster speak {newest}"
            )));
        }
        self.image_proxy(call).await
    }

    /// One node must have all of them.
    pub async fn image_save(&self, mut call: Call) -> Answer {
        let names = call.matched.query.many("names").to_vec();
        let holder = || {
            let first = names.first().map_or("", String::as_str);
            let mut holders = self.image_holders(&self.cluster.view(), first).into_iter();
            holders.find(|(_, snapshot)| {
                names.iter().all(|name| {
                    let mut images = snapshot.view.images.iter();
                    images.any(|image| image_matches(image, name))
                })
            })
        };
        let mut found = holder();
        if found.is_none() {
            self.images_refresh().await;
            found = holder();
        }
        let Some((engine, snapshot)) = found else {
            return Err(Refusal::not_found(format!(
                "Unable to find a healthy engine containing all images: [{}]",
                names.join(" ")
            )));
        };
        self.send(&mut call, &engine, &snapshot, "", Payload::Empty)
            .await
    }

    pub async fn image_tag(&self, call: &Call) -> Answer {
        let name = &call.matched.name;
        let query = &call.matched.query;
        let repo = query.text("repo").unwrap_or_default();
        self.policy.image_change(&tagged(repo, query.text("tag")))?;
        let holders = self.image_holders_asked(name).await;
        self.image_touch(&holders, name)?;
        self.image_on_holders(call, &holders, Method::POST, "No such image: ")
            .await?;
        let mut response = no_content();
        *response.status_mut() = http::StatusCode::CREATED;
        Ok(response)
    }

    pub async fn image_delete(&self, call: &Call) -> Answer {
        let name = &call.matched.name;
        let holders = self.image_holders_asked(name).await;
        self.image_touch(&holders, name)?;
        let answers = self
            .image_on_holders(call, &holders, Method::DELETE, "No such image: ")
            .await?;
        let mut deleted: Vec<Value> = Vec::new();
        for line in answers.iter().filter_map(Value::as_array).flatten() {
            if !deleted.contains(line) {
                deleted.push(line.clone());
            }
        }
        Ok(ok_json(&deleted))
    }

    /// By whatever name, id or prefix it was asked for: the system's image stays as it is.
    fn image_touch(&self, holders: &[Holder], reference: &str) -> Result<(), Refusal> {
        self.policy.image_change(reference)?;
        let images = holders
            .iter()
            .flat_map(|(_, snapshot)| &snapshot.view.images);
        images
            .filter(|image| image_matches(image, reference))
            .try_for_each(|image| self.policy.image_touch(reference, image))
    }

    async fn image_on_holders(
        &self,
        call: &Call,
        holders: &[Holder],
        method: Method,
        missing: &str,
    ) -> Result<Vec<Value>, Refusal> {
        if holders.is_empty() {
            return Err(Refusal::not_found(format!(
                "{missing}{}",
                call.matched.name
            )));
        }
        let done = holders.iter().map(|(engine, snapshot)| {
            let version = self.version_for(&call.matched, snapshot);
            let target = call.matched.target(version, &call.matched.name);
            let method = method.clone();
            async move {
                let answer = engine.call(method, &target, None).await;
                engine.images_refresh().await;
                (engine, answer)
            }
        });
        let mut answers = Vec::new();
        let mut errors = Vec::new();
        let mut first = None;
        for (engine, answer) in join_all(done).await {
            match answer {
                Ok((_, bytes)) => {
                    answers.push(serde_json::from_slice(&bytes).unwrap_or(Value::Null));
                }
                Err(error) => {
                    errors.push(format!("{}: {}", node_name(engine), error.chain()));
                    first.get_or_insert_with(|| engine_refusal(&error));
                }
            }
        }
        match first {
            None => Ok(answers),
            Some(first) if errors.len() == 1 => Err(first),
            Some(first) => Err(Refusal {
                message: errors.join("\n"),
                ..first
            }),
        }
    }
}
