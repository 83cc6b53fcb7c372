//! libvirt, and what `prepare` made in it and beside it.

use std::fs;
use std::path::Path;

use virt::connect::Connect;
use virt::storage_pool::StoragePool;

use super::{Check, DoctorOptions, PREPARE};
use crate::prepare::{HOOK, daemon, image_digest};
use crate::{POOL, connection, existing, local};

pub fn checks(options: &DoctorOptions) -> Vec<Check> {
    let mut checks = vec![hook(options), image(options)];
    let connect = match connection::open(&options.uri) {
        Ok(connect) => connect,
        Err(why) => {
            checks.push(Check::fail("libvirt", why, PREPARE));
            return checks;
        }
    };
    let version = connect.get_lib_version().unwrap_or(0);
    let version = format!(
        "{}.{}.{} ({})",
        version / 1_000_000,
        version / 1000 % 1000,
        version % 1000,
        options.uri
    );
    checks.push(Check::ok("libvirt", version));
    checks.push(pool(&connect));
    if local::is_local(&options.uri) {
        checks.push(daemon());
    }
    checks.push(strays(&connect, options));
    checks
}

fn hook(options: &DoctorOptions) -> Check {
    let Ok(found) = fs::read(HOOK) else {
        return Check::fail("hook", format!("{HOOK} is missing"), PREPARE);
    };
    let wanted = options
        .programs_dir
        .as_ref()
        .and_then(|dir| fs::read(dir.join("segment-hook")).ok());
    match wanted {
        Some(wanted) if wanted != found => {
            Check::warn("hook", "another version than this program's", PREPARE)
        }
        _ => Check::ok("hook", HOOK),
    }
}

fn image(options: &DoctorOptions) -> Check {
    let images = Path::new(wire::STATE_DIR).join("images");
    if let Some(dir) = &options.programs_dir {
        return match image_digest(dir) {
            Ok(name) if images.join(&name).exists() => Check::ok("image", name),
            Ok(name) => Check::fail("image", format!("{name} is not made yet"), PREPARE),
            Err(error) => Check::fail(
                "image",
                error.to_string(),
                "build the static programs (segment-init, swarm)",
            ),
        };
    }
    let count = fs::read_dir(&images).map_or(0, Iterator::count);
    if count > 0 {
        Check::ok("image", format!("{count} images"))
    } else {
        Check::fail("image", "there is none", PREPARE)
    }
}

fn pool(connect: &Connect) -> Check {
    let found = existing(StoragePool::lookup_by_name(connect, POOL), "pool_find");
    match found {
        Ok(Some(pool)) if pool.is_active().unwrap_or(false) => Check::ok("storage pool", POOL),
        Ok(Some(_)) => Check::fail("storage pool", "it is not started", PREPARE),
        Ok(None) => Check::fail("storage pool", "it is missing", PREPARE),
        Err(error) => Check::fail("storage pool", error.to_string(), PREPARE),
    }
}

/// A daemon that started before there was a hook does not call it.
fn daemon() -> Check {
    let Some(pid) = local::libvirtd() else {
        return Check::ok("libvirt's daemon", "started on demand");
    };
    let dir = Path::new(HOOK).parent().unwrap_or(Path::new("/"));
    let made = fs::metadata(dir).and_then(|dir| dir.created());
    let began = fs::metadata(format!("/proc/{pid}")).and_then(|process| process.modified());
    if let (Ok(made), Ok(began)) = (made, began)
        && began < made
    {
        let mend = format!("restart it (PID {pid}); segments go on running");
        return Check::fail(
            "libvirt's daemon",
            "it began before the hook was there",
            mend,
        );
    }
    let sees_hybrid = fs::read_to_string(format!("/proc/{pid}/mounts"))
        .is_ok_and(|mounts| mounts.contains(&format!(" {} ", daemon::HYBRID)));
    if sees_hybrid {
        let mend = format!("stop it (PID {pid}), then {PREPARE}");
        return Check::fail(
            "libvirt's daemon",
            "it sees both cgroup hierarchies, which its LXC driver cannot bear",
            mend,
        );
    }
    Check::ok("libvirt's daemon", format!("PID {pid}"))
}

fn strays(connect: &Connect, options: &DoctorOptions) -> Check {
    match local::strays(connect, local::is_local(&options.uri)) {
        Ok(strays) if strays.0.is_empty() => Check::ok("strays", "none"),
        Ok(strays) => Check::warn(
            "strays",
            strays.0.join("; "),
            "run `carina host clean --cluster ID` with the ids named here",
        ),
        Err(error) => Check::warn("strays", error.to_string(), PREPARE),
    }
}
