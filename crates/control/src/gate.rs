//! The one gate: who may see a cluster, and what they may do with it.
//!
//! A cluster is somebody's own, or a team's. Whoever is in the team has a role there, and needs it
//! beside the role of the account: what either does not allow is refused. To everybody else the
//! cluster does not exist, whatever they are on the panel.

use std::collections::BTreeMap;

use model::{ClusterId, ClusterTeam, OwnerId, Role, TeamId, UserError};
use store::{ClusterWish, Tx};

use crate::Actor;
use crate::error::Error;
use crate::panel::Panel;
use crate::permit::{Action, role_may};

/// How somebody comes to what an owner has.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Standing {
    /// It is their own.
    Own,
    /// It is a team's, and this is their role in it.
    In(Role),
}

impl Standing {
    /// Whether the owner has nothing against it; the account's role is asked besides.
    pub(crate) fn may(self, action: Action) -> bool {
        match self {
            Self::Own => true,
            Self::In(role) => role_may(role, action),
        }
    }

    pub(crate) fn permit(self, action: Action) -> Result<(), Error> {
        if self.may(action) {
            return Ok(());
        }
        let why =
            "In this team you may look and change nothing. Its administrators can change that.";
        let why = why.to_owned();
        Err(UserError::NotAllowed { why }.into())
    }
}

/// Whom a cluster will be of.
#[derive(Debug, Clone)]
pub(crate) struct Target {
    pub id: OwnerId,
    /// None: the actor.
    pub team: Option<ClusterTeam>,
}

/// The teams somebody is in: to say of many clusters at once whose they are, and what may be done.
pub(crate) struct Places {
    own: OwnerId,
    teams: BTreeMap<OwnerId, (ClusterTeam, Role)>,
}

impl Places {
    pub(crate) async fn of(tx: &mut Tx, actor: &Actor) -> Result<Self, Error> {
        let teams = tx.team_of(actor.account.id).await?.into_iter().map(|row| {
            let (id, name) = (row.id, row.name);
            (id.into(), (ClusterTeam { id, name }, row.role))
        });
        Ok(Self {
            own: actor.account.id.into(),
            teams: teams.collect(),
        })
    }

    pub(crate) fn team(&self, owner: OwnerId) -> Option<&ClusterTeam> {
        self.teams.get(&owner).map(|(team, _)| team)
    }

    /// As the gate would answer.
    pub(crate) fn may(&self, actor: &Actor, owner: OwnerId, action: Action) -> bool {
        let standing = match owner == self.own {
            true => Some(Standing::Own),
            false => self.teams.get(&owner).map(|(_, role)| Standing::In(*role)),
        };
        actor.may(action) && standing.is_some_and(|standing| standing.may(action))
    }
}

impl Panel {
    /// None: nothing of this owner's exists for the actor.
    pub(crate) async fn standing(
        &self,
        tx: &mut Tx,
        actor: &Actor,
        owner: OwnerId,
    ) -> Result<Option<Standing>, Error> {
        let account = actor.account.id;
        if owner == account.into() {
            return Ok(Some(Standing::Own));
        }
        Ok(tx.team_role(owner, account).await?.map(Standing::In))
    }

    async fn own_with(
        &self,
        tx: &mut Tx,
        actor: &Actor,
        id: ClusterId,
    ) -> Result<(ClusterWish, Standing), Error> {
        actor.permit(Action::ClusterSee)?;
        let wish = tx.cluster_by_id(id).await?;
        let wish = wish.ok_or_else(|| Error::not_found("cluster"))?;
        let standing = self.standing(tx, actor, wish.owner_id).await?;
        let standing = standing.ok_or_else(|| Error::not_found("cluster"))?;
        Ok((wish, standing))
    }

    /// The cluster, if the actor may see it: what is somebody else's does not exist. For looking
    /// alone; whoever wants more asks [`Self::own_for`].
    pub(crate) async fn own(
        &self,
        tx: &mut Tx,
        actor: &Actor,
        id: ClusterId,
    ) -> Result<ClusterWish, Error> {
        Ok(self.own_with(tx, actor, id).await?.0)
    }

    /// The same, for somebody who wants to do this with it, and still is who they were when the request
    /// came: a certificate that is made in between would open the cluster for a year.
    pub(crate) async fn own_for(
        &self,
        tx: &mut Tx,
        actor: &Actor,
        id: ClusterId,
        action: Action,
    ) -> Result<ClusterWish, Error> {
        let (wish, standing) = self.own_with(tx, actor, id).await?;
        actor.permit(action)?;
        standing.permit(action)?;
        if action != Action::ClusterSee {
            self.still(tx, actor).await?;
        }
        Ok(wish)
    }

    /// One that may still be changed.
    pub(crate) async fn own_alive(
        &self,
        tx: &mut Tx,
        actor: &Actor,
        id: ClusterId,
    ) -> Result<ClusterWish, Error> {
        let wish = self.own_for(tx, actor, id, Action::ClusterChange).await?;
        alive(wish)
    }

    /// Whom a new cluster is made for: the actor, or one of the teams the actor is in, by its id or
    /// its name.
    pub(crate) async fn target(
        &self,
        tx: &mut Tx,
        actor: &Actor,
        team: Option<&str>,
    ) -> Result<Target, Error> {
        actor.permit(Action::ClusterCreate)?;
        let (target, standing) = self.target_seen(tx, actor, team).await?;
        standing.permit(Action::ClusterCreate)?;
        // Hosts may have been asked since the request came.
        self.still(tx, actor).await?;
        Ok(target)
    }

    /// The same, for looking.
    pub(crate) async fn target_seen(
        &self,
        tx: &mut Tx,
        actor: &Actor,
        team: Option<&str>,
    ) -> Result<(Target, Standing), Error> {
        let Some(wanted) = team.map(str::trim) else {
            let id = actor.account.id.into();
            return Ok((Target { id, team: None }, Standing::Own));
        };
        let teams = tx.team_of(actor.account.id).await?;
        // A name can look like an id: ids are tried first, so it never stands before one.
        let id = wanted.parse::<TeamId>().ok();
        let by_id = teams.iter().find(|team| Some(team.id) == id);
        let found = by_id.or_else(|| teams.iter().find(|team| team.name.as_str() == wanted));
        let found = found.ok_or_else(|| Error::not_found("team"))?;
        let team = ClusterTeam {
            id: found.id,
            name: found.name.clone(),
        };
        let target = Target {
            id: found.id.into(),
            team: Some(team),
        };
        Ok((target, Standing::In(found.role)))
    }
}

/// One that is not being deleted.
pub(crate) fn alive(wish: ClusterWish) -> Result<ClusterWish, Error> {
    match wish.deleting_since {
        None => Ok(wish),
        Some(_) => Err(Error::conflict(format!("{} is being deleted.", wish.name))),
    }
}
