//! What pages show of teams: people who own clusters together.

use serde::{Deserialize, Serialize};

use crate::{
    AccountId, AccountName, ClusterId, ClusterName, ListPage, Phase, QuotaChoice, QuotaLimits,
    QuotaRequestView, QuotaView, Role, TeamId, TeamName, UnixMs,
};

/// The team that a cluster is of.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct ClusterTeam {
    pub id: TeamId,
    pub name: TeamName,
}

/// A line of the list.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct TeamLineView {
    pub id: TeamId,
    pub name: TeamName,
    /// Of whoever looks; None for an administrator who is not in it.
    pub role: Option<Role>,
    pub people: u32,
    /// All there are, with those that are being deleted.
    pub clusters: u32,
    pub clusters_max: u32,
}

/// A team as whoever is in it sees it, or an administrator.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct TeamView {
    pub id: TeamId,
    pub name: TeamName,
    /// Of whoever looks; None for an administrator who is not in it.
    pub role: Option<Role>,
    /// Its name and its people may be changed.
    pub may_manage: bool,
    /// Clusters may be made in it.
    pub may_create: bool,
    /// A larger quota may be asked for in its name.
    pub may_ask: bool,
    /// By name.
    pub people: ListPage<TeamPersonView>,
    /// With those that are being deleted.
    pub clusters_all: u32,
    /// By name; none of them for whoever is not in it.
    pub clusters: Vec<TeamClusterView>,
    /// What it has and what it may have.
    pub quota: QuotaView,
    pub limits: QuotaLimits,
    pub choice: QuotaChoice,
    /// For more, the newest first.
    pub requests: Vec<QuotaRequestView>,
    pub created_at: UnixMs,
}

#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct TeamPersonView {
    pub id: AccountId,
    pub name: AccountName,
    /// In the team.
    pub role: Role,
    pub since: UnixMs,
    pub is_suspended: bool,
}

#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct TeamClusterView {
    pub id: ClusterId,
    pub name: ClusterName,
    pub phase: Phase,
    pub segments: u32,
}
