//! What happened in a cluster, as its engines tell it to whoever may see it.

use std::pin::Pin;

use futures::{Stream, StreamExt as _};
use model::{ClusterId, EventView};

use crate::Actor;
use crate::error::Error;
use crate::panel::Panel;
use crate::permit::Action;

/// On a page: three engines remember some 256 each.
const EVENTS_MAX: usize = 1_000;

/// Events as they come. It ends when the endpoint's stream does; whoever comes again after what was
/// seen misses nothing that the engines still remember.
pub type EventStream = Pin<Box<dyn Stream<Item = EventView> + Send>>;

impl Panel {
    /// What the engines remember, the oldest first.
    pub(crate) async fn event_list(
        &self,
        actor: &Actor,
        id: ClusterId,
    ) -> Result<Vec<EventView>, Error> {
        let (_, at) = self.endpoint_of(actor, id, Action::ClusterSee).await?;
        let mut lines = self.endpoint.events(&at, 0, false).await?;
        let mut all = Vec::new();
        while let Some(event) = lines.recv().await {
            all.push(event?);
            if all.len() == 2 * EVENTS_MAX {
                // A lying engine's past has no end.
                break;
            }
        }
        let extra = all.len().saturating_sub(EVENTS_MAX);
        Ok(all.split_off(extra))
    }

    /// What happened after `after_ns`, then what happens.
    pub(crate) async fn event_follow(
        &self,
        actor: &Actor,
        id: ClusterId,
        after_ns: i64,
    ) -> Result<EventStream, Error> {
        let (_, at) = self.endpoint_of(actor, id, Action::ClusterSee).await?;
        let lines = self.endpoint.events(&at, after_ns, true).await?;
        let stream = futures::stream::unfold(lines, |mut lines| async move {
            match lines.recv().await {
                Some(Ok(event)) => Some((event, lines)),
                // Whoever follows comes again by itself.
                Some(Err(_)) | None => None,
            }
        });
        Ok(stream.boxed())
    }
}
