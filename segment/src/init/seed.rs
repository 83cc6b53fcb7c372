//! The seed in use: the newer of the one the host shows and the one kept on the segment's disk.

use std::fs;
use std::sync::{Arc, Mutex, PoisonError};

use wire::{SEED_DIR_IN_SEGMENT, SEED_FILE, SEED_VERSION, SegmentSeed};

use super::{Error, files, log};

const HELD: &str = "seed.json";
/// Longest seed that is taken.
pub const MAX_SEED: usize = 1024 * 1024;

pub struct Seeds(Mutex<Arc<SegmentSeed>>);

/// Why a seed is not taken.
#[derive(Debug, thiserror::Error, PartialEq, Eq)]
pub enum Unfit {
    #[error("the seed cannot be read: {0}")]
    Malformed(String),
    #[error("the seed has version {0}, this segment knows {SEED_VERSION}")]
    Version(u32),
    #[error("the seed is another segment's")]
    Foreign,
    #[error("the seed's generation {given} is older than {held}")]
    Older { given: u64, held: u64 },
}

impl Seeds {
    pub fn load() -> Result<Self, Error> {
        let path = format!("{SEED_DIR_IN_SEGMENT}/{SEED_FILE}");
        let bytes = fs::read(&path).map_err(|why| format!("reading {path}: {why}"))?;
        let given = read(&bytes)?;
        let held = fs::read(files::held(HELD))
            .ok()
            .and_then(|bytes| read(&bytes).ok());
        let seed = match held {
            Some(held) if check(&held, &given).is_err() && is_same_segment(&held, &given) => held,
            _ => given,
        };
        Ok(Self(Mutex::new(Arc::new(seed))))
    }

    pub fn current(&self) -> Arc<SegmentSeed> {
        Arc::clone(&self.0.lock().unwrap_or_else(PoisonError::into_inner))
    }

    /// Takes a seed that came through the agent's door, and keeps it beyond a restart.
    pub fn replace(&self, bytes: &[u8]) -> Result<(), Error> {
        let given = read(bytes)?;
        check(&self.current(), &given)?;
        files::hold(HELD, bytes)?;
        log(&format!("took the seed of generation {}", given.generation));
        *self.0.lock().unwrap_or_else(PoisonError::into_inner) = Arc::new(given);
        Ok(())
    }
}

fn read(bytes: &[u8]) -> Result<SegmentSeed, Unfit> {
    let seed: SegmentSeed =
        serde_json::from_slice(bytes).map_err(|why| Unfit::Malformed(why.to_string()))?;
    if seed.version == SEED_VERSION {
        Ok(seed)
    } else {
        Err(Unfit::Version(seed.version))
    }
}

fn is_same_segment(held: &SegmentSeed, given: &SegmentSeed) -> bool {
    held.cluster == given.cluster && held.node == given.node && held.address == given.address
}

/// Whether `given` may take the place of `held`.
fn check(held: &SegmentSeed, given: &SegmentSeed) -> Result<(), Unfit> {
    if !is_same_segment(held, given) {
        return Err(Unfit::Foreign);
    }
    if given.generation < held.generation {
        return Err(Unfit::Older {
            given: given.generation,
            held: held.generation,
        });
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn seed(generation: u64, node: &str) -> SegmentSeed {
        read(crate::init::test_seed(generation, node).as_bytes()).unwrap()
    }

    #[test]
    fn only_a_seed_of_this_segment_that_is_not_older_is_taken() {
        let held = seed(5, "a-n1");
        assert_eq!(check(&held, &seed(5, "a-n1")), Ok(()));
        assert_eq!(check(&held, &seed(6, "a-n1")), Ok(()));
        assert_eq!(
            check(&held, &seed(4, "a-n1")),
            Err(Unfit::Older { given: 4, held: 5 })
        );
        assert_eq!(check(&held, &seed(6, "a-n2")), Err(Unfit::Foreign));
    }

    #[test]
    fn another_version_is_refused() {
        let text = crate::init::test_seed(1, "a-n1");
        let text = text.replace("\"version\":1", "\"version\":2");
        assert_eq!(read(text.as_bytes()), Err(Unfit::Version(2)));
    }
}
