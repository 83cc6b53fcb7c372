//! The facade, for signing in at an identity provider.

use std::net::IpAddr;

use model::WaysInView;

use super::{Control, answer};
use crate::{
    Actor, ProviderAnswer, ProviderBegun, ProviderDone, ProviderPurpose, ProviderWaiting, Result,
};

impl Control {
    /// What the button that leads to the provider calls it; nothing where there is none.
    pub fn provider_name(&self) -> Option<String> {
        let settings = self.0.settings.provider.as_ref();
        settings.map(|settings| settings.name.clone())
    }

    /// Nobody has been sent anywhere yet: the browser goes to `url`, the rest is kept for it.
    pub async fn provider_begin(
        &self,
        actor: Option<&Actor>,
        purpose: ProviderPurpose,
        next: &str,
        from: IpAddr,
    ) -> Result<ProviderBegun> {
        answer(self.0.provider_begin(actor, purpose, next, from)).await
    }

    /// Takes the browser's answer to what was kept for it, once.
    pub async fn provider_finish(
        &self,
        actor: Option<&Actor>,
        waiting: &ProviderWaiting,
        said: &ProviderAnswer,
        from: IpAddr,
    ) -> Result<ProviderDone> {
        answer(self.0.provider_finish(actor, waiting, said, from)).await
    }

    pub async fn provider_disconnect(&self, actor: &Actor) -> Result<()> {
        answer(self.0.provider_disconnect(actor)).await
    }

    /// By what one's own account can be entered.
    pub async fn ways_in(&self, actor: &Actor) -> Result<WaysInView> {
        answer(self.0.ways_in(actor)).await
    }
}
