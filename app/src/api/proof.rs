//! One's own proofs: the second factor, and tokens for programs.

use leptos::prelude::*;
use model::{TokenView, TwoFactorView};

use crate::ApiError;

#[server(endpoint = "two_factor_get")]
pub async fn two_factor_get() -> Result<TwoFactorView, ApiError> {
    use crate::server::{actor, control, refused};
    let actor = actor()?;
    control().two_factor_view(&actor).await.map_err(refused)
}

#[server(endpoint = "two_factor_begin")]
pub async fn two_factor_begin() -> Result<(), ApiError> {
    use crate::server::{actor, control, refused};
    let actor = actor()?;
    control().two_factor_begin(&actor).await.map_err(refused)?;
    leptos_axum::redirect("/account/two-factor");
    Ok(())
}

#[server(endpoint = "two_factor_end")]
pub async fn two_factor_end() -> Result<(), ApiError> {
    use crate::server::{actor, control, refused};
    let actor = actor()?;
    control().two_factor_end(&actor).await.map_err(refused)?;
    crate::session::renew().await?;
    leptos_axum::redirect("/account/two-factor?done=off");
    Ok(())
}

#[server(endpoint = "token_list")]
pub async fn token_list() -> Result<Vec<TokenView>, ApiError> {
    use crate::server::{actor, control, refused};
    let actor = actor()?;
    control().token_list(&actor).await.map_err(refused)
}

#[server(endpoint = "token_revoke")]
pub async fn token_revoke(id: String) -> Result<(), ApiError> {
    use crate::server::{self, actor, control, refused};
    let actor = actor()?;
    let token = server::id("token", &id)?;
    control()
        .token_revoke(&actor, token)
        .await
        .map_err(refused)?;
    leptos_axum::redirect("/account/tokens?done=revoke");
    Ok(())
}

/// All of one's own.
#[server(endpoint = "token_revoke_all")]
pub async fn token_revoke_all() -> Result<(), ApiError> {
    use crate::server::{actor, control, refused};
    let actor = actor()?;
    control().token_revoke_all(&actor).await.map_err(refused)?;
    leptos_axum::redirect("/account/tokens?done=revoke-all");
    Ok(())
}

/// The recovery codes that were asked for by posting the page that is being drawn: by a first
/// code, or anew.
pub async fn recovery_codes_posted() -> Result<Option<Vec<String>>, ApiError> {
    use crate::server::{actor, control, posted, refused};
    if let Some(field) = posted("two-factor") {
        let actor = actor()?;
        let made = control().two_factor_finish(&actor, &field("code")).await;
        let codes = made.map_err(refused)?;
        crate::session::renew().await?;
        return Ok(Some(codes));
    }
    if posted("codes").is_some() {
        let actor = actor()?;
        let made = control().recovery_codes_make(&actor).await;
        return made.map(Some).map_err(refused);
    }
    Ok(None)
}

/// The token that was asked for in the same way.
pub async fn token_posted() -> Result<Option<String>, ApiError> {
    use crate::server::{actor, control, posted, refused};
    use model::Scope;
    let Some(field) = posted("token") else {
        return Ok(None);
    };
    let actor = actor()?;
    let scopes: Vec<Scope> = Scope::ALL
        .iter()
        .copied()
        .filter(|scope| !field(&format!("scope-{scope}")).is_empty())
        .collect();
    let days = field("days").trim().parse().unwrap_or(0);
    let made = control()
        .token_make(&actor, &field("name"), &scopes, days)
        .await;
    let secret = made.map_err(|error| refused(error).typed("name", &field("name")))?;
    Ok(Some(secret.0))
}
