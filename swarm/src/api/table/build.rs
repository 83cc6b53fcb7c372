//! Building images.

use super::{Route, row};
use crate::api::query::{Keys, Kind};
use crate::api::route::{Method, Outcome, Row, Treatment};

/// `POST /build`, as the classic builder and BuildKit's front take them.
#[rustfmt::skip]
pub const BUILD: Keys = &[
    ("dockerfile", Kind::Text), ("t", Kind::Many), ("extrahosts", Kind::Many),
    ("remote", Kind::Text), ("q", Kind::Flag), ("nocache", Kind::Flag),
    ("cachefrom", Kind::Json), ("pull", Kind::Text), ("rm", Kind::FlagOrYes),
    ("forcerm", Kind::Flag), ("memory", Kind::Int), ("memswap", Kind::Int),
    ("cpushares", Kind::Int), ("cpusetcpus", Kind::Text), ("cpusetmems", Kind::Text),
    ("cpuperiod", Kind::Int), ("cpuquota", Kind::Int), ("cgroupparent", Kind::Text),
    ("buildargs", Kind::Json), ("shmsize", Kind::Int), ("squash", Kind::Flag),
    ("labels", Kind::Json), ("networkmode", Kind::Text), ("securityopt", Kind::Many),
    ("ulimits", Kind::Json), ("platform", Kind::Text), ("target", Kind::Text),
    ("outputs", Kind::Outputs), ("version", Kind::Text), ("buildid", Kind::Text),
    ("session", Kind::Text), ("isolation", Kind::Text),
];

#[rustfmt::skip]
pub const ROWS: &[Row] = &[
    row(Route::BuildImage, Method::Post, "/build", Treatment::BuildNode,
        BUILD,
        Outcome::Differs("on the node that your last build went to, which has its cache, else on the one that `spread` or a `constraint:` build argument chooses; the image is on that node and is copied to where a container needs it. `networkmode`, `cgroupparent`, `remote`, `securityopt`, `outputs` and the like only as the policy allows")).tar(),
    row(Route::BuildCancel, Method::Post, "/build/cancel", Treatment::BuildNode,
        &[("id", Kind::Text)], Outcome::Works),
    row(Route::BuildPrune, Method::Post, "/build/prune", Treatment::AllNodes,
        &[("all", Kind::Flag), ("keep-storage", Kind::Int), ("filters", Kind::Filters), ("reserved-space", Kind::Int), ("max-used-space", Kind::Int), ("min-free-space", Kind::Int)],
        Outcome::Differs("on all nodes"))
        .answers("all nodes' lists together, numbers added"),
    row(Route::Grpc, Method::Post, "/grpc", Treatment::BuildNode,
        &[], Outcome::Differs("BuildKit's orders go to the node of your builds. No build gets the host's network, `--security=insecure`, a device or a control group of its own choice")).hijacks(),
    row(Route::Session, Method::Post, "/session", Treatment::BuildNode,
        &[], Outcome::Works).hijacks(),
];
