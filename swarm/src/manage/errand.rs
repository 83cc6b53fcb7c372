//! A client's request on its way to who decides: this manager or the primary, and another one when
//! that one has died.

use std::sync::Arc;
use std::time::Duration;

use bytes::Bytes;
use http::{HeaderName, HeaderValue, Method, Request, Response};
use hyper::body::Incoming;
use tokio::time::Instant;

use super::Manager;
use super::answer::{Answer, pool_refusal, refusal_response};
use super::dispatch::Call;
use super::gate::Identity;
use super::last_words::LastWords;
use super::primary::{CLIENT_SERIAL, HEADER_PREFIX, Role};
use crate::api::route::{Matched, Route};
use crate::api::{Refusal, Version};
use crate::http::{
    Body, Caller, Joined, Pool, PoolError, Upgrade, bytes_body, empty, forward_with, incoming,
    tunnel,
};
use crate::limits::{ENGINE_VERDICT, PRIMARY_GAP};
use crate::term::{self, REFUSED, TERM};

/// Between two tries: whoever takes over needs a moment to know it.
const TRY_PAUSE: Duration = Duration::from_millis(50);

impl Manager {
    /// Tries until a manager has taken it; what may have been done is never tried again.
    pub async fn errand_do(self: &Arc<Self>, mut errand: Errand) -> Answer {
        // While a cluster starts, its managers come up one after another and each may take over
        // from the one before; and who takes over waits for engines that live.
        let end = Instant::now() + ENGINE_VERDICT;
        loop {
            if let Some(answer) = self.errand_run(&mut errand, end).await? {
                return Ok(answer);
            }
            if Instant::now() > end {
                return Ok(deposed(0));
            }
            if let Some(election) = &self.election {
                // Whoever takes over may have to wait for longer than this client does.
                let _ = tokio::time::timeout_at(end, election.elect(&self.cluster)).await;
            }
            tokio::time::sleep(TRY_PAUSE).await;
        }
    }

    /// Answers, here or at the primary. `None`: nothing was done, and the primary has changed.
    async fn errand_run(
        self: &Arc<Self>,
        errand: &mut Errand,
        end: Instant,
    ) -> Result<Option<Response<Body>>, Refusal> {
        let anywhere = matches!(
            errand.matched.route(),
            Route::Ping | Route::PingHead | Route::Options
        );
        if !anywhere
            && !errand.by_manager
            && let Some(pool) = self.primary_elsewhere().await?
        {
            let newest = self.cluster.api_version().unwrap_or(Version::FLOOR);
            let version = errand.matched.version.unwrap_or(newest);
            return errand.pass_on(&pool, version).await;
        }
        self.version_check(&errand.matched)?;
        let mut term = None;
        if errand.is_decided
            && let Some(election) = &self.election
        {
            let wanted = tokio::time::timeout_at(end, election.term(&self.cluster)).await;
            let Ok(found) = wanted else {
                return Ok(Some(deposed(0)));
            };
            term = found;
            if term.is_none() {
                // A manager took us for the primary; a client's request goes to the new one.
                return Ok(errand.by_manager.then(|| deposed(0)));
            }
        }
        self.container_look_closer(&errand.matched).await;
        let call = Call {
            matched: errand.matched.clone(),
            headers: errand.head.headers.clone(),
            body: errand.body.take(),
            whole: errand.whole.clone(),
            term,
            upgrade: errand.upgrade.take().filter(|_| errand.matched.row.hijack),
            caller: Arc::clone(&errand.caller),
        };
        if !errand.is_decided {
            return self.handle(call).await.map(Some);
        }
        // A client that goes away must not leave a container half made, or made and not known.
        let manager = Arc::clone(self);
        let deciding = tokio::spawn(async move { manager.handle(call).await });
        let answer = deciding
            .await
            .unwrap_or_else(|_| Err(Refusal::failed("the request could not be carried out")));
        match answer {
            Err(refusal) if refusal.status == REFUSED.as_u16() => {
                if let (Some(election), Some(term)) = (&self.election, term) {
                    election.deposed(term);
                }
                Ok(None)
            }
            answer => answer.map(Some),
        }
    }

    /// A client whose container another manager has made a moment ago, because it took over for a
    /// moment, must find it here, though its engine's events have not come yet: all engines are
    /// asked before a whole id is not known.
    async fn container_look_closer(&self, matched: &Matched) {
        let id = &matched.name;
        let is_whole = id.len() == 64 && id.bytes().all(|byte| byte.is_ascii_hexdigit());
        if self.election.is_some()
            && is_whole
            && matched.row.pattern.starts_with("/containers/")
            && self.cluster.container_find(id).is_err()
        {
            self.cluster.containers_refresh().await;
        }
    }

    /// The primary's connections, or `None` when that is us. Looks on while none answers.
    async fn primary_elsewhere(&self) -> Result<Option<Arc<Pool>>, Refusal> {
        let Some(election) = &self.election else {
            return Ok(None);
        };
        let search = async {
            let mut roles = election.roles();
            loop {
                let Role::Replica(address) = roles.borrow_and_update().clone() else {
                    return Ok(None);
                };
                let pool = election.pool(&address);
                let connected = tokio::select! {
                    connected = pool.connect_ahead() => connected,
                    // It was given up: a connection that says nothing is not waited for.
                    _ = roles.changed() => continue,
                };
                if connected.is_ok() {
                    return Ok(Some(pool));
                }
                election.elect(&self.cluster).await;
            }
        };
        tokio::time::timeout(PRIMARY_GAP, search)
            .await
            .unwrap_or_else(|_| Err(Refusal::failed("no manager of this cluster answers")))
    }
}

/// What only one manager of a cluster may do, for names to be unique; and what that one must know
/// before the caller goes on: who drains a node and then runs something does not find it there.
pub fn is_decided(route: Route) -> bool {
    matches!(
        route,
        Route::ContainerCreate | Route::ContainerRename | Route::NodeUpdate
    )
}

/// A client's request, kept so that another manager can be asked when one has failed.
pub struct Errand {
    pub matched: Matched,
    pub caller: Arc<Caller<Identity>>,
    pub by_manager: bool,
    pub is_decided: bool,
    pub head: http::request::Parts,
    /// The whole body, where it is needed twice.
    pub whole: Option<Bytes>,
    pub body: Option<Incoming>,
    pub upgrade: Option<Upgrade>,
}

impl Errand {
    /// Hands the request to the primary, with the serial of who sent it.
    async fn pass_on(
        &mut self,
        pool: &Arc<Pool>,
        version: Version,
    ) -> Result<Option<Response<Body>>, Refusal> {
        let upgrade = self.upgrade.take();
        let is_look = matches!(self.head.method, Method::GET | Method::HEAD);
        let can_again = self.whole.is_some() && upgrade.is_none();
        let body = match (&self.whole, self.body.take()) {
            (Some(whole), _) => bytes_body(whole.clone()),
            (None, Some(body)) => incoming(body),
            (None, None) => empty(),
        };
        let mut request = Request::from_parts(self.head.clone(), body);
        let headers = request.headers_mut();
        let ours: Vec<HeaderName> = headers
            .keys()
            .filter(|name| name.as_str().starts_with(HEADER_PREFIX))
            .cloned()
            .collect();
        for name in ours {
            headers.remove(name);
        }
        if let Identity::Client(peer) = &*self.caller.identity
            && let Ok(serial) = HeaderValue::from_str(&peer.serial)
        {
            headers.insert(CLIENT_SERIAL, serial);
        }
        let route = self.matched.route();
        let words = || LastWords::new(pool.called(), route, version);
        let (in_stream, cut) = (words(), self.caller.cut());
        let between = move |joined: Joined| {
            let words = in_stream.in_stream(joined.kind.as_ref());
            tunnel(joined, cut, words)
        };
        match forward_with(pool, request, upgrade, between).await {
            Ok(response) => {
                let refused = term::refused_by(response.status(), response.headers()).is_some();
                Ok((!refused).then(|| words().in_answer(response)))
            }
            // Nothing has left, or nothing that was asked for changes anything.
            Err(PoolError::Connect { .. }) if can_again => Ok(None),
            Err(_) if can_again && is_look => Ok(None),
            Err(error) => Err(pool_refusal(&error)),
        }
    }
}

/// Nothing was done: another manager is the primary.
fn deposed(term: u64) -> Response<Body> {
    let mut response = refusal_response(&Refusal {
        status: REFUSED.as_u16(),
        ..Refusal::failed("another manager of this cluster has just taken over; try again")
    });
    response.headers_mut().insert(TERM, term.into());
    response
}
