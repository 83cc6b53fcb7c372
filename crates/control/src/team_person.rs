//! Who is in a team. Whoever may not use its clusters any more loses, in the same transaction,
//! whatever opens them.

use std::net::{IpAddr, Ipv4Addr};

use model::{AccountId, AccountName, ClusterId, OwnerId, Role, TeamId, UnixMs};
use store::Tx;

use crate::Actor;
use crate::error::Error;
use crate::panel::{AuditOf as _, Panel};
use crate::permit::{Action, role_may};

const NOWHERE: IpAddr = IpAddr::V4(Ipv4Addr::UNSPECIFIED);

impl Panel {
    /// Takes somebody in, or gives them another role. What is tried in vain is counted: whether there
    /// is an account of a name is nobody's to find out by trying.
    pub(crate) async fn team_person_set(
        &self,
        actor: &Actor,
        id: TeamId,
        name: &str,
        role: Role,
    ) -> Result<(), Error> {
        let mut tx = self.store.write().await?;
        let team = self.team_for_change(&mut tx, actor, id).await?;
        let nobody = || Error::invalid("person", "There is no account of this name.");
        let name: AccountName = name.parse().map_err(|_| nobody())?;
        let tries = person_key(actor);
        self.attempts.begin(&tries, NOWHERE, self.now())?;
        let account = tx.account_by_name(&name).await?.ok_or_else(nobody)?;
        self.attempts.succeeded(&tries, NOWHERE);
        let before = tx.team_role(id.into(), account.id).await?;
        if before == Some(role) {
            return Ok(());
        }
        tx.team_person_set(id, account.id, role, self.now()).await?;
        let has_lost = before.is_some_and(|before| role_may(before, Action::ClusterUse))
            && !role_may(role, Action::ClusterUse);
        let closed = match has_lost {
            true => use_end(&mut tx, account.id, &name, id, self.now()).await?,
            false => Vec::new(),
        };
        let detail = match before {
            Some(before) => format!("{name}: {before} → {role}"),
            None => format!("{name}: {role}"),
        };
        tx.audit_insert(&self.team_audit(actor, "team_person_set", &team, detail))
            .await?;
        tx.commit().await?;
        self.place_changed(id, account.id, &closed);
        Ok(())
    }

    /// Anybody may leave by themselves.
    pub(crate) async fn team_person_remove(
        &self,
        actor: &Actor,
        id: TeamId,
        account: AccountId,
    ) -> Result<(), Error> {
        let is_leaving = account == actor.account.id;
        let mut tx = self.store.write().await?;
        let team = match is_leaving {
            true => {
                let (team, _) = self.team_found(&mut tx, actor, id).await?;
                self.confirmed(actor)?;
                self.still(&mut tx, actor).await?;
                team
            }
            false => self.team_for_change(&mut tx, actor, id).await?,
        };
        let person = tx.account_by_id(account).await?;
        let person = person.ok_or_else(|| Error::not_found("account"))?;
        if !tx.team_person_delete(id, account).await? {
            return Err(Error::not_found("account"));
        }
        let closed = use_end(&mut tx, account, &person.name, id, self.now()).await?;
        let action = match is_leaving {
            true => "team_leave",
            false => "team_person_remove",
        };
        let detail = person.name.to_string();
        tx.audit_insert(&self.team_audit(actor, action, &team, detail))
            .await?;
        if !is_leaving {
            // The team's audit is not theirs to read any more.
            let detail = format!("out of team {}", team.name);
            let audit = self.audit(actor, action, person.name.as_str(), detail);
            tx.audit_insert(&audit.of(account)).await?;
        }
        tx.commit().await?;
        self.place_changed(id, account, &closed);
        Ok(())
    }

    /// After the commit: open pages and streams look again, and what lost its right is cut off.
    fn place_changed(&self, team: TeamId, account: AccountId, closed: &[ClusterId]) {
        if !closed.is_empty() {
            self.persons.forget_account(account, closed);
            self.revoked_changed();
        }
        self.presence_changed(account);
        self.changed_all(account);
        self.changed_all(team);
    }
}

/// Of whoever tries names: the account's, wherever it asks from.
fn person_key(actor: &Actor) -> String {
    format!("{} person", actor.account.id)
}

/// Certificates of the account for the team's clusters are revoked, and links to such are void. For
/// which clusters: the panel may hold some in memory.
async fn use_end(
    tx: &mut Tx,
    account: AccountId,
    name: &AccountName,
    team: TeamId,
    now: UnixMs,
) -> Result<Vec<ClusterId>, Error> {
    let owner = OwnerId::from(team);
    tx.certificate_revoke_owned(name.as_str(), owner, now)
        .await?;
    tx.bundle_link_drop_owned(account, owner).await?;
    let clusters = tx.team_clusters(team).await?;
    Ok(clusters.into_iter().map(|cluster| cluster.id).collect())
}
