//! The bodies about the rest of Docker's swarm: secrets, configs, nodes.

use std::collections::BTreeMap;

use super::host_config::Driver;
use super::json::Bounds;

object! {
    pub struct SecretSpec {
        "Name" name: String,
        "Labels" labels: BTreeMap<String, String>,
        /// In base64.
        "Data" data: String,
        "Driver" driver: Driver,
        "Templating" templating: Driver,
    }
}

object! {
    pub struct ConfigSpec {
        "Name" name: String,
        "Labels" labels: BTreeMap<String, String>,
        /// In base64.
        "Data" data: String,
        "Templating" templating: Driver,
    }
}

impl ConfigSpec {
    /// Docker takes 1,000 KiB, which base64 makes a third longer.
    pub const BOUNDS: Bounds = Bounds {
        bytes: 1_500_000,
        ..Bounds::USUAL
    };
}

object! {
    pub struct NodeSpec {
        "Name" name: String,
        "Labels" labels: BTreeMap<String, String>,
        "Role" role: String,
        "Availability" availability: String,
    }
}
