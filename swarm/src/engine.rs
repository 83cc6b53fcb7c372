//! One engine of the cluster: how it is reached, and what is known of it.
//!
//! Only [`watch`] changes what is known, by what the engine says itself; requests read it. So
//! `docker ps` costs no engine anything, and a slow engine slows nobody down.

mod container;
mod event;
mod fetch;
mod kept;
mod snapshot;
mod status;
mod view;
mod watch;

use std::collections::BTreeSet;
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, OnceLock, PoisonError, RwLock};
use std::time::Duration;

use bytes::Bytes;
use http::{HeaderValue, Method, Request, Response, StatusCode, header};
use serde::de::DeserializeOwned;
use tokio_util::sync::CancellationToken;

use crate::http::{Body, BodyError, Pool, PoolError, bytes_body, collect, empty};
use crate::limits::ENGINE_CALL;
use crate::term;

pub use container::is_any_address;
pub use event::{Event, EventHub, NodeOfEvent};
pub use kept::Kept;
pub use snapshot::{COMMON_INFO, EngineFacts, Listed, Phase, Snapshot, network_facts};
pub use status::moment_parse;
pub use view::{At, View, ViewCell};

/// The largest answer that is gathered: a list of tens of thousands of containers.
const ANSWER_MAX: usize = 64 << 20;

/// How engines are watched.
#[derive(Debug, Clone)]
pub struct WatchSettings {
    pub refresh_min: Duration,
    pub refresh_max: Duration,
    pub failure_retry: u32,
}

#[derive(Debug, thiserror::Error)]
pub enum EngineError {
    #[error(transparent)]
    Pool(#[from] PoolError),
    /// The engine's own words.
    #[error("{message}")]
    Status { status: StatusCode, message: String },
    #[error("the engine's answer broke off")]
    Body(#[source] BodyError),
    #[error("the engine's answer is not understood")]
    Answer(#[source] serde_json::Error),
    #[error("the engine did not answer in time")]
    Late,
    /// To one call of a client's.
    #[error("{name} has not answered within {} s", ENGINE_CALL.as_secs())]
    Overdue { name: String },
    /// The agent's word for it.
    #[error("{name}: its engine does not answer: {said}")]
    Away { name: String, said: String },
    /// The agent refused, and nothing was done: another manager has taken over, with this term.
    #[error("another manager of this cluster has just taken over; try again")]
    Deposed { term: u64 },
    #[error("{0}")]
    Unfit(String),
}

impl EngineError {
    /// May what was asked for be done all the same?
    pub fn is_open(&self) -> bool {
        match self {
            Self::Pool(error) => !matches!(error, PoolError::Connect { .. }),
            Self::Body(_)
            | Self::Answer(_)
            | Self::Late
            | Self::Overdue { .. }
            | Self::Away { .. } => true,
            Self::Status { .. } | Self::Deposed { .. } | Self::Unfit(_) => false,
        }
    }

    /// The reason in one line, causes included.
    pub fn chain(&self) -> String {
        match self {
            Self::Pool(error) => error.chain(),
            Self::Body(error) => format!("{self}: {error}"),
            Self::Answer(error) => format!("{self}: {error}"),
            Self::Status { .. }
            | Self::Late
            | Self::Overdue { .. }
            | Self::Away { .. }
            | Self::Deposed { .. }
            | Self::Unfit(_) => self.to_string(),
        }
    }

    /// The last cause alone, as people say it: `connection refused`.
    pub fn brief(&self) -> String {
        let chain = self.chain();
        let cause = chain.rsplit(": ").next().unwrap_or_default();
        let cause = cause.split(" (os error").next().unwrap_or_default();
        let mut letters = cause.chars();
        let first = letters.next().into_iter().flat_map(char::to_lowercase);
        first.chain(letters).collect()
    }
}

pub struct Engine {
    /// `host:port` as discovery gives it.
    pub entry: String,
    pub pool: Arc<Pool>,
    snapshot: RwLock<Arc<Snapshot>>,
    settings: WatchSettings,
    hub: EventHub,
    views: Arc<ViewCell>,
    /// Readings of what the engine says of itself, by their beginnings.
    facts_turn: AtomicU64,
    term: AtomicU64,
}

impl Engine {
    pub fn new(
        entry: String,
        pool: Arc<Pool>,
        settings: WatchSettings,
        hub: &EventHub,
    ) -> Arc<Self> {
        let snapshot = Snapshot::pending(&entry);
        Arc::new(Self {
            entry,
            pool,
            snapshot: RwLock::new(Arc::new(snapshot)),
            settings,
            hub: hub.clone(),
            views: hub.views(),
            facts_turn: AtomicU64::new(0),
            term: AtomicU64::new(0),
        })
    }

    /// Watches until `stop`; then nothing of it is left running.
    pub fn watch_start(self: &Arc<Self>, stop: CancellationToken) {
        let engine = Arc::clone(self);
        tokio::spawn(async move {
            tokio::select! {
                () = stop.cancelled() => {}
                () = watch::watch(&engine) => {}
            }
            engine.hub.id_release(&engine.entry);
            engine.pool.forget();
        });
    }

    /// What is known now. Cheap; does not change while it is held.
    pub fn snapshot(&self) -> Arc<Snapshot> {
        Arc::clone(&self.snapshot.read().unwrap_or_else(PoisonError::into_inner))
    }

    /// The host part of the entry: where published ports of its containers are reached.
    pub fn ip(&self) -> &str {
        host_of(&self.entry)
    }

    /// For people: `segment n2`, or `node` and its name where it is no segment.
    pub fn called(&self) -> String {
        let snapshot = self.snapshot();
        match (snapshot.view.short_name(), snapshot.view.name.as_str()) {
            (Some(short), _) => format!("segment {short}"),
            (None, "") => format!("node {}", self.entry),
            (None, name) => format!("node {name}"),
        }
    }

    /// Nothing is read again of an engine that was found dead, until it is back and all of it is.
    fn is_lost(&self) -> bool {
        self.snapshot().phase == Phase::Unhealthy
    }

    fn change(&self, change: impl FnOnce(&mut Snapshot)) {
        let mut snapshot = self
            .snapshot
            .write()
            .unwrap_or_else(PoisonError::into_inner);
        self.views.forget();
        let changed = Arc::make_mut(&mut snapshot);
        change(changed);
        changed.status = OnceLock::new();
        drop(snapshot);
        self.views.changed();
    }

    /// Asks the engine and gathers the answer. An error status is [`EngineError::Status`].
    pub async fn call(
        &self,
        method: Method,
        target: &str,
        body: Option<Vec<u8>>,
    ) -> Result<(StatusCode, Bytes), EngineError> {
        self.call_in(None, method, target, body).await
    }

    /// The same for what only one manager may decide: refused when another one has a later `term`.
    pub async fn call_in(
        &self,
        term: Option<u64>,
        method: Method,
        target: &str,
        body: Option<Vec<u8>>,
    ) -> Result<(StatusCode, Bytes), EngineError> {
        let exchange = async {
            let mut request = request(method, target, body)?;
            if let Some(term) = term {
                request.headers_mut().insert(term::TERM, term.into());
            }
            let response = self.pool.send(request).await?;
            if let Some(term) = term::refused_by(response.status(), response.headers()) {
                return Err(EngineError::Deposed { term });
            }
            let (head, body) = response.into_parts();
            let bytes = collect(body, ANSWER_MAX).await.map_err(EngineError::Body)?;
            if head.status == StatusCode::BAD_GATEWAY {
                return Err(EngineError::Away {
                    name: self.pool.name(),
                    said: error_message(&bytes),
                });
            }
            if head.status.is_client_error() || head.status.is_server_error() {
                return Err(EngineError::Status {
                    status: head.status,
                    message: error_message(&bytes),
                });
            }
            Ok((head.status, bytes))
        };
        tokio::time::timeout(ENGINE_CALL, exchange)
            .await
            .unwrap_or_else(|_| {
                let name = self.pool.name();
                Err(EngineError::Overdue { name })
            })
    }

    /// Asks the engine and gives the answer as it comes, whatever its status.
    pub async fn stream(
        &self,
        method: Method,
        target: &str,
        body: Option<Vec<u8>>,
    ) -> Result<Response<Body>, EngineError> {
        Ok(self.pool.send(request(method, target, body)?).await?)
    }

    /// Begins `term` at the agent. `false`: something of an earlier one is still under way there, to
    /// be asked again. An engine without an agent knows no terms, and answers as to any ping.
    pub async fn term_begin(&self, term: u64) -> Result<bool, EngineError> {
        let has_begun = self.fence(term, 1.into()).await?;
        if has_begun {
            self.term.fetch_max(term, Ordering::Relaxed);
        }
        Ok(has_begun)
    }

    /// Is nothing under way at the agent that only managers decide, of `term` or earlier?
    pub async fn is_quiet(&self, term: u64) -> Result<bool, EngineError> {
        self.fence(term, term::WHOLE).await
    }

    async fn fence(&self, term: u64, what: HeaderValue) -> Result<bool, EngineError> {
        let mut request = request(Method::GET, "/_ping", None)?;
        let headers = request.headers_mut();
        headers.insert(term::TERM, term.into());
        headers.insert(term::FENCE, what);
        let response = self.pool.send(request).await?;
        match term::refused_by(response.status(), response.headers()) {
            Some(term) => Err(EngineError::Deposed { term }),
            None => Ok(response.status() != term::BUSY),
        }
    }

    /// The latest term that has begun here, as far as this manager knows.
    pub fn term(&self) -> u64 {
        self.term.load(Ordering::Relaxed)
    }

    /// Its connection is new: perhaps the agent is, too, and an agent keeps terms in memory alone.
    fn term_forget(&self) {
        if self.term.swap(0, Ordering::Relaxed) != 0 {
            self.hub.phase_changed();
        }
    }

    pub async fn get<T: DeserializeOwned>(&self, target: &str) -> Result<T, EngineError> {
        let (_, bytes) = self.call(Method::GET, target, None).await?;
        serde_json::from_slice(&bytes).map_err(EngineError::Answer)
    }

    /// Reads all containers anew: when another manager has decided until now.
    pub async fn containers_refresh(&self) -> Result<(), EngineError> {
        let _reading = Reading::begin(self);
        let containers = fetch::containers(self).await?;
        self.change(|snapshot| snapshot.containers_set(containers));
        Ok(())
    }

    /// Reads one container anew: after something was done to it, before the client is told. Is what
    /// is known of it now up to date?
    pub async fn container_refresh(&self, id: &str) -> bool {
        if self.is_lost() {
            return false;
        }
        match fetch::container(self, id).await {
            Ok(Some((facts, listed))) => self.change(|snapshot| snapshot.put(facts, listed)),
            Ok(None) => self.change(|snapshot| snapshot.remove(id)),
            // The next event or refresh mends it.
            Err(error) => {
                tracing::debug!(engine = self.entry, container = id, %error, "not read");
                return false;
            }
        }
        true
    }

    /// The same for several at once.
    async fn containers_read(&self, ids: &BTreeSet<String>) {
        let ids: Vec<String> = ids.iter().cloned().collect();
        match ids.as_slice() {
            [] => {}
            [id] => {
                self.container_refresh(id).await;
            }
            ids => match fetch::containers_some(self, ids).await {
                Ok(containers) => self.change(|snapshot| {
                    let is_there = |id: &String| containers.iter().any(|(c, _)| c.id == *id);
                    for gone in ids.iter().filter(|id| !is_there(id)) {
                        snapshot.remove(gone);
                    }
                    for (facts, listed) in containers {
                        snapshot.put(facts, listed);
                    }
                }),
                Err(error) => tracing::debug!(engine = self.entry, %error, "not read"),
            },
        }
    }

    pub fn container_forget(&self, id: &str) {
        self.change(|snapshot| snapshot.forget(id));
    }

    /// What the engine says of itself, its part in Docker's swarm included.
    pub async fn facts_refresh(&self) {
        if let Ok((facts, view)) = fetch::engine(self).await {
            fetch::engine_set(self, facts, view);
        }
    }

    pub async fn images_refresh(&self) {
        if !self.is_lost()
            && let Ok(images) = fetch::images(self).await
        {
            self.change(|snapshot| snapshot.images_set(&images));
        }
    }

    pub async fn networks_refresh(&self) {
        if !self.is_lost()
            && let Ok(networks) = fetch::networks(self).await
        {
            self.change(|snapshot| snapshot.networks_set(&networks));
        }
    }

    pub async fn volumes_refresh(&self) {
        if !self.is_lost()
            && let Ok(volumes) = fetch::volumes(self).await
        {
            self.change(|snapshot| snapshot.volumes_set(&volumes));
        }
    }
}

/// A whole list is being read: what changes meanwhile is not overwritten by it.
struct Reading<'a>(&'a Engine);

impl<'a> Reading<'a> {
    fn begin(engine: &'a Engine) -> Self {
        engine.change(|snapshot| snapshot.readings += 1);
        Self(engine)
    }
}

impl Drop for Reading<'_> {
    fn drop(&mut self) {
        self.0.change(Snapshot::reading_end);
    }
}

pub fn host_of(entry: &str) -> &str {
    entry.rsplit_once(':').map_or(entry, |(host, _)| host)
}

fn request(
    method: Method,
    target: &str,
    body: Option<Vec<u8>>,
) -> Result<Request<Body>, EngineError> {
    let mut request = Request::builder()
        .method(method)
        .uri(target)
        .header(header::HOST, "docker");
    if body.is_some() {
        request = request.header(header::CONTENT_TYPE, "application/json");
    }
    request
        .body(body.map_or_else(empty, bytes_body))
        .map_err(|error| EngineError::Unfit(error.to_string()))
}

/// The text of Docker's error JSON, or whatever stands there instead.
pub fn error_message(bytes: &[u8]) -> String {
    #[derive(serde::Deserialize)]
    struct Message {
        message: String,
    }
    serde_json::from_slice::<Message>(bytes)
        .map(|message| message.message)
        .unwrap_or_else(|_| {
            String::from_utf8_lossy(bytes)
                .trim()
                .chars()
                .take(500)
                .collect()
        })
}
