//! Rows as the rest of the panel gets them: parsed, with types for ids and words.

use std::net::Ipv4Addr;
use std::ops::Deref;
use std::str::FromStr;

use model::{
    AccountId, AccountName, CertificateKind, ClusterId, ClusterName, InvitationId, OperationId,
    OperationKind, OperationState, OwnerId, PasskeyId, Phase, RequestId, RequestState, Role,
    SegmentPhase, SessionId, TokenId, UnixMs,
};
use sqlx::FromRow;

/// A value that a column keeps as text.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Text<T>(pub T);

#[derive(Debug, thiserror::Error)]
#[error("a column holds “{0}”, which cannot be read")]
pub struct Unreadable(String);

impl<T: FromStr> TryFrom<String> for Text<T> {
    type Error = Unreadable;
    fn try_from(text: String) -> Result<Self, Unreadable> {
        text.parse().map(Self).map_err(|_| Unreadable(text))
    }
}

impl<T> Deref for Text<T> {
    type Target = T;
    fn deref(&self) -> &T {
        &self.0
    }
}

#[derive(Clone, FromRow)]
pub struct AccountRecord {
    #[sqlx(try_from = "String")]
    pub id: AccountId,
    #[sqlx(try_from = "String")]
    pub name: AccountName,
    #[sqlx(try_from = "String")]
    pub role: Role,
    /// Empty for who has none, and signs in at an identity provider.
    pub password_hash: String,
    pub created_at: UnixMs,
    /// Since when the person is kept out.
    pub suspended_at: Option<UnixMs>,
    pub last_sign_in_at: Option<UnixMs>,
    /// Counts up whenever all of the account's sessions end.
    pub epoch: i64,
    #[sqlx(flatten)]
    pub quota: QuotaRecord,
}

/// An account with what a list of people says of it.
#[derive(Clone, FromRow)]
pub struct PersonRecord {
    #[sqlx(flatten)]
    pub account: AccountRecord,
    /// In whatever state.
    #[sqlx(try_from = "i64")]
    pub clusters: u32,
    #[sqlx(try_from = "i64")]
    pub passkeys: u32,
    /// Second factors that are asked for: one, or none.
    #[sqlx(try_from = "i64")]
    pub factors: u32,
}

/// What was fixed of an account's or a team's quota; the rest follows the configuration.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, FromRow)]
pub struct QuotaRecord {
    pub quota_clusters: Option<i64>,
    pub quota_segments: Option<i64>,
    pub quota_memory_mib: Option<i64>,
    pub quota_disk_gib: Option<i64>,
}

/// What counts against a quota.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct QuotaUsed {
    pub clusters: i64,
    /// With those that do not count.
    pub all: i64,
    pub memory_mib: i64,
    pub disk_bytes: i64,
}

/// A link that makes one account.
#[derive(Debug, Clone, FromRow)]
pub struct InvitationRecord {
    #[sqlx(try_from = "String")]
    pub id: InvitationId,
    pub note: String,
    #[sqlx(try_from = "String")]
    pub role: Role,
    #[sqlx(flatten)]
    pub quota: QuotaRecord,
    pub made_by: String,
    pub made_at: UnixMs,
    pub expires_at: UnixMs,
}

/// A second factor; its secret in base32.
#[derive(Clone, FromRow)]
pub struct TwoFactorRecord {
    pub secret: String,
    pub made_at: UnixMs,
    /// None while it is being set up.
    pub confirmed_at: Option<UnixMs>,
    pub last_step: i64,
}

/// A credential for programs, without its secret.
#[derive(Debug, Clone, FromRow)]
pub struct TokenRecord {
    #[sqlx(try_from = "String")]
    pub id: TokenId,
    #[sqlx(try_from = "String")]
    pub account_id: AccountId,
    pub name: String,
    /// Words with spaces between.
    pub scopes: String,
    pub made_at: UnixMs,
    pub expires_at: UnixMs,
    pub last_used_at: Option<UnixMs>,
}

/// A key on somebody's device: its public half, and what is remembered of its uses.
#[derive(Debug, Clone, FromRow)]
pub struct PasskeyRecord {
    #[sqlx(try_from = "String")]
    pub id: PasskeyId,
    #[sqlx(try_from = "String")]
    pub account_id: AccountId,
    /// What the device calls it.
    pub credential_id: String,
    /// The host name that it was made for.
    pub site: String,
    /// In its owner's words.
    pub name: String,
    /// As the crate `passkey` writes it.
    pub data: String,
    /// What it signed last; empty before.
    pub last_proof: String,
    pub made_at: UnixMs,
    pub last_used_at: Option<UnixMs>,
}

/// Somebody asks for more, for themselves or for a team.
#[derive(Debug, Clone, FromRow)]
pub struct RequestRecord {
    #[sqlx(try_from = "String")]
    pub id: RequestId,
    /// Whose quota it is about.
    #[sqlx(try_from = "String")]
    pub owner_id: OwnerId,
    /// By name.
    pub made_by: String,
    #[sqlx(try_from = "i64")]
    pub clusters: u32,
    #[sqlx(try_from = "i64")]
    pub segments: u32,
    #[sqlx(try_from = "i64")]
    pub memory_mib: u64,
    #[sqlx(try_from = "i64")]
    pub disk_gib: u64,
    pub reason: String,
    #[sqlx(try_from = "String")]
    pub state: RequestState,
    pub made_at: UnixMs,
    pub decided_at: Option<UnixMs>,
    pub decided_by: Option<String>,
    pub answer: String,
}

#[derive(Debug, Clone, FromRow)]
pub struct SessionRecord {
    #[sqlx(try_from = "String")]
    pub public_id: SessionId,
    pub account_id: Option<String>,
    pub data: String,
    pub agent: String,
    pub address: String,
    pub created_at: UnixMs,
    pub last_seen_at: UnixMs,
    pub expires_at: UnixMs,
}

/// What somebody wants of a cluster, and what was taken for it.
#[derive(Clone, FromRow)]
pub struct ClusterWish {
    #[sqlx(try_from = "String")]
    pub id: ClusterId,
    #[sqlx(try_from = "String")]
    pub owner_id: OwnerId,
    #[sqlx(try_from = "String")]
    pub name: ClusterName,
    pub host: String,
    pub network_mode: String,
    /// `10.83.4.0/24`
    pub subnet: String,
    #[sqlx(try_from = "i64")]
    pub front_door_port: u16,
    pub token: String,
    /// Both authorities and the panel's own identities, as `control` writes them.
    pub authorities: String,
    #[sqlx(try_from = "i64")]
    pub segments: u32,
    pub desired_generation: i64,
    /// The generation of the last rebuild somebody asked for; 0 without one.
    pub rebuild_generation: i64,
    pub autoscale: bool,
    /// Of each segment; none where the configuration decides.
    pub disk_gib: Option<i64>,
    pub deleting_since: Option<UnixMs>,
    pub created_at: UnixMs,
}

/// What a round found.
#[derive(Debug, Clone, PartialEq, Eq, FromRow)]
pub struct ClusterFact {
    pub observed_generation: i64,
    #[sqlx(try_from = "String")]
    pub phase: Phase,
    pub reason: Option<String>,
    pub next_try_at: Option<UnixMs>,
    /// Since when it waits for what `reason` says.
    pub waiting_since: Option<UnixMs>,
    pub first_active_at: Option<UnixMs>,
    pub observed_at: UnixMs,
    pub last_plan: String,
    pub last_round_ms: i64,
}

#[derive(Debug, Clone, FromRow)]
pub struct LoopRecord {
    #[sqlx(try_from = "String")]
    pub cluster_id: ClusterId,
    #[sqlx(try_from = "i64")]
    pub attempt: u32,
    pub due_at: UnixMs,
}

/// A segment that is wanted, or being removed.
#[derive(Clone, FromRow)]
pub struct SegmentWish {
    #[sqlx(try_from = "String")]
    pub cluster_id: ClusterId,
    #[sqlx(try_from = "i64")]
    pub ordinal: u32,
    #[sqlx(try_from = "String")]
    pub address: Text<Ipv4Addr>,
    #[sqlx(try_from = "i64")]
    pub id_base: u32,
    pub mac: String,
    pub image: String,
    #[sqlx(try_from = "i64")]
    pub memory_mib: u64,
    #[sqlx(try_from = "i64")]
    pub vcpus: u32,
    #[sqlx(try_from = "i64")]
    pub disk_bytes: u64,
    #[sqlx(try_from = "i64")]
    pub pids: u32,
    pub seed_generation: i64,
    /// Its certificates and keys, as `control` writes them.
    pub material: String,
    pub placed_at: UnixMs,
    pub removing_since: Option<UnixMs>,
}

#[derive(Debug, Clone, PartialEq, Eq, FromRow)]
pub struct SegmentFact {
    #[sqlx(try_from = "i64")]
    pub ordinal: u32,
    #[sqlx(try_from = "String")]
    pub phase: SegmentPhase,
    pub reason: Option<String>,
    pub engine_version: Option<String>,
    /// Its manager answered the last probe.
    pub is_answering: bool,
    pub running_since: Option<UnixMs>,
    /// How large its host says that its disk is.
    pub disk_bytes: Option<i64>,
}

#[derive(Debug, Clone, FromRow)]
pub struct OperationRecord {
    #[sqlx(try_from = "String")]
    pub id: OperationId,
    #[sqlx(try_from = "String")]
    pub cluster_id: ClusterId,
    #[sqlx(try_from = "String")]
    pub kind: OperationKind,
    pub summary: String,
    pub generation: i64,
    pub by_name: String,
    #[sqlx(try_from = "String")]
    pub state: OperationState,
    pub started_at: UnixMs,
    pub ended_at: Option<UnixMs>,
}

#[derive(Debug, Clone, PartialEq, Eq, FromRow)]
pub struct StepRecord {
    pub position: i64,
    pub key: String,
    pub label: String,
    pub done_at: Option<UnixMs>,
}

#[derive(Debug, Clone, PartialEq, Eq, FromRow)]
pub struct CertificateRecord {
    pub serial: String,
    #[sqlx(try_from = "String")]
    pub kind: CertificateKind,
    /// What it is for, in its maker's words; empty without any.
    pub label: String,
    pub made_by: String,
    pub made_at: UnixMs,
    pub expires_at: UnixMs,
    pub revoked_at: Option<UnixMs>,
    /// As a manager of the cluster told it.
    pub last_seen_at: Option<UnixMs>,
}

#[derive(Debug, Clone, PartialEq, Eq, FromRow)]
pub struct AuditRecord {
    pub id: String,
    pub at: UnixMs,
    pub actor_id: String,
    pub actor_name: String,
    /// `cluster_create`, …
    pub action: String,
    pub subject: String,
    /// Of the account, the cluster or the team; empty without one.
    pub subject_id: String,
    /// Whose the cluster was then, or the team itself; empty where nobody else is concerned.
    pub owner_id: String,
    pub detail: String,
}

/// Which rows of the audit; an empty word lets everything through.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct AuditFilter {
    /// Done by or to this account, its clusters, or the teams it is in.
    pub about_id: String,
    pub actor_name: String,
    pub action: String,
    pub subject: String,
    pub since: UnixMs,
    pub until: UnixMs,
    /// Time and id of the last row of the page before.
    pub before: (UnixMs, String),
}
