//! Discovery: agents say where they are, managers ask who is there and what is revoked.
//!
//! Tokens are capabilities of one cluster, and registering cannot be used to point a manager
//! anywhere: only addresses that the panel gave to the cluster's segments are taken.

use std::collections::{BTreeMap, HashMap};
use std::net::{IpAddr, Ipv4Addr, SocketAddrV4};
use std::sync::Mutex;
use std::time::Duration;

use model::{ClusterId, SegmentPhase, UnixMs, UserError};
use store::{ClusterWish, SegmentWish, Tx};

use crate::error::Error;
use crate::panel::{Panel, lock};

/// After a restart, segments that were up count as registered for so long: agents come again
/// within a minute, and managers must not see an empty cluster until then.
const RESTORED: Duration = Duration::from_secs(180);
const TTL_MAX: Duration = Duration::from_secs(3600);

/// In memory only: the agents repeat themselves.
#[derive(Default)]
pub(crate) struct Registrations(Mutex<HashMap<ClusterId, BTreeMap<Ipv4Addr, UnixMs>>>);

impl Registrations {
    pub(crate) fn has(&self, cluster: ClusterId, address: Ipv4Addr, now: UnixMs) -> bool {
        let all = lock(&self.0);
        all.get(&cluster)
            .and_then(|c| c.get(&address))
            .is_some_and(|until| *until > now)
    }

    pub(crate) fn forget(&self, cluster: ClusterId) {
        lock(&self.0).remove(&cluster);
    }

    /// It starts: its next registration is news.
    pub(crate) fn drop_one(&self, cluster: ClusterId, address: Ipv4Addr) {
        if let Some(all) = lock(&self.0).get_mut(&cluster) {
            all.remove(&address);
        }
    }

    /// True when it was not registered before.
    fn put(&self, cluster: ClusterId, address: Ipv4Addr, now: UnixMs, ttl: Duration) -> bool {
        let ttl_ms = i64::try_from(ttl.min(TTL_MAX).as_millis()).unwrap_or(i64::MAX);
        let mut all = lock(&self.0);
        let before = all
            .entry(cluster)
            .or_default()
            .insert(address, now + ttl_ms);
        before.is_none_or(|until| until <= now)
    }
}

impl Panel {
    pub(crate) async fn registrations_restore(&self) -> Result<(), Error> {
        let mut tx = self.store.read().await?;
        for wish in tx.cluster_all().await? {
            let facts = tx.segment_fact_list(wish.id).await?;
            for segment in tx.segment_list(wish.id).await? {
                let is_up = facts.iter().any(|fact| {
                    fact.ordinal == segment.ordinal
                        && matches!(fact.phase, SegmentPhase::Joining | SegmentPhase::Active)
                });
                if is_up {
                    self.registrations
                        .put(wish.id, *segment.address, self.now(), RESTORED);
                }
            }
        }
        Ok(())
    }

    /// The cluster of a token and its segments; one that is going has none.
    pub(crate) async fn by_token(
        &self,
        token: &str,
    ) -> Result<(ClusterWish, Vec<SegmentWish>), Error> {
        let mut tx: Tx = self.store.read().await?;
        let wish = tx
            .cluster_by_token(token)
            .await?
            .filter(|wish| wish.deleting_since.is_none());
        let wish = wish.ok_or_else(|| Error::not_found("token"))?;
        let mut segments = tx.segment_list(wish.id).await?;
        segments.retain(|segment| segment.removing_since.is_none());
        Ok((wish, segments))
    }

    /// Whether one of the cluster's segments is at the other end, or somebody who speaks for them.
    pub(crate) fn is_told_by(&self, segments: &[SegmentWish], remote: IpAddr) -> bool {
        let remote = remote.to_canonical();
        let mut own = segments.iter().map(|one| IpAddr::V4(*one.address));
        own.any(|address| address == remote) || self.settings.discovery_trusted.contains(&remote)
    }

    pub(crate) async fn discovery_register(
        &self,
        token: &str,
        remote: IpAddr,
        entry: SocketAddrV4,
        ttl: Duration,
    ) -> Result<(), Error> {
        let refuse = |why: &str| -> Error {
            UserError::NotAllowed {
                why: why.to_owned(),
            }
            .into()
        };
        let (wish, segments) = self.by_token(token).await?;
        if entry.port() != wire::AGENT_PORT {
            return Err(refuse("Only the agents' port can be registered."));
        }
        if !segments
            .iter()
            .any(|segment| *segment.address == *entry.ip())
        {
            return Err(refuse("This address is no segment of the cluster."));
        }
        let is_itself = remote.to_canonical() == IpAddr::V4(*entry.ip());
        if !is_itself
            && !self
                .settings
                .discovery_trusted
                .contains(&remote.to_canonical())
        {
            return Err(refuse("A segment registers itself only."));
        }
        if ttl.is_zero() {
            return Err(refuse("A registration lasts a second at least."));
        }
        if self
            .registrations
            .put(wish.id, *entry.ip(), self.now(), ttl)
        {
            tracing::info!(
                cluster.id = %wish.id, address = %entry.ip(),
                "a segment of cluster {} registered", wish.id
            );
            self.kick(wish.owner_id, wish.id);
        }
        Ok(())
    }

    pub(crate) async fn discovery_list(&self, token: &str) -> Result<Vec<SocketAddrV4>, Error> {
        let (wish, segments) = self.by_token(token).await?;
        let now = self.now();
        let there = segments.iter().map(|segment| *segment.address);
        let there = there.filter(|address| self.registrations.has(wish.id, *address, now));
        Ok(there
            .map(|address| SocketAddrV4::new(address, wire::AGENT_PORT))
            .collect())
    }

    /// Answers at once when there is something newer than `after`. Versions begin at 1, so that a
    /// manager that knows nothing (0) never waits.
    pub(crate) async fn discovery_revocations(
        &self,
        token: &str,
        after: u64,
        wait: Duration,
    ) -> Result<wire::Revocations, Error> {
        let deadline = tokio::time::Instant::now() + wait;
        let mut revoked = self.revoked.subscribe();
        loop {
            revoked.mark_unchanged();
            let mut tx = self.store.read().await?;
            let wish = tx
                .cluster_by_token(token)
                .await?
                .ok_or_else(|| Error::not_found("token"))?;
            let serials = tx.certificate_revoked(wish.id).await?;
            drop(tx);
            let version = 1 + u64::try_from(serials.len()).unwrap_or(u64::MAX - 1);
            if version > after {
                return Ok(wire::Revocations { version, serials });
            }
            let is_over = tokio::time::timeout_at(deadline, revoked.changed())
                .await
                .is_err();
            if is_over {
                return Ok(wire::Revocations { version, serials });
            }
        }
    }
}
