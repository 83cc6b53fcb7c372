//! `docker build` with the old builder, on one node; and pruning, on all.

use std::sync::Arc;

use futures::future::join_all;
use http::Method;
use http_body_util::BodyExt;
use serde_json::{Map, Value};

use super::Manager;
use super::answer::{Answer, engine_refusal, ok_json};
use super::dispatch::Call;
use crate::api::Refusal;
use crate::engine::Engine;
use crate::http::{Body, stream_body};

impl Manager {
    pub async fn build(&self, mut call: Call) -> Answer {
        self.policy.build(&call.matched.query)?;
        for tag in call.matched.query.many("t") {
            self.policy.image_change(tag)?;
        }
        let (engine, snapshot) = self.node_choose(None)?;
        let payload = call.payload();
        let answer = self.send(&mut call, &engine, &snapshot, "", payload).await?;
        Ok(answer.map(|body| images_refreshed_at_end(body, engine)))
    }

    /// On all nodes; the answers' lists and sums together.
    pub async fn prune(&self, call: Call, _what: &str) -> Answer {
        let view = self.cluster.view();
        let done = view.healthy().map(|(engine, snapshot)| {
            let version = self.version_for(&call.matched, snapshot);
            let target = call.matched.target(version, "");
            async move { engine.call(Method::POST, &target, None).await }
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
        (Value::Number(known), Value::Number(more)) => {
            let total = known.as_u64().unwrap_or(0) + more.as_u64().unwrap_or(0);
            *sum = total.into();
        }
        (_, Value::Null) => {}
        (sum, value) => *sum = value,
    }
}

/// What was built is listed as soon as the client knows of it.
fn images_refreshed_at_end(body: Body, engine: Arc<Engine>) -> Body {
    stream_body(futures::stream::unfold(
        (body, engine),
        |(mut body, engine)| async move {
            loop {
                match body.frame().await {
                    None => {
                        engine.images_refresh().await;
                        return None;
                    }
                    Some(Ok(frame)) => match frame.into_data() {
                        Ok(data) => return Some((Ok(data), (body, engine))),
                        Err(_) => continue,
                    },
                    Some(Err(error)) => return Some((Err(error), (body, engine))),
                }
            }
        },
    ))
}
