//! What pages show of one container, and what people may do with it.

use std::fmt;
use std::str::FromStr;

use serde::{Deserialize, Serialize};

use crate::{ContainerView, UnixMs};

/// How a container is named in an address: its id, or its name. Nothing in it needs escaping.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(try_from = "String", into = "String")]
pub struct ContainerRef(String);

/// Longest name that Docker takes.
const REF_MAX: usize = 253;

impl ContainerRef {
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl FromStr for ContainerRef {
    type Err = &'static str;
    fn from_str(text: &str) -> Result<Self, Self::Err> {
        let is_good = |c: char| c.is_ascii_alphanumeric() || matches!(c, '_' | '.' | '-');
        let begins = text.starts_with(|c: char| c.is_ascii_alphanumeric());
        if begins && text.len() <= REF_MAX && text.chars().all(is_good) {
            Ok(Self(text.to_owned()))
        } else {
            Err("no container has such a name")
        }
    }
}

impl TryFrom<String> for ContainerRef {
    type Error = &'static str;
    fn try_from(text: String) -> Result<Self, Self::Error> {
        text.parse()
    }
}

impl From<ContainerRef> for String {
    fn from(name: ContainerRef) -> Self {
        name.0
    }
}

impl fmt::Display for ContainerRef {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

/// All of one container but the values in its environment, which are asked for by themselves.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct ContainerDetailView {
    /// `status` is Docker's short word, too.
    pub summary: ContainerView,
    pub image_id: String,
    /// Entrypoint and command, as they are called.
    pub command: Vec<String>,
    pub working_dir: String,
    /// Empty: the image's, which is root without another word.
    pub user: String,
    pub has_terminal: bool,
    pub started_at: Option<UnixMs>,
    pub finished_at: Option<UnixMs>,
    pub exit_code: Option<i64>,
    /// It was killed because its memory was used up.
    pub is_out_of_memory: bool,
    /// Why it did not start.
    pub error: Option<String>,
    pub restarts: u32,
    pub health: Option<HealthView>,
    /// `no`, `always`, `unless-stopped`, `on-failure:3`
    pub restart_policy: String,
    /// None: as much as the segment has.
    pub memory_limit_bytes: Option<u64>,
    /// Hundredths of a vCPU.
    pub cpu_limit_centi: Option<u32>,
    pub pids_limit: Option<u32>,
    pub ports: Vec<PortView>,
    pub mounts: Vec<MountView>,
    pub networks: Vec<AttachmentView>,
    /// Names alone.
    pub environment: Vec<String>,
    pub labels: Vec<(String, String)>,
}

#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct HealthView {
    /// `starting`, `healthy`, `unhealthy`
    pub status: String,
    pub failing_streak: u32,
    /// What the last check said.
    pub last_output: Option<String>,
}

#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct PortView {
    /// `80/tcp`
    pub inside: String,
    /// Where it is published; the segment's address if on all of them.
    pub published: Option<(String, u16)>,
}

#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct MountView {
    /// `volume`, `bind`, `tmpfs`
    pub kind: String,
    /// The volume's name, or where it comes from.
    pub source: String,
    pub target: String,
    pub is_read_only: bool,
}

/// A container in a network.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct AttachmentView {
    pub network: String,
    pub address: String,
    pub aliases: Vec<String>,
}

/// One line of a container's environment.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct VariableView {
    pub name: String,
    pub value: String,
}

/// What a container uses, at one moment.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize)]
pub struct ContainerUsageView {
    /// Hundredths of a vCPU over the last interval; unknown at the first look.
    pub cpu_centi: Option<u32>,
    /// Without the page cache, which the kernel gives back when it is needed.
    pub memory_bytes: u64,
    pub memory_limit_bytes: u64,
    pub pids: u32,
    /// Since the container was started.
    pub received_bytes: u64,
    pub sent_bytes: u64,
    pub read_bytes: u64,
    pub written_bytes: u64,
}

/// Where a line of a log came from.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub enum LogSource {
    Output,
    Errors,
}

/// One line of a container's log, as it was written: nothing in it is to be trusted.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct LogLine {
    /// Nanoseconds since 1970; two lines of one container never share them.
    pub at_ns: i64,
    pub source: LogSource,
    pub text: String,
}

/// Lines of several containers in one row; `from` is the position of the container asked for.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct LogView {
    pub containers: Vec<ContainerView>,
    pub lines: Vec<(usize, LogLine)>,
    /// Of each container, the moment of its newest line here; 0 without one.
    pub seen_ns: Vec<i64>,
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_reference_is_one_piece_of_a_path() {
        for good in ["web", "web-1.x_y", "0123456789abcdef"] {
            assert!(good.parse::<ContainerRef>().is_ok(), "{good}");
        }
        for bad in [
            "", ".", "..", "-a", "a/b", "a?b", "a%2f", "é", "a b", "a\r\nb",
        ] {
            assert!(bad.parse::<ContainerRef>().is_err(), "{bad}");
        }
        assert!("a".repeat(254).parse::<ContainerRef>().is_err());
    }
}
