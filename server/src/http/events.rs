//! `GET /events`: tells a page that something about its account's clusters changed.

use std::convert::Infallible;
use std::time::Duration;

use axum::Extension;
use axum::extract::State;
use axum::response::Sse;
use axum::response::sse::{Event, KeepAlive};
use control::Actor;
use futures::{Stream, StreamExt as _};
use model::UserError;

use super::Web;
use super::refused::Refused;

/// Then the browser comes again and shows its session anew: whoever was signed out hears nothing
/// for longer than this.
const LONGEST: Duration = Duration::from_secs(120);
const KEEP_ALIVE: Duration = Duration::from_secs(15);

/// `control` sends every account its own changes alone; only the id travels.
pub async fn events(
    State(web): State<Web>,
    actor: Option<Extension<Actor>>,
) -> Result<Sse<impl Stream<Item = Result<Event, Infallible>>>, Refused> {
    let Extension(actor) = actor.ok_or(UserError::SignedOut)?;
    let shutdown = web.shutdown.clone();
    let end = async move {
        tokio::select! {
            () = shutdown.cancelled() => {}
            () = tokio::time::sleep(LONGEST) => {}
        }
    };
    let stream = web
        .control
        .changes(&actor)
        .map(|changed| {
            Ok(Event::default()
                .event("changed")
                .data(changed.cluster.to_string()))
        })
        .take_until(end);
    Ok(Sse::new(stream).keep_alive(KeepAlive::new().interval(KEEP_ALIVE)))
}
