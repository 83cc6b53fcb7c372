//! People: accounts, invitations, quotas, the audit.

use std::net::IpAddr;

use model::{
    AccountId, AuditPage, InvitationId, InvitationView, ListPage, PersonView, QuotaChoice,
    QuotaLimits, QuotaRequestView, RequestId, Role, TeamId,
};

use super::{Control, answer};
use crate::{Actor, Admitted, AuditQuery, InvitationSpec, Result, Secret};

impl Control {
    /// Those whose names have `filter` in them, by the page.
    pub async fn person_list(
        &self,
        actor: &Actor,
        filter: &str,
        page: u32,
    ) -> Result<ListPage<PersonView>> {
        answer(self.0.person_list(actor, filter, page)).await
    }

    pub async fn person_get(&self, actor: &Actor, id: AccountId) -> Result<PersonView> {
        answer(self.0.person_get(actor, id)).await
    }

    pub async fn role_set(&self, actor: &Actor, id: AccountId, role: Role) -> Result<()> {
        answer(self.0.role_set(actor, id, role)).await
    }

    /// Sessions end at once, clusters keep running.
    pub async fn person_suspend(&self, actor: &Actor, id: AccountId) -> Result<()> {
        answer(self.0.person_suspend(actor, id)).await
    }

    pub async fn person_unsuspend(&self, actor: &Actor, id: AccountId) -> Result<()> {
        answer(self.0.person_unsuspend(actor, id)).await
    }

    /// Only who owns nothing.
    pub async fn person_delete(
        &self,
        actor: &Actor,
        id: AccountId,
        confirm_name: &str,
    ) -> Result<()> {
        answer(self.0.person_delete(actor, id, confirm_name)).await
    }

    pub async fn quota_set(&self, actor: &Actor, id: AccountId, choice: QuotaChoice) -> Result<()> {
        answer(self.0.quota_set(actor, id, choice)).await
    }

    /// In the name of a team, by its id or its name; without one in the actor's own. The team.
    pub async fn quota_request_make(
        &self,
        actor: &Actor,
        team: Option<&str>,
        wanted: QuotaLimits,
        reason: &str,
    ) -> Result<Option<TeamId>> {
        let made = self.0.quota_request_make(actor, team, wanted, reason);
        answer(made).await
    }

    /// The team that it was for, if it was one's.
    pub async fn quota_request_withdraw(
        &self,
        actor: &Actor,
        id: RequestId,
    ) -> Result<Option<TeamId>> {
        answer(self.0.quota_request_withdraw(actor, id)).await
    }

    pub async fn quota_request_decide(
        &self,
        actor: &Actor,
        id: RequestId,
        is_granted: bool,
        words: &str,
    ) -> Result<()> {
        answer(self.0.quota_request_decide(actor, id, is_granted, words)).await
    }

    pub async fn quota_request_own(&self, actor: &Actor) -> Result<Vec<QuotaRequestView>> {
        answer(self.0.quota_request_own(actor)).await
    }

    /// How many wait for a decision.
    pub async fn quota_request_count(&self, actor: &Actor) -> Result<u32> {
        answer(self.0.quota_request_count(actor)).await
    }

    /// Those, the oldest first, by the page.
    pub async fn quota_request_list(
        &self,
        actor: &Actor,
        page: u32,
    ) -> Result<ListPage<QuotaRequestView>> {
        answer(self.0.quota_request_list(actor, page)).await
    }

    /// The secret of a link that makes one account.
    pub async fn invitation_make(&self, actor: &Actor, spec: InvitationSpec) -> Result<Secret> {
        answer(self.0.invitation_make(actor, spec)).await
    }

    pub async fn invitation_list(&self, actor: &Actor) -> Result<Vec<InvitationView>> {
        answer(self.0.invitation_list(actor)).await
    }

    pub async fn invitation_revoke(&self, actor: &Actor, id: InvitationId) -> Result<()> {
        answer(self.0.invitation_revoke(actor, id)).await
    }

    pub async fn invitation_accept(
        &self,
        token: &str,
        name: &str,
        password: &str,
    ) -> Result<Admitted> {
        answer(self.0.invitation_accept(token, name, password)).await
    }

    pub async fn sign_up_is_open(&self) -> Result<bool> {
        answer(self.0.sign_up_is_open()).await
    }

    pub async fn sign_up_set(&self, actor: &Actor, is_open: bool) -> Result<()> {
        answer(self.0.sign_up_set(actor, is_open)).await
    }

    pub async fn sign_up(&self, name: &str, password: &str, from: IpAddr) -> Result<Admitted> {
        answer(self.0.sign_up(name, password, from)).await
    }

    /// The secret of a link that sets one new password.
    pub async fn reset_link_make(&self, actor: &Actor, id: AccountId) -> Result<Secret> {
        answer(self.0.reset_link_make(actor, id)).await
    }

    pub async fn reset_finish(&self, token: &str, new: &str) -> Result<()> {
        answer(self.0.reset_finish(token, new)).await
    }

    /// Some of the audit: all of it for administrators, their own for others.
    pub async fn audit_page(&self, actor: &Actor, query: &AuditQuery) -> Result<AuditPage> {
        answer(self.0.audit_page(actor, query)).await
    }

    /// The same in large parts, each with where the next one begins.
    pub async fn audit_export(&self, actor: &Actor, query: &AuditQuery) -> Result<AuditPage> {
        answer(self.0.audit_export(actor, query)).await
    }
}
