//! BuildKit: the two connections that a client turns into HTTP/2.
//!
//! Over `/session` the engine asks the client for files, secrets and credentials; over `/grpc` the
//! client tells the engine what to build. Both go to the engine that the client's builds go to.

use super::Manager;
use super::answer::Answer;
use super::dispatch::Call;
use super::proxy::Payload;
use crate::http::tunnel;

impl Manager {
    /// The engine is the one who asks in this stream, and the client can only answer for itself.
    pub async fn build_session(&self, mut call: Call) -> Answer {
        let (engine, snapshot) = self.builder(&call)?;
        self.send_between(&mut call, &engine, &snapshot, "", Payload::Empty, tunnel)
            .await
    }

    /// The orders. What was built is listed at the latest when the connection ends.
    pub async fn build_control(&self, mut call: Call) -> Answer {
        let (engine, snapshot) = self.builder(&call)?;
        let builder = std::sync::Arc::clone(&engine);
        self.send_between(
            &mut call,
            &engine,
            &snapshot,
            "",
            Payload::Empty,
            async move |client, engine, cut| {
                tunnel(client, engine, cut).await;
                builder.images_refresh().await;
            },
        )
        .await
    }
}
