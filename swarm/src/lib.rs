//! `swarm`: the program inside every cluster.
//!
//! Two roles of it run in each segment as ordinary containers: `join` (the agent: the engine's
//! only door to the network) and `manage` (the manager: the cluster's Docker API). Flags,
//! discovery URLs and texts are those of the archived Docker Swarm, so it stands in for it.
//!
//! What must not happen here: a request that is not in the route table, or a body that was not
//! parsed, checked and written anew, reaching an engine.

pub mod agent;
pub mod api;
pub mod cli;
#[cfg(test)]
#[path = "../tests/pages/compare.rs"]
mod compare;
pub mod discovery;
pub mod engine;
pub mod http;
pub mod limits;
pub mod log;
pub mod manage;
pub mod policy;
pub mod schedule;
pub mod term;
pub mod tls;

/// What `docker version` shows for a manager, after `swarm/`.
pub const VERSION: &str = env!("CARGO_PKG_VERSION");
