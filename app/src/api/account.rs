//! One's own account.

use leptos::prelude::*;
use model::SessionView;

use crate::ApiError;

/// Changes the password, which ends the account's other sessions; tokens only where it is asked for.
#[server(endpoint = "password_change")]
pub async fn password_change(
    current: String,
    new: String,
    #[server(default)] end_tokens: bool,
) -> Result<(), ApiError> {
    use crate::server::{actor, control, refused};
    let actor = actor()?;
    control()
        .password_change(&actor, &current, &new, end_tokens)
        .await
        .map_err(|error| refused(error).typed("end_tokens", &end_tokens.to_string()))?;
    crate::session::renew().await?;
    leptos_axum::redirect("/account?done=password");
    Ok(())
}

#[server(endpoint = "session_list")]
pub async fn session_list() -> Result<Vec<SessionView>, ApiError> {
    use crate::server::{actor, control, refused};
    let actor = actor()?;
    control().session_list(&actor).await.map_err(refused)
}

#[server(endpoint = "session_end")]
pub async fn session_end(id: String) -> Result<(), ApiError> {
    use crate::server::{actor, control, refused};
    use model::UserError;
    let actor = actor()?;
    let id = id.parse().map_err(|_| {
        refused(UserError::NotFound {
            what: "session".to_owned(),
        })
    })?;
    control().session_end(&actor, id).await.map_err(refused)?;
    leptos_axum::redirect("/account/sessions?done=session");
    Ok(())
}
