//! What happened in a cluster, as its engines tell it.

use serde::{Deserialize, Serialize};

/// What something happened to.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub enum EventKind {
    Container,
    Image,
    Volume,
    Network,
    Service,
    Segment,
}

#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub enum Happening {
    Made,
    Started,
    /// With the code that it ended with, where that was told.
    Ended {
        code: Option<i64>,
    },
    /// The kernel ended a process of it.
    OutOfMemory,
    Removed,
    Paused,
    Continued,
    Renamed {
        before: String,
    },
    Changed,
    Healthy,
    Unhealthy,
    Pulled,
    Loaded,
    Tagged,
    /// It does not answer.
    Lost,
    /// It answers: for the first time, or again.
    Back,
}

/// Its texts come from whoever uses the cluster: nothing in them is to be trusted.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct EventView {
    /// Nanoseconds since 1970.
    pub at_ns: i64,
    pub kind: EventKind,
    pub what: Happening,
    /// The thing's name, or the beginning of its id.
    pub name: String,
    /// The segment's name; empty where it is of the whole cluster.
    pub node: String,
}
