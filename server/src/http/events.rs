//! `GET /events`: tells a page that something changed about its account's clusters, or about what waits
//! for whoever looks.

use std::convert::Infallible;
use std::time::Duration;

use axum::Extension;
use axum::extract::{Query, State};
use axum::response::Sse;
use axum::response::sse::{Event, KeepAlive};
use control::{Actor, Changed};
use futures::{FutureExt as _, Stream, StreamExt as _};
use model::{UnixMs, UserError};
use serde::Deserialize;

use super::Web;
use super::end::End;
use super::refused::Refused;

/// Then the browser comes again: a connection that nobody reads does not stay for ever. Whoever is
/// signed out hears nothing from that moment on.
const LONGEST: Duration = Duration::from_secs(120);
const KEEP_ALIVE: Duration = Duration::from_secs(15);

#[derive(Deserialize)]
pub struct Asked {
    /// When the page was drawn, in milliseconds since 1970; nothing, or no number, is now.
    #[serde(default)]
    since: String,
}

/// What a page is told: a cluster's id, or one of two words.
fn word(changed: Changed) -> String {
    match changed {
        Changed::Cluster(id) => id.to_string(),
        Changed::Everything => "everything".to_owned(),
        Changed::Requests => "requests".to_owned(),
    }
}

/// `control` sends every account its own changes alone; only ids and these words travel.
pub async fn events(
    State(web): State<Web>,
    actor: Option<Extension<Actor>>,
    Query(asked): Query<Asked>,
) -> Result<Sse<impl Stream<Item = Result<Event, Infallible>>>, Refused> {
    let Extension(actor) = actor.ok_or(UserError::SignedOut)?;
    let end = web.end(&actor, None, LONGEST).shared();
    let since = asked.since.parse::<UnixMs>().ok();
    let changes = web.control.changes(&actor, since);
    let last = end.clone().into_stream().filter_map(|why| async move {
        // The page looks again, and finds the sign-in or what the new role shows.
        (why == End::Over).then_some(Changed::Everything)
    });
    let stream = changes
        .take_until(end)
        .chain(last)
        .map(|changed| Ok(Event::default().event("changed").data(word(changed))));
    Ok(Sse::new(stream).keep_alive(KeepAlive::new().interval(KEEP_ALIVE)))
}
