//! When what stays open ends.

use std::time::Duration;

use control::{Action, Actor, PresenceEnd};
use model::ClusterId;

use super::Web;

/// Why it does.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum End {
    /// The panel stops, cannot say who may listen, or it was open for long enough: whoever listens
    /// comes again.
    Again,
    /// The actor is not signed in any more, has another role, or lost the cluster.
    Over,
}

impl Web {
    /// Of something that an actor opened, perhaps to do this with a cluster.
    pub(super) fn end(
        &self,
        actor: &Actor,
        to: Option<(ClusterId, Action)>,
        longest: Duration,
    ) -> impl Future<Output = End> + Send + use<> {
        let shutdown = self.shutdown.clone();
        let over = self.control.presence_over(actor, to);
        async move {
            tokio::select! {
                () = shutdown.cancelled() => End::Again,
                () = tokio::time::sleep(longest) => End::Again,
                end = over => match end {
                    PresenceEnd::Over => End::Over,
                    PresenceEnd::Unknown => End::Again,
                },
            }
        }
    }
}
