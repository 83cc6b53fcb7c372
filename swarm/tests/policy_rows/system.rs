//! The cluster's own containers, volumes, images and networks: every route that takes one, by every
//! name it has. Looking is allowed where the table says so; all else is refused.

use swarm::api::route::{Body, Route, Row, rows};

use crate::cluster::Cluster;
use crate::refused;
use crate::state::CONTAINERS;
use crate::tally::Tally;
use crate::ways::raw::JSON;

/// What a route takes.
#[derive(Debug, PartialEq)]
enum Takes {
    Container,
    Exec,
    Image,
    Network,
    Volume,
}

fn takes(row: &Row) -> Option<Takes> {
    if !row.pattern.contains('{') {
        return None;
    }
    Some(match row.pattern.split('/').nth(1)? {
        "containers" => Takes::Container,
        "exec" => Takes::Exec,
        "images" => Takes::Image,
        "networks" => Takes::Network,
        "volumes" => Takes::Volume,
        _ => return None,
    })
}

/// Routes by which the cluster's own things may be looked at or used without being changed.
const LOOKS: [Route; 16] = [
    Route::ContainerInspect,
    Route::ContainerLogs,
    Route::ContainerStats,
    Route::ContainerTop,
    Route::ContainerChanges,
    Route::ContainerWait,
    Route::ImageHistory,
    Route::ImageInspect,
    Route::ImageAttestations,
    Route::ImageSaveOne,
    Route::ImagePush,
    Route::NetworkInspect,
    Route::VolumeInspect,
    // No container of people's is on a network that these refuse; below, too.
    Route::NetworkConnect,
    Route::NetworkDisconnect,
    // For none: refused whatever it names.
    Route::VolumeUpdate,
];

pub fn run(cluster: &Cluster, tally: &mut Tally) {
    let mut untried: Vec<Route> = Vec::new();
    for row in rows() {
        let Some(takes) = takes(row) else { continue };
        if LOOKS.contains(&row.route) {
            continue;
        }
        match takes {
            Takes::Container if row.pattern.contains("checkpoint") => {
                one(cluster, tally, "G4", row, "swarm-agent", 1024);
            }
            Takes::Container => {
                for name in names() {
                    one(cluster, tally, "G2", row, &name, 1005);
                }
            }
            Takes::Exec => one(cluster, tally, "G7", row, "ea02", 1005),
            Takes::Volume => {
                for name in ["swarm-data", "n1/swarm-data", "n2/swarm-data"] {
                    one(cluster, tally, "D4", row, name, 1005);
                }
            }
            Takes::Image if matches!(row.route, Route::ImageDelete | Route::ImageTag) => {
                for name in [
                    "swarm",
                    "swarm:latest",
                    "docker.io/library/swarm",
                    "sha256:02",
                    "02",
                ] {
                    one(cluster, tally, "J3", row, name, 1005);
                }
            }
            Takes::Network if row.route == Route::NetworkDelete => {
                for name in [
                    "ingress",
                    "n1/bridge",
                    "n1/host",
                    "n2/none",
                    "n2/docker_gwbridge",
                    "e13",
                ] {
                    one(cluster, tally, "E4", row, name, 1015);
                }
            }
            Takes::Image | Takes::Network => untried.push(row.route),
        }
    }
    assert!(
        untried.is_empty(),
        "new routes that nothing is tried for: {untried:?}"
    );
    in_queries_and_bodies(cluster, tally);
}

/// Every name that an engine or a manager would take a system container by.
fn names() -> Vec<String> {
    let mut names: Vec<String> = ["n1/swarm-agent", "n2/swarm-manager", "n1%2Fswarm-data"]
        .map(str::to_owned)
        .into();
    for container in CONTAINERS
        .iter()
        .filter(|one| one.name.starts_with("swarm-"))
    {
        let id = container.id();
        names.extend([id[..3].to_owned(), id[..12].to_owned(), id.clone()]);
        names.push(format!("n{}/{}", container.node + 1, container.name));
    }
    // The nearest one is meant by its bare name.
    names.extend(["swarm-manager", "swarm-agent", "swarm-data"].map(str::to_owned));
    names
}

fn one(cluster: &Cluster, tally: &mut Tally, id: &'static str, row: &Row, name: &str, code: u16) {
    let open = row.pattern.find('{').expect("a parameter");
    let close = row.pattern.find('}').expect("its end");
    let mut target = [&row.pattern[..open], name, &row.pattern[close + 1..]].concat();
    target = target.replace("/{checkpoint}", "/x");
    let more = match row.route {
        Route::ContainerRename => "?name=mine",
        Route::ImageTag => "?repo=mine",
        Route::ContainerArchiveGet | Route::ContainerArchiveHead | Route::ContainerArchivePut => {
            "?path=%2Fetc%2Fdocker"
        }
        _ => "",
    };
    target.push_str(more);
    let (body, mut headers) = match row.body {
        Body::Json(_) => (r#"{"Memory":0}"#, vec![JSON]),
        Body::Tar => ("tar", vec![("Content-Type", "application/x-tar")]),
        Body::Empty => ("", Vec::new()),
    };
    let body = match row.route {
        Route::ExecCreate => r#"{"Cmd":["sh"]}"#,
        Route::ExecStart => r#"{"Tty":true}"#,
        _ => body,
    };
    let mut id = id;
    if let Some(protocol) = row.upgrade() {
        headers.extend([("Connection", "Upgrade, close"), ("Upgrade", protocol)]);
    }
    if row.upgrade() == Some("websocket") {
        id = "G8";
    }
    let method = row.method.as_str();
    let what = format!("{id} {method} {target}");
    let code = if method == "HEAD" { 403 } else { code };
    let got = cluster.send(method, &target, &headers, body.as_bytes());
    let mut answer = refused(cluster, &what, code, got);
    if code == 403 {
        answer = "CARINA-1005".into();
    }
    tally.add(id, answer);
}

/// Where one is named in a query or a body.
fn in_queries_and_bodies(cluster: &Cluster, tally: &mut Tally) {
    for name in names() {
        let plain = name.replace("%2F", "/");
        for (id, ask, body) in [
            (
                "F5",
                format!("POST /commit?container={name}&repo=mine"),
                String::new(),
            ),
            (
                "E4",
                "POST /networks/mynet/connect".into(),
                format!(r#"{{"Container":"{plain}"}}"#),
            ),
            (
                "E4",
                "POST /networks/mynet/disconnect".into(),
                format!(r#"{{"Container":"{plain}","Force":true}}"#),
            ),
            (
                "C15",
                "POST /containers/create".into(),
                format!(
                    r#"{{"Image":"busybox","HostConfig":{{"NetworkMode":"container:{plain}"}}}}"#
                ),
            ),
            (
                "C23",
                "POST /containers/create".into(),
                format!(r#"{{"Image":"busybox","HostConfig":{{"Links":["{plain}:x"]}}}}"#),
            ),
        ] {
            let got = cluster.ask(&ask, &body);
            tally.add(
                id,
                refused(cluster, &format!("{id} {ask} {body}"), 1005, got),
            );
        }
        // swarm-data alone may be named here: what it holds is the cluster's people's own.
        let is_data = |one: &&crate::state::Container| {
            one.name == "swarm-data" && (plain.ends_with(one.name) || one.id().starts_with(&plain))
        };
        if CONTAINERS.iter().find(is_data).is_none() {
            let body =
                format!(r#"{{"Image":"busybox","HostConfig":{{"VolumesFrom":["{plain}"]}}}}"#);
            let got = cluster.ask("POST /containers/create", &body);
            tally.add("C5", refused(cluster, &format!("C5 {body}"), 1005, got));
        }
    }
}
