//! What pages are made from: all of it in one type.
//!
//! The browser carries the code that asks, keeps and shows a resource once for every type of
//! resource. With one type there is one copy, a fifth of the whole page's size.

use std::fmt;
use std::str::FromStr;

use model::{CertificateView, ClusterView, ContainerView, QuotaView, SessionView};
use serde::{Deserialize, Serialize};

use crate::ApiError;

macro_rules! shown {
    ($($(#[$doc:meta])* $variant:ident($type:ty)),+ $(,)?) => {
        #[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
        pub enum Shown {
            $($(#[$doc])* $variant($type)),+
        }
        $(
            impl From<$type> for Shown {
                fn from(value: $type) -> Self {
                    Self::$variant(value)
                }
            }
            impl TryFrom<Shown> for $type {
                type Error = Shown;
                fn try_from(shown: Shown) -> Result<Self, Shown> {
                    match shown {
                        Shown::$variant(value) => Ok(value),
                        other => Err(other),
                    }
                }
            }
        )+
    };
}

shown! {
    /// The doors: whether the first account is missing.
    Door(bool),
    List((Vec<ClusterView>, QuotaView)),
    /// With a name to suggest.
    New((QuotaView, String)),
    /// With the containers, as far as the engines tell.
    Detail((ClusterView, Result<Vec<ContainerView>, ApiError>)),
    Change((ClusterView, QuotaView, Vec<ContainerView>)),
    /// With the command that was made for this very page.
    Access((ClusterView, Vec<CertificateView>, Option<String>)),
    Sessions(Vec<SessionView>),
}

/// How it travels from the server's page into the browser's: the very reader that the answers of
/// server functions go through, for the same reason.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Answer(pub Result<Shown, ApiError>);

impl fmt::Display for Answer {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&serde_json::to_string(&self.0).map_err(|_| fmt::Error)?)
    }
}

impl FromStr for Answer {
    type Err = serde_json::Error;
    fn from_str(text: &str) -> Result<Self, Self::Err> {
        serde_json::from_slice(text.as_bytes()).map(Self)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_answer_survives_the_way_to_the_browser() {
        for answer in [
            Answer(Ok(Shown::Door(true))),
            Answer(Ok(Shown::Sessions(Vec::new()))),
            Answer(Err(ApiError::from(model::UserError::SignedOut))),
        ] {
            assert_eq!(answer.to_string().parse::<Answer>().unwrap(), answer);
        }
    }
}
