//! What a cluster's people may not do, because it would open the segment or the cluster's own
//! doors. One object, asked before anything is sent to an engine, on every route that can carry
//! the thing asked for.

mod known;

pub use crate::api::{Code, Refusal};
pub use known::{Cluster, Known};

use crate::api::commit;
use crate::api::{
    ContainerCreate, ContainerUpdate, ExecCreate, HostConfig, NetworkConnect, NetworkCreate, Query,
    VolumeCreate,
};
use crate::schedule::facts::{ContainerFacts, NetworkFacts, VolumeFacts};

/// Which rules hold.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Policy {
    enforced: bool,
}

/// What is done to a container that exists.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Deed {
    /// inspect, logs, top, stats, changes, wait: system containers may be looked at.
    Look,
    /// exec, attach, archive, export, commit, start, stop, kill, pause, rename, update, resize, …
    Use,
    Delete,
}

impl Policy {
    /// A plain classic Swarm, for engines that are the caller's own.
    pub const fn off() -> Self {
        Self { enforced: false }
    }

    /// Carina's.
    pub const fn carina() -> Self {
        Self { enforced: true }
    }

    /// `POST /containers/create`. Afterwards `create` has every default written out that an older
    /// API version would choose differently, and is what must be sent.
    pub fn container_create(
        &self,
        name: Option<&str>,
        create: &mut ContainerCreate,
        known: &dyn Known,
    ) -> Result<(), Refusal> {
        let _ = (name, create, known);
        self.not_yet()
    }

    /// `POST …/start` and `…/restart`: the container as its engine inspects it now, since it may be
    /// older than a rule.
    pub fn container_start(
        &self,
        host_config: &HostConfig,
        known: &dyn Known,
    ) -> Result<(), Refusal> {
        let _ = (host_config, known);
        self.not_yet()
    }

    /// `POST …/update`.
    pub fn container_update(&self, update: &ContainerUpdate) -> Result<(), Refusal> {
        let _ = update;
        self.not_yet()
    }

    /// Any route on one container, after it was found.
    pub fn container(&self, deed: Deed, container: &ContainerFacts) -> Result<(), Refusal> {
        let _ = (deed, container);
        self.not_yet()
    }

    /// `POST …/rename`: the new name.
    pub fn container_rename(&self, name: &str) -> Result<(), Refusal> {
        let _ = name;
        self.not_yet()
    }

    /// `POST …/exec`.
    pub fn exec_create(&self, exec: &ExecCreate) -> Result<(), Refusal> {
        let _ = exec;
        self.not_yet()
    }

    /// `GET|HEAD|PUT …/archive`: the path inside.
    pub fn archive(&self, path: &str) -> Result<(), Refusal> {
        let _ = path;
        self.not_yet()
    }

    /// `POST /volumes/create`. `name` may be `node/name` there.
    pub fn volume_create(&self, volume: &VolumeCreate) -> Result<(), Refusal> {
        let _ = volume;
        self.not_yet()
    }

    /// `DELETE /volumes/{name}`.
    pub fn volume_delete(&self, volume: &VolumeFacts) -> Result<(), Refusal> {
        let _ = volume;
        self.not_yet()
    }

    /// `POST /networks/create`.
    pub fn network_create(&self, network: &NetworkCreate) -> Result<(), Refusal> {
        let _ = network;
        self.not_yet()
    }

    /// `DELETE /networks/{id}`.
    pub fn network_delete(&self, network: &NetworkFacts) -> Result<(), Refusal> {
        let _ = network;
        self.not_yet()
    }

    /// `POST /networks/{id}/connect`.
    pub fn network_connect(
        &self,
        network: &NetworkFacts,
        container: &ContainerFacts,
        connect: &NetworkConnect,
    ) -> Result<(), Refusal> {
        let _ = (network, container, connect);
        self.not_yet()
    }

    /// `POST /networks/{id}/disconnect`.
    pub fn network_disconnect(
        &self,
        network: &NetworkFacts,
        container: &ContainerFacts,
    ) -> Result<(), Refusal> {
        let _ = (network, container);
        self.not_yet()
    }

    /// `POST /build`: its query.
    pub fn build(&self, query: &Query) -> Result<(), Refusal> {
        let _ = query;
        self.not_yet()
    }

    /// `POST /commit`: the Config of the body (read by [`commit::read`]) and the query.
    pub fn commit(&self, config: &ContainerCreate, query: &Query) -> Result<(), Refusal> {
        let _ = (config, query, commit::read);
        self.not_yet()
    }

    /// `POST /images/create`: its query.
    pub fn image_create(&self, query: &Query) -> Result<(), Refusal> {
        let _ = query;
        self.not_yet()
    }

    /// A reference about to be created, moved or removed (tag, commit, import, delete).
    pub fn image_change(&self, reference: &str) -> Result<(), Refusal> {
        let _ = reference;
        self.not_yet()
    }

    fn not_yet(&self) -> Result<(), Refusal> {
        if self.enforced {
            Err(Refusal::not_offered("the policy is being written"))
        } else {
            Ok(())
        }
    }
}
