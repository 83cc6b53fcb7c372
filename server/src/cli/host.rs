//! `carina host …`: this machine as a host of segments.

use std::process::ExitCode;

use clap::Subcommand;
use host_libvirt::clean::{CleanOptions, clean};
use host_libvirt::doctor::{DoctorOptions, Level, doctor};
use host_libvirt::prepare::{PrepareOptions, prepare, prepared};
use model::ClusterId;
use wire::{HostRules, SegmentRules};

use crate::config::{Config, Hosts, Kind};
use crate::panel::{StartError, failed, programs_dir};

#[derive(Subcommand)]
pub enum HostCommand {
    /// Make this machine able to hold segments: libvirt, hook, storage pool, image
    Prepare,
    /// Say what segments need, what is there, and how to mend what is not
    Doctor,
    /// Take away what Carina made here: everything, or the clusters named
    Clean {
        /// Only this cluster (may be given again)
        #[arg(long = "cluster", value_name = "ID")]
        clusters: Vec<ClusterId>,
    },
}

pub fn run(config: &Config, command: HostCommand) -> Result<ExitCode, StartError> {
    match command {
        HostCommand::Prepare => {
            prepare_local(config)?;
            Ok(ExitCode::SUCCESS)
        }
        HostCommand::Doctor => Ok(examine(config)),
        HostCommand::Clean { clusters } => {
            let options = CleanOptions {
                uri: uri(config),
                clusters,
            };
            let gone = clean(&options).map_err(|error| failed("cleaning", &error))?;
            for line in &gone {
                println!("{line}");
            }
            if gone.is_empty() {
                println!("There was nothing of Carina's.");
            }
            Ok(ExitCode::SUCCESS)
        }
    }
}

/// Prepares this machine when it is a host; gives back the segment image's name. Without root's
/// rights somebody else must have prepared it.
pub fn prepare_local(config: &Config) -> Result<String, StartError> {
    let Some(host) = local(config) else {
        return Ok(String::new());
    };
    if !nix::unistd::geteuid().is_root() {
        return prepared(&programs_dir(config))
            .map_err(|error| failed("this machine is not prepared", &error));
    }
    let options = PrepareOptions {
        uri: host.uri.clone(),
        programs_dir: programs_dir(config),
        rules: rules(config),
    };
    let prepared = prepare(&options, &mut |step| eprintln!("{step}"))
        .map_err(|error| failed("preparing the host", &error))?;
    for change in &prepared.changes {
        eprintln!("{change}");
    }
    Ok(prepared.image)
}

/// What the hook is told of the configuration.
fn rules(config: &Config) -> HostRules {
    let (segment, network) = (&config.segment, &config.network);
    HostRules {
        segment: SegmentRules {
            io_uring: segment.io_uring,
        },
        swap_mib: segment.swap_mib,
        disk_mib_per_s: segment.disk_mib_per_s,
        disk_iops: segment.disk_iops,
        connections: segment.connections,
        egress_allow: network.egress_allow.clone(),
        egress_deny: network.egress_deny.clone(),
    }
}

/// What this machine has to have as a host.
pub fn doctor_options(config: &Config) -> DoctorOptions {
    DoctorOptions {
        uri: uri(config),
        programs_dir: Some(programs_dir(config)),
        id_base: config.segment.id_base,
        // Every segment that the address pool has room for.
        id_count: (1_u32 << (24 - config.network.pool.prefix_len().min(24)))
            .saturating_mul(model::MAX_SEGMENTS * wire::ID_RANGE)
            .min(u32::MAX - config.segment.id_base),
    }
}

fn examine(config: &Config) -> ExitCode {
    let checks = doctor(&doctor_options(config));
    for check in &checks {
        let mark = match check.level {
            Level::Ok => "ok  ",
            Level::Warn => "warn",
            Level::Fail => "FAIL",
        };
        println!("{mark}  {}: {}", check.name, check.found);
        if let Some(mend) = &check.mend {
            println!("      → {mend}");
        }
    }
    if checks.iter().any(|check| check.level == Level::Fail) {
        ExitCode::FAILURE
    } else {
        ExitCode::SUCCESS
    }
}

/// The entry of the list that is this machine: libvirt without a remote part in its URI.
fn local(config: &Config) -> Option<&Hosts> {
    config
        .hosts
        .iter()
        .find(|host| host.kind == Kind::Libvirt && host.uri.contains(":///"))
}

fn uri(config: &Config) -> String {
    local(config).map_or_else(|| Hosts::default().uri, |host| host.uri.clone())
}
