//! One engine of the cluster: how it is reached, and what is known of it.
//!
//! Only [`watch`] changes what is known, by what the engine says itself; requests read it. So
//! `docker ps` costs no engine anything, and a slow engine slows nobody down.

mod container;
mod event;
mod fetch;
mod snapshot;
mod status;
mod watch;

use std::sync::{Arc, PoisonError, RwLock};
use std::time::Duration;

use bytes::Bytes;
use http::{Method, Request, Response, StatusCode, header};
use serde::de::DeserializeOwned;
use tokio::sync::broadcast;
use tokio_util::sync::CancellationToken;

use crate::http::{Body, BodyError, Pool, PoolError, bytes_body, collect, empty};

pub use container::is_any_address;
pub use event::{Event, EventHub, NodeOfEvent};
pub use snapshot::{EngineFacts, Listed, Phase, Snapshot};
pub use status::moment_parse;

/// For one answer of an engine to the manager's own questions.
const CALL_LIMIT: Duration = Duration::from_secs(30);
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
    #[error("{0}")]
    Unfit(String),
}

impl EngineError {
    /// The reason in one line, causes included.
    pub fn chain(&self) -> String {
        match self {
            Self::Pool(error) => error.chain(),
            Self::Body(error) => format!("{self}: {error}"),
            Self::Answer(error) => format!("{self}: {error}"),
            Self::Status { .. } | Self::Late | Self::Unfit(_) => self.to_string(),
        }
    }
}

pub struct Engine {
    /// `host:port` as discovery gives it.
    pub entry: String,
    pub pool: Arc<Pool>,
    snapshot: RwLock<Arc<Snapshot>>,
    settings: WatchSettings,
    events: broadcast::Sender<Arc<Event>>,
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
            events: hub.sender(),
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

    fn change(&self, change: impl FnOnce(&mut Snapshot)) {
        let mut snapshot = self
            .snapshot
            .write()
            .unwrap_or_else(PoisonError::into_inner);
        change(Arc::make_mut(&mut snapshot));
    }

    /// Asks the engine and gathers the answer. An error status is [`EngineError::Status`].
    pub async fn call(
        &self,
        method: Method,
        target: &str,
        body: Option<Vec<u8>>,
    ) -> Result<(StatusCode, Bytes), EngineError> {
        let exchange = async {
            let response = self.pool.send(request(method, target, body)?).await?;
            let (head, body) = response.into_parts();
            let bytes = collect(body, ANSWER_MAX).await.map_err(EngineError::Body)?;
            if head.status.is_client_error() || head.status.is_server_error() {
                return Err(EngineError::Status {
                    status: head.status,
                    message: error_message(&bytes),
                });
            }
            Ok((head.status, bytes))
        };
        tokio::time::timeout(CALL_LIMIT, exchange)
            .await
            .unwrap_or(Err(EngineError::Late))
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

    pub async fn get<T: DeserializeOwned>(&self, target: &str) -> Result<T, EngineError> {
        let (_, bytes) = self.call(Method::GET, target, None).await?;
        serde_json::from_slice(&bytes).map_err(EngineError::Answer)
    }

    /// Reads one container anew: after something was done to it, before the client is told.
    pub async fn container_refresh(&self, id: &str) {
        match fetch::container(self, id).await {
            Ok(Some((facts, listed))) => self.change(|snapshot| snapshot.put(facts, listed)),
            Ok(None) => self.change(|snapshot| snapshot.remove(id)),
            // The next event or refresh mends it.
            Err(error) => tracing::debug!(engine = self.entry, container = id, %error, "not read"),
        }
    }

    pub fn container_forget(&self, id: &str) {
        self.change(|snapshot| snapshot.remove(id));
    }

    pub async fn images_refresh(&self) {
        if let Ok(images) = fetch::images(self).await {
            self.change(|snapshot| snapshot.images_set(images));
        }
    }

    pub async fn networks_refresh(&self) {
        if let Ok(networks) = fetch::networks(self).await {
            self.change(|snapshot| snapshot.networks_set(networks));
        }
    }

    pub async fn volumes_refresh(&self) {
        if let Ok(volumes) = fetch::volumes(self).await {
            self.change(|snapshot| snapshot.volumes_set(volumes));
        }
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
