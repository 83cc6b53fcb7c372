//! Sending a checked request on to one engine, in canonical form, with nothing else of what came.

use std::sync::Arc;

use http::{HeaderMap, HeaderName, Request, Response, StatusCode, header};
use hyper::body::Incoming;
use hyper::upgrade::Upgraded;

use super::Manager;
use super::answer::{Answer, pool_refusal};
use super::dispatch::Call;
use crate::api::path::Version;
use crate::api::route::Matched;
use crate::api::{Refusal, Row, header as rules};
use crate::engine::{Engine, Snapshot};
use crate::http::{Body, Cut, Upgrade, bytes_body, empty, forward_with, incoming, tunnel};

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
        self.send_between(call, engine, snapshot, name, payload, tunnel)
            .await
    }

    /// The same with `between` in place of the plain tunnel, should the connection be upgraded.
    pub async fn send_between<F>(
        &self,
        call: &mut Call,
        engine: &Arc<Engine>,
        snapshot: &Snapshot,
        name: &str,
        payload: Payload,
        between: impl FnOnce(Upgraded, Upgraded, Cut) -> F + Send + 'static,
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
        self.send_with(call, engine, snapshot, name, payload, None, tunnel)
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
        between: impl FnOnce(Upgraded, Upgraded, Cut) -> F + Send + 'static,
    ) -> Answer
    where
        F: Future<Output = ()> + Send,
    {
        let version = self.version_for(&call.matched, snapshot);
        let target = call.matched.target(version, name);
        let request = request_build(call.matched.row, &call.headers, &target, payload)?;
        let cut = call.caller.cut();
        let between = move |client, engine| between(client, engine, cut);
        let mut response = forward_with(&engine.pool, request, upgrade, between)
            .await
            .map_err(|error| pool_refusal(&error))?;
        headers_filter(&mut response);
        Ok(response)
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
