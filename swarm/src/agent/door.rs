//! The engine's only door to the network: mTLS under the engine CA, then dockerd's unix socket.
//!
//! Nothing is filtered here: only managers, who have checked what they send, and the panel hold a
//! certificate of this authority, and no container of a user can mount one.

use std::net::IpAddr;
use std::sync::Arc;
use std::time::Duration;

use http::{HeaderMap, Request, Response, StatusCode};
use hyper::body::Incoming;
use rustls_pki_types::CertificateDer;

use super::fence::{Busy, Fence};
use crate::http::{
    Body, Caller, Cut, Gate, Pool, Serve, bytes_body, collect, empty, forward, incoming, json,
    upgrade_take,
};
use crate::limits::TERM_BUSY;
use crate::term::{BEGUN, BUSY, FENCE, REFUSED, TERM, WHOLE, term_of};
use crate::tls::Peer;

/// Routes of `segment-init`, behind the same door.
const INIT_PREFIX: &str = "/carina/";
const PING_LIMIT: Duration = Duration::from_secs(2);
/// What only one manager may decide is small: a container's create.
const DECIDED_MAX: usize = 8 << 20;

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum EngineCaller {
    Manager,
    Panel,
}

/// Lets in who carries one of the two names.
pub struct EngineGate {
    /// That of the agent's own certificate; others' are refused, whoever signed them.
    pub cluster: Option<String>,
}

impl Gate for EngineGate {
    type Identity = EngineCaller;

    fn admit(
        &self,
        certificates: &[CertificateDer<'static>],
        _address: Option<IpAddr>,
    ) -> Option<EngineCaller> {
        let peer = Peer::read(certificates.first()?)?;
        if self.cluster.is_some() && self.cluster != peer.cluster {
            tracing::warn!(
                name = peer.common_name,
                "refused at the engine's door: of another cluster"
            );
            return None;
        }
        match peer.common_name.as_str() {
            wire::caller::MANAGER => Some(EngineCaller::Manager),
            wire::caller::PANEL => Some(EngineCaller::Panel),
            stranger => {
                tracing::warn!(name = stranger, "refused at the engine's door");
                None
            }
        }
    }

    /// Engine certificates are replaced by a rebuild, which starts the agent anew.
    async fn expelled(&self, _identity: &EngineCaller) {
        std::future::pending().await
    }
}

pub struct Door {
    pub engine: Arc<Pool>,
    pub init: Arc<Pool>,
    pub fence: Fence,
}

impl Serve<EngineCaller> for Door {
    async fn answer(
        self: Arc<Self>,
        caller: Arc<Caller<EngineCaller>>,
        mut request: Request<Incoming>,
    ) -> Response<Body> {
        let path = request.uri().path();
        let for_init = path.starts_with(INIT_PREFIX);
        if for_init && *caller.identity != EngineCaller::Panel {
            return refusal(StatusCode::FORBIDDEN, "this route is the panel's");
        }
        if request.uri().authority().is_some() {
            return refusal(StatusCode::BAD_REQUEST, "only paths are served");
        }
        let term = match (&*caller.identity, request.headers_mut().remove(TERM)) {
            (EngineCaller::Manager, Some(term)) => {
                let headers = HeaderMap::from_iter([(TERM, term)]);
                let Some(term) = term_of(&headers) else {
                    return refusal(StatusCode::BAD_REQUEST, "the term is no number");
                };
                Some(term)
            }
            _ => None,
        };
        let fence = request.headers_mut().remove(FENCE);
        let pool = if for_init { &self.init } else { &self.engine };
        match (term, fence) {
            (Some(term), Some(fence)) => {
                let begun = self.fence.begin(term, fence == WHOLE, TERM_BUSY).await;
                return match begun {
                    Ok(quiet) => status_only(if quiet { BEGUN } else { BUSY }),
                    Err(latest) => deposed(latest),
                };
            }
            (Some(term), None) => match self.fence.enter(term) {
                Ok(busy) => return decided(Arc::clone(pool), request, busy, caller.cut()).await,
                Err(latest) => return deposed(latest),
            },
            (None, _) => {}
        }
        let upgrade = upgrade_take(&mut request);
        let request = request.map(incoming);
        match forward(pool, request, upgrade, caller.cut()).await {
            Ok(response) => response,
            Err(error) => refusal(StatusCode::BAD_GATEWAY, &error.chain()),
        }
    }
}

/// Passes on what only one manager may decide. It ends when the engine has answered, also when the
/// manager dies meanwhile: whoever takes over waits for it.
async fn decided(
    pool: Arc<Pool>,
    request: Request<Incoming>,
    busy: Busy,
    cut: Cut,
) -> Response<Body> {
    let (head, body) = request.into_parts();
    let Ok(body) = collect(body, DECIDED_MAX).await else {
        return refusal(StatusCode::BAD_REQUEST, "the request broke off");
    };
    let request = Request::from_parts(head, bytes_body(body));
    let exchange = tokio::spawn(async move {
        let answer = forward(&pool, request, None, cut).await;
        drop(busy);
        answer
    });
    match exchange.await {
        Ok(Ok(response)) => response,
        Ok(Err(error)) => refusal(StatusCode::BAD_GATEWAY, &error.chain()),
        Err(_) => refusal(
            StatusCode::BAD_GATEWAY,
            "the exchange with the engine failed",
        ),
    }
}

fn status_only(status: StatusCode) -> Response<Body> {
    let mut response = Response::new(empty());
    *response.status_mut() = status;
    response
}

fn deposed(latest: u64) -> Response<Body> {
    let mut response = refusal(REFUSED, "another manager has taken over");
    response.headers_mut().insert(TERM, latest.into());
    response
}

fn refusal(status: StatusCode, message: &str) -> Response<Body> {
    json(status, &serde_json::json!({ "message": message }))
}

/// Has dockerd come up?
pub async fn engine_answers(engine: &Arc<Pool>) -> bool {
    let Ok(request) = Request::get("/_ping")
        .header("Host", "docker")
        .body(empty())
    else {
        return false;
    };
    matches!(
        tokio::time::timeout(PING_LIMIT, engine.send(request)).await,
        Ok(Ok(response)) if response.status().is_success()
    )
}
