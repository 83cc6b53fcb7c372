//! What is on the segments of a cluster, told before some of them go.

use serde::{Deserialize, Serialize};

use crate::ContainerView;

/// The containers of one segment, system ones included and marked.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct SegmentContainersView {
    pub ordinal: u32,
    /// None: its engine did not answer, which says nothing of what is on it.
    pub found: Option<Vec<ContainerView>>,
}

#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct SegmentContentsView {
    pub ordinal: u32,
    pub address: String,
    /// None: its engine did not answer. Whatever is on it goes with it all the same.
    pub found: Option<SegmentContents>,
}

/// All by name; what Carina runs itself is left out.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct SegmentContents {
    pub containers: Vec<String>,
    /// Containers of services with a number of replicas: as long as Docker's swarm is there, it makes
    /// them again on another segment.
    pub tasks: Vec<String>,
    /// None: they could not be listed.
    pub volumes: Option<Vec<String>>,
}
