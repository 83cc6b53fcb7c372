//! Whether somebody who has something open is still who they were when they opened it. What stays
//! open — events, a log that is followed, a console — ends with what it was opened by at once, and
//! not only when the browser comes again.

use std::time::Duration;

use model::{AccountId, ClusterId};
use store::{SessionRecord, Tx};
use tokio::sync::broadcast::error::RecvError;

use crate::Actor;
use crate::error::{Error, chain};
use crate::panel::Panel;
use crate::permit::Action;

/// Nobody tells of a session that ended because nobody used it, nor of what `carina admin` did.
const LOOK_AGAIN: Duration = Duration::from_secs(10);

/// Why what somebody has open is to end.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum PresenceEnd {
    /// They are not who they were, or may not do this with the cluster any more.
    Over,
    /// The database does not say: they may come again, and are looked at then.
    Unknown,
}

impl Panel {
    /// After a commit, never before: whatever this account has open is looked at again. It is told
    /// whose, and not what became of them: that stands in the database.
    pub(crate) fn presence_changed(&self, account: AccountId) {
        // Nothing is open: nothing has to end.
        let _ = self.presences.send(Some(account));
    }

    /// The same, where it may be anybody's: a cluster has another owner.
    pub(crate) fn presences_changed(&self) {
        let _ = self.presences.send(None);
    }

    /// Returns when the actor's account, role or session is not what it was, or when they may not do
    /// this with the cluster any more.
    pub(crate) async fn presence_over(
        &self,
        actor: &Actor,
        to: Option<(ClusterId, Action)>,
    ) -> PresenceEnd {
        let mut told = self.presences.subscribe();
        loop {
            // Also at first: what changed since the request came was told to nobody.
            match self.presence_read(actor, to).await {
                Ok(true) => {}
                Ok(false) => return PresenceEnd::Over,
                Err(error) => {
                    tracing::warn!(
                        error = chain(&error),
                        "whether somebody is still signed in cannot be read"
                    );
                    return PresenceEnd::Unknown;
                }
            }
            let of_theirs = async {
                loop {
                    match told.recv().await {
                        Ok(account) if account.is_none_or(|id| id == actor.account.id) => break,
                        Ok(_) => {}
                        Err(RecvError::Lagged(_) | RecvError::Closed) => break,
                    }
                }
            };
            // Told or not, it is looked at again.
            let _ = tokio::time::timeout(LOOK_AGAIN, of_theirs).await;
        }
    }

    async fn presence_read(
        &self,
        actor: &Actor,
        to: Option<(ClusterId, Action)>,
    ) -> Result<bool, Error> {
        let mut tx = self.store.read().await?;
        if !self.is_still(&mut tx, actor).await? {
            return Ok(false);
        }
        let Some((cluster, action)) = to else {
            return Ok(true);
        };
        match self.own_for(&mut tx, actor, cluster, action).await {
            Ok(_) => Ok(true),
            Err(Error::User(_)) => Ok(false),
            Err(other) => Err(other),
        }
    }

    /// The same account in the same role, and the same browser still signed in.
    pub(crate) async fn is_still(&self, tx: &mut Tx, actor: &Actor) -> Result<bool, Error> {
        let id = actor.account.id;
        let present = tx.account_by_id(id).await?;
        let is_same = present
            .filter(|present| present.suspended_at.is_none())
            .is_some_and(|present| present.role == actor.account.role);
        let Some(session) = actor.session.filter(|_| is_same) else {
            return Ok(is_same);
        };
        let sessions = self.sessions_live(tx, id).await?;
        Ok(sessions.iter().any(|row| row.public_id == session))
    }

    /// The account's sessions that are not over.
    pub(crate) async fn sessions_live(
        &self,
        tx: &mut Tx,
        account: AccountId,
    ) -> Result<Vec<SessionRecord>, Error> {
        // Sessions live by the machine's clock, as cookies do.
        let now = crate::Clock::now_ms(&crate::SystemClock);
        let (idle_since, made_since) = self.session_bounds(now);
        Ok(tx
            .session_list(account, now, idle_since, made_since)
            .await?)
    }
}
