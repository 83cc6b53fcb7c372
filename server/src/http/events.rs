//! `GET /events`: tells a page that something about its account's clusters changed.

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

/// `control` sends every account its own changes alone; only the id travels.
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
        (why == End::Over).then_some(Changed::EVERYTHING)
    });
    let stream = changes.take_until(end).chain(last).map(|changed| {
        Ok(Event::default()
            .event("changed")
            .data(changed.cluster.to_string()))
    });
    Ok(Sse::new(stream).keep_alive(KeepAlive::new().interval(KEEP_ALIVE)))
}
