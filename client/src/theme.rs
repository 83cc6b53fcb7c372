//! Light or dark.

use crate::dom::{on, root, target, window};

pub fn listen() {
    on("click", |event| {
        if target(&event, "[data-theme-toggle]").is_some() {
            toggle();
        }
    });
}

/// From what is shown to the other one, kept for the next visit; back to what the system wants where
/// that is the other one.
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
    let storage = window().local_storage().ok().flatten();
    if is_dark != prefers_dark {
        let _ = root().remove_attribute("data-theme");
        if let Some(storage) = storage {
            let _ = storage.remove_item("theme");
        }
        return;
    }
    let _ = root().set_attribute("data-theme", theme);
    if let Some(storage) = storage {
        let _ = storage.set_item("theme", theme);
    }
}
