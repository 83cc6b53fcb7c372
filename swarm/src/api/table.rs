//! The table: every route of the engine, and what becomes of it. What is not in it does not exist.

use super::query::{Keys, Kind};
use super::route::{Body, Method, Reason, Row, Treatment};

/// One name a row.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum Route {
    BuildImage,
    BuildCancel,
    BuildPrune,
    CheckpointDelete,
    CheckpointList,
    CheckpointCreate,
    ContainerDelete,
    ContainerList,
    ContainerArchiveGet,
    ContainerAttachWs,
    ContainerChanges,
    ContainerExport,
    ContainerInspect,
    ContainerLogs,
    ContainerStats,
    ContainerTop,
    ExecInspect,
    ContainerArchiveHead,
    ContainerCommit,
    ContainerCreate,
    ContainerPrune,
    ContainerAttach,
    ExecCreate,
    ContainerKill,
    ContainerPause,
    ContainerRename,
    ContainerResize,
    ContainerRestart,
    ContainerStart,
    ContainerStop,
    ContainerUnpause,
    ContainerUpdate,
    ContainerWait,
    ExecResize,
    ExecStart,
    ContainerArchivePut,
    DebugIndex,
    DebugCmdline,
    DebugProfile,
    DebugSymbol,
    DebugTrace,
    DebugNamed,
    DebugVars,
    DistributionInspect,
    Grpc,
    ImageDelete,
    ImageSave,
    ImageList,
    ImageSearch,
    ImageAttestations,
    ImageSaveOne,
    ImageHistory,
    ImageInspect,
    ImageCreate,
    ImageLoad,
    ImagePrune,
    ImagePush,
    ImageTag,
    NetworkDelete,
    NetworkList,
    NetworkListSlash,
    NetworkInspect,
    NetworkCreate,
    NetworkPrune,
    NetworkConnect,
    NetworkDisconnect,
    PluginDelete,
    PluginList,
    PluginPrivileges,
    PluginInspect,
    PluginCreate,
    PluginPull,
    PluginDisable,
    PluginEnable,
    PluginPush,
    PluginSet,
    PluginUpgrade,
    Session,
    ConfigDelete,
    NodeDelete,
    SecretDelete,
    ServiceDelete,
    ConfigList,
    ConfigInspect,
    NodeList,
    NodeInspect,
    SecretList,
    SecretInspect,
    ServiceList,
    ServiceInspect,
    ServiceLogs,
    SwarmInspect,
    SwarmUnlockKey,
    TaskList,
    TaskInspect,
    TaskLogs,
    ConfigCreate,
    ConfigUpdate,
    NodeUpdate,
    SecretCreate,
    SecretUpdate,
    ServiceCreate,
    ServiceUpdate,
    SwarmInit,
    SwarmJoin,
    SwarmLeave,
    SwarmUnlock,
    SwarmUpdate,
    Ping,
    Events,
    Info,
    SystemDf,
    VersionInfo,
    PingHead,
    Options,
    Auth,
    VolumeDelete,
    VolumeList,
    VolumeInspect,
    VolumeCreate,
    VolumePrune,
    VolumeUpdate,
}

const fn row(
    route: Route,
    method: Method,
    pattern: &'static str,
    treatment: Treatment,
    query: Keys,
) -> Row {
    Row {
        route,
        method,
        pattern,
        treatment,
        hijack: false,
        body: Body::Empty,
        query,
    }
}

impl Row {
    const fn json(mut self) -> Self {
        self.body = Body::Json;
        self
    }

    const fn tar(mut self) -> Self {
        self.body = Body::Tar;
        self
    }

    const fn hijacks(mut self) -> Self {
        self.hijack = true;
        self
    }
}

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

/// In the order of moby's own list, which the test below compares it with. One row a line.
#[rustfmt::skip]
pub const TABLE: &[Row] = &[
    row(Route::BuildImage, Method::Post, "/build", Treatment::BuildNode, BUILD).tar(),
    row(Route::BuildCancel, Method::Post, "/build/cancel", Treatment::Refused(Reason::NotYet), &[("id", Kind::Text)]),
    row(Route::BuildPrune, Method::Post, "/build/prune", Treatment::AllNodes, &[("all", Kind::Flag), ("keep-storage", Kind::Int), ("filters", Kind::Filters), ("reserved-space", Kind::Int), ("max-used-space", Kind::Int), ("min-free-space", Kind::Int)]),
    row(Route::CheckpointDelete, Method::Delete, "/containers/{name}/checkpoints/{checkpoint}", Treatment::Refused(Reason::Never), &[]),
    row(Route::CheckpointList, Method::Get, "/containers/{name:.*}/checkpoints", Treatment::Refused(Reason::Never), &[]),
    row(Route::CheckpointCreate, Method::Post, "/containers/{name:.*}/checkpoints", Treatment::Refused(Reason::Never), &[]),
    row(Route::ContainerDelete, Method::Delete, "/containers/{name:.*}", Treatment::ContainerNode, &[("v", Kind::Flag), ("force", Kind::Flag), ("link", Kind::Flag)]),
    row(Route::ContainerList, Method::Get, "/containers/json", Treatment::Aggregated, &[("all", Kind::Flag), ("limit", Kind::Int), ("size", Kind::Flag), ("since", Kind::Text), ("before", Kind::Text), ("filters", Kind::Filters), ("trunc_cmd", Kind::Ignored)]),
    row(Route::ContainerArchiveGet, Method::Get, "/containers/{name:.*}/archive", Treatment::ContainerNode, &[("path", Kind::Text)]),
    row(Route::ContainerAttachWs, Method::Get, "/containers/{name:.*}/attach/ws", Treatment::Refused(Reason::NotYet), &[]),
    row(Route::ContainerChanges, Method::Get, "/containers/{name:.*}/changes", Treatment::ContainerNode, &[]),
    row(Route::ContainerExport, Method::Get, "/containers/{name:.*}/export", Treatment::ContainerNode, &[]),
    row(Route::ContainerInspect, Method::Get, "/containers/{name:.*}/json", Treatment::ContainerNode, &[("size", Kind::Flag)]),
    row(Route::ContainerLogs, Method::Get, "/containers/{name:.*}/logs", Treatment::ContainerNode, &[("follow", Kind::Flag), ("stdout", Kind::Flag), ("stderr", Kind::Flag), ("since", Kind::Text), ("until", Kind::Text), ("timestamps", Kind::Flag), ("tail", Kind::Text), ("details", Kind::Flag)]),
    row(Route::ContainerStats, Method::Get, "/containers/{name:.*}/stats", Treatment::ContainerNode, &[("stream", Kind::Flag), ("one-shot", Kind::Flag)]),
    row(Route::ContainerTop, Method::Get, "/containers/{name:.*}/top", Treatment::ContainerNode, &[("ps_args", Kind::Text)]),
    row(Route::ExecInspect, Method::Get, "/exec/{id:.*}/json", Treatment::ExecNode, &[]),
    row(Route::ContainerArchiveHead, Method::Head, "/containers/{name:.*}/archive", Treatment::ContainerNode, &[("path", Kind::Text)]),
    row(Route::ContainerCommit, Method::Post, "/commit", Treatment::ContainerNode, &[("container", Kind::Text), ("repo", Kind::Text), ("tag", Kind::Text), ("comment", Kind::Text), ("author", Kind::Text), ("pause", Kind::Flag), ("changes", Kind::Many)]).json(),
    row(Route::ContainerCreate, Method::Post, "/containers/create", Treatment::OneNode, &[("name", Kind::Name), ("platform", Kind::Text)]).json(),
    row(Route::ContainerPrune, Method::Post, "/containers/prune", Treatment::AllNodes, &[("filters", Kind::Filters)]),
    row(Route::ContainerAttach, Method::Post, "/containers/{name:.*}/attach", Treatment::ContainerNode, &[("logs", Kind::Flag), ("stream", Kind::Flag), ("stdin", Kind::Flag), ("stdout", Kind::Flag), ("stderr", Kind::Flag), ("detachKeys", Kind::Text)]).hijacks(),
    row(Route::ExecCreate, Method::Post, "/containers/{name:.*}/exec", Treatment::ContainerNode, &[]).json(),
    row(Route::ContainerKill, Method::Post, "/containers/{name:.*}/kill", Treatment::ContainerNode, &[("signal", Kind::Text)]),
    row(Route::ContainerPause, Method::Post, "/containers/{name:.*}/pause", Treatment::ContainerNode, &[]),
    row(Route::ContainerRename, Method::Post, "/containers/{name:.*}/rename", Treatment::ContainerNode, &[("name", Kind::Name)]),
    row(Route::ContainerResize, Method::Post, "/containers/{name:.*}/resize", Treatment::ContainerNode, &[("h", Kind::Int), ("w", Kind::Int)]),
    row(Route::ContainerRestart, Method::Post, "/containers/{name:.*}/restart", Treatment::ContainerNode, &[("t", Kind::Int), ("signal", Kind::Text)]),
    row(Route::ContainerStart, Method::Post, "/containers/{name:.*}/start", Treatment::ContainerNode, &[("detachKeys", Kind::Text)]),
    row(Route::ContainerStop, Method::Post, "/containers/{name:.*}/stop", Treatment::ContainerNode, &[("t", Kind::Int), ("signal", Kind::Text)]),
    row(Route::ContainerUnpause, Method::Post, "/containers/{name:.*}/unpause", Treatment::ContainerNode, &[]),
    row(Route::ContainerUpdate, Method::Post, "/containers/{name:.*}/update", Treatment::ContainerNode, &[]).json(),
    row(Route::ContainerWait, Method::Post, "/containers/{name:.*}/wait", Treatment::ContainerNode, &[("condition", Kind::Text)]),
    row(Route::ExecResize, Method::Post, "/exec/{name:.*}/resize", Treatment::ExecNode, &[("h", Kind::Int), ("w", Kind::Int)]),
    row(Route::ExecStart, Method::Post, "/exec/{name:.*}/start", Treatment::ExecNode, &[]).json().hijacks(),
    row(Route::ContainerArchivePut, Method::Put, "/containers/{name:.*}/archive", Treatment::ContainerNode, &[("path", Kind::Text), ("noOverwriteDirNonDir", Kind::Text), ("copyUIDGID", Kind::Text)]).tar(),
    row(Route::DebugIndex, Method::Get, "/debug/pprof/", Treatment::Refused(Reason::Never), &[]),
    row(Route::DebugCmdline, Method::Get, "/debug/pprof/cmdline", Treatment::Refused(Reason::Never), &[]),
    row(Route::DebugProfile, Method::Get, "/debug/pprof/profile", Treatment::Refused(Reason::Never), &[]),
    row(Route::DebugSymbol, Method::Get, "/debug/pprof/symbol", Treatment::Refused(Reason::Never), &[]),
    row(Route::DebugTrace, Method::Get, "/debug/pprof/trace", Treatment::Refused(Reason::Never), &[]),
    row(Route::DebugNamed, Method::Get, "/debug/pprof/{name}", Treatment::Refused(Reason::Never), &[]),
    row(Route::DebugVars, Method::Get, "/debug/vars", Treatment::Refused(Reason::Never), &[]),
    row(Route::DistributionInspect, Method::Get, "/distribution/{name:.*}/json", Treatment::Refused(Reason::NotYet), &[]),
    row(Route::Grpc, Method::Post, "/grpc", Treatment::Refused(Reason::NotYet), &[]),
    row(Route::ImageDelete, Method::Delete, "/images/{name:.*}", Treatment::AllNodes, &[("force", Kind::Flag), ("noprune", Kind::Flag), ("platforms", Kind::Many)]),
    row(Route::ImageSave, Method::Get, "/images/get", Treatment::ImageNode, &[("names", Kind::Many), ("platform", Kind::Many)]),
    row(Route::ImageList, Method::Get, "/images/json", Treatment::Aggregated, &[("all", Kind::Flag), ("filter", Kind::Text), ("filters", Kind::Filters), ("digests", Kind::Flag), ("shared-size", Kind::Flag), ("manifests", Kind::Flag), ("identity", Kind::Flag), ("only_ids", Kind::Ignored)]),
    row(Route::ImageSearch, Method::Get, "/images/search", Treatment::OneNode, &[("term", Kind::Text), ("limit", Kind::Int), ("filters", Kind::Filters)]),
    row(Route::ImageAttestations, Method::Get, "/images/{name:.*}/attestations", Treatment::Refused(Reason::NotYet), &[]),
    row(Route::ImageSaveOne, Method::Get, "/images/{name:.*}/get", Treatment::ImageNode, &[("platform", Kind::Many)]),
    row(Route::ImageHistory, Method::Get, "/images/{name:.*}/history", Treatment::ImageNode, &[("platform", Kind::Text)]),
    row(Route::ImageInspect, Method::Get, "/images/{name:.*}/json", Treatment::ImageNode, &[("size", Kind::Flag), ("manifests", Kind::Flag), ("platform", Kind::Text)]),
    row(Route::ImageCreate, Method::Post, "/images/create", Treatment::AllNodes, &[("fromImage", Kind::Text), ("fromSrc", Kind::Text), ("repo", Kind::Text), ("tag", Kind::Text), ("message", Kind::Text), ("platform", Kind::Text), ("changes", Kind::Many)]).tar(),
    row(Route::ImageLoad, Method::Post, "/images/load", Treatment::AllNodes, &[("quiet", Kind::Flag), ("platform", Kind::Many)]).tar(),
    row(Route::ImagePrune, Method::Post, "/images/prune", Treatment::AllNodes, &[("filters", Kind::Filters)]),
    row(Route::ImagePush, Method::Post, "/images/{name:.*}/push", Treatment::ImageNode, &[("tag", Kind::Text), ("platform", Kind::Text)]),
    row(Route::ImageTag, Method::Post, "/images/{name:.*}/tag", Treatment::AllNodes, &[("repo", Kind::Text), ("tag", Kind::Text), ("force", Kind::Flag)]),
    row(Route::NetworkDelete, Method::Delete, "/networks/{id:.*}", Treatment::SwarmManager, &[]),
    row(Route::NetworkList, Method::Get, "/networks", Treatment::Aggregated, &[("filters", Kind::Filters), ("status", Kind::Flag)]),
    row(Route::NetworkListSlash, Method::Get, "/networks/", Treatment::Aggregated, &[("filters", Kind::Filters), ("status", Kind::Flag)]),
    row(Route::NetworkInspect, Method::Get, "/networks/{id:.+}", Treatment::Aggregated, &[("verbose", Kind::Flag), ("scope", Kind::Text), ("status", Kind::Flag)]),
    row(Route::NetworkCreate, Method::Post, "/networks/create", Treatment::SwarmManager, &[]).json(),
    row(Route::NetworkPrune, Method::Post, "/networks/prune", Treatment::AllNodes, &[("filters", Kind::Filters)]),
    row(Route::NetworkConnect, Method::Post, "/networks/{id:.*}/connect", Treatment::ContainerNode, &[]).json(),
    row(Route::NetworkDisconnect, Method::Post, "/networks/{id:.*}/disconnect", Treatment::ContainerNode, &[]).json(),
    row(Route::PluginDelete, Method::Delete, "/plugins/{name:.*}", Treatment::Refused(Reason::Never), &[]),
    row(Route::PluginList, Method::Get, "/plugins", Treatment::Local, &[("filters", Kind::Filters)]),
    row(Route::PluginPrivileges, Method::Get, "/plugins/privileges", Treatment::Refused(Reason::Never), &[]),
    row(Route::PluginInspect, Method::Get, "/plugins/{name:.*}/json", Treatment::Refused(Reason::Unsupported), &[]),
    row(Route::PluginCreate, Method::Post, "/plugins/create", Treatment::Refused(Reason::Never), &[]),
    row(Route::PluginPull, Method::Post, "/plugins/pull", Treatment::Refused(Reason::Never), &[]),
    row(Route::PluginDisable, Method::Post, "/plugins/{name:.*}/disable", Treatment::Refused(Reason::Never), &[]),
    row(Route::PluginEnable, Method::Post, "/plugins/{name:.*}/enable", Treatment::Refused(Reason::Never), &[]),
    row(Route::PluginPush, Method::Post, "/plugins/{name:.*}/push", Treatment::Refused(Reason::Never), &[]),
    row(Route::PluginSet, Method::Post, "/plugins/{name:.*}/set", Treatment::Refused(Reason::Never), &[]),
    row(Route::PluginUpgrade, Method::Post, "/plugins/{name:.*}/upgrade", Treatment::Refused(Reason::Never), &[]),
    row(Route::Session, Method::Post, "/session", Treatment::Refused(Reason::NotYet), &[]),
    row(Route::ConfigDelete, Method::Delete, "/configs/{id}", Treatment::Refused(Reason::NotYet), &[]),
    row(Route::NodeDelete, Method::Delete, "/nodes/{id}", Treatment::Refused(Reason::Never), &[]),
    row(Route::SecretDelete, Method::Delete, "/secrets/{id}", Treatment::Refused(Reason::NotYet), &[]),
    row(Route::ServiceDelete, Method::Delete, "/services/{id}", Treatment::Refused(Reason::NotYet), &[]),
    row(Route::ConfigList, Method::Get, "/configs", Treatment::Refused(Reason::NotYet), &[]),
    row(Route::ConfigInspect, Method::Get, "/configs/{id}", Treatment::Refused(Reason::NotYet), &[]),
    row(Route::NodeList, Method::Get, "/nodes", Treatment::Refused(Reason::NotYet), &[]),
    row(Route::NodeInspect, Method::Get, "/nodes/{id}", Treatment::Refused(Reason::NotYet), &[]),
    row(Route::SecretList, Method::Get, "/secrets", Treatment::Refused(Reason::NotYet), &[]),
    row(Route::SecretInspect, Method::Get, "/secrets/{id}", Treatment::Refused(Reason::NotYet), &[]),
    row(Route::ServiceList, Method::Get, "/services", Treatment::Refused(Reason::NotYet), &[]),
    row(Route::ServiceInspect, Method::Get, "/services/{id}", Treatment::Refused(Reason::NotYet), &[]),
    row(Route::ServiceLogs, Method::Get, "/services/{id}/logs", Treatment::Refused(Reason::NotYet), &[]),
    row(Route::SwarmInspect, Method::Get, "/swarm", Treatment::Refused(Reason::NotYet), &[]),
    row(Route::SwarmUnlockKey, Method::Get, "/swarm/unlockkey", Treatment::Refused(Reason::Never), &[]),
    row(Route::TaskList, Method::Get, "/tasks", Treatment::Refused(Reason::NotYet), &[]),
    row(Route::TaskInspect, Method::Get, "/tasks/{id}", Treatment::Refused(Reason::NotYet), &[]),
    row(Route::TaskLogs, Method::Get, "/tasks/{id}/logs", Treatment::Refused(Reason::NotYet), &[]),
    row(Route::ConfigCreate, Method::Post, "/configs/create", Treatment::Refused(Reason::NotYet), &[]),
    row(Route::ConfigUpdate, Method::Post, "/configs/{id}/update", Treatment::Refused(Reason::NotYet), &[]),
    row(Route::NodeUpdate, Method::Post, "/nodes/{id}/update", Treatment::Refused(Reason::Never), &[]),
    row(Route::SecretCreate, Method::Post, "/secrets/create", Treatment::Refused(Reason::NotYet), &[]),
    row(Route::SecretUpdate, Method::Post, "/secrets/{id}/update", Treatment::Refused(Reason::NotYet), &[]),
    row(Route::ServiceCreate, Method::Post, "/services/create", Treatment::Refused(Reason::NotYet), &[]),
    row(Route::ServiceUpdate, Method::Post, "/services/{id}/update", Treatment::Refused(Reason::NotYet), &[]),
    row(Route::SwarmInit, Method::Post, "/swarm/init", Treatment::Refused(Reason::Never), &[]),
    row(Route::SwarmJoin, Method::Post, "/swarm/join", Treatment::Refused(Reason::Never), &[]),
    row(Route::SwarmLeave, Method::Post, "/swarm/leave", Treatment::Refused(Reason::Never), &[]),
    row(Route::SwarmUnlock, Method::Post, "/swarm/unlock", Treatment::Refused(Reason::Never), &[]),
    row(Route::SwarmUpdate, Method::Post, "/swarm/update", Treatment::Refused(Reason::Never), &[]),
    row(Route::Ping, Method::Get, "/_ping", Treatment::Local, &[]),
    row(Route::Events, Method::Get, "/events", Treatment::Aggregated, &[("since", Kind::Text), ("until", Kind::Text), ("filters", Kind::Filters)]),
    row(Route::Info, Method::Get, "/info", Treatment::Aggregated, &[]),
    row(Route::SystemDf, Method::Get, "/system/df", Treatment::Aggregated, &[("type", Kind::Many), ("verbose", Kind::Flag)]),
    row(Route::VersionInfo, Method::Get, "/version", Treatment::Local, &[]),
    row(Route::PingHead, Method::Head, "/_ping", Treatment::Local, &[]),
    row(Route::Options, Method::Options, "/{anyroute:.*}", Treatment::Local, &[]),
    row(Route::Auth, Method::Post, "/auth", Treatment::Refused(Reason::NotYet), &[]),
    row(Route::VolumeDelete, Method::Delete, "/volumes/{name:.*}", Treatment::AllNodes, &[("force", Kind::Flag)]),
    row(Route::VolumeList, Method::Get, "/volumes", Treatment::Aggregated, &[("filters", Kind::Filters)]),
    row(Route::VolumeInspect, Method::Get, "/volumes/{name:.*}", Treatment::Aggregated, &[]),
    row(Route::VolumeCreate, Method::Post, "/volumes/create", Treatment::AllNodes, &[]).json(),
    row(Route::VolumePrune, Method::Post, "/volumes/prune", Treatment::AllNodes, &[("filters", Kind::Filters)]),
    row(Route::VolumeUpdate, Method::Put, "/volumes/{name:.*}", Treatment::Refused(Reason::Never), &[]),
];

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;

    use super::*;

    #[test]
    fn the_table_has_exactly_the_routes_of_the_engine() {
        let listed: Vec<String> = include_str!("moby-routes.txt")
            .lines()
            .map(|line| {
                line.split_once(' ')
                    .expect("a group and a route")
                    .1
                    .to_owned()
            })
            .collect();
        let table: Vec<String> = TABLE
            .iter()
            .map(|row| format!("{} {}", row.method.as_str(), row.pattern))
            .collect();
        assert_eq!(listed, table);
    }

    #[test]
    fn no_route_stands_twice() {
        let names: BTreeSet<_> = TABLE.iter().map(|row| row.route).collect();
        assert_eq!(names.len(), TABLE.len());
    }
}
