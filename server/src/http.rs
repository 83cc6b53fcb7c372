//! Everything a browser can ask of the panel, as one router: pages and server functions (from
//! `app`), bundles, events, files, health.
//!
//! Layers, from the outside in: a trace and a deadline, headers that hold for every answer, a bound
//! on bodies, the language of refusals, the origin check on every change, the whole body and what no text may hold, the session,
//! the actor.

mod actor;
mod api;
mod audit;
mod base;
mod bundle;
mod console;
mod end;
mod event_log;
mod events;
mod headers;
mod health;
mod lines;
mod log;
mod origin;
mod proxy;
mod refused;
mod room;
mod site;
mod text;

use std::net::IpAddr;
use std::path::PathBuf;
use std::sync::Arc;
use std::time::Duration;

use axum::Router;
use axum::middleware::{from_fn, from_fn_with_state};
use axum::routing::{get, post};
use control::Control;
use leptos::prelude::*;
use model::{ClusterId, UserError};
use tokio_util::sync::CancellationToken;
use tower_http::limit::RequestBodyLimitLayer;
use tower_http::timeout::TimeoutLayer;
use tower_http::trace::TraceLayer;
use tower_sessions::cookie::SameSite;
use tower_sessions::{Expiry, SessionManagerLayer};

use crate::counts::{Counts, count};
use room::Rooms;

/// Forms are small; nothing is uploaded.
const BODY_MAX_BYTES: usize = 64 * 1024;
/// Open at once: in all, and for one account.
const CONSOLES_MAX: (usize, usize) = (128, 16);
/// The same for logs that are followed or fetched as a file.
const LOGS_MAX: (usize, usize) = (256, 32);
/// Until an answer begins. Events go on for longer.
const DEADLINE: Duration = Duration::from_secs(60);

/// What the router has to know of the configuration.
#[derive(Debug, Clone)]
pub struct WebSettings {
    pub site_dir: PathBuf,
    /// People come by https, here or at a proxy in front.
    pub is_https: bool,
    /// `https://panel.example.org`, where configured; perhaps with a path below which the panel is.
    pub public_origin: Option<String>,
    pub trusted_proxies: Vec<IpAddr>,
    /// How long a cookie may live at most; the store ends sessions by its own clock.
    pub session_absolute: Duration,
    /// Of the requests, for a monitoring program.
    pub counts: Arc<Counts>,
}

/// What the handlers share.
#[derive(Clone)]
struct Web {
    control: Control,
    settings: Arc<WebSettings>,
    options: LeptosOptions,
    shutdown: CancellationToken,
    /// Room for what holds a connection to a segment.
    consoles: Arc<Rooms>,
    logs: Arc<Rooms>,
}

impl axum::extract::FromRef<Web> for LeptosOptions {
    fn from_ref(web: &Web) -> Self {
        web.options.clone()
    }
}

/// The whole panel. `shutdown` ends the event streams.
pub fn router(control: Control, settings: WebSettings, shutdown: CancellationToken) -> Router {
    let options = LeptosOptions::builder()
        .output_name("carina")
        .site_root(settings.site_dir.to_string_lossy().into_owned())
        .site_pkg_dir("pkg")
        .build();
    let web = Web {
        control: control.clone(),
        settings: Arc::new(settings),
        options: options.clone(),
        shutdown,
        consoles: Rooms::new(room::CONSOLES_FULL, CONSOLES_MAX.0, CONSOLES_MAX.1),
        logs: Rooms::new(room::LOGS_FULL, LOGS_MAX.0, LOGS_MAX.1),
    };
    let provide = {
        let control = control.clone();
        move || provide_context(control.clone())
    };
    let below = web
        .settings
        .public_origin
        .as_deref()
        .and_then(base::Base::of);
    let pages = app::routes(&options, provide.clone()).with_state(options.clone());
    let router = Router::new()
        .route("/clusters/{id}/bundle", post(bundle::zip_by_browser))
        .route("/clusters/{id}/context", post(bundle::context_by_browser))
        .route("/bundle", post(bundle::zip_by_bearer))
        .route("/bundle/context", post(bundle::context_by_bearer))
        .route("/audit/export", get(audit::export))
        .nest("/api/v1", api::routes())
        .route("/clusters/{id}/logs/stream", get(log::stream))
        .route("/clusters/{id}/logs/text", get(log::text))
        .route("/clusters/{id}/events/stream", get(event_log::stream))
        .route(
            "/clusters/{id}/containers/{container}/console/socket",
            get(console::socket),
        )
        .route("/events", get(events::events))
        .route("/healthz", get(health::health))
        .with_state(web.clone())
        .merge(pages)
        .fallback_service(site::files_or_not_found(&web, provide))
        .layer(from_fn_with_state(web.clone(), actor::actor))
        .layer(session_layer(&web))
        .layer(from_fn(text::check))
        .layer(from_fn_with_state(web.clone(), origin::check))
        .layer(from_fn(refused::in_language))
        .layer(RequestBodyLimitLayer::new(BODY_MAX_BYTES))
        .layer(from_fn_with_state(web.clone(), headers::set))
        .layer(TimeoutLayer::with_status_code(
            axum::http::StatusCode::REQUEST_TIMEOUT,
            DEADLINE,
        ))
        .layer(from_fn_with_state(Arc::clone(&web.settings.counts), count))
        .layer(from_fn_with_state(web, proxy::believe))
        .layer(
            TraceLayer::new_for_http()
                .make_span_with(headers::span)
                .on_request(())
                .on_response(headers::answered)
                .on_failure(()),
        )
        .layer(from_fn(headers::no_trace_of_secrets));
    match below {
        None => router,
        Some(base) => Router::new()
            .fallback_service(router)
            .layer(from_fn_with_state(Arc::new(base), base::below)),
    }
}

fn missing(what: &str) -> UserError {
    UserError::NotFound {
        what: what.to_owned(),
    }
}

/// What is no id names no cluster.
fn cluster_id(text: &str) -> Result<ClusterId, UserError> {
    text.parse().map_err(|_| missing("cluster"))
}

fn session_layer(web: &Web) -> SessionManagerLayer<store::SessionStore> {
    let settings = &web.settings;
    let below = settings.public_origin.as_deref().and_then(base::path_of);
    // `__Host-`: the browser keeps the cookie to this very host and to https. It goes to the whole
    // host then; below a path it goes to what is below that alone, which `__Secure-` allows.
    let name = match (settings.is_https, below) {
        (true, None) => "__Host-carina",
        (true, Some(_)) => "__Secure-carina",
        (false, _) => "carina",
    };
    let longest =
        time::Duration::try_from(settings.session_absolute).unwrap_or(time::Duration::days(14));
    SessionManagerLayer::new(web.control.session_store())
        .with_name(name)
        .with_secure(settings.is_https)
        .with_http_only(true)
        .with_same_site(SameSite::Lax)
        .with_path(below.unwrap_or("/").to_owned())
        .with_expiry(Expiry::OnInactivity(longest))
}
