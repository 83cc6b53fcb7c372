//! A segment's disk: a sparse file with ext4, mounted through a loop device.
//!
//! libvirt makes the file larger while the segment is stopped, and the file system follows before
//! it is mounted. Growing a mounted one would save a check of some seconds, but needs a right
//! (`CAP_SYS_RESOURCE`) that not every host's libvirt has.

use std::fs::{File, OpenOptions};
use std::io::ErrorKind;
use std::os::fd::AsRawFd;
use std::os::unix::fs::{FileExt, MetadataExt, OpenOptionsExt};
use std::process::{Command, Output};
use std::time::{Duration, Instant};

use rustix::fs::OFlags;
use rustix::mount::MountFlags;

use super::domain::Domain;
use super::place::Place;
use super::{HookError, Trying};
use crate::sys;

/// Where ext4 has its superblock, and how much before and after must be empty for a disk to count
/// as new.
const SUPERBLOCK: usize = 1024;
const HEAD: usize = 64 * 1024;
/// Of `s_feature_incompat`: the number of blocks has an upper half.
const HAS_64_BITS: u32 = 0x80;
/// Disks grow by whole GiB. What is less is the rest that ext4 has no use for.
const GAIN_LEAST: u64 = 1 << 30;
/// A loop device may outlive its last mount for a moment, while somebody looks at it.
const DETACHED_WITHIN: Duration = Duration::from_secs(3);

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
    let backing = format!("{}/{path}", wire::STATE_DIR);
    match file_system_bytes(&disk).trying(|| format!("reading {path}"))? {
        None => format(&disk)?,
        Some(bytes) if metadata.len().saturating_sub(bytes) >= GAIN_LEAST => {
            // Never under a mount that is still there: it grows at a later start then.
            if is_detached(&backing) {
                grow(&disk)?;
            }
        }
        Some(_) => {}
    }
    let device = match attached(&backing) {
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

/// How large its file system is, by its own account; none on a blank disk.
fn file_system_bytes(disk: &File) -> std::io::Result<Option<u64>> {
    let mut head = vec![0; HEAD];
    match disk.read_exact_at(&mut head, 0) {
        Ok(()) => {}
        Err(why) if why.kind() == ErrorKind::UnexpectedEof => {
            return Err(std::io::Error::other("it is smaller than any disk"));
        }
        Err(why) => return Err(why),
    }
    let superblock = &head[SUPERBLOCK..];
    if superblock[0x38..0x3A] == [0x53, 0xEF] {
        return Ok(Some(bytes_told(superblock)));
    }
    if head.iter().all(|b| *b == 0) {
        return Ok(None);
    }
    Err(std::io::Error::other("it holds something that is not ext4"))
}

/// Blocks times their size, as a superblock has them.
fn bytes_told(superblock: &[u8]) -> u64 {
    let number = |at: usize| {
        let bytes = superblock[at..at + 4].try_into();
        u32::from_le_bytes(bytes.expect("because four bytes are four bytes"))
    };
    let high = match number(0x60) & HAS_64_BITS {
        0 => 0,
        _ => number(0x150),
    };
    let blocks = (u64::from(high) << 32) | u64::from(number(0x04));
    // 64 KiB are ext4's largest blocks.
    let block_bytes = 1024_u64 << number(0x18).min(6);
    blocks.saturating_mul(block_bytes)
}

fn is_detached(backing: &str) -> bool {
    let until = Instant::now() + DETACHED_WITHIN;
    while attached(backing).is_some() {
        if Instant::now() >= until {
            return false;
        }
        std::thread::sleep(Duration::from_millis(50));
    }
    true
}

/// To all of its disk. The check comes first because it must: `resize2fs` takes a file system that
/// was mounted since its last one for unsafe.
fn grow(disk: &File) -> Result<(), HookError> {
    let what = || {
        "growing the segment's file system (e2fsck -f on its disk, on the host, tells more)"
            .to_owned()
    };
    let checked = on_disk("e2fsck", &["-f", "-p"], disk).trying(what)?;
    // 1: it had something to mend, and did.
    if !matches!(checked.status.code(), Some(0 | 1)) {
        return Err(words(&checked)).trying(what);
    }
    let grown = on_disk("resize2fs", &[], disk).trying(what)?;
    match grown.status.success() {
        true => Ok(()),
        false => Err(words(&grown)).trying(what),
    }
}

/// Runs one of ext4's programs.
fn on_disk(program: &str, arguments: &[&str], disk: &File) -> std::io::Result<Output> {
    let file = format!("/proc/{}/fd/{}", std::process::id(), disk.as_raw_fd());
    Command::new(format!("/usr/sbin/{program}"))
        .args(arguments)
        .arg(file)
        .output()
}

fn words(output: &Output) -> String {
    let said = |bytes: &[u8]| String::from_utf8_lossy(bytes).trim().to_owned();
    match said(&output.stderr) {
        // e2fsck says what is wrong where others say what they do.
        nothing if nothing.is_empty() => said(&output.stdout),
        words => words,
    }
}

fn format(disk: &File) -> Result<(), HookError> {
    const OPTIONS: &str = "root_owner=0:0,lazy_itable_init=1,lazy_journal_init=1,nodiscard";
    let what = || "making the segment's file system".to_owned();
    let output = on_disk("mkfs.ext4", &["-q", "-F", "-m", "0", "-E", OPTIONS], disk);
    let output = output.trying(what)?;
    match output.status.success() {
        true => Ok(()),
        false => Err(words(&output)).trying(what),
    }
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

#[cfg(test)]
mod tests {
    use super::*;

    const GIB: u64 = 1 << 30;

    fn disk(gib: u64) -> File {
        let disk = tempfile::tempfile().unwrap();
        disk.set_len(gib * GIB).unwrap();
        disk
    }

    #[test]
    fn a_file_system_follows_its_disk() {
        let disk = disk(2);
        assert_eq!(file_system_bytes(&disk).unwrap(), None);
        format(&disk).unwrap();
        assert_eq!(file_system_bytes(&disk).unwrap(), Some(2 * GIB));
        // As if it had been mounted since its last check.
        let mounted = ["-w", "-R", "set_super_value mtime 20370101000000"];
        assert!(
            on_disk("debugfs", &mounted, &disk)
                .unwrap()
                .status
                .success()
        );
        disk.set_len(5 * GIB).unwrap();
        grow(&disk).unwrap();
        assert_eq!(file_system_bytes(&disk).unwrap(), Some(5 * GIB));
        grow(&disk).unwrap();
        assert_eq!(file_system_bytes(&disk).unwrap(), Some(5 * GIB));
    }

    #[test]
    fn what_is_no_file_system_is_neither_made_nor_grown() {
        let disk = disk(2);
        disk.write_all_at(b"something", 4096).unwrap();
        assert!(file_system_bytes(&disk).is_err());
        let why = grow(&disk).unwrap_err().to_string();
        assert!(why.contains("growing the segment's file system"), "{why}");
    }

    #[test]
    fn a_superblock_tells_its_size_with_both_halves() {
        let mut superblock = vec![0; 1024];
        superblock[0x04] = 1;
        superblock[0x18] = 2;
        superblock[0x150] = 1;
        assert_eq!(bytes_told(&superblock), 4096);
        superblock[0x60] = 0x80;
        assert_eq!(bytes_told(&superblock), 4096 * ((1 << 32) + 1));
    }
}
