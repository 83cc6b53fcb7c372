//! The engine's API over its unix socket, as little of it as PID 1 needs.

use std::time::Duration;

use bytes::Bytes;
use http_body_util::{BodyExt, Full};
use hyper::body::Incoming;
use hyper::{Method, Request, Response, StatusCode};
use hyper_util::rt::TokioIo;
use serde_json::Value;
use tokio::net::UnixStream;
use tokio::time::timeout;

use super::Error;

pub const SOCKET: &str = "/run/docker.sock";
/// Offered by every engine since 20.10.
const VERSION: &str = "/v1.41";
const CALL_WITHIN: Duration = Duration::from_secs(30);

/// An answer that is not an error.
pub struct Answer {
    pub status: StatusCode,
    pub body: Bytes,
}

impl Answer {
    pub fn json(&self) -> Result<Value, Error> {
        Ok(serde_json::from_slice(&self.body)?)
    }
}

/// One call with an optional JSON body. A status of 400 and more is an `Err`, 404 and 409 are not:
/// callers decide what they mean.
pub async fn call(method: Method, path: &str, body: Option<&Value>) -> Result<Answer, Error> {
    let (kind, bytes) = match body {
        Some(body) => ("application/json", serde_json::to_vec(body)?.into()),
        None => ("text/plain", Bytes::new()),
    };
    send(method, path, kind, bytes).await
}

/// As [`call`], with a body of another kind.
pub async fn send(method: Method, path: &str, kind: &str, body: Bytes) -> Result<Answer, Error> {
    timeout(CALL_WITHIN, async {
        let what = format!("{method} {path}");
        let response = open(method, path, kind, body).await?;
        let status = response.status();
        let body = response.into_body().collect().await?.to_bytes();
        let is_answer = !status.is_client_error() && !status.is_server_error();
        if is_answer || matches!(status, StatusCode::NOT_FOUND | StatusCode::CONFLICT) {
            Ok(Answer { status, body })
        } else {
            Err(format!(
                "{what}: {status}: {}",
                String::from_utf8_lossy(&body).trim()
            )
            .into())
        }
    })
    .await?
}

/// The answer as a stream, for events.
pub async fn open(
    method: Method,
    path: &str,
    kind: &str,
    body: Bytes,
) -> Result<Response<Incoming>, Error> {
    let stream = TokioIo::new(UnixStream::connect(SOCKET).await?);
    let (mut sender, connection) = hyper::client::conn::http1::handshake(stream).await?;
    tokio::spawn(connection);
    let request = Request::builder()
        .method(method)
        .uri(format!("{VERSION}{path}"))
        .header("Host", "docker")
        .header("Content-Type", kind)
        .body(Full::new(body))?;
    Ok(sender.send_request(request).await?)
}

/// Waits for the first answer of an engine that listens.
pub async fn ping(within: Duration) -> Result<(), Error> {
    timeout(within, async {
        open(Method::GET, "/_ping", "text/plain", Bytes::new())
            .await?
            .into_body()
            .collect()
            .await?;
        Ok(())
    })
    .await?
}

/// `filters={"label":["carina.system"]}` and the like, ready for a query.
pub fn filters(filters: &Value) -> String {
    encode(&filters.to_string())
}

/// Percent-encodes everything that is not plainly allowed.
pub fn encode(text: &str) -> String {
    let mut encoded = String::with_capacity(text.len() * 2);
    for byte in text.bytes() {
        if byte.is_ascii_alphanumeric() || b"-._~".contains(&byte) {
            encoded.push(char::from(byte));
        } else {
            encoded.push_str(&format!("%{byte:02X}"));
        }
    }
    encoded
}

#[cfg(test)]
mod tests {
    #[test]
    fn filters_are_safe_in_a_query() {
        let filters = serde_json::json!({"label": ["a=b&c"]});
        assert_eq!(
            super::filters(&filters),
            "%7B%22label%22%3A%5B%22a%3Db%26c%22%5D%7D"
        );
    }
}
