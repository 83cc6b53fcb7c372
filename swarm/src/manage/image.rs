//! Images: listed once however many nodes have them, found where they are.

use std::collections::BTreeMap;
use std::sync::Arc;

use futures::future::join_all;
use http::Method;
use serde_json::Value;

use super::Manager;
use super::answer::{Answer, engine_refusal, json_bytes, no_content, ok_json};
use super::cluster::View;
use super::create::{image_matches, node_name, tagged};
use super::dispatch::Call;
use super::proxy::Payload;
use crate::api::query::Value as QueryValue;
use crate::api::{Refusal, Version};
use crate::engine::{Engine, Snapshot};

/// API version since which an engine tells of an image's attestations.
const ATTESTATIONS_SINCE: Version = Version::new(1, 57);

pub type Holder = (Arc<Engine>, Arc<Snapshot>);

impl Manager {
    pub async fn image_list(&self, call: &Call) -> Answer {
        let view = self.cluster.view();
        let mut query = call.matched.query.clone();
        let mut filters = query.filters();
        let nodes = filters.remove("node");
        let wanted = |snapshot: &Snapshot| match &nodes {
            None => true,
            Some(nodes) => nodes.iter().any(|node| snapshot.view.is_called(node)),
        };
        let chosen: Vec<&Holder> = view.healthy().filter(|(_, s)| wanted(s)).collect();
        let plain = filters.is_empty()
            && !["all", "shared-size", "manifests", "identity"]
                .iter()
                .any(|key| query.flag(key))
            && query.text("filter").is_none();
        if plain {
            let lists = chosen
                .iter()
                .map(|(_, snapshot)| snapshot.images.iter().cloned());
            return Ok(json_bytes(group(lists.flatten())));
        }
        if filters.is_empty() {
            query.remove("filters");
        } else {
            query.set("filters", QueryValue::Filters(filters));
        }
        let asked = chosen.iter().map(|(engine, _)| {
            let target = format!("/images/json?{}", query.encode());
            async move { engine.get::<Vec<Value>>(&target).await }
        });
        let answers = join_all(asked).await;
        // `before` an image that a node does not have is an error on that node only.
        let all_failed = answers.iter().all(Result::is_err);
        if let Some(Err(error)) = answers.first()
            && all_failed
        {
            return Err(engine_refusal(error));
        }
        Ok(json_bytes(group(answers.into_iter().flatten().flatten())))
    }

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

    pub async fn image_proxy(&self, mut call: Call) -> Answer {
        let name = call.matched.name.clone();
        let holders = self.image_holders(&self.cluster.view(), &name);
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
        let view = self.cluster.view();
        let holder = self
            .image_holders(&view, names.first().map_or("", String::as_str))
            .into_iter()
            .find(|(_, snapshot)| {
                names.iter().all(|name| {
                    snapshot
                        .view
                        .images
                        .iter()
                        .any(|image| image_matches(image, name))
                })
            });
        let Some((engine, snapshot)) = holder else {
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
        let view = self.cluster.view();
        let holders = self.image_holders(&view, name);
        self.image_on_holders(call, &holders, Method::POST, "No such image: ")
            .await?;
        let mut response = no_content();
        *response.status_mut() = http::StatusCode::CREATED;
        Ok(response)
    }

    pub async fn image_delete(&self, call: &Call) -> Answer {
        let name = &call.matched.name;
        self.policy.image_change(name)?;
        let view = self.cluster.view();
        let holders: Vec<Holder> = self
            .image_holders(&view, name)
            .into_iter()
            .filter(|(_, snapshot)| self.deletable_by(snapshot, name))
            .collect();
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

    /// Deleting by a prefix of a name is refused; by id it must not take a protected tag along.
    fn deletable_by(&self, snapshot: &Snapshot, reference: &str) -> bool {
        let mut images = snapshot.view.images.iter();
        images.any(|image| {
            image_matches(image, reference)
                && image
                    .repo_tags
                    .iter()
                    .all(|tag| tag == reference || self.policy.image_change(tag).is_ok())
        })
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

/// One line an image id, with all nodes' names for it, newest first.
fn group(images: impl Iterator<Item = Value>) -> Vec<u8> {
    let mut by_id: BTreeMap<String, Value> = BTreeMap::new();
    for image in images {
        let id = image["Id"].as_str().unwrap_or_default().to_owned();
        match by_id.get_mut(&id) {
            None => {
                by_id.insert(id, image);
            }
            Some(known) => {
                for key in ["RepoTags", "RepoDigests"] {
                    merge(&mut known[key], &image[key]);
                }
            }
        }
    }
    let mut images: Vec<Value> = by_id.into_values().collect();
    images.sort_by_key(|image| std::cmp::Reverse(image["Created"].as_i64().unwrap_or(0)));
    serde_json::to_vec(&images).unwrap_or_default()
}

fn merge(known: &mut Value, more: &Value) {
    let Some(more) = more.as_array() else { return };
    if known.is_null() {
        *known = Value::Array(Vec::new());
    }
    if let Some(known) = known.as_array_mut() {
        for name in more {
            if !known.contains(name) {
                known.push(name.clone());
            }
        }
        // A node that has the image without a name says so; where another has one, it has one.
        let is_none = |name: &Value| name.as_str().is_some_and(|name| name.starts_with("<none>"));
        if known.iter().any(|name| !is_none(name)) {
            known.retain(|name| !is_none(name));
        }
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn an_image_on_two_nodes_is_one_line() {
        let images = [
            json!({"Id": "sha256:1", "RepoTags": ["a:1"], "RepoDigests": null, "Created": 1}),
            json!({"Id": "sha256:2", "RepoTags": ["b:1"], "Created": 2}),
            json!({"Id": "sha256:1", "RepoTags": ["<none>:<none>", "a:2"], "RepoDigests": ["a@x"],
                   "Created": 1}),
        ];
        let images: Value = serde_json::from_slice(&group(images.into_iter())).expect("a list");
        assert_eq!(images[0]["Id"], "sha256:2");
        assert_eq!(images[1]["RepoTags"], json!(["a:1", "a:2"]));
        assert_eq!(images[1]["RepoDigests"], json!(["a@x"]));
        assert_eq!(images.as_array().map(Vec::len), Some(2));
    }
}
