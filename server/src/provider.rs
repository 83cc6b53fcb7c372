//! The identity provider, as the configuration describes it.

use control::{ProviderSettings, Secret};

use crate::config::Config;
use crate::panel::{StartError, failed};

/// The identity provider, if there is one. It is asked nothing yet: it may be down.
pub fn provider(config: &Config) -> Result<Option<ProviderSettings>, StartError> {
    let oidc = &config.oidc;
    let (Some(issuer), Some(origin)) = (&oidc.issuer, &config.http.public_origin) else {
        return Ok(None);
    };
    let secret = oidc.client_secret_file.as_deref().map(|path| {
        let text = std::fs::read_to_string(path).map_err(|error| {
            failed(
                format!("oidc.client_secret_file: {}", path.display()),
                &error,
            )
        })?;
        Ok(Secret(text.trim().to_owned()))
    });
    let provider = oidc::Provider::new(oidc::Settings {
        issuer: issuer.clone(),
        client_id: oidc.client_id.clone(),
        client_secret: secret.transpose()?,
        redirect_uri: format!("{origin}/sign-in/provider/back"),
        scopes: oidc.scopes.clone(),
        name_claim: oidc.name_claim.clone(),
        groups_claim: oidc.groups_claim.clone(),
    });
    Ok(Some(ProviderSettings {
        provider: provider.map_err(|error| failed("oidc", &error))?,
        name: oidc.name.trim().to_owned(),
        roles: oidc.roles.clone(),
        role_else: oidc.role_else.role(),
        makes_accounts: oidc.make_accounts,
    }))
}
