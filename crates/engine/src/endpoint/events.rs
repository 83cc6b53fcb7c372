//! What happened, as Docker's events: one JSON object a line, of which most say nothing to a person.

use std::collections::HashMap;
use std::time::{SystemTime, UNIX_EPOCH};

use bytes::BytesMut;
use host::{EndpointError, EventLines};
use http::Response;
use http_body_util::BodyExt as _;
use hyper::body::Incoming;
use model::{EventKind, EventView, Happening};
use serde::Deserialize;
use tokio::sync::mpsc;

use super::log::DEADLINE_PIECE;
use crate::api;
use crate::container::{is_system, null_is_empty};

/// An event carries all labels of its container.
const LINE_MAX_BYTES: usize = 1024 * 1024;
/// Of a name on a page.
const NAME_MAX: usize = 255;
/// Docker's short form of an id.
const SHORT: usize = 12;
/// Events that wait for a slow reader.
const WAITING: usize = 64;

pub fn path(after_ns: i64, is_following: bool) -> String {
    // An engine tells of the past only when it is asked since when.
    let (s, ns) = (
        after_ns.max(1) / 1_000_000_000,
        after_ns.max(1) % 1_000_000_000,
    );
    let mut path = format!(api!("/events?since={}.{:09}"), s, ns);
    if !is_following {
        let now = SystemTime::now().duration_since(UNIX_EPOCH);
        let now = now.unwrap_or_default();
        path.push_str(&format!(
            "&until={}.{:09}",
            now.as_secs(),
            now.subsec_nanos()
        ));
    }
    path
}

pub fn lines(response: Response<Incoming>, after_ns: i64, is_following: bool) -> EventLines {
    let (sender, receiver) = mpsc::channel(WAITING);
    tokio::spawn(read(response.into_body(), after_ns, is_following, sender));
    receiver
}

async fn read(
    mut body: Incoming,
    after_ns: i64,
    is_following: bool,
    sender: mpsc::Sender<Result<EventView, EndpointError>>,
) {
    let broke = |why: String| Err(EndpointError::Unreachable { why });
    let mut held = BytesMut::new();
    loop {
        let piece = tokio::select! {
            // Nobody listens any more.
            () = sender.closed() => return,
            () = tokio::time::sleep(DEADLINE_PIECE), if !is_following => {
                let _ = sender.send(broke("the events ended in the middle".to_owned())).await;
                return;
            }
            piece = body.frame() => piece,
        };
        match piece {
            None => return,
            Some(Err(error)) => {
                let _ = sender.send(broke(error.to_string())).await;
                return;
            }
            Some(Ok(frame)) => held.extend_from_slice(&frame.into_data().unwrap_or_default()),
        }
        while let Some(end) = held.iter().position(|byte| *byte == b'\n') {
            let line = held.split_to(end + 1);
            let event = event(&line).filter(|event| event.at_ns > after_ns);
            if let Some(event) = event
                && sender.send(Ok(event)).await.is_err()
            {
                return;
            }
        }
        if held.len() > LINE_MAX_BYTES {
            let _ = sender.send(broke("an event is too long".to_owned())).await;
            return;
        }
    }
}

#[derive(Deserialize)]
struct Told {
    #[serde(rename = "Type", default)]
    kind: String,
    #[serde(rename = "Action", default)]
    action: String,
    #[serde(rename = "Actor")]
    actor: Actor,
    #[serde(rename = "timeNano", default)]
    time_nano: i64,
}

#[derive(Deserialize)]
struct Actor {
    #[serde(rename = "ID", default)]
    id: String,
    #[serde(rename = "Attributes", default, deserialize_with = "null_is_empty")]
    attributes: HashMap<String, String>,
}

/// `None`: nothing that a person waits for.
fn event(line: &[u8]) -> Option<EventView> {
    let told: Told = serde_json::from_slice(line).ok()?;
    let text = |key: &str| told.actor.attributes.get(key).map(String::as_str);
    if is_system(text("name").unwrap_or_default(), text(wire::SYSTEM_LABEL)) {
        return None;
    }
    let (kind, what) = match (told.kind.as_str(), told.action.as_str()) {
        ("container", action) => (EventKind::Container, container(action, &text)?),
        ("image", "pull") => (EventKind::Image, Happening::Pulled),
        ("image", "load" | "import") => (EventKind::Image, Happening::Loaded),
        ("image", "tag") => (EventKind::Image, Happening::Tagged),
        ("image", "delete") => (EventKind::Image, Happening::Removed),
        ("volume", "create") => (EventKind::Volume, Happening::Made),
        ("volume", "destroy") => (EventKind::Volume, Happening::Removed),
        ("network", "create") => (EventKind::Network, Happening::Made),
        ("network", "destroy" | "remove") => (EventKind::Network, Happening::Removed),
        ("service", "create") => (EventKind::Service, Happening::Made),
        ("service", "update") => (EventKind::Service, Happening::Changed),
        ("service", "remove") => (EventKind::Service, Happening::Removed),
        // The manager's own.
        ("swarm", "engine_disconnect") => (EventKind::Segment, Happening::Lost),
        ("swarm", "engine_connect" | "engine_reconnect") => (EventKind::Segment, Happening::Back),
        _ => return None,
    };
    let node = text("node.name").unwrap_or_default();
    let name = match kind {
        EventKind::Segment => node,
        _ => text("name").unwrap_or(&told.actor.id),
    };
    Some(EventView {
        at_ns: told.time_nano,
        kind,
        what,
        name: shown(name),
        node: match kind {
            EventKind::Service => String::new(),
            _ => shown(node),
        },
    })
}

fn container<'a>(action: &str, text: &impl Fn(&str) -> Option<&'a str>) -> Option<Happening> {
    Some(match action {
        "create" => Happening::Made,
        "start" => Happening::Started,
        // `stop` and `kill` come beside it, `restart` beside both.
        "die" => Happening::Ended {
            code: text("exitCode").and_then(|code| code.parse().ok()),
        },
        "oom" => Happening::OutOfMemory,
        "destroy" => Happening::Removed,
        "pause" => Happening::Paused,
        "unpause" => Happening::Continued,
        "rename" => Happening::Renamed {
            before: shown(text("oldName").unwrap_or_default().trim_start_matches('/')),
        },
        "update" => Happening::Changed,
        "health_status: healthy" => Happening::Healthy,
        "health_status: unhealthy" => Happening::Unhealthy,
        _ => return None,
    })
}

fn shown(name: &str) -> String {
    let digest = name.strip_prefix("sha256:").unwrap_or(name);
    let is_id = digest.len() == 64 && digest.bytes().all(|byte| byte.is_ascii_hexdigit());
    let most = if is_id { SHORT } else { NAME_MAX };
    let name = if is_id { digest } else { name };
    name.chars().take(most).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn told(kind: &str, action: &str, attributes: &serde_json::Value) -> Option<EventView> {
        let id = "0123456789abcdef".repeat(4);
        let value = serde_json::json!({
            "Type": kind, "Action": action, "timeNano": 5_i64,
            "Actor": { "ID": id, "Attributes": attributes },
        });
        event(value.to_string().as_bytes())
    }

    #[test]
    fn what_people_wait_for_is_told() {
        let web = serde_json::json!({ "name": "web", "exitCode": "137", "node.name": "x-n2" });
        let ended = told("container", "die", &web).expect("told");
        assert_eq!((ended.name.as_str(), ended.node.as_str()), ("web", "x-n2"));
        assert_eq!(ended.what, Happening::Ended { code: Some(137) });
        let health = told("container", "health_status: unhealthy", &web).expect("told");
        assert_eq!(health.what, Happening::Unhealthy);
        let none = serde_json::json!({});
        let gone = told("image", "delete", &none).expect("told");
        assert_eq!(gone.name, "0123456789ab");
        let lost = told("swarm", "engine_disconnect", &web).expect("told");
        assert_eq!(
            (lost.kind, lost.name.as_str()),
            (EventKind::Segment, "x-n2")
        );
    }

    #[test]
    fn the_rest_is_left_out() {
        let web = serde_json::json!({ "name": "web" });
        for action in ["exec_start: sh", "kill", "stop", "top", "attach", "restart"] {
            assert_eq!(told("container", action, &web), None, "{action}");
        }
        let system =
            serde_json::json!({ "name": "swarm-agent", wire::SYSTEM_LABEL: "swarm-agent" });
        assert_eq!(told("container", "start", &system), None);
        assert_eq!(event(b"{}"), None);
        assert_eq!(event(b"nonsense"), None);
    }

    #[test]
    fn a_moment_keeps_its_nanoseconds() {
        assert_eq!(path(1_000_000_002, true), "/v1.44/events?since=1.000000002");
        assert!(path(0, false).starts_with("/v1.44/events?since=0.000000001&until="));
    }
}
