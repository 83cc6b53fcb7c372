//! Plugins.

use super::{Route, refused, row};
use crate::api::query::Kind;
use crate::api::route::{Method, Outcome, Reason, Row, Treatment};

const PLUGIN: &str = "a plugin runs with the machine's own rights";

#[rustfmt::skip]
pub const ROWS: &[Row] = &[
    refused(Route::PluginDelete, Method::Delete, "/plugins/{name:.*}", Reason::Never, PLUGIN),
    row(Route::PluginList, Method::Get, "/plugins", Treatment::Local,
        &[("filters", Kind::Filters)], Outcome::Differs("always an empty list")),
    refused(Route::PluginPrivileges, Method::Get, "/plugins/privileges", Reason::Never, PLUGIN),
    refused(Route::PluginInspect, Method::Get, "/plugins/{name:.*}/json", Reason::Unsupported,
        "there are no plugins"),
    refused(Route::PluginCreate, Method::Post, "/plugins/create", Reason::Never, PLUGIN),
    refused(Route::PluginPull, Method::Post, "/plugins/pull", Reason::Never, PLUGIN),
    refused(Route::PluginDisable, Method::Post, "/plugins/{name:.*}/disable", Reason::Never, PLUGIN),
    refused(Route::PluginEnable, Method::Post, "/plugins/{name:.*}/enable", Reason::Never, PLUGIN),
    refused(Route::PluginPush, Method::Post, "/plugins/{name:.*}/push", Reason::Never, PLUGIN),
    refused(Route::PluginSet, Method::Post, "/plugins/{name:.*}/set", Reason::Never, PLUGIN),
    refused(Route::PluginUpgrade, Method::Post, "/plugins/{name:.*}/upgrade", Reason::Never, PLUGIN),
];
