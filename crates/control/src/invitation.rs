//! Ways to an account that somebody else made for one: invitations, links that set a new password,
//! and, where the panel is open, signing up.
//!
//! A link's secret stands behind its `#`, which browsers send to nobody, and reaches the panel in
//! a form. Only its hash is kept.

use std::net::IpAddr;

use model::{AccountId, InvitationId, InvitationView, QuotaChoice, Role, UserError};
use store::{AccountRecord, InvitationRecord};
use uuid::Uuid;
use wire::Secret;

use crate::Actor;
use crate::account::{account_insert, secret_hash, secret_make, suspended, tokens_end, view};
use crate::error::Error;
use crate::panel::{AuditOf as _, Panel};
use crate::password::{password_check, password_hash};
use crate::permit::Action;
use crate::quota::{choice_check, record};
use crate::sign_in::Admitted;

const DAY_MS: i64 = 24 * 3600 * 1000;
/// How long an invitation may be good for, in days.
const INVITATION_DAYS_MAX: u32 = 30;
const RESET_MS: i64 = DAY_MS;
const NOTE_MAX: usize = 100;
/// Nobody's name has a space in it.
const SIGN_UP_ATTEMPTS: &str = "sign up";

/// What an invitation gives.
#[derive(Debug, Clone)]
pub struct InvitationSpec {
    /// For whom, in the administrator's words.
    pub note: String,
    pub role: Role,
    pub quota: QuotaChoice,
    /// How long it is good for.
    pub days: u32,
}

fn void(what: &str) -> Error {
    let why = format!(
        "This {what} is not valid: it was used, taken back, or is too old. Ask for a new one."
    );
    UserError::NotAllowed { why }.into()
}

impl Panel {
    pub(crate) async fn invitation_make(
        &self,
        actor: &Actor,
        spec: InvitationSpec,
    ) -> Result<Secret, Error> {
        actor.permit(Action::PeopleManage)?;
        self.confirmed(actor)?;
        choice_check(spec.quota)?;
        if !(1..=INVITATION_DAYS_MAX).contains(&spec.days) {
            let why = format!("Choose 1 to {INVITATION_DAYS_MAX} days.");
            return Err(Error::invalid("days", why));
        }
        let note: String = spec.note.trim().to_owned();
        if note.chars().count() > NOTE_MAX {
            let why = format!("Use at most {NOTE_MAX} characters.");
            return Err(Error::invalid("note", why));
        }
        let (secret, now) = (secret_make(), self.now());
        let invitation = InvitationRecord {
            id: InvitationId(Uuid::now_v7()),
            note,
            role: spec.role,
            quota: record(spec.quota),
            made_by: actor.account.name.to_string(),
            made_at: now,
            expires_at: now + i64::from(spec.days) * DAY_MS,
        };
        let mut tx = self.store.write().await?;
        self.still(&mut tx, actor).await?;
        tx.link_sweep(now).await?;
        tx.invitation_insert(&secret_hash(&secret.0), &invitation)
            .await?;
        let detail = format!("{}, {}", spec.role, invitation.note);
        let audit = self.audit(actor, "invitation_make", "", detail);
        tx.audit_insert(&audit.of(invitation.id)).await?;
        tx.commit().await?;
        Ok(secret)
    }

    pub(crate) async fn invitation_list(
        &self,
        actor: &Actor,
    ) -> Result<Vec<InvitationView>, Error> {
        actor.permit(Action::PeopleManage)?;
        let rows = self.store.read().await?.invitation_list(self.now()).await?;
        let view = |row: InvitationRecord| InvitationView {
            id: row.id,
            note: row.note,
            role: row.role,
            made_by: row.made_by,
            made_at: row.made_at,
            expires_at: row.expires_at,
        };
        Ok(rows.into_iter().map(view).collect())
    }

    pub(crate) async fn invitation_revoke(
        &self,
        actor: &Actor,
        id: InvitationId,
    ) -> Result<(), Error> {
        actor.permit(Action::PeopleManage)?;
        let mut tx = self.store.write().await?;
        if !tx.invitation_delete(id).await? {
            return Err(Error::not_found("invitation"));
        }
        let audit = self.audit(actor, "invitation_revoke", "", "");
        tx.audit_insert(&audit.of(id)).await?;
        tx.commit().await?;
        Ok(())
    }

    /// Makes the account and uses the invitation up, both or neither.
    pub(crate) async fn invitation_accept(
        &self,
        token: &str,
        name: &str,
        password: &str,
    ) -> Result<Admitted, Error> {
        let hash = secret_hash(token.trim());
        let found = |found: Option<InvitationRecord>| found.ok_or_else(|| void("invitation"));
        // Nobody without a good link makes us hash anything.
        let mut tx = self.store.read().await?;
        found(tx.invitation_get(&hash, self.now()).await?)?;
        drop(tx);
        let account = self.account_new(name, password, Role::Viewer).await?;
        let mut tx = self.store.write().await?;
        let invitation = found(tx.invitation_get(&hash, self.now()).await?)?;
        tx.invitation_delete(invitation.id).await?;
        let account = AccountRecord {
            role: invitation.role,
            quota: invitation.quota,
            ..account
        };
        account_insert(&mut tx, &account).await?;
        let admitted = Admitted::new(account);
        let view = &admitted.account;
        let detail = format!("{}, invited by {}", view.role, invitation.made_by);
        let actor = Actor::of(view.clone());
        let audit = self.audit(&actor, "invitation_accept", view.name.as_str(), detail);
        tx.account_signed_in(view.id, self.now()).await?;
        tx.audit_insert(&audit.of(view.id)).await?;
        tx.commit().await?;
        Ok(admitted)
    }

    /// Makes a member, where the panel is open to strangers.
    pub(crate) async fn sign_up(
        &self,
        name: &str,
        password: &str,
        from: IpAddr,
    ) -> Result<Admitted, Error> {
        if !self.sign_up_is_open().await? {
            let why = "This panel takes nobody new. Ask whoever runs it for an invitation.";
            return Err(UserError::NotAllowed {
                why: why.to_owned(),
            }
            .into());
        }
        // Every try counts, good ones too: accounts are not made in heaps.
        self.attempts.begin(SIGN_UP_ATTEMPTS, from, self.now())?;
        let account = self.account_new(name, password, Role::Member).await?;
        let mut tx = self.store.write().await?;
        account_insert(&mut tx, &account).await?;
        let admitted = Admitted::new(account);
        let view = &admitted.account;
        let actor = Actor::of(view.clone());
        tx.account_signed_in(view.id, self.now()).await?;
        let audit = self.audit(&actor, "sign_up", view.name.as_str(), "");
        tx.audit_insert(&audit.of(view.id)).await?;
        tx.commit().await?;
        Ok(admitted)
    }

    /// A link that sets somebody a new password; older ones are void. The old password holds until
    /// it is used.
    pub(crate) async fn reset_link_make(
        &self,
        actor: &Actor,
        id: AccountId,
    ) -> Result<Secret, Error> {
        let secret = secret_make();
        let mut tx = self.store.write().await?;
        let account = self.person_for_change(&mut tx, actor, id).await?;
        if account.suspended_at.is_some() {
            return Err(Error::conflict(format!("{} is suspended.", account.name)));
        }
        tx.link_sweep(self.now()).await?;
        tx.reset_link_replace(&secret_hash(&secret.0), id, self.now() + RESET_MS)
            .await?;
        let audit = self.audit(actor, "reset_link_make", account.name.as_str(), "");
        tx.audit_insert(&audit.of(id)).await?;
        tx.commit().await?;
        Ok(secret)
    }

    /// Signs nobody in: who has a second factor still needs it. Sessions and tokens of before end.
    pub(crate) async fn reset_finish(&self, token: &str, new: &str) -> Result<(), Error> {
        let link_hash = secret_hash(token.trim());
        let mut tx = self.store.read().await?;
        let id = tx.reset_link_get(&link_hash, self.now()).await?;
        let id = id.ok_or_else(|| void("link"))?;
        let account = tx.account_by_id(id).await?.ok_or_else(|| void("link"))?;
        drop(tx);
        if account.suspended_at.is_some() {
            return Err(suspended());
        }
        password_check("password", account.name.as_str(), new)?;
        let hash = password_hash(&self.hashing, new).await?;
        let mut tx = self.store.write().await?;
        let still = tx.reset_link_get(&link_hash, self.now()).await?;
        if still != Some(id) {
            return Err(void("link"));
        }
        tx.reset_link_clear(id).await?;
        tx.account_password_set(id, &hash).await?;
        tx.session_end_others(id, None).await?;
        let ended = tokens_end(&mut tx, id).await?;
        let name = account.name.clone();
        let actor = Actor::of(view(account));
        let audit = self.audit(&actor, "reset_finish", name.as_str(), ended);
        tx.audit_insert(&audit.of(id)).await?;
        tx.commit().await?;
        self.presence_changed(id);
        Ok(())
    }
}
