//! Signing in and out: the only place of the pages that writes a session.

use axum::http::request::Parts;
use control::{Admitted, PasskeyWaiting, Pending, ProviderWaiting};
use leptos::prelude::*;
use model::{UnixMs, UserError};
use tower_sessions::Session;

use crate::ApiError;
use crate::server::{browser_agent, control, refused, remote};

/// Under this key a session carries the account's id, as text. The server's middleware turns it
/// into the request's `Actor`.
pub const ACCOUNT_KEY: &str = "account";
/// The account's at the proof that the session begins with.
const EPOCH_KEY: &str = "epoch";
/// What a session is called where it can be ended. It stays through every change of the id; a new
/// sign-in gets a new one.
const SESSION_KEY: &str = "session";
/// What the list of sessions tells them apart by.
const AGENT_KEY: &str = "agent";
const ADDRESS_KEY: &str = "address";
/// When the person last proved to be there.
const CONFIRMED_KEY: &str = "confirmed";
/// A sign-in that waits for its code.
const PENDING_KEY: &str = "pending";
/// A way to an identity provider that is not yet come back.
const PROVIDER_KEY: &str = "provider";
/// A passkey that was asked for and has not answered.
const PASSKEY_KEY: &str = "passkey";

/// Gives the browser a new session id and the account to go with it. The old id is worthless
/// afterwards, so that nobody can plant one.
pub async fn begin(admitted: &Admitted) -> Result<(), ApiError> {
    leave().await?;
    let session = session()?;
    session.cycle_id().await.map_err(failed)?;
    let _: Option<String> = session.remove(SESSION_KEY).await.map_err(failed)?;
    session
        .insert(ACCOUNT_KEY, admitted.account.id.to_string())
        .await
        .map_err(failed)?;
    session
        .insert(EPOCH_KEY, admitted.epoch)
        .await
        .map_err(failed)?;
    session
        .insert(AGENT_KEY, browser_agent())
        .await
        .map_err(failed)?;
    session
        .insert(ADDRESS_KEY, remote().to_string())
        .await
        .map_err(failed)?;
    let _: Option<Pending> = session.remove(PENDING_KEY).await.map_err(failed)?;
    let _: Option<ProviderWaiting> = session.remove(PROVIDER_KEY).await.map_err(failed)?;
    let _: Option<PasskeyWaiting> = session.remove(PASSKEY_KEY).await.map_err(failed)?;
    session
        .insert(CONFIRMED_KEY, control().now())
        .await
        .map_err(failed)
}

/// The password was right, a code is missing: nobody is signed in yet, and whoever was is not any
/// more.
pub async fn wait_for_code(pending: &Pending) -> Result<(), ApiError> {
    leave().await?;
    let session = session()?;
    session.clear().await;
    session.cycle_id().await.map_err(failed)?;
    session.insert(PENDING_KEY, pending).await.map_err(failed)
}

/// The sign-in that this browser began.
pub async fn pending() -> Result<Option<Pending>, ApiError> {
    session()?.get(PENDING_KEY).await.map_err(failed)
}

/// The browser goes to an identity provider. Whoever planted this session's id, or saw it, knows
/// it no longer.
pub async fn wait_for_provider(waiting: &ProviderWaiting) -> Result<(), ApiError> {
    let session = session()?;
    session.cycle_id().await.map_err(failed)?;
    session.insert(PROVIDER_KEY, waiting).await.map_err(failed)
}

/// The way to the provider that this browser is on, taken out before anything else is done with
/// it. Whoever is on none gets no session by asking.
pub async fn take_provider_waiting() -> Result<Option<ProviderWaiting>, ApiError> {
    let session = session()?;
    let waiting = session.remove(PROVIDER_KEY).await.map_err(failed)?;
    if waiting.is_some() {
        session.save().await.map_err(failed)?;
    }
    Ok(waiting)
}

/// The browser is asked for a passkey. Whoever planted the session's id of somebody who is not signed
/// in yet knows it no longer.
pub async fn wait_for_passkey(waiting: &PasskeyWaiting) -> Result<(), ApiError> {
    let session = session()?;
    if crate::server::signed_in().is_none() {
        session.cycle_id().await.map_err(failed)?;
    }
    session.insert(PASSKEY_KEY, waiting).await.map_err(failed)
}

/// What the browser was asked, taken out before anything else is done with it. Whoever was asked
/// nothing gets no session by answering.
pub async fn take_passkey_waiting() -> Result<Option<PasskeyWaiting>, ApiError> {
    let session = session()?;
    let waiting = session.remove(PASSKEY_KEY).await.map_err(failed)?;
    if waiting.is_some() {
        session.save().await.map_err(failed)?;
    }
    Ok(waiting)
}

/// The person proved to be there. The id changes, as it does whenever a session may do more.
pub async fn confirmed(at: UnixMs) -> Result<(), ApiError> {
    let session = session()?;
    session.cycle_id().await.map_err(failed)?;
    session.insert(CONFIRMED_KEY, at).await.map_err(failed)
}

/// Forgets the session here and in the store.
pub async fn end() -> Result<(), ApiError> {
    leave().await?;
    session()?.flush().await.map_err(failed)
}

/// Whoever is signed in here is not any more, with all that this browser has open.
async fn leave() -> Result<(), ApiError> {
    match crate::server::signed_in() {
        Some(actor) => control().session_leave(&actor).await.map_err(refused),
        None => Ok(()),
    }
}

/// A new id for a session that goes on, after its password changed.
pub async fn renew() -> Result<(), ApiError> {
    session()?.cycle_id().await.map_err(failed)
}

fn session() -> Result<Session, ApiError> {
    use_context::<Parts>()
        .and_then(|parts| parts.extensions.get::<Session>().cloned())
        .ok_or_else(|| refused(unavailable()))
}

fn failed(error: tower_sessions::session::Error) -> ApiError {
    tracing::error!(
        error = &error as &dyn std::error::Error,
        "the session could not be stored"
    );
    refused(unavailable())
}

fn unavailable() -> UserError {
    UserError::Unavailable {
        what: "Signing in".to_owned(),
    }
}
