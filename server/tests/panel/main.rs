//! The panel through its own door: the whole router over a real database and simulated hosts.
#![expect(clippy::unwrap_used, reason = "a test that cannot go on fails")]

mod anonymous;
mod api;
mod browser;
mod bundle;
mod config;
mod container;
mod discovery;
mod fake_provider;
mod foreign;
mod form;
mod front_door;
mod headers;
mod hosts;
mod language;
mod listener;
mod many;
mod metrics;
mod people;
mod proof;
mod provider;
mod roles;
mod session;
mod stack;
mod test_panel;
mod tls;
