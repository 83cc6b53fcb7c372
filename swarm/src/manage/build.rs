//! `docker build`, on one node: the one that the same person's last build went to, so that its
//! cache is there, as long as that one is well.

use std::collections::HashMap;
use std::sync::{Arc, Mutex, PoisonError};

use http_body_util::{BodyExt, StreamBody};

use super::Manager;
use super::answer::Answer;
use super::dispatch::Call;
use super::gate::Identity;
use super::image::Holder;
use super::primary::CLIENT_SERIAL;
use super::proxy::Payload;
use crate::api::query::Value;
use crate::api::{Query, Refusal};
use crate::engine::Engine;
use crate::http::Body;
use crate::schedule::Request;
use crate::schedule::request::word_of;

/// More people than that do not build at once; for the forgotten it is as the first time.
const REMEMBERED_MAX: usize = 10_000;

/// For each client the entry of the engine that it builds on.
///
/// A build with BuildKit is several connections, which must meet at one engine. They have nothing
/// else in common by which a proxy could tell: so all builds of one client go to one engine.
#[derive(Default)]
pub struct Builders {
    entries: Mutex<HashMap<String, String>>,
}

impl Builders {
    fn of(&self, who: &str) -> Option<String> {
        let entries = self.entries.lock().unwrap_or_else(PoisonError::into_inner);
        entries.get(who).cloned()
    }

    fn remember(&self, who: String, entry: &str) {
        let mut entries = self.entries.lock().unwrap_or_else(PoisonError::into_inner);
        if entries.len() >= REMEMBERED_MAX {
            entries.clear();
        }
        entries.insert(who, entry.to_owned());
    }
}

impl Manager {
    pub async fn build(&self, mut call: Call) -> Answer {
        self.policy.build(&call.matched.query)?;
        for tag in call.matched.query.many("t") {
            self.policy.image_change(tag)?;
        }
        let words = words_take(&mut call.matched.query);
        let (engine, snapshot) = match words.is_empty() {
            true => self.builder(&call)?,
            // There and nowhere else, and only this once.
            false => {
                let reserved = self.cluster.reserve(&Request::of_build(&words)?)?;
                (Arc::clone(&reserved.engine), Arc::clone(&reserved.snapshot))
            }
        };
        let payload = call.payload();
        let answer = self
            .send(&mut call, &engine, &snapshot, "", payload)
            .await?;
        Ok(answer.map(|body| images_refreshed_at_end(body, engine)))
    }

    pub async fn build_cancel(&self, mut call: Call) -> Answer {
        let (engine, snapshot) = self.builder(&call)?;
        self.send(&mut call, &engine, &snapshot, "", Payload::Empty)
            .await
    }

    /// The engine for this client's builds: the last one's, else the emptiest.
    pub fn builder(&self, call: &Call) -> Result<Holder, Refusal> {
        let who = client_of(call);
        let view = self.cluster.view();
        let last = self.builders.of(&who).and_then(|entry| {
            let (engine, snapshot) = view.of_addr(&entry)?;
            let holder = (Arc::clone(engine), Arc::clone(snapshot));
            snapshot.is_healthy().then_some(holder)
        });
        if let Some(last) = last {
            return Ok(last);
        }
        let (engine, snapshot) = self.node_choose(None)?;
        self.builders.remember(who, &engine.entry);
        Ok((engine, snapshot))
    }
}

/// The words for the scheduler among the build's arguments, which are then no arguments any more.
/// The client splits at the first `=`: `{"constraint:node": "=n2"}`.
fn words_take(query: &mut Query) -> Vec<String> {
    let mut words = Vec::new();
    if let Some(serde_json::Value::Object(arguments)) = query.json("buildargs") {
        let mut left = arguments.clone();
        left.retain(|key, value| {
            let entry = format!("{key}={}", value.as_str().unwrap_or_default());
            let is_word = word_of(&entry).is_some();
            if is_word {
                words.push(entry);
            }
            !is_word
        });
        query.set("buildargs", Value::Json(left.into()));
    }
    words
}

/// Who builds: the certificate's serial, also when another manager passes on for it; without
/// certificates the address.
fn client_of(call: &Call) -> String {
    match &*call.caller.identity {
        Identity::Client(peer) => peer.serial.clone(),
        Identity::Manager => call
            .headers
            .get(CLIENT_SERIAL)
            .map(|serial| String::from_utf8_lossy(serial.as_bytes()).into_owned())
            .unwrap_or_default(),
        Identity::Anyone => call
            .caller
            .address
            .map(|address| address.to_string())
            .unwrap_or_default(),
    }
}

/// What was built is listed before the client knows of it: at the trailers, or at the end where
/// there are none.
pub fn images_refreshed_at_end(body: Body, engine: Arc<Engine>) -> Body {
    let stream = futures::stream::unfold(Some((body, engine)), |left| async move {
        let (mut body, engine) = left?;
        let frame = body.frame().await;
        if !matches!(&frame, Some(Ok(frame)) if frame.is_data()) {
            engine.images_refresh().await;
            return Some((frame?, None));
        }
        Some((frame?, Some((body, engine))))
    });
    StreamBody::new(stream).boxed_unsync()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::api::find;

    #[test]
    fn words_for_the_scheduler_are_no_arguments() {
        let raw = "buildargs=%7B%22A%22%3A%221%22%2C%22constraint%3Anode%22%3A%22%3Dn2%22%7D";
        let matched = find("POST", &format!("/v1.45/build?{raw}")).expect("a route");
        let mut query = matched.query;
        assert_eq!(words_take(&mut query), ["constraint:node==n2"]);
        assert_eq!(query.encode(), "buildargs=%7B%22A%22%3A%221%22%7D");
        assert!(words_take(&mut query).is_empty());
    }

    #[test]
    fn a_client_is_remembered_and_too_many_are_not() {
        let builders = Builders::default();
        assert_eq!(builders.of("1"), None);
        builders.remember("1".into(), "10.0.0.1:42376");
        builders.remember("1".into(), "10.0.0.2:42376");
        assert_eq!(builders.of("1").as_deref(), Some("10.0.0.2:42376"));
        for n in 0..REMEMBERED_MAX {
            builders.remember(format!("x{n}"), "10.0.0.3:42376");
        }
        assert_eq!(builders.of("1"), None);
    }
}
