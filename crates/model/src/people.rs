//! What pages show of people: accounts as administrators see them, invitations, quotas, requests,
//! tokens, the audit.

use serde::{Deserialize, Serialize};

use crate::{
    AccountId, AccountName, InvitationId, PasskeyId, RequestId, RequestState, Role, Scope, TeamId,
    TeamName, TokenId, UnixMs,
};

/// What an account or a team may have.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub struct QuotaLimits {
    pub clusters: u32,
    /// Of one cluster.
    pub segments: u32,
    /// Of all its segments together.
    pub memory_mib: u64,
    /// Of all its segments together.
    pub disk_gib: u64,
}

/// What an administrator fixed of an account's or a team's quota; the rest follows the panel's
/// configuration.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct QuotaChoice {
    pub clusters: Option<u32>,
    pub segments: Option<u32>,
    pub memory_mib: Option<u64>,
    pub disk_gib: Option<u64>,
}

/// An account as administrators see it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct PersonView {
    pub id: AccountId,
    pub name: AccountName,
    pub role: Role,
    pub suspended_at: Option<UnixMs>,
    pub created_at: UnixMs,
    pub last_sign_in_at: Option<UnixMs>,
    pub has_two_factor: bool,
    pub passkeys: u32,
    /// All there are, with those that are being deleted.
    pub clusters: u32,
    pub limits: QuotaLimits,
    pub choice: QuotaChoice,
}

/// By what one's own account can be entered.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct WaysInView {
    pub has_password: bool,
    /// What the identity provider is called, where there is one.
    pub provider: Option<String>,
    /// Since when the account is connected with it.
    pub connected_since: Option<UnixMs>,
    /// Those that work where the panel is.
    pub passkeys: u32,
}

/// One's own passkeys, and whether there can be more of them.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct PasskeysView {
    pub list: Vec<PasskeyView>,
    /// Where new ones work; nothing where there can be none.
    pub site: Option<String>,
    pub obstacle: Option<PasskeyObstacle>,
}

/// A key on somebody's device.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct PasskeyView {
    pub id: PasskeyId,
    /// In its owner's words.
    pub name: String,
    /// The host name that it was made for. It works nowhere else.
    pub site: String,
    pub made_at: UnixMs,
    pub last_used_at: Option<UnixMs>,
}

/// Why there can be no passkeys at the address that the panel is reached by.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "kind", rename_all = "snake_case")]
pub enum PasskeyObstacle {
    /// It is an IP address, and passkeys belong to names.
    Address { host: String },
    /// It is neither https nor the person's own machine.
    Insecure { host: String },
}

/// A link that makes one account and was not taken yet.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct InvitationView {
    pub id: InvitationId,
    /// For whom, in the administrator's words.
    pub note: String,
    pub role: Role,
    pub made_by: String,
    pub made_at: UnixMs,
    pub expires_at: UnixMs,
}

/// Whose quota something is about.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "what", rename_all = "snake_case")]
pub enum QuotaOwner {
    Account { id: AccountId, name: AccountName },
    Team { id: TeamId, name: TeamName },
}

/// Somebody asks for more, for themselves or for a team.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct QuotaRequestView {
    pub id: RequestId,
    pub owner: QuotaOwner,
    pub made_by: String,
    pub wanted: QuotaLimits,
    /// What the owner may have at present.
    pub present: QuotaLimits,
    pub reason: String,
    pub state: RequestState,
    pub made_at: UnixMs,
    pub decided_at: Option<UnixMs>,
    pub decided_by: Option<String>,
    /// The administrator's words; empty without any.
    pub answer: String,
}

/// A credential for programs, without its secret.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct TokenView {
    pub id: TokenId,
    pub name: String,
    pub scopes: Vec<Scope>,
    pub made_at: UnixMs,
    pub expires_at: UnixMs,
    pub last_used_at: Option<UnixMs>,
}

/// One thing that somebody did.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct AuditView {
    pub id: String,
    pub at: UnixMs,
    pub by: String,
    /// `cluster_create`, …
    pub action: String,
    /// The name of the cluster or the account it was done to; empty without one.
    pub subject: String,
    pub detail: String,
}

/// Some of the audit, the newest first.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct AuditPage {
    pub rows: Vec<AuditView>,
    /// Where the next page begins, when there is one.
    pub next: Option<String>,
}

/// One's own second factor.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct TwoFactorView {
    /// Since when its codes are asked for.
    pub on_since: Option<UnixMs>,
    /// While it is being set up.
    pub setup: Option<TwoFactorSetup>,
    pub recovery_codes_left: u32,
}

/// What goes into an authenticator.
#[derive(Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct TwoFactorSetup {
    /// Base32.
    pub secret: String,
    /// `otpauth://totp/…`, for the picture.
    pub uri: String,
}

impl std::fmt::Debug for TwoFactorSetup {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("TwoFactorSetup")
    }
}
