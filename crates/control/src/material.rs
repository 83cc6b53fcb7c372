//! A cluster's certificates: made once, stored as JSON, handed out as seeds and identities.

use std::net::Ipv4Addr;
use std::sync::Arc;

use host::ClientIdentity;
use ipnet::Ipv4Net;
use model::{ClusterId, MAX_SEGMENTS};
use pki::{Authority, Leaf, Usage};
use serde::{Deserialize, Serialize};
use store::{ClusterWish, SegmentWish};
use wire::{EngineIdentity, ManagerIdentity, SEED_VERSION, Secret, SegmentSeed};

use crate::Settings;
use crate::error::Error;
use crate::placement;

/// Leaves inside a cluster last as long as its authorities; a rebuild makes new ones.
const INNER_DAYS: i64 = 3650;
/// What people download lasts a year.
const CLIENT_DAYS: i64 = 365;
/// What the panel uses in a person's name lasts a day, and is never written down.
const PERSON_DAYS: i64 = 1;

/// Both authorities of a cluster, and what the panel itself uses on it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct Authorities {
    cluster: Pair,
    engine: Pair,
    /// Opens the agents' doors.
    panel: Pair,
    /// Asks the endpoint whether it answers.
    probe: Pair,
}

#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct Pair {
    pub cert: String,
    pub key: Secret,
}

/// The leaves of one segment.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct Material {
    server: Pair,
    agent: Pair,
    manager: Pair,
    /// What the endpoint's certificate can be reached by.
    pub names: Vec<String>,
}

impl From<pki::Issued> for Pair {
    fn from(issued: pki::Issued) -> Self {
        Self {
            cert: issued.cert_pem,
            key: issued.key_pem,
        }
    }
}

impl Pair {
    fn of(authority: &Authority) -> Self {
        Self {
            cert: authority.cert_pem().to_owned(),
            key: authority.key_pem().clone(),
        }
    }

    fn authority(&self) -> Result<Authority, Error> {
        Ok(Authority::from_pem(&self.cert, &self.key)?)
    }

    fn client(&self, ca: &Self) -> Arc<ClientIdentity> {
        Arc::new(ClientIdentity {
            ca_pem: ca.cert.clone(),
            cert_pem: self.cert.clone(),
            key_pem: self.key.clone(),
        })
    }
}

impl Authorities {
    pub(crate) fn make(cluster: ClusterId) -> Result<Self, Error> {
        let cluster_ca = Authority::make(&format!("Carina cluster {cluster}"))?;
        let engine_ca = Authority::make(&format!("Carina engines {cluster}"))?;
        let panel = client_of(&engine_ca, cluster, wire::caller::PANEL, INNER_DAYS)?;
        let probe = client_of(&cluster_ca, cluster, wire::caller::PANEL, INNER_DAYS)?;
        Ok(Self {
            cluster: Pair::of(&cluster_ca),
            engine: Pair::of(&engine_ca),
            panel: panel.into(),
            probe: probe.into(),
        })
    }

    pub(crate) fn parse(text: &str) -> Result<Self, Error> {
        Ok(serde_json::from_str(text)?)
    }

    pub(crate) fn to_text(&self) -> Result<String, Error> {
        Ok(serde_json::to_string(self)?)
    }

    /// Opens the agents' doors.
    pub(crate) fn panel_identity(&self) -> Arc<ClientIdentity> {
        self.panel.client(&self.engine)
    }

    /// A client of the endpoint.
    pub(crate) fn probe_identity(&self) -> Arc<ClientIdentity> {
        self.probe.client(&self.cluster)
    }

    pub(crate) fn cluster_ca_pem(&self) -> &str {
        &self.cluster.cert
    }

    /// A certificate for a person.
    pub(crate) fn client(&self, cluster: ClusterId, name: &str) -> Result<pki::Issued, Error> {
        client_of(&self.cluster.authority()?, cluster, name, CLIENT_DAYS)
    }

    /// One that the panel itself uses in a person's name, and which authority its peer shows.
    pub(crate) fn person(
        &self,
        cluster: ClusterId,
        name: &str,
    ) -> Result<(pki::Issued, Arc<ClientIdentity>), Error> {
        let issued = client_of(&self.cluster.authority()?, cluster, name, PERSON_DAYS)?;
        let identity = Pair::from(issued.clone()).client(&self.cluster);
        Ok((issued, identity))
    }

    /// Everything one segment needs, new.
    pub(crate) fn segment(
        &self,
        node: &host::NodeName,
        address: Ipv4Addr,
        subnet: Ipv4Net,
        settings: &Settings,
    ) -> Result<Material, Error> {
        let (cluster_ca, engine_ca) = (self.cluster.authority()?, self.engine.authority()?);
        let cluster = node.cluster;
        let names = server_names(node, subnet, settings);
        let leaf = |common_name, usage, names| Leaf {
            common_name,
            organization: None,
            usage,
            names,
            cluster: Some(cluster.0),
            days: INNER_DAYS,
        };
        let node_name = node.to_string();
        let addresses = [address.to_string()];
        let server = cluster_ca.issue(&leaf(&node_name, Usage::Both, &names))?;
        let agent = engine_ca.issue(&leaf(&node_name, Usage::Server, &addresses))?;
        let manager = client_of(&engine_ca, cluster, wire::caller::MANAGER, INNER_DAYS)?;
        Ok(Material {
            server: server.into(),
            agent: agent.into(),
            manager: manager.into(),
            names,
        })
    }

    /// The seed of one segment, as its volume holds it.
    pub(crate) fn seed(
        &self,
        wish: &ClusterWish,
        segment: &SegmentWish,
        subnet: Ipv4Net,
        settings: &Settings,
        panel_ca_pem: &str,
    ) -> Result<Vec<u8>, Error> {
        let material = Material::parse(&segment.material)?;
        let gateway = placement::gateway(subnet);
        let node = host::NodeName {
            cluster: wish.id,
            ordinal: segment.ordinal,
        };
        let seed = SegmentSeed {
            version: SEED_VERSION,
            generation: segment.seed_generation.unsigned_abs(),
            cluster: wish.id.0,
            node: node.to_string(),
            ordinal: segment.ordinal,
            address: *segment.address,
            gateway,
            nameservers: vec![gateway],
            discovery: format!(
                "token://{gateway}:{}/v1/{}",
                settings.discovery_port, wish.token
            ),
            panel_ca_pem: panel_ca_pem.to_owned(),
            manager: ManagerIdentity {
                ca_pem: self.cluster.cert.clone(),
                server_cert_pem: material.server.cert,
                server_key_pem: material.server.key,
            },
            engine: EngineIdentity {
                ca_pem: self.engine.cert.clone(),
                agent_cert_pem: material.agent.cert,
                agent_key_pem: material.agent.key,
                manager_cert_pem: material.manager.cert,
                manager_key_pem: material.manager.key,
            },
        };
        Ok(serde_json::to_vec(&seed)?)
    }
}

impl Material {
    pub(crate) fn parse(text: &str) -> Result<Self, Error> {
        Ok(serde_json::from_str(text)?)
    }

    pub(crate) fn to_text(&self) -> Result<String, Error> {
        Ok(serde_json::to_string(self)?)
    }
}

fn client_of(
    authority: &Authority,
    cluster: ClusterId,
    common_name: &str,
    days: i64,
) -> Result<pki::Issued, Error> {
    let organization = cluster.to_string();
    Ok(authority.issue(&Leaf {
        common_name,
        organization: Some(&organization),
        usage: Usage::Client,
        names: &[],
        cluster: Some(cluster.0),
        days,
    })?)
}

/// Every way to reach an endpoint: all addresses its segments can ever have, so that growing
/// needs no new certificates, this machine, and the panel's names for the front door.
fn server_names(node: &host::NodeName, subnet: Ipv4Net, settings: &Settings) -> Vec<String> {
    let most = settings.quota.segments.max(MAX_SEGMENTS);
    let mut names: Vec<String> = (1..=most)
        .map(|ordinal| placement::address(subnet, ordinal).to_string())
        .collect();
    names.extend([
        "127.0.0.1".to_owned(),
        "localhost".to_owned(),
        node.to_string(),
    ]);
    names.extend(settings.public_name.clone());
    names.extend(settings.public_names.iter().cloned());
    let mut seen = std::collections::BTreeSet::new();
    names.retain(|name| !name.is_empty() && seen.insert(name.clone()));
    names
}
