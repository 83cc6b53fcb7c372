//! Which language the pages speak to this browser.

use leptos::prelude::*;

use crate::ApiError;

/// Keeps the choice in a cookie, and leads back to the page it was made on. What is no language
/// here changes nothing.
#[server(endpoint = "language_choose")]
pub async fn language_choose(
    language: String,
    #[server(default)] back: String,
) -> Result<(), ApiError> {
    use crate::server::{cookie_set, local_path};
    use crate::words::{COOKIE_NAME, Language};
    const YEAR_S: u32 = 365 * 24 * 3600;
    if let Some(language) = Language::from_tag(&language) {
        cookie_set(COOKIE_NAME, language.tag(), YEAR_S);
    }
    leptos_axum::redirect(local_path(&back));
    Ok(())
}
