//! Looks at everything a segment needs, changes nothing, and says how to mend what is wrong.
//!
//! Blocking: call it off the async threads.

use std::path::PathBuf;

#[derive(Debug, Clone)]
pub struct DoctorOptions {
    pub uri: String,
    /// As in [`crate::prepare::PrepareOptions`]; `None` leaves the image's freshness unchecked.
    pub programs_dir: Option<PathBuf>,
    /// First host id that segments take, and how many, from the configuration.
    pub id_base: u32,
    pub id_count: u32,
}

#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Check {
    pub name: &'static str,
    pub level: Level,
    /// What is there.
    pub found: String,
    /// How to mend it; `None` when all is well.
    pub mend: Option<String>,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Level {
    Ok,
    /// Segments work, something is worse than it could be.
    Warn,
    /// Segments cannot work.
    Fail,
}

pub fn doctor(_options: &DoctorOptions) -> Vec<Check> {
    Vec::new()
}
