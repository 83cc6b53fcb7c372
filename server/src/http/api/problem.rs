//! What a program is told when something is refused.

use axum::Json;
use axum::extract::rejection::JsonRejection;
use axum::http::header::{RETRY_AFTER, WWW_AUTHENTICATE};
use axum::http::{HeaderValue, StatusCode};
use axum::response::{IntoResponse, Response};
use model::UserError;
use serde::Serialize;

use super::super::missing;

/// A refusal as JSON, with the status that says the same.
pub struct Problem(UserError);

/// `message` is for people; the rest is the error itself, by its `kind`.
#[derive(Serialize)]
struct Body<'a> {
    message: String,
    #[serde(flatten)]
    error: &'a UserError,
}

impl Problem {
    pub fn not_found(what: &str) -> Self {
        Self(missing(what))
    }
}

impl From<UserError> for Problem {
    fn from(error: UserError) -> Self {
        Self(error)
    }
}

impl From<JsonRejection> for Problem {
    fn from(rejection: JsonRejection) -> Self {
        Self(UserError::invalid("body", rejection.body_text()))
    }
}

impl IntoResponse for Problem {
    fn into_response(self) -> Response {
        let status =
            StatusCode::from_u16(self.0.status()).unwrap_or(StatusCode::INTERNAL_SERVER_ERROR);
        let message = match &self.0 {
            UserError::SignedOut => "Send a good token: Authorization: Bearer carina_…".to_owned(),
            other => other.to_string(),
        };
        let body = Json(Body {
            message,
            error: &self.0,
        });
        let mut response = (status, body).into_response();
        let headers = response.headers_mut();
        match self.0 {
            UserError::SignedOut => {
                headers.insert(WWW_AUTHENTICATE, HeaderValue::from_static("Bearer"));
            }
            UserError::TooMany { retry_after_s } => {
                headers.insert(RETRY_AFTER, retry_after_s.into());
            }
            _ => {}
        }
        response
    }
}
