//! Building images.

use super::{Route, refused, row};
use crate::api::query::{Keys, Kind};
use crate::api::route::{Method, Outcome, Reason, Row, Treatment};

/// `POST /build`, as the classic builder and BuildKit's front take them.
#[rustfmt::skip]
pub const BUILD: Keys = &[
    ("dockerfile", Kind::Text), ("t", Kind::Many), ("extrahosts", Kind::Many),
    ("remote", Kind::Text), ("q", Kind::Flag), ("nocache", Kind::Flag),
    ("cachefrom", Kind::Json), ("pull", Kind::Text), ("rm", Kind::Flag),
    ("forcerm", Kind::Flag), ("memory", Kind::Int), ("memswap", Kind::Int),
    ("cpushares", Kind::Int), ("cpusetcpus", Kind::Text), ("cpusetmems", Kind::Text),
    ("cpuperiod", Kind::Int), ("cpuquota", Kind::Int), ("cgroupparent", Kind::Text),
    ("buildargs", Kind::Json), ("shmsize", Kind::Int), ("squash", Kind::Flag),
    ("labels", Kind::Json), ("networkmode", Kind::Text), ("securityopt", Kind::Json),
    ("ulimits", Kind::Json), ("platform", Kind::Text), ("target", Kind::Text),
    ("outputs", Kind::Json), ("version", Kind::Text), ("buildid", Kind::Text),
    ("session", Kind::Text), ("isolation", Kind::Text),
];

#[rustfmt::skip]
pub const ROWS: &[Row] = &[
    row(Route::BuildImage, Method::Post, "/build", Treatment::BuildNode,
        BUILD,
        Outcome::Differs("the classic builder, on the node that `spread` or a `constraint:` build argument chooses; the image is on that node. `networkmode`, `cgroupparent`, `remote`, `securityopt`, `outputs` and the like only as the policy allows")).tar(),
    refused(Route::BuildCancel, Method::Post, "/build/cancel", Reason::NotYet,
        "BuildKit is not offered yet; a client that goes away stops its build"),
    row(Route::BuildPrune, Method::Post, "/build/prune", Treatment::AllNodes,
        &[("all", Kind::Flag), ("keep-storage", Kind::Int), ("filters", Kind::Filters), ("reserved-space", Kind::Int), ("max-used-space", Kind::Int), ("min-free-space", Kind::Int)],
        Outcome::Differs("on all nodes"))
        .answers("all nodes' lists together, numbers added"),
    refused(Route::Grpc, Method::Post, "/grpc", Reason::NotYet,
        "BuildKit is not offered yet; build with `DOCKER_BUILDKIT=0`"),
    refused(Route::Session, Method::Post, "/session", Reason::NotYet,
        "BuildKit is not offered yet; build with `DOCKER_BUILDKIT=0`"),
];
