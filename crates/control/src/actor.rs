//! Who asks.

use model::{AccountId, AccountView, Role, Scope, SessionId, UnixMs};

/// An account and the browser it came by. The server puts it into a request's extensions; every
/// use-case begins with it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Actor {
    pub account: AccountView,
    /// None for the command line, for tokens and for tests.
    pub session: Option<SessionId>,
    /// When this browser last proved that the person sits before it, by the panel's clock.
    pub confirmed_at: Option<UnixMs>,
    /// What a token may be used for; None is everything that the role may do.
    pub scopes: Option<Vec<Scope>>,
}

/// The name of [`Actor::system`], which no account may take.
pub(crate) const SYSTEM_NAME: &str = "system";

impl Actor {
    /// Somebody who acts for themselves, without a browser.
    pub fn of(account: AccountView) -> Self {
        Self {
            account,
            session: None,
            confirmed_at: None,
            scopes: None,
        }
    }

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
        Self::of(account)
    }

    pub fn is_administrator(&self) -> bool {
        self.account.role == Role::Administrator
    }
}
