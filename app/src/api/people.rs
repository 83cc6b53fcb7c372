//! People, for administrators.

use leptos::prelude::*;
use model::{InvitationView, ListPage, PersonView, QuotaRequestView};

use crate::ApiError;

/// Those whose names have `q` in them, by the page.
#[server(endpoint = "person_list")]
pub async fn person_list(
    #[server(default)] q: String,
    #[server(default)] page: u32,
) -> Result<ListPage<PersonView>, ApiError> {
    use crate::server::{actor, control, refused};
    let actor = actor()?;
    control()
        .person_list(&actor, &q, page)
        .await
        .map_err(refused)
}

#[server(endpoint = "person_get")]
pub async fn person_get(id: String) -> Result<PersonView, ApiError> {
    use crate::server::{self, actor, control, refused};
    let actor = actor()?;
    let person = server::id("account", &id)?;
    control().person_get(&actor, person).await.map_err(refused)
}

#[server(endpoint = "role_set")]
pub async fn role_set(id: String, role: String) -> Result<(), ApiError> {
    use crate::server::{self, actor, control, refused};
    use model::UserError;
    let actor = actor()?;
    let person = server::id("account", &id)?;
    let role = role
        .parse()
        .map_err(|()| refused(UserError::invalid("role", "Choose a role.")))?;
    control()
        .role_set(&actor, person, role)
        .await
        .map_err(refused)?;
    leptos_axum::redirect(&format!("/people/{person}?done=role"));
    Ok(())
}

#[server(endpoint = "person_suspend")]
pub async fn person_suspend(id: String) -> Result<(), ApiError> {
    use crate::server::{self, actor, control, refused};
    let actor = actor()?;
    let person = server::id("account", &id)?;
    control()
        .person_suspend(&actor, person)
        .await
        .map_err(refused)?;
    leptos_axum::redirect(&format!("/people/{person}?done=suspend"));
    Ok(())
}

#[server(endpoint = "person_unsuspend")]
pub async fn person_unsuspend(id: String) -> Result<(), ApiError> {
    use crate::server::{self, actor, control, refused};
    let actor = actor()?;
    let person = server::id("account", &id)?;
    control()
        .person_unsuspend(&actor, person)
        .await
        .map_err(refused)?;
    leptos_axum::redirect(&format!("/people/{person}?done=unsuspend"));
    Ok(())
}

#[server(endpoint = "person_delete")]
pub async fn person_delete(id: String, confirm_name: String) -> Result<(), ApiError> {
    use crate::server::{self, actor, control, refused};
    let actor = actor()?;
    let person = server::id("account", &id)?;
    control()
        .person_delete(&actor, person, &confirm_name)
        .await
        .map_err(|error| refused(error).typed("confirm_name", &confirm_name))?;
    leptos_axum::redirect("/people?done=delete");
    Ok(())
}

#[server(endpoint = "two_factor_reset")]
pub async fn two_factor_reset(id: String) -> Result<(), ApiError> {
    use crate::server::{self, actor, control, refused};
    let actor = actor()?;
    let person = server::id("account", &id)?;
    control()
        .two_factor_reset(&actor, person)
        .await
        .map_err(refused)?;
    leptos_axum::redirect(&format!("/people/{person}?done=two-factor"));
    Ok(())
}

#[server(endpoint = "passkey_reset")]
pub async fn passkey_reset(id: String) -> Result<(), ApiError> {
    use crate::server::{self, actor, control, refused};
    let actor = actor()?;
    let person = server::id("account", &id)?;
    control()
        .passkey_reset(&actor, person)
        .await
        .map_err(refused)?;
    leptos_axum::redirect(&format!("/people/{person}?done=passkeys"));
    Ok(())
}

#[server(endpoint = "invitation_list")]
pub async fn invitation_list() -> Result<Vec<InvitationView>, ApiError> {
    use crate::server::{actor, control, refused};
    let actor = actor()?;
    control().invitation_list(&actor).await.map_err(refused)
}

#[server(endpoint = "invitation_revoke")]
pub async fn invitation_revoke(id: String) -> Result<(), ApiError> {
    use crate::server::{self, actor, control, refused};
    let actor = actor()?;
    let invitation = server::id("invitation", &id)?;
    control()
        .invitation_revoke(&actor, invitation)
        .await
        .map_err(refused)?;
    leptos_axum::redirect("/people?done=revoke");
    Ok(())
}

#[server(endpoint = "sign_up_set")]
pub async fn sign_up_set(open: bool) -> Result<(), ApiError> {
    use crate::server::{actor, control, refused};
    let actor = actor()?;
    control().sign_up_set(&actor, open).await.map_err(refused)?;
    leptos_axum::redirect("/people?done=sign-up");
    Ok(())
}

#[server(endpoint = "quota_request_list")]
pub async fn quota_request_list(
    #[server(default)] page: u32,
) -> Result<ListPage<QuotaRequestView>, ApiError> {
    use crate::server::{actor, control, refused};
    let actor = actor()?;
    control()
        .quota_request_list(&actor, page)
        .await
        .map_err(refused)
}

#[server(endpoint = "quota_request_decide")]
pub async fn quota_request_decide(
    id: String,
    decision: String,
    #[server(default)] answer: String,
) -> Result<(), ApiError> {
    use crate::server::{self, actor, control, refused};
    use model::UserError;
    let actor = actor()?;
    let request = server::id("request", &id)?;
    let is_granted = match decision.as_str() {
        "grant" => true,
        "decline" => false,
        _ => {
            let why = "Grant it or decline it.";
            return Err(refused(UserError::invalid("decision", why)));
        }
    };
    control()
        .quota_request_decide(&actor, request, is_granted, &answer)
        .await
        .map_err(refused)?;
    leptos_axum::redirect("/people?done=request");
    Ok(())
}

/// The link that was asked for by posting the page that is being drawn.
pub async fn invitation_posted() -> Result<Option<String>, ApiError> {
    use crate::api::quota::choice;
    use crate::server::{actor, control, origin, posted, refused};
    use model::UserError;
    let Some(field) = posted("invitation") else {
        return Ok(None);
    };
    let actor = actor()?;
    let role = field("role").parse().map_err(|()| {
        let why = "Choose a role.";
        refused(UserError::invalid("role", why))
    })?;
    let days = field("days").trim().parse().unwrap_or(0);
    let spec = control::InvitationSpec {
        note: field("note"),
        role,
        quota: choice(&field)?,
        days,
    };
    let made = control().invitation_make(&actor, spec).await;
    let secret = made.map_err(|error| refused(error).typed("note", &field("note")))?;
    Ok(Some(format!("{}/invitation#{}", origin(), secret.0)))
}

/// The same for somebody's new password.
pub async fn reset_link_posted(id: String) -> Result<Option<String>, ApiError> {
    use crate::server::{self, actor, control, origin, posted, refused};
    if posted("reset").is_none() {
        return Ok(None);
    }
    let actor = actor()?;
    let person = server::id("account", &id)?;
    let made = control().reset_link_make(&actor, person).await;
    let secret = made.map_err(refused)?;
    Ok(Some(format!("{}/reset#{}", origin(), secret.0)))
}
