//! Takes away what Carina made on this machine, and nothing else.
//!
//! Blocking: call it off the async threads. Domains go first, their traces after them, so that
//! nothing in use is pulled away; what cannot be removed is told and does not stop the rest.

use std::fs;
use std::path::Path;
use std::process::Command;

use host::NodeName;
use model::ClusterId;
use virt::connect::Connect;
use virt::storage_pool::StoragePool;
use wire::{RULES_FILE, STATE_DIR};

use crate::prepare::{HOOK, PrepareError, daemon, system};
use crate::{POOL, connection, existing, local, network, segment, volume};

#[derive(Debug, Clone)]
pub struct CleanOptions {
    pub uri: String,
    /// Only these clusters' domains, networks, volumes and mounts. Empty: all clusters, and then
    /// the pool, the hook, the firewall, the image and what else `prepare` made as well. The
    /// panel's own data (`/var/lib/carina/panel`) stays in every case.
    pub clusters: Vec<ClusterId>,
}

#[derive(Debug, thiserror::Error)]
#[error("{what}: {why}")]
pub struct CleanError {
    pub what: String,
    pub why: String,
}

impl From<PrepareError> for CleanError {
    fn from(error: PrepareError) -> Self {
        Self {
            what: error.what,
            why: error.why,
        }
    }
}

/// A line for each thing taken away.
pub fn clean(options: &CleanOptions) -> Result<Vec<String>, CleanError> {
    virt::error::clear_error_callback();
    let mut done = Vec::new();
    let connect = match connection::open(&options.uri) {
        Ok(connect) => Some(connect),
        // A host that never had libvirt has nothing of ours in it.
        Err(_) if local::libvirtd().is_none() && !Path::new(HOOK).exists() => None,
        Err(why) => {
            return Err(CleanError {
                what: format!("connecting to libvirt at {}", options.uri),
                why,
            });
        }
    };
    let is_meant =
        |cluster: ClusterId| options.clusters.is_empty() || options.clusters.contains(&cluster);
    if let Some(connect) = &connect {
        clusters(connect, &is_meant, &mut done).map_err(|error| CleanError {
            what: "removing segments and networks".into(),
            why: error.to_string(),
        })?;
    }
    if local::is_local(&options.uri) {
        for trace in local::traces() {
            if is_meant(trace.node.cluster) {
                remove_trace(&trace);
                done.push(format!("removed {}", trace.what));
            }
        }
    }
    if options.clusters.is_empty() {
        if let Some(connect) = &connect {
            remove_pool(connect, &mut done);
        }
        if local::is_local(&options.uri) {
            remove_preparations(&mut done);
        }
    }
    Ok(done)
}

fn clusters(
    connect: &Connect,
    is_meant: &dyn Fn(ClusterId) -> bool,
    done: &mut Vec<String>,
) -> Result<(), host::HostError> {
    let volumes = volume::list(connect)?;
    let mut nodes: Vec<NodeName> = segment::list(connect)?.into_keys().collect();
    nodes.extend(volumes.disks);
    nodes.extend(volumes.seeds);
    nodes.sort();
    nodes.dedup();
    for node in nodes.iter().filter(|node| is_meant(node.cluster)) {
        segment::ensure_gone(connect, node)?;
        done.push(format!("removed the segment {node}"));
    }
    for cluster in network::clusters(connect)? {
        if is_meant(cluster) {
            network::ensure_gone(connect, cluster)?;
            done.push(format!("removed the network of {cluster}"));
        }
    }
    Ok(())
}

/// What a hook that did not run has left. Each may be gone by itself.
fn remove_trace(trace: &local::Trace) {
    match &trace.kind {
        local::TraceKind::Mount(point) => {
            let point = point.to_string_lossy();
            // The mount is where libvirtd lives, which may be a namespace of its own.
            if let Some(pid) = local::libvirtd() {
                let target = pid.to_string();
                quietly("nsenter", &["-t", &target, "-m", "umount", "-l", &point]);
            }
            quietly("umount", &["-l", &point]);
        }
        local::TraceKind::Loop(device) => quietly("losetup", &["-d", &format!("/dev/{device}")]),
        local::TraceKind::Dir(dir) => {
            // Never a tree: if a mount is still there, what is in it is not ours to delete.
            for name in ["root", "lower", "disk", "seed"] {
                if name == "seed" {
                    let _ = fs::remove_file(dir.join(name).join(wire::SEED_FILE));
                }
                let _ = fs::remove_dir(dir.join(name));
            }
            let _ = fs::remove_dir(dir);
        }
        local::TraceKind::Cgroup(dir) => {
            let _ = fs::remove_dir(dir);
        }
    }
}

fn remove_pool(connect: &Connect, done: &mut Vec<String>) {
    let pool = existing(StoragePool::lookup_by_name(connect, POOL), "pool_remove");
    if let Ok(Some(pool)) = pool {
        let _ = pool.destroy();
        if pool.undefine().is_ok() {
            done.push(format!("removed the storage pool {POOL}"));
        }
    }
}

fn remove_preparations(done: &mut Vec<String>) {
    for family in ["inet", "bridge"] {
        quietly("/usr/sbin/nft", &["delete", "table", family, "carina"]);
    }
    // libvirtd goes on in it; it is no longer kept beyond that.
    if daemon::is_namespace_kept() {
        quietly("umount", &[daemon::NAMESPACE]);
        done.push("let go of libvirtd's mount namespace".into());
    }
    let _ = fs::remove_file(daemon::NAMESPACE);
    if Path::new(system::PROFILE_FILE).exists() {
        // It reads the file, which goes after it.
        quietly("apparmor_parser", &["--remove", system::PROFILE_FILE]);
    }
    if system::libvirtd_rule_remove() {
        done.push("took back libvirtd's right to run the hook".into());
    }
    let rules = format!("{STATE_DIR}/{RULES_FILE}");
    for file in [
        HOOK,
        system::PROFILE_FILE,
        system::SYSCTL_FILE,
        system::MODULES_FILE,
        &rules,
    ] {
        if fs::remove_file(file).is_ok() {
            done.push(format!("removed {file}"));
        }
    }
    for name in ["images", "cache"] {
        let dir = Path::new(STATE_DIR).join(name);
        if dir.exists() && fs::remove_dir_all(&dir).is_ok() {
            done.push(format!("removed {}", dir.display()));
        }
    }
    // Not trees: whatever is still in them is not known here.
    for name in ["pool", "segments", ""] {
        let _ = fs::remove_dir(Path::new(STATE_DIR).join(name));
    }
}

fn quietly(program: &str, arguments: &[&str]) {
    // What it was to remove may be gone already, and the program with it.
    let _ = Command::new(program).args(arguments).output();
}
