//! Python's libraries, tested in Python: `end2end/clients/*.py`.

use std::path::Path;
use std::process::Command;

use crate::lab::{Lab, run_within};

/// For a whole file of tests.
const LIMIT: u32 = 240;

pub fn docker_py(lab: &mut Lab) {
    tests_run(lab, "test_docker_py");
}

pub fn docker_py_swarm(lab: &mut Lab) {
    tests_run(lab, "test_docker_py_swarm");
}

pub fn testcontainers_python(lab: &mut Lab) {
    tests_run(lab, "test_testcontainers");
}

fn tests_run(lab: &Lab, module: &str) {
    let Some(folder) = super::folder() else {
        return;
    };
    let tests = Path::new(env!("CARGO_MANIFEST_DIR")).join("../end2end/clients");
    let mut command = Command::new(folder.join("python/bin/python"));
    command
        .args(["-B", "-m", "unittest", "-v", module])
        .env("PYTHONPATH", tests)
        .env("CARINA_TEST_CLUSTER", crate::lab::CLUSTER)
        .envs(lab.client_environment())
        // Either goes before the bundle's own authority, in every program that uses `requests`.
        .env_remove("REQUESTS_CA_BUNDLE")
        .env_remove("CURL_CA_BUNDLE");
    let output = run_within(command, LIMIT);
    // Where all tests are counted.
    println!("{}", String::from_utf8_lossy(&output.stdout));
    println!("{}", String::from_utf8_lossy(&output.stderr));
    assert!(output.status.success(), "{module} failed");
}
