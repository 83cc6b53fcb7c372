//! An error of a use-case as an answer, for the routes that are not pages.

use axum::http::StatusCode;
use axum::response::{IntoResponse, Response};
use model::UserError;

/// Plain words with the right status.
pub struct Refused(pub UserError);

impl From<UserError> for Refused {
    fn from(error: UserError) -> Self {
        Self(error)
    }
}

impl IntoResponse for Refused {
    fn into_response(self) -> Response {
        let status = StatusCode::from_u16(self.0.status())
            .expect("because every error of ours has a status of HTTP's");
        (status, format!("{}\n", self.0)).into_response()
    }
}
