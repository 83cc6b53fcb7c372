//! A create that ended without a word on whether it was done. What it was to be counts as there until
//! its engine has been read and nothing is under way there any more: else its name were given twice.

use std::sync::Arc;
use std::time::Duration;

use tokio::time::Instant;

use super::cluster::{Cluster, Reserved};
use crate::engine::{Engine, EngineError};
use crate::limits::DOUBT;

/// Between two looks at an engine that lives; rare enough to need nothing cleverer.
const LOOK_EVERY: Duration = Duration::from_secs(1);

/// Keeps the place and gives it back when the engine has said. `term` is the create's.
pub fn doubt(cluster: &Arc<Cluster>, reserved: Reserved<'_>, term: Option<u64>) {
    let engine = Arc::clone(&reserved.engine);
    let cluster = Arc::clone(cluster);
    let ticket = reserved.leave_in_doubt();
    tracing::warn!(
        engine = engine.entry,
        "whether a container was made is not known"
    );
    tokio::spawn(async move {
        settled(&cluster, &engine, term).await;
        cluster.give_back(ticket);
    });
}

/// Returns when what the engine shows is all that there is, or it has left the cluster.
async fn settled(cluster: &Cluster, engine: &Arc<Engine>, term: Option<u64>) {
    let mut end = None;
    let mut phases = cluster.hub.phases();
    loop {
        let snapshot = engine.snapshot();
        if cluster.view().of_addr(&engine.entry).is_none() {
            return;
        }
        // What was not read since it was lost says nothing.
        if snapshot.is_healthy() {
            let end = *end.get_or_insert_with(|| Instant::now() + DOUBT);
            let is_quiet = match term {
                Some(term) => engine.is_quiet(term).await,
                None => Ok(true),
            };
            match is_quiet {
                // Another manager decides; it has waited for the engine, or will.
                Err(EngineError::Deposed { .. }) => return,
                Ok(false) if Instant::now() < end => {}
                Err(_) => {}
                Ok(_) => {
                    if engine.containers_refresh().await.is_ok() {
                        return;
                    }
                }
            }
        }
        tokio::select! {
            () = tokio::time::sleep(LOOK_EVERY) => {}
            changed = phases.changed() => if changed.is_err() { return },
        }
    }
}
