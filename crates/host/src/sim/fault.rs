//! Faults out of a file, for whoever wants to see how they look: a fault a line, read at every call,
//! so that it begins and ends while the program runs.
//!
//! * `away`: the machine answers nothing
//! * `memory MIB`: so much memory is left on it
//! * `fail VERB WORDS`: a verb of [`Verb`] is refused with these words
//! * `silent`: engines do not answer
//! * `stopped ORDINAL`: segments of this ordinal stop, and do not start again

use std::path::{Path, PathBuf};
use std::sync::Arc;

use super::{Verb, World};
use crate::HostEvent;

#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(super) struct Faults {
    pub is_away: bool,
    pub memory_free_mib: Option<u64>,
    /// Verb and words.
    pub failing: Vec<(String, String)>,
    pub is_silent: bool,
    pub stopped: Vec<u32>,
}

impl Faults {
    /// No file is no fault, and so is a line that says nothing known.
    pub(super) fn read(path: &Path) -> Self {
        let text = std::fs::read_to_string(path).unwrap_or_default();
        let mut faults = Self::default();
        for line in text.lines() {
            let (word, rest) = line.trim().split_once(' ').unwrap_or((line.trim(), ""));
            match word {
                "away" => faults.is_away = true,
                "memory" => faults.memory_free_mib = rest.parse().ok(),
                "fail" => {
                    let (verb, words) = rest.split_once(' ').unwrap_or((rest, "told to fail"));
                    faults.failing.push((verb.to_owned(), words.to_owned()));
                }
                "silent" => faults.is_silent = true,
                "stopped" => faults.stopped.extend(rest.parse::<u32>()),
                _ => {}
            }
        }
        faults
    }

    /// The words that this verb is refused with.
    pub(super) fn refusal(&self, verb: Verb) -> Option<String> {
        let name = format!("{verb:?}");
        let found = self.failing.iter().find(|(failing, _)| *failing == name);
        found.map(|(_, words)| words.clone())
    }
}

/// The file, and what stood in it last.
#[derive(Default)]
pub(super) struct FaultFile {
    pub path: Option<PathBuf>,
    /// That is away, or has no memory left, where the file says so.
    pub machine: Arc<str>,
    pub now: Faults,
}

impl World {
    /// Looks at the file again: what the machine tells of what has changed since.
    pub(super) fn faults_read(&mut self) -> Vec<HostEvent> {
        let Some(path) = &self.faults.path else {
            return Vec::new();
        };
        let faults = Faults::read(path);
        if faults == self.faults.now {
            return Vec::new();
        }
        let mut events = Vec::new();
        let before = std::mem::replace(&mut self.faults.now, faults);
        let now = &self.faults.now;
        let machine = self.faults.machine.clone();
        match now.memory_free_mib {
            Some(mib) => self.memory_free_mib.insert(machine.clone(), mib),
            None => self.memory_free_mib.remove(&machine),
        };
        for (node, segment) in &mut self.segments {
            if now.stopped.contains(&node.ordinal) && segment.running_since.take().is_some() {
                events.push(HostEvent::SegmentStopped(node.clone()));
            }
        }
        if before.is_away != now.is_away {
            events.push(match now.is_away {
                true => {
                    self.away.insert(machine);
                    HostEvent::Disconnected
                }
                false => {
                    self.away.remove(&machine);
                    HostEvent::Connected
                }
            });
        }
        events
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_file_says_what_is_broken() {
        let name = format!("carina-faults-{}", std::process::id());
        let path = std::env::temp_dir().join(name);
        assert_eq!(Faults::read(&path), Faults::default());
        let text = "away\nmemory 100\nfail SegmentEnsureRunning no space left\nsilent\nstopped 2\nnonsense 1\n";
        std::fs::write(&path, text).expect("a file");
        let faults = Faults::read(&path);
        assert!(faults.is_away && faults.is_silent);
        assert_eq!(faults.memory_free_mib, Some(100));
        assert_eq!(faults.stopped, [2]);
        let words = faults.refusal(Verb::SegmentEnsureRunning);
        assert_eq!(words.as_deref(), Some("no space left"));
        assert_eq!(faults.refusal(Verb::Observe), None);
        std::fs::remove_file(&path).expect("it was there");
    }
}
