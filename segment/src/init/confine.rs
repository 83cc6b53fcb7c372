//! What PID 1 gives up before it starts anything, for itself and all that it will ever start.
//!
//! Under this lie the user namespace and AppArmor, above it Docker's own profiles. Whoever gets
//! out of a container and is root of the segment still has only the part of the kernel that an
//! engine needs. `no_new_privs` is not set: programs in containers that are set-uid would lose
//! their meaning, and AppArmor could not enter a container's profile any more. PID 1 holds
//! CAP_SYS_ADMIN in its user namespace, which is all that the filter needs.

mod calls;

use std::fs;

use rustix::process::{Resource, Rlimit, setrlimit};
use wire::{RULES_FILE, SEED_DIR_IN_SEGMENT, SegmentRules};

use super::Error;
use crate::sys;

/// Where a host pipes core dumps into a program, that program runs as the host's root, on what a
/// stranger's process left behind. One byte is the limit that the kernel takes for "not at all",
/// for pipes as well as for files.
const CORE_BYTES: u64 = 1;

/// Before the first thread and the first child: both inherit, neither can undo it.
pub fn begin() -> Result<(), Error> {
    let rules = rules()?;
    // libvirtd's keyring came along through all the processes in between.
    sys::session_keyring_leave().map_err(|why| format!("leaving the host's keyring: {why}"))?;
    let core = Rlimit {
        current: Some(CORE_BYTES),
        maximum: Some(CORE_BYTES),
    };
    setrlimit(Resource::Core, core)?;
    let filter = calls::filter(rules)?;
    sys::seccomp_filter(&filter)
        .map_err(|why| format!("installing the filter of system calls: {why}").into())
}

fn rules() -> Result<SegmentRules, Error> {
    let path = format!("{SEED_DIR_IN_SEGMENT}/{RULES_FILE}");
    match fs::read(&path) {
        Ok(bytes) => Ok(serde_json::from_slice(&bytes).map_err(|why| format!("{path}: {why}"))?),
        // A hook from before there were any: the strictest.
        Err(why) if why.kind() == std::io::ErrorKind::NotFound => Ok(SegmentRules::default()),
        Err(why) => Err(format!("{path}: {why}").into()),
    }
}
