//! The machines below, for whoever looks after them.

use serde::{Deserialize, Serialize};

use crate::{ClusterId, QuotaLimits, SegmentPhase, UnixMs};

words!(
    /// How bad something is that was found on a host.
    FindingLevel {
        Ok = "ok",
        /// Segments work, something is worse than it could be.
        Warn = "warn",
        /// Segments cannot work.
        Fail = "fail",
    }
);

/// One thing that a host needs, how it is, and how to mend it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Finding {
    pub name: String,
    pub level: FindingLevel,
    pub found: String,
    pub mend: Option<String>,
}

/// How much of something there is, and how much of it is given away or in use.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Share {
    pub used: u64,
    pub total: u64,
}

#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct HostsView {
    pub hosts: Vec<HostView>,
    /// Of the pool that clusters' networks come from.
    pub network_pool: String,
    pub subnets: Share,
    pub ports: Share,
    /// Ranges of 65,536 user ids.
    pub id_ranges: Share,
    /// The image that new segments get.
    pub image: String,
}

#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct HostView {
    pub name: String,
    /// It takes no new segments.
    pub is_drained: bool,
    /// None when it answers.
    pub trouble: Option<String>,
    /// As the host says.
    pub memory_bytes: Option<Share>,
    pub disk_bytes: Option<Share>,
    pub cpus: Option<u32>,
    /// What its segments may use at most, all together.
    pub memory_promised_bytes: u64,
    pub vcpus_promised: u64,
    pub disk_promised_bytes: u64,
    pub segments: Vec<HostSegmentView>,
    pub examined_at: Option<UnixMs>,
    pub findings: Vec<Finding>,
}

#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct HostSegmentView {
    pub cluster: ClusterId,
    pub cluster_name: String,
    pub ordinal: u32,
    pub phase: SegmentPhase,
    pub image: String,
    /// Of the image that new segments get.
    pub is_image_current: bool,
    pub memory_bytes: Option<u64>,
    pub cpu_centi: Option<u64>,
}

/// A host that a new cluster can be put on, as whoever makes one sees it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct HostChoiceView {
    pub name: String,
    /// It takes no new segments.
    pub is_drained: bool,
    /// How many segments of a new cluster fit, at most those that one may have; None: it does not
    /// answer just now.
    pub segments_fit: Option<u32>,
    /// For administrators alone.
    pub free: Option<HostFreeView>,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub struct HostFreeView {
    /// That are on it.
    pub segments: u64,
    /// How many more fit, those counted that are still starting.
    pub segments_fit: u64,
    pub memory_bytes: u64,
    pub disk_bytes: u64,
}

/// How the whole is, for everybody: numbers and no names.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub struct StatusView {
    pub hosts: Share,
    /// Clusters whose endpoint should answer, and those that do.
    pub endpoints: Share,
    /// Clusters that are being made, changed or removed.
    pub changing: u64,
    pub at: UnixMs,
}

/// What holds for the whole panel, as administrators see it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct SettingsView {
    /// Of an account or a team for which nothing else was fixed.
    pub quota: QuotaLimits,
    /// Everybody may see how the whole is.
    pub is_status_public: bool,
    /// What the configuration alone decides.
    pub lines: Vec<SettingLine>,
}

#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct SettingLine {
    /// `segment.memory_mib`
    pub key: String,
    pub value: String,
}
