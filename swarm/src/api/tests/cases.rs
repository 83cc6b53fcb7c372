//! The inputs of the tests, which fuzzing begins with, too.

use super::super::Route;

#[path = "../../../tests/policy_rows/ways/body.rs"]
mod body;
#[path = "../../../tests/policy_rows/ways/target.rs"]
mod target;
pub use body::BODIES;
pub use target::REFUSED;

macro_rules! id {
    () => {
        "aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa"
    };
}

/// Targets that have a meaning: the route and the name in it.
#[rustfmt::skip]
pub const ACCEPTED: &[(&str, &str, Route, &str)] = &[
    ("GET", "/_ping", Route::Ping, ""),
    ("HEAD", "/_ping", Route::PingHead, ""),
    ("GET", "/v1.24/info", Route::Info, ""),
    ("GET", "/version", Route::VersionInfo, ""),
    ("GET", "/v1.45/version", Route::VersionInfo, ""),
    ("GET", "/volumes", Route::VolumeList, ""),
    ("GET", "/networks/", Route::NetworkListSlash, ""),
    ("GET", "/networks/n1/bridge", Route::NetworkInspect, "n1/bridge"),
    ("GET", "/containers/json", Route::ContainerList, ""),
    ("GET", "/containers/json/json", Route::ContainerInspect, "json"),
    ("GET", "/containers/57d513b9-n1/web/json", Route::ContainerInspect, "57d513b9-n1/web"),
    ("GET", "/containers/57d513b9-n1%2Fweb/json", Route::ContainerInspect, "57d513b9-n1/web"),
    ("POST", "/v1.41/%63ontainers/cre%61te", Route::ContainerCreate, ""),
    ("POST", "/v1.41/containers%2Fcreate?name=%2Fweb", Route::ContainerCreate, ""),
    ("DELETE", "/containers/web?force=true&v=1", Route::ContainerDelete, "web"),
    ("GET", "/images/json", Route::ImageList, ""),
    ("GET", "/images/registry:5000/a/b:tag/json", Route::ImageInspect, "registry:5000/a/b:tag"),
    ("GET", "/images/a@sha256:00/history", Route::ImageHistory, "a@sha256:00"),
    ("GET", "/images/get?names=a&names=b%3A1", Route::ImageSave, ""),
    ("GET", concat!("/exec/", id!(), "/json"), Route::ExecInspect, id!()),
    ("OPTIONS", "/anything/at/all", Route::Options, "anything/at/all"),
];
