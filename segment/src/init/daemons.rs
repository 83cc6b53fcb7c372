//! containerd and dockerd: started in order, started again when they die, stopped in order.

use std::sync::Arc;
use std::time::Duration;

use rustix::process::{Resource, Signal, getrlimit};
use tokio::net::UnixStream;
use tokio::sync::{Mutex, watch};
use tokio::time::{Instant, sleep, timeout};

use super::boot::Boot;
use super::process::{Child, Spawner};
use super::{Error, docker, journal, log};

const CONTAINERD_SOCKET: &str = "/run/containerd/containerd.sock";
const CONTAINERD_CONFIG: &str = "/run/containerd/config.toml";
/// Between two tries of a socket that is about to be there.
const STEP: Duration = Duration::from_millis(2);
/// A daemon that does not answer by then hangs, and is started again; the next one gets twice the time,
/// since a slow host would never see one answer otherwise.
const ANSWERS_WITHIN: Duration = Duration::from_secs(120);
const ANSWERS_WITHIN_MAX: Duration = Duration::from_secs(1920);
/// Containers get this long to stop (dockerd's `--shutdown-timeout`), dockerd a little longer.
const CONTAINERS_STOP_S: u64 = 8;
const DOCKERD_STOPS_WITHIN: Duration = Duration::from_secs(CONTAINERS_STOP_S + 2);
const CONTAINERD_STOPS_WITHIN: Duration = Duration::from_secs(2);

/// Plugins that a segment has no use for cost start-up time and memory.
const CONTAINERD_TOML: &str = r#"version = 2
root = "/var/lib/docker/containerd"
state = "/run/containerd"
disabled_plugins = [
  "io.containerd.grpc.v1.cri",
  "io.containerd.internal.v1.opt",
  "io.containerd.internal.v1.tracing",
  "io.containerd.tracing.processor.v1.otlp",
  "io.containerd.nri.v1.nri",
  "io.containerd.snapshotter.v1.aufs",
  "io.containerd.snapshotter.v1.blockfile",
  "io.containerd.snapshotter.v1.btrfs",
  "io.containerd.snapshotter.v1.devmapper",
  "io.containerd.snapshotter.v1.native",
  "io.containerd.snapshotter.v1.zfs",
]
[grpc]
address = "/run/containerd/containerd.sock"
[debug]
level = "warn"
"#;

/// Go looks for what can go from its heap when that has grown by this share, in percent (100 when
/// nothing is said). Most growth here is passing: the answer to a list, the headers of a layer. So
/// the two daemons take 39 MiB when idle and 55 MiB after work, and not 43 and 77
/// (docs/benchmarks.md). containerd's shims inherit it. No GOMEMLIMIT: an engine with more
/// containers than it has room for would do nothing but look.
const ENVIRONMENT: [(&str, &str); 1] = [("GOGC", "30")];

const DOCKERD_CONFIG: &str = "/run/dockerd.json";

/// Files that a container may have open, and may ask for. Programs that close every number up to
/// the limit take minutes where it is a thousand million.
const FILES: u64 = 65_536;
const FILES_MOST: u64 = 524_288;

/// Without the entitlements BuildKit gives every build the segment's own network to whoever asks;
/// without the proxy a published port needs no process and no copying.
fn dockerd_json() -> String {
    // More than PID 1 may have, nobody here can get: a container that wants it does not start.
    let own = getrlimit(Resource::Nofile).maximum.unwrap_or(u64::MAX);
    let most = own.min(FILES_MOST);
    let files = serde_json::json!({
        "Name": "nofile", "Soft": most.min(FILES), "Hard": most,
    });
    serde_json::json!({
        "builder": {
            "entitlements": {
                "network-host": false, "security-insecure": false, "device": false,
            },
        },
        "default-ulimits": { "nofile": files },
        "log-opts": { "max-size": "10m", "max-file": "3" },
        "userland-proxy": false,
    })
    .to_string()
}

pub struct Daemons {
    spawner: Spawner,
    boot: Arc<Boot>,
    running: Mutex<Running>,
    engine: watch::Sender<bool>,
}

struct Running {
    containerd: Option<Child>,
    dockerd: Option<Child>,
    /// How long each may take to answer.
    patience: Duration,
}

impl Default for Running {
    fn default() -> Self {
        Self {
            containerd: None,
            dockerd: None,
            patience: ANSWERS_WITHIN,
        }
    }
}

impl Running {
    /// Both are gone, by us if by nobody else: what hangs may hang because of the other one.
    async fn end(&mut self) {
        for child in [&mut self.dockerd, &mut self.containerd] {
            if let Some(child) = child {
                child.tell(Signal::KILL);
                child.ended().await;
            }
            *child = None;
        }
    }
}

impl Daemons {
    pub fn start(spawner: Spawner, boot: Arc<Boot>) -> Self {
        Self {
            spawner,
            boot,
            running: Mutex::default(),
            engine: watch::Sender::new(false),
        }
    }

    /// Whether the engine answers.
    pub fn engine(&self) -> watch::Receiver<bool> {
        self.engine.subscribe()
    }

    /// Keeps both running. Never returns; dropping it between two waits loses nothing.
    pub async fn supervise(&self) {
        loop {
            if let Err(why) = self.run_once().await {
                log(&format!("the engine: {why}"));
                sleep(Duration::from_millis(500)).await;
            }
            self.engine.send_replace(false);
        }
    }

    /// Starts what does not run, returns when one of the two has ended.
    async fn run_once(&self) -> Result<(), Error> {
        let mut running = self.running.lock().await;
        let running = &mut *running;
        let containerd = match running.containerd.take() {
            Some(containerd) => running.containerd.insert(containerd),
            None => running.containerd.insert(self.start_containerd()?),
        };
        let patience = running.patience;
        tokio::select! {
            listening = listens(CONTAINERD_SOCKET, patience) => if let Err(why) = listening {
                return Err(self.hangs(running, why).await);
            },
            () = containerd.ended() => {
                running.containerd = None;
                return Err("containerd ended at once".into());
            }
        }
        self.boot.reached("containerd");
        let dockerd = match running.dockerd.take() {
            Some(dockerd) => running.dockerd.insert(dockerd),
            None => running.dockerd.insert(self.start_dockerd()?),
        };
        tokio::select! {
            answering = answers(patience) => if let Err(why) = answering {
                return Err(self.hangs(running, why).await);
            },
            () = dockerd.ended() => {
                running.dockerd = None;
                return Err("dockerd ended at once".into());
            }
        }
        running.patience = ANSWERS_WITHIN;
        self.boot.reached("engine");
        self.engine.send_replace(true);
        tokio::select! {
            () = containerd.ended() => {
                running.containerd = None;
                Err("containerd ended".into())
            }
            () = dockerd.ended() => {
                running.dockerd = None;
                Err("dockerd ended".into())
            }
        }
    }

    /// Ends both, so that the next round starts them again.
    async fn hangs(&self, running: &mut Running, why: Error) -> Error {
        running.end().await;
        running.patience = (running.patience * 2).min(ANSWERS_WITHIN_MAX);
        why
    }

    fn start_containerd(&self) -> Result<Child, Error> {
        std::fs::create_dir_all("/run/containerd")?;
        std::fs::write(CONTAINERD_CONFIG, CONTAINERD_TOML)?;
        let _ = std::fs::remove_file(CONTAINERD_SOCKET);
        let arguments = ["--config".to_owned(), CONTAINERD_CONFIG.to_owned()];
        self.spawner.spawn(
            "/usr/bin/containerd",
            &arguments,
            &ENVIRONMENT,
            &journal::file("containerd")?,
        )
    }

    fn start_dockerd(&self) -> Result<Child, Error> {
        // Left behind by one that was killed, it names a process that is somebody else now.
        let _ = std::fs::remove_file("/run/docker.pid");
        std::fs::write(DOCKERD_CONFIG, dockerd_json())?;
        let mut arguments = vec![
            format!("--config-file={DOCKERD_CONFIG}"),
            format!("--containerd={CONTAINERD_SOCKET}"),
            // Its network door is the agent, which knows who asks.
            format!("--host=unix://{}", docker::SOCKET),
            "--storage-driver=overlay2".to_owned(),
            "--exec-opt=native.cgroupdriver=cgroupfs".to_owned(),
            "--log-level=warn".to_owned(),
            format!("--shutdown-timeout={CONTAINERS_STOP_S}"),
        ];
        if let Some(mtu) = uplink_mtu().filter(|mtu| *mtu < 1500) {
            arguments.push(format!("--mtu={mtu}"));
        }
        self.spawner.spawn(
            "/usr/sbin/dockerd",
            &arguments,
            &ENVIRONMENT,
            &journal::file("dockerd")?,
        )
    }

    /// dockerd stops the containers, then itself; containerd follows.
    pub async fn stop(&self) {
        let mut running = self.running.lock().await;
        let Running {
            containerd,
            dockerd,
            ..
        } = &mut *running;
        for (child, within) in [
            (dockerd, DOCKERD_STOPS_WITHIN),
            (containerd, CONTAINERD_STOPS_WITHIN),
        ] {
            if let Some(child) = child {
                child.tell(Signal::TERM);
                if timeout(within, child.ended()).await.is_err() {
                    child.tell(Signal::KILL);
                }
            }
        }
    }
}

async fn listens(socket: &str, within: Duration) -> Result<(), Error> {
    let until = Instant::now() + within;
    while UnixStream::connect(socket).await.is_err() {
        if Instant::now() > until {
            return Err(format!("nobody listens at {socket}: started again").into());
        }
        sleep(STEP).await;
    }
    Ok(())
}

/// dockerd listens long before it answers; the first answer is what counts.
async fn answers(within: Duration) -> Result<(), Error> {
    listens(docker::SOCKET, within).await?;
    let answer = docker::ping(within).await;
    answer.map_err(|why| format!("dockerd says nothing: started again ({why})").into())
}

fn uplink_mtu() -> Option<u32> {
    let text = std::fs::read_to_string("/sys/class/net/eth0/mtu").ok()?;
    text.trim().parse().ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn no_build_gets_more_than_a_container() {
        let config: serde_json::Value = serde_json::from_str(&dockerd_json()).expect("JSON");
        let files = &config["default-ulimits"]["nofile"];
        assert!(files["Soft"].as_u64() <= files["Hard"].as_u64());
        for entitlement in ["network-host", "security-insecure", "device"] {
            assert_eq!(config["builder"]["entitlements"][entitlement], false);
        }
    }
}
