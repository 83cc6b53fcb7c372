//! Out of a container's inspection the request that makes it again, on another engine.

use serde_json::Value;

use crate::api::container::NetworkingConfig;
use crate::api::host_config::HostConfig;
use crate::api::network::{EndpointIpam, EndpointSettings};
use crate::api::{ContainerCreate, Refusal};
use crate::policy::network_matches;
use crate::schedule::facts::{ContainerFacts, NodeView, REPLACES_LABEL};
use crate::schedule::request::{SWARM_ID_LABEL, cpus_of_shares};

pub struct Revival {
    /// As a client would have sent it: without the manager's own marks.
    pub create: ContainerCreate,
    /// Networks of the whole cluster that it is put on afterwards.
    pub networks: Vec<(String, EndpointSettings)>,
}

impl Revival {
    /// `node` is where the container was, `nodes` are all.
    pub fn of(
        inspect: &Value,
        container: &ContainerFacts,
        node: &NodeView,
        nodes: &[&NodeView],
    ) -> Result<Self, Refusal> {
        let mut host = HostConfig::from_inspect(inspect)?;
        let mut create = config(inspect)?;
        if let Some(labels) = &mut create.labels {
            labels.remove(SWARM_ID_LABEL);
            labels.remove(REPLACES_LABEL);
        }
        create.mac_address = None;
        let mode = host.network_mode.clone().unwrap_or_default();
        let is_given = |name: &str| !container.id.starts_with(name) && name != node.name;
        if mode == "host" || mode.starts_with("container:") {
            create.hostname = None;
        }
        create.hostname = create.hostname.filter(|name| is_given(name));
        if let Some(shares) = host.cpu_shares.filter(|shares| *shares > 0) {
            host.cpu_shares = Some(cpus_of_shares(shares, node.cpus));
        }
        for link in host.links.iter_mut().flatten() {
            *link = link_given(link);
        }
        let mut networks = networks(inspect, container, nodes)?;
        if let Some(at) = networks.iter().position(|(name, _)| *name == mode) {
            let (name, settings) = networks.remove(at);
            create.networking_config = Some(NetworkingConfig {
                endpoints_config: Some([(name, Some(settings))].into()),
            });
        }
        create.host_config = Some(host);
        Ok(Self { create, networks })
    }
}

/// The fields that a create has, too.
fn config(inspect: &Value) -> Result<ContainerCreate, Refusal> {
    let mut config = inspect.get("Config").cloned().unwrap_or_default();
    if let Some(fields) = config.as_object_mut() {
        fields.retain(|key, _| {
            ContainerCreate::KEYS.contains(&key.as_str())
                && !matches!(key.as_str(), "HostConfig" | "NetworkingConfig")
        });
    }
    serde_json::from_value(config).map_err(|error| not_understood(&error))
}

/// Those of the whole cluster: one of a single segment is where that segment is.
fn networks(
    inspect: &Value,
    container: &ContainerFacts,
    nodes: &[&NodeView],
) -> Result<Vec<(String, EndpointSettings)>, Refusal> {
    let networks = inspect["NetworkSettings"]["Networks"].as_object();
    let mut found = Vec::new();
    for (name, settings) in networks.into_iter().flatten() {
        let meant = network_matches(nodes, name);
        if meant.is_empty() || meant.iter().any(|network| network.scope == "local") {
            continue;
        }
        // An engine's swarm writes the address that it chose where others have the one that was
        // asked for. It stays the lost container's until that one is removed.
        let is_chosen = meant.iter().any(|network| network.scope == "swarm");
        let addresses: Option<EndpointIpam> = match is_chosen {
            true => None,
            false => serde_json::from_value(settings["IPAMConfig"].clone())
                .map_err(|error| not_understood(&error))?,
        };
        let aliases: Vec<String> = settings["Aliases"]
            .as_array()
            .into_iter()
            .flatten()
            .filter_map(Value::as_str)
            .filter(|alias| !container.id.starts_with(alias))
            .map(str::to_owned)
            .collect();
        let settings = EndpointSettings {
            ipam_config: addresses,
            aliases: (!aliases.is_empty()).then_some(aliases),
            ..EndpointSettings::default()
        };
        found.push((name.clone(), settings));
    }
    Ok(found)
}

/// `db:alias` of the engine's `/db:/web/alias`.
fn link_given(link: &str) -> String {
    let (name, alias) = link.split_once(':').unwrap_or((link, link));
    let name = name.strip_prefix('/').unwrap_or(name);
    let alias = alias.rsplit('/').next().unwrap_or(alias);
    format!("{name}:{alias}")
}

fn not_understood(error: &serde_json::Error) -> Refusal {
    Refusal::failed(format!(
        "the engine's view of the container is not understood: {error}"
    ))
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;
    use crate::schedule::facts::NetworkFacts;
    use crate::schedule::testing::{container, node};

    fn inspect() -> Value {
        json!({
            "Id": "aaaabbbbccccdddd",
            "Config": {
                "Hostname": "aaaabbbbcccc", "Image": "busybox", "Cmd": ["sleep", "9"],
                "Env": ["A=b"], "Volumes": null, "NewField": 1,
                "Labels": {"com.docker.swarm.id": "5", "com.docker.swarm.replaces": "[]", "mine": "x"},
            },
            "HostConfig": {
                "NetworkMode": "wide", "CpuShares": 1024, "Links": ["/db:/web/store"],
                "Memory": 1 << 20, "NewField": {},
            },
            "NetworkSettings": {"Networks": {
                "wide": {"IPAMConfig": {"IPv4Address": "10.9.0.9"}, "IPAddress": "10.9.0.9",
                    "Aliases": ["aaaabbbbcccc", "web"]},
                "wider": {"IPAMConfig": {"IPv4Address": "10.0.1.9"}, "Aliases": null},
                "here": {"IPAMConfig": {}},
            }},
        })
    }

    #[test]
    fn a_container_is_asked_for_as_it_was_once() {
        let mut home = node("n1");
        for (name, scope) in [("wide", "global"), ("wider", "swarm"), ("here", "local")] {
            home.networks.push(NetworkFacts {
                id: format!("id-of-{name}"),
                name: name.into(),
                scope: scope.into(),
                ..NetworkFacts::default()
            });
        }
        let facts = container("aaaabbbbccccdddd", "web");
        let revival = Revival::of(&inspect(), &facts, &home, &[&home]).expect("understood");
        let create = revival.create;
        assert_eq!(create.hostname, None, "it was made of the id");
        assert_eq!(create.labels, Some([("mine".into(), "x".into())].into()));
        assert_eq!(create.env, Some(vec!["A=b".into()]));
        let host = create.host_config.expect("there");
        assert_eq!(host.cpu_shares, Some(2), "CPUs again, of two");
        assert_eq!(host.links, Some(vec!["db:store".into()]));
        let endpoints = create.networking_config.and_then(|c| c.endpoints_config);
        let endpoints = endpoints.expect("there");
        let wide = endpoints["wide"].as_ref().expect("there");
        assert_eq!(wide.aliases, Some(vec!["web".into()]));
        assert_eq!(wide.ip_address, None);
        assert!(wide.ipam_config.is_some());
        let [(wider, settings)] = revival.networks.as_slice() else {
            panic!("and none of one segment: {:?}", revival.networks);
        };
        assert_eq!((wider.as_str(), &settings.ipam_config), ("wider", &None));
    }

    #[test]
    fn a_name_that_was_given_stays() {
        let mut inspect = inspect();
        inspect["Config"]["Hostname"] = "web.example".into();
        let facts = container("aaaabbbbccccdddd", "web");
        let revival = Revival::of(&inspect, &facts, &node("n1"), &[]).expect("understood");
        assert_eq!(revival.create.hostname.as_deref(), Some("web.example"));
    }
}
