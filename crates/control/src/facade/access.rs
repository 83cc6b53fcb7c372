//! Certificates, bundles, and whether the way in is open.

use model::{AccessTestView, CertificateView, CertificatesView, ClusterId};

use super::{Control, answer};
use crate::{Actor, Bundle, BundleForm, BundleOrder, Result, Secret};

impl Control {
    /// Some of them, the newest first.
    pub async fn certificate_page(
        &self,
        actor: &Actor,
        id: ClusterId,
        page: u32,
    ) -> Result<CertificatesView> {
        answer(self.0.certificate_page(actor, id, page)).await
    }

    /// All of them.
    pub async fn certificate_list(
        &self,
        actor: &Actor,
        id: ClusterId,
    ) -> Result<Vec<CertificateView>> {
        answer(self.0.certificate_list(actor, id)).await
    }

    pub async fn certificate_revoke(
        &self,
        actor: &Actor,
        id: ClusterId,
        serial: &str,
    ) -> Result<()> {
        answer(self.0.certificate_revoke(actor, id, serial)).await
    }

    /// All at once, and every link that could make another. How many there were.
    pub async fn certificate_revoke_all(
        &self,
        actor: &Actor,
        id: ClusterId,
        confirm_name: &str,
    ) -> Result<u32> {
        answer(self.0.certificate_revoke_all(actor, id, confirm_name)).await
    }

    /// Goes a client's way to Docker; a few times a minute at most.
    pub async fn access_test(&self, actor: &Actor, id: ClusterId) -> Result<AccessTestView> {
        answer(self.0.access_test(actor, id)).await
    }

    /// A file with a new client certificate.
    pub async fn bundle_make(
        &self,
        actor: &Actor,
        id: ClusterId,
        order: BundleOrder<'_>,
    ) -> Result<Bundle> {
        answer(self.0.bundle_make(actor, id, order)).await
    }

    /// A bearer that gets one bundle within ten minutes.
    pub async fn bundle_link_make(
        &self,
        actor: &Actor,
        id: ClusterId,
        browser_host: Option<&str>,
        label: &str,
    ) -> Result<Secret> {
        answer(self.0.bundle_link_make(actor, id, browser_host, label)).await
    }

    pub async fn bundle_by_link(&self, bearer: &str, form: BundleForm) -> Result<Bundle> {
        answer(self.0.bundle_by_link(bearer, form)).await
    }
}
