//! Following one engine: connect, read all, then events; look again now and then; give up after
//! a few failures, and try again ever more rarely.

use std::collections::BTreeSet;
use std::convert::Infallible;
use std::sync::Arc;
use std::time::Duration;

use bytes::{Buf, Bytes, BytesMut};
use http::Method;
use http_body_util::BodyExt;
use rand::Rng;
use serde_json::Value;
use time::OffsetDateTime;
use tokio::sync::Semaphore;
use tokio::time::Instant;

use super::event::{Event, NodeOfEvent};
use super::snapshot::Phase;
use super::{Engine, EngineError, fetch};
use crate::http::Body;
use crate::limits::{ENGINE_FACTS_LIMIT, ENGINE_PING_EVERY, ENGINE_PING_LIMIT, ENGINES_STARTING};
use crate::schedule::facts::Trouble;

const BACKOFF_FIRST: Duration = Duration::from_millis(50);
const BACKOFF_MAX: Duration = Duration::from_secs(3);
/// The longest event.
const LINE_MAX: usize = 1 << 20;
/// Events come in bursts; lists they touch are read once a burst.
const SETTLE: Duration = Duration::from_millis(100);
/// So many events are told together at most, and their containers read with one list.
const BURST_MAX: usize = 256;
/// Engines that are being connected to, and read, at the same moment.
static CONNECTING: Semaphore = Semaphore::const_new(2 * ENGINES_STARTING);
static READING: Semaphore = Semaphore::const_new(ENGINES_STARTING);

/// Never returns.
pub async fn watch(engine: &Engine) {
    let mut backoff = BACKOFF_FIRST;
    loop {
        let began = Instant::now();
        let end = tokio::select! {
            end = follow(engine) => end,
            end = pings(engine) => end,
        };
        let Err(error) = end;
        if began.elapsed() > BACKOFF_MAX {
            backoff = BACKOFF_FIRST;
        }
        engine.pool.forget();
        failed(engine, &error);
        if engine.snapshot().phase == Phase::Unhealthy {
            // Whoever waits for it is told.
            engine.pool.lose();
        }
        let jitter = rand::rng().random_range(0.8..1.2);
        tokio::time::sleep(backoff.mul_f64(jitter)).await;
        // Up to the verdict quickly, from then on patiently.
        if engine.snapshot().phase != Phase::Healthy {
            backoff = (backoff * 2).min(BACKOFF_MAX);
        } else {
            backoff = (backoff * 2).min(Duration::from_millis(500));
        }
    }
}

/// Asks a silent engine whether it lives.
async fn pings(engine: &Engine) -> Result<Infallible, EngineError> {
    loop {
        tokio::time::sleep(ENGINE_PING_EVERY).await;
        within(ENGINE_PING_LIMIT, engine.call(Method::GET, "/_ping", None)).await?;
    }
}

/// One connection's life.
async fn follow(engine: &Engine) -> Result<Infallible, EngineError> {
    let turn = CONNECTING.acquire().await;
    within(ENGINE_PING_LIMIT, engine.call(Method::GET, "/_ping", None)).await?;
    let (facts, view) = within(ENGINE_FACTS_LIMIT, fetch::engine(engine)).await?;
    drop(turn);
    if let Err(other) = engine.hub.id_claim(&view.id, &engine.entry) {
        return Err(EngineError::Unfit(format!(
            "ID duplicated. {} shared by {other} and {}",
            view.id, engine.entry
        )));
    }
    fetch::engine_set(engine, facts, view);
    let turn = READING.acquire().await;
    // Events first: what happens while the lists are read is then not missed.
    let events = engine.stream(Method::GET, "/events", None);
    let response = within(ENGINE_FACTS_LIMIT, events).await?;
    if !response.status().is_success() {
        return Err(EngineError::Unfit("the engine gives no events".into()));
    }
    let mut lines = Lines::new(response.into_body());
    fetch::all(engine).await?;
    drop(turn);
    succeeded(engine);
    engine.term_forget();
    let mut refresh_at = refresh_next(engine);
    let mut stale = Stale::default();
    let mut burst = Burst::default();
    loop {
        let settle = stale.since.map(|since| since + SETTLE);
        tokio::select! {
            biased;
            () = tokio::time::sleep_until(refresh_at) => {
                refresh(engine).await?;
                succeeded(engine);
                refresh_at = refresh_next(engine);
            }
            () = tokio::time::sleep_until(settle.unwrap_or(refresh_at)), if settle.is_some() => {
                std::mem::take(&mut stale).read_again(engine).await;
            }
            line = lines.next(), if burst.events.len() < BURST_MAX => {
                let line = line?;
                let Ok(value) = serde_json::from_slice::<Value>(&line) else { continue };
                event_take(engine, value, &mut stale, &mut burst);
            }
            // Nothing more has come.
            () = std::future::ready(()), if !burst.events.is_empty() => {
                std::mem::take(&mut burst).tell(engine).await;
            }
        }
    }
}

async fn within<T>(
    limit: Duration,
    answer: impl Future<Output = Result<T, EngineError>>,
) -> Result<T, EngineError> {
    tokio::time::timeout(limit, answer)
        .await
        .unwrap_or(Err(EngineError::Late))
}

async fn refresh(engine: &Engine) -> Result<(), EngineError> {
    let (facts, view) = fetch::engine(engine).await?;
    fetch::engine_set(engine, facts, view);
    fetch::all(engine).await
}

fn refresh_next(engine: &Engine) -> Instant {
    let settings = &engine.settings;
    let span = rand::rng().random_range(settings.refresh_min..=settings.refresh_max);
    Instant::now() + span
}

/// Lists that an event has made stale.
#[derive(Default)]
struct Stale {
    since: Option<Instant>,
    images: bool,
    networks: bool,
    volumes: bool,
    facts: bool,
    containers: BTreeSet<String>,
}

impl Stale {
    async fn read_again(self, engine: &Engine) {
        if self.images {
            engine.images_refresh().await;
        }
        if self.networks {
            engine.networks_refresh().await;
        }
        if self.volumes {
            engine.volumes_refresh().await;
        }
        if self.facts {
            engine.facts_refresh().await;
        }
        engine.containers_read(&self.containers).await;
    }

    fn touch(&mut self) {
        self.since.get_or_insert_with(Instant::now);
    }
}

/// Events that came together, and the containers that they are about.
#[derive(Default)]
struct Burst {
    events: Vec<Arc<Event>>,
    containers: BTreeSet<String>,
}

impl Burst {
    /// Who hears of an event and asks finds what it told of.
    async fn tell(self, engine: &Engine) {
        engine.containers_read(&self.containers).await;
        for event in self.events {
            engine.hub.send(event);
        }
    }
}

fn event_take(engine: &Engine, value: Value, stale: &mut Stale, burst: &mut Burst) {
    let snapshot = engine.snapshot();
    let node = NodeOfEvent {
        name: &snapshot.view.name,
        id: &snapshot.view.id,
        addr: &engine.entry,
        ip: engine.ip(),
    };
    let Some(event) = Event::of_engine(value, &node) else {
        return;
    };
    // `exec_create: sh -c …` and the like carry their arguments behind the colon.
    let action = event.text("Action").split(':').next().unwrap_or_default();
    match (event.text("Type"), action) {
        ("container", "destroy") => {
            burst.containers.remove(event.actor_id());
            engine.container_forget(event.actor_id());
        }
        (
            "container",
            "create" | "start" | "die" | "rename" | "update" | "pause" | "unpause" | "restart"
            | "health_status" | "oom",
        ) => {
            burst.containers.insert(event.actor_id().to_owned());
        }
        ("image", _) => {
            stale.images = true;
            stale.touch();
        }
        ("volume", "create" | "destroy" | "prune") => {
            stale.volumes = true;
            stale.touch();
        }
        ("network", action) => {
            stale.networks = true;
            if matches!(action, "connect" | "disconnect") {
                let container = event.attribute("container");
                // A container that is gone needs no second look.
                if snapshot.position(container).is_some() {
                    stale.containers.insert(container.to_owned());
                }
            }
            stale.touch();
        }
        ("node" | "daemon", _) => {
            stale.facts = true;
            stale.touch();
        }
        _ => {}
    }
    burst.events.push(Arc::new(event));
}

fn succeeded(engine: &Engine) {
    let (mut was, mut tell) = (Phase::Pending, false);
    engine.change(|snapshot| {
        was = snapshot.phase;
        tell = was != Phase::Healthy;
        snapshot.phase = Phase::Healthy;
        snapshot.error = None;
        snapshot.failures = 0;
        snapshot.view.health = 100;
        snapshot.view.trouble = None;
        snapshot.updated_at = OffsetDateTime::now_utc();
    });
    if tell {
        let action = if was == Phase::Pending {
            "engine_connect"
        } else {
            "engine_reconnect"
        };
        announce(engine, action);
    }
}

fn failed(engine: &Engine, error: &EngineError) {
    let limit = engine.settings.failure_retry;
    let reason = error.chain();
    let mut fell = false;
    engine.change(|snapshot| {
        snapshot.failures = snapshot.failures.saturating_add(1);
        snapshot.error = Some(reason.clone());
        let since = snapshot.view.trouble.take().map(|trouble| trouble.since);
        snapshot.view.trouble = Some(Trouble {
            reason: error.brief(),
            since: since.unwrap_or_else(OffsetDateTime::now_utc),
        });
        snapshot.updated_at = OffsetDateTime::now_utc();
        let left = limit.saturating_sub(snapshot.failures);
        if snapshot.phase == Phase::Healthy && left == 0 {
            snapshot.phase = Phase::Unhealthy;
            fell = true;
        }
        snapshot.view.health = match snapshot.phase {
            Phase::Healthy => i64::from(left) * 100 / i64::from(limit),
            Phase::Pending | Phase::Unhealthy => 0,
        };
    });
    if fell {
        tracing::warn!(
            engine = engine.entry,
            error = reason,
            "an engine is unhealthy"
        );
        announce(engine, "engine_disconnect");
    } else {
        tracing::debug!(engine = engine.entry, error = reason, "an engine failed");
    }
}

fn announce(engine: &Engine, action: &str) {
    let snapshot = engine.snapshot();
    tracing::info!(engine = engine.entry, node = snapshot.view.name, "{action}");
    let node = NodeOfEvent {
        name: &snapshot.view.name,
        id: &snapshot.view.id,
        addr: &engine.entry,
        ip: engine.ip(),
    };
    engine.hub.phase_changed();
    if let Some(event) = Event::of_manager(action, &node) {
        engine.hub.send(Arc::new(event));
    }
}

/// Lines out of a streamed body.
pub struct Lines {
    body: Body,
    buffer: BytesMut,
}

impl Lines {
    pub fn new(body: Body) -> Self {
        Self {
            body,
            buffer: BytesMut::new(),
        }
    }

    /// The next line; the end of the stream is an error, since it is not meant to end.
    pub async fn next(&mut self) -> Result<Bytes, EngineError> {
        loop {
            if let Some(at) = self.buffer.iter().position(|byte| *byte == b'\n') {
                let line = self.buffer.split_to(at).freeze();
                self.buffer.advance(1);
                return Ok(line);
            }
            if self.buffer.len() > LINE_MAX {
                return Err(EngineError::Unfit("an event is too long".into()));
            }
            match self.body.frame().await {
                Some(Ok(frame)) => {
                    if let Ok(data) = frame.into_data() {
                        self.buffer.extend_from_slice(&data);
                    }
                }
                Some(Err(error)) => return Err(EngineError::Body(error)),
                None => return Err(EngineError::Unfit("the engine's events ended".into())),
            }
        }
    }
}
