//! One manager decides, so that names stay unique: the lowest live segment's. The others pass
//! their requests on to it.

use std::collections::HashMap;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use http::{HeaderName, HeaderValue, Request, header};
use rustls::ClientConfig;
use tokio::sync::{Notify, watch};
use tokio_util::sync::CancellationToken;

use super::cluster::Cluster;
use crate::engine::host_of;
use crate::http::{Pool, Target, empty};

/// Says for which client a manager passes a request on. Believed of managers only.
pub const CLIENT_SERIAL: HeaderName = HeaderName::from_static("x-carina-client-serial");
/// Host of the manager that asks; makes the asked one look for it in discovery.
pub const MANAGER_HOST: HeaderName = HeaderName::from_static("x-carina-manager");
/// Everything of ours begins so, and is taken out of what clients send.
pub const HEADER_PREFIX: &str = "x-carina-";

const LOOK_EVERY: Duration = Duration::from_secs(1);
const PING_LIMIT: Duration = Duration::from_millis(1000);

/// Where requests go.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Role {
    Primary,
    /// `host:port` of the primary.
    Replica(String),
}

pub struct Election {
    /// `host:port` of this manager.
    advertise: String,
    tls: Arc<ClientConfig>,
    pools: Mutex<HashMap<String, Arc<Pool>>>,
    role: watch::Sender<Role>,
    look: Notify,
}

impl Election {
    pub fn new(advertise: String, tls: Arc<ClientConfig>) -> Arc<Self> {
        Arc::new(Self {
            advertise,
            tls,
            pools: Mutex::default(),
            role: watch::Sender::new(Role::Primary),
            look: Notify::new(),
        })
    }

    pub fn role(&self) -> Role {
        self.role.borrow().clone()
    }

    pub fn pool(&self, address: &str) -> Arc<Pool> {
        let mut pools = self.pools.lock().unwrap_or_else(PoisonError::into_inner);
        let pool = pools.entry(address.to_owned()).or_insert_with(|| {
            Pool::new(Target::Tcp {
                entry: address.to_owned(),
                tls: Some(Arc::clone(&self.tls)),
            })
        });
        Arc::clone(pool)
    }

    /// The primary that `role` named does not answer: finds the next one now.
    pub async fn look_again(&self, cluster: &Cluster) -> Role {
        self.elect(cluster).await;
        self.role()
    }

    /// Looks for the primary until `stop`.
    pub async fn run(self: Arc<Self>, cluster: Arc<Cluster>, stop: CancellationToken) {
        let mut changes = cluster.changes();
        loop {
            self.elect(&cluster).await;
            tokio::select! {
                () = stop.cancelled() => return,
                () = tokio::time::sleep(LOOK_EVERY) => {}
                () = self.look.notified() => {}
                changed = changes.changed() => if changed.is_err() { return },
            }
        }
    }

    /// The first of the lower ones that answers is it; when none does, we are.
    async fn elect(&self, cluster: &Cluster) {
        let mut role = Role::Primary;
        for address in self.lower(&cluster.entries()) {
            if self.answers(&address).await {
                role = Role::Replica(address);
                break;
            }
            self.pool(&address).forget();
        }
        self.role.send_if_modified(|known| {
            let changed = *known != role;
            if changed {
                tracing::info!(?role, "the primary has changed");
                *known = role;
            }
            changed
        });
    }

    /// Managers before us in discovery's order; all of them while we are not in it yet.
    fn lower(&self, entries: &[String]) -> Vec<String> {
        let own = host_of(&self.advertise);
        let port = self
            .advertise
            .rsplit_once(':')
            .map_or("2376", |(_, port)| port);
        entries
            .iter()
            .map(|entry| host_of(entry))
            .take_while(|host| *host != own)
            .map(|host| format!("{host}:{port}"))
            .collect()
    }

    async fn answers(&self, address: &str) -> bool {
        let Ok(own) = HeaderValue::from_str(host_of(&self.advertise)) else {
            return false;
        };
        let request = Request::get("/_ping")
            .header(header::HOST, "docker")
            .header(MANAGER_HOST, own)
            .body(empty());
        let Ok(request) = request else { return false };
        let pool = self.pool(address);
        matches!(
            tokio::time::timeout(PING_LIMIT, pool.send(request)).await,
            Ok(Ok(response)) if response.status().is_success()
        )
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn lower(own: &str, entries: &[&str]) -> Vec<String> {
        crate::tls::install_provider();
        let tls = crate::tls::client_config_unverified(None).expect("a client");
        let entries: Vec<String> = entries.iter().map(|entry| (*entry).to_owned()).collect();
        Election::new(own.to_owned(), Arc::new(tls)).lower(&entries)
    }

    #[test]
    fn those_before_us_are_asked_first() {
        let entries = ["10.0.0.11:42376", "10.0.0.12:42376", "10.0.0.13:42376"];
        assert_eq!(lower("10.0.0.11:2376", &entries), Vec::<String>::new());
        assert_eq!(
            lower("10.0.0.13:2376", &entries),
            ["10.0.0.11:2376", "10.0.0.12:2376"]
        );
        assert_eq!(lower("10.0.0.99:2376", &entries).len(), 3);
    }
}
