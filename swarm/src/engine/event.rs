//! Events of engines, with the node they come from, and where they are told.

use std::sync::Arc;

use bytes::Bytes;
use serde_json::{Map, Value, json};
use time::OffsetDateTime;
use tokio::sync::broadcast;

use super::ViewCell;

/// A reader that is further behind has lost what is in between; it reads on from there.
const BACKLOG: usize = 1024;

/// One event as clients see it.
#[derive(Debug)]
pub struct Event {
    /// A line of JSON.
    pub line: Bytes,
    pub value: Value,
    pub node: String,
}

impl Event {
    pub fn text(&self, key: &str) -> &str {
        self.value[key].as_str().unwrap_or_default()
    }

    pub fn actor_id(&self) -> &str {
        self.value["Actor"]["ID"].as_str().unwrap_or_default()
    }

    pub fn attribute(&self, key: &str) -> &str {
        self.value["Actor"]["Attributes"][key]
            .as_str()
            .unwrap_or_default()
    }

    pub fn time_nano(&self) -> i64 {
        self.value["timeNano"].as_i64().unwrap_or(0)
    }

    /// An engine's own event, told as the cluster's.
    pub fn of_engine(mut value: Value, node: &NodeOfEvent<'_>) -> Option<Self> {
        let object = value.as_object_mut()?;
        if let Some(Value::String(from)) = object.get_mut("from") {
            from.push_str(" node:");
            from.push_str(node.name);
        }
        let actor = object.entry("Actor").or_insert_with(|| json!({}));
        let attributes = actor
            .as_object_mut()?
            .entry("Attributes")
            .or_insert_with(|| json!({}));
        if attributes.is_null() {
            *attributes = Value::Object(Map::new());
        }
        let attributes = attributes.as_object_mut()?;
        for (key, text) in [
            ("node.name", node.name),
            ("node.id", node.id),
            ("node.addr", node.addr),
            ("node.ip", node.ip),
        ] {
            attributes.insert(key.into(), text.into());
        }
        object.insert(
            "node".into(),
            json!({"Name": node.name, "Id": node.id, "Addr": node.addr, "Ip": node.ip}),
        );
        Some(Self::new(value, node.name))
    }

    /// The manager's own: `engine_connect`, `engine_disconnect`, `engine_reconnect`.
    pub fn of_manager(action: &str, node: &NodeOfEvent<'_>) -> Option<Self> {
        let now = OffsetDateTime::now_utc();
        let nanos = i64::try_from(now.unix_timestamp_nanos()).unwrap_or(0);
        let value = json!({
            "status": action, "from": "swarm", "Type": "swarm", "Action": action,
            "Actor": {"ID": node.id, "Attributes": {}},
            "time": now.unix_timestamp(), "timeNano": nanos,
        });
        let mut event = Self::of_engine(value, node)?;
        event.value["from"] = "swarm".into();
        Some(Self::new(event.value, node.name))
    }

    fn new(value: Value, node: &str) -> Self {
        let mut line = serde_json::to_vec(&value).unwrap_or_default();
        line.push(b'\n');
        Self {
            line: line.into(),
            value,
            node: node.to_owned(),
        }
    }
}

/// The node in an event.
#[derive(Debug, Clone, Copy)]
pub struct NodeOfEvent<'a> {
    pub name: &'a str,
    pub id: &'a str,
    pub addr: &'a str,
    pub ip: &'a str,
}

/// Where all engines' events come together, and where it is known that one of them has changed.
#[derive(Debug, Clone)]
pub struct EventHub {
    events: broadcast::Sender<Arc<Event>>,
    views: Arc<ViewCell>,
}

impl Default for EventHub {
    fn default() -> Self {
        Self {
            events: broadcast::channel(BACKLOG).0,
            views: Arc::default(),
        }
    }
}

impl EventHub {
    pub fn sender(&self) -> broadcast::Sender<Arc<Event>> {
        self.events.clone()
    }

    pub fn views(&self) -> Arc<ViewCell> {
        Arc::clone(&self.views)
    }

    pub fn subscribe(&self) -> broadcast::Receiver<Arc<Event>> {
        self.events.subscribe()
    }

    pub fn listeners(&self) -> usize {
        self.events.receiver_count()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const NODE: NodeOfEvent<'_> = NodeOfEvent {
        name: "c-n1",
        id: "ID",
        addr: "10.0.0.1:42376",
        ip: "10.0.0.1",
    };

    #[test]
    fn an_event_says_where_it_happened() {
        let event = json!({"status": "start", "from": "busybox", "Type": "container",
            "Action": "start", "Actor": {"ID": "abc", "Attributes": {"name": "web"}}, "timeNano": 5});
        let event = Event::of_engine(event, &NODE).expect("an object");
        assert_eq!(event.text("from"), "busybox node:c-n1");
        assert_eq!(event.attribute("node.ip"), "10.0.0.1");
        assert_eq!(event.attribute("name"), "web");
        assert_eq!(event.value["node"]["Addr"], "10.0.0.1:42376");
        assert!(event.line.ends_with(b"}\n"));
    }

    #[test]
    fn what_is_no_object_is_no_event() {
        assert!(Event::of_engine(json!([1]), &NODE).is_none());
        assert!(Event::of_engine(json!({"Actor": 3}), &NODE).is_none());
    }
}
