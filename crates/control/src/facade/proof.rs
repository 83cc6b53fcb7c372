//! Proofs of who somebody is: second factors, stepping up, tokens.

use model::{AccountId, Scope, TokenId, TokenView, TwoFactorView, UnixMs};

use super::{Control, answer};
use crate::{Actor, Result, Secret};

impl Control {
    /// The panel's clock, by which proofs grow old.
    pub fn now(&self) -> UnixMs {
        self.0.now()
    }

    /// Did this browser prove not long ago who sits before it?
    pub fn is_confirmed(&self, actor: &Actor) -> bool {
        self.0.is_confirmed(actor)
    }

    /// The code, where there is a second factor, else the password; answers when that was.
    pub async fn confirm(&self, actor: &Actor, proof: &str) -> Result<UnixMs> {
        answer(self.0.confirm(actor, proof)).await
    }

    pub async fn two_factor_view(&self, actor: &Actor) -> Result<TwoFactorView> {
        answer(self.0.two_factor_view(actor)).await
    }

    pub async fn two_factor_begin(&self, actor: &Actor) -> Result<()> {
        answer(self.0.two_factor_begin(actor)).await
    }

    /// The recovery codes, shown once.
    pub async fn two_factor_finish(&self, actor: &Actor, code: &str) -> Result<Vec<String>> {
        answer(self.0.two_factor_finish(actor, code)).await
    }

    pub async fn two_factor_end(&self, actor: &Actor) -> Result<()> {
        answer(self.0.two_factor_end(actor)).await
    }

    /// Ten new ones; the old are void.
    pub async fn recovery_codes_make(&self, actor: &Actor) -> Result<Vec<String>> {
        answer(self.0.recovery_codes_make(actor)).await
    }

    /// An administrator helps somebody who lost everything.
    pub async fn two_factor_reset(&self, actor: &Actor, id: AccountId) -> Result<()> {
        answer(self.0.two_factor_reset(actor, id)).await
    }

    /// The token itself, shown once.
    pub async fn token_make(
        &self,
        actor: &Actor,
        name: &str,
        scopes: &[Scope],
        days: u32,
    ) -> Result<Secret> {
        answer(self.0.token_make(actor, name, scopes, days)).await
    }

    pub async fn token_list(&self, actor: &Actor) -> Result<Vec<TokenView>> {
        answer(self.0.token_list(actor)).await
    }

    pub async fn token_revoke(&self, actor: &Actor, id: TokenId) -> Result<()> {
        answer(self.0.token_revoke(actor, id)).await
    }

    /// All of one's own; having none is fine.
    pub async fn token_revoke_all(&self, actor: &Actor) -> Result<()> {
        answer(self.0.token_revoke_all(actor)).await
    }

    /// Whoever a bearer acts for; nobody's is `SignedOut`.
    pub async fn actor_by_token(&self, token: &str) -> Result<Actor> {
        answer(self.0.actor_by_token(token)).await
    }
}
