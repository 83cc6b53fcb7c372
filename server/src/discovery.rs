//! The discovery service: where a cluster's agents say where they are, and its managers ask.
//!
//! The routes are those of Docker's hosted token discovery, so that the archived `swarm list`
//! works against it; who may register what is for `control` to say.

mod rate;

use std::net::{IpAddr, SocketAddr, SocketAddrV4};
use std::sync::Arc;
use std::time::{Duration, Instant};

use axum::extract::{ConnectInfo, Path, Query, Request, State};
use axum::http::{StatusCode, header};
use axum::middleware::{Next, from_fn_with_state};
use axum::response::{IntoResponse, Response};
use axum::routing::{MethodRouter, get, post};
use axum::{Json, Router};
use bytes::Bytes;
use control::Control;
use model::UserError;
use serde::Deserialize;
use tower_http::limit::RequestBodyLimitLayer;
use tower_http::timeout::TimeoutLayer;

use rate::Rate;

/// `255.255.255.255:65535` and some air.
const BODY_MAX_BYTES: usize = 256;
/// [`wire::discovery::REFUSALS_MAX`] of the longest refusals.
const REFUSALS_MAX_BYTES: usize = 8 * 1024;
/// Sixty-four serials in JSON.
const SEEN_MAX_BYTES: usize = 4096;
/// A manager's question for revocations waits this long for an answer.
const LONG_POLL: Duration = Duration::from_secs(30);
const DEADLINE: Duration = Duration::from_secs(40);
/// What the archived program's default is, when nothing is said.
const TTL_DEFAULT_S: u64 = 180;
const TTL_MAX_S: u64 = 86_400;

pub fn router(control: Control) -> Router {
    let larger = |name, route: MethodRouter<Control>, most_bytes| {
        let limit = RequestBodyLimitLayer::new(most_bytes);
        Router::new().route(&format!("/v1/{name}/{{token}}"), route.layer(limit))
    };
    Router::new()
        .route("/v1/clusters", post(create))
        .route(
            "/v1/clusters/{token}",
            get(list).post(register).delete(remove),
        )
        .route(
            &format!("/v1/{}/{{token}}", wire::discovery::REVOCATIONS),
            get(revocations),
        )
        .fallback(|| async { (StatusCode::NOT_FOUND, "page not found\n") })
        .layer(RequestBodyLimitLayer::new(BODY_MAX_BYTES))
        .merge(larger(
            wire::discovery::REFUSALS,
            post(refusals),
            REFUSALS_MAX_BYTES,
        ))
        .merge(larger(wire::discovery::SEEN, post(seen), SEEN_MAX_BYTES))
        .layer(from_fn_with_state(Arc::new(Rate::default()), limit))
        .layer(TimeoutLayer::with_status_code(
            StatusCode::REQUEST_TIMEOUT,
            DEADLINE,
        ))
        .with_state(control)
}

/// Before anything is looked up: whoever asks too often is told so.
async fn limit(
    State(rate): State<Arc<Rate>>,
    ConnectInfo(remote): ConnectInfo<SocketAddr>,
    request: Request,
    next: Next,
) -> Response {
    if rate.take(canonical(remote.ip()), Instant::now()) {
        return next.run(request).await;
    }
    let after = [(header::RETRY_AFTER, "1")];
    let words = "too many questions from this address\n";
    (StatusCode::TOO_MANY_REQUESTS, after, words).into_response()
}

/// Tokens come with clusters, and clusters are made in the panel.
async fn create() -> Response {
    let words = "tokens are made by the panel, with the cluster\n";
    (StatusCode::METHOD_NOT_ALLOWED, words).into_response()
}

#[derive(Deserialize)]
struct Ttl {
    ttl: Option<u64>,
}

async fn register(
    State(control): State<Control>,
    ConnectInfo(remote): ConnectInfo<SocketAddr>,
    Path(token): Path<String>,
    Query(Ttl { ttl }): Query<Ttl>,
    body: Bytes,
) -> Result<&'static str, Refused> {
    let token = token_checked(&token)?;
    let entry = std::str::from_utf8(&body)
        .ok()
        .and_then(|text| text.trim().parse::<SocketAddrV4>().ok())
        .ok_or_else(|| UserError::invalid("body", "give ip:port"))?;
    let ttl = ttl.unwrap_or(TTL_DEFAULT_S);
    if !(1..=TTL_MAX_S).contains(&ttl) {
        return Err(UserError::invalid("ttl", "give 1 to 86400 seconds").into());
    }
    control
        .discovery_register(
            token,
            canonical(remote.ip()),
            entry,
            Duration::from_secs(ttl),
        )
        .await?;
    Ok("OK")
}

async fn list(
    State(control): State<Control>,
    Path(token): Path<String>,
) -> Result<Json<Vec<SocketAddrV4>>, Refused> {
    Ok(Json(control.discovery_list(token_checked(&token)?).await?))
}

/// Entries go by themselves, with the segment or when nobody renews them.
async fn remove() -> Response {
    let words = "entries expire by themselves\n";
    (StatusCode::METHOD_NOT_ALLOWED, words).into_response()
}

#[derive(Deserialize)]
struct After {
    #[serde(default)]
    after: u64,
}

async fn revocations(
    State(control): State<Control>,
    Path(token): Path<String>,
    Query(After { after }): Query<After>,
) -> Result<Json<wire::Revocations>, Refused> {
    let token = token_checked(&token)?;
    let answer = control
        .discovery_revocations(token, after, LONG_POLL)
        .await?;
    Ok(Json(answer))
}

/// For the audit; see [`wire::PolicyRefusal`].
async fn refusals(
    State(control): State<Control>,
    ConnectInfo(remote): ConnectInfo<SocketAddr>,
    Path(token): Path<String>,
    body: Bytes,
) -> Result<&'static str, Refused> {
    let token = token_checked(&token)?;
    let list: Vec<wire::PolicyRefusal> = serde_json::from_slice(&body)
        .map_err(|_| UserError::invalid("body", "give a list of refusals"))?;
    control
        .discovery_refusals(token, canonical(remote.ip()), &list)
        .await?;
    Ok("OK")
}

async fn seen(
    State(control): State<Control>,
    ConnectInfo(remote): ConnectInfo<SocketAddr>,
    Path(token): Path<String>,
    body: Bytes,
) -> Result<&'static str, Refused> {
    let token = token_checked(&token)?;
    let told: wire::Seen = serde_json::from_slice(&body)
        .map_err(|_| UserError::invalid("body", "give the serials of certificates"))?;
    control
        .discovery_seen(token, canonical(remote.ip()), &told.serials)
        .await?;
    Ok("OK")
}

/// Thirty-two lower-case hex digits; nothing else goes any further.
fn token_checked(token: &str) -> Result<&str, UserError> {
    let is_token = token.len() == 32
        && token
            .bytes()
            .all(|b| b.is_ascii_digit() || (b'a'..=b'f').contains(&b));
    is_token.then_some(token).ok_or(UserError::NotFound {
        what: "token".to_owned(),
    })
}

/// A listener on `::` shows IPv4 peers as mapped addresses.
fn canonical(address: IpAddr) -> IpAddr {
    address.to_canonical()
}

struct Refused(UserError);

impl From<UserError> for Refused {
    fn from(error: UserError) -> Self {
        Self(error)
    }
}

impl IntoResponse for Refused {
    fn into_response(self) -> Response {
        let status = StatusCode::from_u16(self.0.status())
            .expect("because every error of ours has a status of HTTP's");
        (status, format!("{}\n", self.0)).into_response()
    }
}
