//! Bundles: credentials as a zip, for the browser and for the one-line command.

use axum::extract::rejection::FormRejection;
use axum::extract::{Path, State};
use axum::http::header::{
    CACHE_CONTROL, CONTENT_DISPOSITION, CONTENT_TYPE, HOST, WWW_AUTHENTICATE,
};
use axum::http::uri::Authority;
use axum::http::{HeaderMap, StatusCode};
use axum::response::{IntoResponse as _, Redirect, Response};
use axum::{Extension, Form};
use control::{Actor, Bundle, BundleForm, BundleOrder};
use serde::Deserialize;

use super::api::bearer::bearer;
use super::refused::{Refused, told};
use super::{Web, cluster_id};

/// What a form may say about what it wants.
#[derive(Deserialize, Default)]
#[serde(default)]
pub struct Wanted {
    /// Which machine it is for.
    label: String,
}

/// `POST /clusters/{id}/bundle`, from a form; works without script.
pub async fn zip_by_browser(
    state: State<Web>,
    actor: Option<Extension<Actor>>,
    path: Path<String>,
    headers: HeaderMap,
    form: Result<Form<Wanted>, FormRejection>,
) -> Result<Response, Refused> {
    by_browser(state, actor, path, &headers, form, BundleForm::Zip).await
}

/// `POST /clusters/{id}/context`: the one file for `docker context import`.
pub async fn context_by_browser(
    state: State<Web>,
    actor: Option<Extension<Actor>>,
    path: Path<String>,
    headers: HeaderMap,
    form: Result<Form<Wanted>, FormRejection>,
) -> Result<Response, Refused> {
    by_browser(state, actor, path, &headers, form, BundleForm::Context).await
}

async fn by_browser(
    State(web): State<Web>,
    actor: Option<Extension<Actor>>,
    Path(id): Path<String>,
    headers: &HeaderMap,
    wanted: Result<Form<Wanted>, FormRejection>,
    form: BundleForm,
) -> Result<Response, Refused> {
    let Some(Extension(actor)) = actor else {
        return Ok(Redirect::to("/sign-in").into_response());
    };
    let id = cluster_id(&id)?;
    let host = browser_host(headers);
    let wanted = wanted.map(|Form(wanted)| wanted).unwrap_or_default();
    let order = BundleOrder {
        form,
        browser_host: host.as_deref(),
        label: &wanted.label,
    };
    let bundle = web.control.bundle_make(&actor, id, order).await?;
    Ok(attachment(bundle))
}

/// `POST /bundle` with `Authorization: Bearer …`: a one-time link, without a cookie.
pub async fn zip_by_bearer(state: State<Web>, headers: HeaderMap) -> Result<Response, Refused> {
    by_bearer(state, &headers, BundleForm::Zip).await
}

/// `POST /bundle/context`: the same link, for a Docker context.
pub async fn context_by_bearer(state: State<Web>, headers: HeaderMap) -> Result<Response, Refused> {
    by_bearer(state, &headers, BundleForm::Context).await
}

async fn by_bearer(
    State(web): State<Web>,
    headers: &HeaderMap,
    form: BundleForm,
) -> Result<Response, Refused> {
    let Some(bearer) = bearer(headers) else {
        let asks = [(WWW_AUTHENTICATE, "Bearer")];
        let words = "Give the one-time code of a cluster's access page.";
        return Ok((asks, told(StatusCode::UNAUTHORIZED, words)).into_response());
    };
    Ok(attachment(web.control.bundle_by_link(bearer, form).await?))
}

/// The panel's host as this browser spells it, without port and brackets.
pub(super) fn browser_host(headers: &HeaderMap) -> Option<String> {
    let authority: Authority = headers.get(HOST)?.to_str().ok()?.parse().ok()?;
    let host = authority.host();
    Some(host.trim_matches(['[', ']']).to_owned())
}

pub(super) fn attachment(bundle: Bundle) -> Response {
    let kind = match bundle.file_name.ends_with(".zip") {
        true => "application/zip",
        false => "application/x-tar",
    };
    // The name is a cluster's, so it needs no escaping.
    let disposition = format!("attachment; filename=\"{}\"", bundle.file_name);
    let headers = [
        (CONTENT_TYPE, kind.to_owned()),
        (CONTENT_DISPOSITION, disposition),
        // A private key is in it.
        (CACHE_CONTROL, "no-store".to_owned()),
    ];
    (headers, bundle.bytes).into_response()
}
