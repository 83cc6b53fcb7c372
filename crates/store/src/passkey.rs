//! Passkeys: which are whose, and what they signed last.

use model::{AccountId, PasskeyId, UnixMs};

use crate::db::{execute, fetch_all, fetch_optional};
use crate::{Error, PasskeyRecord, Tx};

impl Tx {
    /// One that was not used yet. `Taken` when somebody has a passkey of this device's name.
    pub async fn passkey_insert(&mut self, passkey: &PasskeyRecord) -> Result<(), Error> {
        execute!(
            self,
            PASSKEY_INSERT,
            passkey.id.to_string(),
            passkey.account_id.to_string(),
            &passkey.credential_id,
            &passkey.site,
            &passkey.name,
            &passkey.data,
            passkey.made_at
        )
        .map(|_| ())
    }

    /// All of an account's; the oldest first.
    pub async fn passkey_list(&mut self, account: AccountId) -> Result<Vec<PasskeyRecord>, Error> {
        fetch_all!(self, PASSKEY_LIST as PasskeyRecord, account.to_string())
    }

    pub async fn passkey_by_credential(
        &mut self,
        credential_id: &str,
    ) -> Result<Option<PasskeyRecord>, Error> {
        fetch_optional!(self, PASSKEY_BY_CREDENTIAL as PasskeyRecord, credential_id)
    }

    /// `passkey` as it was read; what it is from now on, and what it signed. False when it was used
    /// since it was read, or signed this before.
    pub async fn passkey_use(
        &mut self,
        passkey: &PasskeyRecord,
        data: &str,
        proof: &str,
        at: UnixMs,
    ) -> Result<bool, Error> {
        Ok(execute!(
            self,
            PASSKEY_USE,
            passkey.id.to_string(),
            &passkey.last_proof,
            data,
            proof,
            at
        )? > 0)
    }

    /// False when the account has no such passkey.
    pub async fn passkey_delete(
        &mut self,
        account: AccountId,
        id: PasskeyId,
    ) -> Result<bool, Error> {
        Ok(execute!(self, PASSKEY_DELETE, account.to_string(), id.to_string())? > 0)
    }

    /// All of an account's; how many there were.
    pub async fn passkey_clear(&mut self, account: AccountId) -> Result<u64, Error> {
        execute!(self, PASSKEY_CLEAR, account.to_string())
    }
}
