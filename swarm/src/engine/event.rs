//! Events of engines, with the node they come from, and where they are told.

use std::collections::HashMap;
use std::sync::{Arc, Mutex, PoisonError};

use bytes::Bytes;
use serde_json::{Map, Value, json};
use time::OffsetDateTime;
use tokio::sync::{broadcast, watch};

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

/// What the engines of one cluster share: their events, who is who, and that one has changed.
#[derive(Debug, Clone)]
pub struct EventHub {
    events: broadcast::Sender<Arc<Event>>,
    views: Arc<ViewCell>,
    phases: watch::Sender<u64>,
    /// Address by engine id.
    ids: Arc<Mutex<HashMap<String, String>>>,
}

impl Default for EventHub {
    fn default() -> Self {
        Self {
            events: broadcast::channel(BACKLOG).0,
            views: Arc::default(),
            phases: watch::Sender::new(0),
            ids: Arc::default(),
        }
    }
}

impl EventHub {
    pub fn send(&self, event: Arc<Event>) {
        // Nobody listening is the usual case.
        let _ = self.events.send(event);
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

    /// An engine has become healthy or has ceased to be.
    pub fn phase_changed(&self) {
        self.phases.send_modify(|tick| *tick += 1);
    }

    /// Ticks with [`Self::phase_changed`].
    pub fn phases(&self) -> watch::Receiver<u64> {
        self.phases.subscribe()
    }

    /// Two addresses with one id would be one engine taken for two, or a cloned disk: everything
    /// on it would count twice. The first one keeps the id; `Err` names it.
    pub fn id_claim(&self, id: &str, entry: &str) -> Result<(), String> {
        let mut ids = self.ids.lock().unwrap_or_else(PoisonError::into_inner);
        match ids.get(id) {
            Some(other) if other != entry => Err(other.clone()),
            Some(_) => Ok(()),
            None => {
                ids.retain(|_, other| other != entry);
                ids.insert(id.to_owned(), entry.to_owned());
                Ok(())
            }
        }
    }

    pub fn id_release(&self, entry: &str) {
        let mut ids = self.ids.lock().unwrap_or_else(PoisonError::into_inner);
        ids.retain(|_, other| other != entry);
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
    fn an_engine_has_one_address() {
        let hub = EventHub::default();
        assert_eq!(hub.id_claim("ID", "a:1"), Ok(()));
        assert_eq!(hub.id_claim("ID", "a:1"), Ok(()), "again after a pause");
        assert_eq!(hub.id_claim("ID", "b:1"), Err("a:1".into()));
        // Its disk was made anew: the old id is nobody's.
        assert_eq!(hub.id_claim("NEW", "a:1"), Ok(()));
        assert_eq!(hub.id_claim("ID", "b:1"), Ok(()));
        hub.id_release("b:1");
        assert_eq!(hub.id_claim("ID", "c:1"), Ok(()));
    }

    #[test]
    fn what_is_no_object_is_no_event() {
        assert!(Event::of_engine(json!([1]), &NODE).is_none());
        assert!(Event::of_engine(json!({"Actor": 3}), &NODE).is_none());
    }
}
