//! Where a segment's things lie on the host. Every path comes from the node's name alone.
//!
//! A node's directory is entered step by step below one descriptor, with no links and no way out,
//! although only root can write there: what is checked need not be believed.

use std::fs::File;
use std::os::fd::{AsFd, AsRawFd, BorrowedFd, OwnedFd};
use std::path::PathBuf;

use rustix::fs::{Mode, OFlags, ResolveFlags};
use rustix::io::Errno;

use super::{HookError, Trying};
use wire::PROGRAMS_IN_SEGMENT;

/// Sources and targets of a segment's `<filesystem>` elements, in the order they are mounted in.
pub fn filesystems(node: &str) -> [(String, &'static str); 4] {
    let own = format!("{}/segments/{node}", wire::STATE_DIR);
    [
        (format!("{own}/root"), "/"),
        (format!("{own}/disk/docker"), "/var/lib/docker"),
        (format!("{own}/seed"), wire::SEED_DIR_IN_SEGMENT),
        (
            format!("{own}/lower{PROGRAMS_IN_SEGMENT}"),
            PROGRAMS_IN_SEGMENT,
        ),
    ]
}

/// Paths below the state directory.
pub fn segment_dir(node: &str) -> PathBuf {
    PathBuf::from(format!("segments/{node}"))
}

/// A directory below which everything happens.
pub struct Place(OwnedFd);

impl Place {
    /// The state directory: root's own, not a link, not writable by others.
    pub fn state() -> Result<Self, HookError> {
        let fd = rustix::fs::open(
            wire::STATE_DIR,
            OFlags::DIRECTORY | OFlags::NOFOLLOW | OFlags::CLOEXEC,
            Mode::empty(),
        )
        .trying(|| format!("opening {} (carina host prepare makes it)", wire::STATE_DIR))?;
        let stat = rustix::fs::fstat(&fd).trying(|| "looking at the state directory".into())?;
        if stat.st_uid != 0 || stat.st_mode & 0o022 != 0 {
            return Err(HookError::Refused(format!(
                "{} does not belong to root alone",
                wire::STATE_DIR
            )));
        }
        Ok(Self(fd))
    }

    /// Opens what lies at `path` below this place, crossing mounts but no links.
    pub fn open(&self, path: impl AsRef<std::path::Path>, flags: OFlags) -> Result<File, Errno> {
        rustix::fs::openat2(
            &self.0,
            path.as_ref(),
            flags | OFlags::CLOEXEC | OFlags::NOFOLLOW,
            Mode::empty(),
            ResolveFlags::IN_ROOT | ResolveFlags::NO_SYMLINKS | ResolveFlags::NO_MAGICLINKS,
        )
        .map(File::from)
    }

    pub fn enter(&self, path: impl AsRef<std::path::Path>) -> Result<Self, HookError> {
        let path = path.as_ref();
        self.open(path, OFlags::DIRECTORY)
            .map(|file| Self(file.into()))
            .trying(|| format!("entering {}", path.display()))
    }

    /// As [`Place::enter`], and `None` when it is not there.
    pub fn enter_existing(
        &self,
        path: impl AsRef<std::path::Path>,
    ) -> Result<Option<Self>, HookError> {
        let path = path.as_ref();
        match self.open(path, OFlags::DIRECTORY) {
            Ok(file) => Ok(Some(Self(file.into()))),
            Err(Errno::NOENT) => Ok(None),
            Err(why) => Err(why).trying(|| format!("entering {}", path.display())),
        }
    }

    /// Makes one directory here if it is missing, and gives it the owner and mode in any case.
    pub fn ensure_dir(
        &self,
        name: &str,
        mode: u32,
        owner: u32,
        group: u32,
    ) -> Result<Self, HookError> {
        match rustix::fs::mkdirat(&self.0, name, Mode::RWXU) {
            Ok(()) | Err(Errno::EXIST) => {}
            Err(why) => return Err(why).trying(|| format!("making the directory {name}")),
        }
        let place = self.enter(name)?;
        let owner = rustix::fs::Uid::from_raw(owner);
        let group = rustix::fs::Gid::from_raw(group);
        rustix::fs::fchown(&place.0, Some(owner), Some(group))
            .trying(|| format!("giving {name} its owner"))?;
        rustix::fs::fchmod(&place.0, Mode::from_raw_mode(mode))
            .trying(|| format!("giving {name} its mode"))?;
        Ok(place)
    }

    /// A path by which a system call without descriptors reaches exactly this directory.
    pub fn path(&self) -> String {
        format!("/proc/self/fd/{}", self.0.as_raw_fd())
    }
}

impl AsFd for Place {
    fn as_fd(&self) -> BorrowedFd<'_> {
        self.0.as_fd()
    }
}

#[cfg(test)]
mod tests {
    use std::fs;
    use std::os::unix::fs::symlink;
    use std::path::Path;

    use super::*;

    fn place(dir: &Path) -> Place {
        let flags = OFlags::DIRECTORY | OFlags::CLOEXEC;
        Place(rustix::fs::open(dir, flags, Mode::empty()).unwrap())
    }

    #[test]
    fn no_link_in_a_segments_files_is_followed() {
        let dir = tempfile::tempdir().unwrap();
        let (own, outside) = (dir.path().join("own"), dir.path().join("outside"));
        fs::create_dir_all(own.join("real")).unwrap();
        fs::create_dir(&outside).unwrap();
        fs::write(outside.join("secret"), "the host's").unwrap();
        fs::write(own.join("real/file"), "its own").unwrap();
        for (target, link) in [
            (outside.as_path(), "absolute"),
            (Path::new("../outside"), "upwards"),
            (Path::new("/proc/self/cwd"), "magic"),
            // Even one that stays inside: what it leads to may have changed since.
            (Path::new("real"), "inwards"),
        ] {
            symlink(target, own.join(link)).unwrap();
        }
        let place = place(&own);
        assert!(place.open("real/file", OFlags::RDONLY).is_ok());
        for path in [
            "absolute",
            "absolute/secret",
            "upwards/secret",
            "magic",
            "magic/x",
            "inwards/file",
        ] {
            let found = place.open(path, OFlags::RDONLY).map(|_| ());
            assert_eq!(found, Err(Errno::LOOP), "{path}");
        }
        assert!(place.enter("absolute").is_err());
        assert!(place.enter_existing("upwards").is_err());
        assert!(place.ensure_dir("inwards", 0o755, 0, 0).is_err());
    }

    #[test]
    fn no_path_leads_above_a_segments_files() {
        let dir = tempfile::tempdir().unwrap();
        let own = dir.path().join("own");
        fs::create_dir(&own).unwrap();
        fs::write(dir.path().join("secret"), "the host's").unwrap();
        let place = place(&own);
        for path in ["../secret", "/../secret", "/etc/passwd"] {
            let found = place.open(path, OFlags::RDONLY).map(|_| ());
            assert_eq!(found, Err(Errno::NOENT), "{path}");
        }
    }
}
