//! Use-cases, planner, reconciler.
//!
//! A use-case is one transaction (wish, generation, operation, audit row) and then a kick; the
//! reconciler makes the wish true, again and again. Pages and listeners see [`Control`] alone.

mod actor;
mod clock;
mod settings;

use std::net::{IpAddr, SocketAddrV4};
use std::sync::Arc;
use std::time::Duration;

use futures::Stream;
use model::{
    AccountId, AccountView, CertificateView, ClusterId, ClusterName, ClusterView, ContainerView,
    QuotaView, Role, SessionId, SessionView, UserError,
};
use tokio::sync::watch;
use tokio_util::sync::CancellationToken;

pub use actor::Actor;
pub use clock::{Clock, ManualClock, SystemClock};
pub use settings::{Flavor, Quota, SessionLimits, Settings};
pub use wire::Secret;

/// What a use-case answers.
pub type Result<T> = std::result::Result<T, UserError>;

/// What [`Control`] is made of.
pub struct Parts {
    pub store: store::Store,
    pub hosts: Vec<Arc<dyn host::Host>>,
    pub engine: Arc<dyn host::Engine>,
    pub clock: Arc<dyn Clock>,
    pub settings: Settings,
}

/// Something about a cluster of the listener's changed; look again. After a gap in the stream the
/// id is nil: look at everything.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Changed {
    pub cluster: ClusterId,
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

/// Why the panel could not start.
#[derive(Debug, thiserror::Error)]
pub enum Error {
    #[error("the database does not work")]
    Store(#[from] store::Error),
    #[error("certificates cannot be made")]
    Pki(#[from] pki::Error),
}

/// The one facade over everything the panel does.
#[derive(Clone)]
pub struct Control(Arc<Parts>);

fn later<T>() -> Result<T> {
    Err(UserError::Unavailable {
        what: "This part".to_owned(),
    })
}

#[expect(clippy::unused_async, unused_variables, reason = "signatures first")]
impl Control {
    /// Runs migrations and makes the panel's own authority once.
    pub async fn new(parts: Parts) -> std::result::Result<Self, Error> {
        Ok(Self(Arc::new(parts)))
    }
    /// The reconciler: kicks, timers, host events; returns after `shutdown`.
    pub async fn run(&self, shutdown: CancellationToken) {
        shutdown.cancelled().await;
    }
    /// Rounds until nothing is left to do (tests).
    pub async fn settle(&self) {}
    /// The database answers.
    pub async fn health(&self) -> Result<()> {
        later()
    }

    /// No account exists yet.
    pub async fn setup_needed(&self) -> Result<bool> {
        later()
    }
    /// A new one-time set-up token; older ones are void.
    pub async fn setup_link_make(&self) -> Result<Secret> {
        later()
    }
    pub async fn setup_finish(
        &self,
        token: &str,
        name: &str,
        password: &str,
    ) -> Result<AccountView> {
        later()
    }
    pub async fn account_sign_in(
        &self,
        name: &str,
        password: &str,
        from: IpAddr,
    ) -> Result<AccountView> {
        later()
    }
    pub async fn account_by_id(&self, id: AccountId) -> Result<Option<AccountView>> {
        later()
    }
    pub async fn account_list(&self, actor: &Actor) -> Result<Vec<AccountView>> {
        later()
    }
    pub async fn account_create(
        &self,
        actor: &Actor,
        name: &str,
        password: &str,
        role: Role,
    ) -> Result<AccountView> {
        later()
    }
    /// Ends the account's other sessions.
    pub async fn password_change(&self, actor: &Actor, current: &str, new: &str) -> Result<()> {
        later()
    }
    /// An administrator gives somebody a new password (`carina admin password-reset`); all of the
    /// account's sessions end.
    pub async fn password_reset(&self, actor: &Actor, name: &str, new: &str) -> Result<()> {
        later()
    }
    pub async fn session_list(&self, actor: &Actor) -> Result<Vec<SessionView>> {
        later()
    }
    pub async fn session_end(&self, actor: &Actor, id: SessionId) -> Result<()> {
        later()
    }
    /// For the session layer. `store::session_key` names what a session carries.
    pub fn session_store(&self) -> store::SessionStore {
        self.0.store.session_store(
            self.0.settings.session.idle,
            self.0.settings.session.absolute,
        )
    }

    pub async fn quota(&self, actor: &Actor) -> Result<QuotaView> {
        later()
    }
    pub async fn cluster_list(&self, actor: &Actor) -> Result<Vec<ClusterView>> {
        later()
    }
    pub async fn cluster_get(&self, actor: &Actor, id: ClusterId) -> Result<ClusterView> {
        later()
    }
    pub async fn cluster_name_suggest(&self, actor: &Actor) -> Result<ClusterName> {
        later()
    }
    pub async fn cluster_create(
        &self,
        actor: &Actor,
        name: &str,
        segments: u32,
    ) -> Result<ClusterView> {
        later()
    }
    pub async fn cluster_scale(
        &self,
        actor: &Actor,
        id: ClusterId,
        segments: u32,
    ) -> Result<ClusterView> {
        later()
    }
    pub async fn cluster_rebuild(&self, actor: &Actor, id: ClusterId) -> Result<ClusterView> {
        later()
    }
    /// The next try at once.
    pub async fn cluster_retry(&self, actor: &Actor, id: ClusterId) -> Result<ClusterView> {
        later()
    }
    pub async fn cluster_delete(
        &self,
        actor: &Actor,
        id: ClusterId,
        confirm_name: &str,
    ) -> Result<()> {
        later()
    }
    /// Live from the engines; partial when one is down.
    pub async fn cluster_containers(
        &self,
        actor: &Actor,
        id: ClusterId,
    ) -> Result<Vec<ContainerView>> {
        later()
    }
    pub fn changes(&self, actor: &Actor) -> impl Stream<Item = Changed> + Send + Unpin + use<> {
        futures::stream::empty()
    }

    pub async fn certificate_list(
        &self,
        actor: &Actor,
        id: ClusterId,
    ) -> Result<Vec<CertificateView>> {
        later()
    }
    pub async fn certificate_revoke(
        &self,
        actor: &Actor,
        id: ClusterId,
        serial: &str,
    ) -> Result<()> {
        later()
    }
    /// A zip with a new client certificate. `browser_host` is the `Host` the browser used,
    /// without port.
    pub async fn bundle_make(
        &self,
        actor: &Actor,
        id: ClusterId,
        browser_host: Option<&str>,
    ) -> Result<Bundle> {
        later()
    }
    /// A bearer that gets one bundle within ten minutes.
    pub async fn bundle_link_make(
        &self,
        actor: &Actor,
        id: ClusterId,
        browser_host: Option<&str>,
    ) -> Result<Secret> {
        later()
    }
    pub async fn bundle_by_link(&self, bearer: &str) -> Result<Bundle> {
        later()
    }

    /// An agent says where it is. Refused unless it is a segment of the token's cluster.
    pub async fn discovery_register(
        &self,
        token: &str,
        remote: IpAddr,
        entry: SocketAddrV4,
        ttl: Duration,
    ) -> Result<()> {
        later()
    }
    /// Registered and not expired, by ordinal. An unknown token: `NotFound`.
    pub async fn discovery_list(&self, token: &str) -> Result<Vec<SocketAddrV4>> {
        later()
    }
    /// Waits up to `wait` for a version greater than `after`.
    pub async fn discovery_revocations(
        &self,
        token: &str,
        after: u64,
        wait: Duration,
    ) -> Result<wire::Revocations> {
        later()
    }
    /// Signs the discovery listener's certificates.
    pub fn discovery_ca(&self) -> Arc<pki::Authority> {
        Arc::new(pki::Authority::make("later").expect("because signatures come first"))
    }
    /// All front doors, again and again.
    pub fn front_doors(&self) -> watch::Receiver<Vec<FrontDoor>> {
        watch::channel(Vec::new()).1
    }
}
