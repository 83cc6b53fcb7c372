//! The machines below, and what holds for the whole panel.

use model::{HostChoiceView, HostsView, QuotaChoice, SettingsView, StatusView};

use super::{Control, answer};
use crate::{Actor, Result};

impl Control {
    /// For administrators alone; to others there is no such page.
    pub async fn hosts_get(&self, actor: &Actor) -> Result<HostsView> {
        answer(self.0.hosts_get(actor)).await
    }

    /// Takes up to a minute; [`Control::hosts_get`] tells what was found.
    pub async fn hosts_examine(&self, actor: &Actor) -> Result<()> {
        answer(self.0.hosts_examine(actor)).await
    }

    /// A drained host gets no new clusters and no more segments; what is on it stays. For
    /// administrators; `NotFound` for a host that the configuration does not name.
    pub async fn host_drain(&self, actor: &Actor, name: &str, is_drained: bool) -> Result<()> {
        answer(self.0.host_drain(actor, name, is_drained)).await
    }

    /// Where whoever may make clusters can put a new one; empty where there is one host alone. Waits
    /// up to 2 s for hosts that do not answer.
    pub async fn host_choices(&self, actor: &Actor) -> Result<Vec<HostChoiceView>> {
        answer(self.0.host_choices(actor)).await
    }

    /// What holds for the whole panel; for administrators.
    pub async fn settings_get(&self, actor: &Actor) -> Result<SettingsView> {
        answer(self.0.settings_get(actor)).await
    }

    /// For accounts and teams for which nothing else was fixed: clusters and segments; where there is
    /// no choice, the configuration's.
    pub async fn quota_default_set(&self, actor: &Actor, choice: QuotaChoice) -> Result<()> {
        answer(self.0.quota_default_set(actor, choice)).await
    }

    /// Whether everybody may see [`Control::status`].
    pub async fn status_page_set(&self, actor: &Actor, is_public: bool) -> Result<()> {
        answer(self.0.status_page_set(actor, is_public)).await
    }

    /// Without an account, where administrators or the configuration say so.
    pub async fn status(&self) -> Result<StatusView> {
        answer(self.0.status()).await
    }
}
