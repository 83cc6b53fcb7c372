//! The words of Carina: ids, parsed names, what pages show, and errors for people.
//!
//! Nothing here knows a database, a host or a runtime: the browser compiles it too.

mod error;
mod id;
mod limits;
mod name;
mod phase;
mod view;

pub use error::UserError;
pub use id::{AccountId, ClusterId, OperationId, SessionId};
pub use limits::{MAX_CLUSTERS, MAX_SEGMENTS, PASSWORD_MAX, PASSWORD_MIN};
pub use name::{AccountName, ClusterName, NameError};
pub use phase::{OperationKind, OperationState, Phase, Role, SegmentPhase, StepState, UnknownWord};
pub use view::{
    AccountView, CertificateView, ClusterView, ContainerView, OperationView, QuotaView,
    SegmentView, SessionView, StepView, UnixMs,
};
