//! Images and registries.

use super::{Route, row};
use crate::api::query::Kind;
use crate::api::route::{Method, Outcome, Row, Treatment};

#[rustfmt::skip]
pub const ROWS: &[Row] = &[
    row(Route::DistributionInspect, Method::Get, "/distribution/{name:.*}/json", Treatment::OneNode,
        &[], Outcome::Works),
    row(Route::ImageDelete, Method::Delete, "/images/{name:.*}", Treatment::AllNodes,
        &[("force", Kind::Flag), ("noprune", Kind::Flag), ("platforms", Kind::Many)],
        Outcome::Differs("on every node that has it; never the system's images"))
        .answers("all nodes' lines, each once"),
    row(Route::ImageSave, Method::Get, "/images/get", Treatment::ImageNode,
        &[("names", Kind::Many), ("platform", Kind::Many)],
        Outcome::Differs("from one node that has all of them")),
    row(Route::ImageList, Method::Get, "/images/json", Treatment::Aggregated,
        &[("all", Kind::Flag), ("filter", Kind::Text), ("filters", Kind::Filters), ("digests", Kind::Flag), ("shared-size", Kind::Flag), ("manifests", Kind::Flag), ("identity", Kind::Flag), ("only_ids", Kind::Ignored)],
        Outcome::Differs("all nodes' images, one line an id with all names, newest first. Filter `node` besides Docker's"))
        .answers("lines grouped by id"),
    row(Route::ImageSearch, Method::Get, "/images/search", Treatment::OneNode,
        &[("term", Kind::Text), ("limit", Kind::Int), ("filters", Kind::Filters)],
        Outcome::Works),
    row(Route::ImageAttestations, Method::Get, "/images/{name:.*}/attestations", Treatment::ImageNode,
        &[("platform", Kind::Platform), ("type", Kind::Many), ("statement", Kind::Flag)],
        Outcome::Differs("of the node that has the image, when all engines speak API 1.57; else refused with a text that says so")),
    row(Route::ImageSaveOne, Method::Get, "/images/{name:.*}/get", Treatment::ImageNode,
        &[("platform", Kind::Many)], Outcome::Works),
    row(Route::ImageHistory, Method::Get, "/images/{name:.*}/history", Treatment::ImageNode,
        &[("platform", Kind::Text)], Outcome::Works),
    row(Route::ImageInspect, Method::Get, "/images/{name:.*}/json", Treatment::ImageNode,
        &[("size", Kind::Flag), ("manifests", Kind::Flag), ("platform", Kind::Text)],
        Outcome::Works),
    row(Route::ImageCreate, Method::Post, "/images/create", Treatment::AllNodes,
        &[("fromImage", Kind::Text), ("fromSrc", Kind::Text), ("repo", Kind::Text), ("tag", Kind::Text), ("message", Kind::Text), ("platform", Kind::Text), ("changes", Kind::Many)],
        Outcome::Differs("pulled to all nodes, with one line of progress a node; where that fails it is copied from a node that has it. An import (`fromSrc=-` only) is made once and copied to the others")).tar()
        .answers("`{id: <node>, status}` lines"),
    row(Route::ImageLoad, Method::Post, "/images/load", Treatment::AllNodes,
        &[("quiet", Kind::Flag), ("platform", Kind::Many)],
        Outcome::Differs("to all nodes at once; the answer is the same with and without `quiet`")).tar()
        .answers("all nodes' lines, each once"),
    row(Route::ImagePrune, Method::Post, "/images/prune", Treatment::AllNodes,
        &[("filters", Kind::Filters)],
        Outcome::Differs("on all nodes"))
        .answers("all nodes' lists together, numbers added"),
    row(Route::ImagePush, Method::Post, "/images/{name:.*}/push", Treatment::ImageNode,
        &[("tag", Kind::Text), ("platform", Kind::Text)],
        Outcome::Differs("from one node that has it")),
    row(Route::ImageTag, Method::Post, "/images/{name:.*}/tag", Treatment::AllNodes,
        &[("repo", Kind::Text), ("tag", Kind::Text), ("force", Kind::Flag)],
        Outcome::Differs("on every node that has it; none of the system's names"))
        .answers("201 without a body"),
];
