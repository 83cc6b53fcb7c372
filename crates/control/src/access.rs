//! What people get a cluster's endpoint with: bundles, and one-time links to them.

use model::{CertificateKind, ClusterId, OwnerId, SegmentPhase, UserError};
use pki::BundleSpec;
use store::{BundleLink, CertificateRecord, Tx};
use wire::Secret;

use crate::account::{secret_hash, secret_make, view};
use crate::error::Error;
use crate::gate::alive;
use crate::material::Material;
use crate::panel::Panel;
use crate::permit::Action;
use crate::{Actor, Bundle};

const LINK_MS: i64 = 10 * 60_000;
/// A browser's `Host` is a name of this length at most.
const HOST_MAX: usize = 253;
/// “laptop in the office”
const LABEL_MAX: usize = 40;

/// What somebody wants a new certificate as.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum BundleForm {
    /// Everything, for every shell.
    #[default]
    Zip,
    /// The one file that `docker context import` takes.
    Context,
}

/// What a bundle is made with.
#[derive(Debug, Clone, Copy, Default)]
pub struct BundleOrder<'a> {
    pub form: BundleForm,
    /// The `Host` that the browser used, without port.
    pub browser_host: Option<&'a str>,
    /// Which machine it is for, in the person's words.
    pub label: &'a str,
}

fn label_checked(label: &str) -> Result<String, Error> {
    let label = label.trim();
    if label.chars().count() > LABEL_MAX || label.chars().any(char::is_control) {
        let why = format!("Use at most {LABEL_MAX} characters.");
        return Err(Error::invalid("label", why));
    }
    Ok(label.to_owned())
}

impl Panel {
    pub(crate) async fn bundle_make(
        &self,
        actor: &Actor,
        id: ClusterId,
        order: BundleOrder<'_>,
    ) -> Result<Bundle, Error> {
        let mut tx = self.store.write().await?;
        let (bundle, owner) = self.bundle_in_tx(&mut tx, actor, id, order).await?;
        tx.commit().await?;
        self.changed(owner, id);
        Ok(bundle)
    }

    /// The key is in the bundle and nowhere else. With the cluster's owner, who is told of it.
    async fn bundle_in_tx(
        &self,
        tx: &mut Tx,
        actor: &Actor,
        id: ClusterId,
        order: BundleOrder<'_>,
    ) -> Result<(Bundle, OwnerId), Error> {
        let label = label_checked(order.label)?;
        let wish = alive(self.own_for(tx, actor, id, Action::ClusterUse).await?)?;
        let segments = tx.segment_list(id).await?;
        let names = match segments.first() {
            Some(segment) => Material::parse(&segment.material)?.names,
            None => Vec::new(),
        };
        let authorities = self.identities(&wish)?.authorities;
        let issued = authorities.client(id, actor.account.name.as_str())?;
        let now = self.now();
        let spec = BundleSpec {
            name: wish.name.as_str(),
            host: &self.endpoint_host(order.browser_host, &names),
            port: wish.front_door_port,
            ca_pem: authorities.cluster_ca_pem(),
            cert_pem: &issued.cert_pem,
            key_pem: &issued.key_pem,
            made_at: now,
            expires_at: issued.expires_at,
        };
        let (bytes, ending) = match order.form {
            BundleForm::Zip => (pki::bundle(&spec)?, "zip"),
            BundleForm::Context => (pki::context_file(&spec), "dockercontext"),
        };
        let record = CertificateRecord {
            serial: issued.serial,
            kind: CertificateKind::Bundle,
            label,
            made_by: actor.account.name.to_string(),
            made_at: now,
            expires_at: issued.expires_at,
            revoked_at: None,
            last_seen_at: None,
        };
        tx.certificate_insert(id, &record).await?;
        let audit = self.cluster_audit(actor, "bundle_make", &wish, record.serial);
        tx.audit_insert(&audit).await?;
        let bundle = Bundle {
            file_name: format!("{}.{ending}", wish.name),
            bytes,
        };
        Ok((bundle, wish.owner_id))
    }

    pub(crate) async fn bundle_link_make(
        &self,
        actor: &Actor,
        id: ClusterId,
        browser_host: Option<&str>,
        label: &str,
    ) -> Result<Secret, Error> {
        let label = label_checked(label)?;
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
            label,
            expires_at: now + LINK_MS,
        };
        tx.bundle_link_insert(&secret_hash(&secret.0), &link)
            .await?;
        tx.commit().await?;
        Ok(secret)
    }

    pub(crate) async fn bundle_by_link(
        &self,
        bearer: &str,
        form: BundleForm,
    ) -> Result<Bundle, Error> {
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
        let order = BundleOrder {
            form,
            browser_host: link.browser_host.as_deref(),
            label: &link.label,
        };
        let (bundle, owner) = self
            .bundle_in_tx(&mut tx, &actor, link.cluster_id, order)
            .await?;
        tx.commit().await?;
        self.changed(owner, link.cluster_id);
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
