//! One row a way round. The ids name the row of the list of known ones (A transport … G existing
//! containers); `N` rows are what must pass. Rows of A and B are the tests of `api`.

pub mod client;
pub mod create;
mod other;
mod service;

use super::*;
use crate::api::{commit, json};
use crate::schedule::facts::NodeView;
use crate::schedule::testing::{container, node};

/// Two segments with the system containers and something of the user's.
fn cluster() -> [NodeView; 2] {
    let mut nodes = [node("n1"), node("n2")];
    for (index, node) in nodes.iter_mut().enumerate() {
        node.addr = format!("10.83.7.{}:42376", 11 + index);
        for (at, name) in wire::SYSTEM_CONTAINERS.iter().enumerate() {
            node.containers
                .push(container(&format!("5{index}{at}aaaa0000"), name));
        }
        for (at, name, driver) in [
            (0, "bridge", "bridge"),
            (1, "host", "host"),
            (2, "none", "null"),
        ] {
            node.networks
                .push(network(&format!("e{index}{at}bb"), name, driver));
        }
        node.networks.push(network(
            &format!("e{index}3bb"),
            "docker_gwbridge",
            "bridge",
        ));
        node.networks.push(NetworkFacts {
            ingress: true,
            ..network("e9cc", "ingress", "overlay")
        });
        node.volumes.push(VolumeFacts {
            name: "swarm-data".into(),
            driver: "local".into(),
            ..Default::default()
        });
    }
    nodes[0].containers.push(container("77770000", "web"));
    nodes[0].networks.push(network("cccc", "mynet", "bridge"));
    let mut evil = VolumeFacts {
        name: "evil".into(),
        driver: "local".into(),
        ..Default::default()
    };
    evil.options.insert("device".into(), "/".into());
    nodes[0].volumes.push(evil);
    nodes[0].volumes.push(VolumeFacts {
        name: "remote".into(),
        driver: "nfs".into(),
        ..Default::default()
    });
    nodes
}

fn network(id: &str, name: &str, driver: &str) -> NetworkFacts {
    NetworkFacts {
        id: id.into(),
        name: name.into(),
        driver: driver.into(),
        ..Default::default()
    }
}

/// What becomes of a create; the body is the whole one, or a HostConfig in round brackets.
fn create(name: Option<&str>, body: &str) -> Result<ContainerCreate, Refusal> {
    let nodes = cluster();
    let nodes: Vec<&NodeView> = nodes.iter().collect();
    let mut create: ContainerCreate = json::read(body.as_bytes())?;
    Policy::carina().container_create(name, &mut create, &Cluster(&nodes))?;
    Ok(create)
}

fn host(host_config: &str) -> Result<ContainerCreate, Refusal> {
    create(
        None,
        &format!(r#"{{"Image":"busybox","HostConfig":{host_config}}}"#),
    )
}

/// The status when there is no code.
fn outcome<T>(result: Result<T, Refusal>) -> u16 {
    match result {
        Ok(_) => 0,
        Err(refusal) => match refusal.code {
            Some(code) => {
                assert_eq!(refusal.status, 403);
                assert!(
                    refusal.message.starts_with(&format!("{code}: ")),
                    "{refusal}"
                );
                code as u16
            }
            None => refusal.status,
        },
    }
}
