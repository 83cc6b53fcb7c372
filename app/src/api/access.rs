//! Ways in: certificates, one-time links to them, and whether the way is open.

use leptos::prelude::*;
use model::{AccessTestView, CertificateView, CertificatesView};

use crate::ApiError;

/// What a command is for.
#[derive(Debug, Clone, Copy, PartialEq, Eq, serde::Serialize, serde::Deserialize)]
pub enum Shell {
    Bash,
    Fish,
    PowerShell,
    Cmd,
    /// No shell at all: Docker's own contexts.
    Context,
}

impl Shell {
    pub const ALL: [Self; 5] = [
        Self::Bash,
        Self::Fish,
        Self::PowerShell,
        Self::Cmd,
        Self::Context,
    ];

    /// One line that fetches credentials by a one-time code and points Docker at the cluster.
    pub fn line(self, origin: &str, bearer: &str, name: &str) -> String {
        let fetch = |quote: char, from: &str, into: &str| {
            format!(
                "curl -fsS -X POST -H {quote}Authorization: Bearer {bearer}{quote} \
                 {origin}/{from} -o {name}.{into}"
            )
        };
        match self {
            Self::Bash => {
                let fetch = fetch('\'', "bundle", "zip");
                format!("{fetch} && unzip -qo {name}.zip && . {name}/docker.env")
            }
            Self::Fish => {
                let fetch = fetch('\'', "bundle", "zip");
                format!("{fetch}; and unzip -qo {name}.zip; and source {name}/docker.fish")
            }
            // Not by running the script: by default Windows runs none. In a block of its own, so
            // that it ends with the first step that fails.
            Self::PowerShell => format!(
                "& {{ $ErrorActionPreference='Stop'; Invoke-WebRequest -UseBasicParsing \
                 -Method Post -Headers @{{Authorization='Bearer {bearer}'}} -Uri {origin}/bundle \
                 -OutFile {name}.zip; Expand-Archive -Force {name}.zip .; \
                 (Get-Content {name}/docker.ps1 -Raw).Replace('$PSScriptRoot','\"$pwd/{name}\"') \
                 | Invoke-Expression }}"
            ),
            Self::Cmd => {
                let fetch = fetch('"', "bundle", "zip");
                format!("{fetch} && tar -xf {name}.zip && call {name}\\docker.cmd")
            }
            Self::Context => {
                let fetch = fetch('"', "bundle/context", "dockercontext");
                format!(
                    "{fetch} && docker context import {name} {name}.dockercontext \
                     && docker --context {name} info"
                )
            }
        }
    }
}

/// Some of them, the newest first.
#[server(endpoint = "certificate_page")]
pub async fn certificate_page(
    id: String,
    #[server(default)] page: u32,
) -> Result<CertificatesView, ApiError> {
    use crate::server::{actor, cluster_id, control, refused};
    let actor = actor()?;
    control()
        .certificate_page(&actor, cluster_id(&id)?, page)
        .await
        .map_err(refused)
}

/// All of them: those that would go with one click.
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

/// All certificates at once; new ones are made by whoever needs one.
#[server(endpoint = "certificate_revoke_all")]
pub async fn certificate_revoke_all(id: String, confirm_name: String) -> Result<(), ApiError> {
    use crate::server::{actor, cluster_id, control, refused};
    let actor = actor()?;
    let cluster = cluster_id(&id)?;
    let count = control()
        .certificate_revoke_all(&actor, cluster, &confirm_name)
        .await
        .map_err(|error| refused(error).typed("confirm_name", &confirm_name))?;
    leptos_axum::redirect(&format!("/clusters/{cluster}/access?rotated={count}"));
    Ok(())
}

/// Commands that fetch one bundle, each for its shell; the first that is run has it.
#[server(endpoint = "bundle_link_make")]
pub async fn bundle_link_make(
    id: String,
    #[server(default)] label: String,
) -> Result<Vec<(Shell, String)>, ApiError> {
    use crate::server::{actor, browser_host, cluster_id, control, origin, refused};
    let actor = actor()?;
    let cluster = control()
        .cluster_get(&actor, cluster_id(&id)?)
        .await
        .map_err(refused)?;
    let bearer = control()
        .bundle_link_make(&actor, cluster.id, browser_host().as_deref(), &label)
        .await
        .map_err(|error| refused(error).typed("label", &label))?;
    let (origin, name) = (origin(), cluster.name.as_str());
    let line = |shell: Shell| (shell, shell.line(&origin, &bearer.0, name));
    Ok(Shell::ALL.map(line).to_vec())
}

/// The same, when the access page itself was posted to: the way without script.
#[server(endpoint = "bundle_link_posted")]
pub async fn bundle_link_posted(id: String) -> Result<Option<Vec<(Shell, String)>>, ApiError> {
    // Asked for over the wire it makes nothing: only a page being drawn can show it.
    if !crate::server::is_page_posted() {
        return Ok(None);
    }
    match crate::server::posted("") {
        Some(field) => bundle_link_make(id, field("label")).await.map(Some),
        None => Ok(None),
    }
}

/// How far the panel itself comes on the way to Docker, when the access page was asked to try.
#[server(endpoint = "access_test_posted")]
pub async fn access_test_posted(id: String) -> Result<Option<AccessTestView>, ApiError> {
    use crate::server::{actor, cluster_id, control, is_page_posted, posted, refused};
    let actor = actor()?;
    if !is_page_posted() || posted("test").is_none() {
        return Ok(None);
    }
    let tried = control().access_test(&actor, cluster_id(&id)?).await;
    tried.map(Some).map_err(refused)
}

#[cfg(test)]
mod tests {
    use super::Shell;

    #[test]
    fn every_command_is_one_line() {
        let line = |shell: Shell| shell.line("https://panel.example:8443", "abc", "demo");
        assert_eq!(
            line(Shell::Bash),
            "curl -fsS -X POST -H 'Authorization: Bearer abc' https://panel.example:8443/bundle \
             -o demo.zip && unzip -qo demo.zip && . demo/docker.env"
        );
        assert_eq!(
            line(Shell::Context),
            "curl -fsS -X POST -H \"Authorization: Bearer abc\" \
             https://panel.example:8443/bundle/context -o demo.dockercontext \
             && docker context import demo demo.dockercontext && docker --context demo info"
        );
        assert!(line(Shell::PowerShell).contains("'\"$pwd/demo\"'"));
        for shell in Shell::ALL {
            let line = line(shell);
            assert!(
                !line.contains('\n') && line.contains("Bearer abc"),
                "{line}"
            );
            assert!(!line.contains("  "), "{line}");
        }
    }
}
