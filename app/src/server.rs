//! What the server's face of the pages needs from the request: who asks, and by which address.

use axum::Router;
use axum::body::Body;
use axum::extract::{ConnectInfo, FromRequest as _, Multipart, Request};
use axum::http::header::{
    ACCEPT, CONTENT_SECURITY_POLICY, CONTENT_TYPE, HOST, HeaderName, HeaderValue, ORIGIN, REFERER,
    SET_COOKIE, USER_AGENT,
};
use axum::http::request::Parts;
use axum::http::{HeaderMap, StatusCode};
use axum::middleware::Next;
use axum::response::Response;
use control::{Actor, Control};
use leptos::prelude::*;
use leptos_axum::{LeptosRoutes, ResponseOptions};
use model::{ClusterId, ContainerRef, ThingRef, UserError};
use std::net::{IpAddr, Ipv4Addr, SocketAddr};

use crate::ApiError;
use crate::root::{App, shell};

/// Every page and server function, to be merged into the server's router. `provide` puts the
/// [`Control`] into context; the [`Actor`] is read from each request's extensions.
pub fn routes(
    options: &LeptosOptions,
    provide: impl Fn() + Clone + Send + Sync + 'static,
) -> Router<LeptosOptions> {
    let pages = leptos_axum::generate_route_list(App);
    let shell = {
        let options = options.clone();
        move || shell(options.clone())
    };
    // Pages that show a secret made for them alone: without script, their forms post to the page.
    let posted = leptos_axum::render_app_async_with_context(provide.clone(), shell.clone());
    let mut router = Router::new().leptos_routes_with_context(options, pages, provide, shell);
    for path in POSTED_PAGES {
        let page = axum::routing::post(posted.clone());
        let page = page.layer(axum::middleware::from_fn(form_read));
        router = router.route(path, page);
    }
    router.layer(axum::middleware::map_request(forget_last_error))
}

/// The pages that are posted to.
pub const POSTED_PAGES: [&str; 8] = [
    "/clusters/{id}/stacks/new",
    "/sign-in/provider",
    "/clusters/{id}/access",
    "/clusters/{id}/containers/{container}",
    "/people/invite",
    "/people/{id}",
    "/account/two-factor",
    "/account/tokens",
];

/// The fields of the form that a page was posted.
#[derive(Debug, Clone)]
struct Posted(Vec<(String, String)>);

/// Puts the form's fields where the page finds them.
async fn form_read(request: Request, next: Next) -> Response {
    let (parts, body) = request.into_parts();
    let request = Request::from_parts(parts.clone(), body);
    let kind = header(&parts.headers, &CONTENT_TYPE).unwrap_or_default();
    let fields = if kind.starts_with("multipart/form-data") {
        upload_read(request).await.unwrap_or_default()
    } else {
        let read = axum::Form::<Vec<(String, String)>>::from_request(request, &());
        read.await.map(|form| form.0).unwrap_or_default()
    };
    let mut request = Request::from_parts(parts, Body::empty());
    request.extensions_mut().insert(Posted(fields));
    next.run(request).await
}

/// A form with a file in it: the file's text is the field's value.
async fn upload_read(request: Request) -> Option<Vec<(String, String)>> {
    let mut parts = Multipart::from_request(request, &()).await.ok()?;
    let mut fields = Vec::new();
    while let Some(field) = parts.next_field().await.ok()? {
        let name = field.name().unwrap_or_default().to_owned();
        let bytes = field.bytes().await.ok()?;
        fields.push((name, String::from_utf8_lossy(&bytes).into_owned()));
    }
    Some(fields)
}

/// What the page being drawn was posted: nothing unless its field `make` says `what`.
pub fn posted(what: &str) -> Option<impl Fn(&str) -> String + Send + use<>> {
    let parts = use_context::<Parts>()?;
    let fields = parts.extensions.get::<Posted>()?.0.clone();
    let value = move |name: &str| {
        let found = fields.iter().find(|(key, _)| key == name);
        found.map(|(_, value)| value.clone()).unwrap_or_default()
    };
    (value("make") == what).then_some(value)
}

/// A form without script comes back to its page with the error in the address. Sent once more
/// from there, it would come back with both.
async fn forget_last_error(mut request: Request) -> Request {
    let referer = header(request.headers(), &REFERER).and_then(without_error);
    if let Some(referer) = referer.and_then(|referer| HeaderValue::from_str(&referer).ok()) {
        request.headers_mut().insert(REFERER, referer);
    }
    request
}

/// The address without its `__path` and `__err`; `None` where there are none.
fn without_error(address: &str) -> Option<String> {
    let (path, query) = address
        .split_once('?')
        .filter(|(_, query)| query.contains("__err="))?;
    let kept: Vec<&str> = query
        .split('&')
        .filter(|pair| !pair.starts_with("__path=") && !pair.starts_with("__err="))
        .collect();
    Some(if kept.is_empty() {
        path.to_owned()
    } else {
        format!("{path}?{}", kept.join("&"))
    })
}

pub fn control() -> Control {
    expect_context::<Control>()
}

/// The first line of every server function that needs an account.
pub fn actor() -> Result<Actor, ApiError> {
    signed_in().ok_or_else(|| refused(UserError::SignedOut))
}

pub fn signed_in() -> Option<Actor> {
    use_context::<Parts>()?.extensions.get::<Actor>().cloned()
}

/// A cluster's id as a form or an address carries it. What is not one names no cluster.
pub fn cluster_id(text: &str) -> Result<ClusterId, ApiError> {
    text.parse().map_err(|_| {
        refused(UserError::NotFound {
            what: "cluster".to_owned(),
        })
    })
}

/// What an address or a form names by an id that is none.
pub fn id<T: std::str::FromStr>(what: &str, text: &str) -> Result<T, ApiError> {
    text.parse().map_err(|_| {
        refused(UserError::NotFound {
            what: what.to_owned(),
        })
    })
}

/// A container's id or name. What cannot be one names none.
pub fn container_ref(text: &str) -> Result<ContainerRef, ApiError> {
    text.parse().map_err(|_| {
        refused(UserError::NotFound {
            what: "container".to_owned(),
        })
    })
}

/// An image, a volume, a network or a service, by its id or name.
pub fn thing_ref(text: &str) -> Result<ThingRef, ApiError> {
    text.parse().map_err(|_| {
        refused(UserError::NotFound {
            what: "thing".to_owned(),
        })
    })
}

/// The last step of an error on its way out. Who has to prove something first is led to where.
pub fn refused(error: UserError) -> ApiError {
    status_set(&error);
    if error == UserError::ConfirmFirst
        && use_context::<Parts>().is_some_and(|parts| accepts_html(&parts.headers))
    {
        leptos_axum::redirect(&format!("/confirm?next={}", page_path()));
    }
    error.into()
}

/// The path of the page whose form this is.
fn page_path() -> String {
    let Some(parts) = use_context::<Parts>() else {
        return String::new();
    };
    if !parts.uri.path().starts_with("/api/") {
        return parts.uri.path().to_owned();
    }
    let referer = header(&parts.headers, &REFERER).and_then(|text| text.parse().ok());
    referer
        .map(|uri: axum::http::Uri| uri.path().to_owned())
        .unwrap_or_default()
}

/// Did this browser prove not long ago who sits before it?
pub fn is_confirmed() -> bool {
    signed_in().is_some_and(|actor| control().is_confirmed(&actor))
}

/// Says the error by status, too, but only to callers that want no HTML: a form post without
/// script must stay a redirect, and a page sets its own.
pub fn status_set(error: &UserError) {
    if let (Some(parts), Some(response)) =
        (use_context::<Parts>(), use_context::<ResponseOptions>())
        && !accepts_html(&parts.headers)
        && let Ok(status) = StatusCode::from_u16(error.status())
    {
        response.set_status(status);
    }
}

/// The status of the page itself, whoever asks.
pub fn page_status_set(status: u16) {
    if let (Some(response), Ok(status)) = (
        use_context::<ResponseOptions>(),
        StatusCode::from_u16(status),
    ) {
        response.set_status(status);
    }
}

/// Leads the browser to another site once the page is there, without script. No redirect: a form's
/// answer may lead to our own pages alone (`form-action`), and the provider leads on as it likes.
pub fn go_on_to(url: &str) {
    if let (Some(response), Ok(value)) = (
        use_context::<ResponseOptions>(),
        HeaderValue::from_str(&format!("0; url={url}")),
    ) {
        response.insert_header(HeaderName::from_static("refresh"), value);
    }
}

/// What the page may load and run: its own files, and the scripts that carry its nonce.
pub fn content_policy_set(nonce: &str) {
    let policy = format!(
        "default-src 'none'; script-src 'nonce-{nonce}' 'strict-dynamic' 'wasm-unsafe-eval'; \
         style-src 'self' 'nonce-{nonce}'; img-src 'self'; font-src 'self'; connect-src 'self'; \
         manifest-src 'self'; form-action 'self'; base-uri 'none'; frame-ancestors 'none'"
    );
    if let (Some(response), Ok(policy)) = (
        use_context::<ResponseOptions>(),
        HeaderValue::from_str(&policy),
    ) {
        response.insert_header(CONTENT_SECURITY_POLICY, policy);
    }
}

fn accepts_html(headers: &HeaderMap) -> bool {
    header(headers, &ACCEPT).is_some_and(|accept| accept.contains("text/html"))
}

fn header<'a>(headers: &'a HeaderMap, name: &HeaderName) -> Option<&'a str> {
    headers.get(name).and_then(|value| value.to_str().ok())
}

/// Where to go after a form: a path of ours, never another site's address, however it is spelled
/// (`//host`, `/\host`).
pub fn local_path(next: &str) -> &str {
    let is_plain = next
        .bytes()
        .all(|b| b.is_ascii_alphanumeric() || b"/-_?=&%.+:,~".contains(&b));
    if next.starts_with('/') && !next.starts_with("//") && is_plain {
        next
    } else {
        "/clusters"
    }
}

/// A cookie that no script reads; over https it stays there. Name and value are ours.
pub fn cookie_set(name: &str, value: &str, age_s: u32) {
    let secure = if origin().starts_with("https://") {
        "; Secure"
    } else {
        ""
    };
    let cookie = format!("{name}={value}; Path=/; Max-Age={age_s}; HttpOnly; SameSite=Lax{secure}");
    if let (Some(response), Ok(cookie)) = (
        use_context::<ResponseOptions>(),
        HeaderValue::from_str(&cookie),
    ) {
        response.append_header(SET_COOKIE, cookie);
    }
}

/// Whether a page is being drawn as the answer to its own form.
pub fn is_page_posted() -> bool {
    use_context::<Parts>().is_some_and(|parts| {
        parts.method == axum::http::Method::POST && !parts.uri.path().starts_with("/api/")
    })
}

/// The browser's own words about itself, shortened.
pub fn browser_agent() -> String {
    use_context::<Parts>()
        .and_then(|parts| header(&parts.headers, &USER_AGENT).map(str::to_owned))
        .map(|agent| agent.chars().take(200).collect())
        .unwrap_or_default()
}

/// The address the request came from. A server behind a proxy replaces `ConnectInfo`.
pub fn remote() -> IpAddr {
    use_context::<Parts>()
        .and_then(|parts| parts.extensions.get::<ConnectInfo<SocketAddr>>().copied())
        .map_or(IpAddr::V4(Ipv4Addr::UNSPECIFIED), |ConnectInfo(address)| {
            address.ip()
        })
}

/// The panel's host as this browser spells it, without port.
pub fn browser_host() -> Option<String> {
    let parts = use_context::<Parts>()?;
    let authority = header(&parts.headers, &HOST).or_else(|| parts.uri.host())?;
    authority
        .parse::<axum::http::uri::Authority>()
        .ok()
        .map(|authority| {
            authority
                .host()
                .trim_start_matches('[')
                .trim_end_matches(']')
                .to_owned()
        })
}

/// The panel's origin as this browser spells it. A POST always carries it, and the server has
/// compared it with the host by then.
pub fn origin() -> String {
    let Some(parts) = use_context::<Parts>() else {
        return String::new();
    };
    match (
        header(&parts.headers, &ORIGIN),
        header(&parts.headers, &HOST),
    ) {
        (Some(origin), _) if origin.starts_with("http") => origin.to_owned(),
        (_, host) => format!("http://{}", host.unwrap_or("localhost")),
    }
}

#[cfg(test)]
mod tests {
    use super::{local_path, without_error};

    #[test]
    fn only_paths_of_ours_are_followed() {
        for good in [
            "/clusters/0190b0d8-0000/access",
            "/setup?token=0a&done=x",
            "/clusters/1/containers?state=up%20there",
        ] {
            assert_eq!(local_path(good), good);
        }
        for bad in [
            "",
            "clusters",
            "//evil.example",
            "/\\evil.example",
            "https://evil.example",
            "/a\r\nX: y",
        ] {
            assert_eq!(local_path(bad), "/clusters");
        }
    }

    #[test]
    fn an_error_is_shown_once() {
        for (address, expect) in [
            ("http://x/account", None),
            ("http://x/setup?token=1", None),
            (
                "http://x/account?__path=%2Fapi%2Fa&__err=e30",
                Some("http://x/account"),
            ),
            (
                "http://x/setup?token=1&__path=a&__err=b&__path=c&__err=d",
                Some("http://x/setup?token=1"),
            ),
        ] {
            assert_eq!(without_error(address).as_deref(), expect);
        }
    }
}
