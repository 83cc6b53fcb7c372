//! The stream beside a cluster's page of events.

use std::convert::Infallible;

use axum::Extension;
use axum::extract::{Path, Query, State};
use axum::http::HeaderMap;
use axum::response::Sse;
use axum::response::sse::Event;
use control::Actor;
use futures::Stream;
use model::{EventView, UserError};
use serde::Deserialize;

use super::refused::Refused;
use super::{Web, cluster_id, lines};

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
    let seen: i64 = lines::seen(&headers, &asked.after).parse().unwrap_or(0);
    let mut seen = seen.max(0);
    let kind = app::event_kind(&asked.kind);
    let happened = web.control.event_follow(&actor, id, seen).await?;
    let to_event = move |happened: Vec<EventView>| {
        let mut html = String::new();
        for event in happened {
            seen = event.at_ns.max(seen);
            if kind.is_none_or(|kind| event.kind == kind) {
                html.push_str(&app::event_line_spoken(&headers, &event));
            }
        }
        (seen.to_string(), html)
    };
    Ok(lines::followed(
        &web,
        (&actor, id),
        room,
        happened,
        to_event,
    ))
}
