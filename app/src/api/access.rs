//! Ways in: certificates and one-time links to them.

use leptos::prelude::*;
use model::CertificateView;

use crate::ApiError;

#[server(endpoint = "certificate_list")]
pub async fn certificate_list(id: String) -> Result<Vec<CertificateView>, ApiError> {
    use crate::server::{actor, cluster_id, control, refused};
    let actor = actor()?;
    control()
        .certificate_list(&actor, cluster_id(&id)?)
        .await
        .map_err(refused)
}

#[server(endpoint = "certificate_revoke")]
pub async fn certificate_revoke(id: String, serial: String) -> Result<(), ApiError> {
    use crate::server::{actor, cluster_id, control, refused};
    let actor = actor()?;
    let cluster = cluster_id(&id)?;
    control()
        .certificate_revoke(&actor, cluster, &serial)
        .await
        .map_err(refused)?;
    leptos_axum::redirect(&format!("/clusters/{cluster}/access?done=revoked"));
    Ok(())
}

/// A shell command that fetches one bundle and points docker at the cluster.
#[server(endpoint = "bundle_link_make")]
pub async fn bundle_link_make(id: String) -> Result<String, ApiError> {
    use crate::server::{actor, browser_host, cluster_id, control, origin, refused};
    let actor = actor()?;
    let cluster = control()
        .cluster_get(&actor, cluster_id(&id)?)
        .await
        .map_err(refused)?;
    let bearer = control()
        .bundle_link_make(&actor, cluster.id, browser_host().as_deref())
        .await
        .map_err(refused)?;
    Ok(command(&origin(), &bearer.0, cluster.name.as_str()))
}

/// The same, when the access page itself was posted to: the way without script.
#[server(endpoint = "bundle_link_posted")]
pub async fn bundle_link_posted(id: String) -> Result<Option<String>, ApiError> {
    // Asked for over the wire it makes nothing: only a page being drawn can show it.
    if crate::server::is_page_posted() {
        bundle_link_make(id).await.map(Some)
    } else {
        Ok(None)
    }
}

fn command(origin: &str, bearer: &str, name: &str) -> String {
    format!(
        "curl -fsS -X POST -H 'Authorization: Bearer {bearer}' {origin}/bundle -o {name}.zip \
         && unzip -qo {name}.zip && . {name}/docker.env"
    )
}

#[cfg(test)]
mod tests {
    #[test]
    fn the_command_is_one_line() {
        assert_eq!(
            super::command("https://panel.example:8443", "abc", "demo"),
            "curl -fsS -X POST -H 'Authorization: Bearer abc' https://panel.example:8443/bundle \
             -o demo.zip && unzip -qo demo.zip && . demo/docker.env"
        );
    }
}
