//! Teams, who is in them, and what they own.

use model::{
    AccountId, AccountName, ClusterId, ClusterName, OwnerId, Phase, Role, TeamId, TeamName, UnixMs,
};
use sqlx::FromRow;

use crate::db::{execute, fetch_all, fetch_optional};
use crate::{Error, QuotaRecord, Tx};

/// People who own clusters together.
#[derive(Debug, Clone, FromRow)]
pub struct TeamRecord {
    #[sqlx(try_from = "String")]
    pub id: TeamId,
    #[sqlx(try_from = "String")]
    pub name: TeamName,
    #[sqlx(flatten)]
    pub quota: QuotaRecord,
    pub created_at: UnixMs,
}

/// A team with what a list says of it.
#[derive(Debug, Clone, FromRow)]
pub struct TeamLineRecord {
    #[sqlx(flatten)]
    pub team: TeamRecord,
    /// Of whoever asks; None for who is not in it.
    role: Option<String>,
    #[sqlx(try_from = "i64")]
    pub people: u32,
    /// In whatever state.
    #[sqlx(try_from = "i64")]
    pub clusters: u32,
}

impl TeamLineRecord {
    /// Of whoever asks; None for who is not in it.
    pub fn role(&self) -> Option<Role> {
        self.role.as_deref().and_then(|role| role.parse().ok())
    }
}

/// A team that an account is in.
#[derive(Debug, Clone, PartialEq, Eq, FromRow)]
pub struct TeamOfRecord {
    #[sqlx(try_from = "String")]
    pub id: TeamId,
    #[sqlx(try_from = "String")]
    pub name: TeamName,
    #[sqlx(try_from = "String")]
    pub role: Role,
}

#[derive(Debug, Clone, PartialEq, Eq, FromRow)]
pub struct TeamPersonRecord {
    #[sqlx(try_from = "String")]
    pub id: AccountId,
    #[sqlx(try_from = "String")]
    pub name: AccountName,
    #[sqlx(try_from = "String")]
    pub role: Role,
    pub since: UnixMs,
    pub suspended_at: Option<UnixMs>,
}

/// A team's cluster at a glance.
#[derive(Debug, Clone, PartialEq, Eq, FromRow)]
pub struct TeamClusterRecord {
    #[sqlx(try_from = "String")]
    pub id: ClusterId,
    #[sqlx(try_from = "String")]
    pub name: ClusterName,
    #[sqlx(try_from = "i64")]
    pub segments: u32,
    pub deleting_since: Option<UnixMs>,
    phase: Option<String>,
}

impl TeamClusterRecord {
    /// What the last round found; None before the first one.
    pub fn phase(&self) -> Option<Phase> {
        self.phase.as_deref().and_then(|phase| phase.parse().ok())
    }
}

impl Tx {
    /// What was fixed of an account's or a team's quota; None for neither.
    pub async fn owner_quota(&mut self, id: OwnerId) -> Result<Option<QuotaRecord>, Error> {
        fetch_optional!(self, OWNER_QUOTA as QuotaRecord, id.to_string())
    }

    /// `Taken` when the name is.
    pub async fn team_insert(&mut self, team: &TeamRecord) -> Result<(), Error> {
        execute!(self, OWNER_INSERT, team.id.to_string())?;
        execute!(
            self,
            TEAM_INSERT,
            team.id.to_string(),
            team.name.as_str(),
            team.quota.quota_clusters,
            team.quota.quota_segments,
            team.quota.quota_memory_mib,
            team.quota.quota_disk_gib,
            team.created_at
        )
        .map(|_| ())
    }

    pub async fn team_by_id(&mut self, id: TeamId) -> Result<Option<TeamRecord>, Error> {
        fetch_optional!(self, TEAM_BY_ID as TeamRecord, id.to_string())
    }

    /// So many of those that the account is in, or of all there are; by name, after those that are
    /// skipped.
    pub async fn team_lines(
        &mut self,
        account: AccountId,
        is_all: bool,
        most: u32,
        skipped: u32,
    ) -> Result<Vec<TeamLineRecord>, Error> {
        fetch_all!(
            self,
            TEAM_LINES as TeamLineRecord,
            account.to_string(),
            is_all,
            i64::from(most),
            i64::from(skipped)
        )
    }

    /// How many there are of those.
    pub async fn team_count(&mut self, account: AccountId, is_all: bool) -> Result<u32, Error> {
        let row = fetch_optional!(self, TEAM_COUNT as (i64,), account.to_string(), is_all)?;
        Ok(row.and_then(|row| row.0.try_into().ok()).unwrap_or(0))
    }

    /// Those that the account is in, by name, with its role in each.
    pub async fn team_of(&mut self, account: AccountId) -> Result<Vec<TeamOfRecord>, Error> {
        fetch_all!(self, TEAM_OF as TeamOfRecord, account.to_string())
    }

    /// `Taken` when another team has the name.
    pub async fn team_rename(&mut self, id: TeamId, name: &TeamName) -> Result<(), Error> {
        execute!(self, TEAM_RENAME, id.to_string(), name.as_str()).map(|_| ())
    }

    pub async fn team_quota_set(&mut self, id: TeamId, quota: QuotaRecord) -> Result<(), Error> {
        execute!(
            self,
            TEAM_QUOTA_SET,
            id.to_string(),
            quota.quota_clusters,
            quota.quota_segments,
            quota.quota_memory_mib,
            quota.quota_disk_gib
        )
        .map(|_| ())
    }

    /// Only one that owns nothing; nobody is in it any more, and its requests go with it.
    pub async fn team_delete(&mut self, id: TeamId) -> Result<(), Error> {
        execute!(self, TEAM_DELETE, id.to_string())?;
        execute!(self, OWNER_DELETE, id.to_string()).map(|_| ())
    }

    /// By name.
    pub async fn team_clusters(&mut self, id: TeamId) -> Result<Vec<TeamClusterRecord>, Error> {
        fetch_all!(self, TEAM_CLUSTERS as TeamClusterRecord, id.to_string())
    }

    /// The account's role in whatever this is, if it is a team and the account is in it.
    pub async fn team_role(
        &mut self,
        owner: OwnerId,
        account: AccountId,
    ) -> Result<Option<Role>, Error> {
        let row = fetch_optional!(
            self,
            TEAM_ROLE as (String,),
            owner.to_string(),
            account.to_string()
        )?;
        Ok(row.and_then(|row| row.0.parse().ok()))
    }

    /// So many, by name, after those that are skipped.
    pub async fn team_people(
        &mut self,
        id: TeamId,
        most: u32,
        skipped: u32,
    ) -> Result<Vec<TeamPersonRecord>, Error> {
        fetch_all!(
            self,
            TEAM_PEOPLE as TeamPersonRecord,
            id.to_string(),
            i64::from(most),
            i64::from(skipped)
        )
    }

    pub async fn team_people_count(&mut self, id: TeamId) -> Result<u32, Error> {
        let row = fetch_optional!(self, TEAM_PEOPLE_COUNT as (i64,), id.to_string())?;
        Ok(row.and_then(|row| row.0.try_into().ok()).unwrap_or(0))
    }

    /// Everybody who is in it.
    pub async fn team_accounts(&mut self, id: TeamId) -> Result<Vec<AccountId>, Error> {
        let rows = fetch_all!(self, TEAM_ACCOUNTS as (String,), id.to_string())?;
        let ids = rows.into_iter().filter_map(|row| row.0.parse().ok());
        Ok(ids.collect())
    }

    /// Somebody who is in it already gets the role and keeps the time.
    pub async fn team_person_set(
        &mut self,
        id: TeamId,
        account: AccountId,
        role: Role,
        since: UnixMs,
    ) -> Result<(), Error> {
        execute!(
            self,
            TEAM_PERSON_SET,
            id.to_string(),
            account.to_string(),
            role.as_str(),
            since
        )
        .map(|_| ())
    }

    /// False when nobody of this id is in it.
    pub async fn team_person_delete(
        &mut self,
        id: TeamId,
        account: AccountId,
    ) -> Result<bool, Error> {
        Ok(execute!(
            self,
            TEAM_PERSON_DELETE,
            id.to_string(),
            account.to_string()
        )? > 0)
    }
}
