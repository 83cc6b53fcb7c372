//! The engine's only door to the network: mTLS under the engine CA, then dockerd's unix socket.
//!
//! Nothing is filtered here: only managers, who have checked what they send, and the panel hold a
//! certificate of this authority, and no container of a user can mount one.

use std::sync::Arc;
use std::time::Duration;

use http::{Request, Response, StatusCode};
use hyper::body::Incoming;
use rustls_pki_types::CertificateDer;

use crate::http::{Body, Caller, Gate, Pool, Serve, empty, forward, incoming, json, upgrade_take};
use crate::tls::Peer;

/// Routes of `segment-init`, behind the same door.
const INIT_PREFIX: &str = "/carina/";
const PING_LIMIT: Duration = Duration::from_secs(2);

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum EngineCaller {
    Manager,
    Panel,
}

/// Lets in who carries one of the two names.
pub struct EngineGate;

impl Gate for EngineGate {
    type Identity = EngineCaller;

    fn admit(&self, certificates: &[CertificateDer<'static>]) -> Option<EngineCaller> {
        let peer = Peer::read(certificates.first()?)?;
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
        let pool = if for_init { &self.init } else { &self.engine };
        let upgrade = upgrade_take(&mut request);
        let request = request.map(incoming);
        match forward(pool, request, upgrade, caller.cut()).await {
            Ok(response) => response,
            Err(error) => refusal(StatusCode::BAD_GATEWAY, &error.chain()),
        }
    }
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
