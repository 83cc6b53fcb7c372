//! A stack: services, networks and volumes of Docker's own swarm mode that belong together, as a
//! compose file names them, and what may be wrong with such a file.

use std::collections::BTreeMap;
use std::fmt;
use std::str::FromStr;

use serde::{Deserialize, Serialize};

/// What a compose file says, understood whole.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
pub struct StackSpec {
    pub services: Vec<StackService>,
    /// Those that are made with the stack, and those that are there already.
    pub networks: Vec<StackPart>,
    pub volumes: Vec<StackPart>,
    pub configs: Vec<StackFile>,
    /// Always there already: what is secret stands in no file.
    pub secrets: Vec<StackFile>,
}

/// A config or a secret.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
pub struct StackFile {
    pub part: StackPart,
    /// Of one that is made with the stack.
    pub content: Option<String>,
}

/// A config or a secret as a service's containers see it.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
pub struct StackFileUse {
    /// A key of [`StackSpec::configs`] or [`StackSpec::secrets`].
    pub key: String,
    /// A name below Docker's own directory for them, or a whole path. None: the key.
    pub target: Option<String>,
    pub uid: Option<u32>,
    pub gid: Option<u32>,
    /// Unix's bits; None: everybody reads it.
    pub mode: Option<u32>,
}

/// A network or a volume.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
pub struct StackPart {
    /// As services name it.
    pub key: String,
    /// What it is called on the cluster, where the file says so; else the stack's name comes first.
    pub name: Option<String>,
    /// It is there already, and no part of the stack.
    pub is_external: bool,
    pub labels: BTreeMap<String, String>,
}

impl StackPart {
    pub fn full_name(&self, stack: &str) -> String {
        match (&self.name, self.is_external) {
            (Some(name), _) => name.clone(),
            (None, true) => self.key.clone(),
            (None, false) => format!("{stack}_{}", self.key),
        }
    }
}

#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
pub struct StackService {
    pub name: String,
    pub image: String,
    pub entrypoint: Vec<String>,
    pub command: Vec<String>,
    /// `NAME=value`
    pub environment: Vec<String>,
    pub ports: Vec<StackPort>,
    /// Keys of [`StackSpec::networks`].
    pub networks: Vec<String>,
    pub mounts: Vec<StackMount>,
    pub configs: Vec<StackFileUse>,
    pub secrets: Vec<StackFileUse>,
    /// Of its containers.
    pub labels: BTreeMap<String, String>,
    /// Of the service itself.
    pub service_labels: BTreeMap<String, String>,
    pub user: Option<String>,
    pub working_dir: Option<String>,
    /// None: one on every segment.
    pub replicas: Option<u32>,
    pub limits: StackResources,
    pub reservations: StackResources,
    pub restart: StackRestart,
    pub update: StackUpdate,
    pub health: Option<StackHealth>,
    /// `node.hostname==n2`: where its tasks may be.
    pub constraints: Vec<String>,
    /// Of its tasks on one segment; 0 is no limit.
    pub segment_tasks_max: u32,
    pub hostname: Option<String>,
    /// `/etc/hosts`, the address first.
    pub hosts: Vec<String>,
    pub stop_signal: Option<String>,
    pub stop_grace_ns: Option<u64>,
    /// Docker's own small init as the first process.
    pub has_init: Option<bool>,
    pub is_read_only: bool,
    pub has_terminal: bool,
    pub has_stdin: bool,
    /// Directories in memory.
    pub tmpfs: Vec<String>,
}

#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
pub struct StackResources {
    pub memory_bytes: Option<u64>,
    /// Thousand-millionths of a CPU, as Docker counts.
    pub nano_cpus: Option<u64>,
}

/// What is none is as Docker has it.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
pub struct StackRestart {
    /// `none`, `on-failure` or `any`.
    pub condition: Option<String>,
    pub delay_ns: Option<u64>,
    pub attempts_max: Option<u64>,
    pub window_ns: Option<u64>,
}

/// How new tasks take the place of the old ones. What is none is as Docker has it.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
pub struct StackUpdate {
    /// At once; 0 is all.
    pub parallelism: Option<u64>,
    pub delay_ns: Option<u64>,
    pub monitor_ns: Option<u64>,
    /// `pause`, `continue` or `rollback`.
    pub failure_action: Option<String>,
    /// `stop-first` or `start-first`.
    pub order: Option<String>,
}

#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
pub struct StackHealth {
    /// In Docker's words: `CMD` or `CMD-SHELL` and what follows, or `NONE`. Empty: the image's own.
    pub test: Vec<String>,
    pub interval_ns: Option<u64>,
    pub timeout_ns: Option<u64>,
    pub start_period_ns: Option<u64>,
    pub start_interval_ns: Option<u64>,
    pub retries: Option<u64>,
}

#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct StackPort {
    pub target: u16,
    /// None: Docker chooses one.
    pub published: Option<u16>,
    pub protocol: String,
    /// On the segment of each task alone, instead of on all segments.
    pub is_host_mode: bool,
}

#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct StackMount {
    /// A key of [`StackSpec::volumes`].
    pub volume: String,
    pub target: String,
    pub is_read_only: bool,
}

/// Where something in a compose file is wrong, and what.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct ComposeProblem {
    /// From 1.
    pub line: u32,
    pub column: u32,
    pub what: ComposeWrong,
}

#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "kind", rename_all = "snake_case")]
pub enum ComposeWrong {
    /// In the words of the YAML parser.
    Syntax {
        why: String,
    },
    /// Anchors, aliases, tags, a second document, keys that are no words.
    YamlFeature {
        what: YamlFeature,
    },
    TooLong,
    TooDeep,
    Twice {
        key: String,
    },
    Wanted {
        what: Shape,
    },
    Unknown {
        key: String,
        nearest: Option<String>,
    },
    Unsupported {
        key: String,
        why: Unsupported,
    },
    Missing {
        key: String,
    },
    /// A value that cannot be read as what it should be.
    Value {
        value: String,
        what: ValueWanted,
    },
    /// `${NAME}`: nothing stands behind it here.
    Variable {
        name: String,
    },
    /// A network or volume that is named at a service and nowhere else.
    NotDeclared {
        key: String,
    },
    HostPath {
        path: String,
    },
    ReservedPort {
        port: u16,
    },
    ReservedLabel {
        label: String,
    },
    Nothing,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum YamlFeature {
    Alias,
    Anchor,
    Tag,
    SecondDocument,
    Key,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Shape {
    Mapping,
    List,
    Text,
    MappingOrList,
    TextOrList,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum ValueWanted {
    Name,
    Image,
    Port,
    Protocol,
    Yes,
    Replicas,
    Mode,
    Memory,
    Cpus,
    Restart,
    Assignment,
    Path,
    Volume,
    Driver,
    PortMode,
    Quote,
    Duration,
    HealthTest,
    Count,
    FailureAction,
    UpdateOrder,
    Constraint,
    Hostname,
    HostEntry,
    Signal,
    FileUse,
    Number,
    FileMode,
}

/// Why a key that compose knows is refused here.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "why", rename_all = "snake_case")]
pub enum Unsupported {
    /// The cluster's policy refuses it, with this code.
    Policy { code: u16 },
    /// Images are not built here.
    Build,
    /// It points to a file of the person's machine.
    File,
    /// It means nothing in a stack.
    Stack,
    /// Docker's own client does it.
    Client,
}

/// What a stack is called: it stands before the names of its services, with `_` between.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(try_from = "String", into = "String")]
pub struct StackName(String);

impl StackName {
    pub const MAX: usize = 32;

    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl FromStr for StackName {
    type Err = &'static str;
    fn from_str(text: &str) -> Result<Self, Self::Err> {
        let is_good = |c: char| c.is_ascii_lowercase() || c.is_ascii_digit() || c == '-';
        let begins = text.starts_with(|c: char| c.is_ascii_lowercase());
        if begins && !text.ends_with('-') && text.len() <= Self::MAX && text.chars().all(is_good) {
            Ok(Self(text.to_owned()))
        } else {
            Err("Use lower-case letters, digits and hyphens, at most 32, and begin with a letter.")
        }
    }
}

impl TryFrom<String> for StackName {
    type Error = &'static str;
    fn try_from(text: String) -> Result<Self, Self::Error> {
        text.parse()
    }
}

impl From<StackName> for String {
    fn from(name: StackName) -> Self {
        name.0
    }
}

impl fmt::Display for StackName {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

/// What became of a compose file: understood whole, or wrong at its lines.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct StackCheckView {
    pub spec: Option<StackSpec>,
    pub problems: Vec<ComposeProblem>,
}

/// What deploying did, by the services' names.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
pub struct StackOutcome {
    pub made: Vec<String>,
    pub changed: Vec<String>,
    /// Of the stack, and not in the file any more: they go on. By their whole names.
    pub left: Vec<String>,
}
