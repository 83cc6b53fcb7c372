//! Requests for a larger quota: a person says why, an administrator decides, both see it.

use model::{
    AccountId, QuotaChoice, QuotaLimits, QuotaRequestView, RequestId, RequestState, UserError,
};
use store::{RequestRecord, Tx};
use uuid::Uuid;

use crate::Actor;
use crate::error::Error;
use crate::panel::{AuditOf as _, Panel};
use crate::permit::Action;
use crate::quota::{choice_check, record, words};

/// The longest reason and answer, in characters.
const WORDS_MAX: usize = 500;

fn short(field: &str, text: &str) -> Result<String, Error> {
    let text = text.trim();
    match text.chars().count() {
        n if n > WORDS_MAX => {
            let why = format!("Use at most {WORDS_MAX} characters.");
            Err(Error::invalid(field, why))
        }
        _ => Ok(text.to_owned()),
    }
}

impl Panel {
    /// One at a time.
    pub(crate) async fn quota_request_make(
        &self,
        actor: &Actor,
        wanted: QuotaLimits,
        reason: &str,
    ) -> Result<(), Error> {
        actor.permit(Action::QuotaAsk)?;
        choice_check(choice_of(wanted))?;
        let reason = short("reason", reason)?;
        if reason.is_empty() {
            return Err(Error::invalid("reason", "Say what it is for."));
        }
        let id = actor.account.id;
        let mut tx = self.store.write().await?;
        let present = self.limits_of(&mut tx, id.into()).await?;
        if wanted == present {
            return Err(Error::invalid("clusters", "This is what you have already."));
        }
        let mine = tx.request_by_account(id).await?;
        if mine.iter().any(|one| one.state == RequestState::Open) {
            return Err(Error::conflict(
                "You have asked already. Take that request back to ask for something else.",
            ));
        }
        tx.request_insert(&RequestRecord {
            id: RequestId(Uuid::now_v7()),
            account_id: id,
            clusters: wanted.clusters,
            segments: wanted.segments,
            memory_mib: wanted.memory_mib,
            disk_gib: wanted.disk_gib,
            reason,
            state: RequestState::Open,
            made_at: self.now(),
            decided_at: None,
            decided_by: None,
            answer: String::new(),
        })
        .await?;
        let name = actor.account.name.as_str();
        let audit = self.audit(actor, "quota_request_make", name, words(wanted));
        tx.audit_insert(&audit.of(id)).await?;
        tx.commit().await?;
        Ok(())
    }

    pub(crate) async fn quota_request_withdraw(
        &self,
        actor: &Actor,
        id: RequestId,
    ) -> Result<(), Error> {
        actor.permit(Action::QuotaAsk)?;
        let mut tx = self.store.write().await?;
        let request = tx.request_get(id).await?;
        let request = request
            .filter(|request| request.account_id == actor.account.id)
            .ok_or_else(|| Error::not_found("request"))?;
        let name = actor.account.name.as_str();
        self.decide(&mut tx, &request, RequestState::Withdrawn, name, "")
            .await?;
        let audit = self.audit(actor, "quota_request_withdraw", name, "");
        tx.audit_insert(&audit.of(actor.account.id)).await?;
        tx.commit().await?;
        Ok(())
    }

    /// Granting it sets the quota in the same transaction.
    pub(crate) async fn quota_request_decide(
        &self,
        actor: &Actor,
        id: RequestId,
        is_granted: bool,
        answer: &str,
    ) -> Result<(), Error> {
        actor.permit(Action::PeopleManage)?;
        self.confirmed(actor)?;
        let answer = short("answer", answer)?;
        let mut tx = self.store.write().await?;
        self.still(&mut tx, actor).await?;
        let request = tx.request_get(id).await?;
        let request = request.ok_or_else(|| Error::not_found("request"))?;
        let account = tx.account_by_id(request.account_id).await?;
        let account = account.ok_or_else(|| Error::not_found("account"))?;
        let (state, action) = match is_granted {
            true => (RequestState::Granted, "quota_request_grant"),
            false => (RequestState::Declined, "quota_request_decline"),
        };
        let by = actor.account.name.as_str();
        self.decide(&mut tx, &request, state, by, &answer).await?;
        let wanted = limits_of(&request);
        if is_granted {
            let choice = choice_of(wanted);
            tx.account_quota_set(account.id, record(choice)).await?;
        }
        let audit = self.audit(actor, action, account.name.as_str(), words(wanted));
        tx.audit_insert(&audit.of(account.id)).await?;
        tx.commit().await?;
        Ok(())
    }

    async fn decide(
        &self,
        tx: &mut Tx,
        request: &RequestRecord,
        state: RequestState,
        by: &str,
        answer: &str,
    ) -> Result<(), Error> {
        let is_first = tx
            .request_decide(request.id, state, self.now(), by, answer)
            .await?;
        match is_first {
            true => Ok(()),
            false => Err(Error::conflict("This request was decided already.")),
        }
    }

    /// One's own, the newest first.
    pub(crate) async fn quota_request_own(
        &self,
        actor: &Actor,
    ) -> Result<Vec<QuotaRequestView>, Error> {
        actor.permit(Action::OwnAccount)?;
        let mut tx = self.store.read().await?;
        let rows = tx.request_by_account(actor.account.id).await?;
        self.request_views(&mut tx, rows).await
    }

    pub(crate) async fn quota_request_count(&self, actor: &Actor) -> Result<u64, Error> {
        actor.permit(Action::PeopleManage)?;
        Ok(self.store.read().await?.request_open_count().await?)
    }

    /// What waits for a decision, the oldest first.
    pub(crate) async fn quota_request_list(
        &self,
        actor: &Actor,
    ) -> Result<Vec<QuotaRequestView>, Error> {
        actor.permit(Action::PeopleManage)?;
        let mut tx = self.store.read().await?;
        let rows = tx.request_open().await?;
        self.request_views(&mut tx, rows).await
    }

    async fn request_views(
        &self,
        tx: &mut Tx,
        rows: Vec<RequestRecord>,
    ) -> Result<Vec<QuotaRequestView>, Error> {
        let mut views = Vec::new();
        let default = self.quota_default(tx).await?;
        for row in rows {
            let account: AccountId = row.account_id;
            let account = tx.account_by_id(account).await?;
            let account = account.ok_or(UserError::NotFound {
                what: "account".to_owned(),
            })?;
            views.push(QuotaRequestView {
                id: row.id,
                account: account.id,
                name: account.name,
                wanted: limits_of(&row),
                present: self.limits(account.quota, default),
                reason: row.reason,
                state: row.state,
                made_at: row.made_at,
                decided_at: row.decided_at,
                decided_by: row.decided_by,
                answer: row.answer,
            });
        }
        Ok(views)
    }
}

fn choice_of(limits: QuotaLimits) -> QuotaChoice {
    QuotaChoice {
        clusters: Some(limits.clusters),
        segments: Some(limits.segments),
        memory_mib: Some(limits.memory_mib),
        disk_gib: Some(limits.disk_gib),
    }
}

fn limits_of(request: &RequestRecord) -> QuotaLimits {
    QuotaLimits {
        clusters: request.clusters,
        segments: request.segments,
        memory_mib: request.memory_mib,
        disk_gib: request.disk_gib,
    }
}
