//! The composition root: configuration, sessions, listeners, discovery, front door, shutdown.
//!
//! Nothing is decided here. A request becomes an [`control::Actor`] and a call of
//! [`control::Control`]; what the listeners and the front door do is what `control` says.

pub mod cli;
pub mod config;
pub mod counts;
pub mod discovery;
pub mod front_door;
pub mod http;
pub mod listener;
mod names;
pub mod panel;
pub mod prometheus;
mod provider;
mod telemetry;
pub mod tls;
