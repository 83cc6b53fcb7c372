//! Signing in at an identity provider: away to it, back from it, and which account it opens.

use leptos::prelude::*;
use model::WaysInView;

use crate::ApiError;

#[server(endpoint = "ways_in")]
pub async fn ways_in() -> Result<WaysInView, ApiError> {
    use crate::server::{actor, control, refused};
    let actor = actor()?;
    control().ways_in(&actor).await.map_err(refused)
}

#[server(endpoint = "provider_disconnect")]
pub async fn provider_disconnect() -> Result<(), ApiError> {
    use crate::server::{actor, control, refused};
    let actor = actor()?;
    control()
        .provider_disconnect(&actor)
        .await
        .map_err(refused)?;
    leptos_axum::redirect("/account?done=disconnect");
    Ok(())
}

/// Where the browser goes next, as the page that is being drawn was asked by its form; nothing
/// when it was not.
pub async fn provider_begun() -> Result<Option<String>, ApiError> {
    use crate::server::{control, local_path, posted, refused, remote, signed_in};
    use control::ProviderPurpose as Purpose;
    let Some(field) = posted("provider") else {
        return Ok(None);
    };
    let purpose = match field("purpose").as_str() {
        "confirm" => Purpose::Confirm,
        "connect" => Purpose::Connect,
        _ => Purpose::SignIn,
    };
    let actor = signed_in();
    // It is kept in the session: no page of ours has a longer address.
    let next = Some(field("next")).filter(|next| next.len() <= 1000);
    let next = next.unwrap_or_default();
    let begun = control()
        .provider_begin(actor.as_ref(), purpose, local_path(&next), remote())
        .await
        .map_err(refused)?;
    crate::session::wait_for_provider(&begun.waiting).await?;
    Ok(Some(begun.url))
}

/// What the provider sent the browser back with. Leads on where the person wanted to be.
pub async fn provider_finished(answer: control::ProviderAnswer) -> Result<(), ApiError> {
    use crate::server::{control, refused, remote, signed_in};
    use control::ProviderDone as Done;
    use model::UserError;
    let waiting = crate::session::take_provider_waiting().await?;
    let waiting = waiting.ok_or_else(|| {
        let why = "This answer belongs to another sign-in, or was used already. Begin again.";
        refused(UserError::NotAllowed {
            why: why.to_owned(),
        })
    })?;
    let actor = signed_in();
    let done = control()
        .provider_finish(actor.as_ref(), &waiting, &answer, remote())
        .await
        .map_err(refused)?;
    match done {
        Done::SignedIn(admitted) => crate::session::begin(&admitted).await?,
        Done::Confirmed(at) => crate::session::confirmed(at).await?,
        Done::Connected => crate::session::renew().await?,
    }
    leptos_axum::redirect(&waiting.next);
    Ok(())
}
