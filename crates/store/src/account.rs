//! Accounts, links that are taken once, audit, and the panel's own few values.

use model::{AccountId, AccountName, ClusterId, OwnerId, SessionId, UnixMs};
use sqlx::FromRow;

use crate::db::{execute, fetch_all, fetch_optional};
use crate::{AccountRecord, AuditRecord, Error, SessionRecord, Tx};

/// Whose bundle a link gets, and how.
#[derive(Debug, Clone, FromRow)]
pub struct BundleLink {
    #[sqlx(try_from = "String")]
    pub cluster_id: ClusterId,
    #[sqlx(try_from = "String")]
    pub account_id: AccountId,
    pub browser_host: Option<String>,
    /// What the certificate will be for.
    pub label: String,
    pub expires_at: UnixMs,
}

impl Tx {
    pub async fn panel_get(&mut self, key: &str) -> Result<Option<String>, Error> {
        let row = fetch_optional!(self, PANEL_GET as (String,), key)?;
        Ok(row.map(|row| row.0))
    }

    pub async fn panel_set(&mut self, key: &str, value: &str) -> Result<(), Error> {
        execute!(self, PANEL_SET, key, value).map(|_| ())
    }

    pub async fn account_count(&mut self) -> Result<i64, Error> {
        let row = fetch_optional!(self, ACCOUNT_COUNT as (i64,))?;
        Ok(row.map_or(0, |row| row.0))
    }

    /// `Taken` when the name is.
    pub async fn account_insert(&mut self, account: &AccountRecord) -> Result<(), Error> {
        execute!(self, OWNER_INSERT, account.id.to_string())?;
        execute!(
            self,
            ACCOUNT_INSERT,
            account.id.to_string(),
            account.name.as_str(),
            account.role.as_str(),
            &account.password_hash,
            account.created_at,
            account.quota.quota_clusters,
            account.quota.quota_segments,
            account.quota.quota_memory_mib,
            account.quota.quota_disk_gib
        )
        .map(|_| ())
    }

    pub async fn account_by_id(&mut self, id: AccountId) -> Result<Option<AccountRecord>, Error> {
        fetch_optional!(self, ACCOUNT_BY_ID as AccountRecord, id.to_string())
    }

    pub async fn account_by_name(
        &mut self,
        name: &AccountName,
    ) -> Result<Option<AccountRecord>, Error> {
        fetch_optional!(self, ACCOUNT_BY_NAME as AccountRecord, name.as_str())
    }

    pub async fn account_list(&mut self) -> Result<Vec<AccountRecord>, Error> {
        fetch_all!(self, ACCOUNT_LIST as AccountRecord)
    }

    pub async fn account_password_set(&mut self, id: AccountId, hash: &str) -> Result<(), Error> {
        execute!(self, ACCOUNT_PASSWORD_SET, id.to_string(), hash).map(|_| ())
    }

    /// The only link there is from now on.
    pub async fn setup_link_replace(
        &mut self,
        token_hash: &str,
        expires_at: UnixMs,
    ) -> Result<(), Error> {
        execute!(self, SETUP_LINK_CLEAR)?;
        execute!(self, SETUP_LINK_INSERT, token_hash, expires_at).map(|_| ())
    }

    /// True once, when it was there and had not expired.
    pub async fn setup_link_take(&mut self, token_hash: &str, now: UnixMs) -> Result<bool, Error> {
        let row = fetch_optional!(self, SETUP_LINK_TAKE as (i64,), token_hash, now)?;
        Ok(row.is_some())
    }

    pub async fn setup_link_clear(&mut self) -> Result<(), Error> {
        execute!(self, SETUP_LINK_CLEAR).map(|_| ())
    }

    pub async fn bundle_link_insert(
        &mut self,
        token_hash: &str,
        link: &BundleLink,
    ) -> Result<(), Error> {
        execute!(
            self,
            BUNDLE_LINK_INSERT,
            token_hash,
            link.cluster_id.to_string(),
            link.account_id.to_string(),
            &link.browser_host,
            &link.label,
            link.expires_at
        )
        .map(|_| ())
    }

    /// The link, once; the caller looks at its expiry.
    pub async fn bundle_link_take(
        &mut self,
        token_hash: &str,
    ) -> Result<Option<BundleLink>, Error> {
        fetch_optional!(self, BUNDLE_LINK_TAKE as BundleLink, token_hash)
    }

    /// All of an account's to the clusters of one owner.
    pub async fn bundle_link_drop_owned(
        &mut self,
        account: AccountId,
        owner: OwnerId,
    ) -> Result<(), Error> {
        execute!(
            self,
            BUNDLE_LINK_DROP_OWNED,
            account.to_string(),
            owner.to_string()
        )
        .map(|_| ())
    }

    /// All of a cluster's.
    pub async fn bundle_link_drop(&mut self, id: ClusterId) -> Result<(), Error> {
        execute!(self, BUNDLE_LINK_DROP, id.to_string()).map(|_| ())
    }

    pub async fn bundle_link_sweep(&mut self, now: UnixMs) -> Result<(), Error> {
        execute!(self, BUNDLE_LINK_SWEEP, now).map(|_| ())
    }

    /// Those that are neither idle nor old; the newest first.
    pub async fn session_list(
        &mut self,
        account: AccountId,
        now: UnixMs,
        idle_since: UnixMs,
        made_since: UnixMs,
    ) -> Result<Vec<SessionRecord>, Error> {
        fetch_all!(
            self,
            SESSION_LIST as SessionRecord,
            account.to_string(),
            now,
            idle_since,
            made_since
        )
    }

    /// False when the account has no such session.
    pub async fn session_end(&mut self, account: AccountId, id: SessionId) -> Result<bool, Error> {
        Ok(execute!(self, SESSION_END, account.to_string(), id.to_string())? > 0)
    }

    /// All of the account's but one; with none to keep, all. Also those that are being written just
    /// now: they began with a proof of before, and a new epoch begins here.
    pub async fn session_end_others(
        &mut self,
        account: AccountId,
        keep: Option<SessionId>,
    ) -> Result<(), Error> {
        let keep = keep.map(|id| id.to_string()).unwrap_or_default();
        execute!(self, SESSION_END_OTHERS, account.to_string(), keep)?;
        execute!(self, ACCOUNT_EPOCH_NEXT, account.to_string())?;
        execute!(self, SESSION_EPOCH, account.to_string()).map(|_| ())
    }

    pub async fn audit_insert(&mut self, audit: &AuditRecord) -> Result<(), Error> {
        execute!(
            self,
            AUDIT_INSERT,
            &audit.id,
            audit.at,
            &audit.actor_id,
            &audit.actor_name,
            &audit.action,
            &audit.subject,
            &audit.subject_id,
            &audit.owner_id,
            &audit.detail
        )
        .map(|_| ())
    }

    /// The newest hundred.
    pub async fn audit_list(&mut self) -> Result<Vec<AuditRecord>, Error> {
        fetch_all!(self, AUDIT_LIST as AuditRecord)
    }
}
