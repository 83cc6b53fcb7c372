//! The identity provider, as the configuration describes it.

use std::path::Path;

use control::{ProviderSettings, Secret};

use crate::config::Config;
use crate::panel::{StartError, failed};

fn read(key: &str, path: Option<&Path>) -> Result<Option<String>, StartError> {
    let text = path.map(|path| {
        let text = std::fs::read_to_string(path);
        text.map_err(|error| failed(format!("{key}: {}", path.display()), &error))
    });
    text.transpose()
}

/// The identity provider, if there is one. It is asked nothing yet: it may be down.
pub fn provider(config: &Config) -> Result<Option<ProviderSettings>, StartError> {
    let oidc = &config.oidc;
    let (Some(issuer), Some(origin)) = (&oidc.issuer, &config.http.public_origin) else {
        return Ok(None);
    };
    let secret = read(
        "oidc.client_secret_file",
        oidc.client_secret_file.as_deref(),
    )?;
    let provider = oidc::Provider::new(oidc::Settings {
        issuer: issuer.clone(),
        client_id: oidc.client_id.clone(),
        client_secret: secret.map(|text| Secret(text.trim().to_owned())),
        redirect_uri: format!("{origin}/sign-in/provider/back"),
        scopes: oidc.scopes.clone(),
        name_claim: oidc.name_claim.clone(),
        groups_claim: oidc.groups_claim.clone(),
        authorities: read("oidc.ca_file", oidc.ca_file.as_deref())?,
    });
    Ok(Some(ProviderSettings {
        provider: provider.map_err(|error| failed("oidc", &error))?,
        name: oidc.name.trim().to_owned(),
        roles: oidc.roles.clone(),
        role_else: oidc.role_else.role(),
        makes_accounts: oidc.make_accounts,
    }))
}
