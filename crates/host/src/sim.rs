//! A host and its engines in memory: `carina` runs on it without libvirt, and tests break it on
//! purpose.
//!
//! [`Sim`] implements [`crate::Host`], [`crate::Engine`] and [`crate::Endpoint`] over one world, and passes the
//! same contract tests as libvirt. It is stricter than the real things where that finds mistakes:
//! two segments with one address, MAC or id range are written down as [`Sim::violations`].
//! Faults are data, never code in the caller: the next calls of a verb fail, the process "dies" at
//! the n-th call before or after its effect, a segment vanishes behind everybody's back.

mod endpoint;
mod engine;
mod events;
mod fault;
mod guest;
mod host;
mod inventory;
mod machine;
mod made;
mod shell;
mod stack;
mod system;
mod usage;

use std::collections::{BTreeMap, BTreeSet};
use std::path::PathBuf;
use std::sync::{Arc, Mutex, MutexGuard};
use std::time::Duration;

use model::{ClusterId, ContainerView, EventView, StackService, ThingKind};
use tokio::sync::broadcast;
use tokio::time::Instant;
use wire::SegmentSeed;

use crate::{HostEvent, NetworkSpec, NodeName, SegmentSpec};

/// One verb of [`crate::Host`] or [`crate::Engine`].
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Verb {
    Observe,
    Clusters,
    NetworkEnsure,
    NetworkEnsureGone,
    SegmentEnsureDefined,
    SeedEnsure,
    DiskEnsureGrown,
    SegmentEnsureRunning,
    SegmentEnsureStopped,
    SegmentEnsureGone,
    Usage,
    Capacity,
    Strays,
    EngineObserve,
    EngineRebuild,
    SwarmEnsureInit,
    SwarmEnsureJoined,
    SwarmEnsureLeft,
    SwarmNodeEnsureGone,
    SwarmNodes,
    EndpointProbe,
    Containers,
    Volumes,
    ContainersMemory,
    ContainersUsage,
    /// Any question of a person's to the endpoint.
    Endpoint,
}

/// Where in a call the caller dies.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum When {
    /// Nothing was done yet.
    Before,
    /// All was done, nobody heard of it.
    After,
}

/// The simulator. Clones show the same world.
#[derive(Clone)]
pub struct Sim {
    name: Arc<str>,
    world: Arc<Mutex<World>>,
    events: broadcast::Sender<HostEvent>,
}

struct World {
    /// Machines that answer nothing.
    away: BTreeSet<Arc<str>>,
    is_blind: bool,
    memory_used: BTreeMap<NodeName, u64>,
    /// By machine, where it was told.
    memory_free_mib: BTreeMap<Arc<str>, u64>,
    faults: fault::FaultFile,
    is_inhabited: bool,
    boot: Duration,
    networks: BTreeMap<ClusterId, Network>,
    segments: BTreeMap<NodeName, Segment>,
    swarms: BTreeMap<String, Vec<SwarmEntry>>,
    foreign: BTreeSet<NodeName>,
    drained: BTreeSet<NodeName>,
    held: BTreeSet<NodeName>,
    failing: BTreeMap<Verb, u32>,
    crash: Option<(u64, When)>,
    is_dead: bool,
    calls: u64,
    log: Vec<Verb>,
    serial: u64,
    /// Of the guests' belongings.
    removed: BTreeSet<(ClusterId, ThingKind, String)>,
    replicas: BTreeMap<ClusterId, u32>,
    /// What was made beside them: its name, and its node where it has one.
    made: BTreeMap<(ClusterId, ThingKind, String), Option<String>>,
    stacks: BTreeMap<(ClusterId, String), Vec<StackService>>,
    /// What people did to guests, with the cluster.
    told: Vec<(ClusterId, EventView)>,
    /// Columns and rows of those that are open.
    consoles: BTreeMap<String, (u16, u16)>,
    violations: Vec<String>,
}

struct Network {
    on: Arc<str>,
    spec: NetworkSpec,
    is_active: bool,
}

#[derive(Default)]
struct Segment {
    /// The machine it is on.
    on: Arc<str>,
    /// `None`: only volumes are left.
    spec: Option<SegmentSpec>,
    running_since: Option<Instant>,
    disk: Option<Disk>,
    seed: Option<Vec<u8>>,
}

/// What outlives a stop and a rebuild, and goes with the disk.
#[derive(Default)]
struct Disk {
    bytes: u64,
    held_seed: Option<SegmentSeed>,
    membership: Option<Membership>,
    containers: Vec<ContainerView>,
    rebuilds: u32,
}

#[derive(Clone)]
struct Membership {
    swarm_id: String,
    node_id: String,
    is_manager: bool,
}

/// A node as a swarm's managers list it.
struct SwarmEntry {
    node: NodeName,
    node_id: String,
    is_manager: bool,
}

impl Sim {
    /// An empty host whose segments boot at once.
    pub fn new(name: &str) -> Self {
        Self {
            name: name.into(),
            world: Arc::new(Mutex::new(World {
                away: BTreeSet::new(),
                is_blind: false,
                memory_used: BTreeMap::new(),
                memory_free_mib: BTreeMap::new(),
                faults: fault::FaultFile::default(),
                is_inhabited: false,
                boot: Duration::ZERO,
                networks: BTreeMap::new(),
                segments: BTreeMap::new(),
                swarms: BTreeMap::new(),
                foreign: BTreeSet::new(),
                drained: BTreeSet::new(),
                held: BTreeSet::new(),
                failing: BTreeMap::new(),
                crash: None,
                is_dead: false,
                calls: 0,
                log: Vec::new(),
                serial: 0,
                removed: BTreeSet::new(),
                replicas: BTreeMap::new(),
                made: BTreeMap::new(),
                stacks: BTreeMap::new(),
                told: Vec::new(),
                consoles: BTreeMap::new(),
                violations: Vec::new(),
            })),
            events: broadcast::channel(256).0,
        }
    }

    /// Lets every start take `boot` until the engine answers.
    pub fn with_boot(self, boot: Duration) -> Self {
        self.lock().boot = boot;
        self
    }

    /// What the file at `path` says is broken, from one call to the next (`sim/fault.rs`).
    pub fn with_faults(self, path: Option<PathBuf>) -> Self {
        self.lock().faults.path = path;
        self.lock().faults.machine = self.name.clone();
        self
    }

    /// New segments come with a few containers, as if somebody had been at work there.
    pub fn with_guests(self) -> Self {
        self.lock().is_inhabited = true;
        self
    }

    /// The next `count` calls of `verb` fail without an effect.
    pub fn fail_next(&self, verb: Verb, count: u32) {
        self.lock().failing.insert(verb, count);
    }

    /// The caller dies at the `call`-th call from now (0 is the next one): that call and every
    /// later one fail until [`Sim::restart`].
    pub fn crash_at(&self, call: u64, when: When) {
        let mut world = self.lock();
        world.crash = Some((world.calls + call, when));
    }

    /// Forgets the faults; what they did to the world stays.
    pub fn restart(&self) {
        let mut world = self.lock();
        world.is_dead = false;
        world.crash = None;
        world.failing.clear();
    }

    /// Whether the crash asked for with [`Sim::crash_at`] has happened.
    pub fn has_crashed(&self) -> bool {
        self.lock().is_dead
    }

    /// Calls so far, those that failed included.
    pub fn calls(&self) -> u64 {
        self.lock().calls
    }

    /// Every verb called so far, in order.
    pub fn log(&self) -> Vec<Verb> {
        self.lock().log.clone()
    }

    /// The engine of `node` does not answer until [`Sim::release`].
    pub fn hold(&self, node: &NodeName) {
        self.lock().held.insert(node.clone());
    }

    pub fn release(&self, node: &NodeName) {
        self.lock().held.remove(node);
        self.tell(HostEvent::Changed(node.cluster));
    }

    /// The segment dies as if somebody had run `virsh destroy`.
    pub fn destroy_behind_our_back(&self, node: &NodeName) {
        if let Some(segment) = self.lock().segments.get_mut(node) {
            segment.running_since = None;
        }
        self.tell(HostEvent::SegmentStopped(node.clone()));
    }

    /// Definition gone, volumes left, as after a removal that died half-way.
    pub fn undefine_behind_our_back(&self, node: &NodeName) {
        if let Some(segment) = self.lock().segments.get_mut(node) {
            segment.running_since = None;
            segment.spec = None;
        }
        self.tell(HostEvent::SegmentStopped(node.clone()));
    }

    /// The disk is lost with all that Docker kept on it; the definition stays.
    pub fn lose_disk(&self, node: &NodeName) {
        if let Some(segment) = self.lock().segments.get_mut(node) {
            segment.running_since = None;
            segment.disk = None;
        }
        self.tell(HostEvent::SegmentStopped(node.clone()));
    }

    /// The cluster's network is stopped as if somebody had run `virsh net-destroy`.
    pub fn stop_network(&self, cluster: ClusterId) {
        if let Some(network) = self.lock().networks.get_mut(&cluster) {
            network.is_active = false;
        }
        self.tell(HostEvent::Changed(cluster));
    }

    /// Something without our mark has this name.
    pub fn make_foreign(&self, node: &NodeName) {
        self.lock().foreign.insert(node.clone());
    }

    /// The segment uses so many bytes of memory, whatever it does.
    pub fn set_memory_used(&self, node: &NodeName, bytes: Option<u64>) {
        let memory = &mut self.lock().memory_used;
        match bytes {
            Some(bytes) => memory.insert(node.clone(), bytes),
            None => memory.remove(node),
        };
    }

    /// The host tells neither memory nor disks, as one that is far away.
    pub fn set_blind(&self, is_blind: bool) {
        self.lock().is_blind = is_blind;
    }

    /// A container of a user's on the engine of `node`.
    pub fn container_put(&self, node: &NodeName, container: ContainerView) {
        if let Some(disk) = self
            .lock()
            .segments
            .get_mut(node)
            .and_then(|segment| segment.disk.as_mut())
        {
            disk.containers.retain(|other| other.id != container.id);
            disk.containers.push(container);
        }
    }

    /// How often the system containers of `node` were made again since its disk was made.
    pub fn rebuilds(&self, node: &NodeName) -> u32 {
        self.lock()
            .segments
            .get(node)
            .and_then(|segment| segment.disk.as_ref())
            .map_or(0, |disk| disk.rebuilds)
    }

    /// What a real host would have let happen and a person would curse: shared addresses, MACs or
    /// id ranges, a network taken away under running segments.
    pub fn violations(&self) -> Vec<String> {
        self.lock().violations.clone()
    }

    fn lock(&self) -> MutexGuard<'_, World> {
        // A panic in a test while the lock was held changes nothing that matters here.
        self.world
            .lock()
            .unwrap_or_else(std::sync::PoisonError::into_inner)
    }

    fn tell(&self, event: HostEvent) {
        // Nobody listens: nobody missed anything.
        let _ = self.events.send(event);
    }

    /// One call: counted, failed or killed as the faults say, else `effect`.
    fn call<T, E>(
        &self,
        verb: Verb,
        fault: impl Fn(String) -> E,
        effect: impl FnOnce(&mut World) -> Result<T, E>,
    ) -> Result<T, E> {
        let mut world = self.lock();
        for event in world.faults_read() {
            self.tell(event);
        }
        if let Some(words) = world.faults.now.refusal(verb) {
            return Err(fault(words));
        }
        let call = world.calls;
        world.calls += 1;
        world.log.push(verb);
        if world.is_dead {
            return Err(fault("the caller died before this call".into()));
        }
        let crash = world.crash.filter(|(at, _)| *at == call);
        world.is_dead = crash.is_some();
        if let Some((_, When::Before)) = crash {
            return Err(fault(format!("the caller died before {verb:?}")));
        }
        if let Some(left) = world.failing.get_mut(&verb).filter(|left| **left > 0) {
            *left -= 1;
            return Err(fault(format!("{verb:?} was told to fail")));
        }
        let result = effect(&mut world)?;
        match crash {
            Some(_) => Err(fault(format!("the caller died after {verb:?}"))),
            None => Ok(result),
        }
    }
}

impl World {
    fn next_serial(&mut self) -> u64 {
        self.serial += 1;
        self.serial
    }
}
