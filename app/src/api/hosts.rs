//! The machines below, and how the whole is.

use leptos::prelude::*;
use model::{HostChoiceView, HostsView, StatusView};

use crate::ApiError;

/// For administrators.
#[server(endpoint = "hosts_get")]
pub async fn hosts_get() -> Result<HostsView, ApiError> {
    use crate::server::{actor, control, refused};
    let actor = actor()?;
    control().hosts_get(&actor).await.map_err(refused)
}

/// Where a new cluster can be put; empty where there is one host alone.
#[server(endpoint = "host_choices")]
pub async fn host_choices() -> Result<Vec<HostChoiceView>, ApiError> {
    use crate::server::{actor, control, refused};
    let actor = actor()?;
    control().host_choices(&actor).await.map_err(refused)
}

/// The doctor looks at every host now.
#[server(endpoint = "hosts_examine")]
pub async fn hosts_examine() -> Result<(), ApiError> {
    use crate::server::{actor, control, refused};
    let actor = actor()?;
    control().hosts_examine(&actor).await.map_err(refused)?;
    leptos_axum::redirect("/hosts");
    Ok(())
}

/// `drained` is there or not, as a form's button says.
#[server(endpoint = "host_drain")]
pub async fn host_drain(name: String, drained: Option<String>) -> Result<(), ApiError> {
    use crate::server::{actor, control, refused};
    let actor = actor()?;
    control()
        .host_drain(&actor, &name, drained.is_some())
        .await
        .map_err(refused)?;
    leptos_axum::redirect("/hosts");
    Ok(())
}

/// For everybody, where the configuration says so; numbers and no names.
#[server(endpoint = "status")]
pub async fn status() -> Result<StatusView, ApiError> {
    use crate::server::{control, refused};
    control().status().await.map_err(refused)
}
