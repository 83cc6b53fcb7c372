//! The host's rules for its segments, as `carina host prepare` wrote them.

use std::io::Read;

use rustix::fs::OFlags;
use rustix::io::Errno;
use wire::{HostRules, RULES_FILE};

use super::place::Place;
use super::{HookError, Trying};

const MAX_BYTES: u64 = 1024 * 1024;

/// A host without the file has the defaults; one whose file cannot be read starts no segment.
pub fn read() -> Result<HostRules, HookError> {
    let what = || format!("reading {}/{RULES_FILE}", wire::STATE_DIR);
    let file = match Place::state()?.open(RULES_FILE, OFlags::RDONLY) {
        Ok(file) => file,
        Err(Errno::NOENT) => return Ok(HostRules::default()),
        Err(why) => return Err(why).trying(what),
    };
    let mut text = String::new();
    file.take(MAX_BYTES)
        .read_to_string(&mut text)
        .trying(what)?;
    serde_json::from_str(&text).trying(what)
}
