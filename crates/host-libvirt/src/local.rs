//! What can only be seen on the machine itself: mounts, loop devices, directories, cgroups.

use std::collections::BTreeSet;
use std::fs;
use std::path::{Path, PathBuf};

use host::{HostError, NodeName, SegmentState, Strays};
use virt::connect::Connect;
use wire::STATE_DIR;

use crate::{network, segment, volume};

/// Whether the URI means libvirt on this machine.
pub fn is_local(uri: &str) -> bool {
    uri == "lxc:///" || uri == "lxc:///system"
}

/// Things of ours that no defined segment owns, and traces of running ones where none runs.
pub fn strays(connect: &Connect, is_local: bool) -> Result<Strays, HostError> {
    let segments = segment::list(connect)?;
    let volumes = volume::list(connect)?;
    let mut lines = Vec::new();
    for (kind, nodes) in [("disk", &volumes.disks), ("seed", &volumes.seeds)] {
        let without = nodes.iter().filter(|node| !segments.contains_key(node));
        lines.extend(without.map(|node| format!("volume {node}.{kind} without its segment")));
    }
    let clusters: BTreeSet<_> = segments.keys().map(|node| node.cluster).collect();
    for cluster in network::clusters(connect)? {
        if !clusters.contains(&cluster) {
            lines.push(format!("network of cluster {cluster} without a segment"));
        }
    }
    if is_local {
        // "Changing" counts as running: its mounts are being made or taken away.
        let is_stopped = |node: &NodeName| {
            segments
                .get(node)
                .is_none_or(|state| *state == SegmentState::Stopped)
        };
        let traces = traces().into_iter();
        lines.extend(
            traces
                .filter(|trace| is_stopped(&trace.node))
                .map(|trace| format!("{} of {}, which does not run", trace.what, trace.node)),
        );
    }
    Ok(Strays(lines))
}

/// Something on this machine that is there while a segment runs.
pub struct Trace {
    pub node: NodeName,
    pub kind: TraceKind,
    /// For people.
    pub what: String,
}

pub enum TraceKind {
    Mount(PathBuf),
    /// Name of the device.
    Loop(String),
    Dir(PathBuf),
    Cgroup(PathBuf),
}

/// In the order in which they can be removed.
pub fn traces() -> Vec<Trace> {
    let mut traces = Vec::new();
    let mut add = |node: Option<NodeName>, what: String, kind: TraceKind| {
        if let Some(node) = node {
            traces.push(Trace { node, kind, what });
        }
    };
    // The overlay was mounted last and goes first.
    for point in mounts().into_iter().rev() {
        let what = format!("mount {}", point.display());
        add(node_in(&point), what, TraceKind::Mount(point));
    }
    for (device, backing) in loops() {
        let node = backing.file_name().and_then(|name| name.to_str());
        let node = node.and_then(|name| name.trim_end_matches(" (deleted)").strip_suffix(".disk"));
        let node = node.and_then(|node| node.parse().ok());
        add(
            node,
            format!("loop device {device}"),
            TraceKind::Loop(device),
        );
    }
    for name in names(&Path::new(STATE_DIR).join("segments")) {
        let dir = Path::new(STATE_DIR).join("segments").join(&name);
        let what = format!("directory {}", dir.display());
        add(name.parse().ok(), what, TraceKind::Dir(dir));
    }
    for hierarchy in names(Path::new("/sys/fs/cgroup")) {
        let parent = PathBuf::from(format!("/sys/fs/cgroup/{hierarchy}/carina.segments"));
        for name in names(&parent) {
            let dir = parent.join(&name);
            let what = format!("cgroup {}", dir.display());
            add(name.parse().ok(), what, TraceKind::Cgroup(dir));
        }
    }
    traces
}

/// Mounts below our directory, here and where libvirtd lives.
fn mounts() -> BTreeSet<PathBuf> {
    let mut tables = vec![PathBuf::from("/proc/self/mountinfo")];
    tables.extend(libvirtd().map(|pid| PathBuf::from(format!("/proc/{pid}/mountinfo"))));
    let prefix = format!("{STATE_DIR}/segments/");
    tables
        .iter()
        .filter_map(|table| fs::read_to_string(table).ok())
        .flat_map(|table| {
            let points = table.lines().filter_map(|line| line.split(' ').nth(4));
            points
                .filter(|point| point.starts_with(&prefix))
                .map(PathBuf::from)
                .collect::<Vec<_>>()
        })
        .collect()
}

/// The node whose directory a path lies in.
fn node_in(path: &Path) -> Option<NodeName> {
    let rest = path.strip_prefix(STATE_DIR).ok()?.strip_prefix("segments");
    rest.ok()?.iter().next()?.to_str()?.parse().ok()
}

/// Loop devices over files in our pool.
fn loops() -> Vec<(String, PathBuf)> {
    let pool = format!("{STATE_DIR}/pool/");
    names(Path::new("/sys/block"))
        .into_iter()
        .filter_map(|name| {
            let backing = format!("/sys/block/{name}/loop/backing_file");
            let backing = fs::read_to_string(backing).ok()?;
            let backing = backing.trim_end();
            backing
                .starts_with(&pool)
                .then(|| (name, PathBuf::from(backing)))
        })
        .collect()
}

/// PID of the daemon that runs LXC domains here: libvirtd, or virtlxcd where it is split up.
pub fn libvirtd() -> Option<u32> {
    process(&["libvirtd", "virtlxcd"])
}

/// A live process with one of these names.
pub fn process(wanted: &[&str]) -> Option<u32> {
    names(Path::new("/proc"))
        .iter()
        .filter_map(|name| name.parse().ok())
        .find(|pid: &u32| {
            let comm = fs::read_to_string(format!("/proc/{pid}/comm"));
            // A dead one that nobody has waited for keeps its name and loses its program.
            comm.is_ok_and(|comm| wanted.contains(&comm.trim()))
                && fs::read_link(format!("/proc/{pid}/exe")).is_ok()
        })
}

fn names(dir: &Path) -> Vec<String> {
    fs::read_dir(dir).map_or_else(
        |_| Vec::new(),
        |entries| {
            entries
                .filter_map(|entry| entry.ok()?.file_name().into_string().ok())
                .collect()
        },
    )
}
