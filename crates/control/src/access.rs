//! What people get a cluster's endpoint with: certificates and bundles.

use model::{CertificateKind, CertificateView, ClusterId, SegmentPhase, UserError};
use pki::BundleSpec;
use store::{BundleLink, CertificateRecord, Tx};
use wire::Secret;

use crate::account::{secret_hash, secret_make, view};
use crate::error::Error;
use crate::material::Material;
use crate::panel::{AuditOf as _, Panel};
use crate::permit::Action;
use crate::{Actor, Bundle};

const LINK_MS: i64 = 10 * 60_000;
/// A browser's `Host` is a name of this length at most.
const HOST_MAX: usize = 253;

impl Panel {
    pub(crate) async fn certificate_list(
        &self,
        actor: &Actor,
        id: ClusterId,
    ) -> Result<Vec<CertificateView>, Error> {
        let mut tx = self.store.read().await?;
        self.own(&mut tx, actor, id).await?;
        let view = |row: CertificateRecord| CertificateView {
            serial: row.serial,
            kind: row.kind,
            made_by: row.made_by,
            made_at: row.made_at,
            expires_at: row.expires_at,
            revoked_at: row.revoked_at,
        };
        Ok(tx
            .certificate_list(id)
            .await?
            .into_iter()
            .map(view)
            .collect())
    }

    /// From then on no manager accepts it; managers wait for exactly this.
    pub(crate) async fn certificate_revoke(
        &self,
        actor: &Actor,
        id: ClusterId,
        serial: &str,
    ) -> Result<(), Error> {
        let mut tx = self.store.write().await?;
        let wish = self.own_for(&mut tx, actor, id, Action::ClusterUse).await?;
        self.confirmed(actor)?;
        let is_known = tx
            .certificate_list(id)
            .await?
            .iter()
            .any(|row| row.serial == serial);
        if !is_known {
            return Err(Error::not_found("certificate"));
        }
        if tx.certificate_revoke(id, serial, self.now()).await? {
            let audit = self.audit(actor, "certificate_revoke", wish.name.as_str(), serial);
            tx.audit_insert(&audit.of(id)).await?;
        }
        tx.commit().await?;
        self.revoked_changed();
        self.changed(wish.account_id, id);
        Ok(())
    }

    /// Managers that wait for news of revocations get their answer.
    pub(crate) fn revoked_changed(&self) {
        self.revoked.send_modify(|version| *version += 1);
    }

    pub(crate) async fn bundle_make(
        &self,
        actor: &Actor,
        id: ClusterId,
        browser_host: Option<&str>,
    ) -> Result<Bundle, Error> {
        let mut tx = self.store.write().await?;
        let bundle = self.bundle_in_tx(&mut tx, actor, id, browser_host).await?;
        tx.commit().await?;
        self.changed(actor.account.id, id);
        Ok(bundle)
    }

    /// The key is in the bundle and nowhere else.
    async fn bundle_in_tx(
        &self,
        tx: &mut Tx,
        actor: &Actor,
        id: ClusterId,
        browser_host: Option<&str>,
    ) -> Result<Bundle, Error> {
        let wish = self.own_for(tx, actor, id, Action::ClusterUse).await?;
        if wish.deleting_since.is_some() {
            return Err(Error::conflict(format!("{} is being deleted.", wish.name)));
        }
        let segments = tx.segment_list(id).await?;
        let names = match segments.first() {
            Some(segment) => Material::parse(&segment.material)?.names,
            None => Vec::new(),
        };
        let authorities = self.identities(&wish)?.authorities;
        let issued = authorities.client(id, actor.account.name.as_str())?;
        let now = self.now();
        let bytes = pki::bundle(&BundleSpec {
            name: wish.name.as_str(),
            host: &self.endpoint_host(browser_host, &names),
            port: wish.front_door_port,
            ca_pem: authorities.cluster_ca_pem(),
            cert_pem: &issued.cert_pem,
            key_pem: &issued.key_pem,
            made_at: now,
            expires_at: issued.expires_at,
        })?;
        let record = CertificateRecord {
            serial: issued.serial,
            kind: CertificateKind::Bundle,
            made_by: actor.account.name.to_string(),
            made_at: now,
            expires_at: issued.expires_at,
            revoked_at: None,
        };
        tx.certificate_insert(id, &record).await?;
        let audit = self.audit(actor, "bundle_make", wish.name.as_str(), record.serial);
        tx.audit_insert(&audit.of(id)).await?;
        Ok(Bundle {
            file_name: format!("{}.zip", wish.name),
            bytes,
        })
    }

    pub(crate) async fn bundle_link_make(
        &self,
        actor: &Actor,
        id: ClusterId,
        browser_host: Option<&str>,
    ) -> Result<Secret, Error> {
        let secret = secret_make();
        let now = self.now();
        let mut tx = self.store.write().await?;
        self.own_for(&mut tx, actor, id, Action::ClusterUse).await?;
        tx.bundle_link_sweep(now).await?;
        let browser_host = browser_host.filter(|host| host.len() <= HOST_MAX);
        let link = BundleLink {
            cluster_id: id,
            account_id: actor.account.id,
            browser_host: browser_host.map(str::to_owned),
            expires_at: now + LINK_MS,
        };
        tx.bundle_link_insert(&secret_hash(&secret.0), &link)
            .await?;
        tx.commit().await?;
        Ok(secret)
    }

    pub(crate) async fn bundle_by_link(&self, bearer: &str) -> Result<Bundle, Error> {
        let mut tx = self.store.write().await?;
        let link = tx.bundle_link_take(&secret_hash(bearer)).await?;
        let Some(link) = link.filter(|link| link.expires_at > self.now()) else {
            let why = "This link was used already, or it has expired. Get a new one in the panel.";
            return Err(UserError::NotAllowed {
                why: why.to_owned(),
            }
            .into());
        };
        let account = tx.account_by_id(link.account_id).await?;
        let account = account
            .filter(|account| account.suspended_at.is_none())
            .ok_or_else(|| Error::not_found("cluster"))?;
        let actor = Actor::of(view(account));
        let host = link.browser_host.as_deref();
        let bundle = self
            .bundle_in_tx(&mut tx, &actor, link.cluster_id, host)
            .await?;
        tx.commit().await?;
        self.changed(actor.account.id, link.cluster_id);
        Ok(bundle)
    }

    /// All front doors as they should be now; watchers hear of it only when something differs.
    pub(crate) async fn front_doors_update(&self) -> Result<(), Error> {
        let mut tx = self.store.read().await?;
        let mut doors = Vec::new();
        for wish in tx
            .cluster_all()
            .await?
            .iter()
            .filter(|w| w.deleting_since.is_none())
        {
            let facts = tx.segment_fact_list(wish.id).await?;
            let is_up = |ordinal: u32| facts.iter().find(|f| f.ordinal == ordinal);
            let segments = tx.segment_list(wish.id).await?;
            let mut ranked: Vec<_> = segments
                .iter()
                .filter(|segment| segment.removing_since.is_none())
                .filter_map(|segment| is_up(segment.ordinal).map(|fact| (segment, fact)))
                .filter(|(_, fact)| {
                    // One that did not answer the last probe may answer by now.
                    fact.is_answering || fact.phase != SegmentPhase::Placed
                })
                .collect();
            ranked.sort_by_key(|(segment, fact)| (!fact.is_answering, segment.ordinal));
            let target = |address| std::net::SocketAddrV4::new(address, wire::MANAGER_PORT);
            doors.push(crate::FrontDoor {
                cluster: wish.id,
                port: wish.front_door_port,
                targets: ranked
                    .iter()
                    .map(|(segment, _)| target(*segment.address))
                    .collect(),
            });
        }
        self.front_doors.send_if_modified(|present| {
            let is_news = *present != doors;
            *present = doors;
            is_news
        });
        Ok(())
    }
}
