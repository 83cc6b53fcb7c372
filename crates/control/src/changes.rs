//! Who hears of what changed: every account of its own clusters and of those of its teams, and whoever
//! decides about requests of those that wait.

use std::collections::{BTreeSet, VecDeque};
use std::sync::Mutex;

use futures::{Stream, StreamExt as _};
use model::{AccountId, ClusterId, OwnerId, UnixMs};
use store::Store;
use tokio::sync::broadcast::error::RecvError;
use tokio::sync::broadcast::{self, Receiver};

use crate::error::{Error, chain};
use crate::panel::{Panel, lock};
use crate::permit::Action;
use crate::watch::Watching;
use crate::{Actor, Changed};

/// Events that wait for a listener that is slow; whoever misses some looks at everything.
const WAITING: usize = 1024;
/// Events that somebody who comes later can still be told of.
const RECENT: usize = 256;

#[derive(Debug, Clone, Copy)]
enum Audience {
    /// An account, or whoever is in a team.
    Owner(OwnerId),
    Deciders,
}

/// Who hears of it, and what it is.
type Event = (Audience, Changed);

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

    fn tell(&self, now: UnixMs, event: Event) {
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
    is_decider: bool,
    /// Asked for at the first event that is not the account's own. Whoever joins or leaves a team
    /// hears of it as of everything else, and asks again.
    teams: Option<BTreeSet<OwnerId>>,
    _watching: Watching,
}

impl Panel {
    /// After a commit, never before: pages that show this cluster look again.
    pub(crate) fn changed(&self, owner: impl Into<OwnerId>, cluster: ClusterId) {
        let event = (Audience::Owner(owner.into()), Changed::Cluster(cluster));
        self.changes.tell(self.now(), event);
    }

    /// The same, where it is more than one cluster: also which teams an account is in.
    pub(crate) fn changed_all(&self, owner: impl Into<OwnerId>) {
        let event = (Audience::Owner(owner.into()), Changed::Everything);
        self.changes.tell(self.now(), event);
    }

    /// The same, of requests for a larger quota.
    pub(crate) fn requests_changed(&self) {
        let event = (Audience::Deciders, Changed::Requests);
        self.changes.tell(self.now(), event);
    }

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
            is_decider: actor.may(Action::PeopleManage),
            teams: None,
            _watching: self.watchers.begin(actor.account.id),
        };
        let next = |mut listening: Listening| async move {
            let changed = listening.next().await?;
            Some((changed, listening))
        };
        futures::stream::unfold(listening, next).boxed()
    }
}

impl Listening {
    async fn next(&mut self) -> Option<Changed> {
        loop {
            let Some(missed) = &mut self.missed else {
                self.missed = Some(VecDeque::new());
                return Some(Changed::Everything);
            };
            let event = match missed.pop_front() {
                Some(event) => Ok(event),
                None => self.receiver.recv().await,
            };
            match event {
                Ok((Audience::Owner(owner), changed)) if owner == self.account.into() => {
                    if changed == Changed::Everything {
                        self.teams = None;
                    }
                    return Some(changed);
                }
                Ok((Audience::Owner(owner), changed)) if self.is_in(owner).await => {
                    return Some(changed);
                }
                Ok((Audience::Deciders, changed)) if self.is_decider => return Some(changed),
                Ok(_) => {}
                Err(RecvError::Lagged(_)) => {
                    self.teams = None;
                    return Some(Changed::Everything);
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
