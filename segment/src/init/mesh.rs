//! Virtual addresses and published ports of Docker's services.
//!
//! dockerd leaves the spreading of connections to the kernel's IPVS, which takes no orders from a
//! user namespace (seen with Linux 6.12: "operation not permitted" to the segment's root), and is
//! missing in some kernels. Packet filters are allowed in a user namespace: here the same is
//! said by rules in dockerd's own load balancing namespaces, one for each network and one for the
//! published ports. Who answers for a service is gossip between engines, of which dockerd tells no
//! event: it is asked.

mod rules;

use std::collections::HashMap;
use std::fs;
use std::net::Ipv4Addr;
use std::os::unix::fs::MetadataExt;
use std::path::Path;
use std::time::Duration;

use hyper::{Method, StatusCode};
use serde_json::{Value, json};
use tokio::sync::watch;
use tokio::time::sleep;

use super::process::Spawner;
use super::{Error, docker, journal, log};
use rules::Service;

/// Where dockerd keeps the names of the namespaces it made.
const NAMESPACES: &str = "/run/docker/netns";
const INGRESS: &str = "ingress_sbox";
/// A load balancing namespace is called by this and the first characters of its network's id.
const PREFIX: &str = "lb_";
/// The bridge by which published ports reach the ingress network.
const GATEWAY_BRIDGE: &str = "docker_gwbridge";
/// In memory, of PID 1 alone.
const RULES_DIR: &str = "/run/carina-mesh";

/// How often engines are asked while there are services, and while there are none.
const BUSY_EVERY: Duration = Duration::from_secs(1);
const IDLE_EVERY: Duration = Duration::from_secs(3);
/// More than this is nobody's service; each costs a line for every task.
const TASKS_MAX: usize = 1000;

/// A namespace and what is to be said in it.
struct Wanted {
    /// Its name below [`NAMESPACES`]; the segment's own has none.
    namespace: Option<String>,
    rules: String,
    /// Addresses that it answers for, where dockerd does not see to that.
    addresses: Vec<Ipv4Addr>,
}

/// Keeps the rules while the engine answers. Never returns.
pub async fn keep(spawner: Spawner, mut engine: watch::Receiver<bool>) {
    let mut said = HashMap::new();
    loop {
        if engine.wait_for(|answers| *answers).await.is_err() {
            return std::future::pending().await;
        }
        let every = match look(&spawner, &mut said).await {
            Ok(true) => BUSY_EVERY,
            Ok(false) => IDLE_EVERY,
            Err(why) => {
                log(&format!("service addresses: {why}"));
                IDLE_EVERY
            }
        };
        sleep(every).await;
    }
}

/// What was said last in each namespace: its inode, and the rules.
type Said = HashMap<String, (u64, String)>;

/// Whether there are services.
async fn look(spawner: &Spawner, said: &mut Said) -> Result<bool, Error> {
    let inodes = namespaces();
    said.retain(|name, _| name.is_empty() || inodes.contains_key(name));
    if inodes.is_empty() {
        return Ok(false);
    }
    let has_ipvs = Path::new("/proc/net/ip_vs").exists();
    let mut has_services = false;
    let mut failure = None;
    for wanted in wanted(&inodes, has_ipvs).await? {
        let name = wanted.namespace.clone().unwrap_or_default();
        let inode = inodes.get(&name).copied().unwrap_or_default();
        has_services |= !wanted.rules.is_empty();
        // Where nothing was ever said, nothing is what holds.
        let known = said.get(&name).filter(|(known, _)| *known == inode);
        if known.map_or("", |(_, rules)| rules.as_str()) == wanted.rules {
            continue;
        }
        // One that refuses, or goes away just now, holds up none of the others.
        match say(spawner, &wanted, has_ipvs).await {
            Ok(()) => {
                said.insert(name, (inode, wanted.rules));
            }
            Err(why) => failure = Some(why),
        }
    }
    failure.map_or(Ok(has_services), Err)
}

/// dockerd's load balancing namespaces, and their inodes: a name comes again after a restart.
fn namespaces() -> HashMap<String, u64> {
    let entries = fs::read_dir(NAMESPACES).into_iter().flatten().flatten();
    entries
        .filter_map(|entry| {
            let name = entry.file_name().into_string().ok()?;
            let is_balancer = name == INGRESS || name.starts_with(PREFIX);
            is_balancer.then_some(())?;
            Some((name, fs::metadata(entry.path()).ok()?.ino()))
        })
        .collect()
}

async fn wanted(inodes: &HashMap<String, u64>, has_ipvs: bool) -> Result<Vec<Wanted>, Error> {
    let filters = docker::filters(&json!({ "driver": ["overlay"] }));
    let list = docker::call(Method::GET, &format!("/networks?filters={filters}"), None).await?;
    let list = list.json()?;
    let mut all = Vec::new();
    for network in list.as_array().into_iter().flatten() {
        let id = network["Id"].as_str().unwrap_or_default();
        let is_ingress = network["Ingress"] == true;
        let Some(name) = inodes
            .keys()
            .find(|name| names_network(name, id, is_ingress))
        else {
            continue;
        };
        let path = format!("/networks/{}?verbose=true", docker::encode(id));
        let answer = docker::call(Method::GET, &path, None).await?;
        if answer.status == StatusCode::NOT_FOUND {
            continue;
        }
        let services = services(&answer.json()?);
        if is_ingress && !has_ipvs {
            all.push(Wanted {
                namespace: None,
                rules: rules::segment(gateway().await?, &services),
                addresses: Vec::new(),
            });
        }
        all.push(Wanted {
            namespace: Some(name.clone()),
            rules: if is_ingress {
                rules::ingress(&services, has_ipvs)
            } else {
                rules::network(&services)
            },
            addresses: services.iter().map(|service| service.address).collect(),
        });
    }
    Ok(all)
}

/// dockerd cuts the names it gives to namespaces.
fn names_network(name: &str, id: &str, is_ingress: bool) -> bool {
    if is_ingress {
        return name == INGRESS;
    }
    name.strip_prefix(PREFIX)
        .is_some_and(|short| !short.is_empty() && id.starts_with(short))
}

/// What a network's `verbose` answer says of its services. Everything in it is read as an address
/// or a number: nothing else of it gets into a rule.
fn services(network: &Value) -> Vec<Service> {
    let address = |value: &Value| value.as_str()?.parse::<Ipv4Addr>().ok();
    let mut services: Vec<Service> = network["Services"]
        .as_object()
        .into_iter()
        .flat_map(|services| services.values())
        .filter_map(|service| {
            let mut tasks: Vec<Ipv4Addr> = service["Tasks"]
                .as_array()?
                .iter()
                .filter_map(|task| address(&task["EndpointIP"]))
                .take(TASKS_MAX)
                .collect();
            tasks.sort_unstable();
            Some(Service {
                address: address(&service["VIP"])?,
                mark: u32::try_from(service["LocalLBIndex"].as_u64()?).ok()?,
                ports: service["Ports"]
                    .as_array()
                    .into_iter()
                    .flatten()
                    .filter_map(|port| published(port.as_str()?))
                    .collect(),
                tasks,
            })
        })
        .filter(|service| !service.tasks.is_empty())
        .take(TASKS_MAX)
        .collect();
    services.sort_by_key(|service| service.address);
    services
}

/// Of `Target: 80, Publish: 8080`.
fn published(text: &str) -> Option<u16> {
    let (_, port) = text.split_once("Publish: ")?;
    port.trim().parse().ok().filter(|port| *port != 0)
}

/// The ingress namespace's address on the gateway bridge.
async fn gateway() -> Result<Option<Ipv4Addr>, Error> {
    let answer = docker::call(Method::GET, &format!("/networks/{GATEWAY_BRIDGE}"), None).await?;
    let network = answer.json()?;
    let address = network["Containers"]["ingress-sbox"]["IPv4Address"]
        .as_str()
        .and_then(|address| address.split('/').next())
        .and_then(|address| address.parse().ok());
    Ok(address)
}

async fn say(spawner: &Spawner, wanted: &Wanted, has_ipvs: bool) -> Result<(), Error> {
    fs::create_dir_all(RULES_DIR)?;
    let name = wanted.namespace.as_deref().unwrap_or("segment");
    let file = format!("{RULES_DIR}/{name}");
    let rules = if wanted.rules.is_empty() {
        rules::NOTHING
    } else {
        &wanted.rules
    };
    fs::write(&file, rules)?;
    let mut arguments: Vec<String> = Vec::new();
    let program = match &wanted.namespace {
        Some(name) => {
            arguments.push(format!("--net={NAMESPACES}/{name}"));
            arguments.push("sh".to_owned());
            "nsenter"
        }
        None => "sh",
    };
    let script = match wanted.namespace {
        Some(_) => rules::IN_NAMESPACE,
        None => rules::IN_SEGMENT,
    };
    arguments.extend(["-ec", script, "sh", &file].map(str::to_owned));
    // Where dockerd finds IPVS it adds them, before it fails.
    arguments.push(if has_ipvs { "docker" } else { "carina" }.to_owned());
    arguments.extend(wanted.addresses.iter().map(ToString::to_string));
    let output = journal::file("mesh")?;
    let mut child = spawner.spawn(program, &arguments, &[], &output)?;
    if child.succeeded().await {
        Ok(())
    } else {
        Err(format!("{name} does not take its rules").into())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn services_are_read_as_numbers_and_nothing_else() {
        let network = json!({"Services": {
            "": {"VIP": "<nil>", "Ports": [], "LocalLBIndex": 0, "Tasks": [{"EndpointIP": "10.0.1.9"}]},
            "web": {"VIP": "10.0.1.2", "Ports": ["Target: 80, Publish: 8080", "Target: 81, Publish: 0", "; reboot"],
                    "LocalLBIndex": 258, "Tasks": [
                {"Name": "web.2", "EndpointIP": "10.0.1.17"}, {"Name": "web.1", "EndpointIP": "10.0.1.16"},
                {"Name": "evil", "EndpointIP": "10.0.1.1 -j ACCEPT"}]},
            "gone": {"VIP": "10.0.1.5", "Ports": [], "LocalLBIndex": 259, "Tasks": []},
            "evil": {"VIP": "10.0.1.2/0", "Ports": [], "LocalLBIndex": 1, "Tasks": [{"EndpointIP": "10.0.1.3"}]},
        }});
        let found = services(&network);
        assert_eq!(found.len(), 1, "{found:?}");
        assert_eq!(found[0].address, Ipv4Addr::new(10, 0, 1, 2));
        assert_eq!((found[0].mark, &*found[0].ports), (258, &[8080][..]));
        assert_eq!(
            found[0].tasks,
            [Ipv4Addr::new(10, 0, 1, 16), Ipv4Addr::new(10, 0, 1, 17)]
        );
    }

    #[test]
    fn a_namespace_belongs_to_the_network_that_its_name_begins() {
        let id = "z9h965hhjh5p1m1q2w3e4r5t6";
        assert!(names_network("lb_z9h965hhj", id, false));
        assert!(!names_network("lb_z9h965hhj", "z9h965hhX", false));
        assert!(!names_network("lb_", id, false));
        assert!(names_network("ingress_sbox", id, true));
        assert!(!names_network("lb_z9h965hhj", id, true));
    }
}
