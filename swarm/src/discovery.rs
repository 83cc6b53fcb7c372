//! Where the engines of a cluster are: the archived program's discovery URLs.

mod https;
mod nodes;
mod token;

use std::path::PathBuf;
use std::time::Duration;

pub use token::Token;

/// A parsed `<discovery>` argument.
#[derive(Debug, Clone)]
pub enum Discovery {
    /// `token://[host[:port]/path/]TOKEN`: a discovery service over https.
    Token(Token),
    /// `nodes://a:1,b:2` or the bare list; ranges as in `10.0.0.[1:3]:2375`.
    Nodes(Vec<String>),
    /// `file://path`: one entry a line, read again at every look.
    File(PathBuf),
}

#[derive(Debug, thiserror::Error)]
pub enum DiscoveryError {
    #[error("token is empty")]
    TokenEmpty,
    #[error("invalid discovery URL {0:?}")]
    Url(String),
    #[error("discovery service not supported: {0}")]
    Unsupported(String),
    #[error("invalid discovery entry {0:?}")]
    Entry(String),
    #[error("not implemented in this discovery service")]
    ReadOnly,
    #[error("Failed to fetch entries, Discovery service returned {0} HTTP status code")]
    Status(u16),
    #[error("Discovery service refused with HTTP status code {status}: {text}")]
    Refused { status: u16, text: String },
    #[error("cannot read {path}")]
    File {
        path: String,
        #[source]
        source: std::io::Error,
    },
    #[error("cannot reach the discovery service: {0}")]
    Unreachable(String),
    #[error("the discovery service's answer is not understood")]
    Answer(#[source] serde_json::Error),
}

impl Discovery {
    pub fn parse(text: &str) -> Result<Self, DiscoveryError> {
        match text.split_once("://") {
            None => Ok(Self::Nodes(nodes::entries_parse(text)?)),
            Some(("nodes", list)) => Ok(Self::Nodes(nodes::entries_parse(list)?)),
            Some(("file", path)) => Ok(Self::File(path.into())),
            Some(("token", rest)) => Ok(Self::Token(Token::parse(rest)?)),
            Some((scheme, _)) => Err(DiscoveryError::Unsupported(scheme.to_owned())),
        }
    }

    /// The entries now, `host:port`, in the service's own stable order.
    pub async fn fetch(&self) -> Result<Vec<String>, DiscoveryError> {
        match self {
            Self::Token(token) => token.fetch().await,
            Self::Nodes(entries) => Ok(entries.clone()),
            Self::File(path) => {
                let text = tokio::fs::read_to_string(path).await.map_err(|source| {
                    DiscoveryError::File {
                        path: path.display().to_string(),
                        source,
                    }
                })?;
                nodes::file_parse(&text)
            }
        }
    }

    /// Says that `entry` is alive for `ttl`.
    pub async fn register(&self, entry: &str, ttl: Duration) -> Result<(), DiscoveryError> {
        match self {
            Self::Token(token) => token.register(entry, ttl).await,
            Self::Nodes(_) | Self::File(_) => Err(DiscoveryError::ReadOnly),
        }
    }

    /// Tells what the policy refused; `None` where there is nobody to tell.
    pub async fn refusals_tell(
        &self,
        list: &[wire::PolicyRefusal],
    ) -> Option<Result<(), DiscoveryError>> {
        match self {
            Self::Token(token) => Some(token.refusals_tell(list).await),
            Self::Nodes(_) | Self::File(_) => None,
        }
    }

    /// Tells which certificates were let in; `None` where nobody wants to know.
    pub async fn seen(&self, serials: Vec<String>) -> Option<Result<(), DiscoveryError>> {
        match self {
            Self::Token(token) => match token.seen(serials).await {
                Err(DiscoveryError::Refused {
                    status: 404 | 405, ..
                }) => None,
                other => Some(other),
            },
            Self::Nodes(_) | Self::File(_) => None,
        }
    }

    /// Waits for revocations newer than `after`; `None` where the service has none to tell.
    pub async fn revocations(
        &self,
        after: u64,
    ) -> Option<Result<wire::Revocations, DiscoveryError>> {
        match self {
            Self::Token(token) => Some(token.revocations(after).await),
            Self::Nodes(_) | Self::File(_) => None,
        }
    }
}

/// `swarm create`: asks the archived default service for a token.
pub async fn cluster_create() -> Result<String, DiscoveryError> {
    token::cluster_create().await
}
