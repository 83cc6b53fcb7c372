//! One segment: a network namespace with an engine, an agent and a manager.

use std::net::Ipv4Addr;
use std::path::{Path, PathBuf};
use std::process::Command;
use std::time::{Duration, Instant};

use super::process::tree_of;
use super::{CLUSTER, Certs, DOCKER, Process, run, run_quiet};

/// As a segment's, and registries in the lab's own network may be plain.
fn daemon_json(labels: &[String]) -> String {
    serde_json::json!({
        "builder": { "entitlements": {
            "network-host": false, "security-insecure": false, "device": false,
        } },
        "insecure-registries": ["10.198.0.0/16"],
        "labels": labels,
    })
    .to_string()
}

pub struct Node {
    pub name: String,
    pub ip: Ipv4Addr,
    namespace: String,
    /// What its link is plugged into.
    bridge: String,
    /// This side's end of its link.
    outer: String,
    pub dir: PathBuf,
    /// What its dockerd is told beyond what every one is told.
    engine_args: String,
    pub manager: Option<Process>,
    pub agent: Option<Process>,
    pub engine: Option<Process>,
}

impl Node {
    pub fn make(tag: &str, k: usize, ip: Ipv4Addr, gateway: Ipv4Addr, dir: &Path) -> Self {
        let name = format!("{CLUSTER}-n{k}");
        let namespace = format!("{tag}n{k}");
        let dir = dir.join(format!("n{k}"));
        std::fs::create_dir_all(&dir).expect("a directory");
        let ip_run = |args: &str| {
            let mut command = Command::new("ip");
            command.args(args.split(' '));
            run_quiet(command);
        };
        ip_run(&format!("netns add {namespace}"));
        let (outer, inner) = (format!("{tag}v{k}"), format!("{tag}e{k}"));
        ip_run(&format!("link add {outer} type veth peer name {inner}"));
        ip_run(&format!("link set {inner} netns {namespace} name eth0"));
        ip_run(&format!("link set {outer} master {tag} up"));
        for line in [
            "link set lo up".to_owned(),
            format!("addr add {ip}/24 dev eth0"),
            "link set eth0 up".to_owned(),
            format!("route add default via {gateway}"),
        ] {
            ip_run(&format!("-n {namespace} {line}"));
        }
        Self {
            name,
            ip,
            namespace,
            bridge: tag.to_owned(),
            outer,
            dir,
            engine_args: String::new(),
            manager: None,
            agent: None,
            engine: None,
        }
    }

    pub fn socket(&self) -> PathBuf {
        self.dir.join("docker.sock")
    }

    /// Where dockerd itself answers over TLS, in a lab for measuring.
    pub fn own_door(&self) -> String {
        format!("{}:12376", self.ip)
    }

    /// From the engine's next start on.
    pub fn own_door_open(&mut self, certs: &Certs) {
        // Into its directory: that is all of this machine that an engine out of a tree sees.
        let copy = |from: PathBuf, name: &str| {
            let to = self.dir.join(name);
            std::fs::copy(from, &to).expect("a copy");
            to.display().to_string()
        };
        self.engine_args = format!(
            "-H tcp://{} --tlsverify --tlscacert {} --tlscert {} --tlskey {}",
            self.own_door(),
            copy(certs.engine_ca(), "own-ca.pem"),
            copy(certs.agent_cert(self.ip), "own-cert.pem"),
            copy(certs.agent_key(self.ip), "own-key.pem"),
        );
    }

    /// A program inside the node's network.
    pub fn command(&self, program: &str) -> Command {
        // Not `ip netns exec`: that one hides /sys/fs/cgroup.
        let mut command = Command::new("nsenter");
        command.args([&format!("--net=/run/netns/{}", self.namespace), program]);
        command
    }

    pub fn engine_start(&mut self) {
        let dir = self.dir.display();
        // Another engine than this machine's: out of a Debian tree, under a layer that goes with the
        // mount namespace, so that many may share the tree and none changes it.
        let enter = match std::env::var("CARINA_TEST_ROOT") {
            Ok(tree) if !tree.is_empty() => format!(
                "mkdir -p {dir}/layer && mount -t tmpfs layer {dir}/layer && cd {dir}/layer && \
                 mkdir upper work root && mount -t overlay root -o \
                 lowerdir={tree},upperdir=upper,workdir=work root && cd root && \
                 for d in proc sys dev; do mount --rbind /$d $d; done && \
                 mount -t tmpfs run run && mount -t tmpfs tmp tmp && \
                 mkdir -p .{dir} etc/docker && mount --bind {dir} .{dir} && \
                 cp /etc/resolv.conf etc/ && pivot_root . mnt && umount -l /mnt && cd /"
            ),
            // Its own /etc/docker: there old engines keep what makes their id.
            _ => "mkdir -p /etc/docker && mount -t tmpfs docker /etc/docker".into(),
        };
        // Tasks ask a registry for their image before they take the one that is there. Here nobody
        // answers, and that is to be known at once.
        std::fs::write(self.dir.join("resolv.conf"), "nameserver 127.0.0.1\n").expect("a file");
        let offline = format!(
            "{{ [ ! -e /etc/resolv.conf ] || mount --bind {dir}/resolv.conf /etc/resolv.conf; }}"
        );
        self.daemon_json_write(&[]);
        let script = format!(
            "hostname {} && {enter} && {offline} && exec dockerd --config-file {dir}/daemon.json --data-root {dir}/data --exec-root {dir}/run \
             --pidfile {dir}/docker.pid -H unix://{dir}/docker.sock {}",
            self.name, self.engine_args,
        );
        let mut command = self.command("unshare");
        command.args([
            "--uts",
            "--mount",
            "--propagation",
            "private",
            "sh",
            "-c",
            &script,
        ]);
        self.engine = Some(Process::start(command, &self.dir.join("engine.log")));
    }

    fn daemon_json_write(&self, more: &[&str]) -> Vec<String> {
        let mut labels = vec![format!("carina.test={}", self.ip)];
        labels.extend(more.iter().map(|label| (*label).to_owned()));
        std::fs::write(self.dir.join("daemon.json"), daemon_json(&labels)).expect("a file");
        labels
    }

    /// With these labels beside its own, until what this gives back is dropped.
    pub fn labelled(&self, more: &[&str]) -> Labelled<'_> {
        let node = Labelled(self);
        assert!(
            self.labels_set(more),
            "the engine does not take {more:?}:\n{}",
            self.engine_log()
        );
        node
    }

    /// Whether the running engine has come to have them.
    fn labels_set(&self, more: &[&str]) -> bool {
        let labels = serde_json::json!(self.daemon_json_write(more)).to_string();
        (0..200).any(|turn| {
            // An engine that is busy with something else may lose a signal.
            if let (Some(engine), 0) = (&self.engine, turn % 20) {
                engine.reload();
            }
            let mut command = Command::new(DOCKER);
            command
                .arg("-H")
                .arg(format!("unix://{}", self.socket().display()));
            command.args(["info", "-f", "{{json .Labels}}"]);
            let is_so = String::from_utf8_lossy(&run(command).stdout).trim() == labels;
            if !is_so {
                std::thread::sleep(Duration::from_millis(50));
            }
            is_so
        })
    }

    fn engine_log(&self) -> String {
        std::fs::read_to_string(self.dir.join("engine.log")).unwrap_or_default()
    }

    pub fn engine_wait(&mut self) {
        let end = Instant::now() + Duration::from_secs(60);
        loop {
            let mut command = Command::new(DOCKER);
            command.args([
                "-H",
                &format!("unix://{}", self.socket().display()),
                "version",
            ]);
            if run(command).status.success() {
                return;
            }
            if Instant::now() > end {
                panic!("dockerd does not start:\n{}", self.engine_log());
            }
            std::thread::sleep(Duration::from_millis(50));
        }
    }

    /// dockerd and all that it has started, containers included.
    pub fn engine_tree(&self) -> Vec<u32> {
        tree_of(&format!("{}/run", self.dir.display()))
    }

    /// The cable is pulled: packets vanish, and nobody is told.
    pub fn link_cut(&self) {
        self.link(&["nomaster"]);
    }

    pub fn link_mend(&self) {
        self.link(&["master", &self.bridge]);
    }

    fn link(&self, change: &[&str]) {
        let mut command = Command::new("ip");
        command.args(["link", "set", &self.outer]).args(change);
        run_quiet(command);
    }

    /// As a segment that loses power.
    pub fn engine_stop(&mut self) {
        if let Some(engine) = self.engine.take() {
            engine.stop(Duration::from_secs(20));
        }
    }
}

impl Drop for Node {
    fn drop(&mut self) {
        self.manager = None;
        self.agent = None;
        self.engine_stop();
        // A mount namespace that is about to go may still hold it.
        let end = Instant::now() + Duration::from_secs(3);
        let mut gone = false;
        while !gone && Instant::now() < end {
            let delete = Command::new("ip")
                .args(["netns", "del", &self.namespace])
                .output();
            gone = delete.is_ok_and(|output| output.status.success());
            if !gone {
                std::thread::sleep(Duration::from_millis(50));
            }
        }
        // It goes with its other end, but only when the last process has let go of that.
        let _ = Command::new("ip")
            .args(["link", "del", &self.outer])
            .output();
    }
}

/// See [`Node::labelled`].
pub struct Labelled<'a>(&'a Node);

impl Drop for Labelled<'_> {
    fn drop(&mut self) {
        self.0.labels_set(&[]);
    }
}
