//! Teams, and whose a cluster is.

use leptos::prelude::*;
use model::{ClusterTeam, ListPage, TeamLineView, TeamView};

use crate::ApiError;

/// A form's field for a team or a host: left empty it means oneself, or whichever.
pub(super) fn chosen(team: &str) -> Option<&str> {
    Some(team.trim()).filter(|team| !team.is_empty())
}

#[server(endpoint = "team_list")]
pub async fn team_list(#[server(default)] page: u32) -> Result<ListPage<TeamLineView>, ApiError> {
    use crate::server::{actor, control, refused};
    let actor = actor()?;
    control().team_list(&actor, page).await.map_err(refused)
}

/// Those in which one may make clusters.
#[server(endpoint = "team_choices")]
pub async fn team_choices() -> Result<Vec<ClusterTeam>, ApiError> {
    use crate::server::{actor, control, refused};
    let actor = actor()?;
    control().team_choices(&actor).await.map_err(refused)
}

/// With a page of its people.
#[server(endpoint = "team_get")]
pub async fn team_get(id: String, #[server(default)] page: u32) -> Result<TeamView, ApiError> {
    use crate::server::{self, actor, control, refused};
    let actor = actor()?;
    let team = server::id("team", &id)?;
    control()
        .team_get(&actor, team, page)
        .await
        .map_err(refused)
}

#[server(endpoint = "team_create")]
pub async fn team_create(
    name: String,
    #[server(default)] clusters: String,
    #[server(default)] segments: String,
    #[server(default)] memory_mib: String,
    #[server(default)] disk_gib: String,
) -> Result<(), ApiError> {
    use crate::api::quota::choice_of;
    use crate::server::{actor, control, refused};
    let actor = actor()?;
    let choice = choice_of(&clusters, &segments, &memory_mib, &disk_gib)
        .map_err(|error| error.typed("name", &name))?;
    let team = control()
        .team_create(&actor, &name, choice)
        .await
        .map_err(|error| refused(error).typed("name", &name))?;
    leptos_axum::redirect(&format!("/teams/{team}?done=create"));
    Ok(())
}

#[server(endpoint = "team_rename")]
pub async fn team_rename(id: String, name: String) -> Result<(), ApiError> {
    use crate::server::{self, actor, control, refused};
    let actor = actor()?;
    let team = server::id("team", &id)?;
    control()
        .team_rename(&actor, team, &name)
        .await
        .map_err(|error| refused(error).typed("name", &name))?;
    leptos_axum::redirect(&format!("/teams/{team}?done=rename"));
    Ok(())
}

#[server(endpoint = "team_quota_set")]
pub async fn team_quota_set(
    id: String,
    #[server(default)] clusters: String,
    #[server(default)] segments: String,
    #[server(default)] memory_mib: String,
    #[server(default)] disk_gib: String,
) -> Result<(), ApiError> {
    use crate::api::quota::choice_of;
    use crate::server::{self, actor, control, refused};
    let actor = actor()?;
    let team = server::id("team", &id)?;
    let choice = choice_of(&clusters, &segments, &memory_mib, &disk_gib)?;
    control()
        .team_quota_set(&actor, team, choice)
        .await
        .map_err(refused)?;
    leptos_axum::redirect(&format!("/teams/{team}?done=quota"));
    Ok(())
}

#[server(endpoint = "team_delete")]
pub async fn team_delete(id: String, confirm_name: String) -> Result<(), ApiError> {
    use crate::server::{self, actor, control, refused};
    let actor = actor()?;
    let team = server::id("team", &id)?;
    control()
        .team_delete(&actor, team, &confirm_name)
        .await
        .map_err(|error| refused(error).typed("confirm_name", &confirm_name))?;
    leptos_axum::redirect("/teams?done=delete");
    Ok(())
}

/// Takes somebody in by the name of their account, or gives them another role.
#[server(endpoint = "team_person_set")]
pub async fn team_person_set(id: String, person: String, role: String) -> Result<(), ApiError> {
    use crate::server::{self, actor, control, refused};
    use model::UserError;
    let actor = actor()?;
    let team = server::id("team", &id)?;
    let role = role
        .parse()
        .map_err(|()| refused(UserError::invalid("role", "Choose a role.")))?;
    control()
        .team_person_set(&actor, team, &person, role)
        .await
        .map_err(|error| refused(error).typed("person", &person))?;
    leptos_axum::redirect(&format!("/teams/{team}?done=person"));
    Ok(())
}

/// Oneself, too.
#[server(endpoint = "team_person_remove")]
pub async fn team_person_remove(id: String, person: String) -> Result<(), ApiError> {
    use crate::server::{self, actor, control, refused};
    let actor = actor()?;
    let team = server::id("team", &id)?;
    let account = server::id("account", &person)?;
    control()
        .team_person_remove(&actor, team, account)
        .await
        .map_err(refused)?;
    // Who has left may see nothing of it any more.
    match control().team_get(&actor, team, 1).await {
        Ok(_) => leptos_axum::redirect(&format!("/teams/{team}?done=remove")),
        Err(_) => leptos_axum::redirect("/teams?done=leave"),
    }
    Ok(())
}

/// To a team; left empty, to oneself.
#[server(endpoint = "cluster_hand_over")]
pub async fn cluster_hand_over(
    id: String,
    #[server(default)] team: String,
) -> Result<(), ApiError> {
    use crate::server::{actor, cluster_id, control, refused};
    let actor = actor()?;
    control()
        .cluster_hand_over(&actor, cluster_id(&id)?, chosen(&team))
        .await
        .map_err(|error| refused(error).typed("team", &team))?;
    leptos_axum::redirect(&format!("/clusters/{id}/settings?done=handed"));
    Ok(())
}
