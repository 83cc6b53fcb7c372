//! Events of the simulated engines: of what guests did when they came, and of what people do to them.

use std::time::Duration;

use model::{ClusterId, ContainerAction, ContainerView, EventKind, EventView, Happening};
use tokio::sync::mpsc;

use super::{Sim, World, guest};
use crate::{EndpointError, EndpointTarget, EventLines};

/// How often who listens is told.
const LOOK: Duration = Duration::from_millis(100);
/// An engine remembers so many.
const KEPT: usize = 256;

impl World {
    /// Writes down what was done to a guest.
    pub(super) fn tell(
        &mut self,
        cluster: ClusterId,
        container: &ContainerView,
        action: ContainerAction,
    ) {
        use ContainerAction::{Kill, Pause, Remove, Restart, Start, Stop, Unpause};
        let ended = |code| Happening::Ended { code: Some(code) };
        let runs = container.state == "running";
        let what = match action {
            Start if runs => return,
            Start => vec![Happening::Started],
            Stop if !runs => return,
            Stop => vec![ended(0)],
            Kill => vec![ended(137)],
            Restart if runs => vec![ended(0), Happening::Started],
            Restart => vec![Happening::Started],
            Pause => vec![Happening::Paused],
            Unpause => vec![Happening::Continued],
            Remove if runs => vec![ended(137), Happening::Removed],
            Remove => vec![Happening::Removed],
        };
        for what in what {
            let last = self.told.last().map_or(0, |(_, event)| event.at_ns);
            let at_ns = (guest::now_ms() * 1_000_000).max(last + 1);
            self.told.push((cluster, event(at_ns, container, what)));
        }
        let extra = self.told.len().saturating_sub(KEPT);
        self.told.drain(..extra);
    }

    fn events_after(&self, at: &EndpointTarget, after_ns: i64) -> Vec<EventView> {
        let guests = self.listed(at);
        let begun = guests.iter().filter(|one| !one.is_system).flat_map(|one| {
            let made_ns = one.created_at * 1_000_000;
            let started = (one.state != "created")
                .then(|| event(made_ns + 90_000_000, one, Happening::Started));
            std::iter::once(event(made_ns, one, Happening::Made)).chain(started)
        });
        let told = self
            .told
            .iter()
            .filter(|(cluster, _)| *cluster == at.cluster);
        let mut all: Vec<EventView> = begun.chain(told.map(|(_, event)| event.clone())).collect();
        all.retain(|event| event.at_ns > after_ns);
        all.sort_by_key(|event| event.at_ns);
        all
    }
}

fn event(at_ns: i64, container: &ContainerView, what: Happening) -> EventView {
    EventView {
        at_ns,
        kind: EventKind::Container,
        what,
        name: container.name.clone(),
        node: container.node.clone(),
    }
}

impl Sim {
    pub(super) fn events_follow(
        &self,
        at: &EndpointTarget,
        after_ns: i64,
        is_following: bool,
    ) -> Result<EventLines, EndpointError> {
        let mut events = self.endpoint_call(at, |world| Ok(world.events_after(at, after_ns)))?;
        let (sender, receiver) = mpsc::channel(64);
        let (sim, at) = (self.clone(), at.clone());
        tokio::spawn(async move {
            let mut seen_ns = after_ns;
            loop {
                for event in events.drain(..) {
                    seen_ns = event.at_ns;
                    if sender.send(Ok(event)).await.is_err() {
                        return;
                    }
                }
                if !is_following {
                    return;
                }
                tokio::select! {
                    () = sender.closed() => return,
                    () = tokio::time::sleep(LOOK) => {}
                }
                let looked = sim.lock().manager_of(&at);
                if let Err(error) = looked {
                    let _ = sender.send(Err(error)).await;
                    return;
                }
                events = sim.lock().events_after(&at, seen_ns);
            }
        });
        Ok(receiver)
    }
}
