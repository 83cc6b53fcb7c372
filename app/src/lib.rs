//! The panel's pages: one crate with two faces.
//!
//! `ssr` renders them in the server and runs the server functions; `hydrate` is what the browser
//! loads afterwards. Every page is whole and every form works before, or without, the second.
//! Nothing here decides anything: pages show views, server functions hand on to `control`.

pub mod api;
mod browser;
mod error;
mod format;
mod page;
mod root;
mod scale;
#[cfg(feature = "ssr")]
pub mod server;
#[cfg(feature = "ssr")]
pub mod session;
mod ui;

pub use error::ApiError;
pub use root::App;
#[cfg(feature = "ssr")]
pub use root::shell;
#[cfg(feature = "ssr")]
pub use server::routes;

/// The browser's entry: wakes the page that the server sent.
#[cfg(feature = "hydrate")]
#[wasm_bindgen::prelude::wasm_bindgen]
pub fn hydrate() {
    console_error_panic_hook::set_once();
    leptos::mount::hydrate_body(App);
}
