//! One manager decides, so that names stay unique: the lowest live segment's. The others pass
//! their requests on to it.
//!
//! Who it is each manager finds by itself, by asking those before it whether they live; for a
//! moment two may think they are it. That only one can make containers is [`crate::term`]'s work.

use std::collections::HashMap;
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, Mutex, PoisonError};
use std::time::{Duration, Instant};

use futures::future::join_all;
use http::{HeaderName, HeaderValue, Request, header};
use rustls::ClientConfig;
use time::OffsetDateTime;
use tokio::sync::watch;
use tokio_util::sync::CancellationToken;

use super::cluster::Cluster;
use super::takeover;
use crate::engine::host_of;
use crate::http::{Pool, Target, empty};
use crate::limits::{PRIMARY_PING_EVERY, PRIMARY_PING_LIMIT};

/// Says for which client a manager passes a request on. Believed of managers only.
pub const CLIENT_SERIAL: HeaderName = HeaderName::from_static("x-carina-client-serial");
/// Host of the manager that asks; makes the asked one look for it in discovery.
pub const MANAGER_HOST: HeaderName = HeaderName::from_static("x-carina-manager");
/// Everything of ours begins so, and is taken out of what clients send.
pub const HEADER_PREFIX: &str = "x-carina-";

/// Between the first and the second unanswered ping.
const PING_AGAIN: Duration = Duration::from_millis(100);
/// Unanswered pings in a row after which nobody waits for a manager any more.
const MISSED_MAX: u32 = 2;
/// How long a manager that has just started reads engines before it decides without them.
const SETTLE_LIMIT: Duration = Duration::from_secs(5);
const SETTLE_PAUSE: Duration = Duration::from_millis(5);

/// Where requests go.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Role {
    Primary,
    /// `host:port` of the primary.
    Replica(String),
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Ping {
    Answered,
    /// Refused, broken, or an error.
    Failed,
    /// Not a word in time.
    Silent,
}

pub struct Election {
    /// `host:port` of this manager.
    advertise: String,
    tls: Arc<ClientConfig>,
    pools: Mutex<HashMap<String, Arc<Pool>>>,
    /// Pings in a row that a manager has not answered.
    missed: Mutex<HashMap<String, u32>>,
    role: watch::Sender<Role>,
    /// Ours; 0 while we have none.
    term: AtomicU64,
    /// The latest one of another manager that an agent has told of.
    seen: AtomicU64,
    /// One look at a time; how many there were.
    looks: tokio::sync::Mutex<()>,
    looked: AtomicU64,
    began: Instant,
}

impl Election {
    pub fn new(advertise: String, tls: Arc<ClientConfig>) -> Arc<Self> {
        Arc::new(Self {
            advertise,
            tls,
            pools: Mutex::default(),
            missed: Mutex::default(),
            role: watch::Sender::new(Role::Primary),
            term: AtomicU64::new(0),
            seen: AtomicU64::new(0),
            looks: tokio::sync::Mutex::default(),
            looked: AtomicU64::new(0),
            began: Instant::now(),
        })
    }

    pub fn role(&self) -> Role {
        self.role.borrow().clone()
    }

    /// Changes with the role.
    pub fn roles(&self) -> watch::Receiver<Role> {
        self.role.subscribe()
    }

    pub fn pool(&self, address: &str) -> Arc<Pool> {
        let mut pools = self.pools.lock().unwrap_or_else(PoisonError::into_inner);
        let pool = pools.entry(address.to_owned()).or_insert_with(|| {
            let pool = Pool::new(Target::Tcp {
                entry: address.to_owned(),
                tls: Some(Arc::clone(&self.tls)),
            });
            pool.call("the cluster's first manager".into());
            pool
        });
        Arc::clone(pool)
    }

    /// The term under which we may decide; `None` when another manager is the primary.
    pub async fn term(&self, cluster: &Cluster) -> Option<u64> {
        loop {
            if self.role() != Role::Primary {
                return None;
            }
            match self.term.load(Ordering::Relaxed) {
                0 => {
                    self.elect(cluster).await;
                    if !self.is_settled(cluster) {
                        tokio::time::sleep(SETTLE_PAUSE).await;
                    }
                }
                term => return Some(term),
            }
        }
    }

    /// An agent has refused `term`: another manager had one after it.
    pub fn deposed(&self, term: u64) {
        let order = Ordering::Relaxed;
        let _ = self.term.compare_exchange(term, 0, order, order);
    }

    /// Do we know enough to be the primary? A manager that has just started has first to read
    /// which names there are.
    pub fn is_settled(&self, cluster: &Cluster) -> bool {
        let own = host_of(&self.advertise);
        self.began.elapsed() > SETTLE_LIMIT || cluster.is_read(own)
    }

    /// Looks for the primary until `stop`.
    pub async fn run(self: Arc<Self>, cluster: Arc<Cluster>, stop: CancellationToken) {
        let mut changes = cluster.changes();
        let mut phases = cluster.hub.phases();
        loop {
            self.elect(&cluster).await;
            let pause = match self.is_doubtful() {
                true => PING_AGAIN,
                false if !self.is_settled(&cluster) || self.is_termless() => PING_AGAIN,
                false => PRIMARY_PING_EVERY,
            };
            tokio::select! {
                () = stop.cancelled() => return,
                () = tokio::time::sleep(pause) => {}
                changed = changes.changed() => if changed.is_err() { return },
                changed = phases.changed() => {
                    if changed.is_err() {
                        return;
                    }
                    // An engine that has come, or come back, has not heard who decides.
                    match self.term.load(Ordering::Relaxed) {
                        0 => {}
                        term => takeover::term_tell(&cluster, term),
                    }
                }
            }
        }
    }

    /// Finds who it is now: the first of the lower ones that answers; when none does, we are.
    pub async fn elect(&self, cluster: &Cluster) {
        let before = self.looked.load(Ordering::Relaxed);
        let _one = self.looks.lock().await;
        if self.looked.load(Ordering::Relaxed) != before {
            // Somebody has looked while we waited.
            return;
        }
        let settled = self.is_settled(cluster);
        let candidates = self.candidates(&cluster.entries(), settled);
        let answers = join_all(candidates.iter().map(|address| self.answers(address))).await;
        let first = candidates
            .into_iter()
            .zip(answers)
            .find(|(_, lives)| *lives);
        let role = match first {
            Some((address, _)) => Role::Replica(address),
            None => Role::Primary,
        };
        let is_primary = role == Role::Primary;
        if !is_primary {
            self.term.store(0, Ordering::Relaxed);
        }
        self.role.send_if_modified(|known| {
            let changed = *known != role;
            if changed {
                tracing::info!(?role, "the primary has changed");
                *known = role;
            }
            changed
        });
        if is_primary && self.term.load(Ordering::Relaxed) == 0 && settled {
            self.take_over(cluster).await;
        }
        self.looked.fetch_add(1, Ordering::Relaxed);
    }

    /// Begins a term of ours, unless there is a later one.
    async fn take_over(&self, cluster: &Cluster) {
        let began = Instant::now();
        let seen = self.seen.load(Ordering::Relaxed);
        let term = term_next(seen, self.position(&cluster.entries()));
        match takeover::term_begin(cluster, term).await {
            Ok(missing) => {
                self.term.store(term, Ordering::Relaxed);
                tracing::info!(term, ?missing, took = ?began.elapsed(), "this manager decides");
            }
            // Whose that is lives, or did a moment ago: it is looked for before anything begins anew.
            Err(later) => {
                self.seen.fetch_max(later, Ordering::Relaxed);
            }
        }
    }

    /// Are we the primary, and must not decide yet?
    fn is_termless(&self) -> bool {
        self.role() == Role::Primary && self.term.load(Ordering::Relaxed) == 0
    }

    /// Is a manager before us in doubt?
    fn is_doubtful(&self) -> bool {
        let missed = self.missed.lock().unwrap_or_else(PoisonError::into_inner);
        missed
            .values()
            .any(|missed| (1..MISSED_MAX).contains(missed))
    }

    fn position(&self, entries: &[String]) -> u64 {
        self.lower(entries).len() as u64 & POSITION_MASK
    }

    /// Whom we follow if they live: those before us; while we are not settled everybody.
    fn candidates(&self, entries: &[String], settled: bool) -> Vec<String> {
        let mut candidates = self.lower(entries);
        if !settled {
            let all = self.addresses(entries);
            let others = all.filter(|address| *address != self.own_address());
            let others: Vec<_> = others.filter(|other| !candidates.contains(other)).collect();
            candidates.extend(others);
        }
        candidates
    }

    fn own_address(&self) -> String {
        format!("{}:{}", host_of(&self.advertise), self.port())
    }

    fn port(&self) -> &str {
        let port = self.advertise.rsplit_once(':');
        port.map_or("2376", |(_, port)| port)
    }

    fn addresses(&self, entries: &[String]) -> impl Iterator<Item = String> {
        entries
            .iter()
            .map(|entry| format!("{}:{}", host_of(entry), self.port()))
    }

    /// Managers before us in discovery's order; all of them while we are not in it yet.
    fn lower(&self, entries: &[String]) -> Vec<String> {
        let own = self.own_address();
        self.addresses(entries)
            .take_while(|address| *address != own)
            .collect()
    }

    /// Does it live? Whom we follow is asked again before silence counts: on a busy machine an
    /// answer is late now and then, and taking over for nothing holds everybody up.
    async fn answers(&self, address: &str) -> bool {
        let pool = self.pool(address);
        let ping = self.ping(&pool).await;
        let mut missed = self.missed.lock().unwrap_or_else(PoisonError::into_inner);
        if ping == Ping::Answered {
            missed.remove(address);
            return true;
        }
        pool.forget();
        let count = missed.entry(address.to_owned()).or_default();
        *count = count.saturating_add(1);
        if *count >= MISSED_MAX {
            // What was passed on to it is not waited for any longer.
            pool.lose();
            return false;
        }
        ping == Ping::Silent && matches!(self.role(), Role::Replica(known) if known == address)
    }

    async fn ping(&self, pool: &Arc<Pool>) -> Ping {
        let Ok(own) = HeaderValue::from_str(host_of(&self.advertise)) else {
            return Ping::Failed;
        };
        let request = Request::get("/_ping")
            .header(header::HOST, "docker")
            .header(MANAGER_HOST, own)
            .body(empty());
        let Ok(request) = request else {
            return Ping::Failed;
        };
        match tokio::time::timeout(PRIMARY_PING_LIMIT, pool.send(request)).await {
            Ok(Ok(response)) if response.status().is_success() => Ping::Answered,
            Ok(_) => Ping::Failed,
            Err(_) => Ping::Silent,
        }
    }
}

/// The low bits of a term tell managers apart that take over in the same millisecond.
const POSITION_MASK: u64 = 15;

/// A term after `seen`, and after all that were given before now by clocks like ours.
fn term_next(seen: u64, position: u64) -> u64 {
    let now = OffsetDateTime::now_utc().unix_timestamp_nanos() / 1_000_000;
    let now = u64::try_from(now).unwrap_or(0);
    now.max((seen >> 4) + 1) << 4 | position
}

#[cfg(test)]
mod tests {
    use super::*;

    fn candidates(own: &str, entries: &[&str], settled: bool) -> Vec<String> {
        crate::tls::install_provider();
        let tls = crate::tls::client_config_unverified(None).expect("a client");
        let entries: Vec<String> = entries.iter().map(|entry| (*entry).to_owned()).collect();
        Election::new(own.to_owned(), Arc::new(tls)).candidates(&entries, settled)
    }

    fn lower(own: &str, entries: &[&str]) -> Vec<String> {
        candidates(own, entries, true)
    }

    #[test]
    fn who_has_just_started_follows_whoever_is_there() {
        let entries = ["10.0.0.11:42376", "10.0.0.12:42376", "10.0.0.13:42376"];
        assert_eq!(
            candidates("10.0.0.11:2376", &entries, false),
            ["10.0.0.12:2376", "10.0.0.13:2376"]
        );
        assert_eq!(
            candidates("10.0.0.12:2376", &entries, false),
            ["10.0.0.11:2376", "10.0.0.13:2376"]
        );
    }

    #[test]
    fn terms_only_grow_and_differ_between_managers() {
        let now = term_next(0, 0);
        assert!(term_next(now, 0) > now);
        let ahead = now + (1 << 40);
        assert!(term_next(ahead, 2) > ahead, "another clock may be ahead");
        assert_ne!(term_next(ahead, 1), term_next(ahead, 2));
    }

    #[test]
    fn those_before_us_are_asked_first() {
        let entries = ["10.0.0.11:42376", "10.0.0.12:42376", "10.0.0.13:42376"];
        assert_eq!(lower("10.0.0.11:2376", &entries), Vec::<String>::new());
        assert_eq!(
            lower("10.0.0.13:2376", &entries),
            ["10.0.0.11:2376", "10.0.0.12:2376"]
        );
        assert_eq!(lower("10.0.0.99:2376", &entries).len(), 3);
    }
}
