//! What a cluster's people may not do, because it would open the segment or the cluster's own
//! doors. One object, asked before anything is sent to an engine, on every route that can carry
//! the thing asked for.
//!
//! Every check accepts what clients send for "nothing" (null, empty, the default's own name) and
//! refuses the rest: a filter that stops `docker run busybox` protects nobody.

pub mod admit;
mod build;
mod buildkit;
mod host;
mod known;
mod logging;
mod mount;
mod names;
mod network;
mod service;
#[cfg(test)]
pub(crate) mod tests;

pub use crate::api::{Code, Refusal};
pub use buildkit::Order;
pub use known::{Cluster, Known, SwarmCluster, network_matches};

use crate::api::query::Filters;
use crate::api::solve::{Options, Solve};
use crate::api::{
    ConfigSpec, ContainerCreate, ContainerUpdate, ExecCreate, HostConfig, NetworkConnect,
    NetworkCreate, NodeSpec, Query, SecretSpec, ServiceSpec, VolumeCreate,
};
use crate::schedule::facts::{ContainerFacts, ImageFacts, NetworkFacts, VolumeFacts};

type Verdict = Result<(), Refusal>;

/// Which rules hold.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Policy {
    is_enforced: bool,
}

/// What is done to a container that exists.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Deed {
    /// inspect, logs, top, stats, changes, wait: system containers may be looked at.
    Look,
    /// Everything that changes it, goes into it or takes files out of it: exec, attach, archive,
    /// export, commit, start, stop, kill, pause, rename, update, resize, connect.
    Use,
    Delete,
}

impl Policy {
    /// A plain classic Swarm, for engines that are the caller's own.
    pub const fn off() -> Self {
        Self { is_enforced: false }
    }

    /// Carina's.
    pub const fn carina() -> Self {
        Self { is_enforced: true }
    }

    pub const fn is_enforced(&self) -> bool {
        self.is_enforced
    }

    /// `POST /containers/create`. Afterwards `create` has every default written out that an older
    /// API version would choose differently, and is what must be sent.
    pub fn container_create(
        &self,
        name: Option<&str>,
        create: &mut ContainerCreate,
        known: &dyn Known,
    ) -> Verdict {
        if !self.is_enforced {
            return Ok(());
        }
        if let Some(host_config) = &create.host_config {
            host::check(host_config, known)?;
            host::check_resources(host_config)?;
        }
        if let Some(name) = name {
            names::name(name)?;
        }
        names::config(create)?;
        mount::config(create)?;
        network::endpoints(create, known)?;
        host::write_defaults(create, known);
        network::write_defaults(create);
        Ok(())
    }

    /// `POST …/start`, `…/restart` and `…/unpause`: the container as its engine inspects it now,
    /// since it may be older than a rule, or made behind the manager's back.
    pub fn container_start(&self, host_config: &HostConfig, known: &dyn Known) -> Verdict {
        if self.is_enforced {
            host::check(host_config, known)
        } else {
            Ok(())
        }
    }

    /// `POST …/update`.
    pub fn container_update(&self, update: &ContainerUpdate) -> Verdict {
        if self.is_enforced {
            host::update(update)
        } else {
            Ok(())
        }
    }

    /// Any route on one container, after it was found.
    pub fn container(&self, deed: Deed, container: &ContainerFacts) -> Verdict {
        if !self.is_enforced || !container.is_system() {
            return Ok(());
        }
        let name = &container.name;
        match deed {
            Deed::Look => Ok(()),
            Deed::Use => Err(Refusal::policy(
                Code::System,
                format!("Attempted to use a Carina infrastructure container: {name}"),
            )),
            Deed::Delete => Err(Refusal::policy(
                Code::System,
                format!("Attempted to delete a Carina infrastructure container: {name}"),
            )),
        }
    }

    /// `POST …/rename`: the new name. The old one is for [`Self::container`].
    pub fn container_rename(&self, name: &str) -> Verdict {
        if self.is_enforced {
            names::name(name)
        } else {
            Ok(())
        }
    }

    /// `POST …/exec`.
    pub fn exec_create(&self, exec: &ExecCreate) -> Verdict {
        if !self.is_enforced {
            return Ok(());
        }
        if exec.privileged == Some(true) {
            return Err(host::privileged());
        }
        names::working_dir(exec.working_dir.as_deref())
    }

    /// `GET|HEAD|PUT …/archive`: the path inside.
    pub fn archive(&self, path: &str) -> Verdict {
        if self.is_enforced {
            names::inner_path(path)
        } else {
            Ok(())
        }
    }

    /// `PUT …/archive`: how the body begins.
    pub fn archive_begins(&self, first: &[u8]) -> Verdict {
        if self.is_enforced {
            names::plain_archive(first)
        } else {
            Ok(())
        }
    }

    /// An exec that was made past this manager, as its engine inspects it.
    pub fn exec_start(&self, is_privileged: bool) -> Verdict {
        if self.is_enforced && is_privileged {
            return Err(host::privileged());
        }
        Ok(())
    }

    /// `POST /volumes/create`. `name` may be `node/name` there.
    pub fn volume_create(&self, volume: &VolumeCreate) -> Verdict {
        if self.is_enforced {
            mount::volume_create(volume)
        } else {
            Ok(())
        }
    }

    /// `DELETE /volumes/{name}`.
    pub fn volume_delete(&self, volume: &VolumeFacts) -> Verdict {
        if self.is_enforced {
            mount::volume_name(&volume.name)
        } else {
            Ok(())
        }
    }

    /// `POST /networks/create`. `name` may be `node/name` there.
    pub fn network_create(&self, network: &NetworkCreate, known: &dyn Known) -> Verdict {
        if self.is_enforced {
            network::create(network, known)
        } else {
            Ok(())
        }
    }

    /// `DELETE /networks/{id}`.
    pub fn network_delete(&self, network: &NetworkFacts) -> Verdict {
        if self.is_enforced {
            network::delete(network)
        } else {
            Ok(())
        }
    }

    /// `POST /networks/{id}/connect`. The network and the container must be sent by their ids.
    pub fn network_connect(
        &self,
        network: &NetworkFacts,
        container: &ContainerFacts,
        connect: &NetworkConnect,
        known: &dyn Known,
    ) -> Verdict {
        if !self.is_enforced {
            return Ok(());
        }
        self.container(Deed::Use, container)?;
        network::joinable(network)?;
        match &connect.endpoint_config {
            Some(endpoint) => network::endpoint(endpoint, known),
            None => Ok(()),
        }
    }

    /// `POST /networks/{id}/disconnect`.
    pub fn network_disconnect(
        &self,
        network: &NetworkFacts,
        container: &ContainerFacts,
    ) -> Verdict {
        if !self.is_enforced {
            return Ok(());
        }
        self.container(Deed::Use, container)?;
        network::joinable(network)
    }

    /// `POST /services/create` and `…/update`, and the version that a rollback brings back: by the
    /// rules for containers. Networks must be written as `known` gives them.
    pub fn service(&self, service: &ServiceSpec, known: &dyn Known) -> Verdict {
        if self.is_enforced {
            service::check(service, known)
        } else {
            Ok(())
        }
    }

    /// `POST /secrets/create` and `…/update`.
    pub fn secret(&self, secret: &SecretSpec) -> Verdict {
        if self.is_enforced {
            service::secret(secret)
        } else {
            Ok(())
        }
    }

    /// `POST /configs/create` and `…/update`.
    pub fn config(&self, config: &ConfigSpec) -> Verdict {
        if self.is_enforced {
            service::config(config)
        } else {
            Ok(())
        }
    }

    /// `POST /nodes/{id}/update`: what is asked for, and the node as it is.
    pub fn node_update(&self, asked: &NodeSpec, is: &NodeSpec) -> Verdict {
        if self.is_enforced {
            service::node_update(asked, is)
        } else {
            Ok(())
        }
    }

    /// `POST …/prune`: the filters that the client gives. The manager adds a `label!` of its own,
    /// which keeps the system containers; engines want *all* of several `label!`s to hold before
    /// they keep anything, so that a second one would undo the first.
    pub fn prune(&self, filters: &Filters) -> Verdict {
        if self.is_enforced && filters.contains_key("label!") {
            return Err(Refusal::policy(
                Code::ReservedLabel,
                "Pruning by the absence of a label not allowed by policy",
            ));
        }
        Ok(())
    }

    /// `POST /build`: its query.
    pub fn build(&self, query: &Query) -> Verdict {
        if self.is_enforced {
            build::query(query)
        } else {
            Ok(())
        }
    }

    /// What must be looked at in a call of BuildKit's; `None`: it does not pass.
    pub fn build_method(&self, path: &str) -> Option<Order> {
        let known = buildkit::method(path);
        if self.is_enforced {
            known
        } else {
            known.or(Some(Order::Plain))
        }
    }

    /// BuildKit's order to build.
    pub fn build_solve(&self, solve: &Solve) -> Verdict {
        if self.is_enforced {
            buildkit::solve(solve)
        } else {
            Ok(())
        }
    }

    /// What a front end that runs in the client asks for.
    pub fn build_options(&self, options: &Options) -> Verdict {
        if self.is_enforced {
            buildkit::options(options)
        } else {
            Ok(())
        }
    }

    /// `POST /commit`: the Config of the body, as [`crate::api::commit::read`] gives it, and the
    /// query.
    pub fn commit(&self, config: &ContainerCreate, query: &Query) -> Verdict {
        if !self.is_enforced {
            return Ok(());
        }
        names::config(config)?;
        mount::config(config)?;
        network::mac_address(config.mac_address.as_deref())?;
        build::changes(query.many("changes"))?;
        self.image_change(query.text("repo").unwrap_or_default())
    }

    /// `POST /images/create`: its query.
    pub fn image_create(&self, query: &Query) -> Verdict {
        if !self.is_enforced {
            return Ok(());
        }
        if query.text("fromSrc").is_some_and(|source| source != "-") {
            return Err(Refusal::policy(
                Code::Import,
                "Importing from an address not allowed by policy, send the archive itself",
            ));
        }
        build::changes(query.many("changes"))?;
        self.image_change(query.text("fromImage").unwrap_or_default())?;
        self.image_change(query.text("repo").unwrap_or_default())
    }

    /// A reference about to be made, moved or removed (tag, commit, import, pull, delete). Give
    /// the repository alone or with a tag; empty is nothing.
    pub fn image_change(&self, reference: &str) -> Verdict {
        if self.is_enforced {
            names::image(reference)
        } else {
            Ok(())
        }
    }

    /// `DELETE /images/{name}` and `POST …/tag`: what was asked for and what it was found to be.
    pub fn image_touch(&self, reference: &str, image: &ImageFacts) -> Verdict {
        self.image_change(reference)?;
        image
            .repo_tags
            .iter()
            .try_for_each(|tag| self.image_change(tag))
    }
}
