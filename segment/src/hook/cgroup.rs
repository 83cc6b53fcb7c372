//! The segment's own cgroups, which libvirt makes and does not give.
//!
//! On v1 the directories that libvirt made are given to the segment's root, and in hierarchies
//! that libvirt does not manage (`pids`, and `name=systemd` where no systemd runs) a group is
//! added: containerd wants a place in every one that it sees. On v2 a group may not both hold processes and hand
//! controllers on, so the controller process and the segment get a group each below libvirt's.
//! Limits stay root's files in every case. The init waits to be moved before it does anything:
//! moving it is the last step here.

use std::fs;
use std::io;
use std::os::unix::fs::chown;
use std::path::{Component, Path, PathBuf};

use wire::HostRules;

use super::domain::Domain;
use super::{HookError, Trying, limits};

/// Holds our own groups on v1.
const OWN_PARENT: &str = "carina.segments";
/// Children of libvirt's group on v2. The init knows the second by name.
const CONTROLLER: &str = "controller";
const SEGMENT: &str = crate::init::CGROUP_V2_NAME;

/// One line of /proc/PID/cgroup with the place where its hierarchy is mounted.
struct Group {
    /// Empty on v2.
    controllers: String,
    mount: PathBuf,
    path: PathBuf,
    /// Made by libvirt for this domain, not merely where its controller happens to be.
    is_libvirts: bool,
}

pub fn give(domain: &Domain, rules: &HostRules) -> Result<(), HookError> {
    let controller = domain.controller()?;
    let what = || format!("giving {} its cgroups", domain.node);
    let base = domain.mark.id_base;
    let groups = groups(controller).trying(what)?;
    let (v2, v1): (Vec<_>, Vec<_>) = groups
        .iter()
        .partition(|group| group.controllers.is_empty());
    // On hybrid hosts the controllers are v1's, whatever else v2 lists.
    if let ([], [group]) = (v1.as_slice(), v2.as_slice()) {
        return give_v2(&group.path, controller, domain, rules).trying(what);
    }
    let Some(first) = v1.iter().find(|group| group.is_libvirts) else {
        return Err("libvirt made none").trying(what);
    };
    for group in v1.iter().filter(|group| group.is_libvirts) {
        limits::set_v1(&group.controllers, &group.path, domain, rules).trying(what)?;
        give_group(&group.path, base).trying(what)?;
    }
    let mut missing: Vec<_> = v1.iter().filter(|group| !group.is_libvirts).collect();
    // The init takes its place in `pids` for the sign that all is given.
    missing.sort_by_key(|group| group.controllers == "pids");
    for group in missing {
        let own = group.mount.join(OWN_PARENT).join(&domain.node);
        fs::create_dir_all(&own).trying(what)?;
        if group.controllers == "pids" {
            fs::write(own.join("pids.max"), domain.mark.pids.to_string()).trying(what)?;
        }
        limits::set_v1(&group.controllers, &own, domain, rules).trying(what)?;
        give_group(&own, base).trying(what)?;
        move_members(&first.path, &own, |pid| pid != controller).trying(what)?;
    }
    Ok(())
}

/// libvirt removes its own groups; those that were added on v1 are ours to remove.
pub fn take_back(domain: &Domain) -> Result<(), HookError> {
    let what = || format!("removing the cgroups of {}", domain.node);
    for mount in mounts_v1().trying(what)? {
        let parent = mount.join(OWN_PARENT);
        let own = parent.join(&domain.node);
        if own.exists() {
            remove_group(&own).trying(what)?;
            // Others may still be in it.
            let _ = fs::remove_dir(&parent);
        }
    }
    Ok(())
}

fn give_v2(group: &Path, controller: u32, domain: &Domain, rules: &HostRules) -> io::Result<()> {
    let (own, segment) = (group.join(CONTROLLER), group.join(SEGMENT));
    for dir in [&own, &segment] {
        match fs::create_dir(dir) {
            Err(why) if why.kind() != io::ErrorKind::AlreadyExists => return Err(why),
            _ => {}
        }
    }
    for file in [
        "",
        "cgroup.procs",
        "cgroup.threads",
        "cgroup.subtree_control",
    ] {
        give_file(&segment.join(file), domain.mark.id_base)?;
    }
    move_members(group, &own, |pid| pid == controller)?;
    move_members(group, &segment, |_| true)?;
    for name in ["pids", "io"] {
        hand_down(group, name);
    }
    for name in fs::read_to_string(group.join("cgroup.controllers"))?.split_whitespace() {
        // One that cannot be handed on is missed by name in the segment, not silently.
        let _ = fs::write(group.join("cgroup.subtree_control"), format!("+{name}"));
    }
    let limit = segment.join("pids.max");
    if limit.exists() {
        fs::write(limit, domain.mark.pids.to_string())?;
    }
    limits::set_v2(&segment, domain, rules)
}

/// libvirt hands down only the controllers that it uses; `pids` is not one of them, nor is `io`
/// everywhere.
fn hand_down(group: &Path, controller: &str) {
    let mut above: Vec<&Path> = group.ancestors().skip(1).collect();
    above.reverse();
    for dir in above {
        // Above the mount there is no such file; where it is handed down already, nothing changes.
        let control = dir.join("cgroup.subtree_control");
        if control.exists() {
            let _ = fs::write(control, format!("+{controller}"));
        }
    }
}

/// The process's place in every hierarchy that is mounted.
fn groups(pid: u32) -> io::Result<Vec<Group>> {
    let mounts = fs::read_to_string("/proc/self/mountinfo")?;
    let lines = fs::read_to_string(format!("/proc/{pid}/cgroup"))?;
    Ok(lines
        .lines()
        .filter_map(|line| {
            let mut parts = line.splitn(3, ':').skip(1);
            let (controllers, path) = (parts.next()?, parts.next()?);
            let is_plain = Path::new(path)
                .components()
                .all(|part| matches!(part, Component::RootDir | Component::Normal(_)));
            let mount = mounted(&mounts, controllers).filter(|_| is_plain)?;
            Some(Group {
                controllers: controllers.to_owned(),
                path: mount.join(path.trim_start_matches('/')),
                is_libvirts: path.contains("libvirt-lxc") || path.contains("machine-lxc"),
                mount,
            })
        })
        .collect())
}

/// Mount points of all v1 hierarchies.
fn mounts_v1() -> io::Result<Vec<PathBuf>> {
    let mounts = fs::read_to_string("/proc/self/mountinfo")?;
    let is_v1 = |line: &&str| {
        let kind = line.split_once(" - ").map(|(_, after)| after);
        kind.is_some_and(|after| after.starts_with("cgroup "))
    };
    Ok(mounts
        .lines()
        .filter(is_v1)
        .filter_map(|line| line.split(' ').nth(4).map(PathBuf::from))
        .collect())
}

/// Where the hierarchy with exactly these controllers is mounted; empty means v2.
fn mounted(mountinfo: &str, controllers: &str) -> Option<PathBuf> {
    mountinfo.lines().find_map(|line| {
        let (before, after) = line.split_once(" - ")?;
        let point = before.split(' ').nth(4)?;
        let mut after = after.split(' ');
        let (kind, options) = (after.next()?, after.nth(1)?);
        let fits = match controllers {
            "" => kind == "cgroup2",
            wanted => {
                kind == "cgroup"
                    && wanted
                        .split(',')
                        .all(|one| options.split(',').any(|option| option == one))
            }
        };
        fits.then(|| PathBuf::from(point))
    })
}

/// Gives a v1 group to the segment's root; its limits stay the host's.
fn give_group(dir: &Path, base: u32) -> io::Result<()> {
    for file in ["", "tasks", "cgroup.procs", "cgroup.clone_children"] {
        give_file(&dir.join(file), base)?;
    }
    Ok(())
}

/// Gives a file to the segment's root. The paths are cgroupfs's, which has no links.
fn give_file(path: &Path, base: u32) -> io::Result<()> {
    match chown(path, Some(base), Some(base)) {
        // Not every kernel has every file.
        Err(why) if why.kind() == io::ErrorKind::NotFound => Ok(()),
        result => result,
    }
}

/// Moves processes until none is left to move: one may fork meanwhile.
fn move_members(from: &Path, to: &Path, which: impl Fn(u32) -> bool) -> io::Result<()> {
    let mut moved = Vec::new();
    for _ in 0..8 {
        let members = fs::read_to_string(from.join("cgroup.procs"))?;
        let fresh: Vec<u32> = members
            .lines()
            .filter_map(|line| line.parse().ok())
            .filter(|pid| which(*pid) && !moved.contains(pid))
            .collect();
        if fresh.is_empty() {
            break;
        }
        for pid in fresh {
            match fs::write(to.join("cgroup.procs"), pid.to_string()) {
                // It ended.
                Err(why) if why.raw_os_error() == Some(libc::ESRCH) => {}
                result => result?,
            }
            moved.push(pid);
        }
    }
    Ok(())
}

/// The last process may need a moment to be gone.
fn remove_group(dir: &Path) -> io::Result<()> {
    for _ in 0..50 {
        match remove_tree(dir) {
            Err(why) if why.raw_os_error() == Some(libc::EBUSY) => {
                std::thread::sleep(std::time::Duration::from_millis(10));
            }
            result => return result,
        }
    }
    remove_tree(dir)
}

/// Groups are removed as directories, deepest first; their files go with them.
fn remove_tree(dir: &Path) -> io::Result<()> {
    for entry in fs::read_dir(dir)? {
        let entry = entry?;
        if entry.file_type()?.is_dir() {
            remove_tree(&entry.path())?;
        }
    }
    fs::remove_dir(dir)
}

#[cfg(test)]
mod tests {
    use super::*;

    const MOUNTS: &str = "\
31 22 0:26 / /sys/fs/cgroup rw - tmpfs cgroup rw
32 31 0:27 / /sys/fs/cgroup/cpu,cpuacct rw - cgroup cgroup rw,cpu,cpuacct
33 31 0:28 / /sys/fs/cgroup/pids rw - cgroup cgroup rw,pids
34 31 0:29 / /sys/fs/cgroup/unified rw - cgroup2 cgroup2 rw";

    #[test]
    fn hierarchies_are_found_by_their_controllers() {
        let found = |controllers| mounted(MOUNTS, controllers);
        assert_eq!(found("pids"), Some("/sys/fs/cgroup/pids".into()));
        assert_eq!(
            found("cpu,cpuacct"),
            Some("/sys/fs/cgroup/cpu,cpuacct".into())
        );
        assert_eq!(found(""), Some("/sys/fs/cgroup/unified".into()));
        assert_eq!(found("memory"), None);
    }
}
