//! What PID 1 does alone, before anything else runs: cgroups, mounts, names.

use std::fs;
use std::io;
use std::path::Path;
use std::process::Command;
use std::time::{Duration, Instant};

use rustix::mount::{MountFlags, MountPropagationFlags, UnmountFlags};
use rustix::thread::UnshareFlags;
use wire::SegmentSeed;

use super::{CGROUP_V2_NAME, Error, log};
use crate::sys;

const CGROUP: &str = "/sys/fs/cgroup";
/// How long the hook may take to give the segment its groups; it takes some 20 ms.
const GROUPS_WITHIN: Duration = Duration::from_secs(5);

pub fn prepare() -> Result<(), Error> {
    let groups = wait_for_groups()?;
    sys::unshare(UnshareFlags::NEWCGROUP | UnshareFlags::NEWNS)?;
    rustix::mount::mount_change(
        "/",
        MountPropagationFlags::PRIVATE | MountPropagationFlags::REC,
    )?;
    mount_cgroups(&groups).map_err(|why| format!("mounting the cgroups: {why}"))?;
    make_writable();
    // A socket or a PID file of the last run would keep the daemons from starting.
    for dir in ["/run", "/tmp"] {
        let mode = if dir == "/run" {
            c"mode=755"
        } else {
            c"mode=1777"
        };
        rustix::mount::mount("tmpfs", dir, "tmpfs", MountFlags::NODEV, mode)?;
    }
    // Containers may share mounts with each other below the segment's root.
    rustix::mount::mount_change(
        "/",
        MountPropagationFlags::SHARED | MountPropagationFlags::REC,
    )?;
    Ok(())
}

/// The uplink's hardware address is part of who a segment is to its host's packet filter. A host's
/// udev may give a new link one of its own (`MACAddressPolicy=persistent`) after libvirt has set it
/// and before it comes here; then it is set again. Nothing of a segment depends on this where all is
/// well, so that it cannot be done stops nothing.
pub fn link(seed: &SegmentSeed) {
    let own = wire::segment_mac(seed.address);
    match fs::read_to_string("/sys/class/net/eth0/address") {
        Ok(found) if found.trim() != own => {
            let arguments = ["link", "set", "dev", "eth0", "address", &own];
            let done = Command::new("ip").args(arguments).status();
            log(&format!(
                "the uplink had {}, and gets {own}: {done:?}",
                found.trim()
            ));
        }
        Ok(_) | Err(_) => {}
    }
}

/// Host name, hosts, resolver: from the seed.
pub fn name(seed: &SegmentSeed) -> Result<(), Error> {
    rustix::system::sethostname(seed.node.as_bytes())?;
    fs::write("/etc/hostname", format!("{}\n", seed.node))?;
    fs::write(
        "/etc/hosts",
        format!(
            "127.0.0.1 localhost\n::1 localhost\n{} {}\n",
            seed.address, seed.node
        ),
    )?;
    let resolver: String = seed
        .nameservers
        .iter()
        .map(|server| format!("nameserver {server}\n"))
        .collect();
    fs::write("/etc/resolv.conf", resolver)?;
    Ok(())
}

/// The lines of /proc/self/cgroup once the hook has moved this process: until then every child
/// would be born in a group that the segment may not divide.
fn wait_for_groups() -> io::Result<String> {
    let until = Instant::now() + GROUPS_WITHIN;
    loop {
        let groups = fs::read_to_string("/proc/self/cgroup")?;
        if is_given(&groups) {
            return Ok(groups);
        }
        if Instant::now() > until {
            // A start with fewer limits than it should have is not a start.
            return Err(io::Error::other(
                "the host's hook did not give this segment its cgroups",
            ));
        }
        std::thread::sleep(Duration::from_millis(1));
    }
}

fn is_given(groups: &str) -> bool {
    let hierarchies: Vec<(&str, &str)> = groups.lines().filter_map(hierarchy).collect();
    let pids = hierarchies.iter().find(|(names, _)| *names == "pids");
    match pids {
        Some((_, path)) => path.starts_with("/carina.segments/"),
        None if hierarchies.iter().any(|(names, _)| !names.is_empty()) => true,
        None => hierarchies
            .iter()
            .any(|(_, path)| path.ends_with(&format!("/{CGROUP_V2_NAME}"))),
    }
}

/// Controllers (empty on v2) and path of one line.
fn hierarchy(line: &str) -> Option<(&str, &str)> {
    let (_, rest) = line.split_once(':')?;
    rest.split_once(':')
}

/// libvirt shows the host's whole hierarchies; the segment gets its own parts instead.
fn mount_cgroups(groups: &str) -> io::Result<()> {
    while rustix::mount::unmount(CGROUP, UnmountFlags::DETACH).is_ok() {}
    let flags = MountFlags::NOSUID | MountFlags::NODEV | MountFlags::NOEXEC;
    // In a hierarchy whose root this process is in, it would see the host's groups.
    let v1: Vec<&str> = groups
        .lines()
        .filter_map(hierarchy)
        .filter(|(names, path)| !names.is_empty() && *path != "/")
        .map(|(names, _)| names)
        .collect();
    if v1.is_empty() {
        rustix::mount::mount("cgroup2", CGROUP, "cgroup2", flags, None)?;
        return divide_v2();
    }
    rustix::mount::mount("tmpfs", CGROUP, "tmpfs", flags, c"mode=755")?;
    for names in v1 {
        let dir = Path::new(CGROUP).join(names.trim_start_matches("name="));
        fs::create_dir(&dir)?;
        let options = if names.starts_with("name=") {
            format!("none,{names}")
        } else {
            names.to_owned()
        };
        let options = std::ffi::CString::new(options)?;
        if let Err(why) = rustix::mount::mount("cgroup", &dir, "cgroup", flags, &*options) {
            log(&format!("no cgroup {names}: {why}"));
            fs::remove_dir(&dir)?;
            continue;
        }
        for name in names.split(',').filter(|name| *name != names) {
            std::os::unix::fs::symlink(names, Path::new(CGROUP).join(name))?;
        }
    }
    Ok(())
}

/// A group that holds processes cannot hand controllers on: this process goes into a leaf.
fn divide_v2() -> io::Result<()> {
    let root = Path::new(CGROUP);
    let leaf = root.join("init");
    fs::create_dir_all(&leaf)?;
    fs::write(leaf.join("cgroup.procs"), "1")?;
    // The hook hands them on just after it has moved this process.
    let until = Instant::now() + GROUPS_WITHIN;
    let controllers = loop {
        let controllers = fs::read_to_string(root.join("cgroup.controllers"))?;
        let has = |name| controllers.split_whitespace().any(|one| one == name);
        if (has("memory") && has("pids")) || Instant::now() > until {
            break controllers;
        }
        std::thread::sleep(Duration::from_millis(1));
    };
    for name in controllers.split_whitespace() {
        if let Err(why) = fs::write(root.join("cgroup.subtree_control"), format!("+{name}")) {
            log(&format!("no cgroup controller {name}: {why}"));
        }
    }
    Ok(())
}

/// libvirt mounts these read-only; Docker's networks need them writable. They are the segment's
/// own: its user namespace decides what may be written.
fn make_writable() {
    for path in ["/proc/sys", "/proc/sys/net/ipv4", "/proc/sys/net/ipv6"] {
        if let Err(why) = rustix::mount::mount_remount(
            path,
            MountFlags::BIND | MountFlags::NOSUID | MountFlags::NODEV | MountFlags::NOEXEC,
            "",
        ) {
            log(&format!("{path} stays read-only: {why}"));
        }
    }
}

#[cfg(test)]
mod tests {
    use super::is_given;

    #[test]
    fn the_init_waits_until_it_is_moved() {
        let v1 = "5:pids:/\n4:memory:/machine/lxc-1-x.libvirt-lxc\n0::/";
        assert!(!is_given(v1));
        assert!(is_given(
            &v1.replace("pids:/", "pids:/carina.segments/x-n1")
        ));
        assert!(!is_given("0::/machine.slice/machine-lxc.scope/libvirt"));
        assert!(is_given(
            "0::/machine.slice/machine-lxc.scope/libvirt/segment"
        ));
    }
}
