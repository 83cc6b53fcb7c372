//! Sending a checked request on to one engine, in canonical form, with nothing else of what came.

use std::sync::Arc;

use futures::future::BoxFuture;
use http::{HeaderMap, HeaderName, Request, Response, StatusCode, header};
use hyper::body::Incoming;

use super::Manager;
use super::answer::{Answer, away_refusal, pool_refusal};
use super::dispatch::Call;
use super::last_words::LastWords;
use crate::api::path::Version;
use crate::api::route::Matched;
use crate::api::{Refusal, Row, header as rules};
use crate::engine::{Engine, Snapshot};
use crate::http::{
    Body, Cut, Joined, Upgrade, bytes_body, collect, empty, forward_with, incoming, tunnel,
};

/// What an agent says when its engine does not answer is short.
const AWAY_MAX: usize = 64 << 10;

/// What goes along with a request.
pub enum Payload {
    Empty,
    Json(Vec<u8>),
    /// A tar archive on its way through.
    Tar(Incoming),
    /// The same, one of several copies.
    Body(Body),
}

impl Manager {
    /// The version to speak with an engine: the client's, else the newest all understand.
    pub fn version_for(&self, matched: &Matched, snapshot: &Snapshot) -> Version {
        let engine = Version::parse(&snapshot.facts.api_version).unwrap_or(Version::FLOOR);
        matched
            .version
            .or_else(|| self.cluster.api_version())
            .unwrap_or(engine)
            .min(engine)
    }

    /// Sends the request to `engine` with `name` in place of what the client wrote.
    pub async fn send(
        &self,
        call: &mut Call,
        engine: &Arc<Engine>,
        snapshot: &Snapshot,
        name: &str,
        payload: Payload,
    ) -> Answer {
        let between = self.between(call, engine, snapshot);
        self.send_between(call, engine, snapshot, name, payload, between)
            .await
    }

    /// A tunnel that tells of an engine that is lost.
    fn between(
        &self,
        call: &Call,
        engine: &Arc<Engine>,
        snapshot: &Snapshot,
    ) -> impl FnOnce(Joined, Cut) -> BoxFuture<'static, ()> + Send + use<> {
        let version = self.version_for(&call.matched, snapshot);
        let words = LastWords::new(engine.called(), call.matched.route(), version);
        move |joined: Joined, cut| {
            let words = words.in_stream(joined.kind.as_ref());
            Box::pin(tunnel(joined, cut, words))
        }
    }

    /// The same with `between` in place of the plain tunnel, should the connection be upgraded.
    pub async fn send_between<F>(
        &self,
        call: &mut Call,
        engine: &Arc<Engine>,
        snapshot: &Snapshot,
        name: &str,
        payload: Payload,
        between: impl FnOnce(Joined, Cut) -> F + Send + 'static,
    ) -> Answer
    where
        F: Future<Output = ()> + Send,
    {
        let upgrade = call.upgrade.take();
        self.send_with(call, engine, snapshot, name, payload, upgrade, between)
            .await
    }

    /// The same for one of several engines: nothing is hijacked.
    pub async fn send_plain(
        &self,
        call: &Call,
        engine: &Arc<Engine>,
        snapshot: &Snapshot,
        name: &str,
        payload: Payload,
    ) -> Answer {
        let between = self.between(call, engine, snapshot);
        self.send_with(call, engine, snapshot, name, payload, None, between)
            .await
    }

    #[expect(
        clippy::too_many_arguments,
        reason = "the two above are its only callers"
    )]
    async fn send_with<F>(
        &self,
        call: &Call,
        engine: &Arc<Engine>,
        snapshot: &Snapshot,
        name: &str,
        payload: Payload,
        upgrade: Option<Upgrade>,
        between: impl FnOnce(Joined, Cut) -> F + Send + 'static,
    ) -> Answer
    where
        F: Future<Output = ()> + Send,
    {
        let version = self.version_for(&call.matched, snapshot);
        let target = call.matched.target(version, name);
        let request = request_build(call.matched.row, &call.headers, &target, payload)?;
        let cut = call.caller.cut();
        let between = move |joined| between(joined, cut);
        let mut response = forward_with(&engine.pool, request, upgrade, between)
            .await
            .map_err(|error| pool_refusal(&error))?;
        if response.status() == StatusCode::BAD_GATEWAY {
            // The agent's word: engines say no such thing.
            let said = collect(response.into_body(), AWAY_MAX).await;
            let said = crate::engine::error_message(&said.unwrap_or_default());
            return Err(away_refusal(&engine.pool.name(), &said));
        }
        headers_filter(&mut response);
        let words = LastWords::new(engine.called(), call.matched.route(), version);
        Ok(words.in_answer(response))
    }
}

fn request_build(
    row: &Row,
    headers: &HeaderMap,
    target: &str,
    payload: Payload,
) -> Result<Request<Body>, Refusal> {
    let mut request = Request::builder().method(row.method.as_str()).uri(target);
    for (name, value) in headers {
        if rules::request_passes(row.route, name.as_str()) {
            request = request.header(name, value);
        }
    }
    let body = match payload {
        Payload::Empty => empty(),
        Payload::Json(bytes) => {
            request = request.header(header::CONTENT_TYPE, "application/json");
            bytes_body(bytes)
        }
        Payload::Tar(body) => {
            request = request.header(header::CONTENT_TYPE, "application/x-tar");
            incoming(body)
        }
        Payload::Body(body) => {
            request = request.header(header::CONTENT_TYPE, "application/x-tar");
            body
        }
    };
    request
        .body(body)
        .map_err(|error| Refusal::bad_request(error.to_string()))
}

/// Only headers that are known go back; those of an upgrade stay, they were written by us.
fn headers_filter(response: &mut Response<Body>) {
    let upgraded = response.status() == StatusCode::SWITCHING_PROTOCOLS;
    let strange: Vec<HeaderName> = response
        .headers()
        .keys()
        .filter(|name| {
            let ours = upgraded && (**name == header::CONNECTION || **name == header::UPGRADE);
            // The length frames what is passed on as it is.
            !ours && **name != header::CONTENT_LENGTH && !rules::response_passes(name.as_str())
        })
        .cloned()
        .collect();
    for name in strange {
        response.headers_mut().remove(name);
    }
}
