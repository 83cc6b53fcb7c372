//! What pages show. Flat, serializable, without a wish's or a fact's internals.

use serde::{Deserialize, Serialize};

use crate::{
    AccountId, AccountName, CertificateKind, ClusterId, ClusterName, ClusterTeam, ListPage,
    OperationId, OperationKind, OperationState, Phase, Role, SegmentPhase, SessionId, StepState,
};

/// Milliseconds since 1970, UTC.
pub type UnixMs = i64;

#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct AccountView {
    pub id: AccountId,
    pub name: AccountName,
    pub role: Role,
}

/// A signed-in browser.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct SessionView {
    pub id: SessionId,
    pub is_current: bool,
    pub created_at: UnixMs,
    pub last_seen_at: UnixMs,
    /// The browser's own words, shortened.
    pub agent: String,
    pub address: String,
}

#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct ClusterView {
    pub id: ClusterId,
    pub name: ClusterName,
    /// Whose it is; None: one's own.
    pub team: Option<ClusterTeam>,
    /// The host that all of it is on, where the panel has more than one.
    pub host: Option<String>,
    /// Whoever looks may scale, rebuild, rename and delete it, and hand it over.
    pub may_change: bool,
    /// Whoever looks may have credentials for it, and do with its containers what they like.
    pub may_use: bool,
    pub phase: Phase,
    /// Why it is not `active`, and what happens next; for people.
    pub reason: Option<String>,
    pub next_try_at: Option<UnixMs>,
    /// Counts what people have asked of it.
    pub generation: i64,
    /// Everything of it was there once.
    pub was_active: bool,
    /// None: it does not grow by itself.
    pub autoscale: Option<AutoscaleView>,
    /// Of each segment.
    pub disk_gib: u64,
    pub segments_wanted: u32,
    /// Most segments this cluster may have.
    pub segments_max: u32,
    pub segments: Vec<SegmentView>,
    pub created_at: UnixMs,
    /// `tcp://…` of the front door, when the endpoint is there.
    pub endpoint: Option<String>,
    /// Its segments' addresses are reached from elsewhere than the panel's machine.
    pub is_routed: bool,
    /// What will close it before long.
    pub ending: Option<EndingView>,
    /// The live timeline of the newest operation; empty when nothing happened lately.
    pub steps: Vec<StepView>,
    pub operations: Vec<OperationView>,
}

#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct SegmentView {
    /// `<cluster>-n1`
    pub node: String,
    pub ordinal: u32,
    pub address: String,
    pub phase: SegmentPhase,
    pub reason: Option<String>,
    pub engine_version: Option<String>,
    pub memory_used_bytes: Option<u64>,
    pub memory_limit_bytes: u64,
    /// Hundredths of a vCPU in use, over the last interval.
    pub cpu_used_centi: Option<u32>,
    pub vcpus: u32,
    pub disk_used_bytes: Option<u64>,
    pub disk_limit_bytes: u64,
    pub containers_running: Option<u32>,
    pub containers_total: Option<u32>,
    /// Somebody wants nothing new on it.
    pub is_drained: bool,
}

#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct ContainerView {
    /// `<cluster>-n1`
    pub node: String,
    pub id: String,
    pub name: String,
    pub image: String,
    /// Docker's word: running, exited, …
    pub state: String,
    /// `Up 3 minutes`
    pub status: String,
    pub ports: Vec<String>,
    /// One of `swarm-manager`, `swarm-agent`, `swarm-data`.
    pub is_system: bool,
    pub created_at: UnixMs,
}

/// One line of the live timeline: placed, made, engine up, joined, endpoint answers.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct StepView {
    /// Stable: `placed`, `made:1`, `engine:1`, `joined:1`, `endpoint`, …
    pub key: String,
    /// For people: “Segment 1: engine up”.
    pub label: String,
    pub state: StepState,
    /// From the operation's start, once done.
    pub took_ms: Option<u32>,
    /// What it waits for, or why it failed.
    pub detail: Option<String>,
}

#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct OperationView {
    pub id: OperationId,
    pub kind: OperationKind,
    /// “Scale to 3 segments”.
    pub summary: String,
    pub state: OperationState,
    pub by: String,
    pub started_at: UnixMs,
    pub ended_at: Option<UnixMs>,
}

/// What became of the last look at whether a cluster should grow by itself.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "what", rename_all = "snake_case")]
pub enum AutoscaleView {
    /// It is not full, or nobody has looked yet.
    Watching,
    /// It was full, and got so many segments.
    Grown { segments: u32, at: UnixMs },
    /// It is full and cannot grow; for people.
    Stuck { why: String, at: UnixMs },
}

/// What an owner decides about a cluster that exists.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct ClusterSettingsView {
    pub id: ClusterId,
    pub name: ClusterName,
    /// Whose it is; None: one's own.
    pub team: Option<ClusterTeam>,
    /// Whoever looks may change any of this.
    pub may_change: bool,
    /// Grows by itself when it is full.
    pub autoscale: bool,
    pub segments: u32,
    pub segments_max: u32,
    pub disks: ClusterDisksView,
}

/// The disks of a cluster's segments.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct ClusterDisksView {
    /// Of the largest of them; none becomes smaller.
    pub gib: u64,
    /// Most that the quota has for each.
    pub gib_most: u64,
    /// Of the owner's quota.
    pub quota_free_gib: u64,
    pub segments: Vec<SegmentDiskView>,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub struct SegmentDiskView {
    pub ordinal: u32,
    pub used_bytes: Option<u64>,
    /// As its host saw it last; None: there is none yet.
    pub has_bytes: Option<u64>,
    pub wanted_bytes: u64,
}

/// Some of what was asked of a cluster, the newest first.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct OperationPage {
    pub rows: Vec<OperationDetail>,
    /// Where the next page begins, when there is one.
    pub next: Option<String>,
}

/// With all its steps.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct OperationDetail {
    pub operation: OperationView,
    pub steps: Vec<StepView>,
}

/// A client certificate that somebody downloaded, or that the panel uses in somebody's name.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct CertificateView {
    /// Lower-case hex.
    pub serial: String,
    pub kind: CertificateKind,
    /// What it is for, in its maker's words; empty without any.
    pub label: String,
    pub made_by: String,
    pub made_at: UnixMs,
    pub expires_at: UnixMs,
    pub revoked_at: Option<UnixMs>,
    /// When a manager last let it in, to the minute; None: never, or not told.
    pub last_seen_at: Option<UnixMs>,
}

/// Some of those that have not expired, the newest first.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct CertificatesView {
    pub list: ListPage<CertificateView>,
    /// That are not revoked, on all pages.
    pub open: u32,
}

/// What will close the endpoint to people before long.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "what", rename_all = "snake_case")]
pub enum EndingView {
    /// So many downloaded certificates; the first of them then.
    Certificates { count: u32, at: UnixMs },
    /// The cluster's own, and every certificate with it.
    Authority { at: UnixMs },
}

/// One step of a client's way to Docker, as the panel went it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum WayStep {
    /// A TCP connection.
    Connect,
    /// TLS with the cluster's authority.
    Secure,
    /// Docker's own `_ping`.
    Ping,
}

impl WayStep {
    pub const ALL: [Self; 3] = [Self::Connect, Self::Secure, Self::Ping];
}

/// How one step went; a way ends with the first that did not.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct WayStepView {
    pub step: WayStep,
    pub took_ms: u32,
    /// In the words of what failed.
    pub problem: Option<String>,
}

/// The way to one segment's manager.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct ManagerWayView {
    pub ordinal: u32,
    pub address: String,
    pub steps: Vec<WayStepView>,
}

/// The ways to a cluster's endpoint: through the front door as people go, and to each manager.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct AccessTestView {
    pub port: u16,
    pub front_door: Vec<WayStepView>,
    pub managers: Vec<ManagerWayView>,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub struct QuotaView {
    pub clusters_used: u32,
    pub clusters_max: u32,
    /// Of one cluster.
    pub segments_max: u32,
    /// Of all segments of clusters that count.
    pub memory_used_mib: u64,
    pub memory_max_mib: u64,
    pub disk_used_gib: u64,
    pub disk_max_gib: u64,
    pub memory_per_segment_mib: u64,
    pub vcpus_per_segment: u32,
    pub disk_per_segment_bytes: u64,
}
