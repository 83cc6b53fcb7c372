//! Teams: people who own clusters together, with a quota of the team's own.

use model::{
    ClusterTeam, ListPage, PER_PAGE, PageAt, Phase, QuotaChoice, Role, TeamClusterView, TeamId,
    TeamLineView, TeamName, TeamPersonView, TeamView, UserError,
};
use store::{TeamClusterRecord, TeamPersonRecord, TeamRecord, Tx};
use uuid::Uuid;

use crate::Actor;
use crate::error::Error;
use crate::gate::Standing;
use crate::panel::Panel;
use crate::permit::{Action, role_may};
use crate::quota::{choice, choice_check, record, words};
use crate::quota_request::may_ask;

impl Panel {
    /// For administrators all there are, for others those they are in; by the page.
    pub(crate) async fn team_list(
        &self,
        actor: &Actor,
        page: u32,
    ) -> Result<ListPage<TeamLineView>, Error> {
        actor.permit(Action::TeamSee)?;
        let (id, is_all) = (actor.account.id, actor.may(Action::PeopleManage));
        let mut tx = self.store.read().await?;
        let total = tx.team_count(id, is_all).await?;
        let at = PageAt::of(total, total, page, PER_PAGE);
        let rows = tx.team_lines(id, is_all, PER_PAGE, at.skipped(PER_PAGE));
        let rows = rows.await?;
        let default = self.quota_default(&mut tx).await?;
        let view = |row: store::TeamLineRecord| TeamLineView {
            role: row.role(),
            id: row.team.id,
            name: row.team.name,
            people: row.people,
            clusters: row.clusters,
            clusters_max: self.limits(row.team.quota, default).clusters,
        };
        Ok(ListPage {
            rows: rows.into_iter().map(view).collect(),
            at,
        })
    }

    /// Those in which the actor may make clusters.
    pub(crate) async fn team_choices(&self, actor: &Actor) -> Result<Vec<ClusterTeam>, Error> {
        actor.permit(Action::TeamSee)?;
        if !actor.may(Action::ClusterCreate) {
            return Ok(Vec::new());
        }
        let teams = self.store.read().await?.team_of(actor.account.id).await?;
        let may = teams
            .into_iter()
            .filter(|team| role_may(team.role, Action::ClusterCreate));
        let view = |team: store::TeamOfRecord| ClusterTeam {
            id: team.id,
            name: team.name,
        };
        Ok(may.map(view).collect())
    }

    /// Whether the page of teams has anything for the actor.
    pub(crate) async fn team_any(&self, actor: &Actor) -> Result<bool, Error> {
        if actor.may(Action::PeopleManage) {
            return Ok(true);
        }
        let teams = self.store.read().await?.team_of(actor.account.id).await?;
        Ok(!teams.is_empty())
    }

    /// `page`: of its people.
    pub(crate) async fn team_get(
        &self,
        actor: &Actor,
        id: TeamId,
        page: u32,
    ) -> Result<TeamView, Error> {
        let mut tx = self.store.read().await?;
        let (team, role) = self.team_found(&mut tx, actor, id).await?;
        let total = tx.team_people_count(id).await?;
        let at = PageAt::of(total, total, page, PER_PAGE);
        let people = tx.team_people(id, PER_PAGE, at.skipped(PER_PAGE)).await?;
        let clusters = tx.team_clusters(id).await?;
        let may_create = actor.may(Action::ClusterCreate)
            && role.is_some_and(|role| role_may(role, Action::ClusterCreate));
        Ok(TeamView {
            id,
            role,
            may_manage: may_manage(actor, role),
            may_create,
            may_ask: may_ask(actor, role.map(Standing::In)),
            requests: self.request_of(&mut tx, id).await?,
            people: ListPage {
                rows: people.into_iter().map(person_view).collect(),
                at,
            },
            clusters_all: u32::try_from(clusters.len()).unwrap_or(u32::MAX),
            // To be an administrator of the panel opens nobody's clusters.
            clusters: match role {
                Some(_) => clusters.into_iter().map(cluster_view).collect(),
                None => Vec::new(),
            },
            quota: self.quota_view(&mut tx, id.into()).await?,
            limits: self.limits(team.quota, self.quota_default(&mut tx).await?),
            choice: choice(team.quota),
            name: team.name,
            created_at: team.created_at,
        })
    }

    /// The team and the actor's role in it. To whoever is not in it, it does not exist, but for
    /// administrators of the panel.
    pub(crate) async fn team_found(
        &self,
        tx: &mut Tx,
        actor: &Actor,
        id: TeamId,
    ) -> Result<(TeamRecord, Option<Role>), Error> {
        actor.permit(Action::TeamSee)?;
        let team = tx.team_by_id(id).await?;
        let team = team.ok_or_else(|| Error::not_found("team"))?;
        let role = tx.team_role(id.into(), actor.account.id).await?;
        match role.is_some() || actor.may(Action::PeopleManage) {
            true => Ok((team, role)),
            false => Err(Error::not_found("team")),
        }
    }

    /// The same, for somebody who wants to change its name or its people, and proved to be there.
    pub(crate) async fn team_for_change(
        &self,
        tx: &mut Tx,
        actor: &Actor,
        id: TeamId,
    ) -> Result<TeamRecord, Error> {
        let (team, role) = self.team_found(tx, actor, id).await?;
        if !may_manage(actor, role) {
            // What the account itself may not do has its own words.
            actor.permit(Action::TeamManage)?;
            let why = "Only the team's administrators may do this.".to_owned();
            return Err(UserError::NotAllowed { why }.into());
        }
        self.confirmed(actor)?;
        self.still(tx, actor).await?;
        Ok(team)
    }

    /// Nobody is in it at first, nor is who made it.
    pub(crate) async fn team_create(
        &self,
        actor: &Actor,
        name: &str,
        choice: QuotaChoice,
    ) -> Result<TeamId, Error> {
        actor.permit(Action::PeopleManage)?;
        let name: TeamName = name.parse().map_err(|why| Error::invalid("name", why))?;
        choice_check(choice)?;
        let team = TeamRecord {
            id: TeamId(Uuid::now_v7()),
            name,
            quota: record(choice),
            created_at: self.now(),
        };
        let mut tx = self.store.write().await?;
        self.still(&mut tx, actor).await?;
        named(tx.team_insert(&team).await)?;
        let default = self.quota_default(&mut tx).await?;
        let detail = words(self.limits(team.quota, default));
        tx.audit_insert(&self.team_audit(actor, "team_create", &team, detail))
            .await?;
        tx.commit().await?;
        Ok(team.id)
    }

    pub(crate) async fn team_rename(
        &self,
        actor: &Actor,
        id: TeamId,
        name: &str,
    ) -> Result<(), Error> {
        let name: TeamName = name.parse().map_err(|why| Error::invalid("name", why))?;
        let mut tx = self.store.write().await?;
        let mut team = self.team_for_change(&mut tx, actor, id).await?;
        if team.name == name {
            return Ok(());
        }
        named(tx.team_rename(id, &name).await)?;
        let detail = format!("from {} to {name}", team.name);
        team.name = name;
        tx.audit_insert(&self.team_audit(actor, "team_rename", &team, detail))
            .await?;
        tx.commit().await?;
        self.changed_all(id);
        Ok(())
    }

    /// What is there already stays, even if it is more.
    pub(crate) async fn team_quota_set(
        &self,
        actor: &Actor,
        id: TeamId,
        choice: QuotaChoice,
    ) -> Result<(), Error> {
        actor.permit(Action::PeopleManage)?;
        self.confirmed(actor)?;
        choice_check(choice)?;
        let mut tx = self.store.write().await?;
        self.still(&mut tx, actor).await?;
        let (team, _) = self.team_found(&mut tx, actor, id).await?;
        tx.team_quota_set(id, record(choice)).await?;
        let default = self.quota_default(&mut tx).await?;
        let detail = words(self.limits(record(choice), default));
        tx.audit_insert(&self.team_audit(actor, "team_quota_set", &team, detail))
            .await?;
        tx.commit().await?;
        self.changed_all(id);
        Ok(())
    }

    /// Only one that owns nothing. What it asked for goes with it.
    pub(crate) async fn team_delete(
        &self,
        actor: &Actor,
        id: TeamId,
        confirm_name: &str,
    ) -> Result<(), Error> {
        actor.permit(Action::PeopleManage)?;
        self.confirmed(actor)?;
        let mut tx = self.store.write().await?;
        self.still(&mut tx, actor).await?;
        let (team, _) = self.team_found(&mut tx, actor, id).await?;
        if confirm_name.trim() != team.name.as_str() {
            let why = format!("Type “{}” to delete the team.", team.name);
            return Err(Error::invalid("confirm_name", why));
        }
        match tx.team_clusters(id).await?.len() {
            0 => {}
            n => {
                let why = match n {
                    1 => format!("{} still has a cluster.", team.name),
                    n => format!("{} still has {n} clusters.", team.name),
                };
                let why = format!("{why} A team is deleted once it owns nothing.");
                return Err(Error::conflict(why));
            }
        }
        let people = tx.team_accounts(id).await?;
        tx.team_delete(id).await?;
        tx.audit_insert(&self.team_audit(actor, "team_delete", &team, ""))
            .await?;
        tx.commit().await?;
        for person in people {
            self.changed_all(person);
        }
        self.requests_changed();
        Ok(())
    }
}

/// By the panel's role, or by that in the team.
fn may_manage(actor: &Actor, role: Option<Role>) -> bool {
    actor.may(Action::PeopleManage)
        || actor.may(Action::TeamManage) && role == Some(Role::Administrator)
}

/// A name that is taken is said beside the field.
fn named(stored: Result<(), store::Error>) -> Result<(), Error> {
    match stored {
        Err(store::Error::Taken { .. }) => Err(Error::invalid(
            "name",
            "There is a team of this name already.",
        )),
        other => Ok(other?),
    }
}

fn person_view(row: TeamPersonRecord) -> TeamPersonView {
    TeamPersonView {
        id: row.id,
        name: row.name,
        role: row.role,
        since: row.since,
        is_suspended: row.suspended_at.is_some(),
    }
}

fn cluster_view(row: TeamClusterRecord) -> TeamClusterView {
    TeamClusterView {
        phase: match row.deleting_since {
            Some(_) => Phase::Deleting,
            None => row.phase().unwrap_or(Phase::New),
        },
        id: row.id,
        name: row.name,
        segments: row.segments,
    }
}
