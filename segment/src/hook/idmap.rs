//! The shared image under a segment's own ids: an idmapped, read-only bind mount.

use std::fs::File;
use std::io::{Read, Write};
use std::os::fd::{AsFd, OwnedFd};
use std::process::{Command, ExitCode, Stdio};

use rustix::mount::{MoveMountFlags, OpenTreeFlags};
use rustix::thread::UnshareFlags;

use super::place::Place;
use super::{HookError, Trying};
use crate::sys;

/// Argument with which the hook calls itself to be the process in the new user namespace.
pub const HOLD: &str = "--hold-user-namespace";

/// Lives in a user namespace of its own until its standard input ends.
pub fn hold() -> ExitCode {
    let held = sys::unshare(UnshareFlags::NEWUSER).and_then(|()| {
        std::io::stdout().write_all(b"+")?;
        std::io::stdout().flush()?;
        std::io::stdin().read(&mut [0])
    });
    ExitCode::from(u8::from(held.is_err()))
}

/// Mounts `image`, mapped so that its root is `base`, on `target`.
pub fn mount(image: &Place, target: &Place, base: u32) -> Result<(), HookError> {
    let userns = user_namespace(base)?;
    let flags = OpenTreeFlags::OPEN_TREE_CLONE
        | OpenTreeFlags::OPEN_TREE_CLOEXEC
        | OpenTreeFlags::AT_EMPTY_PATH;
    let tree =
        rustix::mount::open_tree(image, "", flags).trying(|| "taking the image's tree".into())?;
    sys::mount_idmap(tree.as_fd(), userns.as_fd()).trying(|| {
        "mapping the image's ids (needs kernel 5.12, and a file system that supports it)".into()
    })?;
    rustix::mount::move_mount(
        &tree,
        "",
        target,
        "",
        MoveMountFlags::MOVE_MOUNT_F_EMPTY_PATH | MoveMountFlags::MOVE_MOUNT_T_EMPTY_PATH,
    )
    .trying(|| "mounting the image".into())
}

/// A user namespace in which 0… is `base`… outside. Another process makes it, because a process
/// that enters one has no rights outside any more.
fn user_namespace(base: u32) -> Result<OwnedFd, HookError> {
    let what = || "making the segment's user namespace".to_owned();
    let mut holder = Command::new("/proc/self/exe")
        .arg(HOLD)
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .spawn()
        .trying(what)?;
    let result = (|| {
        let mut ready = [0];
        if let Some(stdout) = &mut holder.stdout {
            stdout.read_exact(&mut ready)?;
        }
        let pid = holder.id();
        let map = format!("0 {base} {}", wire::ID_RANGE);
        std::fs::write(format!("/proc/{pid}/uid_map"), &map)?;
        std::fs::write(format!("/proc/{pid}/gid_map"), &map)?;
        File::open(format!("/proc/{pid}/ns/user"))
    })();
    drop(holder.stdin.take());
    // Its answer was the namespace; how it ends says nothing.
    let _ = holder.wait();
    result.map(OwnedFd::from).trying(what)
}
