//! `docker images`: an image is listed once, however many nodes have it.

use std::collections::BTreeMap;

use futures::future::join_all;
use serde_json::Value;

use super::Manager;
use super::answer::{Answer, engine_refusal, json_bytes};
use super::dispatch::Call;
use super::image::Holder;
use crate::api::Refusal;
use crate::api::query::{Filters, Value as QueryValue};
use crate::engine::Snapshot;

impl Manager {
    pub async fn image_list(&self, call: &Call) -> Answer {
        let view = self.cluster.view();
        let mut query = call.matched.query.clone();
        let mut filters = query.filters();
        let nodes = filters.remove("node");
        let bounds = self.bounds_take(&mut filters).await?;
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
            let lists = chosen.iter().map(|(_, snapshot)| snapshot.images.read());
            return Ok(json_bytes(group(lists.flatten(), &bounds)));
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
        let all_failed = answers.iter().all(Result::is_err);
        if let Some(Err(error)) = answers.first()
            && all_failed
        {
            return Err(engine_refusal(error));
        }
        let images = answers.into_iter().flatten().flatten();
        Ok(json_bytes(group(images, &bounds)))
    }

    /// `before` and `since` name an image that only some nodes have; to the others it is unknown.
    async fn bounds_take(&self, filters: &mut Filters) -> Result<Bounds, Refusal> {
        let mut bounds = Bounds::default();
        let before = filters.remove("before");
        let since = filters.remove("since");
        for name in before.iter().flatten() {
            let created = self.image_created(name).await?;
            bounds.before = Some(bounds.before.map_or(created, |known| known.min(created)));
        }
        for name in since.iter().flatten() {
            let created = self.image_created(name).await?;
            bounds.since = Some(bounds.since.map_or(created, |known| known.max(created)));
        }
        Ok(bounds)
    }

    async fn image_created(&self, name: &str) -> Result<i64, Refusal> {
        let missing = || Refusal::not_found(format!("No such image: {name}"));
        let holders = self.image_holders_asked(name).await;
        let (_, snapshot) = holders.first().ok_or_else(missing)?;
        let mut found = snapshot.view.images.iter();
        let found = found.find(|image| super::create::image_matches(image, name));
        let id = &found.ok_or_else(missing)?.id;
        let mut images = snapshot.images.read().into_iter();
        let image = images.find(|image| image["Id"] == id.as_str());
        image.as_ref().map(created).ok_or_else(missing)
    }
}

/// In whole seconds, as images are listed.
#[derive(Debug, Default)]
struct Bounds {
    before: Option<i64>,
    since: Option<i64>,
}

impl Bounds {
    fn hold(&self, image: &Value) -> bool {
        let created = created(image);
        self.before.is_none_or(|before| created < before)
            && self.since.is_none_or(|since| created > since)
    }
}

fn created(image: &Value) -> i64 {
    image["Created"].as_i64().unwrap_or(0)
}

/// One line an image id, with all nodes' names for it, newest first.
fn group(images: impl Iterator<Item = Value>, bounds: &Bounds) -> Vec<u8> {
    let mut by_id: BTreeMap<String, Value> = BTreeMap::new();
    for image in images.filter(|image| bounds.hold(image)) {
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
    images.sort_by_key(|image| std::cmp::Reverse(created(image)));
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
        let images: Value =
            serde_json::from_slice(&group(images.into_iter(), &Bounds::default())).expect("a list");
        assert_eq!(images[0]["Id"], "sha256:2");
        assert_eq!(images[1]["RepoTags"], json!(["a:1", "a:2"]));
        assert_eq!(images[1]["RepoDigests"], json!(["a@x"]));
        assert_eq!(images.as_array().map(Vec::len), Some(2));
    }

    #[test]
    fn bounds_leave_out_the_bound_itself() {
        let images = || (1..=3).map(|n| json!({"Id": format!("sha256:{n}"), "Created": n}));
        let bounds = Bounds {
            before: Some(3),
            since: Some(1),
        };
        let list: Value = serde_json::from_slice(&group(images(), &bounds)).expect("a list");
        assert_eq!(list.as_array().map(Vec::len), Some(1));
        assert_eq!(list[0]["Id"], "sha256:2");
    }
}
