//! What the routes that are not pages say: errors of use-cases and refusals of our own, in the
//! language of whoever asked.

use axum::body::Body;
use axum::extract::Request;
use axum::http::StatusCode;
use axum::middleware::Next;
use axum::response::{IntoResponse, Response};
use model::UserError;

/// An error of a use-case as an answer: plain words with the right status.
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
        told(status, self.0.to_string())
    }
}

/// English words that [`in_language`] says again.
#[derive(Clone)]
struct Told(String);

/// An answer of nothing but words, which stand in the catalogue of what is told at run time.
pub fn told(status: StatusCode, words: impl Into<String>) -> Response {
    let words = words.into();
    let mut response = (status, format!("{words}\n")).into_response();
    response.extensions_mut().insert(Told(words));
    response
}

pub async fn in_language(request: Request, next: Next) -> Response {
    let language = app::Language::of_request(request.headers());
    let mut response = next.run(request).await;
    if let Some(Told(words)) = response.extensions_mut().remove::<Told>() {
        *response.body_mut() = Body::from(format!("{}\n", language.say(&words)));
    }
    response
}
