//! What holds for the whole panel; for administrators.

use leptos::prelude::*;
use model::SettingsView;

use crate::ApiError;

#[server(endpoint = "settings_get")]
pub async fn settings_get() -> Result<SettingsView, ApiError> {
    use crate::server::{actor, control, refused};
    let actor = actor()?;
    control().settings_get(&actor).await.map_err(refused)
}

/// What is left empty follows the configuration.
#[server(endpoint = "quota_default_set")]
pub async fn quota_default_set(
    #[server(default)] clusters: String,
    #[server(default)] segments: String,
) -> Result<(), ApiError> {
    use super::quota::choice_of;
    use crate::server::{actor, control, refused};
    let actor = actor()?;
    let typed = |error: ApiError| {
        error
            .typed("clusters", &clusters)
            .typed("segments", &segments)
    };
    let choice = choice_of(&clusters, &segments, "", "").map_err(typed)?;
    control()
        .quota_default_set(&actor, choice)
        .await
        .map_err(|error| typed(refused(error)))?;
    leptos_axum::redirect("/settings?done=quota");
    Ok(())
}

/// `public` is there or not, as a form's button says.
#[server(endpoint = "status_page_set")]
pub async fn status_page_set(public: Option<String>) -> Result<(), ApiError> {
    use crate::server::{actor, control, refused};
    let actor = actor()?;
    control()
        .status_page_set(&actor, public.is_some())
        .await
        .map_err(refused)?;
    leptos_axum::redirect("/settings?done=status");
    Ok(())
}
