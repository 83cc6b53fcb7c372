//! Errors as people read them.

use serde::{Deserialize, Serialize};

/// Closed, without source, in plain English with the way out.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, thiserror::Error)]
#[serde(tag = "kind", rename_all = "snake_case")]
pub enum UserError {
    /// Nobody is signed in. Pages lead to the sign-in.
    #[error("Sign in first.")]
    SignedOut,
    /// May see it, may not do it.
    #[error("{why}")]
    NotAllowed { why: String },
    /// Signed in, but too long ago for this: pages lead to `/confirm`.
    #[error("Confirm that it is you, then try again.")]
    ConfirmFirst,
    /// Does not exist, or may not be seen: the same answer.
    #[error("There is no such {what}.")]
    NotFound { what: String },
    /// A field of a form; `field` is its `name=`.
    #[error("{why}")]
    Invalid { field: String, why: String },
    /// Against the present state or a quota: says what is in the way and what is free.
    #[error("{why}")]
    Conflict { why: String },
    /// Too many attempts.
    #[error("Too many attempts. Try again in {retry_after_s} seconds.")]
    TooMany { retry_after_s: u32 },
    /// Something outside does not answer; trying again may help.
    #[error("{what} is not available just now. Try again in a moment.")]
    Unavailable { what: String },
    /// Our fault; the reference stands in the log beside the cause.
    #[error("Something went wrong on our side. The log has it under {reference}.")]
    Internal { reference: String },
}

impl UserError {
    pub fn invalid(field: &str, why: impl std::fmt::Display) -> Self {
        Self::Invalid {
            field: field.to_owned(),
            why: why.to_string(),
        }
    }

    /// The HTTP status that says the same.
    pub fn status(&self) -> u16 {
        match self {
            Self::SignedOut => 401,
            Self::NotAllowed { .. } | Self::ConfirmFirst => 403,
            Self::NotFound { .. } => 404,
            Self::Invalid { .. } => 422,
            Self::Conflict { .. } => 409,
            Self::TooMany { .. } => 429,
            Self::Unavailable { .. } => 503,
            Self::Internal { .. } => 500,
        }
    }
}
