//! Stepping up: before a dangerous act the browser must have proved, not long ago, that the person
//! sits before it.

use model::UserError;
use store::Tx;

use crate::Actor;
use crate::error::Error;
use crate::panel::Panel;

/// How long a proof holds.
pub(crate) const CONFIRM_MS: i64 = 10 * 60_000;

impl Panel {
    /// Whoever has a shell needs no proof, and a token has its scopes.
    pub(crate) fn confirmed(&self, actor: &Actor) -> Result<(), Error> {
        match self.is_confirmed(actor) {
            true => Ok(()),
            false => Err(UserError::ConfirmFirst.into()),
        }
    }

    /// A request's body may come a minute after its head: role, account and session must hold when it
    /// acts.
    pub(crate) async fn still(&self, tx: &mut Tx, actor: &Actor) -> Result<(), Error> {
        if actor.session.is_none() && actor.scopes.is_none() {
            return Ok(());
        }
        match self.is_still(tx, actor).await? {
            true => Ok(()),
            false => Err(UserError::SignedOut.into()),
        }
    }

    pub(crate) fn is_confirmed(&self, actor: &Actor) -> bool {
        actor.session.is_none()
            || actor
                .confirmed_at
                .is_some_and(|at| self.now() - at < CONFIRM_MS)
    }
}
