//! What the facade holds; the use-cases and the loop are `impl Panel` in the files by noun.

use std::collections::{BTreeMap, HashMap};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use host::{Endpoint, Engine, Host};
use model::{AccountId, ClusterId, OwnerId, UnixMs};
use pki::Authority;
use store::{AuditRecord, ClusterWish, Store, TeamRecord};
use tokio::sync::{Semaphore, broadcast, watch};
use uuid::Uuid;
use wire::Secret;

use crate::attempts::Attempts;
use crate::autoscale::Autoscales;
use crate::changes::Changes;
use crate::container::ContainerUsage;
use crate::desired::Identities;
use crate::discovery::Registrations;
use crate::drain::Drained;
use crate::error::Error;
use crate::hosts::Examined;
use crate::kick::Kicks;
use crate::material::Authorities;
use crate::metric::{ContainerSampler, Rings, Sampler};
use crate::numbers::RoundCounts;
use crate::person::Persons;
use crate::pull::Pulls;
use crate::refusals::RefusalCounts;
use crate::usage::{MemoryCache, UsageCache};
use crate::watch::Watchers;
use crate::way::WayTests;
use crate::{Actor, Clock, FrontDoor, Parts, Settings};

/// Password hashes at once: each takes 19 MiB and a core.
const HASHES_AT_ONCE: usize = 2;
/// Ends of sign-ins that wait for a listener that is slow; whoever misses some looks again.
const PRESENCES: usize = 256;

pub(crate) struct Panel {
    pub store: Store,
    pub hosts: BTreeMap<String, Arc<dyn Host>>,
    pub engine: Arc<dyn Engine>,
    pub endpoint: Arc<dyn Endpoint>,
    pub clock: Arc<dyn Clock>,
    pub settings: Settings,
    pub discovery_ca: Arc<Authority>,
    /// Whose leases these are.
    pub owner: String,
    pub kicks: Kicks,
    /// Whose pages look again, and at what.
    pub changes: Changes,
    /// Whose sign-ins, role or rights changed, so that what they have open may end; None: anybody's.
    pub presences: broadcast::Sender<Option<AccountId>>,
    pub front_doors: watch::Sender<Vec<FrontDoor>>,
    /// Counts revocations, so that waiting managers look again.
    pub revoked: watch::Sender<u64>,
    pub registrations: Registrations,
    pub attempts: Attempts,
    pub hashing: Arc<Semaphore>,
    pub usage: UsageCache,
    pub drained: Drained,
    pub autoscales: Autoscales,
    pub memory: MemoryCache,
    pub rings: Rings,
    pub examined: Examined,
    pub rounds: RoundCounts,
    pub sampler: Sampler,
    pub container_sampler: ContainerSampler,
    pub watchers: Watchers,
    pub persons: Persons,
    pub way_tests: WayTests,
    pub pulls: Pulls,
    pub container_usage: ContainerUsage,
    pub refusal_counts: RefusalCounts,
    identities: Mutex<HashMap<ClusterId, Identities>>,
}

impl Panel {
    pub(crate) async fn new(parts: Parts) -> Result<Self, Error> {
        let Parts {
            store,
            hosts,
            engine,
            endpoint,
            clock,
            settings,
        } = parts;
        let discovery_ca = Arc::new(discovery_ca(&store).await?);
        if store.is_exclusive() {
            let mut tx = store.write().await?;
            tx.lease_clear().await?;
            tx.commit().await?;
        }
        let changes = Changes::new(clock.now_ms());
        let panel = Self {
            store,
            hosts: hosts
                .into_iter()
                .map(|host| (host.name().to_owned(), host))
                .collect(),
            engine,
            endpoint,
            clock,
            settings,
            discovery_ca,
            owner: Uuid::new_v4().to_string(),
            kicks: Kicks::default(),
            changes,
            presences: broadcast::channel(PRESENCES).0,
            front_doors: watch::channel(Vec::new()).0,
            revoked: watch::channel(0).0,
            registrations: Registrations::default(),
            attempts: Attempts::default(),
            hashing: Arc::new(Semaphore::new(HASHES_AT_ONCE)),
            usage: UsageCache::default(),
            drained: Drained::default(),
            autoscales: Autoscales::default(),
            memory: MemoryCache::default(),
            rings: Rings::default(),
            examined: Examined::default(),
            rounds: RoundCounts::default(),
            sampler: Sampler::default(),
            container_sampler: ContainerSampler::default(),
            watchers: Watchers::default(),
            persons: Persons::default(),
            way_tests: WayTests::default(),
            pulls: Pulls::default(),
            container_usage: ContainerUsage::default(),
            refusal_counts: RefusalCounts::default(),
            identities: Mutex::default(),
        };
        panel.registrations_restore().await?;
        panel.front_doors_update().await?;
        Ok(panel)
    }

    pub(crate) fn now(&self) -> UnixMs {
        self.clock.now_ms()
    }

    /// After a commit, never before: look at this cluster, and let its owner's pages look again.
    pub(crate) fn kick(&self, owner: OwnerId, cluster: ClusterId) {
        self.kicks.kick(cluster);
        self.changed(owner, cluster);
    }

    pub(crate) fn host(&self, name: &str) -> Result<&Arc<dyn Host>, Error> {
        self.hosts.get(name).ok_or_else(|| {
            let why = "it is not in the configuration".to_owned();
            host::HostError::Unreachable {
                host: name.to_owned(),
                why,
            }
            .into()
        })
    }

    /// Parsed once: they never change while a cluster lives.
    pub(crate) fn identities(&self, wish: &ClusterWish) -> Result<Identities, Error> {
        if let Some(identities) = lock(&self.identities).get(&wish.id) {
            return Ok(identities.clone());
        }
        let authorities = Authorities::parse(&wish.authorities)?;
        let identities = Identities {
            panel: authorities.panel_identity(),
            probe: authorities.probe_identity(),
            authorities: Arc::new(authorities),
        };
        lock(&self.identities).insert(wish.id, identities.clone());
        Ok(identities)
    }

    /// Those that were parsed already.
    pub(crate) fn identities_known(&self, cluster: ClusterId) -> Option<Identities> {
        lock(&self.identities).get(&cluster).cloned()
    }

    /// Everything kept in memory about a cluster that is gone.
    pub(crate) fn forget(&self, cluster: ClusterId) {
        lock(&self.identities).remove(&cluster);
        self.registrations.forget(cluster);
        self.usage.forget(cluster);
        self.drained.forget(cluster);
        self.autoscales.forget(cluster);
        self.memory.forget(cluster);
        self.rings.forget(cluster);
        self.container_sampler.forget(cluster);
        self.persons.forget(cluster);
        self.refusal_counts.forget(cluster);
        self.way_tests.forget(cluster);
    }

    pub(crate) fn audit(
        &self,
        actor: &Actor,
        action: &str,
        subject: &str,
        detail: impl Into<String>,
    ) -> AuditRecord {
        AuditRecord {
            id: Uuid::now_v7().to_string(),
            at: self.now(),
            actor_id: actor.account.id.to_string(),
            actor_name: actor.account.name.to_string(),
            action: action.to_owned(),
            subject: subject.to_owned(),
            subject_id: String::new(),
            owner_id: String::new(),
            detail: detail.into(),
        }
    }

    /// Of what was done with a cluster: its owner reads it, too, and whoever is in the team.
    pub(crate) fn cluster_audit(
        &self,
        actor: &Actor,
        action: &str,
        wish: &ClusterWish,
        detail: impl Into<String>,
    ) -> AuditRecord {
        AuditRecord {
            subject_id: wish.id.to_string(),
            owner_id: wish.owner_id.to_string(),
            ..self.audit(actor, action, wish.name.as_str(), detail)
        }
    }

    /// Of what was done with a team.
    pub(crate) fn team_audit(
        &self,
        actor: &Actor,
        action: &str,
        team: &TeamRecord,
        detail: impl Into<String>,
    ) -> AuditRecord {
        AuditRecord {
            subject_id: team.id.to_string(),
            owner_id: team.id.to_string(),
            ..self.audit(actor, action, team.name.as_str(), detail)
        }
    }
}

/// Whom or what a row of the audit is about, where it is not the actor alone.
pub(crate) trait AuditOf {
    fn of(self, id: impl std::fmt::Display) -> Self;
}

impl AuditOf for AuditRecord {
    fn of(self, id: impl std::fmt::Display) -> Self {
        Self {
            subject_id: id.to_string(),
            ..self
        }
    }
}

/// Made at the first start, kept for ever: segments hold its certificate.
async fn discovery_ca(store: &Store) -> Result<Authority, Error> {
    const CERT: &str = "discovery_ca_cert";
    const KEY: &str = "discovery_ca_key";
    let mut tx = store.write().await?;
    if let (Some(cert), Some(key)) = (tx.panel_get(CERT).await?, tx.panel_get(KEY).await?) {
        return Ok(Authority::from_pem(&cert, &Secret(key))?);
    }
    let authority = Authority::make("Carina discovery")?;
    tx.panel_set(CERT, authority.cert_pem()).await?;
    tx.panel_set(KEY, &authority.key_pem().0).await?;
    tx.commit().await?;
    Ok(authority)
}

/// What a panic elsewhere left behind is still whole: no lock here spans two changes.
pub(crate) fn lock<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}
