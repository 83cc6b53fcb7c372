//! The mounts of a segment: image below, disk above, both shown as one root.
//!
//! ```text
//! segments/<node>/lower  the image, read-only, its ids mapped to the segment's
//! segments/<node>/disk   the disk: upper/ and work/ of the overlay, docker/ for /var/lib/docker
//! segments/<node>/root   the overlay of the two
//! segments/<node>/seed   the unpacked seed
//! ```
//!
//! Of the disk only `upper/` and `docker/` are ever shown to the segment, so the names that the
//! hook opens on it are out of the segment's reach.

use rustix::fs::AtFlags;
use rustix::io::Errno;
use rustix::mount::{MountFlags, MountPropagationFlags, UnmountFlags};

use wire::SegmentRules;

use super::domain::Domain;
use super::place::{Place, segment_dir};
use super::{HookError, Trying, disk, idmap, seed};

/// Makes everything. The caller undoes it when this fails.
pub fn make(domain: &Domain, rules: SegmentRules) -> Result<(), HookError> {
    let base = domain.mark.id_base;
    let state = Place::state()?;
    state.ensure_dir("segments", 0o711, 0, 0)?;
    ensure_shared(&state)?;
    // What an earlier start may have left: the domain does not run, so nobody uses it.
    undo(domain)?;
    // The segment's root passes through as its group; nobody else on the host does.
    let own = state
        .enter("segments")?
        .ensure_dir(&domain.node, 0o710, 0, base)?;
    let lower = own.ensure_dir("lower", 0o700, 0, 0)?;
    let disk = own.ensure_dir("disk", 0o700, 0, 0)?;
    let root = own.ensure_dir("root", 0o700, 0, 0)?;
    let seed_dir = own.ensure_dir("seed", 0o700, base, base)?;

    let image = &domain.mark.image;
    let there = state.enter_existing(format!("images/{image}"))?;
    // The panel knows these words, and what to do then.
    let image = there
        .ok_or_else(|| HookError::Refused(format!("there is no image {image} on this host")))?;
    idmap::mount(&image, &lower, base)?;
    disk::mount(domain, &state, &disk)?;

    // From here on the directories with something mounted on them.
    let lower = own.enter("lower")?;
    let disk = own.ensure_dir("disk", 0o711, 0, 0)?;
    let upper = disk.ensure_dir("upper", 0o755, base, base)?;
    let work = disk.ensure_dir("work", 0o700, 0, 0)?;
    disk.ensure_dir("docker", 0o710, base, base)?;
    let layers = format!(
        "lowerdir={},upperdir={},workdir={}",
        lower.path(),
        upper.path(),
        work.path()
    );
    let layers = std::ffi::CString::new(layers).trying(|| "naming the layers".into())?;
    rustix::mount::mount(
        "carina",
        root.path(),
        "overlay",
        MountFlags::NODEV,
        Some(&*layers),
    )
    .trying(|| "mounting the root file system".into())?;
    seed::unpack(domain, &state, &seed_dir, rules)
}

/// Takes everything away that [`make`] made, as far as it is there.
pub fn undo(domain: &Domain) -> Result<(), HookError> {
    let state = Place::state()?;
    let Some(own) = state.enter_existing(segment_dir(&domain.node))? else {
        return Ok(());
    };
    for name in ["root", "lower", "disk"] {
        unmount(&own, name)?;
    }
    if let Some(seed_dir) = own.enter_existing("seed")? {
        seed::remove(&seed_dir)?;
    }
    for name in ["root", "lower", "disk", "seed"] {
        remove_dir(&own, name)?;
    }
    drop(own);
    remove_dir(&state.enter("segments")?, &domain.node)
}

fn unmount(own: &Place, name: &str) -> Result<(), HookError> {
    let path = format!("{}/{name}", own.path());
    loop {
        let result = rustix::mount::unmount(&*path, UnmountFlags::NOFOLLOW).or_else(|why| {
            // Something still looks at it (a backup, a shell): it goes when that does.
            if why == Errno::BUSY {
                rustix::mount::unmount(&*path, UnmountFlags::NOFOLLOW | UnmountFlags::DETACH)
            } else {
                Err(why)
            }
        });
        match result {
            Ok(()) => {}
            // Not, or no longer, a mount point.
            Err(Errno::INVAL | Errno::NOENT) => return Ok(()),
            Err(why) => return Err(why).trying(|| format!("unmounting {name}")),
        }
    }
}

fn remove_dir(parent: &Place, name: &str) -> Result<(), HookError> {
    match rustix::fs::unlinkat(parent, name, AtFlags::REMOVEDIR) {
        Ok(()) | Err(Errno::NOENT) => Ok(()),
        Err(why) => Err(why).trying(|| format!("removing the directory {name}")),
    }
}

/// Every segment's controller keeps a copy of the mounts that were there when it started. Only
/// from a shared mount do unmounts reach these copies; else one segment would keep another's disk
/// busy for as long as it lives. systemd makes `/` shared; elsewhere it is done here.
fn ensure_shared(state: &Place) -> Result<(), HookError> {
    let table = std::fs::read_to_string("/proc/self/mountinfo")
        .trying(|| "reading the mount table".into())?;
    if is_shared(&table, &format!("{}/segments", wire::STATE_DIR)) {
        return Ok(());
    }
    let what = || "making the segments' mounts shared".to_owned();
    let segments = state.enter("segments")?;
    rustix::mount::mount_bind(segments.path(), segments.path()).trying(what)?;
    let mounted = state.enter("segments")?;
    rustix::mount::mount_change(mounted.path(), MountPropagationFlags::SHARED).trying(what)
}

/// Whether the mount that holds `path` is shared.
fn is_shared(mountinfo: &str, path: &str) -> bool {
    mountinfo
        .lines()
        .filter_map(|line| {
            let fields: Vec<&str> = line.split(' ').collect();
            let point = *fields.get(4)?;
            let holds = point == "/"
                || path == point
                || path
                    .strip_prefix(point)
                    .is_some_and(|rest| rest.starts_with('/'));
            let optional = fields.get(6..)?.iter().take_while(|field| **field != "-");
            let is_shared = optional.copied().any(|field| field.starts_with("shared:"));
            holds.then_some((point.len(), is_shared))
        })
        // Of several mounts on one point the last one is on top.
        .max_by_key(|(length, _)| *length)
        .is_some_and(|(_, is_shared)| is_shared)
}

#[cfg(test)]
mod tests {
    use super::is_shared;

    const ROOT: &str = "22 1 254:0 / / rw,relatime - ext4 /dev/vda rw";

    #[test]
    fn the_longest_mount_point_decides() {
        let path = "/var/lib/carina/segments";
        assert!(!is_shared(ROOT, path));
        assert!(is_shared(
            &ROOT.replace("rw,relatime -", "rw shared:1 -"),
            path
        ));
        let own = "30 22 254:0 /var/lib/carina/segments /var/lib/carina/segments rw shared:9 - ext4 /dev/vda rw";
        assert!(is_shared(&format!("{ROOT}\n{own}"), path));
        let beside = own.replace("segments /var/lib/carina/segments", "x /var/lib/carina/seg");
        assert!(!is_shared(&format!("{ROOT}\n{beside}"), path));
    }
}
