//! BuildKit: the two connections that a client turns into HTTP/2.
//!
//! Over `/session` the engine asks the client for files, secrets and credentials; over `/grpc` the
//! client tells the engine what to build. Both go to the engine that the client's builds go to.

use std::sync::Arc;

use super::Manager;
use super::answer::Answer;
use super::dispatch::Call;
use super::orders::Orders;
use super::proxy::Payload;

impl Manager {
    /// The engine is the one who asks in this stream, and the client can only answer for itself.
    pub async fn build_session(&self, mut call: Call) -> Answer {
        let (engine, snapshot) = self.builder(&call)?;
        self.send(&mut call, &engine, &snapshot, "", Payload::Empty)
            .await
    }

    /// The orders, each of them looked at.
    pub async fn build_control(&self, mut call: Call) -> Answer {
        let (engine, snapshot) = self.builder(&call)?;
        let orders = Orders {
            policy: self.policy,
            engine: Arc::clone(&engine),
        };
        let between = |joined, cut| orders.pass(joined, cut);
        self.send_between(&mut call, &engine, &snapshot, "", Payload::Empty, between)
            .await
    }
}
