//! The words of Carina: ids, parsed names, what pages show, and errors for people.
//!
//! Nothing here knows a database, a host or a runtime: the browser compiles it too.

mod container;
mod contents;
mod error;
mod event;
mod id;
mod inventory;
mod limits;
#[macro_use]
mod phase;
mod host;
mod metric;
mod name;
mod page;
mod people;
mod stack;
mod team;
mod thing_name;
mod view;

pub use container::{
    AttachmentView, ContainerDetailView, ContainerRef, ContainerUsageView, HealthView, LogLine,
    LogSource, LogView, MountView, PortView, VariableView,
};
pub use contents::{SegmentContainersView, SegmentContents, SegmentContentsView};
pub use error::UserError;
pub use event::{EventKind, EventView, Happening};
pub use host::{
    Finding, FindingLevel, HostChoiceView, HostFreeView, HostSegmentView, HostView, HostsView,
    SettingLine, SettingsView, Share, StatusView,
};
pub use id::{
    AccountId, ClusterId, InvitationId, OperationId, OwnerId, PasskeyId, RequestId, SessionId,
    TeamId, TokenId,
};
pub use inventory::{
    ImageView, NetworkView, PullView, ServiceView, TaskView, ThingRef, VolumeView,
};
pub use limits::{DISK_GIB_LEAST, MAX_CLUSTERS, MAX_SEGMENTS, PASSWORD_MAX, PASSWORD_MIN};
pub use metric::{
    ClusterPageView, ContainerMemory, ContainerMetricsView, Measure, MetricLine, MetricsView,
    Reading, SegmentMetrics, Span, TrendView,
};
pub use name::{AccountName, ClusterName, NameError, TeamName};
pub use page::{ListPage, PER_PAGE, PageAt};
pub use people::{
    AuditPage, AuditView, InvitationView, PasskeyObstacle, PasskeyView, PasskeysView, PersonView,
    QuotaChoice, QuotaLimits, QuotaOwner, QuotaRequestView, TokenView, TwoFactorSetup,
    TwoFactorView, WaysInView,
};
pub use phase::{
    CertificateKind, ContainerAction, OperationKind, OperationState, Phase, RequestState, Role,
    Scope, SegmentPhase, StepState, ThingKind, UnknownWord,
};
pub use stack::{
    ComposeProblem, ComposeWrong, Shape, StackCheckView, StackFile, StackFileUse, StackHealth,
    StackMount, StackName, StackOutcome, StackPart, StackPort, StackResources, StackRestart,
    StackService, StackSpec, StackUpdate, Unsupported, ValueWanted, YamlFeature,
};
pub use team::{ClusterTeam, TeamClusterView, TeamLineView, TeamPersonView, TeamView};
pub use thing_name::{ImageName, ThingName};
pub use view::{
    AccessTestView, AccountView, AutoscaleView, CertificateView, CertificatesView,
    ClusterDisksView, ClusterSettingsView, ClusterView, ContainerView, EndingView, ManagerWayView,
    OperationDetail, OperationPage, OperationView, QuotaView, SegmentDiskView, SegmentView,
    SessionView, StepView, UnixMs, WayStep, WayStepView,
};
