//! Limits that libvirt does not set: swap, and the disk's speed.
//!
//! What a kernel has no file for is not limited; `host doctor` says what is missing.

use std::fs;
use std::io;
use std::os::unix::fs::MetadataExt;
use std::path::Path;

use wire::HostRules;

use super::domain::Domain;

/// On v1: `group` is the segment's in the hierarchy of these controllers.
pub fn set_v1(
    controllers: &str,
    group: &Path,
    domain: &Domain,
    rules: &HostRules,
) -> io::Result<()> {
    let has = |name| controllers.split(',').any(|one| one == name);
    if has("memory") {
        let memory: u64 = fs::read_to_string(group.join("memory.limit_in_bytes"))?
            .trim()
            .parse()
            .map_err(io::Error::other)?;
        // Memory and swap together.
        let both = memory.saturating_add(rules.swap_mib << 20);
        set(group, "memory.memsw.limit_in_bytes", &both.to_string())?;
    }
    if has("blkio") {
        let (major, minor) = disk(domain)?;
        for (kind, limit) in [
            ("bps", rules.disk_mib_per_s << 20),
            ("iops", rules.disk_iops),
        ] {
            for way in ["read", "write"] {
                let file = format!("blkio.throttle.{way}_{kind}_device");
                set(group, &file, &format!("{major}:{minor} {limit}"))?;
            }
        }
    }
    Ok(())
}

/// On v2: `group` is the one the segment sees as its root.
pub fn set_v2(group: &Path, domain: &Domain, rules: &HostRules) -> io::Result<()> {
    let swap = rules.swap_mib << 20;
    set(group, "memory.swap.max", &swap.to_string())?;
    let (major, minor) = disk(domain)?;
    let limit = |limit: u64| match limit {
        0 => "max".to_owned(),
        limit => limit.to_string(),
    };
    let (bytes, calls) = (limit(rules.disk_mib_per_s << 20), limit(rules.disk_iops));
    set(
        group,
        "io.max",
        &format!("{major}:{minor} rbps={bytes} wbps={bytes} riops={calls} wiops={calls}"),
    )
}

/// Numbers of the loop device that is mounted as the segment's disk.
fn disk(domain: &Domain) -> io::Result<(u32, u32)> {
    let path = format!("{}/segments/{}/disk", wire::STATE_DIR, domain.node);
    let device = fs::metadata(path)?.dev();
    Ok((rustix::fs::major(device), rustix::fs::minor(device)))
}

fn set(group: &Path, file: &str, value: &str) -> io::Result<()> {
    let path = group.join(file);
    match fs::write(&path, value) {
        // Not every kernel counts swap, or has a speed limit for disks.
        Err(why) if why.kind() == io::ErrorKind::NotFound => Ok(()),
        Err(why) => Err(io::Error::other(format!("{file}: {why}"))),
        Ok(()) => Ok(()),
    }
}
