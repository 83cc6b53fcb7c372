//! The body of `POST /volumes/create`.

use std::collections::BTreeMap;

object! {
    pub struct VolumeCreate {
        "Name" name: String,
        "Driver" driver: String,
        "DriverOpts" driver_opts: BTreeMap<String, String>,
        "Labels" labels: BTreeMap<String, String>,
        /// CSI; only ever refused.
        "ClusterVolumeSpec" cluster_volume_spec: super::container::Empty,
    }
}
