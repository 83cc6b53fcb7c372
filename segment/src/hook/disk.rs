//! A segment's disk: a sparse file with ext4, mounted through a loop device.

use std::fs::{File, OpenOptions};
use std::io::ErrorKind;
use std::os::fd::AsRawFd;
use std::os::unix::fs::{FileExt, MetadataExt, OpenOptionsExt};
use std::process::Command;

use rustix::fs::OFlags;
use rustix::mount::MountFlags;

use super::domain::Domain;
use super::place::Place;
use super::{HookError, Trying};
use crate::sys;

/// Where ext4's superblock has its magic number, and how much before and after must be empty for
/// a disk to count as new.
const MAGIC_AT: usize = 1024 + 0x38;
const HEAD: usize = 64 * 1024;

/// Mounts `pool/<node>.disk` on `target`, with a new file system when it is blank.
pub fn mount(domain: &Domain, state: &Place, target: &Place) -> Result<(), HookError> {
    let path = format!("pool/{}.disk", domain.node);
    let disk = state
        .open(&path, OFlags::RDWR)
        .trying(|| format!("opening {path}"))?;
    let metadata = disk.metadata().trying(|| format!("looking at {path}"))?;
    if !metadata.is_file() || metadata.uid() != 0 {
        return Err(HookError::Refused(format!(
            "{path} is not a file of root's"
        )));
    }
    if is_blank(&disk).trying(|| format!("reading {path}"))? {
        format(&disk)?;
    }
    let device = match attached(&format!("{}/{path}", wire::STATE_DIR)) {
        Some(device) => device,
        None => attach(&disk).trying(|| format!("finding a loop device for {path}"))?,
    };
    // The descriptor keeps a device that frees itself alive until it is mounted.
    rustix::mount::mount(
        &*device.path,
        target.path(),
        "ext4",
        MountFlags::NODEV | MountFlags::NOATIME,
        None,
    )
    .trying(|| format!("mounting {path}"))
}

struct Device {
    path: String,
    _open: File,
}

fn is_blank(disk: &File) -> std::io::Result<bool> {
    let mut head = vec![0; HEAD];
    match disk.read_exact_at(&mut head, 0) {
        Ok(()) => {}
        Err(why) if why.kind() == ErrorKind::UnexpectedEof => {
            return Err(std::io::Error::other("it is smaller than any disk"));
        }
        Err(why) => return Err(why),
    }
    if head[MAGIC_AT..MAGIC_AT + 2] == [0x53, 0xEF] {
        return Ok(false);
    }
    if head.iter().all(|b| *b == 0) {
        return Ok(true);
    }
    Err(std::io::Error::other("it holds something that is not ext4"))
}

fn format(disk: &File) -> Result<(), HookError> {
    let what = || "making the segment's file system".to_owned();
    let output = Command::new("/usr/sbin/mkfs.ext4")
        .args(["-q", "-F", "-m", "0", "-E"])
        .arg("root_owner=0:0,lazy_itable_init=1,lazy_journal_init=1,nodiscard")
        .arg(format!(
            "/proc/{}/fd/{}",
            std::process::id(),
            disk.as_raw_fd()
        ))
        .output()
        .trying(what)?;
    if output.status.success() {
        return Ok(());
    }
    Err(String::from_utf8_lossy(&output.stderr).trim()).trying(what)
}

/// The loop device that already shows this file. A second one beside it would be a second,
/// independent cache of one disk; mounting the same one again is safe.
fn attached(backing: &str) -> Option<Device> {
    let blocks = std::fs::read_dir("/sys/block").ok()?;
    blocks
        .filter_map(|entry| entry.ok()?.file_name().into_string().ok())
        .filter(|name| name.starts_with("loop"))
        .find(|name| {
            std::fs::read_to_string(format!("/sys/block/{name}/loop/backing_file"))
                .is_ok_and(|path| path.trim_end() == backing)
        })
        .and_then(|name| {
            let path = format!("/dev/{name}");
            let open = File::open(&path).ok()?;
            Some(Device { path, _open: open })
        })
}

fn attach(disk: &File) -> std::io::Result<Device> {
    let control = OpenOptions::new()
        .read(true)
        .write(true)
        .open("/dev/loop-control")?;
    // Somebody else may take the free one first.
    for _ in 0..64 {
        let path = format!("/dev/loop{}", sys::loop_free(&control)?);
        let device = OpenOptions::new()
            .read(true)
            .write(true)
            .custom_flags(libc::O_CLOEXEC)
            .open(&path)?;
        // Past the host's cache where its file system allows: the segment has one already.
        let configured = sys::loop_configure(&device, disk, true).or_else(|why| {
            if why.raw_os_error() == Some(libc::EBUSY) {
                Err(why)
            } else {
                sys::loop_configure(&device, disk, false)
            }
        });
        match configured {
            Ok(()) => {
                return Ok(Device {
                    path,
                    _open: device,
                });
            }
            Err(why) if why.raw_os_error() == Some(libc::EBUSY) => {}
            Err(why) => return Err(why),
        }
    }
    Err(std::io::Error::other("every free one was taken at once"))
}
