//! “It doesn't connect”: the panel goes a client's way to Docker and says how far it comes.

use std::collections::HashMap;
use std::net::{IpAddr, Ipv4Addr, SocketAddr};
use std::sync::Mutex;

use futures::future::join_all;
use host::{Way, WayOutcome};
use model::{AccessTestView, ClusterId, ManagerWayView, UnixMs, UserError, WayStepView};

use crate::Actor;
use crate::error::Error;
use crate::panel::{Panel, lock};

/// Of one cluster, from one try to the next: each makes connections to all of its segments.
const TEST_EVERY_MS: i64 = 5_000;

/// When each cluster was tried last. No more entries than clusters: what is gone is forgotten.
#[derive(Default)]
pub(crate) struct WayTests(Mutex<HashMap<ClusterId, UnixMs>>);

impl WayTests {
    fn begin(&self, cluster: ClusterId, now: UnixMs) -> Result<(), Error> {
        let mut all = lock(&self.0);
        let due = all.get(&cluster).map_or(now, |at| at + TEST_EVERY_MS);
        if due > now {
            let retry_after_s = u32::try_from((due - now + 999) / 1000).unwrap_or(u32::MAX);
            return Err(UserError::TooMany { retry_after_s }.into());
        }
        all.insert(cluster, now);
        Ok(())
    }

    pub(crate) fn forget(&self, cluster: ClusterId) {
        lock(&self.0).remove(&cluster);
    }
}

impl Panel {
    /// Under the panel's own certificate: nobody's is made for it.
    pub(crate) async fn access_test(
        &self,
        actor: &Actor,
        id: ClusterId,
    ) -> Result<AccessTestView, Error> {
        let mut tx = self.store.read().await?;
        let wish = self.own(&mut tx, actor, id).await?;
        let mut segments = tx.segment_list(id).await?;
        drop(tx);
        self.way_tests.begin(id, self.now())?;
        segments.retain(|segment| segment.removing_since.is_none());
        let identity = self.identities(&wish)?.probe;
        let way = |address: SocketAddr| Way {
            cluster: id,
            address,
            is_front_door: address.port() != wire::MANAGER_PORT,
            identity: identity.clone(),
        };
        let door = way(SocketAddr::new(
            reached(self.settings.front_door_listen),
            wish.front_door_port,
        ));
        let managers = segments.iter().map(|segment| {
            let at = SocketAddr::new((*segment.address).into(), wire::MANAGER_PORT);
            let way = way(at);
            async move {
                ManagerWayView {
                    ordinal: segment.ordinal,
                    address: segment.address.to_string(),
                    steps: views(self.endpoint.way_try(&way).await),
                }
            }
        });
        let (front_door, managers) =
            futures::join!(self.endpoint.way_try(&door), join_all(managers));
        Ok(AccessTestView {
            port: wish.front_door_port,
            front_door: views(front_door),
            managers,
        })
    }
}

/// Where this machine itself reaches what listens there.
fn reached(listen: IpAddr) -> IpAddr {
    match listen.is_unspecified() {
        true => Ipv4Addr::LOCALHOST.into(),
        false => listen,
    }
}

fn views(outcomes: Vec<WayOutcome>) -> Vec<WayStepView> {
    let view = |outcome: WayOutcome| WayStepView {
        step: outcome.step,
        took_ms: u32::try_from(outcome.took.as_millis()).unwrap_or(u32::MAX),
        problem: outcome.result.err(),
    };
    outcomes.into_iter().map(view).collect()
}
