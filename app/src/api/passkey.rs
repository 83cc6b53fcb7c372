//! Passkeys: what a browser's script is told to ask for, and what it brings back. What is asked is
//! called by script; the answer comes in a form, as everything else does.

use leptos::prelude::*;
use model::PasskeysView;

use crate::ApiError;

#[server(endpoint = "passkey_list")]
pub async fn passkey_list() -> Result<PasskeysView, ApiError> {
    use crate::server::{actor, browser_authority, control, refused};
    let actor = actor()?;
    control()
        .passkeys(&actor, &browser_authority())
        .await
        .map_err(refused)
}

/// Options for `navigator.credentials.create`, as JSON.
#[server(endpoint = "passkey_add_begin")]
pub async fn passkey_add_begin(name: String) -> Result<String, ApiError> {
    use crate::server::{actor, browser_authority, control, refused};
    let actor = actor()?;
    let begun = control()
        .passkey_add_begin(&actor, &name, &browser_authority())
        .await
        .map_err(refused)?;
    crate::session::wait_for_passkey(&begun.waiting).await?;
    Ok(begun.options)
}

#[server(endpoint = "passkey_add")]
pub async fn passkey_add(name: String, #[server(default)] answer: String) -> Result<(), ApiError> {
    use crate::server::{actor, browser_authority, control, refused};
    let actor = actor()?;
    let waiting = crate::session::take_passkey_waiting().await?;
    control()
        .passkey_add(
            &actor,
            waiting.as_ref(),
            &name,
            &answer,
            &browser_authority(),
        )
        .await
        .map_err(|error| refused(error).typed("name", &name))?;
    crate::session::renew().await?;
    leptos_axum::redirect("/account/passkeys?done=add");
    Ok(())
}

#[server(endpoint = "passkey_remove")]
pub async fn passkey_remove(id: String) -> Result<(), ApiError> {
    use crate::server::{self, actor, control, refused};
    let actor = actor()?;
    let id = server::id("passkey", &id)?;
    control()
        .passkey_remove(&actor, id)
        .await
        .map_err(refused)?;
    crate::session::renew().await?;
    leptos_axum::redirect("/account/passkeys?done=remove");
    Ok(())
}

/// Options for `navigator.credentials.get`, as JSON, for somebody who is not signed in.
#[server(endpoint = "passkey_sign_in_begin")]
pub async fn passkey_sign_in_begin() -> Result<String, ApiError> {
    use crate::server::{browser_authority, control, refused, remote};
    let begun = control()
        .passkey_sign_in_begin(&browser_authority(), remote())
        .await
        .map_err(refused)?;
    crate::session::wait_for_passkey(&begun.waiting).await?;
    Ok(begun.options)
}

#[server(endpoint = "passkey_sign_in")]
pub async fn passkey_sign_in(
    #[server(default)] answer: String,
    #[server(default)] next: String,
) -> Result<(), ApiError> {
    use crate::server::{browser_authority, control, local_path, refused, remote};
    let waiting = crate::session::take_passkey_waiting().await?;
    let admitted = control()
        .passkey_sign_in(waiting.as_ref(), &answer, &browser_authority(), remote())
        .await
        .map_err(refused)?;
    crate::session::begin(&admitted).await?;
    leptos_axum::redirect(local_path(&next));
    Ok(())
}

/// Options for `navigator.credentials.get`, as JSON, for somebody who has to prove to be there.
#[server(endpoint = "passkey_confirm_begin")]
pub async fn passkey_confirm_begin() -> Result<String, ApiError> {
    use crate::server::{actor, browser_authority, control, refused};
    let actor = actor()?;
    let begun = control()
        .passkey_confirm_begin(&actor, &browser_authority())
        .await
        .map_err(refused)?;
    crate::session::wait_for_passkey(&begun.waiting).await?;
    Ok(begun.options)
}

#[server(endpoint = "passkey_confirm")]
pub async fn passkey_confirm(
    #[server(default)] answer: String,
    #[server(default)] next: String,
) -> Result<(), ApiError> {
    use crate::server::{actor, browser_authority, control, local_path, refused};
    let actor = actor()?;
    let waiting = crate::session::take_passkey_waiting().await?;
    let at = control()
        .passkey_confirm(&actor, waiting.as_ref(), &answer, &browser_authority())
        .await
        .map_err(refused)?;
    crate::session::confirmed(at).await?;
    leptos_axum::redirect(local_path(&next));
    Ok(())
}
