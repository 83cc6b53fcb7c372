//! Light or dark.

use crate::dom::{on, root, target, window};

pub fn listen() {
    on("click", |event| {
        if target(&event, "[data-theme-toggle]").is_some() {
            toggle();
        }
    });
}

/// From what is shown to the other one; kept for the next visit.
fn toggle() {
    let prefers_dark = window()
        .match_media("(prefers-color-scheme: dark)")
        .ok()
        .flatten()
        .is_some_and(|query| query.matches());
    let is_dark = match root().get_attribute("data-theme").as_deref() {
        Some("dark") => true,
        Some("light") => false,
        _ => prefers_dark,
    };
    let theme = if is_dark { "light" } else { "dark" };
    let _ = root().set_attribute("data-theme", theme);
    if let Ok(Some(storage)) = window().local_storage() {
        let _ = storage.set_item("theme", theme);
    }
}
