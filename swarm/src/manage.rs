//! `swarm manage`: the cluster's Docker API.
//!
//! A request goes one way: route table → headers → the primary → policy → an engine (or our own
//! state) → a filtered answer. What falls through at any step is refused with Docker's JSON.

mod answer;
mod build;
mod buildkit;
mod cluster;
mod container;
mod create;
mod discover;
mod dispatch;
mod doubt;
mod errand;
mod events;
mod everywhere;
mod exec;
mod gate;
mod image;
mod image_archive;
mod image_copy;
mod image_list;
mod image_name;
mod image_pull;
mod info;
mod inside;
mod last_words;
mod list;
mod memory;
mod network;
mod network_find;
mod network_list;
mod network_members;
mod orders;
mod primary;
mod proxy;
mod prune;
mod refusals;
mod registry;
mod revival;
mod seen;
mod service;
mod swarm;
mod takeover;
mod volume;
mod watchdog;

use std::collections::HashMap;
use std::error::Error;
use std::sync::{Arc, Mutex};

use rustls::ClientConfig;
use rustls::server::danger::ClientCertVerifier;
use tokio::net::{TcpListener, UnixListener};
use tokio::sync::{Notify, watch};
use tokio_rustls::TlsAcceptor;

use crate::agent::stop_on_signals;
use crate::cli::{Fatal, Listen, ManageOptions, TlsFiles};
use crate::engine::{WatchSettings, host_of};
use crate::http::{Listener, serve};
use crate::policy::Policy;
use crate::schedule::Settings;
use crate::tls::{self, Identity as TlsIdentity, TlsError};

use cluster::Cluster;
use gate::{ClientGate, EitherVerifier, Revoked};
use memory::Memory;
use primary::Election;
use refusals::Refusals;

/// Everything that answers requests.
pub struct Manager {
    pub cluster: Arc<Cluster>,
    policy: Policy,
    election: Option<Arc<Election>>,
    gate: Arc<ClientGate>,
    /// Which engine an exec was made on.
    execs: Mutex<HashMap<String, String>>,
    copies: image_copy::Copies,
    /// Held while a network is made.
    network_turn: tokio::sync::Mutex<()>,
    /// Which engine somebody's builds go to.
    builders: build::Builders,
    discovery_kick: Arc<Notify>,
    refusals: Refusals,
    /// Name of the segment that this manager is in.
    node: Option<String>,
    cors: bool,
    is_experimental: bool,
    create_retry: u32,
}

pub async fn run(options: ManageOptions) -> Result<(), Fatal> {
    let stop = stop_on_signals()?;
    let material = Material::read(&options).map_err(|error| fatal("TLS", &error))?;
    let cluster = Arc::new(Cluster::new(
        material.engines.clone(),
        WatchSettings {
            refresh_min: options.refresh_min,
            refresh_max: options.refresh_max,
            failure_retry: options.failure_retry,
        },
        Settings {
            overcommit: options.overcommit,
            filters: options.filters,
        },
    ));
    let election = match (&options.cluster, &options.advertise, &material.engines) {
        (Some(_), Some(advertise), Some(tls)) => {
            let tls = material.managers_client(tls);
            Some(Election::new(advertise.clone(), tls))
        }
        _ => None,
    };
    let seen = Arc::new(seen::Seen::default());
    let memory = Arc::new(Memory::open(options.memory_dir.clone()));
    let (revoked, revoked_seen) = watch::channel(Revoked::new(memory.revoked()));
    let gate = Arc::new(ClientGate {
        cluster: options.cluster.clone(),
        managers: material.managers.clone(),
        verify: options.tls.as_ref().is_some_and(|files| files.ca.is_some()),
        revoked: revoked_seen,
        seen: Arc::clone(&seen),
        inside: inside::Inside::default(),
    });
    let refusals = match options.cluster {
        Some(_) => Refusals::told_to(options.discovery.clone(), stop.clone()),
        None => Refusals::default(),
    };
    let manager = Arc::new(Manager {
        refusals,
        cluster: Arc::clone(&cluster),
        policy: if options.is_policed {
            Policy::carina()
        } else {
            Policy::off()
        },
        election: election.clone(),
        gate: Arc::clone(&gate),
        execs: Mutex::default(),
        copies: image_copy::Copies::default(),
        network_turn: tokio::sync::Mutex::default(),
        builders: build::Builders::default(),
        discovery_kick: Arc::new(Notify::new()),
        node: options.node.clone(),
        cors: options.cors,
        is_experimental: options.is_experimental,
        create_retry: options.create_retry,
    });
    let own_host = election
        .as_ref()
        .and(options.advertise.as_deref())
        .map(host_of);
    let discover = discover::Discover {
        discovery: options.discovery.clone(),
        heartbeat: options.heartbeat,
        own_host: own_host.map(str::to_owned),
        kick: Arc::clone(&manager.discovery_kick),
        memory: Arc::clone(&memory),
    };
    tokio::spawn(discover.run(Arc::clone(&cluster), stop.clone()));
    if options.cluster.is_some() {
        let discovery = options.discovery.clone();
        let telling = seen::tell(seen, discovery.clone(), stop.clone());
        tokio::spawn(telling);
        let stop = stop.clone();
        tokio::spawn(gate::revocations_follow(discovery, revoked, memory, stop));
    }
    tokio::spawn(watchdog::run(
        Arc::clone(&manager),
        options.reschedule_delay,
        stop.clone(),
    ));
    if let Some(election) = election {
        tokio::spawn(election.run(cluster, stop.clone()));
    }
    let acceptor = material
        .server
        .map(|config| TlsAcceptor::from(Arc::new(config)));
    for listen in &options.listen {
        let listener = listen_on(listen).await?;
        let (gate, manager) = (Arc::clone(&gate), Arc::clone(&manager));
        tokio::spawn(serve(
            listener,
            acceptor.clone(),
            gate,
            manager,
            stop.clone(),
        ));
    }
    stop.cancelled().await;
    Ok(())
}

async fn listen_on(listen: &Listen) -> Result<Listener, Fatal> {
    let cannot = |what: &dyn std::fmt::Display, error: std::io::Error| {
        Fatal::new(format!("cannot listen on {what}: {error}"))
    };
    match listen {
        Listen::Tcp(address) => {
            // `:2375` is every address, as in Go.
            let address = match address.strip_prefix(':') {
                Some(port) => format!("0.0.0.0:{port}"),
                None => address.clone(),
            };
            let listener = TcpListener::bind(&address).await;
            let listener = listener.map_err(|error| cannot(&address, error))?;
            tracing::info!(addr = address, "Listening for HTTP");
            Ok(Listener::Tcp(listener))
        }
        Listen::Unix(path) => {
            let _ = std::fs::remove_file(path);
            let listener = UnixListener::bind(path);
            Ok(Listener::Unix(
                listener.map_err(|error| cannot(&path.display(), error))?,
            ))
        }
    }
}

fn fatal(what: &str, error: &TlsError) -> Fatal {
    let source = error.source().map(|source| format!(": {source}"));
    Fatal::new(format!("{what}: {error}{}", source.unwrap_or_default()))
}

/// All that TLS needs, out of the files.
struct Material {
    server: Option<rustls::ServerConfig>,
    /// Towards engines and other managers.
    engines: Option<Arc<ClientConfig>>,
    /// Who vouches for other managers.
    managers: Option<Arc<dyn ClientCertVerifier>>,
    /// Who vouches for the servers that other managers are: the cluster's own authority.
    manager_servers: Option<(TlsFiles, rustls::RootCertStore)>,
}

impl Material {
    fn read(options: &ManageOptions) -> Result<Self, TlsError> {
        let engines = options.engine_tls.as_ref().map(client_read).transpose()?;
        let separate = options.cluster.is_some() && options.engine_tls != options.tls;
        let managers = match options
            .engine_tls
            .as_ref()
            .and_then(|files| files.ca.as_ref())
        {
            Some(ca) if separate => Some(tls::client_verifier(tls::roots_read(ca)?)?),
            _ => None,
        };
        let server = options
            .tls
            .as_ref()
            .map(|files| server_read(files, &managers))
            .transpose()?;
        let authority = options.tls.as_ref().and_then(|files| files.ca.as_ref());
        let manager_servers = match (authority, &options.engine_tls) {
            (Some(ca), Some(files)) if separate => Some((files.clone(), tls::roots_read(ca)?)),
            _ => None,
        };
        Ok(Self {
            server,
            engines: engines.map(Arc::new),
            managers,
            manager_servers,
        })
    }

    /// A manager shows its engine identity to another and trusts the cluster's authority.
    fn managers_client(&self, fallback: &Arc<ClientConfig>) -> Arc<ClientConfig> {
        self.manager_servers
            .as_ref()
            .and_then(|(files, roots)| {
                let identity = TlsIdentity::read(files).ok()?;
                tls::client_config(roots.clone(), Some(identity)).ok()
            })
            .map_or_else(|| Arc::clone(fallback), Arc::new)
    }
}

fn client_read(files: &TlsFiles) -> Result<ClientConfig, TlsError> {
    let identity = Some(TlsIdentity::read(files)?);
    match &files.ca {
        Some(ca) => tls::client_config(tls::roots_read(ca)?, identity),
        None => tls::client_config_unverified(identity),
    }
}

fn server_read(
    files: &TlsFiles,
    managers: &Option<Arc<dyn ClientCertVerifier>>,
) -> Result<rustls::ServerConfig, TlsError> {
    let verifier = match &files.ca {
        None => None,
        Some(ca) => {
            let clients = tls::client_verifier(tls::roots_read(ca)?)?;
            Some(match managers {
                Some(managers) => {
                    Arc::new(EitherVerifier::new(clients, Arc::clone(managers))) as Arc<_>
                }
                None => clients,
            })
        }
    };
    tls::server_config(TlsIdentity::read(files)?, verifier)
}
