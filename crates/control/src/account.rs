//! Set-up, accounts, passwords and sessions.

use model::{AccountId, AccountName, AccountView, Role, SessionId, SessionView, UnixMs, UserError};
use rand::Rng as _;
use sha2::{Digest as _, Sha256};
use store::{AccountRecord, SessionLimitsMs};
use uuid::Uuid;
use wire::Secret;

use crate::Actor;
use crate::actor::SYSTEM_NAME;
use crate::error::Error;
use crate::panel::{AuditOf as _, Panel};
use crate::password::{password_check, password_hash};
use crate::permit::Action;
use crate::sign_in::Admitted;

const SETUP_LINK_MS: i64 = 24 * 3600 * 1000;

/// Thirty-two random bytes, for links that are taken once.
pub(crate) fn secret_make() -> Secret {
    Secret(hex::encode(rand::rng().random::<[u8; 32]>()))
}

/// What of a link's secret is stored.
pub(crate) fn secret_hash(secret: &str) -> String {
    hex::encode(Sha256::digest(secret.as_bytes()))
}

pub(crate) fn view(account: AccountRecord) -> AccountView {
    AccountView {
        id: account.id,
        name: account.name,
        role: account.role,
    }
}

fn already_set_up() -> Error {
    Error::conflict("This panel is set up already. Sign in instead.")
}

impl Panel {
    pub(crate) async fn setup_needed(&self) -> Result<bool, Error> {
        Ok(self.store.read().await?.account_count().await? == 0)
    }

    pub(crate) async fn setup_link_make(&self) -> Result<Secret, Error> {
        let secret = secret_make();
        let mut tx = self.store.write().await?;
        if tx.account_count().await? > 0 {
            return Err(already_set_up());
        }
        tx.setup_link_replace(&secret_hash(&secret.0), self.now() + SETUP_LINK_MS)
            .await?;
        let audit = self.audit(&Actor::system(), "setup_link_make", "", "");
        tx.audit_insert(&audit).await?;
        tx.commit().await?;
        Ok(secret)
    }

    pub(crate) async fn setup_finish(
        &self,
        token: &str,
        name: &str,
        password: &str,
    ) -> Result<Admitted, Error> {
        // Nobody without a good link makes us hash anything. The transaction is dropped: the link
        // is taken below, together with the account that it makes.
        self.setup_link_take(&mut self.store.write().await?, token)
            .await?;
        let account = self
            .account_new(name, password, Role::Administrator)
            .await?;
        let mut tx = self.store.write().await?;
        self.setup_link_take(&mut tx, token).await?;
        tx.account_insert(&account).await?;
        tx.setup_link_clear().await?;
        let admitted = Admitted::new(account);
        let actor = Actor::of(admitted.account.clone());
        let name = actor.account.name.as_str();
        let audit = self.audit(&actor, "setup_finish", name, "");
        tx.audit_insert(&audit.of(actor.account.id)).await?;
        tx.commit().await?;
        Ok(admitted)
    }

    async fn setup_link_take(&self, tx: &mut store::Tx, token: &str) -> Result<(), Error> {
        if tx.account_count().await? > 0 {
            return Err(already_set_up());
        }
        match tx.setup_link_take(&secret_hash(token), self.now()).await? {
            true => Ok(()),
            false => {
                let why = "This set-up link is not valid, or it has expired. Run “carina admin \
                           setup-link” on the panel's machine for a new one.";
                Err(UserError::NotAllowed {
                    why: why.to_owned(),
                }
                .into())
            }
        }
    }

    pub(crate) async fn account_new(
        &self,
        name: &str,
        password: &str,
        role: Role,
    ) -> Result<AccountRecord, Error> {
        let name: AccountName = name.parse().map_err(|why| Error::invalid("name", why))?;
        if name.as_str() == SYSTEM_NAME {
            return Err(Error::invalid(
                "name",
                "This name is the panel's own. Use another one.",
            ));
        }
        password_check("password", name.as_str(), password)?;
        Ok(AccountRecord {
            id: AccountId(Uuid::now_v7()),
            name,
            role,
            password_hash: password_hash(&self.hashing, password).await?,
            created_at: self.now(),
            suspended_at: None,
            last_sign_in_at: None,
            epoch: 0,
            quota: store::QuotaRecord::default(),
        })
    }

    /// Nobody, if the account is suspended.
    pub(crate) async fn account_by_id(&self, id: AccountId) -> Result<Option<AccountView>, Error> {
        let account = self.store.read().await?.account_by_id(id).await?;
        Ok(account
            .filter(|account| account.suspended_at.is_none())
            .map(view))
    }

    pub(crate) async fn account_list(&self, actor: &Actor) -> Result<Vec<AccountView>, Error> {
        actor.permit(Action::PeopleManage)?;
        let accounts = self.store.read().await?.account_list().await?;
        Ok(accounts.into_iter().map(view).collect())
    }

    pub(crate) async fn account_create(
        &self,
        actor: &Actor,
        name: &str,
        password: &str,
        role: Role,
    ) -> Result<AccountView, Error> {
        actor.permit(Action::PeopleManage)?;
        let account = self.account_new(name, password, role).await?;
        let mut tx = self.store.write().await?;
        account_insert(&mut tx, &account).await?;
        let audit = self
            .audit(
                actor,
                "account_create",
                account.name.as_str(),
                role.as_str(),
            )
            .of(account.id);
        tx.audit_insert(&audit).await?;
        tx.commit().await?;
        Ok(view(account))
    }

    pub(crate) async fn password_change(
        &self,
        actor: &Actor,
        current: &str,
        new: &str,
        ends_tokens: bool,
    ) -> Result<(), Error> {
        actor.permit(Action::OwnAccount)?;
        let id = actor.account.id;
        let name = actor.account.name.as_str();
        let proved = self
            .password_proof(
                actor,
                current,
                "current",
                "This is not your present password.",
            )
            .await?;
        password_check("new", name, new)?;
        if current == new {
            return Err(Error::invalid(
                "new",
                "This is your present password already.",
            ));
        }
        let hash = password_hash(&self.hashing, new).await?;
        let mut tx = self.store.write().await?;
        // A reset that came first holds, whoever else knew the old password.
        tx.account_by_id(id)
            .await?
            .filter(|present| present.suspended_at.is_none())
            .filter(|present| present.password_hash == proved)
            .ok_or(UserError::SignedOut)?;
        tx.account_password_set(id, &hash).await?;
        tx.session_end_others(id, actor.session).await?;
        tx.reset_link_clear(id).await?;
        let ended = match ends_tokens {
            true => tokens_end(&mut tx, id).await?,
            false => String::new(),
        };
        let audit = self.audit(actor, "password_change", name, ended);
        tx.audit_insert(&audit.of(id)).await?;
        tx.commit().await?;
        self.presence_changed(id);
        Ok(())
    }

    /// For whoever has a shell on the panel's machine, or is an administrator; ends all of the
    /// account's sessions and tokens: whoever came in by the old password may have made some.
    pub(crate) async fn password_reset(
        &self,
        actor: &Actor,
        name: &str,
        new: &str,
    ) -> Result<(), Error> {
        actor.permit(Action::PeopleManage)?;
        let name: AccountName = name.parse().map_err(|why| Error::invalid("name", why))?;
        let account = self.store.read().await?.account_by_name(&name).await?;
        let account = account.ok_or_else(|| Error::not_found("account"))?;
        password_check("password", name.as_str(), new)?;
        let hash = password_hash(&self.hashing, new).await?;
        let mut tx = self.store.write().await?;
        tx.account_password_set(account.id, &hash).await?;
        tx.session_end_others(account.id, None).await?;
        tx.reset_link_clear(account.id).await?;
        let ended = tokens_end(&mut tx, account.id).await?;
        let audit = self.audit(actor, "password_reset", name.as_str(), ended);
        tx.audit_insert(&audit.of(account.id)).await?;
        tx.commit().await?;
        self.presence_changed(account.id);
        Ok(())
    }

    pub(crate) async fn session_list(&self, actor: &Actor) -> Result<Vec<SessionView>, Error> {
        actor.permit(Action::OwnAccount)?;
        let mut tx = self.store.read().await?;
        let rows = self.sessions_live(&mut tx, actor.account.id).await?;
        let view = |row: store::SessionRecord| SessionView {
            id: row.public_id,
            is_current: Some(row.public_id) == actor.session,
            created_at: row.created_at,
            last_seen_at: row.last_seen_at,
            agent: row.agent,
            address: row.address,
        };
        Ok(rows.into_iter().map(view).collect())
    }

    pub(crate) fn session_bounds(&self, now: UnixMs) -> (UnixMs, UnixMs) {
        let limits =
            SessionLimitsMs::new(self.settings.session.idle, self.settings.session.absolute);
        (
            now.saturating_sub(limits.idle),
            now.saturating_sub(limits.absolute),
        )
    }

    pub(crate) async fn session_end(&self, actor: &Actor, id: SessionId) -> Result<(), Error> {
        actor.permit(Action::OwnAccount)?;
        let mut tx = self.store.write().await?;
        if !tx.session_end(actor.account.id, id).await? {
            return Err(Error::not_found("session"));
        }
        let audit = self.audit(actor, "session_end", actor.account.name.as_str(), "");
        tx.audit_insert(&audit.of(actor.account.id)).await?;
        tx.commit().await?;
        self.presence_changed(actor.account.id);
        Ok(())
    }

    /// The actor's own session, with what it has open; the browser's cookie opens nothing any more.
    pub(crate) async fn session_leave(&self, actor: &Actor) -> Result<(), Error> {
        if let Some(session) = actor.session {
            let mut tx = self.store.write().await?;
            tx.session_end(actor.account.id, session).await?;
            tx.commit().await?;
            self.presence_changed(actor.account.id);
        }
        Ok(())
    }
}

/// Of somebody who has a new password: all their tokens, told in the words of the audit.
pub(crate) async fn tokens_end(tx: &mut store::Tx, id: AccountId) -> Result<String, Error> {
    Ok(match tx.token_clear(id).await? {
        0 => String::new(),
        1 => "1 token revoked".to_owned(),
        n => format!("{n} tokens revoked"),
    })
}

pub(crate) fn suspended() -> Error {
    let why = "This account is suspended. An administrator can let you in again.";
    UserError::NotAllowed {
        why: why.to_owned(),
    }
    .into()
}

/// A name that is taken is said beside the field.
pub(crate) async fn account_insert(
    tx: &mut store::Tx,
    account: &AccountRecord,
) -> Result<(), Error> {
    match tx.account_insert(account).await {
        Err(store::Error::Taken { .. }) => Err(Error::invalid(
            "name",
            "There is an account of this name already.",
        )),
        other => Ok(other?),
    }
}
