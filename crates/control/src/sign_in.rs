//! Signing in, in one step or two, and proving again later that one is still there.

use std::net::IpAddr;

use model::{AccountId, AccountName, AccountView, UnixMs, UserError};
use serde::{Deserialize, Serialize};
use store::AccountRecord;

use crate::Actor;
use crate::account::{secret_hash, suspended, view};
use crate::error::Error;
use crate::panel::{AuditOf as _, Panel};
use crate::password::password_verify;
use crate::permit::Action;

/// How long after the password the code may come.
const PENDING_MS: i64 = 5 * 60_000;

/// Somebody whose proof was right, for the session that begins with it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Admitted {
    pub account: AccountView,
    /// The account's when the proof was looked at: what ends all sessions ends this one, too, however
    /// late it is written.
    pub epoch: i64,
}

impl Admitted {
    pub(crate) fn new(account: AccountRecord) -> Self {
        Self {
            epoch: account.epoch,
            account: view(account),
        }
    }
}

/// How far somebody has come by their password.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum SignIn {
    Done(Admitted),
    /// The password was right; a code is missing.
    CodeNeeded(Pending),
}

/// A sign-in that waits for its code. It is kept where the browser cannot reach it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Pending {
    account: AccountId,
    /// Of the password that was right: void once it is changed.
    mark: String,
    at: UnixMs,
}

/// How many were taken.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Steps {
    One,
    Two,
}

impl Panel {
    pub(crate) async fn account_sign_in(
        &self,
        name: &str,
        password: &str,
        from: IpAddr,
    ) -> Result<SignIn, Error> {
        let name = name.trim();
        // Keys with a space in them count something else than sign-ins.
        let key = name.replace(' ', "_");
        self.attempts.begin(&key, from, self.now())?;
        // A name that cannot be one takes the same way, and the same time, as one that is not.
        let account = match name.parse::<AccountName>() {
            Ok(name) => self.store.read().await?.account_by_name(&name).await?,
            Err(_) => None,
        };
        let hash = account
            .as_ref()
            .map(|account| account.password_hash.clone())
            .filter(|hash| !hash.is_empty());
        let is_right = password_verify(&self.hashing, password, hash).await?;
        let Some(account) = account.filter(|_| is_right) else {
            return Err(Error::invalid(
                "password",
                "The name or the password is not right.",
            ));
        };
        self.attempts.succeeded(&key, from);
        // Said only to who knows the password.
        if account.suspended_at.is_some() {
            return Err(suspended());
        }
        let mark = secret_hash(&account.password_hash);
        if self.has_two_factor(account.id).await? {
            return Ok(SignIn::CodeNeeded(Pending {
                account: account.id,
                mark,
                at: self.now(),
            }));
        }
        let view = view(account);
        self.signed_in(&view, &mark, Steps::One)
            .await
            .map(SignIn::Done)
    }

    pub(crate) async fn sign_in_finish(
        &self,
        pending: &Pending,
        code: &str,
    ) -> Result<Admitted, Error> {
        let account = self.pending_account(pending).await?;
        self.code_check(&Actor::of(account.clone()), code).await?;
        self.signed_in(&account, &pending.mark, Steps::Two).await
    }

    /// Nobody once it is too old, the password was changed, or the person is suspended.
    async fn pending_account(&self, pending: &Pending) -> Result<AccountView, Error> {
        let account = self
            .store
            .read()
            .await?
            .account_by_id(pending.account)
            .await?;
        let account = account
            .filter(|account| account.suspended_at.is_none())
            .filter(|account| secret_hash(&account.password_hash) == pending.mark)
            .filter(|_| self.now() - pending.at < PENDING_MS)
            .ok_or(UserError::SignedOut)?;
        Ok(view(account))
    }

    /// Hashing took its time: nobody by a password that was changed meanwhile, nobody suspended, and
    /// nobody without the code that is asked for since.
    async fn signed_in(
        &self,
        account: &AccountView,
        mark: &str,
        steps: Steps,
    ) -> Result<Admitted, Error> {
        let actor = Actor::of(account.clone());
        let how = match steps {
            Steps::One => "",
            Steps::Two => "with a code",
        };
        let audit = self.audit(&actor, "account_sign_in", account.name.as_str(), how);
        let mut tx = self.store.write().await?;
        let present = tx
            .account_by_id(account.id)
            .await?
            .filter(|present| present.suspended_at.is_none())
            .filter(|present| secret_hash(&present.password_hash) == mark)
            .ok_or(UserError::SignedOut)?;
        let second = tx.two_factor_get(account.id).await?;
        if steps == Steps::One && second.is_some_and(|second| second.confirmed_at.is_some()) {
            return Err(UserError::SignedOut.into());
        }
        tx.account_signed_in(account.id, self.now()).await?;
        tx.audit_insert(&audit.of(account.id)).await?;
        tx.commit().await?;
        Ok(Admitted::new(present))
    }

    /// What the person has to give: the code, where there is a second factor, else the password.
    /// Answers when it was given.
    pub(crate) async fn confirm(&self, actor: &Actor, proof: &str) -> Result<UnixMs, Error> {
        actor.permit(Action::OwnAccount)?;
        if self.has_two_factor(actor.account.id).await? {
            self.code_check(actor, proof).await?;
        } else {
            self.password_proof(actor, proof, "code", "This is not your password.")
                .await?;
        }
        Ok(self.now())
    }

    /// A stolen session must not be a way to guess the password. Answers the hash that it fits.
    pub(crate) async fn password_proof(
        &self,
        actor: &Actor,
        password: &str,
        field: &str,
        wrong: &str,
    ) -> Result<String, Error> {
        let from = IpAddr::from([0, 0, 0, 0]);
        let name = actor.account.name.as_str();
        self.attempts.begin(name, from, self.now())?;
        let account = self
            .store
            .read()
            .await?
            .account_by_id(actor.account.id)
            .await?;
        let account = account.ok_or(UserError::SignedOut)?;
        let hash = account.password_hash;
        if hash.is_empty() {
            return Err(Error::conflict("Your account has no password."));
        }
        if !password_verify(&self.hashing, password, Some(hash.clone())).await? {
            return Err(Error::invalid(field, wrong));
        }
        self.attempts.succeeded(name, from);
        Ok(hash)
    }
}
