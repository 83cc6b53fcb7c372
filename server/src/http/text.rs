//! No text has a character 0 in it: `PostgreSQL` can't keep one, C reads it as an end, and nobody
//! types it. Whatever brings one is refused here, before anything is done with it.

use axum::body::{Body, to_bytes};
use axum::extract::Request;
use axum::http::StatusCode;
use axum::http::header::CONTENT_TYPE;
use axum::middleware::Next;
use axum::response::{IntoResponse as _, Response};

use super::BODY_MAX_BYTES;

pub async fn check(request: Request, next: Next) -> Response {
    // What stands in a path is an id or a name, each with a reader of its own.
    let query = request.uri().query().unwrap_or_default();
    if has_zero(query.as_bytes()) {
        return refused();
    }
    let kind = request.headers().get(CONTENT_TYPE);
    let is_text = kind
        .and_then(|kind| kind.to_str().ok())
        .is_some_and(|kind| {
            kind.starts_with("application/x-www-form-urlencoded")
                || kind.starts_with("application/json")
        });
    if !is_text {
        return next.run(request).await;
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

/// As itself, or as forms and JSON write it.
fn has_zero(bytes: &[u8]) -> bool {
    bytes.contains(&0)
        || bytes.windows(3).any(|three| three == b"%00")
        || bytes.windows(6).any(|six| six == br"\u0000")
}

fn refused() -> Response {
    let words = "A text of this request has a character in it that no text can have (the character \
                 0). Take it out and try again.\n";
    (StatusCode::BAD_REQUEST, words).into_response()
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
