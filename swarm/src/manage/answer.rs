//! Answers: refusals, and engines' errors as a client should see them.

use http::{HeaderValue, Response, StatusCode, header};
use serde::Serialize;

use crate::api::Refusal;
use crate::engine::EngineError;
use crate::http::{Body, PoolError, bytes_body, empty, json};

/// What every handler gives.
pub type Answer = Result<Response<Body>, Refusal>;

pub fn refusal_response(refusal: &Refusal) -> Response<Body> {
    let mut response = Response::new(bytes_body(refusal.body()));
    *response.status_mut() =
        StatusCode::from_u16(refusal.status).unwrap_or(StatusCode::INTERNAL_SERVER_ERROR);
    response.headers_mut().insert(
        header::CONTENT_TYPE,
        HeaderValue::from_static("application/json"),
    );
    response
}

/// An engine's error in its own words and with its own status; one of the way to it is ours.
pub fn engine_refusal(error: &EngineError) -> Refusal {
    match error {
        EngineError::Status { status, message } => Refusal {
            status: status.as_u16(),
            code: None,
            message: message.clone(),
        },
        EngineError::Pool(error) => pool_refusal(error),
        EngineError::Deposed { .. } => Refusal {
            status: crate::term::REFUSED.as_u16(),
            ..Refusal::failed(error.to_string())
        },
        EngineError::Body(_)
        | EngineError::Answer(_)
        | EngineError::Late
        | EngineError::Unfit(_) => Refusal::failed(error.chain()),
    }
}

pub fn pool_refusal(error: &PoolError) -> Refusal {
    Refusal::failed(match error {
        PoolError::Connect { .. } => {
            format!(
                "Cannot connect to the docker engine endpoint: {}",
                error.chain()
            )
        }
        PoolError::Exchange { .. } | PoolError::Lost { .. } => error.chain(),
    })
}

pub fn ok_json<T: Serialize + ?Sized>(value: &T) -> Response<Body> {
    json(StatusCode::OK, value)
}

pub fn json_bytes(bytes: Vec<u8>) -> Response<Body> {
    let mut response = Response::new(bytes_body(bytes));
    response.headers_mut().insert(
        header::CONTENT_TYPE,
        HeaderValue::from_static("application/json"),
    );
    response
}

pub fn no_content() -> Response<Body> {
    let mut response = Response::new(empty());
    *response.status_mut() = StatusCode::NO_CONTENT;
    response
}
