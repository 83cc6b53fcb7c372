//! The stream beside a cluster's page of events.

use std::convert::Infallible;

use axum::Extension;
use axum::extract::{Path, Query, State};
use axum::http::HeaderMap;
use axum::response::Sse;
use axum::response::sse::{Event, KeepAlive};
use control::{Action, Actor};
use futures::{Stream, StreamExt as _};
use model::UserError;
use serde::Deserialize;

use super::log::{KEEP_ALIVE, LONGEST, TOGETHER};
use super::refused::Refused;
use super::{Web, cluster_id};

#[derive(Deserialize)]
pub struct Asked {
    /// Of one kind alone.
    #[serde(default)]
    kind: String,
    /// The moment of the newest event that was seen, in nanoseconds.
    #[serde(default)]
    after: String,
}

/// `GET /clusters/{id}/events/stream`: events as HTML, escaped, several in one. Its id says what
/// was seen, so that whoever comes again misses nothing that the engines still remember.
pub async fn stream(
    State(web): State<Web>,
    actor: Option<Extension<Actor>>,
    Path(id): Path<String>,
    Query(asked): Query<Asked>,
    headers: HeaderMap,
) -> Result<Sse<impl Stream<Item = Result<Event, Infallible>>>, Refused> {
    let Extension(actor) = actor.ok_or(UserError::SignedOut)?;
    let id = cluster_id(&id)?;
    web.control.cluster_get(&actor, id).await?;
    let room = web.logs.take(actor.account.id)?;
    let last = headers.get("last-event-id");
    let last = last.and_then(|value| value.to_str().ok());
    let seen: i64 = last.unwrap_or(&asked.after).parse().unwrap_or(0);
    let mut seen = seen.max(0);
    let kind = app::event_kind(&asked.kind);
    let happened = web.control.event_follow(&actor, id, seen).await?;
    let end = web.end(&actor, Some((id, Action::ClusterSee)), LONGEST);
    let events = happened
        .take_until(end)
        .ready_chunks(TOGETHER)
        .map(move |happened| {
            // Held as long as there is a stream.
            let _ = &room;
            let mut html = String::new();
            for event in happened {
                seen = event.at_ns.max(seen);
                if kind.is_none_or(|kind| event.kind == kind) {
                    html.push_str(&app::event_line_spoken(&headers, &event));
                }
            }
            Ok(Event::default().id(seen.to_string()).data(html))
        });
    Ok(Sse::new(events).keep_alive(KeepAlive::new().interval(KEEP_ALIVE)))
}
