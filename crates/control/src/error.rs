//! From internal errors to words for people, once, at the facade.

use model::UserError;

/// Why a use-case or a round failed. `Display` names the attempt; the chain has the cause.
#[derive(Debug, thiserror::Error)]
pub enum Error {
    /// Already in words for people.
    #[error(transparent)]
    User(#[from] UserError),
    #[error("the database does not work")]
    Store(#[from] store::Error),
    #[error("a certificate cannot be made")]
    Pki(#[from] pki::Error),
    #[error("a passkey cannot be used")]
    Passkey(#[from] passkey::Error),
    #[error("a host does not do what it is asked")]
    Host(#[from] host::HostError),
    #[error("an engine does not do what it is asked")]
    Engine(#[from] host::EngineError),
    #[error("an endpoint does not do what it is asked")]
    Endpoint(#[from] host::EndpointError),
    #[error("what the database holds cannot be read")]
    Stored(#[from] serde_json::Error),
    #[error("{0}")]
    Broken(String),
}

impl Error {
    pub(crate) fn not_found(what: &str) -> Self {
        UserError::NotFound {
            what: what.to_owned(),
        }
        .into()
    }

    pub(crate) fn conflict(why: impl Into<String>) -> Self {
        UserError::Conflict { why: why.into() }.into()
    }

    pub(crate) fn invalid(field: &str, why: impl std::fmt::Display) -> Self {
        UserError::invalid(field, why).into()
    }

    /// The only way from an internal error to a person; logs the chain once, beside the reference
    /// that the person sees.
    pub(crate) fn into_user(self) -> UserError {
        match self {
            Self::User(error) => return error,
            Self::Endpoint(host::EndpointError::NotFound { what }) => {
                return UserError::NotFound {
                    what: what.to_owned(),
                };
            }
            Self::Endpoint(host::EndpointError::Refused { why }) => {
                return UserError::Conflict {
                    why: sentence(&why),
                };
            }
            _ => {}
        }
        let what = match &self {
            Self::Host(host::HostError::Unreachable { .. }) => Some("The host"),
            Self::Engine(host::EngineError::Unreachable { .. }) => Some("The cluster's engine"),
            Self::Endpoint(host::EndpointError::Unreachable { .. }) => {
                Some("The cluster's endpoint")
            }
            _ => None,
        };
        let reference = uuid::Uuid::new_v4().simple().to_string()[..12].to_owned();
        let error = &self as &dyn std::error::Error;
        let chain = chain(error);
        tracing::error!(reference, error = chain, "a use-case failed ({reference})");
        match what {
            Some(what) => UserError::Unavailable {
                what: what.to_owned(),
            },
            None => UserError::Internal { reference },
        }
    }
}

/// A refusal as a person reads it: what it says first, the policy's code after it.
fn sentence(why: &str) -> String {
    let coded = why
        .split_once(": ")
        .filter(|(code, _)| code.starts_with("CARINA-"));
    let (text, code) = match coded {
        Some((code, text)) => (text, format!(" ({code})")),
        None => (why, String::new()),
    };
    let text = text.trim().trim_end_matches('.');
    let mut chars = text.chars();
    let first: String = chars
        .next()
        .map(|c| c.to_uppercase().collect())
        .unwrap_or_default();
    format!("{first}{}{code}.", chars.as_str())
}

/// An error with all its causes on one line.
pub(crate) fn chain(error: &dyn std::error::Error) -> String {
    let mut out = error.to_string();
    let mut next = error.source();
    while let Some(cause) = next {
        out.push_str(": ");
        out.push_str(&cause.to_string());
        next = cause.source();
    }
    out
}

#[cfg(test)]
mod tests {
    use super::sentence;

    #[test]
    fn a_refusal_reads_as_a_sentence() {
        assert_eq!(
            sentence("CARINA-1005: Attempted to stop it: swarm-agent"),
            "Attempted to stop it: swarm-agent (CARINA-1005)."
        );
        assert_eq!(sentence("container x is paused."), "Container x is paused.");
        assert_eq!(sentence(""), ".");
    }
}
