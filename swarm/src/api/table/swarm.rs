//! Docker's own swarm mode: services, tasks, nodes, configs, secrets.

use super::{Route, refused};
use crate::api::route::{Method, Reason, Row};

const SWARM: &str = "the engines' swarm is made, joined and dissolved with the cluster: change the cluster's size in the panel";
const SERVICES: &str =
    "services are not offered yet; run containers, which are spread over the nodes as well";

#[rustfmt::skip]
pub const ROWS: &[Row] = &[
    refused(Route::ConfigDelete, Method::Delete, "/configs/{id}", Reason::NotYet, SERVICES),
    refused(Route::NodeDelete, Method::Delete, "/nodes/{id}", Reason::Never, SWARM),
    refused(Route::SecretDelete, Method::Delete, "/secrets/{id}", Reason::NotYet, SERVICES),
    refused(Route::ServiceDelete, Method::Delete, "/services/{id}", Reason::NotYet, SERVICES),
    refused(Route::ConfigList, Method::Get, "/configs", Reason::NotYet, SERVICES),
    refused(Route::ConfigInspect, Method::Get, "/configs/{id}", Reason::NotYet, SERVICES),
    refused(Route::NodeList, Method::Get, "/nodes", Reason::NotYet, SERVICES),
    refused(Route::NodeInspect, Method::Get, "/nodes/{id}", Reason::NotYet, SERVICES),
    refused(Route::SecretList, Method::Get, "/secrets", Reason::NotYet, SERVICES),
    refused(Route::SecretInspect, Method::Get, "/secrets/{id}", Reason::NotYet, SERVICES),
    refused(Route::ServiceList, Method::Get, "/services", Reason::NotYet, SERVICES),
    refused(Route::ServiceInspect, Method::Get, "/services/{id}", Reason::NotYet, SERVICES),
    refused(Route::ServiceLogs, Method::Get, "/services/{id}/logs", Reason::NotYet, SERVICES),
    refused(Route::SwarmInspect, Method::Get, "/swarm", Reason::NotYet,
        "it holds the tokens to join the engines' swarm"),
    refused(Route::SwarmUnlockKey, Method::Get, "/swarm/unlockkey", Reason::Never,
        "the key opens the engines' swarm, which the cluster owns"),
    refused(Route::TaskList, Method::Get, "/tasks", Reason::NotYet, SERVICES),
    refused(Route::TaskInspect, Method::Get, "/tasks/{id}", Reason::NotYet, SERVICES),
    refused(Route::TaskLogs, Method::Get, "/tasks/{id}/logs", Reason::NotYet, SERVICES),
    refused(Route::ConfigCreate, Method::Post, "/configs/create", Reason::NotYet, SERVICES),
    refused(Route::ConfigUpdate, Method::Post, "/configs/{id}/update", Reason::NotYet, SERVICES),
    refused(Route::NodeUpdate, Method::Post, "/nodes/{id}/update", Reason::Never, SWARM),
    refused(Route::SecretCreate, Method::Post, "/secrets/create", Reason::NotYet, SERVICES),
    refused(Route::SecretUpdate, Method::Post, "/secrets/{id}/update", Reason::NotYet, SERVICES),
    refused(Route::ServiceCreate, Method::Post, "/services/create", Reason::NotYet, SERVICES),
    refused(Route::ServiceUpdate, Method::Post, "/services/{id}/update", Reason::NotYet, SERVICES),
    refused(Route::SwarmInit, Method::Post, "/swarm/init", Reason::Never, SWARM),
    refused(Route::SwarmJoin, Method::Post, "/swarm/join", Reason::Never, SWARM),
    refused(Route::SwarmLeave, Method::Post, "/swarm/leave", Reason::Never, SWARM),
    refused(Route::SwarmUnlock, Method::Post, "/swarm/unlock", Reason::Never, SWARM),
    refused(Route::SwarmUpdate, Method::Post, "/swarm/update", Reason::Never, SWARM),
];
