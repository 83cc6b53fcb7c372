//! The machines below.

use model::{HostsView, StatusView};

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

    /// Without an account, where the configuration allows it.
    pub async fn status(&self) -> Result<StatusView> {
        answer(self.0.status()).await
    }
}
