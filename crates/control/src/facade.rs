//! The one facade over everything the panel does: what pages, listeners and the command line call.
//!
//! No logic here. Every method is one line into [`Panel`], and turns what went wrong into words
//! for people (logged once, there).

mod access;
mod choice;
mod hosts;
mod metric;
mod passkey;
mod people;
mod proof;
mod provider;
mod stack;
mod team;

use std::future::Future;
use std::net::{IpAddr, SocketAddrV4};
use std::sync::Arc;
use std::time::Duration;

use futures::Stream;
use model::{
    AccountId, AccountView, ClusterId, ClusterName, ClusterView, QuotaView, Role,
    SegmentContainersView, SegmentContentsView, SessionId, SessionView, UnixMs,
};
use tokio::sync::watch;
use tokio_util::sync::CancellationToken;

use crate::error::Error;
use crate::panel::Panel;
use crate::password::password_warm;
use crate::presence::PresenceEnd;
use crate::{
    Action, Actor, Admitted, Changed, ClusterOrder, FrontDoor, Parts, Pending, Result, Secret,
    SignIn,
};

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

    pub async fn setup_finish(&self, token: &str, name: &str, password: &str) -> Result<Admitted> {
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
    pub async fn sign_in_finish(&self, pending: &Pending, code: &str) -> Result<Admitted> {
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

    /// Ends the account's other sessions, and its tokens where the person says so.
    pub async fn password_change(
        &self,
        actor: &Actor,
        current: &str,
        new: &str,
        ends_tokens: bool,
    ) -> Result<()> {
        answer(self.0.password_change(actor, current, new, ends_tokens)).await
    }

    /// An administrator gives somebody a new password (`carina admin password-reset`); all of the
    /// account's sessions and tokens end.
    pub async fn password_reset(&self, actor: &Actor, name: &str, new: &str) -> Result<()> {
        answer(self.0.password_reset(actor, name, new)).await
    }

    pub async fn session_list(&self, actor: &Actor) -> Result<Vec<SessionView>> {
        answer(self.0.session_list(actor)).await
    }

    pub async fn session_end(&self, actor: &Actor, id: SessionId) -> Result<()> {
        answer(self.0.session_end(actor, id)).await
    }

    /// The browser signs out.
    pub async fn session_leave(&self, actor: &Actor) -> Result<()> {
        answer(self.0.session_leave(actor)).await
    }

    /// Returns as soon as whatever the actor has open is to end: they were signed out, suspended or
    /// deleted, have another role, or may not do this with the cluster any more; or the database cannot
    /// be read. What `carina admin`
    /// does, and a session that nobody uses any longer, is seen within ten seconds.
    pub fn presence_over(
        &self,
        actor: &Actor,
        to: Option<(ClusterId, Action)>,
    ) -> impl Future<Output = PresenceEnd> + Send + use<> {
        let (panel, actor) = (Arc::clone(&self.0), actor.clone());
        async move { panel.presence_over(&actor, to).await }
    }

    /// For the session layer. `store::session_key` names what a session carries.
    pub fn session_store(&self) -> store::SessionStore {
        let limits = self.0.settings.session;
        self.0.store.session_store(limits.idle, limits.absolute)
    }

    /// One's own, or that of a team one is in, by its id or its name.
    pub async fn quota(&self, actor: &Actor, team: Option<&str>) -> Result<QuotaView> {
        answer(self.0.quota(actor, team)).await
    }

    pub async fn cluster_list(&self, actor: &Actor) -> Result<Vec<ClusterView>> {
        answer(self.0.cluster_list(actor)).await
    }

    pub async fn cluster_get(&self, actor: &Actor, id: ClusterId) -> Result<ClusterView> {
        answer(self.0.cluster_get(actor, id)).await
    }

    /// A name that is free under oneself, or in a team.
    pub async fn cluster_name_suggest(
        &self,
        actor: &Actor,
        team: Option<&str>,
    ) -> Result<ClusterName> {
        answer(self.0.cluster_name_suggest(actor, team)).await
    }

    pub async fn cluster_create(
        &self,
        actor: &Actor,
        name: &str,
        segments: u32,
    ) -> Result<ClusterView> {
        self.cluster_order(actor, ClusterOrder::new(name, segments))
            .await
    }

    /// The same, a team's perhaps, or on a host that was chosen. `Invalid` names the field that it
    /// cannot be made with.
    pub async fn cluster_order(
        &self,
        actor: &Actor,
        order: ClusterOrder<'_>,
    ) -> Result<ClusterView> {
        answer(self.0.cluster_create(actor, order)).await
    }

    pub async fn cluster_scale(
        &self,
        actor: &Actor,
        id: ClusterId,
        segments: u32,
    ) -> Result<ClusterView> {
        answer(self.0.cluster_scale(actor, id, segments, None)).await
    }

    /// The same, by somebody who has the cluster's `generation` before them: refused if somebody else
    /// has changed it since.
    pub async fn cluster_scale_seen(
        &self,
        actor: &Actor,
        id: ClusterId,
        segments: u32,
        generation: i64,
    ) -> Result<ClusterView> {
        answer(self.0.cluster_scale(actor, id, segments, Some(generation))).await
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

    /// Live from the engines, each asked by itself.
    pub async fn cluster_containers(
        &self,
        actor: &Actor,
        id: ClusterId,
    ) -> Result<Vec<SegmentContainersView>> {
        answer(self.0.cluster_containers(actor, id)).await
    }

    /// What goes with each segment, as far as it could be asked.
    pub async fn cluster_contents(
        &self,
        actor: &Actor,
        id: ClusterId,
    ) -> Result<Vec<SegmentContentsView>> {
        answer(self.0.cluster_contents(actor, id)).await
    }

    /// Of clusters that the actor owns or whose team the actor is in, as long as that is so, and of
    /// requests that the actor decides about: first what changed from `since` on, of which too much or
    /// too little known is one change of everything.
    pub fn changes(
        &self,
        actor: &Actor,
        since: Option<UnixMs>,
    ) -> impl Stream<Item = Changed> + Send + Unpin + use<> {
        self.0.changes(actor, since)
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
