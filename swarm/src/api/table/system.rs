//! The whole cluster.

use super::{Route, refused, row};
use crate::api::model::Model;
use crate::api::query::Kind;
use crate::api::route::{Method, Outcome, Reason, Row, Treatment};

const DEBUG: &str = "the engine's inner state is its operator's";

#[rustfmt::skip]
pub const ROWS: &[Row] = &[
    refused(Route::DebugIndex, Method::Get, "/debug/pprof/", Reason::Never, DEBUG),
    refused(Route::DebugCmdline, Method::Get, "/debug/pprof/cmdline", Reason::Never, DEBUG),
    refused(Route::DebugProfile, Method::Get, "/debug/pprof/profile", Reason::Never, DEBUG),
    refused(Route::DebugSymbol, Method::Get, "/debug/pprof/symbol", Reason::Never, DEBUG),
    refused(Route::DebugTrace, Method::Get, "/debug/pprof/trace", Reason::Never, DEBUG),
    refused(Route::DebugNamed, Method::Get, "/debug/pprof/{name}", Reason::Never, DEBUG),
    refused(Route::DebugVars, Method::Get, "/debug/vars", Reason::Never, DEBUG),
    row(Route::Ping, Method::Get, "/_ping", Treatment::Local,
        &[], Outcome::Works),
    row(Route::Events, Method::Get, "/events", Treatment::Aggregated,
        &[("since", Kind::Text), ("until", Kind::Text), ("filters", Kind::Filters)],
        Outcome::Differs("all nodes' events as one stream, each with the attributes `node.name`, `node.id`, `node.addr` and `node.ip`; `since` reads what the engines remember"))
        .answers("attributes of the node added"),
    row(Route::Info, Method::Get, "/info", Treatment::Aggregated,
        &[], Outcome::Differs("the cluster: sums over the nodes that answer, with overcommit; a line for each node in `SystemStatus`"))
        .answers("written by the manager from what it knows"),
    row(Route::SystemDf, Method::Get, "/system/df", Treatment::Aggregated,
        &[("type", Kind::Many), ("verbose", Kind::Flag)],
        Outcome::Differs("of all nodes"))
        .answers("all nodes' lists together, numbers added"),
    row(Route::VersionInfo, Method::Get, "/version", Treatment::Local,
        &[], Outcome::Differs("`swarm/<version>`, with the engine's components")),
    row(Route::PingHead, Method::Head, "/_ping", Treatment::Local,
        &[], Outcome::Works),
    row(Route::Options, Method::Options, "/{anyroute:.*}", Treatment::Local,
        &[], Outcome::Differs("answered for every path, for browsers with `--cors`")),
    row(Route::Auth, Method::Post, "/auth", Treatment::OneNode,
        &[], Outcome::Differs("one of the engines asks the registry; the cluster keeps nothing of it")).json(Model::Auth),
];
