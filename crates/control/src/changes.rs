//! Who hears of what changed: every account of its own clusters and of those of its teams.

use std::collections::{BTreeSet, VecDeque};
use std::sync::Mutex;

use futures::{Stream, StreamExt as _};
use model::{AccountId, ClusterId, OwnerId, UnixMs};
use store::Store;
use tokio::sync::broadcast::error::RecvError;
use tokio::sync::broadcast::{self, Receiver};

use crate::error::{Error, chain};
use crate::panel::{Panel, lock};
use crate::watch::Watching;
use crate::{Actor, Changed};

/// Events that wait for a listener that is slow; whoever misses some looks at everything.
const WAITING: usize = 1024;
/// Events that somebody who comes later can still be told of.
const RECENT: usize = 256;

type Event = (OwnerId, ClusterId);

/// What changed, told to whoever listens, and for a while to whoever comes later.
pub struct Changes {
    sender: broadcast::Sender<Event>,
    recent: Mutex<Recent>,
}

struct Recent {
    /// Of what changed before, nobody here knows.
    from: UnixMs,
    events: VecDeque<(UnixMs, Event)>,
}

impl Changes {
    pub fn new(now: UnixMs) -> Self {
        Self {
            sender: broadcast::channel(WAITING).0,
            recent: Mutex::new(Recent {
                from: now,
                events: VecDeque::new(),
            }),
        }
    }

    pub fn tell(&self, now: UnixMs, event: Event) {
        let mut recent = lock(&self.recent);
        if recent.events.len() == RECENT
            && let Some((at, _)) = recent.events.pop_front()
        {
            recent.from = at + 1;
        }
        recent.events.push_back((now, event));
        // Nobody listens: nobody missed anything. Under the lock, so that nobody hears it twice.
        let _ = self.sender.send(event);
    }

    /// What changed since then, or none if that is not known any more; and what changes from now on.
    fn listen(&self, since: Option<UnixMs>) -> (Option<VecDeque<Event>>, Receiver<Event>) {
        let recent = lock(&self.recent);
        let missed = match since {
            None => Some(VecDeque::new()),
            Some(since) if since < recent.from => None,
            Some(since) => {
                let later = recent.events.iter().filter(|(at, _)| *at >= since);
                Some(later.map(|(_, event)| *event).collect())
            }
        };
        (missed, self.sender.subscribe())
    }
}

struct Listening {
    store: Store,
    /// Told first; none is everything.
    missed: Option<VecDeque<Event>>,
    receiver: Receiver<Event>,
    account: AccountId,
    /// Asked for at the first event that is not the account's own. Whoever joins or leaves a team
    /// hears of it as of everything else, and asks again.
    teams: Option<BTreeSet<OwnerId>>,
    _watching: Watching,
}

impl Panel {
    pub(crate) fn changes(
        &self,
        actor: &Actor,
        since: Option<UnixMs>,
    ) -> impl Stream<Item = Changed> + Send + Unpin + use<> {
        let (missed, receiver) = self.changes.listen(since);
        let listening = Listening {
            store: self.store.clone(),
            missed,
            receiver,
            account: actor.account.id,
            teams: None,
            _watching: self.watchers.begin(actor.account.id),
        };
        let next = |mut listening: Listening| async move {
            let cluster = listening.next().await?;
            Some((Changed { cluster }, listening))
        };
        futures::stream::unfold(listening, next).boxed()
    }
}

impl Listening {
    async fn next(&mut self) -> Option<ClusterId> {
        let everything = Changed::EVERYTHING.cluster;
        loop {
            let Some(missed) = &mut self.missed else {
                self.missed = Some(VecDeque::new());
                return Some(everything);
            };
            let event = match missed.pop_front() {
                Some(event) => Ok(event),
                None => self.receiver.recv().await,
            };
            match event {
                Ok((owner, cluster)) if owner == self.account.into() => {
                    if cluster == everything {
                        self.teams = None;
                    }
                    return Some(cluster);
                }
                Ok((owner, cluster)) if self.is_in(owner).await => return Some(cluster),
                Ok(_) => {}
                Err(RecvError::Lagged(_)) => {
                    self.teams = None;
                    return Some(everything);
                }
                Err(RecvError::Closed) => return None,
            }
        }
    }

    /// While the database does not tell, in none.
    async fn is_in(&mut self, owner: OwnerId) -> bool {
        if self.teams.is_none() {
            match self.teams_read().await {
                Ok(teams) => self.teams = Some(teams),
                Err(error) => tracing::warn!(
                    error = chain(&error),
                    "the teams of somebody who listens cannot be read"
                ),
            }
        }
        let teams = self.teams.as_ref();
        teams.is_some_and(|teams| teams.contains(&owner))
    }

    async fn teams_read(&self) -> Result<BTreeSet<OwnerId>, Error> {
        let teams = self.store.read().await?.team_of(self.account).await?;
        Ok(teams.into_iter().map(|team| team.id.into()).collect())
    }
}
