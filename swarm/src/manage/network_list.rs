//! `docker network ls`: those of one node as `<node>/<name>`, those of the whole cluster once.

use std::collections::BTreeSet;

use futures::future::try_join_all;
use serde_json::Value;

use super::Manager;
use super::answer::{Answer, engine_refusal, json_bytes};
use super::dispatch::Call;
use crate::api::Refusal;
use crate::api::query::{Filters, Value as QueryValue};
use crate::engine::Snapshot;

/// Networks that every engine has.
const BUILT_IN: [&str; 4] = ["bridge", "default", "host", "none"];

impl Manager {
    pub async fn network_list(&self, call: &Call) -> Answer {
        let mut query = call.matched.query.clone();
        let mut filters = query.filters();
        check(&filters)?;
        let view = self.cluster.view();
        // What is unused only the engines know.
        let dangling = match filters.remove("dangling") {
            None => None,
            Some(wanted) => {
                let filters = Filters::from([("dangling".to_owned(), wanted)]);
                query.set("filters", QueryValue::Filters(filters));
                let target = format!("/networks?{}", query.encode());
                let asked = view.healthy().map(|(engine, _)| engine.get(&target));
                let lists: Vec<Vec<Value>> = try_join_all(asked)
                    .await
                    .map_err(|error| engine_refusal(&error))?;
                let ids = lists.iter().flatten().filter_map(|net| net["Id"].as_str());
                Some(ids.map(str::to_owned).collect::<BTreeSet<_>>())
            }
        };
        let mut list: Vec<Value> = Vec::new();
        let mut told = BTreeSet::new();
        for (_, snapshot) in view.healthy() {
            for mut network in snapshot.networks.read() {
                let id = network["Id"].as_str().unwrap_or_default();
                let is_unused = dangling.as_ref().is_none_or(|ids| ids.contains(id));
                if !is_unused || !is_wanted(&filters, snapshot, &network) {
                    continue;
                }
                if is_local(&network) {
                    let name = network["Name"].as_str().unwrap_or_default();
                    network["Name"] = format!("{}/{name}", snapshot.view.name).into();
                } else if !told.insert(id.to_owned()) {
                    continue;
                }
                list.push(network);
            }
        }
        Ok(json_bytes(serde_json::to_vec(&list).unwrap_or_default()))
    }
}

fn is_local(network: &Value) -> bool {
    network["Scope"] == "local"
}

fn check(filters: &Filters) -> Result<(), Refusal> {
    for (key, values) in filters {
        let is_known = match key.as_str() {
            "dangling" | "driver" | "id" | "label" | "name" | "node" | "scope" => true,
            "type" => values
                .iter()
                .all(|value| matches!(value.as_str(), "builtin" | "custom")),
            _ => false,
        };
        if !is_known {
            let values: Vec<&str> = values.iter().map(String::as_str).collect();
            return Err(Refusal::bad_request(format!(
                "invalid filter '{key}={}'",
                values.join(",")
            )));
        }
    }
    Ok(())
}

/// Docker's filters: of several values of a key one is enough, but for labels.
fn is_wanted(filters: &Filters, snapshot: &Snapshot, network: &Value) -> bool {
    let text = |key: &str| network[key].as_str().unwrap_or_default();
    let name = text("Name");
    let qualified = format!("{}/{name}", snapshot.view.name);
    filters.iter().all(|(key, wanted)| {
        let any = |fits: &dyn Fn(&str) -> bool| wanted.iter().any(|value| fits(value));
        match key.as_str() {
            "driver" => any(&|value| text("Driver") == value),
            "id" => any(&|value| text("Id").starts_with(value)),
            "name" => any(&|value| {
                name.contains(value) || (is_local(network) && qualified.contains(value))
            }),
            "node" => any(&|value| snapshot.view.is_called(value)),
            "scope" => any(&|value| text("Scope") == value),
            "type" => any(&|value| (value == "builtin") == BUILT_IN.contains(&name)),
            _ => wanted.iter().all(|label| match label.split_once('=') {
                Some((key, value)) => network["Labels"][key] == value,
                None => !network["Labels"][label.as_str()].is_null(),
            }),
        }
    })
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    fn one(key: &str, value: &str) -> Filters {
        Filters::from([(key.into(), [value.into()].into())])
    }

    #[test]
    fn filters_choose_networks() {
        let mut snapshot = Snapshot::pending("10.0.0.1:1");
        snapshot.view.name = "c-n1".into();
        let network = json!({"Id": "abcdef", "Name": "mine", "Driver": "bridge", "Scope": "local",
            "Labels": {"a": "b"}});
        for (key, value, fits) in [
            ("driver", "bridge", true),
            ("driver", "overlay", false),
            ("id", "abc", true),
            ("id", "bcd", false),
            ("label", "a", true),
            ("label", "a=b", true),
            ("label", "a=c", false),
            ("label", "b", false),
            ("name", "in", true),
            ("name", "n1/mi", true),
            ("name", "yours", false),
            ("node", "c-n1", true),
            ("node", "c-n2", false),
            ("scope", "local", true),
            ("scope", "swarm", false),
            ("type", "custom", true),
            ("type", "builtin", false),
        ] {
            let filters = one(key, value);
            assert_eq!(
                is_wanted(&filters, &snapshot, &network),
                fits,
                "{key}={value}"
            );
        }
        let bridge = json!({"Name": "bridge", "Scope": "local"});
        assert!(is_wanted(&one("type", "builtin"), &snapshot, &bridge));
    }

    #[test]
    fn what_is_no_filter_is_refused() {
        assert!(check(&one("type", "foo")).is_err());
        assert!(check(&one("nonsense", "1")).is_err());
        assert!(check(&one("name", "foo")).is_ok());
    }
}
