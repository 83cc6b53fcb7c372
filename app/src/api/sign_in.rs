//! Setting up, signing in and out. Each gives the browser another session id.

use leptos::prelude::*;

use crate::ApiError;

/// No account exists yet.
#[server(endpoint = "setup_needed")]
pub async fn setup_needed() -> Result<bool, ApiError> {
    use crate::server::{control, refused};
    control().setup_needed().await.map_err(refused)
}

/// Makes the first account and signs it in.
#[server(endpoint = "setup_finish")]
pub async fn setup_finish(token: String, name: String, password: String) -> Result<(), ApiError> {
    use crate::server::{control, refused};
    let admitted = control()
        .setup_finish(&token, &name, &password)
        .await
        .map_err(|error| refused(error).typed("name", &name))?;
    crate::session::begin(&admitted).await?;
    leptos_axum::redirect("/clusters");
    Ok(())
}

#[server(endpoint = "sign_in")]
pub async fn sign_in(
    name: String,
    password: String,
    #[server(default)] next: String,
) -> Result<(), ApiError> {
    use crate::server::{control, local_path, refused, remote};
    use control::SignIn as Step;
    let step = control()
        .account_sign_in(&name, &password, remote())
        .await
        .map_err(|error| refused(error).typed("name", &name))?;
    match step {
        Step::Done(admitted) => {
            crate::session::begin(&admitted).await?;
            leptos_axum::redirect(local_path(&next));
        }
        Step::CodeNeeded(pending) => {
            crate::session::wait_for_code(&pending).await?;
            leptos_axum::redirect(&format!("/sign-in/code?next={}", local_path(&next)));
        }
    }
    Ok(())
}

/// The second step of a sign-in that this browser began.
#[server(endpoint = "sign_in_code")]
pub async fn sign_in_code(code: String, #[server(default)] next: String) -> Result<(), ApiError> {
    use crate::server::{control, local_path, refused};
    use model::UserError;
    let pending = crate::session::pending().await?;
    let pending = pending.ok_or_else(|| refused(UserError::SignedOut))?;
    let admitted = control()
        .sign_in_finish(&pending, &code)
        .await
        .map_err(refused)?;
    crate::session::begin(&admitted).await?;
    leptos_axum::redirect(local_path(&next));
    Ok(())
}

/// Proves that the person is still there.
#[server(endpoint = "confirm")]
pub async fn confirm(code: String, #[server(default)] next: String) -> Result<(), ApiError> {
    use crate::server::{actor, control, local_path, refused};
    let actor = actor()?;
    let at = control().confirm(&actor, &code).await.map_err(refused)?;
    crate::session::confirmed(at).await?;
    leptos_axum::redirect(local_path(&next));
    Ok(())
}

/// May strangers make accounts?
#[server(endpoint = "sign_up_is_open")]
pub async fn sign_up_is_open() -> Result<bool, ApiError> {
    use crate::server::{control, refused};
    control().sign_up_is_open().await.map_err(refused)
}

#[server(endpoint = "sign_up")]
pub async fn sign_up(name: String, password: String) -> Result<(), ApiError> {
    use crate::server::{control, refused, remote};
    let admitted = control()
        .sign_up(&name, &password, remote())
        .await
        .map_err(|error| refused(error).typed("name", &name))?;
    crate::session::begin(&admitted).await?;
    leptos_axum::redirect("/clusters");
    Ok(())
}

/// Makes the account that an invitation is for. Its secret never stands in an address.
#[server(endpoint = "invitation_accept")]
pub async fn invitation_accept(
    token: String,
    name: String,
    password: String,
) -> Result<(), ApiError> {
    use crate::server::{control, refused};
    let admitted = control()
        .invitation_accept(&token, &name, &password)
        .await
        .map_err(|error| refused(error).typed("name", &name))?;
    crate::session::begin(&admitted).await?;
    leptos_axum::redirect("/clusters");
    Ok(())
}

/// Sets the password that a link is for.
#[server(endpoint = "reset_finish")]
pub async fn reset_finish(token: String, password: String) -> Result<(), ApiError> {
    use crate::server::{control, refused};
    control()
        .reset_finish(&token, &password)
        .await
        .map_err(refused)?;
    leptos_axum::redirect("/sign-in?done=reset");
    Ok(())
}

#[server(endpoint = "sign_out")]
pub async fn sign_out() -> Result<(), ApiError> {
    crate::session::end().await?;
    leptos_axum::redirect("/sign-in");
    Ok(())
}
