//! What Carina asks of a cluster's endpoint on 2376, in a person's name: the same door, policy and
//! scheduler that any Docker client of theirs meets.

use std::net::{Ipv4Addr, SocketAddr};
use std::sync::Arc;
use std::time::Duration;

use async_trait::async_trait;
use model::{
    ClusterId, ContainerAction, ContainerDetailView, ContainerRef, ContainerUsageView,
    ContainerView, EventView, LogLine, VariableView, WayStep,
};
use tokio::io::{AsyncRead, AsyncWrite};
use tokio::sync::mpsc;

use crate::{ClientIdentity, Inventory, NodeName, Stacks};

/// Where a cluster's endpoint answers, and who asks.
#[derive(Clone)]
pub struct EndpointTarget {
    pub cluster: ClusterId,
    /// The managers, in the order in which they are tried.
    pub managers: Vec<Ipv4Addr>,
    /// All segments, for what is asked of each.
    pub nodes: Vec<NodeName>,
    /// A client certificate made for the person.
    pub identity: Arc<ClientIdentity>,
}

/// Which lines of a log.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct LogOrder {
    /// The newest so many, of those after `after_ns`; None: all of them.
    pub tail: Option<u32>,
    /// Lines of this moment and older ones are left out.
    pub after_ns: i64,
    /// Goes on with what is written from now on.
    pub is_following: bool,
}

/// Lines as they come. Dropped, the log is read no further.
pub type LogLines = mpsc::Receiver<Result<LogLine, EndpointError>>;

/// Events as they come. Dropped, they are listened to no further.
pub type EventLines = mpsc::Receiver<Result<EventView, EndpointError>>;

/// What is run in a container for a person to type into.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ConsoleOrder {
    pub command: Vec<String>,
    pub columns: u16,
    pub rows: u16,
}

/// A terminal in a container: what is written into it is typed.
pub struct Console {
    /// For [`Endpoint::console_resize`].
    pub id: String,
    pub terminal: Box<dyn Terminal>,
}

pub trait Terminal: AsyncRead + AsyncWrite + Send + Unpin {}
impl<T: AsyncRead + AsyncWrite + Send + Unpin> Terminal for T {}

/// A client's way to Docker, to be gone step by step.
#[derive(Clone)]
pub struct Way {
    pub cluster: ClusterId,
    pub address: SocketAddr,
    /// Where people come in; otherwise a manager's own address.
    pub is_front_door: bool,
    pub identity: Arc<ClientIdentity>,
}

/// How one step went, and what was in the way.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct WayOutcome {
    pub step: WayStep,
    pub took: Duration,
    pub result: Result<(), String>,
}

/// Calls have deadlines of their own; the streams end when the endpoint's do.
#[async_trait]
pub trait Endpoint: Inventory + Stacks {
    /// Until the first step that fails; never longer than a few seconds.
    async fn way_try(&self, way: &Way) -> Vec<WayOutcome>;

    /// Of all segments, the system's included and marked.
    async fn container_list(
        &self,
        at: &EndpointTarget,
    ) -> Result<Vec<ContainerView>, EndpointError>;
    /// With its environment, beside it: values stay with those who may see them.
    async fn container_get(
        &self,
        at: &EndpointTarget,
        container: &ContainerRef,
    ) -> Result<(ContainerDetailView, Vec<VariableView>), EndpointError>;
    /// Started already, stopped already: no effect.
    async fn container_act(
        &self,
        at: &EndpointTarget,
        container: &ContainerRef,
        action: ContainerAction,
    ) -> Result<(), EndpointError>;
    /// One sample. `cpu_us` counts from the container's start.
    async fn container_usage(
        &self,
        at: &EndpointTarget,
        container: &ContainerRef,
    ) -> Result<ContainerSample, EndpointError>;
    async fn container_log(
        &self,
        at: &EndpointTarget,
        container: &ContainerRef,
        order: LogOrder,
    ) -> Result<LogLines, EndpointError>;

    /// What happened on all segments after `after_ns`, as far as their engines remember it (some 256
    /// events each), the oldest first; then, if `is_following`, what happens from now on. Without
    /// what happens to the system's containers.
    async fn events(
        &self,
        at: &EndpointTarget,
        after_ns: i64,
        is_following: bool,
    ) -> Result<EventLines, EndpointError>;

    async fn console_open(
        &self,
        at: &EndpointTarget,
        container: &ContainerRef,
        order: &ConsoleOrder,
    ) -> Result<Console, EndpointError>;
    async fn console_resize(
        &self,
        at: &EndpointTarget,
        console: &str,
        columns: u16,
        rows: u16,
    ) -> Result<(), EndpointError>;
    /// The code that the command ended with; None while it runs.
    async fn console_exit(
        &self,
        at: &EndpointTarget,
        console: &str,
    ) -> Result<Option<i64>, EndpointError>;
}

/// Counters of a container at one moment; `usage.cpu_centi` is not filled in.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct ContainerSample {
    pub cpu_us: u64,
    pub usage: ContainerUsageView,
}

#[derive(Debug, Clone, thiserror::Error)]
pub enum EndpointError {
    /// No manager answers.
    #[error("the endpoint does not answer: {why}")]
    Unreachable { why: String },
    #[error("the endpoint knows no such {what}")]
    NotFound { what: &'static str },
    /// It answered no, in its own words: the policy's with their code, or an engine's.
    #[error("the endpoint refused: {why}")]
    Refused { why: String },
}
