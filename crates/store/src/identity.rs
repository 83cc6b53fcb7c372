//! Who somebody is at an identity provider.

use model::{AccountId, UnixMs};

use crate::db::{execute, fetch_optional};
use crate::{Error, Tx};

impl Tx {
    /// `Taken` when either of them is connected already.
    pub async fn identity_insert(
        &mut self,
        issuer: &str,
        subject: &str,
        account: AccountId,
        at: UnixMs,
    ) -> Result<(), Error> {
        execute!(
            self,
            IDENTITY_INSERT,
            issuer,
            subject,
            account.to_string(),
            at
        )
        .map(|_| ())
    }

    /// Whose account it is.
    pub async fn identity_account(
        &mut self,
        issuer: &str,
        subject: &str,
    ) -> Result<Option<AccountId>, Error> {
        let row = fetch_optional!(self, IDENTITY_ACCOUNT as (String,), issuer, subject)?;
        Ok(row.and_then(|row| row.0.parse().ok()))
    }

    /// Since when the account is connected with that provider.
    pub async fn identity_since(
        &mut self,
        account: AccountId,
        issuer: &str,
    ) -> Result<Option<UnixMs>, Error> {
        let row = fetch_optional!(self, IDENTITY_SINCE as (i64,), account.to_string(), issuer)?;
        Ok(row.map(|row| row.0))
    }

    /// False when it was not connected.
    pub async fn identity_delete(
        &mut self,
        account: AccountId,
        issuer: &str,
    ) -> Result<bool, Error> {
        Ok(execute!(self, IDENTITY_DELETE, account.to_string(), issuer)? > 0)
    }
}
