//! The words of Carina: ids, parsed names, what pages show, and errors for people.
//!
//! Nothing here knows a database, a host or a runtime: the browser compiles it too.

mod container;
mod error;
mod id;
mod inventory;
mod limits;
#[macro_use]
mod phase;
mod host;
mod metric;
mod name;
mod people;
mod stack;
mod view;

pub use container::{
    AttachmentView, ContainerDetailView, ContainerRef, ContainerUsageView, HealthView, LogLine,
    LogSource, LogView, MountView, PortView, VariableView,
};
pub use error::UserError;
pub use host::{Finding, FindingLevel, HostSegmentView, HostView, HostsView, Share, StatusView};
pub use id::{AccountId, ClusterId, InvitationId, OperationId, RequestId, SessionId, TokenId};
pub use inventory::{ImageView, NetworkView, ServiceView, TaskView, ThingRef, VolumeView};
pub use limits::{MAX_CLUSTERS, MAX_SEGMENTS, PASSWORD_MAX, PASSWORD_MIN};
pub use metric::{
    ClusterPageView, ContainerMemory, Measure, MetricLine, MetricsView, Reading, SegmentMetrics,
    Span, TrendView,
};
pub use name::{AccountName, ClusterName, NameError};
pub use people::{
    AuditPage, AuditView, InvitationView, PersonView, QuotaChoice, QuotaLimits, QuotaRequestView,
    TokenView, TwoFactorSetup, TwoFactorView, WaysInView,
};
pub use phase::{
    CertificateKind, ContainerAction, OperationKind, OperationState, Phase, RequestState, Role,
    Scope, SegmentPhase, StepState, ThingKind, UnknownWord,
};
pub use stack::{
    ComposeProblem, ComposeWrong, Shape, StackCheckView, StackMount, StackName, StackOutcome,
    StackPart, StackPort, StackService, StackSpec, Unsupported, ValueWanted, YamlFeature,
};
pub use view::{
    AccessTestView, AccountView, CertificateView, ClusterSettingsView, ClusterView, ContainerView,
    EndingView, ManagerWayView, OperationDetail, OperationView, QuotaView, SegmentView,
    SessionView, StepView, UnixMs, WayStep, WayStepView,
};
