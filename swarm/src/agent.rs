//! `swarm join`: tells discovery that this engine is alive, and (in a segment) guards its door.

mod door;
mod fence;

use std::path::PathBuf;
use std::sync::Arc;
use std::time::Duration;

use tokio::net::TcpListener;
use tokio::signal::unix::{SignalKind, signal};
use tokio_rustls::TlsAcceptor;
use tokio_util::sync::CancellationToken;

use crate::cli::{Fatal, JoinOptions, TlsFiles, files_from_env};
use crate::discovery::Discovery;
use crate::http::{Listener, Pool, Target, serve};
use crate::tls;

/// What turns the door on; without it `join` is the archived program's.
pub const ENV_PREFIX: &str = "SWARM_AGENT";
/// The engine's socket, unless `SWARM_AGENT_ENGINE` names another (tests).
const ENGINE_SOCKET: &str = "/var/run/docker.sock";

/// Between two looks whether the engine answers yet: a segment's start waits for it.
const ENGINE_RETRY: Duration = Duration::from_millis(5);
/// Between two tries to register, doubled up to the heartbeat.
const REGISTER_RETRY: Duration = Duration::from_millis(20);

pub async fn run(options: JoinOptions) -> Result<(), Fatal> {
    let stop = stop_on_signals()?;
    let door = match files_from_env(ENV_PREFIX)? {
        Some(files) => Some(door_open(&files, &options.advertise, stop.clone()).await?),
        None => None,
    };
    tokio::select! {
        () = stop.cancelled() => Ok(()),
        () = heartbeat(&options, door) => Ok(()),
    }
}

/// Opens the agent's door; gives back the engine behind it.
async fn door_open(
    files: &TlsFiles,
    advertise: &str,
    stop: CancellationToken,
) -> Result<Arc<Pool>, Fatal> {
    let fatal = |error: &dyn std::fmt::Display| Fatal::new(format!("agent's door: {error}"));
    let roots = files
        .ca
        .as_deref()
        .map(tls::roots_read)
        .transpose()
        .map_err(|error| fatal(&error))?
        .unwrap_or_else(rustls::RootCertStore::empty);
    let identity = tls::Identity::read(files).map_err(|error| fatal(&error))?;
    let own = identity.chain.first().and_then(tls::Peer::read);
    let gate = door::EngineGate {
        cluster: own.and_then(|own| own.cluster),
    };
    let verifier = tls::client_verifier(roots).map_err(|error| fatal(&error))?;
    let config = tls::server_config(identity, Some(verifier)).map_err(|error| fatal(&error))?;
    let listener = TcpListener::bind(advertise)
        .await
        .map_err(|error| Fatal::new(format!("cannot listen on {advertise}: {error}")))?;
    let socket = |name: &str, default: &str| {
        let path = std::env::var_os(name).map_or_else(|| default.into(), PathBuf::from);
        Pool::new(Target::Unix(path))
    };
    let engine = socket("SWARM_AGENT_ENGINE", ENGINE_SOCKET);
    let door = door::Door {
        engine: Arc::clone(&engine),
        init: socket("SWARM_AGENT_INIT", wire::INIT_SOCKET),
        fence: fence::Fence::default(),
    };
    tokio::spawn(serve(
        Listener::Tcp(listener),
        Some(TlsAcceptor::from(Arc::new(config))),
        Arc::new(gate),
        Arc::new(door),
        stop,
    ));
    Ok(engine)
}

/// Registers for ever. With a door: only once the engine behind it answers, and no longer when it
/// has stopped to, so that managers do not wait for a dead one.
async fn heartbeat(options: &JoinOptions, engine: Option<Arc<Pool>>) {
    if !options.delay.is_zero() {
        tokio::time::sleep(options.delay.mul_f64(rand::random::<f64>())).await;
    }
    loop {
        if let Some(engine) = &engine {
            while !door::engine_answers(engine).await {
                tokio::time::sleep(ENGINE_RETRY).await;
            }
        }
        register(&options.discovery, options).await;
        tokio::time::sleep(options.heartbeat).await;
    }
}

/// One heartbeat, tried until it gets through.
async fn register(discovery: &Discovery, options: &JoinOptions) {
    let mut pause = REGISTER_RETRY;
    let mut told = false;
    loop {
        match discovery.register(&options.advertise, options.ttl).await {
            Ok(()) => {
                tracing::info!(
                    addr = options.advertise,
                    "Registering on the discovery service"
                );
                return;
            }
            Err(error) => {
                if !told {
                    tracing::warn!(addr = options.advertise, %error, "registering failed");
                    told = true;
                }
                tokio::time::sleep(pause).await;
                pause = (pause * 2).min(options.heartbeat.min(Duration::from_secs(5)));
            }
        }
    }
}

/// A token that SIGTERM and SIGINT cancel. As PID 1 in a container nothing would end us otherwise.
pub(crate) fn stop_on_signals() -> Result<CancellationToken, Fatal> {
    let stop = CancellationToken::new();
    for kind in [SignalKind::terminate(), SignalKind::interrupt()] {
        let mut signal = signal(kind)
            .map_err(|error| Fatal::new(format!("cannot wait for signals: {error}")))?;
        let stop = stop.clone();
        tokio::spawn(async move {
            signal.recv().await;
            stop.cancel();
        });
    }
    Ok(stop)
}
