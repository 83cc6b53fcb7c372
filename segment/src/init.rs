//! PID 1 of a segment: makes the namespace fit for a Docker Engine, runs it, and keeps the system
//! containers that make the segment part of its cluster.
//!
//! Everything that can happen side by side does: a cluster is there as fast as its slowest segment.
//! Nothing sleeps where it could wait for something. What must not happen: that a segment stays
//! without its agent and manager while its engine runs, or that a stop cuts containers off
//! without asking them first.

mod boot;
mod confine;
mod containers;
mod daemons;
mod docker;
mod door;
mod early;
mod files;
mod image;
mod journal;
mod mesh;
mod process;
mod seed;
mod status;
mod system;

use std::process::ExitCode;
use std::sync::Arc;

use tokio::signal::unix::{SignalKind, signal};

use boot::Boot;
use journal::log;
use seed::Seeds;
use system::System;

/// Child of libvirt's group that the hook moves a segment into on cgroup v2.
pub const CGROUP_V2_NAME: &str = "segment";

/// libvirt's word for "the power fails": an orderly stop.
const SIGPWR: i32 = 30;

type Error = Box<dyn std::error::Error + Send + Sync>;

pub fn main() -> ExitCode {
    let boot = Boot::begin();
    if std::process::id() != 1 {
        eprintln!("segment-init: this is PID 1 of a segment and nothing else");
        return ExitCode::FAILURE;
    }
    journal::open();
    let result = early::prepare().and_then(|()| {
        confine::begin()?;
        boot.reached("init");
        let runtime = tokio::runtime::Builder::new_current_thread()
            .enable_all()
            .build()?;
        runtime.block_on(run(Arc::new(boot)))
    });
    match result {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            log(&format!("giving up: {error}"));
            ExitCode::FAILURE
        }
    }
}

async fn run(boot: Arc<Boot>) -> Result<(), Error> {
    let seeds = Arc::new(Seeds::load()?);
    let seed = seeds.current();
    early::link(&seed);
    early::name(&seed)?;
    files::write_identities(&seed)?;
    // The agent binds the directory of this socket, so it is there before any container.
    let listener = door::listen()?;

    let mut reaper = process::Reaper::new()?;
    let daemons = daemons::Daemons::start(reaper.spawner(), Arc::clone(&boot));
    let system = Arc::new(System::new(Arc::clone(&seeds), Arc::clone(&boot)));
    let door = door::serve(listener, Arc::clone(&system));
    let keep = system::keep(Arc::clone(&system), daemons.engine());
    let mesh = mesh::keep(reaper.spawner(), daemons.engine());
    let mut terminate = signal(SignalKind::terminate())?;
    let mut interrupt = signal(SignalKind::interrupt())?;
    let mut power = signal(SignalKind::from_raw(SIGPWR))?;

    let stopping = async {
        tokio::select! {
            _ = terminate.recv() => {}
            _ = interrupt.recv() => {}
            _ = power.recv() => {}
        }
    };
    tokio::select! {
        () = stopping => {}
        () = reaper.run() => {}
        () = daemons.supervise() => {}
        () = door => {}
        () = keep => {}
        () = mesh => {}
    }
    log("stopping");
    tokio::select! {
        () = daemons.stop() => {}
        () = reaper.run() => {}
    }
    process::end_all();
    Ok(())
}

/// A seed as the panel writes it.
#[cfg(test)]
pub fn test_seed(generation: u64, node: &str) -> String {
    serde_json::json!({
        "version": 1, "generation": generation,
        "cluster": "00000000-0000-0000-0000-000000000007",
        "node": node, "ordinal": 1, "address": "10.83.0.11", "gateway": "10.83.0.1",
        "nameservers": ["10.83.0.1"], "discovery": "token://10.83.0.1:17946/v1/t",
        "panel_ca_pem": "panel",
        "manager": {"ca_pem": "ca", "server_cert_pem": "cert", "server_key_pem": "key"},
        "engine": {"ca_pem": "eca", "agent_cert_pem": "ac", "agent_key_pem": "ak",
                   "manager_cert_pem": "mc", "manager_key_pem": "mk"},
    })
    .to_string()
}
