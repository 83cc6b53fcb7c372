//! Requests for a larger quota, one's own or a team's: somebody says why, an administrator decides,
//! both see it.

use model::{
    AccountId, ListPage, OwnerId, PER_PAGE, PageAt, QuotaChoice, QuotaLimits, QuotaOwner,
    QuotaRequestView, RequestId, RequestState, Role, TeamId, UserError,
};
use store::{AccountRecord, AuditRecord, RequestRecord, TeamRecord, Tx};
use uuid::Uuid;

use crate::Actor;
use crate::error::Error;
use crate::gate::Standing;
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

/// Whose quota a request is about.
enum Owner {
    Account(Box<AccountRecord>),
    Team(TeamRecord),
}

impl Owner {
    fn id(&self) -> OwnerId {
        match self {
            Self::Account(account) => account.id.into(),
            Self::Team(team) => team.id.into(),
        }
    }

    async fn of(tx: &mut Tx, id: OwnerId) -> Result<Self, Error> {
        if let Some(account) = tx.account_by_id(AccountId(id.0)).await? {
            return Ok(Self::Account(Box::new(account)));
        }
        let team = tx.team_by_id(TeamId(id.0)).await?;
        team.map(Self::Team)
            .ok_or_else(|| Error::not_found("account"))
    }
}

/// For oneself whoever may at all; for a team its administrators alone, whatever they are on the
/// panel.
pub(crate) fn may_ask(actor: &Actor, standing: Option<Standing>) -> bool {
    let is_theirs = matches!(
        standing,
        Some(Standing::Own | Standing::In(Role::Administrator))
    );
    actor.may(Action::QuotaAsk) && is_theirs
}

fn permit(actor: &Actor, standing: Standing) -> Result<(), Error> {
    actor.permit(Action::QuotaAsk)?;
    if may_ask(actor, Some(standing)) {
        return Ok(());
    }
    let why = "Only the team's administrators may do this.".to_owned();
    Err(UserError::NotAllowed { why }.into())
}

impl Panel {
    /// One at a time. `team`: in whose name, by its id or its name; without one in the actor's own.
    pub(crate) async fn quota_request_make(
        &self,
        actor: &Actor,
        team: Option<&str>,
        wanted: QuotaLimits,
        reason: &str,
    ) -> Result<Option<TeamId>, Error> {
        actor.permit(Action::QuotaAsk)?;
        let mut tx = self.store.write().await?;
        let (target, standing) = self.target_seen(&mut tx, actor, team).await?;
        permit(actor, standing)?;
        self.still(&mut tx, actor).await?;
        choice_check(choice_of(wanted))?;
        let reason = short("reason", reason)?;
        if reason.is_empty() {
            return Err(Error::invalid("reason", "Say what it is for."));
        }
        let present = self.limits_of(&mut tx, target.id).await?;
        if wanted == present {
            let why = match &target.team {
                None => "This is what you have already.",
                Some(_) => "This is what the team has already.",
            };
            return Err(Error::invalid("clusters", why));
        }
        let before = tx.request_by_owner(target.id).await?;
        if before.iter().any(|one| one.state == RequestState::Open) {
            return Err(Error::conflict(match &target.team {
                None => "You have asked already. Take that request back to ask for something else.",
                Some(_) => {
                    "The team has asked already. Take that request back to ask for something else."
                }
            }));
        }
        let owner = Owner::of(&mut tx, target.id).await?;
        tx.request_insert(&RequestRecord {
            id: RequestId(Uuid::now_v7()),
            owner_id: target.id,
            made_by: actor.account.name.to_string(),
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
        let audit = self.owner_audit(actor, "quota_request_make", &owner, &words(wanted));
        tx.audit_insert(&audit).await?;
        tx.commit().await?;
        self.changed_all(target.id);
        self.requests_changed();
        Ok(target.team.map(|team| team.id))
    }

    /// One's own, or one of a team whose administrator one is; whoever wrote it. The team that it was
    /// for.
    pub(crate) async fn quota_request_withdraw(
        &self,
        actor: &Actor,
        id: RequestId,
    ) -> Result<Option<TeamId>, Error> {
        actor.permit(Action::QuotaAsk)?;
        let mut tx = self.store.write().await?;
        let nothing = || Error::not_found("request");
        let request = tx.request_get(id).await?.ok_or_else(nothing)?;
        let standing = self.standing(&mut tx, actor, request.owner_id).await?;
        let standing = standing.ok_or_else(nothing)?;
        permit(actor, standing)?;
        self.still(&mut tx, actor).await?;
        let owner = Owner::of(&mut tx, request.owner_id).await?;
        let name = actor.account.name.as_str();
        self.decide(&mut tx, &request, RequestState::Withdrawn, name, "")
            .await?;
        let audit = self.owner_audit(actor, "quota_request_withdraw", &owner, "");
        tx.audit_insert(&audit).await?;
        tx.commit().await?;
        self.changed_all(request.owner_id);
        self.requests_changed();
        Ok(match owner {
            Owner::Account(_) => None,
            Owner::Team(team) => Some(team.id),
        })
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
        let owner = Owner::of(&mut tx, request.owner_id).await?;
        let (state, action) = match is_granted {
            true => (RequestState::Granted, "quota_request_grant"),
            false => (RequestState::Declined, "quota_request_decline"),
        };
        let by = actor.account.name.as_str();
        self.decide(&mut tx, &request, state, by, &answer).await?;
        let wanted = limits_of(&request);
        if is_granted {
            let quota = record(choice_of(wanted));
            match &owner {
                Owner::Account(account) => tx.account_quota_set(account.id, quota).await?,
                Owner::Team(team) => tx.team_quota_set(team.id, quota).await?,
            }
        }
        let audit = self.owner_audit(actor, action, &owner, &words(wanted));
        tx.audit_insert(&audit).await?;
        tx.commit().await?;
        self.changed_all(owner.id());
        self.requests_changed();
        Ok(())
    }

    fn owner_audit(&self, actor: &Actor, action: &str, owner: &Owner, detail: &str) -> AuditRecord {
        match owner {
            Owner::Account(account) => {
                let name = account.name.as_str();
                self.audit(actor, action, name, detail).of(account.id)
            }
            Owner::Team(team) => self.team_audit(actor, action, team, detail),
        }
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
        self.request_of(&mut tx, actor.account.id).await
    }

    /// Those of an account or a team, the newest first.
    pub(crate) async fn request_of(
        &self,
        tx: &mut Tx,
        owner: impl Into<OwnerId>,
    ) -> Result<Vec<QuotaRequestView>, Error> {
        let rows = tx.request_by_owner(owner.into()).await?;
        self.request_views(tx, rows).await
    }

    pub(crate) async fn quota_request_count(&self, actor: &Actor) -> Result<u32, Error> {
        actor.permit(Action::PeopleManage)?;
        Ok(self.store.read().await?.request_open_count().await?)
    }

    /// What waits for a decision, the oldest first, by the page.
    pub(crate) async fn quota_request_list(
        &self,
        actor: &Actor,
        page: u32,
    ) -> Result<ListPage<QuotaRequestView>, Error> {
        actor.permit(Action::PeopleManage)?;
        let mut tx = self.store.read().await?;
        let total = tx.request_open_count().await?;
        let at = PageAt::of(total, total, page, PER_PAGE);
        let rows = tx.request_open(PER_PAGE, at.skipped(PER_PAGE)).await?;
        let rows = self.request_views(&mut tx, rows).await?;
        Ok(ListPage { rows, at })
    }

    async fn request_views(
        &self,
        tx: &mut Tx,
        rows: Vec<RequestRecord>,
    ) -> Result<Vec<QuotaRequestView>, Error> {
        let mut views = Vec::new();
        let default = self.quota_default(tx).await?;
        for row in rows {
            let (owner, quota) = match Owner::of(tx, row.owner_id).await? {
                Owner::Account(account) => {
                    let (id, name) = (account.id, account.name);
                    (QuotaOwner::Account { id, name }, account.quota)
                }
                Owner::Team(team) => {
                    let (id, name) = (team.id, team.name);
                    (QuotaOwner::Team { id, name }, team.quota)
                }
            };
            views.push(QuotaRequestView {
                id: row.id,
                owner,
                wanted: limits_of(&row),
                present: self.limits(quota, default),
                made_by: row.made_by,
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
