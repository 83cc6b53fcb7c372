//! What the panel does on a cluster at somebody's bidding goes through the cluster's own endpoint,
//! under a certificate in that person's name: the endpoint's policy holds, and whoever looks sees
//! who it was. The key is in memory alone; the certificate is in the list like any other, and once
//! it is revoked whatever still uses it is cut off.

use std::collections::HashMap;
use std::net::Ipv4Addr;
use std::sync::{Arc, Mutex};

use host::{ClientIdentity, EndpointTarget};
use model::{AccountId, CertificateKind, ClusterId, UnixMs, UserError};
use store::{CertificateRecord, ClusterWish};

use crate::Actor;
use crate::desired::Rows;
use crate::error::Error;
use crate::panel::{Panel, lock};
use crate::permit::Action;

/// A certificate lasts a day; what begins late in it gets a new one, so as not to be cut off soon.
const RENEW_AFTER_MS: i64 = 12 * 3_600_000;

#[derive(Default)]
pub(crate) struct Persons(Mutex<HashMap<(ClusterId, AccountId), Held>>);

#[derive(Clone)]
struct Held {
    identity: Arc<ClientIdentity>,
    serial: String,
    made_at: UnixMs,
}

impl Persons {
    fn get(&self, cluster: ClusterId, account: AccountId, now: UnixMs) -> Option<Held> {
        lock(&self.0)
            .get(&(cluster, account))
            .filter(|held| now - held.made_at < RENEW_AFTER_MS)
            .cloned()
    }

    fn put(&self, cluster: ClusterId, account: AccountId, held: Held) {
        lock(&self.0).insert((cluster, account), held);
    }

    pub(crate) fn forget(&self, cluster: ClusterId) {
        lock(&self.0).retain(|(of, _), _| *of != cluster);
    }

    /// Whose access to these clusters has ended.
    pub(crate) fn forget_account(&self, account: AccountId, clusters: &[ClusterId]) {
        lock(&self.0).retain(|(of, who), _| *who != account || !clusters.contains(of));
    }
}

impl Panel {
    /// The cluster, if the actor may do this with it, and its endpoint in the actor's name.
    pub(crate) async fn endpoint_of(
        &self,
        actor: &Actor,
        id: ClusterId,
        action: Action,
    ) -> Result<(ClusterWish, EndpointTarget), Error> {
        let mut tx = self.store.read().await?;
        let wish = self.own_for(&mut tx, actor, id, action).await?;
        let rows = Rows::load(&mut tx, id)
            .await?
            .ok_or_else(|| Error::not_found("cluster"))?;
        let managers = managers(&rows);
        if managers.is_empty() || wish.deleting_since.is_some() {
            let what = "The cluster's endpoint".to_owned();
            return Err(UserError::Unavailable { what }.into());
        }
        let is_wanted = |segment: &&store::SegmentWish| segment.removing_since.is_none();
        let nodes = rows.segments.iter().filter(is_wanted);
        let nodes = nodes
            .map(|segment| host::NodeName {
                cluster: id,
                ordinal: segment.ordinal,
            })
            .collect();
        let held = self.persons.get(id, actor.account.id, self.now());
        let held = match held {
            Some(held) if !tx.certificate_revoked(id).await?.contains(&held.serial) => held,
            _ => {
                drop(tx);
                self.person_certify(actor, &wish, action).await?
            }
        };
        let target = EndpointTarget {
            cluster: id,
            managers,
            nodes,
            identity: held.identity,
        };
        Ok((wish, target))
    }

    async fn person_certify(
        &self,
        actor: &Actor,
        wish: &ClusterWish,
        action: Action,
    ) -> Result<Held, Error> {
        let (id, now) = (wish.id, self.now());
        let authorities = self.identities(wish)?.authorities;
        let name = actor.account.name.as_str();
        let (issued, identity) = authorities.person(id, name)?;
        let record = CertificateRecord {
            serial: issued.serial.clone(),
            kind: CertificateKind::Panel,
            label: String::new(),
            made_by: name.to_owned(),
            made_at: now,
            expires_at: issued.expires_at,
            revoked_at: None,
            last_seen_at: None,
        };
        let mut tx = self.store.write().await?;
        // Whoever lost it meanwhile gets none.
        self.own_for(&mut tx, actor, id, action).await?;
        tx.certificate_sweep(id, CertificateKind::Panel, now)
            .await?;
        tx.certificate_insert(id, &record).await?;
        let audit = self.cluster_audit(actor, "certificate_make", wish, record.serial);
        tx.audit_insert(&audit).await?;
        tx.commit().await?;
        let held = Held {
            identity,
            serial: issued.serial,
            made_at: now,
        };
        self.persons.put(id, actor.account.id, held.clone());
        Ok(held)
    }
}

/// Those that answered the last probe first: the others may answer by now.
fn managers(rows: &Rows) -> Vec<Ipv4Addr> {
    let mut ranked: Vec<_> = rows
        .segments
        .iter()
        .filter(|segment| segment.removing_since.is_none())
        .filter_map(|segment| Some((segment, rows.segment_facts.get(&segment.ordinal)?)))
        .collect();
    if !ranked.iter().any(|(_, fact)| fact.is_answering) {
        return Vec::new();
    }
    ranked.sort_by_key(|(segment, fact)| (!fact.is_answering, segment.ordinal));
    ranked.iter().map(|(segment, _)| *segment.address).collect()
}
