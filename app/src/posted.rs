//! Pages that are posted to: they show a secret made for them alone, or take what fits in no address.

use axum::body::Body;
use axum::extract::{FromRequest as _, Multipart, Request};
use axum::http::header::CONTENT_TYPE;
use axum::http::request::Parts;
use axum::middleware::Next;
use axum::response::Response;
use leptos::prelude::*;

use crate::server::header;

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
pub async fn form_read(request: Request, next: Next) -> Response {
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
