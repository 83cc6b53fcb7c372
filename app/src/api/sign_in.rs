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
    let account = control()
        .setup_finish(&token, &name, &password)
        .await
        .map_err(|error| refused(error).typed("name", &name))?;
    crate::session::begin(&account).await?;
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
    let account = control()
        .account_sign_in(&name, &password, remote())
        .await
        .map_err(|error| refused(error).typed("name", &name))?;
    crate::session::begin(&account).await?;
    leptos_axum::redirect(local_path(&next));
    Ok(())
}

#[server(endpoint = "sign_out")]
pub async fn sign_out() -> Result<(), ApiError> {
    crate::session::end().await?;
    leptos_axum::redirect("/sign-in");
    Ok(())
}
