//! Who asks.

use model::{AccountId, AccountView, Role, SessionId};

/// An account and the browser it came by. The server puts it into a request's extensions; every
/// use-case begins with it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Actor {
    pub account: AccountView,
    /// None for the command line and for tests.
    pub session: Option<SessionId>,
}

/// The name of [`Actor::system`], which no account may take.
pub(crate) const SYSTEM_NAME: &str = "system";

impl Actor {
    /// Whoever has a shell on the panel's machine: `carina admin …`.
    pub fn system() -> Self {
        let name = SYSTEM_NAME
            .parse()
            .expect("because the system's name is a good name");
        let account = AccountView {
            id: AccountId(uuid::Uuid::nil()),
            name,
            role: Role::Administrator,
        };
        Self {
            account,
            session: None,
        }
    }

    pub fn is_administrator(&self) -> bool {
        self.account.role == Role::Administrator
    }
}
