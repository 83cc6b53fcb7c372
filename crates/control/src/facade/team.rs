//! Teams, and whose a cluster is.

use model::{
    AccountId, ClusterId, ClusterTeam, ListPage, QuotaChoice, Role, TeamId, TeamLineView, TeamView,
};

use super::{Control, answer};
use crate::{Actor, Result};

impl Control {
    /// For administrators all there are, for others those they are in; by the page.
    pub async fn team_list(&self, actor: &Actor, page: u32) -> Result<ListPage<TeamLineView>> {
        answer(self.0.team_list(actor, page)).await
    }

    /// Those in which the actor may make clusters.
    pub async fn team_choices(&self, actor: &Actor) -> Result<Vec<ClusterTeam>> {
        answer(self.0.team_choices(actor)).await
    }

    /// Whether the list has, or may have, anything for the actor.
    pub async fn team_any(&self, actor: &Actor) -> Result<bool> {
        answer(self.0.team_any(actor)).await
    }

    /// With a page of its people.
    pub async fn team_get(&self, actor: &Actor, id: TeamId, page: u32) -> Result<TeamView> {
        answer(self.0.team_get(actor, id, page)).await
    }

    /// Without anybody in it.
    pub async fn team_create(
        &self,
        actor: &Actor,
        name: &str,
        choice: QuotaChoice,
    ) -> Result<TeamId> {
        answer(self.0.team_create(actor, name, choice)).await
    }

    pub async fn team_rename(&self, actor: &Actor, id: TeamId, name: &str) -> Result<()> {
        answer(self.0.team_rename(actor, id, name)).await
    }

    pub async fn team_quota_set(
        &self,
        actor: &Actor,
        id: TeamId,
        choice: QuotaChoice,
    ) -> Result<()> {
        answer(self.0.team_quota_set(actor, id, choice)).await
    }

    /// Only one that owns nothing.
    pub async fn team_delete(&self, actor: &Actor, id: TeamId, confirm_name: &str) -> Result<()> {
        answer(self.0.team_delete(actor, id, confirm_name)).await
    }

    /// Takes somebody in, or gives them another role. Who becomes a viewer loses their credentials
    /// for the team's clusters.
    pub async fn team_person_set(
        &self,
        actor: &Actor,
        id: TeamId,
        name: &str,
        role: Role,
    ) -> Result<()> {
        answer(self.0.team_person_set(actor, id, name, role)).await
    }

    /// With their credentials for the team's clusters. Anybody may leave by themselves.
    pub async fn team_person_remove(
        &self,
        actor: &Actor,
        id: TeamId,
        account: AccountId,
    ) -> Result<()> {
        answer(self.0.team_person_remove(actor, id, account)).await
    }

    /// To a team, by its id or its name; without one to the actor.
    pub async fn cluster_hand_over(
        &self,
        actor: &Actor,
        id: ClusterId,
        team: Option<&str>,
    ) -> Result<()> {
        answer(self.0.cluster_hand_over(actor, id, team)).await
    }
}
