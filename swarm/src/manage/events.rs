//! `docker events`: what happened on all engines (asked for by `since`), then what happens.

use std::sync::Arc;

use bytes::Bytes;
use futures::future::join_all;
use futures::stream;
use http::{Response, header};
use serde_json::Value;
use time::OffsetDateTime;
use tokio::sync::broadcast::error::RecvError;

use super::Manager;
use super::answer::Answer;
use super::cluster::View;
use super::create::query_of;
use super::dispatch::Call;
use crate::api::Refusal;
use crate::api::query::Filters;
use crate::engine::{Event, NodeOfEvent};
use crate::http::{BodyError, stream_body};

impl Manager {
    pub async fn events(&self, call: &Call) -> Answer {
        let query = &call.matched.query;
        let filters = query.filters();
        let at = |key: &str| query.text(key).map(|text| moment(key, text)).transpose();
        let (since, until) = (at("since")?, at("until")?);
        if let (Some(since), Some(until)) = (since, until)
            && until < since
        {
            return Err(Refusal::bad_request(
                "`since` cannot be after `until`: that is no time at all",
            ));
        }
        // Listening begins before the past is read: nothing falls in between.
        let live = self.cluster.hub.subscribe();
        let now = OffsetDateTime::now_utc();
        let mut past = Vec::new();
        if let Some(since) = since {
            let end = until.unwrap_or(now).min(now);
            past = history(&self.cluster.view(), since, end, &filters).await;
        }
        let seen = past.last().map_or(0, |event| event.time_nano());
        let past: Bytes = past.iter().flat_map(|event| event.line.clone()).collect();
        let state = Live {
            past: Some(past).filter(|past| !past.is_empty()),
            live,
            seen,
            until,
            filters,
        };
        let stream = stream::unfold(state, |mut state| async {
            let line = state.next().await?;
            Some((Ok::<_, BodyError>(line), state))
        });
        let mut response = Response::new(stream_body(stream));
        response.headers_mut().insert(
            header::CONTENT_TYPE,
            header::HeaderValue::from_static("application/json"),
        );
        Ok(response)
    }
}

struct Live {
    past: Option<Bytes>,
    live: tokio::sync::broadcast::Receiver<Arc<Event>>,
    /// The last one of the past; the same may come again.
    seen: i64,
    until: Option<OffsetDateTime>,
    filters: Filters,
}

impl Live {
    async fn next(&mut self) -> Option<Bytes> {
        if let Some(past) = self.past.take() {
            return Some(past);
        }
        loop {
            let event = match self.until {
                None => self.live.recv().await,
                Some(until) => {
                    let left = (until - OffsetDateTime::now_utc()).try_into().ok()?;
                    tokio::time::timeout(left, self.live.recv()).await.ok()?
                }
            };
            match event {
                Ok(event) if event.time_nano() > self.seen && matches(&event, &self.filters) => {
                    return Some(event.line.clone());
                }
                // Too slow a reader misses what it missed.
                Ok(_) | Err(RecvError::Lagged(_)) => {}
                Err(RecvError::Closed) => return None,
            }
        }
    }
}

/// Seconds since 1970 with an optional fraction, as clients send it; or RFC 3339. An engine takes
/// the first alone, and answers anything else with a 500 and the words of its parser.
fn moment(key: &str, text: &str) -> Result<OffsetDateTime, Refusal> {
    use time::format_description::well_known::Rfc3339;
    let wrong = || {
        Refusal::bad_request(format!(
            "{key}={text:?} is no time: seconds since 1970 (1700000000, 1700000000.5) or a date \
             (2026-01-31T12:00:00Z) is"
        ))
    };
    if let Ok(moment) = OffsetDateTime::parse(text, &Rfc3339) {
        return Ok(moment);
    }
    let (seconds, fraction) = text.split_once('.').unwrap_or((text, "0"));
    if fraction.is_empty() || fraction.len() > 9 || !fraction.bytes().all(|b| b.is_ascii_digit()) {
        return Err(wrong());
    }
    let seconds: i128 = seconds.parse::<i64>().map_err(|_| wrong())?.into();
    let nanos: i128 = format!("{fraction:0<9}")
        .parse::<i64>()
        .map_err(|_| wrong())?
        .into();
    OffsetDateTime::from_unix_timestamp_nanos(seconds * 1_000_000_000 + nanos).map_err(|_| wrong())
}

/// What the engines remember of the time between, oldest first.
async fn history(
    view: &View,
    since: OffsetDateTime,
    until: OffsetDateTime,
    filters: &Filters,
) -> Vec<Event> {
    let at =
        |moment: OffsetDateTime| format!("{}.{:09}", moment.unix_timestamp(), moment.nanosecond());
    let target = format!(
        "/events{}",
        query_of(&[("since", &at(since)), ("until", &at(until))])
    );
    let asked = view.healthy().map(|(engine, snapshot)| {
        let target = &target;
        async move {
            let answer = engine.call(http::Method::GET, target, None).await;
            let bytes = answer.map(|(_, bytes)| bytes).unwrap_or_default();
            let node = NodeOfEvent {
                name: &snapshot.view.name,
                id: &snapshot.view.id,
                addr: &engine.entry,
                ip: engine.ip(),
            };
            bytes
                .split(|byte| *byte == b'\n')
                .filter_map(|line| serde_json::from_slice::<Value>(line).ok())
                .filter_map(|value| Event::of_engine(value, &node))
                .filter(|event| matches(event, filters))
                .collect::<Vec<_>>()
        }
    });
    let mut events: Vec<Event> = join_all(asked).await.into_iter().flatten().collect();
    events.sort_by_key(Event::time_nano);
    events
}

/// Docker's filters, and classic Swarm's `node`.
fn matches(event: &Event, filters: &Filters) -> bool {
    let kind = event.text("Type");
    filters.iter().all(|(key, wanted)| {
        let any = |have: &[&str]| wanted.iter().any(|text| have.contains(&text.as_str()));
        match key.as_str() {
            "type" => any(&[kind]),
            "event" => {
                let action = event.text("Action");
                let word = action.split(':').next().unwrap_or_default();
                any(&[action, word])
            }
            "scope" => any(&[event.text("scope")]),
            // Docker's is about the node, classic Swarm's about where it happened.
            "node" => {
                let of_node = kind == "node" && any(&[event.actor_id(), event.attribute("name")]);
                of_node || any(&[&event.node, event.attribute("node.id")])
            }
            "label" => wanted.iter().all(|label| match label.split_once('=') {
                Some((key, value)) => event.attribute(key) == value,
                None => !event.value["Actor"]["Attributes"][label.as_str()].is_null(),
            }),
            "image" => {
                let image = event.attribute("image");
                let named = event.attribute("name");
                let plain = |text: &str| super::create::name_of(text).to_owned();
                match kind {
                    "image" => any(&[event.actor_id(), named, &plain(named)]),
                    _ => any(&[image, &plain(image)]),
                }
            }
            "container" | "network" | "volume" | "daemon" | "plugin" | "service" | "secret"
            | "config" => {
                kind == key && {
                    let id = event.actor_id();
                    any(&[event.attribute("name")])
                        || wanted
                            .iter()
                            .any(|text| text.len() >= 4 && id.starts_with(text.as_str()))
                        || any(&[id])
                }
            }
            _ => true,
        }
    })
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    fn event() -> Event {
        let node = NodeOfEvent {
            name: "c-n1",
            id: "ID1",
            addr: "10.0.0.1:1",
            ip: "10.0.0.1",
        };
        let value = json!({"Type": "container", "Action": "exec_create: sh", "from": "busybox:1",
            "scope": "local", "timeNano": 5,
            "Actor": {"ID": "abcdef", "Attributes": {"name": "web", "image": "busybox:1", "a": "b"}}});
        Event::of_engine(value, &node).expect("an event")
    }

    #[test]
    fn filters_choose_events() {
        let event = event();
        let one = |key: &str, value: &str| Filters::from([(key.into(), [value.into()].into())]);
        for (key, value, fits) in [
            ("type", "container", true),
            ("type", "image", false),
            ("event", "exec_create", true),
            ("event", "start", false),
            ("container", "web", true),
            ("container", "abcd", true),
            ("container", "db", false),
            ("image", "busybox", true),
            ("image", "nginx", false),
            ("label", "a", true),
            ("label", "a=b", true),
            ("label", "a=c", false),
            ("node", "c-n1", true),
            ("node", "c-n2", false),
            ("network", "web", false),
        ] {
            assert_eq!(matches(&event, &one(key, value)), fits, "{key}={value}");
        }
        // A node of the swarm's, told of by its manager.
        let mut event = event;
        event.value["Type"] = "node".into();
        event.value["Actor"] = json!({"ID": "xyz", "Attributes": {"name": "c-n2"}});
        for (value, fits) in [
            ("c-n2", true),
            ("xyz", true),
            ("c-n1", true),
            ("c-n3", false),
        ] {
            assert_eq!(matches(&event, &one("node", value)), fits, "node={value}");
        }
    }

    #[test]
    fn moments_are_read() {
        let moment = |text| {
            super::moment("since", text)
                .expect(text)
                .unix_timestamp_nanos()
        };
        assert_eq!(moment("5"), 5_000_000_000);
        assert_eq!(moment("5.000000007"), 5_000_000_007);
        assert_eq!(moment("5.5"), 5_500_000_000);
        assert_eq!(moment("1970-01-01T00:00:05Z"), 5_000_000_000);
        for text in ["", "x", "5.", "5.1234567890", "-", "10m", "99999999999999"] {
            let refusal = super::moment("until", text).expect_err(text);
            assert_eq!(refusal.status, 400, "{text}");
            assert!(refusal.message.starts_with("until="), "{}", refusal.message);
        }
    }
}
