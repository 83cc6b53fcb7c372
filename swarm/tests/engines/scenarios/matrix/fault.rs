//! What happens, how it is mended, and what must become of each call.

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::thread::JoinHandle;
use std::time::Duration;

use swarm::limits::{ENGINE_VERDICT, PRIMARY_GAP};

use super::operation::{Call, Operation};
use crate::lab::{Lab, SLOW_TAKES, signal_all};

/// The segment that it happens to, counted from 0; it decides nothing.
pub const VICTIM: usize = 2;
/// What a client, its start and a loaded machine add to a limit.
const SLACK: Duration = Duration::from_secs(6);

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Fault {
    /// dockerd, containerd, the shims and the containers, all at once.
    EngineKilled,
    EngineFrozen,
    /// It runs a fifth of the time.
    EngineSlow,
    /// Packets vanish.
    LinkCut,
    /// The one that the clients are connected to.
    ManagerKilled,
    /// The one that decides; the clients are connected to another.
    PrimaryKilled,
    /// All clients are killed.
    ClientGone,
}

/// What must become of a call.
#[derive(Debug)]
pub enum Outcome {
    Succeeds(Duration),
    /// And says this.
    Fails(Duration, &'static str),
    /// Says this, and ends one way or the other: the client's word is its own.
    Says(Duration, &'static str),
    /// One or the other; saying something where it fails.
    Ends(Duration),
    /// It notices nothing.
    GoesOn,
    /// It is the one that was lost.
    Lost,
}

impl Outcome {
    /// How long to wait for it, where there is something to wait for.
    pub fn within(&self) -> Option<Duration> {
        match self {
            Self::Succeeds(limit)
            | Self::Fails(limit, _)
            | Self::Says(limit, _)
            | Self::Ends(limit) => Some(*limit),
            Self::GoesOn => Some(Duration::from_secs(1)),
            Self::Lost => None,
        }
    }

    /// `end` is whether it succeeded, if it has ended.
    pub fn is_met(&self, end: Option<bool>, said: &str) -> bool {
        match self {
            Self::Succeeds(_) => end == Some(true),
            Self::Fails(_, words) => end == Some(false) && said.contains(words),
            Self::Says(_, words) => end.is_some() && said.contains(words),
            Self::Ends(_) => end == Some(true) || end == Some(false) && !said.trim().is_empty(),
            Self::GoesOn => end.is_none(),
            Self::Lost => true,
        }
    }
}

impl Fault {
    /// The manager that the clients are connected to, counted from 0.
    pub fn manager(self) -> usize {
        match self {
            Self::PrimaryKilled => 1,
            _ => 0,
        }
    }

    pub fn outcome(self, operation: Operation) -> Outcome {
        use Operation as Op;
        use Outcome::{Ends, Fails, GoesOn, Lost, Says, Succeeds};
        const STOPPED: &str = "segment n3 has stopped answering: ";
        const FIRST: &str = "the cluster's first manager has stopped answering: ";
        let soon = SLACK;
        let silent = ENGINE_VERDICT + SLACK;
        match (self, operation) {
            (Self::ClientGone, _) => Lost,
            // The other segments have it by then; this one is told of.
            (Self::EngineKilled, Op::Pull) => Succeeds(SLOW_TAKES + SLACK),
            (Self::EngineFrozen | Self::LinkCut, Op::Pull) => Succeeds(silent + SLACK),
            (Self::EngineKilled, Op::Load) => Fails(soon, "n3"),
            (Self::EngineFrozen | Self::LinkCut, Op::Load) => Fails(silent, "n3"),
            (Self::EngineKilled, Op::Create) => Fails(soon, "segment n3"),
            (Self::EngineFrozen | Self::LinkCut, Op::Create) => Fails(silent, "segment n3"),
            (Self::EngineKilled, _) => Fails(soon, STOPPED),
            (Self::EngineFrozen | Self::LinkCut, _) => Fails(silent, STOPPED),
            (Self::EngineSlow, Op::Attach | Op::Logs | Op::Exec) => GoesOn,
            (Self::EngineSlow, _) => Succeeds(Duration::from_secs(60)),
            // Nobody is left to say more than the client itself.
            (Self::ManagerKilled, _) => Ends(soon),
            (Self::PrimaryKilled, Op::Create | Op::Buildx) => Ends(PRIMARY_GAP + SLACK),
            (Self::PrimaryKilled, Op::Exec) => Says(PRIMARY_GAP + SLACK, FIRST),
            (Self::PrimaryKilled, _) => Fails(PRIMARY_GAP + SLACK, FIRST),
        }
    }

    /// It happens, to an engine that is held.
    pub fn falls(self, lab: &mut Lab, held: Held, calls: &mut [Call]) -> Falling {
        let mut falling = Falling::default();
        match self {
            Self::EngineKilled => signal_all(&held.kept(), "-KILL"),
            Self::EngineFrozen => drop(held.kept()),
            Self::EngineSlow => falling.slow = Some(Slow::start(held.kept())),
            Self::LinkCut => {
                lab.nodes[VICTIM].link_cut();
                drop(held);
            }
            Self::ManagerKilled | Self::PrimaryKilled => {
                lab.nodes[0].manager = None;
                drop(held);
            }
            Self::ClientGone => {
                calls.iter_mut().for_each(Call::kill);
                drop(held);
            }
        }
        for call in calls {
            call.go_on();
        }
        falling
    }

    /// It is over; nothing else is done for the cluster.
    pub fn is_mended(self, lab: &mut Lab, falling: Falling) {
        drop(falling);
        match self {
            Self::EngineKilled => {
                lab.nodes[VICTIM].engine_start();
                lab.nodes[VICTIM].engine_wait();
                // As with an engine alone: of a build that it did not survive it knows no more than
                // that there is a container.
                let all = lab.engine_ok(VICTIM, &["ps", "-a", "--format", "{{.Names}}"]);
                let is_build_s = |name: &&str| !name.contains('-');
                for name in all.lines().filter(is_build_s) {
                    lab.engine_ok(VICTIM, &["rm", "-f", name]);
                }
            }
            Self::EngineFrozen | Self::EngineSlow => {
                signal_all(&lab.nodes[VICTIM].engine_tree(), "-CONT");
            }
            Self::LinkCut => lab.nodes[VICTIM].link_mend(),
            Self::ManagerKilled | Self::PrimaryKilled => lab.manager_start(0),
            Self::ClientGone => {}
        }
        for k in [0, 1] {
            let what = format!("manager {k} finds every node healthy by itself");
            lab.wait_until(&what, Duration::from_secs(20), |lab| {
                let info = lab.docker_at(k, &lab.alice, &["info"]);
                info.out.matches("Status: Healthy").count() == lab.nodes.len()
            });
        }
    }
}

/// The victim's engine, stopped; it goes on when this is dropped.
pub struct Held(Vec<u32>);

impl Held {
    pub fn hold(lab: &Lab) -> Self {
        let tree = lab.nodes[VICTIM].engine_tree();
        signal_all(&tree, "-STOP");
        Self(tree)
    }

    /// It stays so.
    fn kept(mut self) -> Vec<u32> {
        std::mem::take(&mut self.0)
    }
}

impl Drop for Held {
    fn drop(&mut self) {
        if !self.0.is_empty() {
            signal_all(&self.0, "-CONT");
        }
    }
}

/// What goes on happening.
#[derive(Default)]
pub struct Falling {
    slow: Option<Slow>,
}

struct Slow {
    stop: Arc<AtomicBool>,
    thread: Option<JoinHandle<()>>,
}

impl Slow {
    fn start(tree: Vec<u32>) -> Self {
        let stop = Arc::new(AtomicBool::new(false));
        let stopped = Arc::clone(&stop);
        let thread = std::thread::spawn(move || {
            while !stopped.load(Ordering::Relaxed) {
                signal_all(&tree, "-STOP");
                std::thread::sleep(Duration::from_millis(200));
                signal_all(&tree, "-CONT");
                std::thread::sleep(Duration::from_millis(50));
            }
        });
        Self {
            stop,
            thread: Some(thread),
        }
    }
}

impl Drop for Slow {
    fn drop(&mut self) {
        self.stop.store(true, Ordering::Relaxed);
        if let Some(thread) = self.thread.take() {
            let _ = thread.join();
        }
    }
}
