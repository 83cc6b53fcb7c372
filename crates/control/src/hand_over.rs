//! A cluster gets another owner: from somebody to a team, from a team to somebody in it, from one
//! team to another.

use std::fmt;

use model::{AccountName, ClusterId, Role};
use store::{ClusterWish, Tx};

use crate::Actor;
use crate::error::Error;
use crate::gate::{Target, alive};
use crate::panel::Panel;
use crate::permit::{Action, role_may};

impl Panel {
    /// To a team that the actor may make clusters in, or to the actor. Addresses, containers and
    /// what runs stay; whoever may not use it any more loses their certificates for it.
    pub(crate) async fn cluster_hand_over(
        &self,
        actor: &Actor,
        id: ClusterId,
        team: Option<&str>,
    ) -> Result<(), Error> {
        let mut tx = self.store.write().await?;
        let wish = self
            .own_for(&mut tx, actor, id, Action::ClusterDelete)
            .await?;
        self.confirmed(actor)?;
        let before = alive(wish)?;
        let target = self.target(&mut tx, actor, team).await?;
        if target.id == before.owner_id {
            return Ok(());
        }
        self.quota_receive_check(&mut tx, &target, &before).await?;
        self.owner_set(&mut tx, &before, &target).await?;
        let after = ClusterWish {
            owner_id: target.id,
            ..before.clone()
        };
        self.uses_end(&mut tx, &after).await?;
        let (from, to) = self.sides(&mut tx, actor, &before, &target).await?;
        // Each side reads its own.
        for (action, wish, detail) in [
            (
                "cluster_hand_over",
                &before,
                between(&from, &to.to_other(&from)),
            ),
            (
                "cluster_take_over",
                &after,
                between(&from.to_other(&to), &to),
            ),
        ] {
            tx.audit_insert(&self.cluster_audit(actor, action, wish, detail))
                .await?;
        }
        tx.commit().await?;
        self.persons.forget(id);
        self.revoked_changed();
        self.presences_changed();
        self.changed(before.owner_id, id);
        self.changed(after.owner_id, id);
        Ok(())
    }

    async fn owner_set(
        &self,
        tx: &mut Tx,
        wish: &ClusterWish,
        target: &Target,
    ) -> Result<(), Error> {
        match tx.cluster_owner_set(wish.id, target.id).await {
            Err(store::Error::Taken { .. }) => {
                let name = &wish.name;
                Err(Error::conflict(match target.team {
                    None => format!("You have a cluster “{name}” already. Rename this one first."),
                    Some(_) => {
                        format!("The team has a cluster “{name}” already. Rename this one first.")
                    }
                }))
            }
            other => Ok(other?),
        }
    }

    /// Of certificates only those stay whose people may use the cluster under its new owner. Links
    /// to new ones last minutes: all of them go.
    async fn uses_end(&self, tx: &mut Tx, after: &ClusterWish) -> Result<(), Error> {
        for name in tx.certificate_makers(after.id).await? {
            if !self.may_use(tx, after, &name).await? {
                tx.certificate_revoke_by(after.id, &name, self.now())
                    .await?;
            }
        }
        tx.bundle_link_drop(after.id).await?;
        Ok(())
    }

    async fn may_use(&self, tx: &mut Tx, wish: &ClusterWish, name: &str) -> Result<bool, Error> {
        let Ok(name) = name.parse::<AccountName>() else {
            return Ok(false);
        };
        let Some(account) = tx.account_by_name(&name).await? else {
            return Ok(false);
        };
        let may = |role: Role| role_may(role, Action::ClusterUse);
        if !may(account.role) {
            return Ok(false);
        }
        if wish.owner_id == account.id.into() {
            return Ok(true);
        }
        let role = tx.team_role(wish.owner_id, account.id).await?;
        Ok(role.is_some_and(may))
    }

    /// Both owners, for the audit.
    async fn sides(
        &self,
        tx: &mut Tx,
        actor: &Actor,
        before: &ClusterWish,
        target: &Target,
    ) -> Result<(Side, Side), Error> {
        let own = || Side::Person(actor.account.name.to_string());
        let teams = tx.team_of(actor.account.id).await?;
        let from = teams.iter().find(|team| before.owner_id == team.id.into());
        let from = from.map_or_else(own, |team| Side::Team(team.name.to_string()));
        let to = target.team.as_ref();
        let to = to.map_or_else(own, |team| Side::Team(team.name.to_string()));
        Ok((from, to))
    }
}

/// An owner as a row of the audit names it.
#[derive(Debug, Clone, PartialEq, Eq)]
enum Side {
    /// Whoever hands over: each side reads who that was.
    Person(String),
    Team(String),
    /// To the people of another one: which teams there are is not theirs to know.
    AnotherTeam,
}

impl Side {
    /// How the people of `reader` may read it.
    fn to_other(&self, reader: &Self) -> Self {
        match (self, reader) {
            (Self::Team(_), Self::Team(_)) => Self::AnotherTeam,
            _ => self.clone(),
        }
    }
}

impl fmt::Display for Side {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Person(name) => f.write_str(name),
            Self::Team(name) => write!(f, "team {name}"),
            Self::AnotherTeam => f.write_str("another team"),
        }
    }
}

fn between(from: &Side, to: &Side) -> String {
    format!("from {from} to {to}")
}
