//! Docker's own swarm mode: services, tasks, nodes, configs, secrets.

use super::{Route, refused, row};
use crate::api::model::Model;
use crate::api::query::{Keys, Kind};
use crate::api::route::{Method, Outcome, Reason, Row, Treatment};

const SWARM: &str = "the engines' swarm is made, joined and dissolved with the cluster: change the cluster's size in the panel";
const SERVICE: &str = "only what the policy allows, by the same rules as containers: no host paths, no capabilities, no host network, no plugins. Placed by Docker's own scheduler; `carina.segment` and `constraint:` are for containers, here it is `node.hostname` and `node.labels`. An image that only some nodes have is brought to all of them. Without IPVS in the hosts' kernel virtual addresses do not work: use `--endpoint-mode dnsrr` and ports with `mode=host` there";
const LOGS: Keys = &[
    ("follow", Kind::Flag),
    ("stdout", Kind::Flag),
    ("stderr", Kind::Flag),
    ("since", Kind::Text),
    ("timestamps", Kind::Flag),
    ("tail", Kind::Text),
    ("details", Kind::Flag),
    // Of containers' logs alone; bollard has one set of options for both.
    ("until", Kind::Ignored),
];
const FILTERS: Keys = &[("filters", Kind::Filters)];
const VERSION: Keys = &[("version", Kind::Int)];

#[rustfmt::skip]
pub const ROWS: &[Row] = &[
    row(Route::ConfigDelete, Method::Delete, "/configs/{id}", Treatment::SwarmManager, &[], Outcome::Works),
    refused(Route::NodeDelete, Method::Delete, "/nodes/{id}", Reason::Never, SWARM),
    row(Route::SecretDelete, Method::Delete, "/secrets/{id}", Treatment::SwarmManager, &[], Outcome::Works),
    row(Route::ServiceDelete, Method::Delete, "/services/{id}", Treatment::SwarmManager, &[], Outcome::Works),
    row(Route::ConfigList, Method::Get, "/configs", Treatment::SwarmManager, FILTERS, Outcome::Works),
    row(Route::ConfigInspect, Method::Get, "/configs/{id}", Treatment::SwarmManager, &[], Outcome::Works),
    row(Route::NodeList, Method::Get, "/nodes", Treatment::SwarmManager, FILTERS, Outcome::Works),
    row(Route::NodeInspect, Method::Get, "/nodes/{id}", Treatment::SwarmManager, &[], Outcome::Works),
    row(Route::SecretList, Method::Get, "/secrets", Treatment::SwarmManager, FILTERS, Outcome::Works),
    row(Route::SecretInspect, Method::Get, "/secrets/{id}", Treatment::SwarmManager, &[], Outcome::Works),
    row(Route::ServiceList, Method::Get, "/services", Treatment::SwarmManager, &[("filters", Kind::Filters), ("status", Kind::Flag)], Outcome::Works),
    row(Route::ServiceInspect, Method::Get, "/services/{id}", Treatment::SwarmManager, &[("insertDefaults", Kind::Flag)], Outcome::Works),
    row(Route::ServiceLogs, Method::Get, "/services/{id}/logs", Treatment::SwarmManager, LOGS, Outcome::Works),
    row(Route::SwarmInspect, Method::Get, "/swarm", Treatment::SwarmManager, &[],
        Outcome::Differs("without the tokens to join and without anything of its authority")).answers("`JoinTokens` empty, `TLSInfo` and the authority's settings left out"),
    refused(Route::SwarmUnlockKey, Method::Get, "/swarm/unlockkey", Reason::Never,
        "the key opens the engines' swarm, which the cluster owns"),
    row(Route::TaskList, Method::Get, "/tasks", Treatment::SwarmManager, FILTERS, Outcome::Works),
    row(Route::TaskInspect, Method::Get, "/tasks/{id}", Treatment::SwarmManager, &[], Outcome::Works),
    row(Route::TaskLogs, Method::Get, "/tasks/{id}/logs", Treatment::SwarmManager, LOGS, Outcome::Works),
    row(Route::ConfigCreate, Method::Post, "/configs/create", Treatment::SwarmManager, &[],
        Outcome::Differs("templates in Go's language only")).json(Model::ConfigSpec),
    row(Route::ConfigUpdate, Method::Post, "/configs/{id}/update", Treatment::SwarmManager, VERSION,
        Outcome::Works).json(Model::ConfigSpec),
    row(Route::NodeUpdate, Method::Post, "/nodes/{id}/update", Treatment::SwarmManager, VERSION,
        Outcome::Differs("labels and availability, which holds for containers as for tasks; a node's role is the cluster's own business")).json(Model::NodeSpec),
    row(Route::SecretCreate, Method::Post, "/secrets/create", Treatment::SwarmManager, &[],
        Outcome::Differs("no external drivers; templates in Go's language only")).json(Model::SecretSpec),
    row(Route::SecretUpdate, Method::Post, "/secrets/{id}/update", Treatment::SwarmManager, VERSION,
        Outcome::Works).json(Model::SecretSpec),
    row(Route::ServiceCreate, Method::Post, "/services/create", Treatment::SwarmManager, &[],
        Outcome::Differs(SERVICE)).json(Model::ServiceSpec),
    row(Route::ServiceUpdate, Method::Post, "/services/{id}/update", Treatment::SwarmManager,
        &[("version", Kind::Int), ("registryAuthFrom", Kind::Text), ("rollback", Kind::Text)],
        Outcome::Differs("as for create; a version to go back to is looked at again first")).json(Model::ServiceSpec),
    refused(Route::SwarmInit, Method::Post, "/swarm/init", Reason::Never, SWARM),
    refused(Route::SwarmJoin, Method::Post, "/swarm/join", Reason::Never, SWARM),
    refused(Route::SwarmLeave, Method::Post, "/swarm/leave", Reason::Never, SWARM),
    refused(Route::SwarmUnlock, Method::Post, "/swarm/unlock", Reason::Never, SWARM),
    refused(Route::SwarmUpdate, Method::Post, "/swarm/update", Reason::Never, SWARM),
];
