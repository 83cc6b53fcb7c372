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
    #[error("a host does not do what it is asked")]
    Host(#[from] host::HostError),
    #[error("an engine does not do what it is asked")]
    Engine(#[from] host::EngineError),
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
        if let Self::User(error) = self {
            return error;
        }
        let what = match &self {
            Self::Host(host::HostError::Unreachable { .. }) => Some("The host"),
            Self::Engine(host::EngineError::Unreachable { .. }) => Some("The cluster's engine"),
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
