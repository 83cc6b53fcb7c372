//! `docker build` with the old builder, on one node.

use std::sync::Arc;

use http_body_util::BodyExt;

use super::Manager;
use super::answer::Answer;
use super::dispatch::Call;
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
        let answer = self
            .send(&mut call, &engine, &snapshot, "", payload)
            .await?;
        Ok(answer.map(|body| images_refreshed_at_end(body, engine)))
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
