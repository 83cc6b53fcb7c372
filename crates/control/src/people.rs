//! What administrators do with accounts. There is always one of them who can sign in.

use model::{AccountId, ListPage, PER_PAGE, PageAt, PersonView, Role};
use store::{AccountRecord, PersonRecord, Tx};

use crate::Actor;
use crate::error::Error;
use crate::panel::{AuditOf as _, Panel};
use crate::permit::{Action, role_may};
use crate::quota::choice;
use crate::settings::Quota;

/// Whether strangers may make accounts; kept among the panel's own values.
const SIGN_UP: &str = "sign_up";
const OPEN: &str = "open";

impl Panel {
    /// Those whose names have `filter` in them, by the page.
    pub(crate) async fn person_list(
        &self,
        actor: &Actor,
        filter: &str,
        page: u32,
    ) -> Result<ListPage<PersonView>, Error> {
        actor.permit(Action::PeopleManage)?;
        // Names have no upper case.
        let filter = filter.trim().to_lowercase();
        let mut tx = self.store.read().await?;
        let total = tx.person_count("").await?;
        let found = match filter.is_empty() {
            true => total,
            false => tx.person_count(&filter).await?,
        };
        let at = PageAt::of(found, total, page, PER_PAGE);
        let rows = tx.person_page(&filter, PER_PAGE, at.skipped(PER_PAGE));
        let rows = rows.await?;
        let default = self.quota_default(&mut tx).await?;
        let views = rows.into_iter().map(|row| self.person_view(row, default));
        Ok(ListPage {
            rows: views.collect(),
            at,
        })
    }

    pub(crate) async fn person_get(
        &self,
        actor: &Actor,
        id: AccountId,
    ) -> Result<PersonView, Error> {
        actor.permit(Action::PeopleManage)?;
        let mut tx = self.store.read().await?;
        let found = tx.person_get(id).await?;
        let found = found.ok_or_else(|| Error::not_found("account"))?;
        let default = self.quota_default(&mut tx).await?;
        Ok(self.person_view(found, default))
    }

    fn person_view(&self, row: PersonRecord, default: Quota) -> PersonView {
        let account = row.account;
        PersonView {
            id: account.id,
            name: account.name,
            role: account.role,
            suspended_at: account.suspended_at,
            created_at: account.created_at,
            last_sign_in_at: account.last_sign_in_at,
            has_two_factor: row.factors > 0,
            passkeys: row.passkeys,
            clusters: row.clusters,
            limits: self.limits(account.quota, default),
            choice: choice(account.quota),
        }
    }

    /// Somebody's account, for an administrator who proved to be one.
    pub(crate) async fn person_for_change(
        &self,
        tx: &mut Tx,
        actor: &Actor,
        id: AccountId,
    ) -> Result<AccountRecord, Error> {
        actor.permit(Action::PeopleManage)?;
        self.confirmed(actor)?;
        self.still(tx, actor).await?;
        let account = tx.account_by_id(id).await?;
        account.ok_or_else(|| Error::not_found("account"))
    }

    /// One's open pages look again.
    pub(crate) async fn role_set(
        &self,
        actor: &Actor,
        id: AccountId,
        role: Role,
    ) -> Result<(), Error> {
        let mut tx = self.store.write().await?;
        let account = self.person_for_change(&mut tx, actor, id).await?;
        if account.role == role {
            return Ok(());
        }
        self.role_change_in_tx(&mut tx, actor, &account, role, "")
            .await?;
        tx.commit().await?;
        self.revoked_changed();
        self.presence_changed(id);
        self.changed_all(id);
        Ok(())
    }

    /// With what follows from it; `how` ends the audit's line. After the commit the caller says that
    /// certificates may have been revoked, and that open pages look again.
    pub(crate) async fn role_change_in_tx(
        &self,
        tx: &mut Tx,
        actor: &Actor,
        account: &AccountRecord,
        role: Role,
        how: &str,
    ) -> Result<(), Error> {
        tx.account_role_set(account.id, role).await?;
        administrator_left(self, tx, account.role).await?;
        if !role_may(role, Action::ClusterUse) {
            tx.certificate_revoke_of(account.name.as_str(), self.now())
                .await?;
        }
        links_void(tx, account).await?;
        let detail = format!("{} → {role}{how}", account.role);
        let audit = self.audit(actor, "role_set", account.name.as_str(), detail);
        tx.audit_insert(&audit.of(account.id)).await?;
        Ok(())
    }

    /// Sessions end, links are void, tokens are refused, certificates are revoked and what is open
    /// under them is cut off; clusters keep running.
    pub(crate) async fn person_suspend(&self, actor: &Actor, id: AccountId) -> Result<(), Error> {
        let mut tx = self.store.write().await?;
        let account = self.person_for_change(&mut tx, actor, id).await?;
        not_oneself(actor, id, "suspend")?;
        if account.suspended_at.is_some() {
            return Ok(());
        }
        tx.account_suspend_set(id, Some(self.now())).await?;
        administrator_left(self, &mut tx, account.role).await?;
        links_void(&mut tx, &account).await?;
        tx.session_end_others(id, None).await?;
        tx.reset_link_clear(id).await?;
        tx.certificate_revoke_of(account.name.as_str(), self.now())
            .await?;
        let audit = self.audit(actor, "person_suspend", account.name.as_str(), "");
        tx.audit_insert(&audit.of(id)).await?;
        tx.commit().await?;
        self.revoked_changed();
        self.presence_changed(id);
        self.changed_all(id);
        Ok(())
    }

    pub(crate) async fn person_unsuspend(&self, actor: &Actor, id: AccountId) -> Result<(), Error> {
        let mut tx = self.store.write().await?;
        let account = self.person_for_change(&mut tx, actor, id).await?;
        if account.suspended_at.is_none() {
            return Ok(());
        }
        tx.account_suspend_set(id, None).await?;
        let audit = self.audit(actor, "person_unsuspend", account.name.as_str(), "");
        tx.audit_insert(&audit.of(id)).await?;
        tx.commit().await?;
        Ok(())
    }

    /// Only who owns nothing; their places in teams go with them.
    pub(crate) async fn person_delete(
        &self,
        actor: &Actor,
        id: AccountId,
        confirm_name: &str,
    ) -> Result<(), Error> {
        let mut tx = self.store.write().await?;
        let account = self.person_for_change(&mut tx, actor, id).await?;
        not_oneself(actor, id, "delete")?;
        if confirm_name.trim() != account.name.as_str() {
            let why = format!("Type “{}” to delete the account.", account.name);
            return Err(Error::invalid("confirm_name", why));
        }
        let owned = tx.cluster_by_owner(id.into()).await?;
        if let Some(first) = owned.first() {
            let why = match owned.len() {
                1 => format!("{} still has the cluster “{}”.", account.name, first.name),
                n => format!("{} still has {n} clusters.", account.name),
            };
            let why = format!("{why} An account is deleted once it owns nothing.");
            return Err(Error::conflict(why));
        }
        tx.certificate_revoke_of(account.name.as_str(), self.now())
            .await?;
        let teams = tx.team_of(id).await?;
        tx.account_delete(id).await?;
        administrator_left(self, &mut tx, account.role).await?;
        links_void(&mut tx, &account).await?;
        let audit = self.audit(actor, "person_delete", account.name.as_str(), "");
        tx.audit_insert(&audit.of(id)).await?;
        tx.commit().await?;
        self.revoked_changed();
        self.presence_changed(id);
        self.changed_all(id);
        for team in teams {
            self.changed_all(team.id);
        }
        // Theirs went with them.
        self.requests_changed();
        Ok(())
    }

    pub(crate) async fn sign_up_is_open(&self) -> Result<bool, Error> {
        let value = self.store.read().await?.panel_get(SIGN_UP).await?;
        Ok(value.as_deref() == Some(OPEN))
    }

    pub(crate) async fn sign_up_set(&self, actor: &Actor, is_open: bool) -> Result<(), Error> {
        actor.permit(Action::SettingChange)?;
        self.confirmed(actor)?;
        let mut tx = self.store.write().await?;
        self.still(&mut tx, actor).await?;
        let word = if is_open { OPEN } else { "closed" };
        tx.panel_set(SIGN_UP, word).await?;
        let audit = self.audit(actor, "sign_up_set", "", word);
        tx.audit_insert(&audit).await?;
        tx.commit().await?;
        Ok(())
    }
}

/// Said after the change, inside its transaction, which is dropped then.
pub(crate) async fn administrator_left(
    panel: &Panel,
    tx: &mut Tx,
    before: Role,
) -> Result<(), Error> {
    let place = panel.passkey_place();
    match tx.account_administrators(panel.issuer(), &place).await? {
        0 if before == Role::Administrator => Err(Error::conflict(
            "This is the last administrator. Make somebody else one first.",
        )),
        _ => Ok(()),
    }
}

/// Who is no administrator any more lets nobody in: neither by an invitation nor, since links for
/// new passwords do not say whose they are, by any of those.
async fn links_void(tx: &mut Tx, account: &AccountRecord) -> Result<(), Error> {
    if account.role == Role::Administrator {
        tx.invitation_clear_by(account.name.as_str()).await?;
        tx.reset_link_clear_all().await?;
    }
    Ok(())
}

fn not_oneself(actor: &Actor, id: AccountId, verb: &str) -> Result<(), Error> {
    match actor.account.id == id {
        true => Err(Error::conflict(format!(
            "You cannot {verb} yourself. Ask another administrator."
        ))),
        false => Ok(()),
    }
}
