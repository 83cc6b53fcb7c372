//! The panel's pages, drawn by the server, and the server functions that their forms are sent to.
//!
//! Every page is whole and every form works by itself; what a browser with script adds (nothing
//! reloads, times tick, text copies) is the crate `client`, which knows no page. Nothing here
//! decides anything: pages show views, server functions hand on to `control`.

pub mod api;
mod audit_words;
mod error;
mod event_line;
mod format;
mod log_line;
mod page;
mod posted;
mod root;
mod scale;
pub mod server;
pub mod session;
mod ui;
mod unsaved;
#[allow(dead_code, reason = "pages come to use all of it one after another")]
mod words;

pub use error::ApiError;
pub use event_line::{event_kind, event_line_spoken};
pub use log_line::{log_line_html, log_line_text};
pub use root::{App, shell};
pub use server::routes;
pub use words::Language;
