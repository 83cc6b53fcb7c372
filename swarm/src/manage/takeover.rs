//! The beginning of a manager's [term](crate::term): all engines hear of it, and each is read when
//! nothing of an earlier term is under way there.

use std::sync::Arc;

use futures::future::join_all;
use tokio::time::Instant;

use super::cluster::Cluster;
use super::create::node_name;
use crate::engine::{Engine, EngineError};
use crate::limits::{ENGINE_CALL, TAKEOVER};

/// Tries to read an engine that lives: its connection may just have broken.
const READ_TRIES: usize = 2;

/// Begins `term` on all engines. When this returns, what the healthy ones show is all that managers
/// before had made there; but for those in the answer, which were silent, hung, or could not be read. What
/// they may still do they do late, and what was known of them counts.
///
/// `Err` is a later term that another manager has begun.
pub async fn term_begin(cluster: &Cluster, term: u64) -> Result<Vec<String>, u64> {
    let view = cluster.view();
    let mut awaited = Vec::new();
    for (engine, snapshot) in &view.members {
        if snapshot.is_healthy() {
            awaited.push(begin_on(engine, term));
        } else {
            begin_later(engine, term);
        }
    }
    let mut missing = Vec::new();
    for ((engine, _), end) in view.healthy().zip(join_all(awaited).await) {
        if !end? {
            missing.push(node_name(engine));
        }
    }
    Ok(missing)
}

/// Begins `term` on engines that are healthy and have not heard of it, without waiting for them.
pub fn term_tell(cluster: &Cluster, term: u64) {
    let view = cluster.view();
    for (engine, _) in view.healthy().filter(|(engine, _)| engine.term() < term) {
        begin_later(engine, term);
    }
}

fn begin_later(engine: &Arc<Engine>, term: u64) {
    let engine = Arc::clone(engine);
    tokio::spawn(async move { begin_on(&engine, term).await });
}

/// Has it begun, and is all known that is there?
async fn begin_on(engine: &Arc<Engine>, term: u64) -> Result<bool, u64> {
    let end = Instant::now() + ENGINE_CALL;
    loop {
        let told = Arc::clone(engine);
        // It stays under way when nobody waits for it any more: an agent that was frozen hears of
        // the term when it wakes, before what its own manager has still to send.
        let told = tokio::spawn(async move { told.term_begin(term).await });
        match tokio::time::timeout(TAKEOVER, told).await {
            Ok(Ok(Ok(true))) => break,
            // A create takes its time. One on an engine that has died ends with the verdict; and for
            // one that hangs nobody waits longer than its own client was told to.
            Ok(Ok(Ok(false))) if engine.snapshot().is_healthy() && Instant::now() < end => {}
            Ok(Ok(Err(EngineError::Deposed { term }))) => return Err(term),
            Ok(_) | Err(_) => return Ok(false),
        }
    }
    for _ in 0..READ_TRIES {
        match engine.containers_refresh().await {
            Ok(()) => return Ok(true),
            Err(error) => tracing::warn!(engine = engine.entry, error = error.chain(), "not read"),
        }
    }
    Ok(false)
}
