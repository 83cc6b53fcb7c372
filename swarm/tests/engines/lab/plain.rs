//! Engines as the archived program knew them: over plain TCP, with a manager of the person's own.

use std::io;
use std::net::{IpAddr, Ipv4Addr, Shutdown, SocketAddr, TcpListener, TcpStream};
use std::os::unix::net::UnixStream;
use std::path::PathBuf;
use std::process::Command;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Arc, Mutex, PoisonError};
use std::thread::JoinHandle;
use std::time::{Duration, Instant};

use super::{DOCKER, Lab, Process, SWARM, Said, run};

/// An engine's socket at a TCP address that can be cut off.
pub struct Relay {
    pub address: SocketAddr,
    socket: PathBuf,
    running: Option<Running>,
}

struct Running {
    streams: Arc<Mutex<Vec<TcpStream>>>,
    listener: TcpListener,
    thread: JoinHandle<()>,
}

impl Relay {
    pub fn start(socket: PathBuf) -> Self {
        Self::start_at((Ipv4Addr::LOCALHOST, 0).into(), socket)
    }

    pub fn start_at(address: SocketAddr, socket: PathBuf) -> Self {
        let listener = TcpListener::bind(address).expect("a port");
        let address = listener.local_addr().expect("bound");
        let mut relay = Self {
            address,
            socket,
            running: None,
        };
        relay.run(listener);
        relay
    }

    fn run(&mut self, listener: TcpListener) {
        let streams = Arc::new(Mutex::new(Vec::new()));
        let (held, socket) = (Arc::clone(&streams), self.socket.clone());
        let accepting = listener.try_clone().expect("a second handle");
        let thread = std::thread::spawn(move || {
            while let Ok((near, _)) = accepting.accept() {
                let Ok(far) = UnixStream::connect(&socket) else {
                    continue;
                };
                let mut held = held.lock().unwrap_or_else(PoisonError::into_inner);
                held.push(near.try_clone().expect("a second handle"));
                drop(held);
                copy_both(near, far);
            }
        });
        self.running = Some(Running {
            streams,
            listener,
            thread,
        });
    }

    /// How many connections to it are open.
    pub fn connections(&self) -> usize {
        let IpAddr::V4(ip) = self.address.ip() else {
            return 0;
        };
        // As the kernel prints it: the address's bytes from the last to the first.
        let here = format!(
            "{:08X}:{:04X}",
            u32::from(ip).swap_bytes(),
            self.address.port()
        );
        let table = std::fs::read_to_string("/proc/net/tcp").unwrap_or_default();
        let is_open = |line: &&str| {
            let mut fields = line.split_whitespace().skip(1);
            fields.next() == Some(here.as_str()) && fields.nth(1) == Some("01")
        };
        table.lines().filter(is_open).count()
    }

    /// As when the engine's machine loses power: connections break, new ones are refused.
    pub fn cut(&mut self) {
        let Some(running) = self.running.take() else {
            return;
        };
        // A listening socket that is shut down ends its accept.
        let listener: std::os::fd::OwnedFd = running.listener.into();
        let _ = TcpStream::from(listener).shutdown(Shutdown::Both);
        let _ = running.thread.join();
        let streams = running.streams.lock();
        for stream in streams.unwrap_or_else(PoisonError::into_inner).iter() {
            let _ = stream.shutdown(Shutdown::Both);
        }
    }

    /// At the same address again.
    pub fn mend(&mut self) {
        if self.running.is_none() {
            let listener = TcpListener::bind(self.address).expect("its own port");
            self.run(listener);
        }
    }
}

impl Drop for Relay {
    fn drop(&mut self) {
        self.cut();
    }
}

fn copy_both(near: TcpStream, far: UnixStream) {
    let (mut from_near, mut from_far) = (
        near.try_clone().expect("a second handle"),
        far.try_clone().expect("a second handle"),
    );
    let (mut near, mut far) = (near, far);
    std::thread::spawn(move || {
        let _ = io::copy(&mut from_near, &mut far);
        let _ = far.shutdown(Shutdown::Write);
    });
    std::thread::spawn(move || {
        let _ = io::copy(&mut from_far, &mut near);
        let _ = near.shutdown(Shutdown::Write);
    });
}

/// A manager without a cluster of Carina's: no TLS, no policy.
pub struct Plain {
    pub host: String,
    pub log: PathBuf,
    config: PathBuf,
    _process: Process,
}

static COUNT: AtomicUsize = AtomicUsize::new(0);

impl Lab {
    /// The engine's socket over TCP.
    pub fn relay(&self, k: usize) -> Relay {
        Relay::start(self.nodes[k].socket())
    }

    /// A manager with these flags, listening already.
    pub fn plain(&self, flags: &[&str], discovery: &str) -> Plain {
        let listener = TcpListener::bind("127.0.0.1:0").expect("a port");
        let address = listener.local_addr().expect("bound");
        drop(listener);
        let count = COUNT.fetch_add(1, Ordering::Relaxed);
        let log = self.path(&format!("plain{count}.log"));
        let mut command = Command::new(SWARM);
        command
            .args(["manage", &format!("-H=tcp://{address}"), "--heartbeat=1s"])
            .args(flags)
            .arg(discovery)
            .env("SSL_CERT_FILE", self.certs.panel_ca());
        let plain = Plain {
            host: format!("tcp://{address}"),
            _process: Process::start(command, &log),
            log,
            config: self.path("docker-config"),
        };
        let end = Instant::now() + Duration::from_secs(5);
        while TcpStream::connect(address).is_err() {
            assert!(Instant::now() < end, "{}", plain.log_read());
            std::thread::sleep(Duration::from_millis(5));
        }
        plain
    }

    /// The engines of these nodes behind relays, and a manager that knows them all.
    pub fn plain_cluster(&self, nodes: &[usize], flags: &[&str]) -> (Plain, Vec<Relay>) {
        let relays: Vec<Relay> = nodes.iter().map(|k| self.relay(*k)).collect();
        let plain = self.plain(flags, &nodes_url(&relays));
        plain.wait_status("Healthy", relays.len());
        (plain, relays)
    }
}

pub fn nodes_url(relays: &[Relay]) -> String {
    let entries: Vec<String> = relays.iter().map(|r| r.address.to_string()).collect();
    format!("nodes://{}", entries.join(","))
}

impl Plain {
    pub fn command(&self, args: &[&str]) -> Command {
        let mut command = Command::new(DOCKER);
        command
            .args(args)
            .env("DOCKER_HOST", &self.host)
            .env("DOCKER_BUILDKIT", "0")
            .env("DOCKER_CONFIG", &self.config);
        command
    }

    pub fn docker(&self, args: &[&str]) -> Said {
        run(self.command(args)).into()
    }

    /// A command that must succeed; gives back what it printed.
    pub fn ok(&self, args: &[&str]) -> String {
        let said = self.docker(args);
        assert!(said.ok, "docker {args:?}: {}\n{}", said.err, said.out);
        said.out
    }

    /// A command that must fail; gives back its complaint.
    pub fn err(&self, args: &[&str]) -> String {
        let said = self.docker(args);
        assert!(!said.ok, "docker {args:?} should fail: {}", said.out);
        said.err
    }

    /// The name of the node that a container is on.
    pub fn node_of(&self, container: &str) -> String {
        self.ok(&["inspect", "-f", "{{.Node.Name}}", container])
    }

    pub fn wait(&self, what: &str, limit: Duration, mut is: impl FnMut(&Self) -> bool) {
        let end = Instant::now() + limit;
        while !is(self) {
            assert!(
                Instant::now() < end,
                "{what}: not within {limit:?}\n{}\n{}",
                self.docker(&["info"]).out,
                self.log_read()
            );
            std::thread::sleep(Duration::from_millis(20));
        }
    }

    /// Until so many nodes have this status.
    pub fn wait_status(&self, status: &str, count: usize) {
        let line = format!("Status: {status}\n");
        self.wait(
            &format!("{count} {status}"),
            Duration::from_secs(20),
            |plain| plain.docker(&["info"]).out.matches(&line).count() == count,
        );
    }

    pub fn log_read(&self) -> String {
        std::fs::read_to_string(&self.log).unwrap_or_default()
    }
}
