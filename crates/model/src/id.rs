//! Ids are types, never a bare `Uuid` in a signature.

use std::fmt;
use std::str::FromStr;

use serde::{Deserialize, Serialize};
use uuid::Uuid;

macro_rules! id {
    ($(#[$doc:meta])* $name:ident) => {
        $(#[$doc])*
        #[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
        #[serde(transparent)]
        pub struct $name(pub Uuid);

        impl fmt::Display for $name {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                self.0.fmt(f)
            }
        }

        impl TryFrom<String> for $name {
            type Error = uuid::Error;
            fn try_from(text: String) -> Result<Self, Self::Error> {
                text.parse()
            }
        }

        impl FromStr for $name {
            type Err = uuid::Error;
            fn from_str(text: &str) -> Result<Self, Self::Err> {
                text.parse().map(Self)
            }
        }
    };
}

id!(
    /// Of a cluster; `docker info` prints it in every node's name.
    ClusterId
);
id!(
    /// Of an account.
    AccountId
);
id!(
    /// Of a team.
    TeamId
);
id!(
    /// Of whatever owns a cluster: an account's or a team's. No two of these are the same.
    OwnerId
);
id!(
    /// Of a change somebody asked for.
    OperationId
);
id!(
    /// Public handle of a session (not the secret in the cookie).
    SessionId
);
id!(
    /// Of an invitation; not the secret in its link.
    InvitationId
);
id!(
    /// Of a request for a larger quota.
    RequestId
);
id!(
    /// Of an API token; not its secret.
    TokenId
);
id!(
    /// Of a passkey; not what the device calls it.
    PasskeyId
);

impl From<AccountId> for OwnerId {
    fn from(id: AccountId) -> Self {
        Self(id.0)
    }
}

impl From<TeamId> for OwnerId {
    fn from(id: TeamId) -> Self {
        Self(id.0)
    }
}
