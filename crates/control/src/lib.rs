//! Use-cases, planner, reconciler.
//!
//! A use-case is one transaction (wish, generation, operation, audit row) and then a kick; the
//! reconciler makes the wish true, again and again. Pages and listeners see [`Control`] alone.

mod access;
mod account;
mod actor;
mod attempts;
mod audit;
mod audit_action;
mod autoscale;
mod certificate;
mod changes;
mod choice;
mod claim;
mod clock;
mod cluster;
mod cluster_page;
mod confirm;
mod console;
mod container;
mod contents;
mod desired;
mod discovery;
mod disk;
mod drain;
mod driver;
mod error;
mod events;
mod execute;
mod facade;
mod gate;
mod hand_over;
mod host_words;
mod hosts;
mod inventory;
mod invitation;
mod judge;
mod kick;
mod log;
mod material;
mod metric;
mod numbers;
mod observe;
mod operation;
mod panel;
mod passkey;
mod password;
mod people;
mod permit;
mod person;
mod placement;
mod plan;
mod presence;
mod progress;
mod provider;
mod pull;
mod quota;
mod quota_request;
mod reconcile;
mod refusals;
mod replace;
mod room;
mod setting;
mod settings;
mod sign_in;
mod stack;
mod step;
mod steps;
mod team;
mod team_person;
#[cfg(test)]
mod tests;
mod token;
mod two_factor;
mod usage;
mod view;
mod watch;
mod way;

use std::net::SocketAddrV4;
use std::sync::Arc;

use model::{ClusterId, UserError};

pub use self::passkey::{PasskeyBegun, PasskeyWaiting};
pub use access::{BundleForm, BundleOrder};
pub use actor::Actor;
pub use audit::AuditQuery;
pub use audit_action::AUDIT_ACTIONS;
pub use clock::{Clock, ManualClock, SystemClock};
pub use cluster::ClusterOrder;
pub use console::{ConsoleHandle, PersonConsole, Shell};
pub use error::Error;
pub use events::EventStream;
pub use facade::Control;
pub use host::Capacity;
pub use invitation::InvitationSpec;
pub use log::{LOG_CONTAINERS_MAX, LogStream};
pub use numbers::{ClusterNow, Numbers, Rounds, SegmentNow};
pub use permit::{Action, Permit, TABLE as PERMITS};
pub use presence::PresenceEnd;
pub use provider::{
    ProviderAnswer, ProviderBegun, ProviderDone, ProviderPurpose, ProviderSettings, ProviderWaiting,
};
pub use settings::{Flavor, Quota, Room, SessionLimits, Settings};
pub use sign_in::{Admitted, Pending, SignIn};
pub use wire::Secret;

/// What a use-case answers.
pub type Result<T> = std::result::Result<T, UserError>;

/// What [`Control`] is made of.
pub struct Parts {
    pub store: store::Store,
    pub hosts: Vec<Arc<dyn host::Host>>,
    pub engine: Arc<dyn host::Engine>,
    pub endpoint: Arc<dyn host::Endpoint>,
    pub clock: Arc<dyn Clock>,
    pub settings: Settings,
}

/// Look again.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Changed {
    /// Something about a cluster that the listener may see.
    Cluster(ClusterId),
    /// What the listener may see, or more of it than is known: there was a gap in the stream.
    Everything,
    /// Which requests for a larger quota wait: told to whoever decides about them.
    Requests,
}

/// A credentials zip.
#[derive(Clone)]
pub struct Bundle {
    /// `<cluster name>.zip`
    pub file_name: String,
    pub bytes: Vec<u8>,
}

/// The panel's TCP port for one cluster's endpoint, and where it leads: the first target that
/// takes the connection.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct FrontDoor {
    pub cluster: ClusterId,
    pub port: u16,
    pub targets: Vec<SocketAddrV4>,
}
