//! The audit.

use leptos::prelude::*;
use model::AuditPage;

use crate::ApiError;

#[server(endpoint = "audit_list")]
pub async fn audit_list(
    #[server(default)] person: String,
    #[server(default)] action: String,
    #[server(default)] subject: String,
    #[server(default)] since: String,
    #[server(default)] until: String,
    #[server(default)] before: String,
) -> Result<AuditPage, ApiError> {
    use crate::server::{actor, control, refused};
    use control::AuditQuery;
    let actor = actor()?;
    let query = AuditQuery {
        person,
        action,
        subject,
        before: Some(before),
        ..AuditQuery::default()
    }
    .between(&since, &until);
    control().audit_page(&actor, &query).await.map_err(refused)
}
