//! Volumes.

use super::{Route, refused, row};
use crate::api::model::Model;
use crate::api::query::Kind;
use crate::api::route::{Method, Outcome, Reason, Row, Treatment};

#[rustfmt::skip]
pub const ROWS: &[Row] = &[
    row(Route::VolumeDelete, Method::Delete, "/volumes/{name:.*}", Treatment::AllNodes,
        &[("force", Kind::Flag)],
        Outcome::Differs("on every node that has one of the name; never the system's")),
    row(Route::VolumeList, Method::Get, "/volumes", Treatment::Aggregated,
        &[("filters", Kind::Filters)],
        Outcome::Differs("all nodes' volumes, by their name; `<node>/<name>` where more than one node has one, and always with the policy off. Filter `node` besides Docker's"))
        .answers("the `Name` of what several nodes have"),
    row(Route::VolumeInspect, Method::Get, "/volumes/{name:.*}", Treatment::Aggregated,
        &[], Outcome::Differs("a name that two nodes have means neither: say `<node>/<name>`")),
    row(Route::VolumeCreate, Method::Post, "/volumes/create", Treatment::AllNodes,
        &[], Outcome::Differs("on one node: the one named in `<node>/<name>` or by the label `carina.segment`, the one that has it, else the one `spread` chooses; containers that mount it go there. With the policy off on every node, as the archived program made it. Driver `local` without options that reach outside")).json(Model::VolumeCreate),
    row(Route::VolumePrune, Method::Post, "/volumes/prune", Treatment::AllNodes,
        &[("filters", Kind::Filters)],
        Outcome::Differs("on all nodes, never the system's"))
        .answers("all nodes' lists together, numbers added"),
    refused(Route::VolumeUpdate, Method::Put, "/volumes/{name:.*}", Reason::Never,
        "only cluster volumes can be updated, and there are none"),
];
