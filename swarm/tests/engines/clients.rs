//! Programs that other people wrote, as they are: each does its whole work against the cluster.
//!
//! `CARINA_TEST_CLIENTS` names the folder that `scripts/setup.sh test` filled with them.

mod compose;
mod docker;
mod program;
mod python;
mod rust;

use std::path::PathBuf;

use crate::scenarios::Scenario;

pub const ALL: &[Scenario] = &[
    ("docker_of_debian_12", docker::docker_of_debian_12),
    ("docker_of_debian_13", docker::docker_of_debian_13),
    ("docker_of_this_machine", docker::docker_of_this_machine),
    ("buildx_builds", docker::buildx_builds),
    ("compose_runs_a_shop", compose::compose_runs_a_shop),
    ("compose_builds", compose::compose_builds),
    ("docker_py", python::docker_py),
    ("docker_py_swarm", python::docker_py_swarm),
    ("testcontainers_python", python::testcontainers_python),
    ("bollard", rust::bollard),
];

/// Where the clients are; none, and there is nothing to test.
pub fn folder() -> Option<PathBuf> {
    let folder = std::env::var_os("CARINA_TEST_CLIENTS").map(PathBuf::from);
    if folder.is_none() {
        println!("skipped: CARINA_TEST_CLIENTS names no folder of clients (scripts/setup.sh test)");
    }
    folder
}
