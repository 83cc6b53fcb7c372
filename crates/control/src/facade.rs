//! The one facade over everything the panel does: what pages, listeners and the command line call.
//!
//! No logic here. Every method is one line into [`Panel`], and turns what went wrong into words
//! for people (logged once, there).

mod access;
mod choice;
mod hosts;
mod metric;
mod people;
mod proof;
mod provider;
mod stack;

use std::future::Future;
use std::net::{IpAddr, SocketAddrV4};
use std::sync::Arc;
use std::time::Duration;

use futures::{Stream, StreamExt as _};
use model::{
    AccountId, AccountView, ClusterId, ClusterName, ClusterView, ContainerView, QuotaView, Role,
    SessionId, SessionView,
};
use tokio::sync::broadcast::error::RecvError;
use tokio::sync::watch;
use tokio_util::sync::CancellationToken;

use crate::error::Error;
use crate::panel::Panel;
use crate::password::password_warm;
use crate::{Actor, Changed, FrontDoor, Parts, Pending, Result, Secret, SignIn};

mod container;
mod inventory;

#[derive(Clone)]
pub struct Control(Arc<Panel>);

async fn answer<T>(work: impl Future<Output = std::result::Result<T, Error>>) -> Result<T> {
    work.await.map_err(Error::into_user)
}

impl Control {
    /// Runs migrations and makes the panel's own authority once.
    pub async fn new(parts: Parts) -> std::result::Result<Self, Error> {
        let panel = Panel::new(parts).await?;
        password_warm(&panel.hashing).await?;
        Ok(Self(Arc::new(panel)))
    }

    /// The reconciler: kicks, timers, host events; returns after `shutdown`.
    pub async fn run(&self, shutdown: CancellationToken) {
        self.0.run(shutdown).await;
    }

    /// Rounds until nothing is left to do (tests).
    pub async fn settle(&self) {
        self.0.settle().await;
    }

    /// No account exists yet.
    pub async fn setup_needed(&self) -> Result<bool> {
        answer(self.0.setup_needed()).await
    }

    /// A new one-time set-up token; older ones are void.
    pub async fn setup_link_make(&self) -> Result<Secret> {
        answer(self.0.setup_link_make()).await
    }

    pub async fn setup_finish(
        &self,
        token: &str,
        name: &str,
        password: &str,
    ) -> Result<AccountView> {
        answer(self.0.setup_finish(token, name, password)).await
    }

    /// By name and password; whoever has a second factor is not done with that.
    pub async fn account_sign_in(
        &self,
        name: &str,
        password: &str,
        from: IpAddr,
    ) -> Result<SignIn> {
        answer(self.0.account_sign_in(name, password, from)).await
    }

    /// The second step: a code of the authenticator, or a recovery code.
    pub async fn sign_in_finish(&self, pending: &Pending, code: &str) -> Result<AccountView> {
        answer(self.0.sign_in_finish(pending, code)).await
    }

    pub async fn account_by_id(&self, id: AccountId) -> Result<Option<AccountView>> {
        answer(self.0.account_by_id(id)).await
    }

    pub async fn account_list(&self, actor: &Actor) -> Result<Vec<AccountView>> {
        answer(self.0.account_list(actor)).await
    }

    pub async fn account_create(
        &self,
        actor: &Actor,
        name: &str,
        password: &str,
        role: Role,
    ) -> Result<AccountView> {
        answer(self.0.account_create(actor, name, password, role)).await
    }

    /// Ends the account's other sessions.
    pub async fn password_change(&self, actor: &Actor, current: &str, new: &str) -> Result<()> {
        answer(self.0.password_change(actor, current, new)).await
    }

    /// An administrator gives somebody a new password (`carina admin password-reset`); all of the
    /// account's sessions end.
    pub async fn password_reset(&self, actor: &Actor, name: &str, new: &str) -> Result<()> {
        answer(self.0.password_reset(actor, name, new)).await
    }

    pub async fn session_list(&self, actor: &Actor) -> Result<Vec<SessionView>> {
        answer(self.0.session_list(actor)).await
    }

    pub async fn session_end(&self, actor: &Actor, id: SessionId) -> Result<()> {
        answer(self.0.session_end(actor, id)).await
    }

    /// For the session layer. `store::session_key` names what a session carries.
    pub fn session_store(&self) -> store::SessionStore {
        let limits = self.0.settings.session;
        self.0.store.session_store(limits.idle, limits.absolute)
    }

    pub async fn quota(&self, actor: &Actor) -> Result<QuotaView> {
        answer(self.0.quota(actor)).await
    }

    pub async fn cluster_list(&self, actor: &Actor) -> Result<Vec<ClusterView>> {
        answer(self.0.cluster_list(actor)).await
    }

    pub async fn cluster_get(&self, actor: &Actor, id: ClusterId) -> Result<ClusterView> {
        answer(self.0.cluster_get(actor, id)).await
    }

    pub async fn cluster_name_suggest(&self, actor: &Actor) -> Result<ClusterName> {
        answer(self.0.cluster_name_suggest(actor)).await
    }

    pub async fn cluster_create(
        &self,
        actor: &Actor,
        name: &str,
        segments: u32,
    ) -> Result<ClusterView> {
        answer(self.0.cluster_create(actor, name, segments)).await
    }

    pub async fn cluster_scale(
        &self,
        actor: &Actor,
        id: ClusterId,
        segments: u32,
    ) -> Result<ClusterView> {
        answer(self.0.cluster_scale(actor, id, segments)).await
    }

    pub async fn cluster_rebuild(&self, actor: &Actor, id: ClusterId) -> Result<ClusterView> {
        answer(self.0.cluster_rebuild(actor, id)).await
    }

    /// The next try at once.
    pub async fn cluster_retry(&self, actor: &Actor, id: ClusterId) -> Result<ClusterView> {
        answer(self.0.cluster_retry(actor, id)).await
    }

    pub async fn cluster_delete(
        &self,
        actor: &Actor,
        id: ClusterId,
        confirm_name: &str,
    ) -> Result<()> {
        answer(self.0.cluster_delete(actor, id, confirm_name)).await
    }

    /// Live from the engines; partial when one is down.
    pub async fn cluster_containers(
        &self,
        actor: &Actor,
        id: ClusterId,
    ) -> Result<Vec<ContainerView>> {
        answer(self.0.cluster_containers(actor, id)).await
    }

    pub fn changes(&self, actor: &Actor) -> impl Stream<Item = Changed> + Send + Unpin + use<> {
        let (account, receiver) = (actor.account.id, self.0.changes.subscribe());
        let watching = self.0.watchers.begin(account);
        let state = (receiver, watching);
        let stream = futures::stream::unfold(state, move |(mut receiver, watching)| async move {
            loop {
                let cluster = match receiver.recv().await {
                    Ok((owner, cluster)) if owner == account => cluster,
                    Ok(_) => continue,
                    Err(RecvError::Lagged(_)) => ClusterId(uuid::Uuid::nil()),
                    Err(RecvError::Closed) => return None,
                };
                return Some((Changed { cluster }, (receiver, watching)));
            }
        });
        stream.boxed()
    }

    /// An agent says where it is. Refused unless it is a segment of the token's cluster.
    pub async fn discovery_register(
        &self,
        token: &str,
        remote: IpAddr,
        entry: SocketAddrV4,
        ttl: Duration,
    ) -> Result<()> {
        answer(self.0.discovery_register(token, remote, entry, ttl)).await
    }

    /// Registered and not expired, by ordinal. An unknown token: `NotFound`.
    pub async fn discovery_list(&self, token: &str) -> Result<Vec<SocketAddrV4>> {
        answer(self.0.discovery_list(token)).await
    }

    /// A manager tells which certificates it let in lately.
    pub async fn discovery_seen(
        &self,
        token: &str,
        remote: IpAddr,
        serials: &[String],
    ) -> Result<()> {
        answer(self.0.discovery_seen(token, remote, serials)).await
    }

    /// Waits up to `wait` for a version greater than `after`.
    pub async fn discovery_revocations(
        &self,
        token: &str,
        after: u64,
        wait: Duration,
    ) -> Result<wire::Revocations> {
        answer(self.0.discovery_revocations(token, after, wait)).await
    }

    /// What a manager's policy refused, for the audit; `remote` is a segment of the cluster, or else
    /// `NotAllowed`.
    pub async fn discovery_refusals(
        &self,
        token: &str,
        remote: IpAddr,
        list: &[wire::PolicyRefusal],
    ) -> Result<()> {
        answer(self.0.discovery_refusals(token, remote, list)).await
    }

    /// Signs the discovery listener's certificates.
    pub fn discovery_ca(&self) -> Arc<pki::Authority> {
        self.0.discovery_ca.clone()
    }

    /// All front doors, again and again.
    pub fn front_doors(&self) -> watch::Receiver<Vec<FrontDoor>> {
        self.0.front_doors.subscribe()
    }
}
