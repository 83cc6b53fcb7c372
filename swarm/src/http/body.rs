//! One body type for everything that is sent, whether made here or passed on.

use bytes::Bytes;
use futures::Stream;
use http::{Response, StatusCode, header};
use http_body_util::combinators::UnsyncBoxBody;
use http_body_util::{BodyExt, Empty, Full, Limited, StreamBody};
use hyper::body::{Frame, Incoming};
use serde::Serialize;

/// Why a body broke off.
#[derive(Debug, Clone, thiserror::Error)]
#[error("{0}")]
pub struct BodyError(pub String);

impl From<hyper::Error> for BodyError {
    fn from(error: hyper::Error) -> Self {
        Self(error.to_string())
    }
}

pub type Body = UnsyncBoxBody<Bytes, BodyError>;

pub fn empty() -> Body {
    Empty::new().map_err(|never| match never {}).boxed_unsync()
}

pub fn bytes_body(bytes: impl Into<Bytes>) -> Body {
    Full::new(bytes.into())
        .map_err(|never| match never {})
        .boxed_unsync()
}

/// A body on its way through: streamed, never gathered. Trailers do not pass.
pub fn incoming(body: Incoming) -> Body {
    body.map_err(Into::into).boxed_unsync()
}

/// A body that is written as it comes about.
pub fn stream_body<S>(stream: S) -> Body
where
    S: Stream<Item = Result<Bytes, BodyError>> + Send + 'static,
{
    use futures::TryStreamExt as _;
    StreamBody::new(stream.map_ok(Frame::data)).boxed_unsync()
}

pub fn json<T: Serialize + ?Sized>(status: StatusCode, value: &T) -> Response<Body> {
    // Only maps with keys that are no strings fail here, and there are none.
    let bytes = serde_json::to_vec(value).unwrap_or_default();
    let mut response = Response::new(bytes_body(bytes));
    *response.status_mut() = status;
    response.headers_mut().insert(
        header::CONTENT_TYPE,
        header::HeaderValue::from_static("application/json"),
    );
    response
}

/// The whole of a body of at most `limit` bytes.
pub async fn collect<B>(body: B, limit: usize) -> Result<Bytes, BodyError>
where
    B: hyper::body::Body<Data = Bytes>,
    B::Error: std::error::Error + Send + Sync + 'static,
{
    let whole = Limited::new(body, limit).collect().await;
    whole
        .map(http_body_util::Collected::to_bytes)
        .map_err(|error| BodyError(error.to_string()))
}
