//! Who holds keys to a cluster: listed, revoked one by one or all at once, and told before they end.

use std::net::IpAddr;

use model::{
    CertificateView, CertificatesView, ClusterId, EndingView, ListPage, PER_PAGE, PageAt, UnixMs,
    UserError,
};
use store::{CertificateRecord, ClusterWish, Tx};

use crate::Actor;
use crate::error::Error;
use crate::panel::Panel;
use crate::permit::Action;

const DAY_MS: i64 = 86_400_000;
/// People are told of a certificate's end so long before.
const CERTIFICATE_WARN_MS: i64 = 30 * DAY_MS;
/// An authority's end wants a new cluster: that takes longer.
const AUTHORITY_WARN_MS: i64 = 180 * DAY_MS;

fn view(row: CertificateRecord) -> CertificateView {
    CertificateView {
        serial: row.serial,
        kind: row.kind,
        label: row.label,
        made_by: row.made_by,
        made_at: row.made_at,
        expires_at: row.expires_at,
        revoked_at: row.revoked_at,
        last_seen_at: row.last_seen_at,
    }
}

impl Panel {
    /// By the page. What has expired opens nothing, revoked or not.
    pub(crate) async fn certificate_page(
        &self,
        actor: &Actor,
        id: ClusterId,
        page: u32,
    ) -> Result<CertificatesView, Error> {
        let mut tx = self.store.read().await?;
        self.own(&mut tx, actor, id).await?;
        let now = self.now();
        let (all, open) = tx.certificate_count(id, now).await?;
        let at = PageAt::of(all, all, page, PER_PAGE);
        let rows = tx.certificate_page(id, now, PER_PAGE, at.skipped(PER_PAGE));
        let rows = rows.await?.into_iter().map(view).collect();
        Ok(CertificatesView {
            list: ListPage { rows, at },
            open,
        })
    }

    /// All of them at once: whoever revokes all is shown what goes.
    pub(crate) async fn certificate_list(
        &self,
        actor: &Actor,
        id: ClusterId,
    ) -> Result<Vec<CertificateView>, Error> {
        let mut tx = self.store.read().await?;
        self.own(&mut tx, actor, id).await?;
        let now = self.now();
        let all = tx.certificate_list(id).await?.into_iter();
        // What has expired opens nothing, revoked or not.
        Ok(all.filter(|row| row.expires_at > now).map(view).collect())
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
            let audit = self.cluster_audit(actor, "certificate_revoke", &wish, serial);
            tx.audit_insert(&audit).await?;
        }
        tx.commit().await?;
        self.revoked_changed();
        self.changed(wish.owner_id, id);
        Ok(())
    }

    /// Managers that wait for news of revocations get their answer.
    pub(crate) fn revoked_changed(&self) {
        self.revoked.send_modify(|version| *version += 1);
    }

    /// Nobody who has a certificate now has access any more, nor who holds a link to one. How many
    /// there were.
    pub(crate) async fn certificate_revoke_all(
        &self,
        actor: &Actor,
        id: ClusterId,
        confirm_name: &str,
    ) -> Result<u32, Error> {
        let mut tx = self.store.write().await?;
        let wish = self.own_for(&mut tx, actor, id, Action::ClusterUse).await?;
        self.confirmed(actor)?;
        if confirm_name.trim() != wish.name.as_str() {
            let why = format!("Type “{}” to revoke them all.", wish.name);
            return Err(Error::invalid("confirm_name", why));
        }
        let now = self.now();
        let mut count = 0;
        for row in tx.certificate_list(id).await? {
            if row.expires_at > now && tx.certificate_revoke(id, &row.serial, now).await? {
                count += 1;
            }
        }
        tx.bundle_link_drop(id).await?;
        let detail = format!("{count} certificates");
        let audit = self.cluster_audit(actor, "certificate_revoke_all", &wish, detail);
        tx.audit_insert(&audit).await?;
        tx.commit().await?;
        self.revoked_changed();
        self.changed(wish.owner_id, id);
        Ok(count)
    }

    /// What will close the cluster to people before long.
    pub(crate) async fn ending(
        &self,
        tx: &mut Tx,
        wish: &ClusterWish,
    ) -> Result<Option<EndingView>, Error> {
        let now = self.now();
        let at = authority_ends_at(wish);
        if at <= now + AUTHORITY_WARN_MS {
            return Ok(Some(EndingView::Authority { at }));
        }
        let (until, used_since) = (now + CERTIFICATE_WARN_MS, now - CERTIFICATE_WARN_MS);
        let ending = tx
            .certificate_ending(wish.id, now, until, used_since)
            .await?;
        Ok(ending.map(|(count, at)| EndingView::Certificates {
            count: u32::try_from(count).unwrap_or(u32::MAX),
            at,
        }))
    }

    /// A manager tells which certificates it let in. It is a segment's word about its own cluster
    /// alone: whoever owns the segment could lie about nobody else's.
    pub(crate) async fn discovery_seen(
        &self,
        token: &str,
        remote: IpAddr,
        serials: &[String],
    ) -> Result<(), Error> {
        let (wish, segments) = self.by_token(token).await?;
        if !self.is_told_by(&segments, remote) {
            let why = "only a segment of the cluster tells this".to_owned();
            return Err(UserError::NotAllowed { why }.into());
        }
        if serials.len() > wire::discovery::SEEN_MAX {
            return Err(Error::invalid("serials", "too many at once"));
        }
        let now = self.now();
        let mut read = self.store.read().await?;
        let known = read.certificate_list(wish.id).await?;
        drop(read);
        let news: Vec<&CertificateRecord> = known
            .iter()
            .filter(|row| serials.contains(&row.serial) && is_news(row.last_seen_at, now))
            .collect();
        if news.is_empty() {
            return Ok(());
        }
        let mut tx = self.store.write().await?;
        for row in news {
            tx.certificate_seen(wish.id, &row.serial, now).await?;
        }
        tx.commit().await?;
        Ok(())
    }
}

/// Several managers tell of one certificate: half a minute is no news.
fn is_news(last_seen_at: Option<UnixMs>, now: UnixMs) -> bool {
    last_seen_at.is_none_or(|at| now - at >= 30_000)
}

/// It was made with its cluster.
fn authority_ends_at(wish: &ClusterWish) -> UnixMs {
    wish.created_at + pki::AUTHORITY_DAYS * DAY_MS
}
