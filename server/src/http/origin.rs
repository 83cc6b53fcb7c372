//! Every change must come from the panel's own pages.
//!
//! The cookie is `SameSite=Lax`, so a stranger's form carries none; this is the second lock. A
//! browser says where a POST comes from (`Origin`, `Sec-Fetch-Site`). A request that says neither
//! is not from a browser's page and has no business with a cookie.

use axum::extract::{Request, State};
use axum::http::header::{AUTHORIZATION, HOST, ORIGIN};
use axum::http::uri::Authority;
use axum::http::{HeaderMap, HeaderName, Method, StatusCode};
use axum::middleware::Next;
use axum::response::Response;

use super::Web;
use super::base::origin_of;
use super::refused::told;

const SEC_FETCH_SITE: HeaderName = HeaderName::from_static("sec-fetch-site");

pub async fn check(State(web): State<Web>, request: Request, next: Next) -> Response {
    let is_reading = matches!(
        *request.method(),
        Method::GET | Method::HEAD | Method::OPTIONS
    );
    // No cookie counts there, and no browser sends that header on its own.
    let path = request.uri().path();
    let is_by_bearer = (matches!(path, "/bundle" | "/bundle/context")
        && request.headers().contains_key(AUTHORIZATION))
        || path.starts_with("/api/v1/");
    let host = host_of(&request);
    let public_origin = web.settings.public_origin.as_deref();
    if is_reading || is_by_bearer || is_ours(request.headers(), host.as_ref(), public_origin) {
        return next.run(request).await;
    }
    told(
        StatusCode::FORBIDDEN,
        "This request does not come from a page of the panel. Open the panel by its own address and \
         try again.",
    )
}

/// HTTP/1.1 has a header, HTTP/2 the authority of the URI.
fn host_of(request: &Request) -> Option<Authority> {
    request
        .headers()
        .get(HOST)
        .and_then(|host| host.to_str().ok()?.parse().ok())
        .or_else(|| request.uri().authority().cloned())
}

/// For what is no change by its method and yet must come from our own pages: a WebSocket, which
/// HTTP/1.1 alone carries.
pub fn is_ours_by_headers(headers: &HeaderMap, public_origin: Option<&str>) -> bool {
    let host = headers
        .get(HOST)
        .and_then(|host| host.to_str().ok()?.parse().ok());
    is_ours(headers, host.as_ref(), public_origin)
}

fn is_ours(headers: &HeaderMap, host: Option<&Authority>, public_origin: Option<&str>) -> bool {
    let text = |name: &HeaderName| headers.get(name).map(|value| value.to_str());
    let site = match text(&SEC_FETCH_SITE) {
        // `none`: the person, not a page (a reload, say).
        Some(Ok("same-origin" | "none")) => Some(true),
        Some(_) => Some(false),
        None => None,
    };
    let origin = text(&ORIGIN).map(|origin| match origin {
        Ok(origin) if Some(origin) == public_origin.map(origin_of) => true,
        Ok(origin) => host.is_some_and(|host| is_of(origin, host)),
        Err(_) => false,
    });
    match (site, origin) {
        (Some(site), Some(origin)) => site && origin,
        (Some(told), None) | (None, Some(told)) => told,
        (None, None) => false,
    }
}

fn is_of(origin: &str, host: &Authority) -> bool {
    origin
        .strip_prefix("https://")
        .or_else(|| origin.strip_prefix("http://"))
        .and_then(|rest| rest.parse::<Authority>().ok())
        .is_some_and(|origin| origin == *host)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn is_let_in(pairs: &[(&'static str, &str)]) -> bool {
        let headers: HeaderMap = pairs
            .iter()
            .map(|(name, value)| (HeaderName::from_static(name), value.parse().unwrap()))
            .collect();
        let host = "panel.example:8080".parse().unwrap();
        is_ours(&headers, Some(&host), Some("https://public.example/carina"))
    }

    #[test]
    fn the_panels_own_pages_are_let_in() {
        assert!(is_let_in(&[("origin", "http://panel.example:8080")]));
        assert!(is_let_in(&[("origin", "https://public.example")]));
        assert!(is_let_in(&[("sec-fetch-site", "same-origin")]));
        assert!(is_let_in(&[
            ("sec-fetch-site", "same-origin"),
            ("origin", "https://panel.example:8080")
        ]));
    }

    #[test]
    fn everybody_else_is_not() {
        assert!(!is_let_in(&[]));
        for origin in [
            "null",
            "http://evil.example",
            "http://panel.example",
            "http://panel.example:8081",
            "http://panel.example:8080.evil.example",
            "http://panel.example:8080@evil.example",
            "panel.example:8080",
        ] {
            assert!(!is_let_in(&[("origin", origin)]), "{origin}");
        }
        for site in ["cross-site", "same-site", "nonsense"] {
            assert!(!is_let_in(&[("sec-fetch-site", site)]), "{site}");
            let both = [
                ("sec-fetch-site", site),
                ("origin", "http://panel.example:8080"),
            ];
            assert!(!is_let_in(&both), "{site}");
        }
    }
}
