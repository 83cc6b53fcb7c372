//! A cluster of two segments as it runs, but for the engines: discovery, two agents, a manager, all
//! as processes with certificates of their own, on loopback addresses of this test alone.

use std::cell::Cell;
use std::io::{Read, Write};
use std::net::{IpAddr, Ipv4Addr, TcpStream};
use std::path::Path;
use std::process::Command;
use std::sync::Arc;
use std::sync::atomic::{AtomicU8, Ordering};
use std::time::{Duration, Instant};

use rustls::{ClientConfig, ClientConnection, StreamOwned};
use rustls_pki_types::ServerName;
use swarm::cli::TlsFiles;
use swarm::tls;

use crate::engine::{Engine, Reached};
use crate::lab::{Certs, Client, Discovery, Process};

pub const CLUSTER: &str = "0190a5f2-7a3b-7c00-8000-00000000c1a5";
const TOKEN: &str = "00112233445566778899aabbccddeeff";
const SWARM: &str = env!("CARGO_BIN_EXE_swarm");

/// A connection of mTLS.
pub type Tls = StreamOwned<ClientConnection, TcpStream>;

pub struct Cluster {
    pub engines: [Engine; 2],
    pub ip: Ipv4Addr,
    pub certs: Certs,
    pub alice: Client,
    pub discovery: Discovery,
    config: Arc<ClientConfig>,
    kept: Cell<Option<Tls>>,
    processes: Vec<Process>,
    // The last to go.
    pub dir: tempfile::TempDir,
}

impl Cluster {
    pub fn start() -> Self {
        let dir = tempfile::tempdir().expect("a directory");
        let [.., high, low] = std::process::id().to_be_bytes();
        // Each cluster of each process has its own.
        static CLUSTERS: AtomicU8 = AtomicU8::new(0);
        let turn = 30 * CLUSTERS.fetch_add(1, Ordering::Relaxed);
        let net = |last: u8| Ipv4Addr::new(127, high.max(1), low, turn + last);
        let ips = [net(11), net(12)];
        let certs = Certs::new(dir.path(), CLUSTER, &ips, net(1));
        let alice = certs.client("alice", CLUSTER);
        let discovery = Discovery::start(net(1), &certs, TOKEN);
        let url = format!("token://{}/v1/{TOKEN}", discovery.address);
        let mut processes = Vec::new();
        let engines = [0, 1].map(|k| {
            let socket = dir.path().join(format!("engine-{k}.sock"));
            let engine = Engine::start(k, &socket);
            let mut agent = Command::new(SWARM);
            agent
                .args(["join", &format!("--addr={}:42376", ips[k]), &url])
                .env("SSL_CERT_FILE", certs.panel_ca())
                .env("SWARM_AGENT_TLSCACERT", certs.engine_ca())
                .env("SWARM_AGENT_TLSCERT", certs.agent_cert(ips[k]))
                .env("SWARM_AGENT_TLSKEY", certs.agent_key(ips[k]))
                .env("SWARM_AGENT_ENGINE", socket);
            processes.push(Process::start(agent, &dir.path().join("agent.log")));
            engine
        });
        let mut manager = Command::new(SWARM);
        manager
            .args([
                "--debug",
                "manage",
                "--tlsverify",
                &format!("-H=tcp://{}:2376", ips[0]),
            ])
            .arg(format!("--tlscacert={}", certs.cluster_ca().display()))
            .arg(format!("--tlscert={}", certs.server_cert().display()))
            .arg(format!("--tlskey={}", certs.server_key().display()))
            .arg(&url)
            .env("SSL_CERT_FILE", certs.panel_ca())
            .env("SWARM_ENGINE_TLSCACERT", certs.engine_ca())
            .env("SWARM_ENGINE_TLSCERT", certs.manager_cert())
            .env("SWARM_ENGINE_TLSKEY", certs.manager_key())
            .env("SWARM_CLUSTER", CLUSTER)
            .env("SWARM_NODE", "n1")
            .env("SWARM_ADVERTISE", format!("{}:2376", ips[0]));
        processes.push(Process::start(manager, &dir.path().join("manager.log")));
        let cluster = Self {
            engines,
            ip: ips[0],
            config: client_config(&certs.cluster_ca(), Some(&alice.dir)),
            kept: Cell::new(None),
            certs,
            alice,
            discovery,
            processes,
            dir,
        };
        cluster.wait();
        cluster
    }

    /// Until the manager has seen both engines.
    fn wait(&self) {
        let end = Instant::now() + Duration::from_secs(20);
        let is_seen = |node: &str| {
            let ask = || self.try_ask("GET", "/containers/json?all=1", &[], b"");
            ask().is_some_and(|(_, body)| body.contains(node))
        };
        while !(is_seen("/n1/old") && is_seen("n2/swarm-agent")) {
            assert!(Instant::now() < end, "no engine is seen:\n{}", self.log());
            std::thread::sleep(Duration::from_millis(20));
        }
        self.reached();
    }

    pub fn log(&self) -> String {
        let log = |name| std::fs::read_to_string(self.dir.path().join(name)).unwrap_or_default();
        format!("{}\n{}", log("agent.log"), log("manager.log"))
    }

    /// Alice's, at the manager. `None` when it is not let in.
    pub fn connect(&self) -> Option<Tls> {
        connect(&self.config, self.ip, 2376)
    }

    /// Bytes as they are; the status (0 without an answer) and the whole of the answer.
    pub fn raw(&self, bytes: &[u8]) -> (u16, String) {
        self.connect()
            .map_or((0, String::new()), |tls| exchange(tls, bytes))
    }

    pub fn try_ask(
        &self,
        method: &str,
        target: &str,
        headers: &[(&str, &str)],
        body: &[u8],
    ) -> Option<(u16, String)> {
        let got = self.raw(&request(method, target, headers, body));
        Some(got).filter(|(status, _)| *status != 0)
    }

    /// A request whose body, if any, is JSON.
    pub fn ask(&self, ask: &str, body: &str) -> (u16, String) {
        let (method, target) = ask.split_once(' ').expect("a method and a target");
        let json = ("Content-Type", "application/json");
        let headers: &[_] = if body.is_empty() { &[] } else { &[json] };
        self.send(method, target, headers, body.as_bytes())
    }

    /// Over a connection that is kept, where that can be: handshakes take longer than refusals.
    pub fn send(
        &self,
        method: &str,
        target: &str,
        headers: &[(&str, &str)],
        body: &[u8],
    ) -> (u16, String) {
        let is_plain = headers.iter().all(|(name, _)| *name != "Connection");
        if !is_plain || method == "HEAD" || target.contains("/events") {
            return self.raw(&request(method, target, headers, body));
        }
        let keep = [&[("Connection", "keep-alive")], headers].concat();
        let bytes = request(method, target, &keep, body);
        let kept = self.kept.take().or_else(|| self.connect());
        let Some(mut tls) = kept else {
            return (0, String::new());
        };
        let _ = tls.write_all(&bytes).and_then(|()| tls.flush());
        let mut answer = Vec::new();
        let mut piece = [0; 16 * 1024];
        loop {
            match tls.read(&mut piece) {
                Ok(n) if n > 0 => answer.extend_from_slice(&piece[..n]),
                // It was closed; the next request gets another one.
                _ => break,
            }
            if is_whole(&answer) {
                self.kept.set(Some(tls));
                break;
            }
        }
        status_of(&answer)
    }

    /// An address for a discovery service.
    pub fn discovery_ip(&self) -> Ipv4Addr {
        let [a, b, c, d] = self.ip.octets();
        Ipv4Addr::new(a, b, c, d - 10)
    }

    /// The manager, which was started last, is killed.
    pub fn manager_end(&mut self) {
        self.processes.pop();
    }

    /// What reached any engine since the last call.
    pub fn reached(&self) -> Vec<Reached> {
        self.engines.iter().flat_map(Engine::take).collect()
    }
}

pub fn request(method: &str, target: &str, headers: &[(&str, &str)], body: &[u8]) -> Vec<u8> {
    let mut head = format!("{method} {target} HTTP/1.1\r\nHost: docker\r\n");
    let has = |wanted: &str| {
        headers
            .iter()
            .any(|(name, _)| name.eq_ignore_ascii_case(wanted))
    };
    if !has("connection") {
        head.push_str("Connection: close\r\n");
    }
    for (name, value) in headers {
        head.push_str(&format!("{name}: {value}\r\n"));
    }
    if !body.is_empty() && !has("transfer-encoding") {
        head.push_str(&format!("Content-Length: {}\r\n", body.len()));
    }
    head.push_str("\r\n");
    [head.as_bytes(), body].concat()
}

/// Trusts `ca`, and shows `cert.pem` of the directory.
pub fn client_config(ca: &Path, pair: Option<&Path>) -> Arc<ClientConfig> {
    let roots = tls::roots_read(ca).expect("an authority");
    let identity = pair.map(|dir| {
        let files = TlsFiles {
            ca: None,
            cert: dir.join("cert.pem"),
            key: dir.join("key.pem"),
        };
        tls::Identity::read(&files).expect("an identity")
    });
    Arc::new(tls::client_config(roots, identity).expect("a configuration"))
}

/// `None` when the handshake fails; with TLS 1.3 a server may still refuse afterwards.
pub fn connect(config: &Arc<ClientConfig>, ip: Ipv4Addr, port: u16) -> Option<Tls> {
    let name = ServerName::IpAddress(IpAddr::V4(ip).into());
    let mut connection = ClientConnection::new(Arc::clone(config), name).ok()?;
    let mut socket = TcpStream::connect((ip, port)).ok()?;
    socket.set_nodelay(true).ok()?;
    socket.set_read_timeout(Some(Duration::from_secs(2))).ok()?;
    connection.complete_io(&mut socket).ok()?;
    Some(StreamOwned::new(connection, socket))
}

/// Sends, and reads until the other side ends it or says nothing for a while.
pub fn exchange(mut tls: Tls, bytes: &[u8]) -> (u16, String) {
    // A refusal may come, and the connection go, before all was sent.
    let _ = tls.write_all(bytes).and_then(|()| tls.flush());
    let mut answer = Vec::new();
    let mut piece = [0; 16 * 1024];
    // A stream that was agreed on never ends by itself.
    while !(answer.starts_with(b"HTTP/1.1 101") && answer.ends_with(b"hello")) {
        match tls.read(&mut piece) {
            Ok(n) if n > 0 => answer.extend_from_slice(&piece[..n]),
            _ => break,
        }
    }
    status_of(&answer)
}

fn status_of(answer: &[u8]) -> (u16, String) {
    let answer = String::from_utf8_lossy(answer).into_owned();
    let status = answer.split(' ').nth(1).and_then(|text| text.parse().ok());
    (status.unwrap_or(0), answer)
}

/// An answer with a length, all of it, on a connection that goes on.
fn is_whole(answer: &[u8]) -> bool {
    let text = String::from_utf8_lossy(answer);
    let Some((head, body)) = text.split_once("\r\n\r\n") else {
        return false;
    };
    let head = head.to_ascii_lowercase();
    let length = head
        .lines()
        .find_map(|line| line.strip_prefix("content-length: "))
        .and_then(|length| length.parse().ok());
    let is_chunked = head.contains("transfer-encoding: chunked");
    let is_end = length == Some(body.len())
        || head.starts_with("http/1.1 204")
        || is_chunked && body.ends_with("0\r\n\r\n");
    is_end && !head.contains("connection: close")
}
