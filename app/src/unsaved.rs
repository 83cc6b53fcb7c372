//! A form whose session had ended when it came: it is answered with what was in it, so that nothing of
//! it is lost, and it can be sent again once somebody is signed in. No script is needed for that.
//!
//! Whoever sent it sees it again and nobody else: it is in that one answer, and is kept nowhere.

use axum::body::{Body, Bytes, to_bytes};
use axum::extract::{FromRequest as _, Request};
use axum::http::header::{CONTENT_TYPE, HOST, HeaderValue, LOCATION, REFERER};
use axum::http::request::Parts;
use axum::http::{HeaderMap, Method, StatusCode, Uri};
use axum::middleware::Next;
use axum::response::{IntoResponse as _, Response};
use control::Actor;
use leptos::prelude::*;

use crate::server::{accepts_html, header, local_path};

/// No form is larger.
const BODY_MAX_BYTES: usize = 64 * 1024;
/// Where a form leads whose session had ended. No browser comes to see it: [`answer`] stands before it.
const DOOR: &str = "/sign-in?unsaved&next=";
/// By this the form says, sent again, which page it was on.
const FROM: &str = "from=";

/// What no answer repeats: it is typed again.
const SECRETS: [&str; 5] = ["code", "token", "password", "current", "new"];

/// The form as it came.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Unsaved {
    /// Where it was sent to.
    pub action: String,
    /// The page that it was on.
    pub page: String,
    /// Without secrets.
    pub fields: Vec<(String, String)>,
    /// All of it is here.
    pub is_whole: bool,
}

/// What a form is answered that only people with an account may send.
pub fn door(page: &str) -> String {
    format!("{DOOR}{page}")
}

/// That of the page being drawn.
pub fn unsaved() -> Option<Unsaved> {
    use_context::<Parts>()?.extensions.get::<Unsaved>().cloned()
}

/// Lets everything through, and answers by `draw` where somebody's form came to nothing.
pub async fn answer<F, Drawn>(mut request: Request, next: Next, draw: F) -> Response
where
    F: FnOnce(Request) -> Drawn,
    Drawn: Future<Output = Response>,
{
    referer_of_again(&mut request);
    let is_nobodys = request.extensions().get::<Actor>().is_none();
    if request.method() != Method::POST || !is_nobodys || !accepts_html(request.headers()) {
        return next.run(request).await;
    }
    let (mut parts, body) = request.into_parts();
    let Ok(body) = to_bytes(body, BODY_MAX_BYTES).await else {
        return StatusCode::PAYLOAD_TOO_LARGE.into_response();
    };
    let sent = Request::from_parts(parts.clone(), Body::from(body.clone()));
    let response = next.run(sent).await;
    let is_led_away = header(response.headers(), &LOCATION).is_some_and(|to| to.starts_with(DOOR));
    if !is_led_away {
        return response;
    }
    let kind = header(&parts.headers, &CONTENT_TYPE).unwrap_or_default();
    let is_plain = kind.starts_with("application/x-www-form-urlencoded");
    let all = match is_plain {
        true => read(&parts, body.clone()).await,
        // A file is opened again.
        false => Vec::new(),
    };
    let (secrets, fields): (Vec<_>, Vec<_>) = all
        .into_iter()
        .partition(|(name, _)| SECRETS.contains(&name.as_str()));
    parts.extensions.insert(Unsaved {
        action: parts.uri.path().to_owned(),
        page: page_of(&parts.headers, &parts.uri),
        is_whole: secrets.is_empty() && !fields.is_empty(),
        fields,
    });
    parts.method = Method::GET;
    parts.uri = Uri::from_static("/sign-in");
    draw(Request::from_parts(parts, Body::empty())).await
}

async fn read(parts: &Parts, body: Bytes) -> Vec<(String, String)> {
    let request = Request::from_parts(parts.clone(), Body::from(body));
    let read = axum::Form::<Vec<(String, String)>>::from_request(request, &());
    read.await.map(|form| form.0).unwrap_or_default()
}

/// The page whose form it is: a page that is posted to, or the one that the browser names.
fn page_of(headers: &HeaderMap, uri: &Uri) -> String {
    if !uri.path().starts_with("/api/") {
        return uri.path().to_owned();
    }
    let referer = header(headers, &REFERER).and_then(|text| text.parse::<Uri>().ok());
    let path = referer.map(|uri| uri.path().to_owned()).unwrap_or_default();
    local_path(&path).to_owned()
}

/// Sent again, it comes from the answer's own address; what is wrong with it belongs on its page.
fn referer_of_again(request: &mut Request) {
    if request.method() != Method::POST || !request.uri().path().starts_with("/api/") {
        return;
    }
    let query = request.uri().query().unwrap_or_default();
    let from = query.split('&').find_map(|pair| pair.strip_prefix(FROM));
    let Some(from) = from.map(local_path).map(str::to_owned) else {
        return;
    };
    let came = header(request.headers(), &REFERER).and_then(|text| text.parse::<Uri>().ok());
    let origin = came.and_then(|uri| Some(format!("{}://{}", uri.scheme_str()?, uri.authority()?)));
    let host = header(request.headers(), &HOST).unwrap_or("localhost");
    let origin = origin.unwrap_or_else(|| format!("http://{host}"));
    if let Ok(referer) = HeaderValue::from_str(&format!("{origin}{from}")) {
        request.headers_mut().insert(REFERER, referer);
    }
}

impl Unsaved {
    /// Where it is sent again.
    pub fn again(&self) -> String {
        match self.action.starts_with("/api/") {
            true => format!("{}?{FROM}{}", self.action, self.page),
            false => self.action.clone(),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn request(uri: &str) -> Request {
        let request = Request::post(uri).header("host", "panel.example");
        request.body(Body::empty()).unwrap()
    }

    #[test]
    fn sent_again_it_belongs_to_its_page() {
        let unsaved = Unsaved {
            action: "/api/cluster_create".to_owned(),
            page: "/clusters/new".to_owned(),
            fields: Vec::new(),
            is_whole: true,
        };
        let mut again = request(&unsaved.again());
        referer_of_again(&mut again);
        let referer = header(again.headers(), &REFERER);
        assert_eq!(referer, Some("http://panel.example/clusters/new"));
    }

    #[test]
    fn no_page_of_somebody_else_is_led_back_to() {
        for from in ["//evil.example", "https://evil.example", "/a\\b"] {
            let mut again = request("/api/x");
            *again.uri_mut() = format!("/api/x?from={}", from.replace('\\', "%5C"))
                .parse()
                .unwrap();
            referer_of_again(&mut again);
            let referer = header(again.headers(), &REFERER).unwrap();
            assert!(referer.starts_with("http://panel.example/"), "{referer}");
        }
    }
}
