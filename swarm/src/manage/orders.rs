//! BuildKit's gRPC between a client and the engine of its builds: every call is looked at by name,
//! an order to build by its content, and nothing passes that is not in the list.

use std::convert::Infallible;
use std::sync::Arc;
use std::time::Duration;

use bytes::Bytes;
use http::{HeaderMap, HeaderName, HeaderValue, Request, Response, header};
use http_body_util::BodyExt;
use hyper::body::Incoming;
use hyper::client::conn::http2::SendRequest;
use hyper::service::service_fn;
use hyper_util::rt::{TokioExecutor, TokioIo};

use super::build::images_refreshed_at_end;
use super::last_words::{self, grpc_text, mended, trailers};
use crate::api::route::Route;
use crate::api::solve::{Solve, bridge_options};
use crate::api::{Refusal, proto};
use crate::engine::Engine;
use crate::http::{Body, Cut, Joined, bytes_body, collect, empty, incoming};
use crate::limits::ORDER;
use crate::policy::{Order, Policy};

/// As much as BuildKit itself takes in one message.
const ORDER_MAX: usize = 16 << 20;
/// For a client to be told of an engine that is lost.
const PARTING: Duration = Duration::from_secs(1);
/// BuildKit's errors say where in the Dockerfile they come from, in the trailers.
const HEADERS_MAX: u32 = 128 << 10;

/// What a client may say about a call.
const REQUEST: [&str; 10] = [
    "baggage",
    "buildkit-controlapi-buildid",
    "content-type",
    "grpc-accept-encoding",
    "grpc-encoding",
    "grpc-timeout",
    "te",
    "traceparent",
    "tracestate",
    "user-agent",
];

pub struct Orders {
    pub policy: Policy,
    pub engine: Arc<Engine>,
}

impl Orders {
    /// Until one of the two ends has gone, or `cut`. A client is told when it was the engine.
    pub async fn pass(self, joined: Joined, cut: Cut) {
        let handshake = hyper::client::conn::http2::Builder::new(TokioExecutor::new())
            .max_header_list_size(HEADERS_MAX)
            .handshake(TokioIo::new(joined.engine));
        let (sender, driver) = match handshake.await {
            Ok(both) => both,
            Err(error) => {
                tracing::debug!(%error, "BuildKit does not answer");
                return;
            }
        };
        let orders = Arc::new(self);
        let server = hyper::server::conn::http2::Builder::new(TokioExecutor::new())
            .max_header_list_size(HEADERS_MAX)
            .serve_connection(
                joined.client,
                service_fn(|request| {
                    let (orders, sender) = (Arc::clone(&orders), sender.clone());
                    async move {
                        let answer = orders.answer(sender, request).await;
                        Ok::<_, Infallible>(answer.unwrap_or_else(|refusal| refused(&refusal)))
                    }
                }),
            );
        tokio::pin!(server);
        tokio::select! {
            () = cut.cancelled() => {}
            end = &mut server => if let Err(error) = end {
                tracing::debug!(%error, "a build's connection ended badly");
            },
            end = driver => {
                if let Err(error) = end {
                    tracing::debug!(%error, "BuildKit's connection ended badly");
                }
                server.as_mut().graceful_shutdown();
                let _ = tokio::time::timeout(PARTING, server).await;
            }
        }
    }

    async fn answer(
        &self,
        mut sender: SendRequest<Body>,
        request: Request<Incoming>,
    ) -> Result<Response<Body>, Refusal> {
        let (head, body) = request.into_parts();
        let path = head.uri.path();
        let order = self
            .policy
            .build_method(path)
            .filter(|_| head.method == http::Method::POST && head.uri.query().is_none())
            .ok_or_else(|| Refusal::not_offered(format!("{path} is not offered")))?;
        let body = match order {
            Order::Plain => incoming(body),
            Order::Solve => {
                let solve = Solve::read(proto::unframe(&message(body).await?)?)?;
                self.policy.build_solve(&solve)?;
                let message = proto::frame(&solve.write());
                bytes_body(message.ok_or_else(proto::malformed)?)
            }
            Order::Bridge => {
                let message = message(body).await?;
                let options = bridge_options(proto::unframe(&message)?)?;
                self.policy.build_options(&options)?;
                bytes_body(message)
            }
        };
        let mut request = Request::post(format!("http://buildkit{path}"));
        for (name, value) in &head.headers {
            if REQUEST.contains(&name.as_str()) {
                request = request.header(name, value);
            }
        }
        let request = request
            .body(body)
            .map_err(|error| Refusal::bad_request(error.to_string()))?;
        let response = sender.send_request(request).await.map_err(|error| {
            tracing::debug!(%error, "BuildKit does not answer");
            Refusal::failed(self.lost_text())
        })?;
        let (mut head, body) = response.into_parts();
        headers_filter(&mut head.headers);
        let body = body.map_err(Into::into).map_frame(|mut frame| {
            if let Some(trailers) = frame.trailers_mut() {
                headers_filter(trailers);
            }
            frame
        });
        let text = self.lost_text();
        let body = mended(body.boxed_unsync(), false, move || trailers(&text));
        // What was built is listed before the client knows of it.
        let body = match order {
            Order::Solve => images_refreshed_at_end(body, Arc::clone(&self.engine)),
            Order::Plain | Order::Bridge => body,
        };
        Ok(Response::from_parts(head, body))
    }

    fn lost_text(&self) -> String {
        last_words::text(&self.engine.called(), Route::Grpc)
    }
}

async fn message(body: Incoming) -> Result<Bytes, Refusal> {
    tokio::time::timeout(ORDER, collect(body, ORDER_MAX))
        .await
        .map_err(|_| Refusal::bad_request("the order did not come in time"))?
        .map_err(|_| Refusal::too_large("the order is too large or broke off"))
}

fn headers_filter(headers: &mut HeaderMap) {
    let strange: Vec<HeaderName> = headers
        .keys()
        .filter(|name| **name != header::CONTENT_TYPE && !name.as_str().starts_with("grpc-"))
        .cloned()
        .collect();
    for name in strange {
        headers.remove(name);
    }
}

/// A refusal as gRPC says it: 200, and the truth in two headers.
fn refused(refusal: &Refusal) -> Response<Body> {
    let code = match refusal.status {
        400 | 413 => "3",
        403 => "7",
        501 => "12",
        _ => "14",
    };
    let mut response = Response::new(empty());
    let headers = response.headers_mut();
    let application = HeaderValue::from_static("application/grpc");
    headers.insert(header::CONTENT_TYPE, application);
    headers.insert("grpc-status", HeaderValue::from_static(code));
    if let Ok(message) = HeaderValue::try_from(grpc_text(&refusal.message)) {
        headers.insert("grpc-message", message);
    }
    response
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_refusal_is_said_in_grpc_s_way() {
        let refusal = Refusal::policy(crate::api::Code::Build, "100 % \n„no“");
        let response = refused(&refusal);
        assert_eq!(response.headers()["grpc-status"], "7");
        assert_eq!(
            response.headers()["grpc-message"],
            "CARINA-1023: 100 %25 %0A%E2%80%9Eno%E2%80%9C"
        );
    }
}
