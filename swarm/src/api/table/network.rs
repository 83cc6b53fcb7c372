//! Networks.

use super::{Route, row};
use crate::api::model::Model;
use crate::api::query::Kind;
use crate::api::route::{Method, Outcome, Row, Treatment};

#[rustfmt::skip]
pub const ROWS: &[Row] = &[
    row(Route::NetworkDelete, Method::Delete, "/networks/{id:.*}", Treatment::SwarmManager,
        &[], Outcome::Differs("a swarm's network through an engine that manages it; never the system's")),
    row(Route::NetworkList, Method::Get, "/networks", Treatment::Aggregated,
        &[("filters", Kind::Filters), ("status", Kind::Flag)],
        Outcome::Differs("one node's own networks are named `<node>/<name>`, the cluster's by their name, once. Filter `node` besides Docker's"))
        .answers("the `Name` of what one node has"),
    row(Route::NetworkListSlash, Method::Get, "/networks/", Treatment::Aggregated,
        &[("filters", Kind::Filters), ("status", Kind::Flag)],
        Outcome::Differs("as `/networks`"))
        .answers("the `Name` of what one node has"),
    row(Route::NetworkInspect, Method::Get, "/networks/{id:.+}", Treatment::Aggregated,
        &[("verbose", Kind::Flag), ("scope", Kind::Text), ("status", Kind::Flag)],
        Outcome::Differs("an overlay with the containers of all nodes; a name that two nodes have means neither: say `<node>/<name>`")),
    row(Route::NetworkCreate, Method::Post, "/networks/create", Treatment::SwarmManager,
        &[], Outcome::Differs("without a driver, or as a bridge without options: an attachable overlay over all nodes. `<node>/<name>`, or a bridge with options, is one node's own")).json(Model::NetworkCreate),
    row(Route::NetworkPrune, Method::Post, "/networks/prune", Treatment::AllNodes,
        &[("filters", Kind::Filters)],
        Outcome::Differs("on all nodes"))
        .answers("all nodes' lists together, numbers added"),
    row(Route::NetworkConnect, Method::Post, "/networks/{id:.*}/connect", Treatment::ContainerNode,
        &[], Outcome::Differs("on the container's node, which must have the network or be able to join it")).json(Model::NetworkConnect),
    row(Route::NetworkDisconnect, Method::Post, "/networks/{id:.*}/disconnect", Treatment::ContainerNode,
        &[], Outcome::Differs("on the container's node")).json(Model::NetworkDisconnect),
];
