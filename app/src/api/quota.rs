//! Quotas: what one may have, and asking for more.

use leptos::prelude::*;
use model::{QuotaChoice, QuotaLimits, QuotaRequestView, TeamId, UserError};

use crate::ApiError;

/// A number that may be left out.
pub(super) fn number<T: std::str::FromStr>(
    field: &'static str,
    text: &str,
) -> Result<Option<T>, ApiError> {
    match text.trim() {
        "" => Ok(None),
        text => text
            .parse()
            .map(Some)
            .map_err(|_| crate::server::refused(UserError::invalid(field, "Type a whole number."))),
    }
}

/// The four fields of a quota's form; what is empty follows the panel's configuration.
pub(super) fn choice(field: &impl Fn(&str) -> String) -> Result<QuotaChoice, ApiError> {
    Ok(QuotaChoice {
        clusters: number("clusters", &field("clusters"))?,
        segments: number("segments", &field("segments"))?,
        memory_mib: number("memory_mib", &field("memory_mib"))?,
        disk_gib: number("disk_gib", &field("disk_gib"))?,
    })
}

/// The same of a form's arguments, in the order in which the form has them.
pub(super) fn choice_of(
    clusters: &str,
    segments: &str,
    memory_mib: &str,
    disk_gib: &str,
) -> Result<QuotaChoice, ApiError> {
    let field = |name: &str| {
        let text = match name {
            "clusters" => clusters,
            "segments" => segments,
            "memory_mib" => memory_mib,
            _ => disk_gib,
        };
        text.to_owned()
    };
    choice(&field)
}

#[server(endpoint = "quota_set")]
pub async fn quota_set(
    id: String,
    #[server(default)] clusters: String,
    #[server(default)] segments: String,
    #[server(default)] memory_mib: String,
    #[server(default)] disk_gib: String,
) -> Result<(), ApiError> {
    use crate::server::{self, actor, control, refused};
    let actor = actor()?;
    let person = server::id("account", &id)?;
    let choice = choice_of(&clusters, &segments, &memory_mib, &disk_gib)?;
    control()
        .quota_set(&actor, person, choice)
        .await
        .map_err(refused)?;
    leptos_axum::redirect(&format!("/people/{person}?done=quota"));
    Ok(())
}

#[server(endpoint = "quota_request_own")]
pub async fn quota_request_own() -> Result<Vec<QuotaRequestView>, ApiError> {
    use crate::server::{actor, control, refused};
    let actor = actor()?;
    control().quota_request_own(&actor).await.map_err(refused)
}

/// Where one sees what became of a request: a team's page, or one's own.
fn page_of(team: Option<TeamId>) -> String {
    team.map_or_else(
        || "/account/quota".to_owned(),
        |team| format!("/teams/{team}"),
    )
}

/// In the name of a team; left empty, in one's own.
#[server(endpoint = "quota_request_make")]
pub async fn quota_request_make(
    clusters: u32,
    segments: u32,
    memory_mib: u64,
    disk_gib: u64,
    reason: String,
    #[server(default)] team: String,
) -> Result<(), ApiError> {
    use crate::api::team::chosen;
    use crate::server::{actor, control, refused};
    let actor = actor()?;
    let wanted = QuotaLimits {
        clusters,
        segments,
        memory_mib,
        disk_gib,
    };
    let team = control()
        .quota_request_make(&actor, chosen(&team), wanted, &reason)
        .await
        .map_err(refused)?;
    leptos_axum::redirect(&format!("{}?done=request", page_of(team)));
    Ok(())
}

#[server(endpoint = "quota_request_withdraw")]
pub async fn quota_request_withdraw(id: String) -> Result<(), ApiError> {
    use crate::server::{self, actor, control, refused};
    let actor = actor()?;
    let request = server::id("request", &id)?;
    let team = control()
        .quota_request_withdraw(&actor, request)
        .await
        .map_err(refused)?;
    leptos_axum::redirect(&format!("{}?done=withdraw", page_of(team)));
    Ok(())
}
