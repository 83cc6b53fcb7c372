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
                let why = on_lost_segment(&why).unwrap_or_else(|| sentence(&why));
                return UserError::Conflict { why };
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
    let text = segments_named(text.trim().trim_end_matches('.'));
    let mut chars = text.chars();
    let first: String = chars
        .next()
        .map(|c| c.to_uppercase().collect())
        .unwrap_or_default();
    format!("{first}{}{code}.", chars.as_str())
}

/// Segments as people know them: an engine's refusal begins with its node, `<cluster>-n2`.
fn segments_named(text: &str) -> String {
    let named = |word: &str| {
        let node = word.trim_end_matches([':', ',', '.']);
        let (cluster, n) = node.rsplit_once("-n")?;
        let is_node = cluster.parse::<uuid::Uuid>().is_ok() && n.parse::<u32>().is_ok();
        is_node.then(|| format!("segment {n}{}", &word[node.len()..]))
    };
    let words = text.split(' ');
    let words = words.map(|word| named(word).unwrap_or_else(|| word.to_owned()));
    words.collect::<Vec<_>>().join(" ")
}

/// The managers' words for a container on a segment that they do not reach: those that clients know of
/// their kind, with a node's name that says nothing to people.
fn on_lost_segment(why: &str) -> Option<String> {
    let (container, node) = why.trim().split_once(" running on unhealthy node ")?;
    let (_, name) = container.split_once(' ')?;
    let (_, n) = node.trim_end_matches('.').rsplit_once("-n")?;
    let n: u32 = n.parse().ok()?;
    Some(format!(
        "Segment {n} does not answer just now, and {name} is on it. The panel brings the segment back by \
         itself; try again in a moment."
    ))
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
    use super::{on_lost_segment, sentence};

    #[test]
    fn a_refusal_reads_as_a_sentence() {
        assert_eq!(
            sentence("CARINA-1005: Attempted to stop it: swarm-agent"),
            "Attempted to stop it: swarm-agent (CARINA-1005)."
        );
        assert_eq!(sentence("container x is paused."), "Container x is paused.");
        assert_eq!(sentence(""), ".");
        let node = "0190a7c1-0d5c-7c3e-8b44-0f7e1a2b3c4d-n1";
        assert_eq!(
            sentence(&format!("{node}: image is in use, not on x-n2 {node}")),
            "Segment 1: image is in use, not on x-n2 segment 1."
        );
    }

    #[test]
    fn a_lost_segment_is_called_as_people_know_it() {
        let said = on_lost_segment("Container web running on unhealthy node 0190-4e2f-n2");
        assert!(
            said.unwrap()
                .starts_with("Segment 2 does not answer just now, and web is on it.")
        );
        assert_eq!(on_lost_segment("Container web is paused"), None);
        assert_eq!(
            on_lost_segment("Container web running on unhealthy node x"),
            None
        );
    }
}
