//! Images, volumes and networks as managers tell of them, and who holds each.

use std::collections::{BTreeMap, BTreeSet, HashMap};
use std::hash::Hash;

use model::{ImageView, NetworkView, VolumeView};
use serde::Deserialize;

use crate::container::{is_system, null_is_empty};
use crate::endpoint::inspect::unix_ms;

/// Networks that an engine has by itself.
const BUILTIN: [&str; 5] = ["bridge", "host", "none", "ingress", "docker_gwbridge"];
/// Containers that are named beside one thing.
const USERS_MAX: usize = 100;

#[derive(Deserialize)]
#[serde(rename_all = "PascalCase")]
pub(super) struct Image {
    id: String,
    #[serde(default, deserialize_with = "null_is_empty")]
    repo_tags: Vec<String>,
    #[serde(default)]
    size: u64,
    #[serde(default)]
    created: i64,
}

#[derive(Deserialize)]
#[serde(rename_all = "PascalCase")]
pub(super) struct Volumes {
    #[serde(default, deserialize_with = "null_is_empty")]
    volumes: Vec<Volume>,
}

#[derive(Deserialize)]
#[serde(rename_all = "PascalCase")]
struct Volume {
    name: String,
    #[serde(default)]
    driver: String,
    #[serde(default)]
    created_at: String,
    #[serde(default, deserialize_with = "null_is_empty")]
    labels: BTreeMap<String, String>,
}

#[derive(Deserialize)]
#[serde(rename_all = "PascalCase")]
pub(super) struct Network {
    id: String,
    name: String,
    #[serde(default)]
    driver: String,
    #[serde(default, rename = "IPAM")]
    ipam: Ipam,
}

#[derive(Deserialize, Default)]
#[serde(rename_all = "PascalCase")]
struct Ipam {
    #[serde(default, deserialize_with = "null_is_empty")]
    config: Vec<IpamConfig>,
}

#[derive(Deserialize, Default)]
#[serde(rename_all = "PascalCase")]
struct IpamConfig {
    #[serde(default)]
    subnet: String,
}

/// What a container holds, as the list says.
#[derive(Deserialize)]
#[serde(rename_all = "PascalCase")]
pub(super) struct Holder {
    #[serde(default, deserialize_with = "null_is_empty")]
    names: Vec<String>,
    #[serde(default, rename = "ImageID")]
    image_id: String,
    #[serde(default, deserialize_with = "null_is_empty")]
    labels: BTreeMap<String, String>,
    #[serde(default, deserialize_with = "null_is_empty")]
    mounts: Vec<HeldMount>,
    #[serde(default)]
    network_settings: HeldNetworks,
}

#[derive(Deserialize)]
#[serde(rename_all = "PascalCase")]
struct HeldMount {
    #[serde(default)]
    name: String,
}

#[derive(Deserialize, Default)]
#[serde(rename_all = "PascalCase")]
struct HeldNetworks {
    #[serde(default, deserialize_with = "null_is_empty")]
    networks: BTreeMap<String, HeldNetwork>,
}

#[derive(Deserialize, Default)]
#[serde(rename_all = "PascalCase")]
struct HeldNetwork {
    #[serde(default, rename = "NetworkID")]
    id: String,
}

impl Holder {
    /// `/<node>/<name>`
    fn node_and_name(&self) -> (&str, &str) {
        self.names
            .iter()
            .filter_map(|name| name.trim_start_matches('/').split_once('/'))
            .find(|(_, name)| !name.contains('/'))
            .unwrap_or_default()
    }

    fn is_system(&self) -> bool {
        is_system(self.node_and_name().1, self.label())
    }

    /// As an engine itself tells: `/<name>`.
    fn is_engine_s_system(&self) -> bool {
        let mut names = self.names.iter().map(|name| name.trim_start_matches('/'));
        names.any(|name| is_system(name, self.label()))
    }

    fn label(&self) -> Option<&str> {
        self.labels.get(wire::SYSTEM_LABEL).map(String::as_str)
    }
}

/// The containers that hold one thing.
#[derive(Default)]
pub(super) struct Held<'a> {
    own: BTreeSet<&'a str>,
    system: BTreeSet<&'a str>,
}

impl Held<'_> {
    fn own_names(&self) -> Vec<String> {
        let names = self.own.iter().take(USERS_MAX);
        names.map(|name| (*name).to_owned()).collect()
    }

    fn names(&self) -> Vec<String> {
        let names = self.own.union(&self.system).take(USERS_MAX);
        names.map(|name| (*name).to_owned()).collect()
    }
}

/// Who holds what, to be looked up: a lying manager tells of a million of both, and a search of
/// one list for each of the other would end on no deadline.
fn held<'a, K: Eq + Hash, I: Iterator<Item = K>>(
    holders: &'a [Holder],
    things: impl Fn(&'a Holder) -> I,
) -> HashMap<K, Held<'a>> {
    let mut all: HashMap<K, Held<'a>> = HashMap::new();
    for holder in holders {
        let (name, is_system) = (holder.node_and_name().1, holder.is_system());
        for thing in things(holder) {
            let held = all.entry(thing).or_default();
            let names = match is_system {
                true => &mut held.system,
                false => &mut held.own,
            };
            names.insert(name);
        }
    }
    all
}

pub(super) fn held_networks(holders: &[Holder]) -> HashMap<&str, Held<'_>> {
    held(holders, |one| {
        let networks = one.network_settings.networks.values();
        networks.map(|network| network.id.as_str())
    })
}

pub(super) fn images(lists: Vec<(String, Vec<Image>)>, holders: &[Holder]) -> Vec<ImageView> {
    let held = held(holders, |one| std::iter::once(one.image_id.as_str()));
    let mut all: BTreeMap<String, ImageView> = BTreeMap::new();
    for (node, list) in lists {
        for image in list {
            let users = held.get(image.id.as_str());
            let view = all.entry(image.id.clone()).or_insert_with(|| ImageView {
                names: Vec::new(),
                size_bytes: image.size,
                created_at: image.created.saturating_mul(1000),
                nodes: Vec::new(),
                used_by: users.map(Held::own_names).unwrap_or_default(),
                is_system: users.is_some_and(|held| !held.system.is_empty()),
                id: image.id,
            });
            view.nodes.push(node.clone());
            let named = image.repo_tags.into_iter();
            view.names
                .extend(named.filter(|name| name != "<none>:<none>"));
        }
    }
    let view = |mut view: ImageView| {
        view.names.sort();
        view.names.dedup();
        view
    };
    all.into_values().map(view).collect()
}

pub(super) fn volumes(lists: Vec<(String, Volumes)>, holders: &[Holder]) -> Vec<VolumeView> {
    let held = held(holders, |one| {
        let node = one.node_and_name().0;
        one.mounts
            .iter()
            .map(move |mount| (node, mount.name.as_str()))
    });
    let held = &held;
    let of_node = |(node, list): (String, Volumes)| {
        let view = move |volume: Volume| {
            let plain = volume.name.rsplit('/').next().unwrap_or_default();
            let users = held.get(&(node.as_str(), plain));
            let is_system = volume.labels.contains_key(wire::SYSTEM_LABEL)
                || users.is_some_and(|held| !held.system.is_empty());
            VolumeView {
                used_by: users.map(Held::names).unwrap_or_default(),
                is_system,
                driver: volume.driver,
                node: node.clone(),
                created_at: unix_ms(&volume.created_at),
                name: volume.name,
            }
        };
        list.volumes.into_iter().map(view).collect::<Vec<_>>()
    };
    lists.into_iter().flat_map(of_node).collect()
}

/// Names of one engine's volumes that no system container has.
pub(super) fn own_names(list: Volumes, holders: &[Holder]) -> Vec<String> {
    let system = holders.iter().filter(|one| one.is_engine_s_system());
    let system = system.flat_map(|one| one.mounts.iter().map(|mount| mount.name.as_str()));
    let system: BTreeSet<&str> = system.collect();
    let is_own = |one: &Volume| {
        !one.labels.contains_key(wire::SYSTEM_LABEL) && !system.contains(one.name.as_str())
    };
    let own = list.volumes.into_iter().filter(is_own);
    let mut names: Vec<String> = own.map(|one| one.name).collect();
    names.sort();
    names
}

impl Network {
    pub(super) fn into_view(self, held: &HashMap<&str, Held<'_>>) -> NetworkView {
        let (node, plain) = match self.name.split_once('/') {
            Some((node, plain)) => (Some(node.to_owned()), plain.to_owned()),
            None => (None, self.name),
        };
        let users = held.get(self.id.as_str());
        NetworkView {
            used_by: users.map(Held::names).unwrap_or_default(),
            is_builtin: BUILTIN.contains(&plain.as_str()),
            name: plain,
            driver: self.driver,
            node,
            subnets: self
                .ipam
                .config
                .into_iter()
                .map(|config| config.subnet)
                .filter(|subnet| !subnet.is_empty())
                .collect(),
            id: self.id,
        }
    }
}

#[cfg(test)]
mod tests {
    use serde::de::DeserializeOwned;

    use super::*;

    fn read<T: DeserializeOwned>(text: &str) -> T {
        serde_json::from_str(text).expect("a manager's words")
    }

    fn holders() -> Vec<Holder> {
        read(
            r#"[{"Names":["/c-n1/web"],"ImageID":"sha256:a","Labels":null,"Mounts":[{"Type":"volume","Name":"data"}],
                 "NetworkSettings":{"Networks":{"mine":{"NetworkID":"n1"}}}},
                {"Names":["/c-n1/swarm-data"],"ImageID":"sha256:s","Labels":{"carina.system":"swarm-data"},
                 "Mounts":[{"Type":"volume","Name":"swarm-data"}]}]"#,
        )
    }

    #[test]
    fn an_image_of_two_segments_is_one() {
        let of = |tags: &str| {
            read(&format!(
                r#"[{{"Id":"sha256:a","RepoTags":{tags},"Size":7,"Created":1}}]"#
            ))
        };
        let lists = vec![
            ("c-n1".to_owned(), of(r#"["a:1"]"#)),
            ("c-n2".to_owned(), of(r#"["a:1","b:1"]"#)),
        ];
        let all = images(lists, &holders());
        assert_eq!(all.len(), 1);
        assert_eq!(all[0].names, ["a:1", "b:1"]);
        assert_eq!(all[0].nodes, ["c-n1", "c-n2"]);
        assert_eq!(all[0].used_by, ["web"]);
        assert!(!all[0].is_system);
    }

    #[test]
    fn a_volume_is_used_on_its_own_segment() {
        let text = r#"{"Volumes":[{"Name":"data","Driver":"local","CreatedAt":"1970-01-01T00:00:01Z"},{"Name":"swarm-data"}]}"#;
        let lists = vec![
            ("c-n1".to_owned(), read(text)),
            (
                "c-n2".to_owned(),
                read(r#"{"Volumes":[{"Name":"c-n2/data"}]}"#),
            ),
        ];
        let all = volumes(lists, &holders());
        assert_eq!(all[0].used_by, ["web"]);
        assert_eq!(all[0].created_at, Some(1_000));
        assert!(all[1].is_system);
        assert!(all[2].used_by.is_empty());
    }

    #[test]
    fn an_engine_s_own_volumes_are_without_the_systems() {
        let holders: Vec<Holder> = read(
            r#"[{"Names":["/web"],"Labels":{"carina.system":"yes"},"Mounts":[{"Name":"data"}]},
                {"Names":["/swarm-data"],"Labels":{"carina.system":"swarm-data"},"Mounts":[{"Name":"swarm-data"}]}]"#,
        );
        let list = read(
            r#"{"Volumes":[{"Name":"old"},{"Name":"data"},{"Name":"swarm-data"},
                {"Name":"kept","Labels":{"carina.system":"swarm-data"}}]}"#,
        );
        assert_eq!(own_names(list, &holders), ["data", "old"]);
    }

    #[test]
    fn a_networks_name_says_where_it_is() {
        let read = |name: &str| {
            let network: Network = read(&format!(
                r#"{{"Id":"n1","Name":"{name}","Driver":"x","IPAM":{{"Config":[{{"Subnet":"10.0.1.0/24"}}]}}}}"#
            ));
            network.into_view(&held_networks(&holders()))
        };
        let mine = read("mine");
        assert_eq!((mine.node, mine.is_builtin), (None, false));
        assert_eq!(
            (mine.used_by, mine.subnets),
            (vec!["web".to_owned()], vec!["10.0.1.0/24".to_owned()])
        );
        let bridge = read("c-n1/bridge");
        assert_eq!(bridge.node.as_deref(), Some("c-n1"));
        assert!(bridge.is_builtin);
    }
}
