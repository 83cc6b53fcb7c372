//! Second factors, recovery codes, tokens.

use model::{AccountId, TokenId, UnixMs};

use crate::db::{execute, fetch_all, fetch_optional};
use crate::{Error, TokenRecord, TwoFactorRecord, Tx};

impl Tx {
    /// A new secret, not yet asked for; what was there is void.
    pub async fn two_factor_put(
        &mut self,
        account: AccountId,
        secret: &str,
        at: UnixMs,
    ) -> Result<(), Error> {
        execute!(self, TWO_FACTOR_PUT, account.to_string(), secret, at).map(|_| ())
    }

    pub async fn two_factor_get(
        &mut self,
        account: AccountId,
    ) -> Result<Option<TwoFactorRecord>, Error> {
        fetch_optional!(self, TWO_FACTOR_GET as TwoFactorRecord, account.to_string())
    }

    /// False when a code of this time step, or of a later one, was taken before.
    pub async fn two_factor_step(&mut self, account: AccountId, step: i64) -> Result<bool, Error> {
        Ok(execute!(self, TWO_FACTOR_STEP, account.to_string(), step)? > 0)
    }

    pub async fn two_factor_confirm(
        &mut self,
        account: AccountId,
        at: UnixMs,
    ) -> Result<(), Error> {
        execute!(self, TWO_FACTOR_CONFIRM, account.to_string(), at).map(|_| ())
    }

    /// With its recovery codes. False when there was none.
    pub async fn two_factor_delete(&mut self, account: AccountId) -> Result<bool, Error> {
        execute!(self, RECOVERY_CLEAR, account.to_string())?;
        Ok(execute!(self, TWO_FACTOR_DELETE, account.to_string())? > 0)
    }

    /// The only ones from now on.
    pub async fn recovery_replace(
        &mut self,
        account: AccountId,
        hashes: &[String],
    ) -> Result<(), Error> {
        execute!(self, RECOVERY_CLEAR, account.to_string())?;
        for hash in hashes {
            execute!(self, RECOVERY_INSERT, account.to_string(), hash)?;
        }
        Ok(())
    }

    /// True once for each.
    pub async fn recovery_use(
        &mut self,
        account: AccountId,
        hash: &str,
        at: UnixMs,
    ) -> Result<bool, Error> {
        Ok(execute!(self, RECOVERY_USE, account.to_string(), hash, at)? > 0)
    }

    pub async fn recovery_left(&mut self, account: AccountId) -> Result<i64, Error> {
        let row = fetch_optional!(self, RECOVERY_LEFT as (i64,), account.to_string())?;
        Ok(row.map_or(0, |row| row.0))
    }

    pub async fn token_insert(
        &mut self,
        token_hash: &str,
        token: &TokenRecord,
    ) -> Result<(), Error> {
        execute!(
            self,
            TOKEN_INSERT,
            token.id.to_string(),
            token.account_id.to_string(),
            &token.name,
            token_hash,
            &token.scopes,
            token.made_at,
            token.expires_at
        )
        .map(|_| ())
    }

    /// Those that are good; the newest first.
    pub async fn token_list(
        &mut self,
        account: AccountId,
        now: UnixMs,
    ) -> Result<Vec<TokenRecord>, Error> {
        fetch_all!(self, TOKEN_LIST as TokenRecord, account.to_string(), now)
    }

    pub async fn token_by_hash(
        &mut self,
        token_hash: &str,
        now: UnixMs,
    ) -> Result<Option<TokenRecord>, Error> {
        fetch_optional!(self, TOKEN_BY_HASH as TokenRecord, token_hash, now)
    }

    pub async fn token_used(&mut self, id: TokenId, at: UnixMs) -> Result<(), Error> {
        execute!(self, TOKEN_USED, id.to_string(), at).map(|_| ())
    }

    /// False when the account has no such token.
    pub async fn token_delete(&mut self, account: AccountId, id: TokenId) -> Result<bool, Error> {
        Ok(execute!(self, TOKEN_DELETE, account.to_string(), id.to_string())? > 0)
    }

    /// All of the account's; how many there were.
    pub async fn token_clear(&mut self, account: AccountId) -> Result<u64, Error> {
        execute!(self, TOKEN_CLEAR, account.to_string())
    }

    pub async fn token_sweep(&mut self, now: UnixMs) -> Result<(), Error> {
        execute!(self, TOKEN_SWEEP, now).map(|_| ())
    }
}
