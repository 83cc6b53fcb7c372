//! What the server's face of the pages needs from the request: who asks, and by which address.

use axum::Router;
use axum::extract::{ConnectInfo, Request};
use axum::http::header::{
    ACCEPT, CONTENT_SECURITY_POLICY, HOST, HeaderName, HeaderValue, ORIGIN, REFERER, SET_COOKIE,
    USER_AGENT,
};
use axum::http::request::Parts;
use axum::http::{HeaderMap, StatusCode};
use axum::middleware::Next;
use control::{Action, Actor, Control};
use leptos::prelude::*;
use leptos_axum::{LeptosRoutes, ResponseOptions};
use model::{ClusterId, ContainerRef, ThingRef, UserError};
use std::net::{IpAddr, Ipv4Addr, SocketAddr};

use crate::ApiError;
use crate::posted::form_read;
pub use crate::posted::{POSTED_PAGES, posted};
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
    // Outside, where a form's body is still whole.
    let unsaved = axum::middleware::from_fn(move |request: Request, next: Next| {
        crate::unsaved::answer(request, next, posted.clone())
    });
    router
        .layer(axum::middleware::map_request(forget_last_error))
        .layer(unsaved)
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

/// The first line of every server function that needs an account. Without script the form is led to
/// the sign-in; `unsaved` answers with what was typed.
pub fn actor() -> Result<Actor, ApiError> {
    signed_in().ok_or_else(|| {
        if use_context::<Parts>().is_some_and(|parts| is_form(&parts)) {
            leptos_axum::redirect(&crate::unsaved::door(&page_path()));
        }
        refused(UserError::SignedOut)
    })
}

/// Sent by a browser to a server function.
fn is_form(parts: &Parts) -> bool {
    parts.uri.path().starts_with("/api/") && accepts_html(&parts.headers)
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

/// The last step of an error on its way out. Who has to prove something first is led to where, and
/// from there back to the form.
pub fn refused(error: UserError) -> ApiError {
    refused_on(&page_path(), error)
}

/// The same, with the page to come back to.
pub fn refused_on(page: &str, error: UserError) -> ApiError {
    status_set(&error);
    if error == UserError::ConfirmFirst
        && use_context::<Parts>().is_some_and(|parts| accepts_html(&parts.headers))
    {
        leptos_axum::redirect(&format!("/confirm?next={page}"));
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

/// Is there anything for whoever asks on the page of teams? While nobody can tell, not.
pub async fn has_teams() -> bool {
    match signed_in() {
        Some(actor) => control().team_any(&actor).await.unwrap_or(false),
        None => false,
    }
}

/// How many requests for a larger quota wait for whoever looks to decide; for most people none.
pub async fn requests_waiting() -> u32 {
    match signed_in().filter(|actor| actor.may(Action::PeopleManage)) {
        Some(actor) => control().quota_request_count(&actor).await.unwrap_or(0),
        None => 0,
    }
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

pub fn accepts_html(headers: &HeaderMap) -> bool {
    header(headers, &ACCEPT).is_some_and(|accept| accept.contains("text/html"))
}

pub fn header<'a>(headers: &'a HeaderMap, name: &HeaderName) -> Option<&'a str> {
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

/// A cookie that no script reads; over https it stays there, below a path below it. Name and value
/// are ours.
pub fn cookie_set(name: &str, value: &str, age_s: u32) {
    let secure = if origin().starts_with("https://") {
        "; Secure"
    } else {
        ""
    };
    let below = use_context::<Parts>().and_then(|parts| parts.extensions.get().cloned());
    let path = below.map_or_else(|| "/".to_owned(), |BasePath(path)| path);
    let cookie =
        format!("{name}={value}; Path={path}; Max-Age={age_s}; HttpOnly; SameSite=Lax{secure}");
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

/// The panel's host as this browser spells it, with its port where it has one; empty without.
pub fn browser_authority() -> String {
    let said = |parts: Parts| {
        // HTTP/1.1 has a header, HTTP/2 the authority of the URI.
        let of_uri = parts.uri.authority().map(ToString::to_string);
        header(&parts.headers, &HOST).map(str::to_owned).or(of_uri)
    };
    use_context::<Parts>().and_then(said).unwrap_or_default()
}

/// The panel's host as this browser spells it, without port.
pub fn browser_host() -> Option<String> {
    let authority: axum::http::uri::Authority = browser_authority().parse().ok()?;
    Some(authority.host().trim_matches(['[', ']']).to_owned())
}

/// The panel's origin as this browser spells it. A POST always carries it, and the server has
/// compared it with the host by then.
pub fn origin() -> String {
    let Some(parts) = use_context::<Parts>() else {
        return String::new();
    };
    let origin = match (
        header(&parts.headers, &ORIGIN),
        header(&parts.headers, &HOST),
    ) {
        (Some(origin), _) if origin.starts_with("http") => origin.to_owned(),
        (_, host) => format!("http://{}", host.unwrap_or("localhost")),
    };
    match parts.extensions.get::<BasePath>() {
        Some(BasePath(path)) => origin + path,
        None => origin,
    }
}

/// The path that the panel is below, in the address that people type (`/carina`): whoever serves the
/// pages puts it into a request's extensions.
#[derive(Debug, Clone)]
pub struct BasePath(pub String);

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
