//! Answers: refusals, and engines' errors as a client should see them.

use http::{HeaderValue, Response, StatusCode, header};
use serde::Serialize;

use crate::api::Refusal;
use crate::engine::EngineError;
use crate::http::{Body, PoolError, bytes_body, empty, json};

/// What to do when an answer did not come.
const LOOK_FIRST: &str = "whether this was still done is not known, look before you try again";

/// How an agent, whose words are [`PoolError`]'s, says that nothing has reached the engine.
const NOT_SENT: &str = "cannot connect to";

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
        EngineError::Away { name, said } => away_refusal(name, said),
        EngineError::Overdue { .. } | EngineError::Body(_) => {
            Refusal::failed(format!("{}: {LOOK_FIRST}", error.chain()))
        }
        EngineError::Answer(_) | EngineError::Late | EngineError::Unfit(_) => {
            Refusal::failed(error.chain())
        }
    }
}

/// The agent is there, the engine behind it is not.
pub fn away_refusal(name: &str, said: &str) -> Refusal {
    let advice = match said.starts_with(NOT_SENT) {
        true => "it is started again by itself, try again in a moment",
        false => LOOK_FIRST,
    };
    Refusal::failed(format!(
        "{name}: its engine does not answer ({said}); {advice}"
    ))
}

pub fn pool_refusal(error: &PoolError) -> Refusal {
    Refusal::failed(match error {
        PoolError::Connect { .. } => {
            format!(
                "Cannot connect to the docker engine endpoint: {}",
                error.chain()
            )
        }
        PoolError::Exchange { .. } => format!("{}: {LOOK_FIRST}", error.chain()),
        PoolError::Lost { .. } => error.chain(),
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
