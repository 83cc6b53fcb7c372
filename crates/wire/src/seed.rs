//! The seed: all that a segment is given, as one JSON document in a volume beside its disk.

use std::fmt;
use std::net::Ipv4Addr;

use serde::{Deserialize, Serialize};
use uuid::Uuid;

pub const SEED_VERSION: u32 = 1;

/// Everything the panel hands one segment. No credential of the panel's own is ever in it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct SegmentSeed {
    /// [`SEED_VERSION`]; another one is refused.
    pub version: u32,
    /// Of the cluster's spec that this seed was made for; an older one than held is refused.
    pub generation: u64,
    pub cluster: Uuid,
    /// `<cluster>-n<ordinal>`: host name, domain name and Docker's node name.
    pub node: String,
    pub ordinal: u32,
    pub address: Ipv4Addr,
    pub gateway: Ipv4Addr,
    /// For /etc/resolv.conf.
    pub nameservers: Vec<Ipv4Addr>,
    /// `token://<host:port>/v1/<token>`, as it stands in the manager's Cmd.
    pub discovery: String,
    /// The authority of the panel's discovery listener (PEM).
    pub panel_ca_pem: String,
    pub manager: ManagerIdentity,
    pub engine: EngineIdentity,
}

/// What `swarm-data` shows in /etc/docker, under the cluster CA. Usable as client and as server.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct ManagerIdentity {
    pub ca_pem: String,
    pub server_cert_pem: String,
    pub server_key_pem: Secret,
}

/// What opens and guards 42376, under the engine CA. In no volume a user can mount.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct EngineIdentity {
    pub ca_pem: String,
    /// The agent's server certificate; its SAN is the segment's address.
    pub agent_cert_pem: String,
    pub agent_key_pem: Secret,
    /// The managers' client certificate, common name [`crate::caller::MANAGER`].
    pub manager_cert_pem: String,
    pub manager_key_pem: Secret,
}

/// A string that `Debug` does not show.
#[derive(Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(transparent)]
pub struct Secret(pub String);

impl fmt::Debug for Secret {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Secret(…)")
    }
}
