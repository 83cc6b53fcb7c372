//! The seed volume, unpacked so that the segment can read it and nobody else.

use std::io::{Read, Write};

use rustix::fs::{AtFlags, Gid, Mode, OFlags, Uid};
use rustix::io::Errno;
use wire::{RULES_FILE, SEED_FILE, SEED_VERSION, SegmentRules, SegmentSeed};

use super::domain::Domain;
use super::place::Place;
use super::{HookError, Trying};

const MAX_SEED: u64 = 1024 * 1024;

/// Reads `pool/<node>.seed`, checks that it is this segment's, and writes it into `seed/`.
pub fn unpack(
    domain: &Domain,
    state: &Place,
    seed_dir: &Place,
    rules: SegmentRules,
) -> Result<(), HookError> {
    let path = format!("pool/{}.seed", domain.node);
    let file = state
        .open(&path, OFlags::RDONLY)
        .trying(|| format!("opening {path}"))?;
    let is_file = file.metadata().is_ok_and(|metadata| metadata.is_file());
    if !is_file {
        return Err(HookError::Refused(format!("{path} is not a file")));
    }
    let mut bytes = Vec::new();
    file.take(MAX_SEED)
        .read_to_end(&mut bytes)
        .trying(|| format!("reading {path}"))?;
    let bytes = checked(domain, &bytes)?;
    remove(seed_dir)?;
    let rules = serde_json::to_vec(&rules).trying(|| "writing down the rules".into())?;
    write(domain, seed_dir, SEED_FILE, bytes)?;
    write(domain, seed_dir, RULES_FILE, &rules)
}

fn write(domain: &Domain, dir: &Place, name: &str, content: &[u8]) -> Result<(), HookError> {
    let fd = rustix::fs::openat(
        dir,
        name,
        OFlags::CREATE | OFlags::EXCL | OFlags::WRONLY | OFlags::NOFOLLOW | OFlags::CLOEXEC,
        Mode::from_raw_mode(0o600),
    )
    .trying(|| format!("making the file {name}"))?;
    let base = domain.mark.id_base;
    rustix::fs::fchown(&fd, Some(Uid::from_raw(base)), Some(Gid::from_raw(base)))
        .trying(|| format!("giving the file {name} its owner"))?;
    std::fs::File::from(fd)
        .write_all(content)
        .trying(|| format!("writing the file {name}"))
}

/// The seed goes when the segment stops: its volume is where it is kept.
pub fn remove(seed_dir: &Place) -> Result<(), HookError> {
    for name in [SEED_FILE, RULES_FILE] {
        match rustix::fs::unlinkat(seed_dir, name, AtFlags::empty()) {
            Ok(()) | Err(Errno::NOENT) => {}
            Err(why) => return Err(why).trying(|| format!("removing the old file {name}")),
        }
    }
    Ok(())
}

fn checked<'a>(domain: &Domain, bytes: &'a [u8]) -> Result<&'a [u8], HookError> {
    let end = bytes.iter().position(|b| *b == 0).unwrap_or(bytes.len());
    let (bytes, padding) = bytes.split_at(end);
    if padding.iter().any(|b| *b != 0) {
        return Err(HookError::Refused(
            "the seed has something after its end".into(),
        ));
    }
    let seed: SegmentSeed =
        serde_json::from_slice(bytes).trying(|| format!("reading the seed of {}", domain.node))?;
    let fits = seed.version == SEED_VERSION
        && seed.node == domain.node
        && seed.cluster == domain.mark.cluster
        && seed.ordinal == domain.mark.ordinal
        && seed.address == domain.mark.address;
    if fits {
        Ok(bytes)
    } else {
        Err(HookError::Refused(format!(
            "the seed volume of {} holds another segment's seed",
            domain.node
        )))
    }
}

#[cfg(test)]
#[path = "seed_test.rs"]
mod tests;
