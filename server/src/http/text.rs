//! No text has a character 0 in it: `PostgreSQL` can't keep one, C reads it as an end, and nobody
//! types it. Whatever brings one is refused here, before anything is done with it.
//!
//! Bodies are read here, each of them whole: whoever reads one further in does not always ask what
//! type it says to be. And who somebody is, is asked after that: a body may take its time, and
//! meanwhile a session may end.

use axum::body::{Body, to_bytes};
use axum::extract::Request;
use axum::http::StatusCode;
use axum::middleware::Next;
use axum::response::{IntoResponse as _, Response};

use super::BODY_MAX_BYTES;
use super::refused::told;

pub async fn check(request: Request, next: Next) -> Response {
    // What stands in a path is an id or a name, each with a reader of its own.
    let query = request.uri().query().unwrap_or_default();
    if has_zero(query.as_bytes()) {
        return refused();
    }
    let (parts, body) = request.into_parts();
    let Ok(body) = to_bytes(body, BODY_MAX_BYTES).await else {
        return StatusCode::PAYLOAD_TOO_LARGE.into_response();
    };
    if has_zero(&body) {
        return refused();
    }
    next.run(Request::from_parts(parts, Body::from(body))).await
}

/// As itself, or as forms and JSON write it, whatever this says to be.
fn has_zero(bytes: &[u8]) -> bool {
    bytes.contains(&0)
        || bytes.windows(3).any(|three| three == b"%00")
        || bytes.windows(6).any(|six| six == br"\u0000")
}

fn refused() -> Response {
    told(
        StatusCode::BAD_REQUEST,
        "A text of this request has a character in it that no text can have (the character 0). Take \
         it out and try again.",
    )
}

#[cfg(test)]
mod tests {
    use super::has_zero;

    #[test]
    fn a_zero_is_found_however_it_is_written() {
        for text in [
            "name=a%00b",
            "{\"name\":\"a\\u0000b\"}",
            "a\0b",
            "/clusters/%00",
        ] {
            assert!(has_zero(text.as_bytes()), "{text}");
        }
        for text in ["name=100%25", "name=a%0A0", "{\"n\":\"\\u0001\"}", ""] {
            assert!(!has_zero(text.as_bytes()), "{text}");
        }
    }
}
