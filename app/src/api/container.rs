//! Containers, through the cluster's endpoint.

use leptos::prelude::*;
use model::{ContainerDetailView, ContainerUsageView, ContainerView, LogView, VariableView};

use crate::ApiError;

#[server(endpoint = "container_list")]
pub async fn container_list(id: String) -> Result<Vec<ContainerView>, ApiError> {
    use crate::server::{actor, cluster_id, control, refused};
    let actor = actor()?;
    control()
        .container_list(&actor, cluster_id(&id)?)
        .await
        .map_err(refused)
}

#[server(endpoint = "container_get")]
pub async fn container_get(id: String, container: String) -> Result<ContainerDetailView, ApiError> {
    use crate::server::{actor, cluster_id, container_ref, control, refused};
    let actor = actor()?;
    control()
        .container_get(&actor, cluster_id(&id)?, &container_ref(&container)?)
        .await
        .map_err(refused)
}

#[server(endpoint = "container_usage")]
pub async fn container_usage(
    id: String,
    container: String,
) -> Result<ContainerUsageView, ApiError> {
    use crate::server::{actor, cluster_id, container_ref, control, refused};
    let actor = actor()?;
    control()
        .container_usage(&actor, cluster_id(&id)?, &container_ref(&container)?)
        .await
        .map_err(refused)
}

/// The environment with its values, when the container's page itself was posted to.
#[server(endpoint = "container_environment_posted")]
pub async fn container_environment_posted(
    id: String,
    container: String,
) -> Result<Option<Vec<VariableView>>, ApiError> {
    use crate::server::{actor, cluster_id, container_ref, control, is_page_posted, refused};
    let actor = actor()?;
    let (cluster, container) = (cluster_id(&id)?, container_ref(&container)?);
    // Over the wire it only says whether there is such a container.
    if !is_page_posted() {
        control()
            .container_get(&actor, cluster, &container)
            .await
            .map_err(refused)?;
        return Ok(None);
    }
    control()
        .container_environment(&actor, cluster, &container)
        .await
        .map(Some)
        .map_err(refused)
}

/// `back`: `list` leads back to the list, everything else to the container.
#[server(endpoint = "container_act")]
pub async fn container_act(
    id: String,
    container: String,
    action: String,
    #[server(default)] back: String,
) -> Result<(), ApiError> {
    use crate::server::{actor, cluster_id, container_ref, control, refused};
    use model::{ContainerAction, UserError};
    let actor = actor()?;
    let cluster = cluster_id(&id)?;
    let container = container_ref(&container)?;
    let action: ContainerAction = match action.parse() {
        Ok(action) => action,
        // Nobody learns by it whether the cluster is there.
        Err(()) => {
            control()
                .cluster_get(&actor, cluster)
                .await
                .map_err(refused)?;
            let why = "There is no such thing to do with a container.";
            return Err(refused(UserError::invalid("action", why)));
        }
    };
    control()
        .container_act(&actor, cluster, &container, action)
        .await
        .map_err(refused)?;
    let page = match (back.as_str(), action) {
        ("list", _) | (_, ContainerAction::Remove) => String::new(),
        _ => format!("/{container}"),
    };
    leptos_axum::redirect(&format!(
        "/clusters/{cluster}/containers{page}?done={action}"
    ));
    Ok(())
}

/// `containers`: names or ids with commas between them.
#[server(endpoint = "container_log_tail")]
pub async fn container_log_tail(
    id: String,
    containers: String,
    tail: u32,
) -> Result<LogView, ApiError> {
    use crate::server::{actor, cluster_id, container_ref, control, refused};
    /// More is for the file.
    const TAIL_MAX: u32 = 5_000;
    let actor = actor()?;
    let cluster = cluster_id(&id)?;
    let wanted = containers
        .split(',')
        .filter(|name| !name.is_empty())
        .map(container_ref)
        .collect::<Result<Vec<_>, _>>()?;
    control()
        .container_log_tail(&actor, cluster, &wanted, tail.min(TAIL_MAX))
        .await
        .map_err(refused)
}
