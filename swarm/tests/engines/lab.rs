//! A cluster on one machine: a bridge, network namespaces with an engine each, agents, managers,
//! and a discovery service. Everything goes away when the lab is dropped.

mod archive;
mod certs;
mod discovery;
mod http;
mod node;
mod plain;
mod process;
mod raw;
mod registry;
mod serving;
mod setup;
mod swarm;
mod words;

use std::net::Ipv4Addr;
use std::path::{Path, PathBuf};
use std::process::{Command, Output};
use std::sync::atomic::{AtomicU32, Ordering};
use std::time::{Duration, Instant};

pub use certs::{Certs, Client};
pub use discovery::Discovery;
pub use http::{api, bundle_tls, door, door_tls, request};
pub use node::Node;
pub use plain::{Plain, Relay, nodes_url};
pub use process::{Process, run, run_quiet, run_within, signal_all};
pub use raw::Raw;
pub use registry::{Registry, SLOW_PIECE, SLOW_TAKES, config_of};
pub use serving::Serving;

/// The program under test, unless `CARINA_TEST_SWARM` names another build of it.
pub const SWARM: &str = match option_env!("CARINA_TEST_SWARM") {
    Some(path) => path,
    None => env!("CARGO_BIN_EXE_swarm"),
};
const DOCKER: &str = "docker";
pub const CLUSTER: &str = "0190a5f2-7a3b-7c00-8000-00000000c1a5";
pub const TOKEN: &str = "0123456789abcdef0123456789abcdef";

pub struct Lab {
    // In the order in which they must go.
    pub nodes: Vec<Node>,
    pub discovery: Discovery,
    /// Engines may use it without TLS, as `{address}/name`.
    pub registry: Registry,
    pub certs: Certs,
    pub alice: Client,
    tag: String,
    dir: tempfile::TempDir,
    is_measured: bool,
}

/// What a docker command gave.
pub struct Said {
    pub ok: bool,
    pub out: String,
    pub err: String,
}

impl From<Output> for Said {
    fn from(output: Output) -> Self {
        Self {
            ok: output.status.success(),
            out: String::from_utf8_lossy(&output.stdout).trim().to_owned(),
            err: String::from_utf8_lossy(&output.stderr).trim().to_owned(),
        }
    }
}

impl Lab {
    pub fn start(n: u8) -> Self {
        Self::make(n, false)
    }

    /// One for measuring: managers say little, and the engines have a door of their own with mutual
    /// TLS under the engine authority, at [`Node::own_door`].
    pub fn start_measured(n: u8) -> Self {
        Self::make(n, true)
    }

    fn make(n: u8, is_measured: bool) -> Self {
        let dir = tempfile::Builder::new()
            .prefix("swarm-lab-")
            .tempdir()
            .expect("a directory");
        // Of its own for each lab of each process: what one leaves is not in the next one's way.
        static LABS: AtomicU32 = AtomicU32::new(0);
        let turn = LABS.fetch_add(1, Ordering::Relaxed);
        let tag = format!("s{:01x}{:04x}", turn & 0xf, std::process::id() & 0xffff);
        let net = 64 + ((std::process::id() + turn) % 128) as u8;
        let gateway = Ipv4Addr::new(10, 198, net, 1);
        let ips: Vec<Ipv4Addr> = (0..n)
            .map(|k| Ipv4Addr::new(10, 198, net, 11 + k))
            .collect();
        let certs = Certs::new(dir.path(), CLUSTER, &ips, gateway);
        let alice = certs.client("alice", CLUSTER);
        bridge_make(&tag, gateway);
        let discovery = Discovery::start(gateway, &certs, TOKEN);
        let mut lab = Self {
            nodes: Vec::new(),
            discovery,
            registry: Registry::start(gateway),
            certs,
            alice,
            tag,
            dir,
            is_measured,
        };
        for (k, ip) in ips.into_iter().enumerate() {
            let mut node = Node::make(&lab.tag, k + 1, ip, gateway, lab.dir.path());
            if is_measured {
                node.own_door_open(&lab.certs);
            }
            lab.nodes.push(node);
        }
        for node in &mut lab.nodes {
            node.engine_start();
        }
        for node in &mut lab.nodes {
            node.engine_wait();
        }
        for k in 0..lab.nodes.len() {
            lab.agent_start(k);
            lab.manager_start(k);
        }
        lab.wait_until("every node is healthy", Duration::from_secs(20), |lab| {
            lab.docker(&["info"]).out.matches("Status: Healthy").count() == lab.nodes.len()
        });
        lab.images_make();
        lab.swarm_form();
        lab
    }

    /// The token URL, as it stands in the manager's Cmd.
    pub fn token_url(&self) -> String {
        format!("token://{}/v1/{TOKEN}", self.discovery.address)
    }

    pub fn agent_start(&mut self, k: usize) {
        let url = self.token_url();
        let certs = &self.certs;
        let node = &mut self.nodes[k];
        let mut command = node.command(SWARM);
        command
            .args(["join", &format!("--addr={}:42376", node.ip), &url])
            .env("SSL_CERT_FILE", certs.panel_ca())
            .env("SWARM_AGENT_TLSCACERT", certs.engine_ca())
            .env("SWARM_AGENT_TLSCERT", certs.agent_cert(node.ip))
            .env("SWARM_AGENT_TLSKEY", certs.agent_key(node.ip))
            .env("SWARM_AGENT_ENGINE", node.socket());
        node.agent = Some(Process::start(command, &node.dir.join("agent.log")));
    }

    pub fn manager_start(&mut self, k: usize) {
        let url = self.token_url();
        let certs = &self.certs;
        let node = &mut self.nodes[k];
        let mut command = node.command(SWARM);
        if !self.is_measured {
            command.arg("--debug");
        }
        command
            .args(["manage", "-H=tcp://0.0.0.0:2376", "--tlsverify"])
            .arg(format!("--tlscacert={}", certs.cluster_ca().display()))
            .arg(format!("--tlscert={}", certs.server_cert().display()))
            .arg(format!("--tlskey={}", certs.server_key().display()))
            .arg(url)
            .env("SSL_CERT_FILE", certs.panel_ca())
            .env("SWARM_ENGINE_TLSCACERT", certs.engine_ca())
            .env("SWARM_ENGINE_TLSCERT", certs.manager_cert())
            .env("SWARM_ENGINE_TLSKEY", certs.manager_key())
            .env("SWARM_CLUSTER", CLUSTER)
            .env("SWARM_NODE", &node.name)
            .env("SWARM_ADVERTISE", format!("{}:2376", node.ip));
        node.manager = Some(Process::start(command, &node.dir.join("manager.log")));
    }

    /// A manager as the archived program was started: no TLS, engines out of a file.
    pub fn classic_manager(&self, entries: &Path) -> (Process, String) {
        let listener = std::net::TcpListener::bind("127.0.0.1:0").expect("a port");
        let address = listener.local_addr().expect("bound").to_string();
        drop(listener);
        let mut command = Command::new(SWARM);
        command
            .args(["manage", &format!("-H=tcp://{address}"), "--heartbeat=1s"])
            .arg(format!("file://{}", entries.display()))
            .env("SWARM_ENGINE_TLSCACERT", self.certs.engine_ca())
            .env("SWARM_ENGINE_TLSCERT", self.certs.manager_cert())
            .env("SWARM_ENGINE_TLSKEY", self.certs.manager_key());
        (
            Process::start(command, &self.path("classic.log")),
            format!("tcp://{address}"),
        )
    }

    /// The docker client without TLS.
    pub fn docker_plain(&self, host: &str, args: &[&str]) -> Said {
        let mut command = Command::new(DOCKER);
        command
            .args(args)
            .env("DOCKER_HOST", host)
            .env("DOCKER_CONFIG", self.dir.path().join("docker-config"));
        run(command).into()
    }

    /// The docker client, as alice, at the first node's manager.
    pub fn docker(&self, args: &[&str]) -> Said {
        self.docker_at(0, &self.alice, args)
    }

    pub fn docker_at(&self, k: usize, client: &Client, args: &[&str]) -> Said {
        run(self.docker_command(k, client, args)).into()
    }

    pub fn docker_command(&self, k: usize, client: &Client, args: &[&str]) -> Command {
        let mut command = Command::new(DOCKER);
        command
            .args(args)
            .env("DOCKER_HOST", format!("tcp://{}:2376", self.nodes[k].ip))
            .env("DOCKER_TLS_VERIFY", "1")
            .env("DOCKER_CERT_PATH", &client.dir)
            .env("DOCKER_CONFIG", self.dir.path().join("docker-config"))
            .env("DOCKER_BUILDKIT", "0");
        command
    }

    /// A docker client with buildx, at the `k`th manager: this machine's, with the plugins out of
    /// the Debian 13 tree in the folder that `CARINA_TEST_CLIENTS` names. `None` when it names none.
    pub fn docker_with_plugins(&self, k: usize, args: &[&str]) -> Option<Command> {
        let folder = std::env::var_os("CARINA_TEST_CLIENTS").filter(|folder| !folder.is_empty())?;
        let config = self.dir.path().join("docker-config-plugins");
        let plugins = Path::new(&folder).join("debian-13/usr/libexec/docker/cli-plugins");
        if !config.exists() {
            std::fs::create_dir(&config).expect("a directory");
            std::os::unix::fs::symlink(plugins, config.join("cli-plugins")).expect("a link");
        }
        let mut command = self.docker_command(k, &self.alice, args);
        command
            .env("DOCKER_CONFIG", config)
            .env_remove("DOCKER_BUILDKIT");
        Some(command)
    }

    /// A command that must succeed; gives back what it printed.
    pub fn docker_ok(&self, args: &[&str]) -> String {
        let said = self.docker(args);
        assert!(
            said.ok,
            "docker {args:?} failed: {}\n{}",
            said.err, said.out
        );
        said.out
    }

    /// A command that must fail; gives back its complaint.
    pub fn docker_err(&self, args: &[&str]) -> String {
        let said = self.docker(args);
        assert!(
            !said.ok,
            "docker {args:?} should fail, and said: {}",
            said.out
        );
        said.err
    }

    /// The engine itself, past every manager.
    pub fn engine(&self, k: usize, args: &[&str]) -> Said {
        let mut command = Command::new(DOCKER);
        command
            .arg("-H")
            .arg(format!("unix://{}", self.nodes[k].socket().display()))
            .args(args)
            .env("DOCKER_CONFIG", self.dir.path().join("docker-config"));
        run(command).into()
    }

    pub fn engine_ok(&self, k: usize, args: &[&str]) -> String {
        let said = self.engine(k, args);
        assert!(said.ok, "engine {k}: docker {args:?} failed: {}", said.err);
        said.out
    }

    /// With something on its standard input.
    pub fn docker_fed(&self, k: usize, input: &[u8], args: &[&str]) -> Said {
        process::run_fed(self.docker_command(k, &self.alice, args), input).into()
    }

    /// A command that goes on by itself; its output goes to the file `name`.
    pub fn docker_background(
        &self,
        k: usize,
        client: &Client,
        name: &str,
        args: &[&str],
    ) -> Process {
        Process::start(self.docker_command(k, client, args), &self.path(name))
    }

    pub fn read(&self, name: &str) -> String {
        std::fs::read_to_string(self.path(name)).unwrap_or_default()
    }

    /// `swarm` as a person calls it.
    pub fn swarm(&self, args: &[&str]) -> Said {
        let mut command = Command::new(SWARM);
        command
            .args(args)
            .env("SSL_CERT_FILE", self.certs.panel_ca());
        run(command).into()
    }

    pub fn wait_until(&self, what: &str, limit: Duration, mut is: impl FnMut(&Self) -> bool) {
        let end = Instant::now() + limit;
        while !is(self) {
            if Instant::now() > end {
                self.logs_show();
                panic!("{what}: not within {limit:?}");
            }
            std::thread::sleep(Duration::from_millis(20));
        }
    }

    /// A file in the lab's directory.
    pub fn path(&self, name: &str) -> PathBuf {
        self.dir.path().join(name)
    }

    /// All but the system containers, so that scenarios do not meet each other's.
    pub fn containers_remove(&self) {
        self.services_remove();
        for k in 0..self.nodes.len() {
            for label in ["com.docker.swarm.id", "com.docker.swarm.task.id"] {
                let filter = format!("label={label}");
                let ids = self.engine(k, &["ps", "-aq", "--filter", &filter]).out;
                for id in ids.lines() {
                    self.engine(k, &["rm", "-fv", id]);
                }
            }
        }
        self.wait_until("the containers are gone", Duration::from_secs(10), |lab| {
            lab.docker(&["ps", "-aq"]).out.lines().count() <= 3 * lab.nodes.len()
        });
    }

    /// Says how to come in, and waits until standard input ends.
    pub fn stay(&self) {
        for (key, value) in self.client_environment() {
            println!("export {key}={value}");
        }
        let _ = std::io::copy(&mut std::io::stdin(), &mut std::io::sink());
    }

    /// What tells any docker client where the cluster is, and who alice is.
    pub fn client_environment(&self) -> [(&'static str, String); 4] {
        let (bundle, config) = (&self.alice.dir, self.path("docker-config"));
        [
            ("DOCKER_HOST", format!("tcp://{}:2376", self.nodes[0].ip)),
            ("DOCKER_TLS_VERIFY", "1".into()),
            ("DOCKER_CERT_PATH", bundle.to_string_lossy().into_owned()),
            ("DOCKER_CONFIG", config.to_string_lossy().into_owned()),
        ]
    }

    pub fn logs_show(&self) {
        for node in &self.nodes {
            for log in ["manager.log", "agent.log"] {
                let text = std::fs::read_to_string(node.dir.join(log)).unwrap_or_default();
                let lines: Vec<&str> = text.lines().rev().take(20).collect();
                println!("--- {} {log}", node.name);
                for line in lines.iter().rev() {
                    println!("{line}");
                }
            }
        }
    }
}

impl Drop for Lab {
    fn drop(&mut self) {
        self.nodes.clear();
        let _ = Command::new("ip").args(["link", "del", &self.tag]).output();
    }
}

fn bridge_make(tag: &str, gateway: Ipv4Addr) {
    for line in [
        format!("link add {tag} type bridge forward_delay 0 stp_state 0"),
        format!("addr add {gateway}/24 dev {tag}"),
        format!("link set {tag} up"),
    ] {
        let mut command = Command::new("ip");
        command.args(line.split(' '));
        run_quiet(command);
    }
}
