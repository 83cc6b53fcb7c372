//! Tidying up and counting, on all nodes at once.

use futures::future::join_all;
use http::Method;
use serde_json::{Map, Value};

use super::Manager;
use super::answer::{Answer, engine_refusal, ok_json};
use super::dispatch::Call;
use crate::api::Refusal;
use crate::api::query::Value as QueryValue;
use crate::api::route::Route;

impl Manager {
    /// On all nodes. What keeps the cluster alive is never idle: system containers are left out by
    /// their label, which no user can give, and what they use is in use.
    pub async fn prune(&self, mut call: Call) -> Answer {
        let route = call.matched.route();
        if matches!(route, Route::ContainerPrune | Route::VolumePrune) {
            let query = &mut call.matched.query;
            let mut filters = query.filters();
            self.policy.prune(&filters)?;
            filters
                .entry("label!".into())
                .or_default()
                .insert(wire::SYSTEM_LABEL.into());
            query.set("filters", QueryValue::Filters(filters));
        }
        let answer = self.all_summed(&call, Method::POST).await;
        for (engine, _) in self.cluster.view().healthy() {
            match route {
                Route::ImagePrune => engine.images_refresh().await,
                Route::NetworkPrune => engine.networks_refresh().await,
                Route::VolumePrune => engine.volumes_refresh().await,
                // Events tell of containers one by one.
                _ => {}
            }
        }
        answer
    }

    /// `docker system df`.
    pub async fn disk_usage(&self, call: &Call) -> Answer {
        self.all_summed(call, Method::GET).await
    }

    /// All nodes' answers as one: lists together, numbers added.
    async fn all_summed(&self, call: &Call, method: Method) -> Answer {
        let view = self.cluster.view();
        let done = view.healthy().map(|(engine, snapshot)| {
            let version = self.version_for(&call.matched, snapshot);
            let target = call.matched.target(version, "");
            let method = method.clone();
            async move { engine.call(method, &target, None).await }
        });
        let mut sum = Map::new();
        for answer in join_all(done).await {
            let (_, bytes) = answer.map_err(|error| engine_refusal(&error))?;
            if let Ok(Value::Object(answer)) = serde_json::from_slice(&bytes) {
                for (key, value) in answer {
                    add(sum.entry(key).or_insert(Value::Null), value);
                }
            }
        }
        if sum.is_empty() {
            return Err(Refusal::failed("No healthy node available in the cluster"));
        }
        Ok(ok_json(&Value::Object(sum)))
    }
}

fn add(sum: &mut Value, value: Value) {
    match (&mut *sum, value) {
        (Value::Array(sum), Value::Array(more)) => sum.extend(more),
        (Value::Object(sum), Value::Object(more)) => {
            for (key, value) in more {
                add(sum.entry(key).or_insert(Value::Null), value);
            }
        }
        (Value::Number(known), Value::Number(more)) => {
            let total = known.as_i64().unwrap_or(0) + more.as_i64().unwrap_or(0);
            *sum = total.into();
        }
        (_, Value::Null) => {}
        (sum, value) => *sum = value,
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn answers_add_up() {
        let mut sum = json!({"ContainersDeleted": ["a"], "SpaceReclaimed": 3});
        add(
            &mut sum,
            json!({"ContainersDeleted": null, "SpaceReclaimed": 4}),
        );
        add(
            &mut sum,
            json!({"ContainersDeleted": ["b"], "SpaceReclaimed": 0}),
        );
        assert_eq!(
            sum,
            json!({"ContainersDeleted": ["a", "b"], "SpaceReclaimed": 7})
        );
    }
}
