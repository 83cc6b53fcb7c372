//! Signing in at an identity provider: OpenID Connect's code flow, with PKCE, state and nonce.
//!
//! The only crate that speaks with a provider, and the only user of `openidconnect`. It says who
//! somebody is there; who that is here, and what they may do, is `control`'s to say.

mod provider;
mod reach;

use serde::{Deserialize, Serialize};
use wire::Secret;

pub use provider::Provider;

/// What has to be known of a provider.
#[derive(Debug, Clone)]
pub struct Settings {
    /// As the provider spells it, to the last slash.
    pub issuer: String,
    pub client_id: String,
    /// None for a client without one: PKCE protects the code all the same.
    pub client_secret: Option<Secret>,
    /// Where the provider sends people back to.
    pub redirect_uri: String,
    /// Beside `openid`.
    pub scopes: Vec<String>,
    /// The claim that holds a person's short name.
    pub name_claim: String,
    /// The claim that lists a person's groups.
    pub groups_claim: String,
    /// The authorities that alone may vouch for its address, as PEM. None: those of this machine.
    pub authorities: Option<String>,
}

/// Can this be a provider's address? For whoever reads a configuration.
pub fn is_good_issuer(address: &str) -> bool {
    reach::is_good(address) && !address.contains(['?', '#'])
}

/// A sign-in under way. It is kept where the browser cannot reach it, and is good for one answer.
#[derive(Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Waiting {
    state: String,
    nonce: String,
    verifier: String,
    /// The person has to prove to be there, although the provider knows them.
    is_fresh: bool,
    /// When it began, in milliseconds.
    at: i64,
}

impl std::fmt::Debug for Waiting {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("Waiting(…)")
    }
}

impl Waiting {
    pub fn is_state(&self, state: &str) -> bool {
        self.state == state
    }

    pub fn began_at(&self) -> i64 {
        self.at
    }
}

/// Where to send the browser, and what to keep until it is back.
#[derive(Debug)]
pub struct Begun {
    pub url: String,
    pub waiting: Waiting,
}

/// Somebody, in the provider's words, all of them checked. `issuer` and `subject` together are who
/// it is, for ever; everything else may change.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Identity {
    pub issuer: String,
    pub subject: String,
    pub name: Option<String>,
    /// None when the provider says nothing of groups at all.
    pub groups: Option<Vec<String>>,
}

/// What is wrong with a token.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Flaw {
    /// Signed by nobody, by somebody else, or in a way that is not allowed.
    Signature,
    Issuer,
    /// It is for another program.
    Audience,
    /// It is over, or from the future.
    Time,
    /// It belongs to another sign-in.
    Nonce,
    /// The person did not sign in anew, although that was asked for.
    NotFresh,
    /// No token, or one that cannot be read.
    Form,
}

#[derive(Debug, thiserror::Error)]
pub enum Error {
    #[error("the provider cannot be set up: {0}")]
    Setup(String),
    /// It does not answer, or says what cannot be used. Trying again may help.
    #[error("the provider does not answer as it must: {0}")]
    Unavailable(String),
    /// The code is not good, or the panel's own secret is not.
    #[error("the provider does not take the code: {0}")]
    Code(String),
    #[error("the provider's token does not hold ({flaw:?}): {why}")]
    Token { flaw: Flaw, why: String },
}
