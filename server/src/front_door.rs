//! The front door: one TCP port per cluster, passed on to the first endpoint that takes the
//! connection. TLS goes through untouched; the panel sees nothing of what is said.

use std::collections::HashMap;
use std::net::{IpAddr, SocketAddr, SocketAddrV4};
use std::sync::atomic::Ordering;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use control::FrontDoor;
use socket2::{SockRef, TcpKeepalive};
use tokio::io::copy_bidirectional_with_sizes;
use tokio::net::{TcpListener, TcpStream};
use tokio::sync::{Semaphore, watch};
use tokio_util::sync::CancellationToken;
use tokio_util::task::TaskTracker;

use crate::counts::Counts;

/// For one target; the next one is tried afterwards. Segments are one hop away.
const CONNECT_DEADLINE: Duration = Duration::from_millis(700);
/// The managers behind the door ask silent clients whether they are there (docs/timeouts.md), but
/// what answers them is this machine: so the door asks both sides itself, as often.
const PEER_SILENT: Duration = Duration::from_secs(15);
const PEER_ASK_TIMES: u32 = 4;
/// A port may still be held by somebody else, or by our own former listener.
const RETRY_BIND: Duration = Duration::from_secs(5);
/// Per direction and connection. Large copies run at full speed with it, and a thousand idle
/// connections cost 32 MiB.
const BUFFER_BYTES: usize = 16 * 1024;

pub struct FrontDoors {
    pub listen: IpAddr,
    /// Per cluster; connections beyond it are closed at once.
    pub connections_max: u32,
    pub counts: Arc<Counts>,
}

/// One open port.
struct Open {
    targets: Arc<Mutex<Targets>>,
    stop: CancellationToken,
}

/// Where the connections go: tried in order, beginning with the one that took the last.
#[derive(Default)]
struct Targets {
    all: Vec<SocketAddrV4>,
    live: Option<SocketAddrV4>,
}

impl Targets {
    fn in_order(&self) -> Vec<SocketAddrV4> {
        let live = self.live.filter(|live| self.all.contains(live));
        live.into_iter()
            .chain(self.all.iter().copied().filter(|t| Some(*t) != live))
            .collect()
    }
}

impl FrontDoors {
    /// Opens and closes ports as the list says, until `shutdown`.
    pub async fn run(self, mut list: watch::Receiver<Vec<FrontDoor>>, shutdown: CancellationToken) {
        let mut open: HashMap<u16, Open> = HashMap::new();
        let tasks = TaskTracker::new();
        loop {
            let doors = list.borrow_and_update().clone();
            open.retain(|port, door| {
                let is_wanted = doors.iter().any(|wanted| wanted.port == *port);
                if !is_wanted {
                    door.stop.cancel();
                }
                is_wanted
            });
            for door in doors {
                let entry = open.entry(door.port).or_insert_with(|| {
                    let new = Open {
                        targets: Arc::default(),
                        stop: shutdown.child_token(),
                    };
                    let port = Port {
                        address: SocketAddr::new(self.listen, door.port),
                        targets: Arc::clone(&new.targets),
                        stop: new.stop.clone(),
                        room: Arc::new(Semaphore::new(self.connections_max as usize)),
                        tasks: tasks.clone(),
                        counts: Arc::clone(&self.counts),
                    };
                    tasks.spawn(port.run());
                    new
                });
                lock(&entry.targets).all = door.targets;
            }
            tokio::select! {
                () = shutdown.cancelled() => break,
                changed = list.changed() => if changed.is_err() { break },
            }
        }
        tasks.close();
        for door in open.values() {
            door.stop.cancel();
        }
        tasks.wait().await;
    }
}

fn lock(targets: &Mutex<Targets>) -> std::sync::MutexGuard<'_, Targets> {
    targets.lock().unwrap_or_else(PoisonError::into_inner)
}

struct Port {
    address: SocketAddr,
    targets: Arc<Mutex<Targets>>,
    stop: CancellationToken,
    room: Arc<Semaphore>,
    tasks: TaskTracker,
    counts: Arc<Counts>,
}

impl Port {
    async fn run(self) {
        let Some(listener) = self.bind().await else {
            return;
        };
        loop {
            let accepted = tokio::select! {
                () = self.stop.cancelled() => return,
                accepted = listener.accept() => accepted,
            };
            let client = match accepted {
                Ok((client, _)) => client,
                Err(error) => {
                    tracing::warn!(%error, port = self.address.port(), "front door: accepting failed");
                    tokio::time::sleep(Duration::from_millis(100)).await;
                    continue;
                }
            };
            let Ok(permit) = Arc::clone(&self.room).try_acquire_owned() else {
                tracing::warn!(
                    port = self.address.port(),
                    "front door: too many connections"
                );
                self.counts.doors.refused.fetch_add(1, Ordering::Relaxed);
                continue;
            };
            let targets = Arc::clone(&self.targets);
            let stop = self.stop.clone();
            let open = self.counts.door_open();
            let counts = Arc::clone(&self.counts);
            self.tasks.spawn(async move {
                tokio::select! {
                    () = stop.cancelled() => {}
                    () = forward(client, &targets, &counts) => {}
                }
                drop((permit, open));
            });
        }
    }

    async fn bind(&self) -> Option<TcpListener> {
        loop {
            match TcpListener::bind(self.address).await {
                Ok(listener) => return Some(listener),
                Err(error) => {
                    tracing::error!(%error, address = %self.address, "front door: cannot listen");
                }
            }
            tokio::select! {
                () = self.stop.cancelled() => return None,
                () = tokio::time::sleep(RETRY_BIND) => {}
            }
        }
    }
}

/// Each direction ends on its own (`docker exec` closes its input long before the output ends).
async fn forward(mut client: TcpStream, targets: &Mutex<Targets>, counts: &Counts) {
    let Some(mut endpoint) = connect(targets).await else {
        // Closing says it all: the docker client reports that the daemon is not there.
        counts.doors.unanswered.fetch_add(1, Ordering::Relaxed);
        return;
    };
    let ask = TcpKeepalive::new()
        .with_time(PEER_SILENT)
        .with_interval(PEER_SILENT)
        .with_retries(PEER_ASK_TIMES);
    for stream in [&client, &endpoint] {
        let _ = stream.set_nodelay(true);
        let _ = SockRef::from(stream).set_tcp_keepalive(&ask);
    }
    if let Err(error) =
        copy_bidirectional_with_sizes(&mut client, &mut endpoint, BUFFER_BYTES, BUFFER_BYTES).await
    {
        tracing::debug!(%error, "front door: a connection broke");
    }
}

async fn connect(targets: &Mutex<Targets>) -> Option<TcpStream> {
    let order = lock(targets).in_order();
    for target in order {
        match tokio::time::timeout(CONNECT_DEADLINE, TcpStream::connect(target)).await {
            Ok(Ok(stream)) => {
                lock(targets).live = Some(target);
                return Some(stream);
            }
            Ok(Err(error)) => tracing::debug!(%error, %target, "front door: no connection"),
            Err(_) => tracing::debug!(%target, "front door: no answer in time"),
        }
    }
    lock(targets).live = None;
    None
}
