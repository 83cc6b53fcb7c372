//! Makes this machine a host: libvirt running, the hook in place, the storage pool, the image.
//!
//! Safe to repeat; done in well under a second when there is nothing to do. Installs no packages.
//! Blocking: call it off the async threads.

use std::path::PathBuf;

#[derive(Debug, Clone)]
pub struct PrepareOptions {
    /// libvirt's URI, `lxc:///`.
    pub uri: String,
    /// Where `segment-hook`, `segment-init` and `swarm` (static programs) lie.
    pub programs_dir: PathBuf,
}

#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Prepared {
    /// The image's name under `images/`, for `SegmentSpec::mark`.
    pub image: String,
    /// A line for each thing that was not as it should be and now is.
    pub changes: Vec<String>,
}

#[derive(Debug, thiserror::Error)]
#[error("{what}: {why}")]
pub struct PrepareError {
    /// What was tried.
    pub what: String,
    /// What came of it, with the way out where one is known.
    pub why: String,
}

/// `progress` hears of each step that takes time before it begins.
pub fn prepare(
    _options: &PrepareOptions,
    _progress: &mut dyn FnMut(&str),
) -> Result<Prepared, PrepareError> {
    Err(PrepareError {
        what: "preparing the host".into(),
        why: "not written yet".into(),
    })
}
