//! Everything at a glance, without what is long or secret: for whoever watches over the panel.

use model::{AccountId, ClusterId, UnixMs};
use sqlx::FromRow;

use crate::db::fetch_all;
use crate::{Error, Tx};

#[derive(Debug, Clone, PartialEq, Eq, FromRow)]
pub struct ClusterNumbers {
    #[sqlx(try_from = "String")]
    pub id: ClusterId,
    pub name: String,
    pub host: String,
    pub deleting_since: Option<UnixMs>,
    /// A word of `model::Phase`; none before the first round.
    pub phase: Option<String>,
    pub last_round_ms: Option<i64>,
    pub attempt: Option<i64>,
}

#[derive(Debug, Clone, PartialEq, Eq, FromRow)]
pub struct SegmentNumbers {
    #[sqlx(try_from = "String")]
    pub cluster_id: ClusterId,
    #[sqlx(try_from = "i64")]
    pub ordinal: u32,
    #[sqlx(try_from = "i64")]
    pub memory_mib: u64,
    #[sqlx(try_from = "i64")]
    pub vcpus: u32,
    #[sqlx(try_from = "i64")]
    pub disk_bytes: u64,
    pub image: String,
    pub removing_since: Option<UnixMs>,
    /// A word of `model::SegmentPhase`; none before the first round.
    pub phase: Option<String>,
    /// Its manager answered the last probe.
    pub is_answering: Option<bool>,
}

/// Segments of one host, without those that are to go; one that is replaced comes back.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct HostSegments {
    pub all: i64,
    /// Those of them whose engine was not up when somebody last looked: they take less than they will.
    pub coming: i64,
}

impl Tx {
    /// The clusters of an account and of the teams it is in, by id and name, the oldest first: to
    /// choose from before the rest is read.
    pub async fn cluster_names(
        &mut self,
        account: AccountId,
    ) -> Result<Vec<(ClusterId, String)>, Error> {
        let rows = fetch_all!(self, CLUSTER_NAMES as (String, String), account.to_string())?;
        Ok(rows
            .into_iter()
            .filter_map(|(id, name)| Some((id.parse().ok()?, name)))
            .collect())
    }

    /// The oldest first.
    pub async fn numbers_clusters(&mut self) -> Result<Vec<ClusterNumbers>, Error> {
        fetch_all!(self, NUMBERS_CLUSTERS as ClusterNumbers)
    }

    /// By cluster and ordinal.
    pub async fn numbers_segments(&mut self) -> Result<Vec<SegmentNumbers>, Error> {
        fetch_all!(self, NUMBERS_SEGMENTS as SegmentNumbers)
    }

    /// How many of each kind and state there are; those of clusters that are gone are not among
    /// them.
    pub async fn numbers_operations(&mut self) -> Result<Vec<(String, String, i64)>, Error> {
        fetch_all!(self, NUMBERS_OPERATIONS as (String, String, i64))
    }
}
