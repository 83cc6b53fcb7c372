//! The Docker API as data: which routes there are, what each may carry, and nothing else.
//!
//! Nothing in here does I/O. A request is taken apart into typed values, and what goes on to an
//! engine is built again from those values, so that a byte which was not understood cannot pass:
//! the two sides never read the same text with two parsers.

#[macro_use]
mod fields;

pub mod auth;
pub mod build;
pub mod commit;
pub mod container;
pub mod exec;
pub mod header;
pub mod host_config;
pub mod json;
pub mod model;
pub mod network;
#[cfg(test)]
mod page;
pub mod path;
pub mod proto;
pub mod ps;
pub mod query;
pub mod refusal;
pub mod route;
pub mod service;
pub mod solve;
pub mod swarm;
mod table;
pub mod task;
#[cfg(test)]
pub(crate) mod tests;
pub mod volume;

pub use auth::AuthConfig;
pub use container::{ContainerCreate, ContainerUpdate};
pub use exec::{ExecCreate, ExecStart};
pub use host_config::HostConfig;
pub use network::{NetworkConnect, NetworkCreate, NetworkDisconnect};
pub use query::Query;
pub use refusal::{Code, Refusal};
pub use route::{Matched, Route, Row, Treatment, Version, find};
pub use service::ServiceSpec;
pub use swarm::{ConfigSpec, NodeSpec, SecretSpec};
pub use volume::VolumeCreate;
