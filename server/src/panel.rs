//! The running panel: everything made once, in order, and stopped in order.

use std::net::{IpAddr, Ipv4Addr, SocketAddr};
use std::os::unix::fs::{DirBuilderExt as _, OpenOptionsExt as _};
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::time::Duration;

use control::{Control, Parts, Settings, SystemClock};
use host::sim::Sim;
use tokio::net::TcpListener;
use tokio_util::sync::CancellationToken;

use crate::cli::doctor_options;
use crate::config::{Config, Kind, Mode, Tls};
use crate::counts::Counts;
use crate::front_door::FrontDoors;
use crate::http::WebSettings;
use crate::listener::{Listener, TlsFor};
use crate::tls::{self, Minter, Protocols};
use crate::{discovery, names, prometheus, provider};

/// A monitoring program asks one at a time.
const METRICS_CONNECTIONS_MAX: u32 = 16;

/// Why the panel does not start, for the person who started it.
#[derive(Debug, thiserror::Error)]
#[error("{what}: {why}")]
pub struct StartError {
    pub what: String,
    pub why: String,
}

pub(crate) fn failed(what: impl Into<String>, why: &dyn std::error::Error) -> StartError {
    let mut text = why.to_string();
    let mut source = why.source();
    while let Some(cause) = source {
        text = format!("{text}: {cause}");
        source = cause.source();
    }
    StartError {
        what: what.into(),
        why: text,
    }
}

/// A panel whose listeners are open; nobody is served before [`Panel::run`].
pub struct Panel {
    pub control: Control,
    web: WebSettings,
    /// Where other computers find this machine.
    own_address: Option<IpAddr>,
    http: Listener,
    discovery: Listener,
    front_doors: FrontDoors,
    metrics: Option<Listener>,
    counts: Arc<Counts>,
}

impl Panel {
    pub async fn open(config: &Config, image: String) -> Result<Self, StartError> {
        let control = control(config, image).await?;
        let http_tcp = bind("http.listen", config.http.listen).await?;
        let discovery_at = SocketAddr::new(config.discovery.listen, config.discovery.port);
        let discovery_tcp = bind("discovery.port", discovery_at).await?;
        let own_names = panel_names(config);
        let counts = Arc::new(Counts::default());
        let web = web_settings(config, &counts);
        let metrics = match config.metrics.listen {
            Some(listen) => Some(Listener {
                tcp: bind("metrics.listen", listen).await?,
                tls: None,
                connections_max: METRICS_CONNECTIONS_MAX,
            }),
            None => None,
        };
        Ok(Self {
            http: Listener {
                tcp: http_tcp,
                tls: http_tls(config, &control, &own_names)?,
                connections_max: config.http.connections_max,
            },
            discovery: Listener {
                tcp: discovery_tcp,
                tls: Some(minted(&control, own_names, Protocols::Http1)),
                connections_max: config.discovery.connections_max,
            },
            front_doors: FrontDoors {
                listen: config.front_door.listen,
                connections_max: config.front_door.connections_max,
                counts: Arc::clone(&counts),
            },
            metrics,
            counts,
            own_address: names::own_addresses(config.network.pool).first().copied(),
            web,
            control,
        })
    }

    /// What people type; the port is the real one even if the configuration said 0.
    pub fn origin(&self) -> String {
        if let Some(origin) = &self.web.public_origin {
            return origin.clone();
        }
        let scheme = if self.web.is_https { "https" } else { "http" };
        match self.http.tcp.local_addr() {
            // Nobody can type 0.0.0.0.
            Ok(at) if at.ip().is_unspecified() => {
                let reachable = self.own_address.unwrap_or(Ipv4Addr::LOCALHOST.into());
                format!("{scheme}://{}", SocketAddr::new(reachable, at.port()))
            }
            Ok(at) => format!("{scheme}://{at}"),
            Err(_) => format!("{scheme}://localhost"),
        }
    }

    pub fn discovery_address(&self) -> std::io::Result<SocketAddr> {
        self.discovery.tcp.local_addr()
    }

    /// Serves until `shutdown`, then ends what is open.
    pub async fn run(self, shutdown: CancellationToken) {
        let web = crate::http::router(self.control.clone(), self.web, shutdown.clone());
        let discovery = discovery::router(self.control.clone());
        let doors = self.control.front_doors();
        let metrics = async {
            if let Some(listener) = self.metrics {
                let router = prometheus::router(self.control.clone(), self.counts);
                listener.serve(router, shutdown.clone()).await;
            }
        };
        // The reconciler stops last but one: a round that is under way ends at its next step.
        tokio::join!(
            self.http.serve(web, shutdown.clone()),
            self.discovery.serve(discovery, shutdown.clone()),
            self.front_doors.run(doors, shutdown.clone()),
            metrics,
            self.control.run(shutdown.clone()),
        );
    }
}

/// The logic with its database, hosts and engines.
pub async fn control(config: &Config, image: String) -> Result<Control, StartError> {
    let store = store(config).await?;
    let provider = provider::provider(config)?.map(Arc::new);
    let (hosts, engine, endpoint) = hosts(config);
    let parts = Parts {
        store,
        hosts,
        engine,
        endpoint,
        clock: Arc::new(SystemClock),
        settings: Settings {
            provider,
            ..settings(config, image)
        },
    };
    Control::new(parts)
        .await
        .map_err(|error| failed("starting the panel", &error))
}

async fn store(config: &Config) -> Result<store::Store, StartError> {
    // Whatever the panel writes from here on is for its own user: keys are in the database.
    nix::sys::stat::umask(nix::sys::stat::Mode::from_bits_truncate(0o077));
    let url = match &config.database {
        Some(url) => url.0.clone(),
        None => {
            data_dir_ensure(&config.data_dir)?;
            format!("sqlite://{}", config.data_dir.join("carina.db").display())
        }
    };
    store::Store::open(&url)
        .await
        .map_err(|error| failed("opening the database", &error))
}

/// The database holds the authorities' keys: nobody else may look into its folder.
fn data_dir_ensure(dir: &Path) -> Result<(), StartError> {
    std::fs::DirBuilder::new()
        .recursive(true)
        .mode(0o700)
        .create(dir)
        .map_err(|error| failed(format!("making {}", dir.display()), &error))
}

type Hosts = (
    Vec<Arc<dyn host::Host>>,
    Arc<dyn host::Engine>,
    Arc<dyn host::Endpoint>,
);

fn hosts(config: &Config) -> Hosts {
    let mut hosts: Vec<Arc<dyn host::Host>> = Vec::new();
    // Simulated hosts share one world, with engines of its own; the first says how it is.
    let mut world: Option<Sim> = None;
    for entry in &config.hosts {
        match (entry.kind, &world) {
            (Kind::Sim, None) => {
                let sim = Sim::new(&entry.name)
                    .with_boot(Duration::from_millis(entry.boot_ms))
                    .with_faults(entry.faults.clone())
                    .with_guests();
                hosts.push(Arc::new(sim.clone()));
                world = Some(sim);
            }
            (Kind::Sim, Some(first)) => hosts.push(Arc::new(first.beside(&entry.name))),
            (Kind::Libvirt, _) => {
                let host = host_libvirt::LibvirtHost::new(&entry.name, &entry.uri)
                    .with_doctor(doctor_options(config));
                hosts.push(Arc::new(host));
            }
        }
    }
    match world {
        Some(sim) => (hosts, Arc::new(sim.clone()), Arc::new(sim)),
        None => {
            let engines = engine::Engines::new();
            (hosts, Arc::new(engines), Arc::new(engines))
        }
    }
}

fn settings(config: &Config, image: String) -> Settings {
    let hours = |hours: u32| Duration::from_secs(u64::from(hours) * 3600);
    Settings {
        pool: config.network.pool,
        network_mode: match config.network.mode {
            Mode::Nat => host::NetworkMode::Nat,
            Mode::Routed => host::NetworkMode::Routed,
        },
        id_base: config.segment.id_base,
        flavor: control::Flavor {
            memory_mib: config.segment.memory_mib,
            vcpus: config.segment.vcpus,
            disk_bytes: config.segment.disk_gib << 30,
            pids: config.segment.pids,
        },
        room: control::Room {
            memory_mib: config.segment.room_mib,
            disk_bytes: config.segment.room_disk_gib << 30,
        },
        image,
        discovery_port: config.discovery.port,
        discovery_trusted: config.discovery.trusted.clone(),
        front_door_listen: config.front_door.listen,
        front_door_ports: config.front_door.ports.0.clone(),
        public_name: config.front_door.public_name.clone(),
        public_names: endpoint_names(config),
        quota: control::Quota {
            clusters: config.quota.clusters,
            segments: config.quota.segments,
        },
        public_origin: config.http.public_origin.clone(),
        is_https: is_https(config),
        is_status_public: config.http.status_page,
        provider: None,
        session: control::SessionLimits {
            idle: Duration::from_secs(u64::from(config.session.idle_minutes) * 60),
            absolute: hours(config.session.absolute_hours),
        },
    }
}

/// For the endpoints' certificates: what is configured, then what this machine has.
fn endpoint_names(config: &Config) -> Vec<String> {
    let mut all: Vec<String> = config.front_door.public_name.iter().cloned().collect();
    all.extend(config.front_door.names.iter().cloned());
    all.extend(panel_names(config));
    let mut seen = std::collections::BTreeSet::new();
    all.retain(|name| seen.insert(name.clone()));
    all
}

/// Names and addresses of the panel itself.
fn panel_names(config: &Config) -> Vec<String> {
    let public_host = config
        .http
        .public_origin
        .as_deref()
        .and_then(|origin| origin.parse::<http::Uri>().ok())
        .and_then(|uri| Some(uri.host()?.trim_matches(['[', ']']).to_owned()));
    public_host
        .into_iter()
        .chain(
            names::own_addresses(config.network.pool)
                .iter()
                .map(ToString::to_string),
        )
        .chain(names::host_name())
        .chain(["localhost".to_owned()])
        .collect()
}

/// People come by https, here or at a proxy in front.
fn is_https(config: &Config) -> bool {
    let public = config.http.public_origin.as_deref();
    public.map_or(config.http.tls.is_on(), |origin| {
        origin.starts_with("https://")
    })
}

fn web_settings(config: &Config, counts: &Arc<Counts>) -> WebSettings {
    WebSettings {
        site_dir: site_dir(config),
        is_https: is_https(config),
        public_origin: config.http.public_origin.clone(),
        trusted_proxies: config.http.trusted_proxies.clone(),
        session_absolute: Duration::from_secs(u64::from(config.session.absolute_hours) * 3600),
        counts: Arc::clone(counts),
    }
}

/// `site` beside the program's folder: `target/release/carina` finds `target/site`,
/// `/usr/lib/carina/bin/carina` finds `/usr/lib/carina/site`.
fn site_dir(config: &Config) -> PathBuf {
    config
        .site_dir
        .clone()
        .unwrap_or_else(|| beside_program("site"))
}

/// Where the static programs are: where a build puts them, else `programs` beside the folder.
pub fn programs_dir(config: &Config) -> PathBuf {
    config.programs_dir.clone().unwrap_or_else(|| {
        let built = beside_program("x86_64-unknown-linux-gnu/static");
        if built.is_dir() {
            built
        } else {
            beside_program("programs")
        }
    })
}

fn beside_program(name: &str) -> PathBuf {
    std::env::current_exe()
        .ok()
        .and_then(|exe| Some(exe.parent()?.parent()?.join(name)))
        .unwrap_or_else(|| PathBuf::from(name))
}

fn http_tls(
    config: &Config,
    control: &Control,
    own_names: &[String],
) -> Result<Option<TlsFor>, StartError> {
    match &config.http.tls {
        Tls::Files(files) => {
            let made = tls::from_files(&files.cert, &files.key)
                .map_err(|error| failed("http.tls", &error))?;
            let made = Arc::new(made);
            Ok(Some(Arc::new(move |_| Some(Arc::clone(&made)))))
        }
        word if word.is_on() => Ok(Some(minted(
            control,
            own_names.to_vec(),
            Protocols::Http2And1,
        ))),
        _ => Ok(None),
    }
}

fn minted(control: &Control, names: Vec<String>, protocols: Protocols) -> TlsFor {
    let minter = Minter::new(control.discovery_ca(), names, protocols);
    Arc::new(move |local| minter.config_for(local))
}

async fn bind(key: &str, address: SocketAddr) -> Result<TcpListener, StartError> {
    TcpListener::bind(address)
        .await
        .map_err(|error| failed(format!("{key}: listening on {address}"), &error))
}

/// A file that only its owner may read, replaced as a whole.
pub(crate) fn private_file_write(path: &Path, text: &str) -> std::io::Result<()> {
    use std::io::Write as _;
    let new = path.with_extension("new");
    let mut file = std::fs::OpenOptions::new()
        .write(true)
        .create(true)
        .truncate(true)
        .mode(0o600)
        .open(&new)?;
    file.write_all(text.as_bytes())?;
    std::fs::rename(new, path)
}
