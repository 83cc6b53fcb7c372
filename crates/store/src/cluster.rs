//! Wishes: clusters, segments and their certificates.

use std::collections::BTreeMap;

use model::{AccountId, CertificateKind, ClusterId, ClusterName, OwnerId, UnixMs};

use crate::db::{execute, fetch_all, fetch_optional};
use crate::{CertificateRecord, ClusterWish, Error, HostSegments, SegmentWish, Tx};

impl Tx {
    /// With its row in the loop, due at once. `Taken` when the owner has one of this name.
    pub async fn cluster_insert(&mut self, wish: &ClusterWish) -> Result<(), Error> {
        execute!(
            self,
            CLUSTER_INSERT,
            wish.id.to_string(),
            wish.owner_id.to_string(),
            wish.name.as_str(),
            &wish.host,
            &wish.network_mode,
            &wish.subnet,
            i64::from(wish.front_door_port),
            &wish.token,
            &wish.authorities,
            i64::from(wish.segments),
            wish.desired_generation,
            wish.rebuild_generation,
            wish.autoscale,
            wish.disk_gib,
            wish.deleting_since,
            wish.created_at
        )?;
        execute!(self, LOOP_INSERT, wish.id.to_string(), wish.created_at).map(|_| ())
    }

    pub async fn cluster_by_id(&mut self, id: ClusterId) -> Result<Option<ClusterWish>, Error> {
        fetch_optional!(self, CLUSTER_BY_ID as ClusterWish, id.to_string())
    }

    pub async fn cluster_by_token(&mut self, token: &str) -> Result<Option<ClusterWish>, Error> {
        fetch_optional!(self, CLUSTER_BY_TOKEN as ClusterWish, token)
    }

    /// The oldest first.
    pub async fn cluster_by_owner(&mut self, id: OwnerId) -> Result<Vec<ClusterWish>, Error> {
        fetch_all!(self, CLUSTER_BY_OWNER as ClusterWish, id.to_string())
    }

    /// The account's own and those of the teams it is in, the oldest first.
    pub async fn cluster_seen(&mut self, id: AccountId) -> Result<Vec<ClusterWish>, Error> {
        fetch_all!(self, CLUSTER_SEEN as ClusterWish, id.to_string())
    }

    pub async fn cluster_all(&mut self) -> Result<Vec<ClusterWish>, Error> {
        fetch_all!(self, CLUSTER_ALL as ClusterWish)
    }

    pub async fn cluster_scale(
        &mut self,
        id: ClusterId,
        segments: u32,
        generation: i64,
    ) -> Result<(), Error> {
        execute!(
            self,
            CLUSTER_SCALE,
            id.to_string(),
            i64::from(segments),
            generation
        )
        .map(|_| ())
    }

    /// `Taken` when the new owner has one of this name.
    pub async fn cluster_owner_set(&mut self, id: ClusterId, owner: OwnerId) -> Result<(), Error> {
        execute!(self, CLUSTER_OWNER_SET, id.to_string(), owner.to_string()).map(|_| ())
    }

    /// `Taken` when the owner has another one of this name.
    pub async fn cluster_rename(&mut self, id: ClusterId, name: &ClusterName) -> Result<(), Error> {
        execute!(self, CLUSTER_RENAME, id.to_string(), name.as_str()).map(|_| ())
    }

    pub async fn cluster_autoscale(&mut self, id: ClusterId, is_on: bool) -> Result<(), Error> {
        execute!(self, CLUSTER_AUTOSCALE, id.to_string(), is_on).map(|_| ())
    }

    /// Of each segment, in GiB.
    pub async fn cluster_disk_set(
        &mut self,
        id: ClusterId,
        gib: i64,
        generation: i64,
    ) -> Result<(), Error> {
        execute!(self, CLUSTER_DISK_SET, id.to_string(), gib, generation).map(|_| ())
    }

    /// Those that grow by themselves and are not being deleted.
    pub async fn cluster_autoscaling(&mut self) -> Result<Vec<ClusterId>, Error> {
        let rows = fetch_all!(self, CLUSTER_AUTOSCALING as (String,))?;
        Ok(rows
            .into_iter()
            .filter_map(|row| row.0.parse().ok())
            .collect())
    }

    pub async fn cluster_rebuild(&mut self, id: ClusterId, generation: i64) -> Result<(), Error> {
        execute!(self, CLUSTER_REBUILD, id.to_string(), generation).map(|_| ())
    }

    /// False when it is being deleted already.
    pub async fn cluster_deleting(
        &mut self,
        id: ClusterId,
        since: UnixMs,
        generation: i64,
    ) -> Result<bool, Error> {
        Ok(execute!(self, CLUSTER_DELETING, id.to_string(), since, generation)? > 0)
    }

    /// Only one that was wished away; everything of it goes with it.
    pub async fn cluster_delete(&mut self, id: ClusterId) -> Result<bool, Error> {
        Ok(execute!(self, CLUSTER_DELETE, id.to_string())? > 0)
    }

    pub async fn segment_insert(&mut self, segment: &SegmentWish) -> Result<(), Error> {
        execute!(
            self,
            SEGMENT_INSERT,
            segment.cluster_id.to_string(),
            i64::from(segment.ordinal),
            segment.address.to_string(),
            i64::from(segment.id_base),
            &segment.mac,
            &segment.image,
            i64::try_from(segment.memory_mib).unwrap_or(i64::MAX),
            i64::from(segment.vcpus),
            i64::try_from(segment.disk_bytes).unwrap_or(i64::MAX),
            i64::from(segment.pids),
            segment.seed_generation,
            &segment.material,
            segment.placed_at,
            segment.removing_since
        )
        .map(|_| ())
    }

    /// By ordinal.
    pub async fn segment_list(&mut self, id: ClusterId) -> Result<Vec<SegmentWish>, Error> {
        fetch_all!(self, SEGMENT_LIST as SegmentWish, id.to_string())
    }

    /// Every id range that is taken, ascending.
    pub async fn segment_id_bases(&mut self) -> Result<Vec<i64>, Error> {
        let rows = fetch_all!(self, SEGMENT_ID_BASES as (i64,))?;
        Ok(rows.into_iter().map(|row| row.0).collect())
    }

    /// What each host has; hosts without any segments are not in it.
    pub async fn segment_hosts(&mut self) -> Result<BTreeMap<String, HostSegments>, Error> {
        let rows = fetch_all!(self, SEGMENT_HOSTS as (String, i64, i64))?;
        let of = |(host, all, coming)| (host, HostSegments { all, coming });
        Ok(rows.into_iter().map(of).collect())
    }

    pub async fn segment_removing(
        &mut self,
        id: ClusterId,
        ordinal: u32,
        since: Option<UnixMs>,
    ) -> Result<(), Error> {
        execute!(
            self,
            SEGMENT_REMOVING,
            id.to_string(),
            i64::from(ordinal),
            since
        )
        .map(|_| ())
    }

    /// Every segment up to this one gets a disk so large, unless it has a larger one.
    pub async fn segment_disk_grow(
        &mut self,
        id: ClusterId,
        ordinals: u32,
        bytes: u64,
    ) -> Result<(), Error> {
        execute!(
            self,
            SEGMENT_DISK_GROW,
            id.to_string(),
            i64::from(ordinals),
            i64::try_from(bytes).unwrap_or(i64::MAX)
        )
        .map(|_| ())
    }

    pub async fn segment_seed(
        &mut self,
        id: ClusterId,
        ordinal: u32,
        generation: i64,
        material: &str,
    ) -> Result<(), Error> {
        execute!(
            self,
            SEGMENT_SEED,
            id.to_string(),
            i64::from(ordinal),
            generation,
            material
        )
        .map(|_| ())
    }

    /// Only one that was wished away; its address and ids are free then.
    pub async fn segment_delete(&mut self, id: ClusterId, ordinal: u32) -> Result<(), Error> {
        execute!(self, SEGMENT_DELETE, id.to_string(), i64::from(ordinal)).map(|_| ())
    }

    pub async fn certificate_insert(
        &mut self,
        id: ClusterId,
        certificate: &CertificateRecord,
    ) -> Result<(), Error> {
        execute!(
            self,
            CERTIFICATE_INSERT,
            &certificate.serial,
            id.to_string(),
            certificate.kind.as_str(),
            &certificate.label,
            &certificate.made_by,
            certificate.made_at,
            certificate.expires_at
        )
        .map(|_| ())
    }

    /// Forgets those of this kind that had expired at `before`. Revoked ones stay: managers are told
    /// how many there are, and a number that fell would hide the next.
    pub async fn certificate_sweep(
        &mut self,
        id: ClusterId,
        kind: CertificateKind,
        before: UnixMs,
    ) -> Result<(), Error> {
        execute!(
            self,
            CERTIFICATE_SWEEP,
            id.to_string(),
            kind.as_str(),
            before
        )
        .map(|_| ())
    }

    /// The newest first.
    pub async fn certificate_list(
        &mut self,
        id: ClusterId,
    ) -> Result<Vec<CertificateRecord>, Error> {
        fetch_all!(self, CERTIFICATE_LIST as CertificateRecord, id.to_string())
    }

    /// So many of those that have not expired, the newest first, after those that are skipped.
    pub async fn certificate_page(
        &mut self,
        id: ClusterId,
        now: UnixMs,
        most: u32,
        skipped: u32,
    ) -> Result<Vec<CertificateRecord>, Error> {
        fetch_all!(
            self,
            CERTIFICATE_PAGE as CertificateRecord,
            id.to_string(),
            now,
            i64::from(most),
            i64::from(skipped)
        )
    }

    /// How many have not expired, and how many of those are not revoked.
    pub async fn certificate_count(
        &mut self,
        id: ClusterId,
        now: UnixMs,
    ) -> Result<(u32, u32), Error> {
        let row = fetch_optional!(self, CERTIFICATE_COUNT as (i64, i64), id.to_string(), now)?;
        let (all, open) = row.unwrap_or_default();
        let count = |n: i64| u32::try_from(n).unwrap_or(u32::MAX);
        Ok((count(all), count(open)))
    }

    /// False when there is none, or it is revoked already.
    pub async fn certificate_revoke(
        &mut self,
        id: ClusterId,
        serial: &str,
        at: UnixMs,
    ) -> Result<bool, Error> {
        Ok(execute!(self, CERTIFICATE_REVOKE, id.to_string(), serial, at)? > 0)
    }

    /// All that were made by or for this account, of every cluster; how many.
    pub async fn certificate_revoke_of(&mut self, made_by: &str, at: UnixMs) -> Result<u64, Error> {
        execute!(self, CERTIFICATE_REVOKE_OF, made_by, at)
    }

    /// Those that were made by or for this account, of the clusters of one owner; how many.
    pub async fn certificate_revoke_owned(
        &mut self,
        made_by: &str,
        owner: OwnerId,
        at: UnixMs,
    ) -> Result<u64, Error> {
        execute!(
            self,
            CERTIFICATE_REVOKE_OWNED,
            made_by,
            owner.to_string(),
            at
        )
    }

    /// The names of the accounts that a cluster's certificates were made by or for.
    pub async fn certificate_makers(&mut self, id: ClusterId) -> Result<Vec<String>, Error> {
        let rows = fetch_all!(self, CERTIFICATE_MAKERS as (String,), id.to_string())?;
        Ok(rows.into_iter().map(|row| row.0).collect())
    }

    /// All of one cluster that were made by or for this account; how many.
    pub async fn certificate_revoke_by(
        &mut self,
        id: ClusterId,
        made_by: &str,
        at: UnixMs,
    ) -> Result<u64, Error> {
        execute!(self, CERTIFICATE_REVOKE_BY, id.to_string(), made_by, at)
    }

    /// False when there is none, it is revoked, or it was seen since.
    pub async fn certificate_seen(
        &mut self,
        id: ClusterId,
        serial: &str,
        at: UnixMs,
    ) -> Result<bool, Error> {
        Ok(execute!(self, CERTIFICATE_SEEN, id.to_string(), serial, at)? > 0)
    }

    /// How many downloaded ones end after `now` and by `until`, and the first of these ends. Of
    /// what nobody used after `used_since`, only the latest of each person counts.
    pub async fn certificate_ending(
        &mut self,
        id: ClusterId,
        now: UnixMs,
        until: UnixMs,
        used_since: UnixMs,
    ) -> Result<Option<(i64, UnixMs)>, Error> {
        let row = fetch_optional!(
            self,
            CERTIFICATE_ENDING as (i64, Option<UnixMs>),
            id.to_string(),
            now,
            until,
            used_since
        )?;
        Ok(row.and_then(|(count, first)| first.map(|first| (count, first))))
    }

    /// Serials, in the order they were revoked.
    pub async fn certificate_revoked(&mut self, id: ClusterId) -> Result<Vec<String>, Error> {
        let rows = fetch_all!(self, CERTIFICATE_REVOKED as (String,), id.to_string())?;
        Ok(rows.into_iter().map(|row| row.0).collect())
    }
}
