//! What else is on a cluster: images, volumes, networks, services.

use std::fmt;
use std::str::FromStr;

use serde::{Deserialize, Serialize};

use crate::{ContainerRef, UnixMs};

/// How one of them is named to the endpoint: an id, or a name that may have slashes in it. Nothing
/// in it leads elsewhere in a path.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ThingRef(String);

/// Longer than any name of an image.
const REF_MAX: usize = 512;

impl ThingRef {
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl FromStr for ThingRef {
    type Err = &'static str;
    fn from_str(text: &str) -> Result<Self, Self::Err> {
        let is_good = |c: char| c.is_ascii_alphanumeric() || "_.-:/@+".contains(c);
        let begins = text.starts_with(|c: char| c.is_ascii_alphanumeric());
        let goes_up = text.split('/').any(|part| matches!(part, "" | "." | ".."));
        if begins && !goes_up && text.len() <= REF_MAX && text.chars().all(is_good) {
            Ok(Self(text.to_owned()))
        } else {
            Err("nothing has such a name")
        }
    }
}

impl fmt::Display for ThingRef {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct ImageView {
    /// `sha256:…`
    pub id: String,
    /// `nginx:latest`; none: nothing but its id leads to it.
    pub names: Vec<String>,
    pub size_bytes: u64,
    pub created_at: UnixMs,
    /// Segments that have it, `<cluster>-n1`.
    pub nodes: Vec<String>,
    /// Containers made from it, by name.
    pub used_by: Vec<String>,
    /// The system's containers are made from it.
    pub is_system: bool,
}

/// An image on its way to the segments, or one that ended not long ago.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct PullView {
    pub name: String,
    /// What a segment said last, `<cluster>-n1: …`; nothing at first.
    pub line: String,
    pub started_at: UnixMs,
    pub ended_at: Option<UnixMs>,
    /// Why it is not there.
    pub failure: Option<String>,
}

#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct VolumeView {
    /// `<node>/<name>` where several segments have one of the name.
    pub name: String,
    pub driver: String,
    /// `<cluster>-n1`
    pub node: String,
    pub created_at: Option<UnixMs>,
    pub used_by: Vec<String>,
    pub is_system: bool,
}

#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct NetworkView {
    pub id: String,
    pub name: String,
    pub driver: String,
    /// The one segment that has it; none: the whole cluster.
    pub node: Option<String>,
    pub subnets: Vec<String>,
    pub used_by: Vec<String>,
    /// Docker makes it itself.
    pub is_builtin: bool,
}

#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct ServiceView {
    pub id: String,
    pub name: String,
    pub image: String,
    /// Replicas wanted; none: one on every segment.
    pub wanted: Option<u32>,
    pub running: u32,
    /// `8080->80/tcp`
    pub ports: Vec<String>,
    /// The stack it was deployed with.
    pub stack: Option<String>,
    /// The newest of each slot first.
    pub tasks: Vec<TaskView>,
}

#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct TaskView {
    pub id: String,
    /// 0 where every segment has one.
    pub slot: u32,
    /// `<cluster>-n1`, or Docker's id while the name is not known.
    pub node: String,
    pub state: String,
    pub error: Option<String>,
    pub changed_at: Option<UnixMs>,
    /// What it runs as; none before there is one.
    pub container: Option<ContainerRef>,
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_reference_leads_nowhere_else() {
        for good in [
            "nginx",
            "sha256:0a",
            "ghcr.io/a/b:1.2-x",
            "a@sha256:00",
            "c-n1/data",
        ] {
            assert!(good.parse::<ThingRef>().is_ok(), "{good}");
        }
        for bad in [
            "", "/a", "a//b", "a/../b", "a/.", "a/", "a?b", "a%2e", "a b", "-a", "a\nb",
        ] {
            assert!(bad.parse::<ThingRef>().is_err(), "{bad}");
        }
    }
}
