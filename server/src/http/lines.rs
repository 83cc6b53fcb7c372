//! What streams of lines have in common, logs and events: several lines in one event, whose id says
//! what was seen, so that whoever comes again misses nothing.

use std::convert::Infallible;
use std::time::Duration;

use axum::http::HeaderMap;
use axum::response::Sse;
use axum::response::sse::{Event, KeepAlive};
use control::{Action, Actor};
use futures::{Stream, StreamExt as _};
use model::ClusterId;

use super::Web;
use super::room::Room;

/// Then the browser comes again, shows its session anew, and goes on where it was.
const LONGEST: Duration = Duration::from_secs(120);
const KEEP_ALIVE: Duration = Duration::from_secs(15);
/// Lines in one event.
const TOGETHER: usize = 200;

/// What was seen: as a browser says by itself that comes again, else as its page had it.
pub(super) fn seen<'a>(headers: &'a HeaderMap, page: &'a str) -> &'a str {
    let last = headers.get("last-event-id");
    last.and_then(|value| value.to_str().ok()).unwrap_or(page)
}

/// Ends with the actor's right to see the cluster, and with their session. `event`: the id of an event
/// with these lines, and its HTML.
pub(super) fn followed<T, Lines, ToEvent>(
    web: &Web,
    (actor, id): (&Actor, ClusterId),
    room: Room,
    lines: Lines,
    mut event: ToEvent,
) -> Sse<impl Stream<Item = Result<Event, Infallible>> + Send + use<T, Lines, ToEvent>>
where
    T: Send,
    Lines: Stream<Item = T> + Send + 'static,
    ToEvent: FnMut(Vec<T>) -> (String, String) + Send + 'static,
{
    let end = web.end(actor, Some((id, Action::ClusterSee)), LONGEST);
    let events = lines
        .take_until(end)
        .ready_chunks(TOGETHER)
        .map(move |lines| {
            // Held as long as there is a stream.
            let _ = &room;
            let (seen, html) = event(lines);
            Ok(Event::default().id(seen).data(html))
        });
    Sse::new(events).keep_alive(KeepAlive::new().interval(KEEP_ALIVE))
}
