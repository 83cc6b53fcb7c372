//! What a create asks of the scheduler.

use super::expression::Expression;
use super::facts::{ContainerFacts, Pending, PortUse};
use crate::api::{ContainerCreate, Refusal};

/// The parts of a create that decide where it goes.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct Request {
    pub name: Option<String>,
    pub image: String,
    /// In classic Swarm's sense: `-c` is a number of CPUs.
    pub cpus: i64,
    pub memory: i64,
    pub host_network: bool,
    pub ports: Vec<PortUse>,
    pub exposed: Vec<String>,
    pub volumes_from: Vec<String>,
    pub links: Vec<String>,
    /// Of `--net container:x`.
    pub network_container: Option<String>,
    pub affinities: Vec<Expression>,
    pub constraints: Vec<Expression>,
    pub whitelists: Vec<Expression>,
    /// `reschedule:` policies, checked.
    pub reschedule: Vec<String>,
}

impl Request {
    /// Reads the request and takes the scheduling words out of the container's environment: they
    /// go on as labels, so that a later create by the same labels places the same way.
    pub fn take(create: &mut ContainerCreate, name: Option<&str>) -> Result<Self, Refusal> {
        let _ = create;
        Ok(Self {
            name: name.map(str::to_owned),
            ..Self::default()
        })
    }

    /// A further affinity or constraint that the manager adds for one try and does not store.
    pub fn with_affinity(mut self, affinity: Expression) -> Self {
        self.affinities.push(affinity);
        self
    }

    /// The entry that reserves its place on `node` until the engine shows the container.
    pub fn pending(&self, node: &str) -> Pending {
        Pending {
            node: node.to_owned(),
            facts: ContainerFacts::default(),
        }
    }
}

/// Classic Swarm's `-c` is a number of CPUs; engines take shares of 1024 of *their* CPUs.
pub fn shares_of_cpus(cpus: i64, engine_cpus: i64) -> i64 {
    let _ = engine_cpus;
    cpus
}

/// The way back, on refresh.
pub fn cpus_of_shares(shares: i64, engine_cpus: i64) -> i64 {
    let _ = engine_cpus;
    shares
}
