//! The table: every route of the engine, and what becomes of it. What is not in it does not exist.
//!
//! Its rows stand in one file an object. Each says in words for people what they find; from these
//! `docs/docker-api.md` is written.

mod build;
mod container;
mod image;
mod network;
mod plugin;
mod swarm;
mod system;
mod volume;

use super::model::Model;
use super::query::Keys;
use super::route::{Body, Method, Outcome, Reason, Row, Treatment};

#[cfg(test)]
pub use build::BUILD;

/// By object, in the order of the page. A path's first word belongs to one of them.
pub const GROUPS: &[(&str, &[Row])] = &[
    ("Containers", container::ROWS),
    ("Images", image::ROWS),
    ("Builds", build::ROWS),
    ("Networks", network::ROWS),
    ("Volumes", volume::ROWS),
    ("Services and swarm mode", swarm::ROWS),
    ("The system", system::ROWS),
    ("Plugins", plugin::ROWS),
];

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

/// A row that is offered.
const fn row(
    route: Route,
    method: Method,
    pattern: &'static str,
    treatment: Treatment,
    query: Keys,
    outcome: Outcome,
) -> Row {
    Row {
        route,
        method,
        pattern,
        treatment,
        hijack: false,
        body: Body::Empty,
        query,
        outcome,
        answer: None,
    }
}

/// A row that is not. `why` is what the client reads, too: it says what to do instead.
const fn refused(
    route: Route,
    method: Method,
    pattern: &'static str,
    reason: Reason,
    why: &'static str,
) -> Row {
    let treatment = Treatment::Refused(reason);
    row(
        route,
        method,
        pattern,
        treatment,
        &[],
        Outcome::Refused(why),
    )
}

impl Row {
    const fn json(mut self, model: Model) -> Self {
        self.body = Body::Json(model);
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

    /// What in the engine's answer is not as the engine wrote it.
    const fn answers(mut self, how: &'static str) -> Self {
        self.answer = Some(how);
        self
    }
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;

    use super::*;
    use crate::api::route::rows;

    #[test]
    fn the_table_has_exactly_the_routes_of_the_engine() {
        let listed: BTreeSet<String> = include_str!("moby-routes.txt")
            .lines()
            .map(|line| {
                line.split_once(' ')
                    .expect("a group and a route")
                    .1
                    .to_owned()
            })
            .collect();
        let table: BTreeSet<String> = rows()
            .map(|row| format!("{} {}", row.method.as_str(), row.pattern))
            .collect();
        assert_eq!(listed, table);
        assert_eq!(rows().count(), table.len(), "one row a route");
    }

    #[test]
    fn no_route_stands_twice() {
        let names: BTreeSet<_> = rows().map(|row| row.route).collect();
        assert_eq!(names.len(), rows().count());
    }

    /// `find` goes through the groups one after the other.
    #[test]
    fn a_paths_first_word_belongs_to_one_group() {
        let word = |row: &Row| row.pattern.split('/').nth(1).map(str::to_owned);
        for (at, (group, rows)) in GROUPS.iter().enumerate() {
            for (other, others) in &GROUPS[at + 1..] {
                for row in *rows {
                    let twice = others.iter().any(|other| word(other) == word(row));
                    assert!(!twice, "{} is in {group} and {other}", row.pattern);
                }
            }
        }
    }

    #[test]
    fn every_row_says_what_a_person_finds() {
        for row in rows() {
            let is_refused = matches!(row.treatment, Treatment::Refused(_));
            let text = match row.outcome {
                Outcome::Works => {
                    assert_eq!(row.answer, None, "{}: then it differs", row.pattern);
                    "works"
                }
                Outcome::Differs(how) => how,
                Outcome::Refused(why) => why,
            };
            let says_refused = matches!(row.outcome, Outcome::Refused(_));
            assert_eq!(is_refused, says_refused, "{}", row.pattern);
            assert!(text.len() > 4, "{} says nothing", row.pattern);
            assert!(!text.ends_with('.') && !text.contains('|'), "{text}");
        }
    }
}
