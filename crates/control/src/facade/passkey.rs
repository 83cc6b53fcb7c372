//! The facade, for passkeys. `host`: what the browser calls the panel's host, with its port.

use std::net::IpAddr;

use model::{AccountId, PasskeyId, PasskeyObstacle, PasskeysView, UnixMs};

use super::{Control, answer};
use crate::{Actor, Admitted, PasskeyBegun, PasskeyWaiting, Result};

impl Control {
    /// Why there can be no passkeys where this browser is; nothing where there can.
    pub fn passkey_obstacle(&self, host: &str) -> Option<PasskeyObstacle> {
        self.0.passkey_obstacle(host)
    }

    pub async fn passkeys(&self, actor: &Actor, host: &str) -> Result<PasskeysView> {
        answer(self.0.passkeys(actor, host)).await
    }

    /// Nothing is made yet: the browser is asked `options`, the rest is kept for its answer.
    pub async fn passkey_add_begin(
        &self,
        actor: &Actor,
        name: &str,
        host: &str,
    ) -> Result<PasskeyBegun> {
        answer(self.0.passkey_add_begin(actor, name, host)).await
    }

    /// Takes the browser's answer to what was kept for it, once. Without an answer it says why there
    /// is none.
    pub async fn passkey_add(
        &self,
        actor: &Actor,
        waiting: Option<&PasskeyWaiting>,
        name: &str,
        said: &str,
        host: &str,
    ) -> Result<()> {
        answer(self.0.passkey_add(actor, waiting, name, said, host)).await
    }

    pub async fn passkey_sign_in_begin(&self, host: &str, from: IpAddr) -> Result<PasskeyBegun> {
        answer(self.0.passkey_sign_in_begin(host, from)).await
    }

    /// As [`Control::passkey_add`]; answers who it is.
    pub async fn passkey_sign_in(
        &self,
        waiting: Option<&PasskeyWaiting>,
        said: &str,
        host: &str,
        from: IpAddr,
    ) -> Result<Admitted> {
        answer(self.0.passkey_sign_in(waiting, said, host, from)).await
    }

    pub async fn passkey_confirm_begin(&self, actor: &Actor, host: &str) -> Result<PasskeyBegun> {
        answer(self.0.passkey_confirm_begin(actor, host)).await
    }

    /// As [`Control::passkey_add`]; answers when it was.
    pub async fn passkey_confirm(
        &self,
        actor: &Actor,
        waiting: Option<&PasskeyWaiting>,
        said: &str,
        host: &str,
    ) -> Result<UnixMs> {
        answer(self.0.passkey_confirm(actor, waiting, said, host)).await
    }

    /// Not the last way in.
    pub async fn passkey_remove(&self, actor: &Actor, id: PasskeyId) -> Result<()> {
        answer(self.0.passkey_remove(actor, id)).await
    }

    /// An administrator helps somebody who lost their device: all of their passkeys go, and their
    /// sessions end.
    pub async fn passkey_reset(&self, actor: &Actor, id: AccountId) -> Result<()> {
        answer(self.0.passkey_reset(actor, id)).await
    }
}
