//! Tokens that act for their owner within their scopes, until they expire.

use model::{Scope, TokenId, TokenView, UserError};
use store::TokenRecord;
use uuid::Uuid;
use wire::Secret;

use crate::Actor;
use crate::account::{secret_hash, secret_make, tokens_end, view};
use crate::error::Error;
use crate::panel::{AuditOf as _, Panel};
use crate::permit::Action;

/// So that a leaked one is known for what it is.
const PREFIX: &str = "carina_";
const DAY_MS: i64 = 24 * 3600 * 1000;
const DAYS_MAX: u32 = 365;
const NAME_MAX: usize = 60;
const TOKENS_MAX: usize = 20;
/// The last use is written at most this often.
const USED_EVERY_MS: i64 = 60_000;

fn scopes_of(text: &str) -> Vec<Scope> {
    text.split(' ')
        .filter_map(|word| word.parse().ok())
        .collect()
}

impl Panel {
    /// The token itself, which nobody sees again.
    pub(crate) async fn token_make(
        &self,
        actor: &Actor,
        name: &str,
        scopes: &[Scope],
        days: u32,
    ) -> Result<Secret, Error> {
        actor.permit(Action::TokenMake)?;
        self.confirmed(actor)?;
        let name = name.trim();
        if name.is_empty() || name.chars().count() > NAME_MAX {
            let why = format!("Say what it is for, in 1 to {NAME_MAX} characters.");
            return Err(Error::invalid("name", why));
        }
        if scopes.is_empty() {
            return Err(Error::invalid("scopes", "Choose what it may do."));
        }
        if !(1..=DAYS_MAX).contains(&days) {
            let why = format!("Choose 1 to {DAYS_MAX} days.");
            return Err(Error::invalid("days", why));
        }
        let words: Vec<&str> = Scope::ALL
            .iter()
            .filter(|scope| scopes.contains(scope))
            .map(|scope| scope.as_str())
            .collect();
        let secret = Secret(format!("{PREFIX}{}", secret_make().0));
        let now = self.now();
        let id = actor.account.id;
        let record = TokenRecord {
            id: TokenId(Uuid::now_v7()),
            account_id: id,
            name: name.to_owned(),
            scopes: words.join(" "),
            made_at: now,
            expires_at: now + i64::from(days) * DAY_MS,
            last_used_at: None,
        };
        let mut tx = self.store.write().await?;
        self.still(&mut tx, actor).await?;
        tx.token_sweep(now).await?;
        if tx.token_list(id, now).await?.len() >= TOKENS_MAX {
            let why = format!("You have {TOKENS_MAX} tokens. Revoke one first.");
            return Err(Error::conflict(why));
        }
        tx.token_insert(&secret_hash(&secret.0), &record).await?;
        let detail = format!("{}: {}", record.name, record.scopes);
        let audit = self.audit(actor, "token_make", actor.account.name.as_str(), detail);
        tx.audit_insert(&audit.of(id)).await?;
        tx.commit().await?;
        Ok(secret)
    }

    pub(crate) async fn token_list(&self, actor: &Actor) -> Result<Vec<TokenView>, Error> {
        actor.permit(Action::OwnAccount)?;
        let mut tx = self.store.read().await?;
        let rows = tx.token_list(actor.account.id, self.now()).await?;
        let view = |row: TokenRecord| TokenView {
            id: row.id,
            scopes: scopes_of(&row.scopes),
            name: row.name,
            made_at: row.made_at,
            expires_at: row.expires_at,
            last_used_at: row.last_used_at,
        };
        Ok(rows.into_iter().map(view).collect())
    }

    pub(crate) async fn token_revoke(&self, actor: &Actor, id: TokenId) -> Result<(), Error> {
        actor.permit(Action::OwnAccount)?;
        let mut tx = self.store.write().await?;
        if !tx.token_delete(actor.account.id, id).await? {
            return Err(Error::not_found("token"));
        }
        let name = actor.account.name.as_str();
        let audit = self.audit(actor, "token_revoke", name, id.to_string());
        tx.audit_insert(&audit.of(actor.account.id)).await?;
        tx.commit().await?;
        Ok(())
    }

    /// All of one's own.
    pub(crate) async fn token_revoke_all(&self, actor: &Actor) -> Result<(), Error> {
        actor.permit(Action::OwnAccount)?;
        let id = actor.account.id;
        let mut tx = self.store.write().await?;
        let ended = tokens_end(&mut tx, id).await?;
        if ended.is_empty() {
            return Ok(());
        }
        let audit = self.audit(actor, "token_revoke", actor.account.name.as_str(), ended);
        tx.audit_insert(&audit.of(id)).await?;
        tx.commit().await?;
        Ok(())
    }

    /// Whoever the token acts for, if it is good: known, not expired, its owner not suspended.
    pub(crate) async fn actor_by_token(&self, token: &str) -> Result<Actor, Error> {
        let now = self.now();
        if !token.starts_with(PREFIX) {
            return Err(UserError::SignedOut.into());
        }
        let mut tx = self.store.read().await?;
        let found = tx.token_by_hash(&secret_hash(token), now).await?;
        let found = found.ok_or(UserError::SignedOut)?;
        let account = tx.account_by_id(found.account_id).await?;
        drop(tx);
        let account = account
            .filter(|account| account.suspended_at.is_none())
            .ok_or(UserError::SignedOut)?;
        if found
            .last_used_at
            .is_none_or(|at| now - at >= USED_EVERY_MS)
        {
            let mut tx = self.store.write().await?;
            tx.token_used(found.id, now).await?;
            tx.commit().await?;
        }
        Ok(Actor {
            scopes: Some(scopes_of(&found.scopes)),
            ..Actor::of(view(account))
        })
    }
}
