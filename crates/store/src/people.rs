//! People as administrators handle them, links that are taken once, requests for more, the audit.

use model::{AccountId, InvitationId, OwnerId, RequestId, Role, UnixMs};

use crate::db::{execute, fetch_all, fetch_optional};
use crate::{
    AuditFilter, AuditRecord, Error, InvitationRecord, PersonRecord, QuotaRecord, QuotaUsed,
    RequestRecord, Tx,
};

/// A pattern of what has this somewhere in it, whatever characters it is made of.
fn containing(text: &str) -> String {
    let mut pattern = "%".to_owned();
    for c in text.chars() {
        if matches!(c, '%' | '_' | '!') {
            pattern.push('!');
        }
        pattern.push(c);
    }
    pattern + "%"
}

impl Tx {
    pub async fn account_role_set(&mut self, id: AccountId, role: Role) -> Result<(), Error> {
        execute!(self, ACCOUNT_ROLE_SET, id.to_string(), role.as_str()).map(|_| ())
    }

    /// `None` lets the person in again.
    pub async fn account_suspend_set(
        &mut self,
        id: AccountId,
        since: Option<UnixMs>,
    ) -> Result<(), Error> {
        execute!(self, ACCOUNT_SUSPEND_SET, id.to_string(), since).map(|_| ())
    }

    pub async fn account_signed_in(&mut self, id: AccountId, at: UnixMs) -> Result<(), Error> {
        execute!(self, ACCOUNT_SIGNED_IN, id.to_string(), at).map(|_| ())
    }

    pub async fn account_quota_set(
        &mut self,
        id: AccountId,
        quota: QuotaRecord,
    ) -> Result<(), Error> {
        execute!(
            self,
            ACCOUNT_QUOTA_SET,
            id.to_string(),
            quota.quota_clusters,
            quota.quota_segments,
            quota.quota_memory_mib,
            quota.quota_disk_gib
        )
        .map(|_| ())
    }

    /// Only one that owns nothing; its sessions, links, requests and places in teams go with it.
    pub async fn account_delete(&mut self, id: AccountId) -> Result<(), Error> {
        execute!(self, ACCOUNT_DELETE, id.to_string())?;
        execute!(self, OWNER_DELETE, id.to_string()).map(|_| ())
    }

    /// Those who can sign in: by a password, at the provider that there is (`issuer`; empty where
    /// there is none), or with a passkey of this site (`site`; empty for a passkey of any).
    pub async fn account_administrators(&mut self, issuer: &str, site: &str) -> Result<i64, Error> {
        let row = fetch_optional!(self, ACCOUNT_ADMINISTRATORS as (i64,), issuer, site)?;
        Ok(row.map_or(0, |row| row.0))
    }

    /// What an owner has of its quota. What is going away does not count. What has not come up does: it
    /// still may. A segment that is replaced comes back, and counts, too.
    pub async fn quota_used(&mut self, id: OwnerId) -> Result<QuotaUsed, Error> {
        let clusters = fetch_optional!(self, QUOTA_CLUSTERS as (i64, i64), id.to_string())?;
        let segments = fetch_optional!(self, QUOTA_SEGMENTS as (i64, i64), id.to_string())?;
        let (all, clusters) = clusters.unwrap_or_default();
        let (memory_mib, disk_bytes) = segments.unwrap_or_default();
        Ok(QuotaUsed {
            clusters,
            all,
            memory_mib,
            disk_bytes,
        })
    }

    /// How many accounts have this in their names.
    pub async fn person_count(&mut self, filter: &str) -> Result<u32, Error> {
        let row = fetch_optional!(self, PERSON_COUNT as (i64,), containing(filter))?;
        Ok(row.and_then(|row| row.0.try_into().ok()).unwrap_or(0))
    }

    /// So many of them, by name, after those that are skipped.
    pub async fn person_page(
        &mut self,
        filter: &str,
        most: u32,
        skipped: u32,
    ) -> Result<Vec<PersonRecord>, Error> {
        fetch_all!(
            self,
            PERSON_PAGE as PersonRecord,
            containing(filter),
            i64::from(most),
            i64::from(skipped)
        )
    }

    pub async fn person_get(&mut self, id: AccountId) -> Result<Option<PersonRecord>, Error> {
        fetch_optional!(self, PERSON_GET as PersonRecord, id.to_string())
    }

    pub async fn invitation_insert(
        &mut self,
        token_hash: &str,
        invitation: &InvitationRecord,
    ) -> Result<(), Error> {
        execute!(
            self,
            INVITATION_INSERT,
            invitation.id.to_string(),
            token_hash,
            &invitation.note,
            invitation.role.as_str(),
            invitation.quota.quota_clusters,
            invitation.quota.quota_segments,
            invitation.quota.quota_memory_mib,
            invitation.quota.quota_disk_gib,
            &invitation.made_by,
            invitation.made_at,
            invitation.expires_at
        )
        .map(|_| ())
    }

    /// Those that can still be taken; the newest first.
    pub async fn invitation_list(&mut self, now: UnixMs) -> Result<Vec<InvitationRecord>, Error> {
        fetch_all!(self, INVITATION_LIST as InvitationRecord, now)
    }

    pub async fn invitation_get(
        &mut self,
        token_hash: &str,
        now: UnixMs,
    ) -> Result<Option<InvitationRecord>, Error> {
        fetch_optional!(self, INVITATION_GET as InvitationRecord, token_hash, now)
    }

    /// True once.
    pub async fn invitation_delete(&mut self, id: InvitationId) -> Result<bool, Error> {
        Ok(execute!(self, INVITATION_DELETE, id.to_string())? > 0)
    }

    /// All that somebody made.
    pub async fn invitation_clear_by(&mut self, made_by: &str) -> Result<(), Error> {
        execute!(self, INVITATION_CLEAR_BY, made_by).map(|_| ())
    }

    pub async fn reset_link_clear_all(&mut self) -> Result<(), Error> {
        execute!(self, RESET_LINK_CLEAR_ALL).map(|_| ())
    }

    pub async fn link_sweep(&mut self, now: UnixMs) -> Result<(), Error> {
        execute!(self, INVITATION_SWEEP, now)?;
        execute!(self, RESET_LINK_SWEEP, now).map(|_| ())
    }

    /// The account's only link from now on.
    pub async fn reset_link_replace(
        &mut self,
        token_hash: &str,
        account: AccountId,
        expires_at: UnixMs,
    ) -> Result<(), Error> {
        self.reset_link_clear(account).await?;
        execute!(
            self,
            RESET_LINK_INSERT,
            token_hash,
            account.to_string(),
            expires_at
        )
        .map(|_| ())
    }

    pub async fn reset_link_clear(&mut self, account: AccountId) -> Result<(), Error> {
        execute!(self, RESET_LINK_CLEAR, account.to_string()).map(|_| ())
    }

    /// Whose password the link sets.
    pub async fn reset_link_get(
        &mut self,
        token_hash: &str,
        now: UnixMs,
    ) -> Result<Option<AccountId>, Error> {
        let row = fetch_optional!(self, RESET_LINK_GET as (String,), token_hash, now)?;
        Ok(row.and_then(|row| row.0.parse().ok()))
    }

    pub async fn request_insert(&mut self, request: &RequestRecord) -> Result<(), Error> {
        let big = |n: u64| i64::try_from(n).unwrap_or(i64::MAX);
        execute!(
            self,
            REQUEST_INSERT,
            request.id.to_string(),
            request.owner_id.to_string(),
            &request.made_by,
            i64::from(request.clusters),
            i64::from(request.segments),
            big(request.memory_mib),
            big(request.disk_gib),
            &request.reason,
            request.made_at
        )
        .map(|_| ())
    }

    /// The newest twenty of an account or a team.
    pub async fn request_by_owner(&mut self, id: OwnerId) -> Result<Vec<RequestRecord>, Error> {
        fetch_all!(self, REQUEST_BY_OWNER as RequestRecord, id.to_string())
    }

    /// How many wait for an administrator.
    pub async fn request_open_count(&mut self) -> Result<u32, Error> {
        let row = fetch_optional!(self, REQUEST_OPEN_COUNT as (i64,))?;
        Ok(row.and_then(|row| row.0.try_into().ok()).unwrap_or(0))
    }

    /// So many of what waits for an administrator, the oldest first, after those that are skipped.
    pub async fn request_open(
        &mut self,
        most: u32,
        skipped: u32,
    ) -> Result<Vec<RequestRecord>, Error> {
        fetch_all!(
            self,
            REQUEST_OPEN as RequestRecord,
            i64::from(most),
            i64::from(skipped)
        )
    }

    pub async fn request_get(&mut self, id: RequestId) -> Result<Option<RequestRecord>, Error> {
        fetch_optional!(self, REQUEST_GET as RequestRecord, id.to_string())
    }

    /// False when somebody else was first.
    pub async fn request_decide(
        &mut self,
        id: RequestId,
        state: model::RequestState,
        at: UnixMs,
        by: &str,
        answer: &str,
    ) -> Result<bool, Error> {
        Ok(execute!(
            self,
            REQUEST_DECIDE,
            id.to_string(),
            state.as_str(),
            at,
            by,
            answer
        )? > 0)
    }

    /// The newest first; one page by where the one before ended.
    pub async fn audit_search(
        &mut self,
        filter: &AuditFilter,
        most: i64,
    ) -> Result<Vec<AuditRecord>, Error> {
        fetch_all!(
            self,
            AUDIT_SEARCH as AuditRecord,
            &filter.about_id,
            &filter.actor_name,
            &filter.action,
            &filter.subject,
            filter.since,
            filter.until,
            filter.before.0,
            &filter.before.1,
            most
        )
    }
}
