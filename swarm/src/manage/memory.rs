//! What a manager knew last, for when it starts and nobody answers: a machine that comes back
//! before its panel does has its clusters again, and a revoked certificate stays revoked.

use std::collections::{BTreeSet, HashSet};
use std::io::{self, Write as _};
use std::path::{Path, PathBuf};
use std::sync::{Mutex, PoisonError};

use serde::{Deserialize, Serialize};

const FILE: &str = "known.json";
/// More is nobody's cluster.
const MAX_BYTES: u64 = 4 << 20;

/// In the directory that it was given; without one nothing is remembered.
#[derive(Debug, Default)]
pub struct Memory {
    dir: Option<PathBuf>,
    known: Mutex<Known>,
}

#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct Known {
    /// `host:port` of the agents, as discovery said.
    entries: Vec<String>,
    /// Serials, as in [`wire::Revocations`].
    revoked: BTreeSet<String>,
}

impl Memory {
    /// What cannot be read is no reason not to start: then nothing is known.
    pub fn open(dir: Option<PathBuf>) -> Self {
        let known = dir.as_deref().map_or_else(Known::default, |dir| {
            read(dir).unwrap_or_else(|error| {
                if error.kind() != io::ErrorKind::NotFound {
                    tracing::warn!(%error, "what was known last cannot be read");
                }
                Known::default()
            })
        });
        Self {
            dir,
            known: Mutex::new(known),
        }
    }

    pub fn entries(&self) -> Vec<String> {
        self.with(|known| known.entries.clone())
    }

    pub fn revoked(&self) -> HashSet<String> {
        self.with(|known| known.revoked.iter().cloned().collect())
    }

    pub fn entries_keep(&self, entries: &[String]) {
        self.change(|known| known.entries = entries.to_vec());
    }

    pub fn revoked_keep(&self, serials: &[String]) {
        self.change(|known| known.revoked.extend(serials.iter().cloned()));
    }

    fn with<T>(&self, read: impl FnOnce(&Known) -> T) -> T {
        read(&self.known.lock().unwrap_or_else(PoisonError::into_inner))
    }

    /// Written only when it differs: discovery is asked for good.
    fn change(&self, change: impl FnOnce(&mut Known)) {
        let mut known = self.known.lock().unwrap_or_else(PoisonError::into_inner);
        let before = known.clone();
        change(&mut known);
        if *known == before {
            return;
        }
        let Some(dir) = &self.dir else { return };
        if let Err(error) = write(dir, &known) {
            tracing::warn!(%error, "what is known cannot be kept");
        }
    }
}

fn read(dir: &Path) -> io::Result<Known> {
    let path = dir.join(FILE);
    if std::fs::metadata(&path)?.len() > MAX_BYTES {
        return Err(io::Error::other("it is too large"));
    }
    serde_json::from_slice(&std::fs::read(path)?).map_err(io::Error::other)
}

/// The old or the new, whenever the machine stops.
fn write(dir: &Path, known: &Known) -> io::Result<()> {
    let new = dir.join(".known.json.new");
    let mut file = std::fs::File::create(&new)?;
    file.write_all(&serde_json::to_vec(known).map_err(io::Error::other)?)?;
    file.sync_data()?;
    std::fs::rename(new, dir.join(FILE))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_was_known_is_known_after_a_start() {
        let dir = tempfile::tempdir().unwrap();
        let open = || Memory::open(Some(dir.path().to_owned()));
        let memory = open();
        assert!(memory.entries().is_empty());
        memory.entries_keep(&["10.0.0.11:42376".into()]);
        memory.revoked_keep(&["0a".into()]);
        // A list that lacks one is not believed.
        memory.revoked_keep(&["0b".into()]);
        let again = open();
        assert_eq!(again.entries(), ["10.0.0.11:42376"]);
        let both = HashSet::from(["0a".to_owned(), "0b".to_owned()]);
        assert_eq!(again.revoked(), both);
    }

    #[test]
    fn what_cannot_be_read_is_nothing() {
        let dir = tempfile::tempdir().unwrap();
        for content in ["", "{}", "[1]", r#"{"entries":[],"revoked":[],"more":1}"#] {
            std::fs::write(dir.path().join(FILE), content).unwrap();
            assert!(
                Memory::open(Some(dir.path().to_owned()))
                    .entries()
                    .is_empty()
            );
        }
        // Without a place it is kept while it runs.
        let memory = Memory::open(None);
        memory.entries_keep(&["a:1".into()]);
        assert_eq!(memory.entries(), ["a:1"]);
    }
}
