//! Hosts through libvirt: the only user of `virt`, and what makes a machine a host
//! ([`prepare`]), tells what it lacks ([`doctor`]) and takes everything away again ([`clean`]).
//!
//! libvirt's calls block, so they run on threads of their own ([`connection`]); nothing of
//! libvirt's is held from one call to the next, everything is looked up again by name. What does
//! not carry our mark is never changed.

pub mod clean;
mod connection;
pub mod doctor;
mod lifecycle;
mod local;
mod network;
pub mod prepare;
mod segment;
mod usage;
mod verbs;
mod volume;
mod xml;

use std::sync::Arc;

use host::{HostError, HostEvent};
use tokio::sync::broadcast;
use virt::connect::Connect;

use connection::Connections;

/// The storage pool that `carina host prepare` makes.
pub const POOL: &str = "carina";

/// One host, by its libvirt URI. Connects by itself, again and again.
pub struct LibvirtHost {
    name: Arc<str>,
    uri: Arc<str>,
    connections: Connections,
    events: broadcast::Sender<HostEvent>,
    doctor: Option<doctor::DoctorOptions>,
}

impl LibvirtHost {
    /// Starts connecting and returns at once; until it is connected, verbs fail as unreachable.
    pub fn new(name: &str, uri: &str) -> Self {
        virt::error::clear_error_callback();
        lifecycle::run_event_loop();
        let (name, uri): (Arc<str>, Arc<str>) = (name.into(), uri.into());
        let events = broadcast::channel(256).0;
        lifecycle::watch(&name, &uri, &events);
        Self {
            connections: Connections::new(&name, &uri),
            name,
            uri,
            events,
            doctor: None,
        }
    }

    /// What [`Host::examine`](host::Host::examine) looks for, on the machine that this runs on.
    #[must_use]
    pub fn with_doctor(mut self, options: doctor::DoctorOptions) -> Self {
        self.doctor = Some(options);
        self
    }

    /// Runs a blocking verb on a connection.
    async fn run<T: Send + 'static>(
        &self,
        verb: impl FnOnce(&Connect) -> Result<T, HostError> + Send + 'static,
    ) -> Result<T, HostError> {
        self.connections.run(verb).await
    }
}

/// What libvirt said, as the reconciler understands it.
fn failed(verb: &'static str) -> impl Fn(virt::error::Error) -> HostError {
    move |error| HostError::Failed {
        verb,
        why: error.message().to_owned(),
    }
}

/// `None` for what libvirt does not know by this name.
fn existing<T>(
    found: Result<T, virt::error::Error>,
    verb: &'static str,
) -> Result<Option<T>, HostError> {
    use virt::error::ErrorNumber;
    match found {
        Ok(found) => Ok(Some(found)),
        Err(error)
            if matches!(
                error.code(),
                ErrorNumber::NoDomain
                    | ErrorNumber::NoNetwork
                    | ErrorNumber::NoStoragePool
                    | ErrorNumber::NoStorageVolume
            ) =>
        {
            Ok(None)
        }
        Err(error) => Err(failed(verb)(error)),
    }
}
