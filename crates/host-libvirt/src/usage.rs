//! What running segments use: counters from libvirt, and on this machine what libvirt counts
//! otherwise (memory with the page cache) or not at all (how full a disk is).

use std::collections::BTreeMap;
use std::fs;
use std::os::unix::fs::MetadataExt as _;
use std::path::{Path, PathBuf};

use host::{HostError, NodeName, SegmentUsage};
use virt::connect::Connect;
use virt::domain::Domain;
use wire::xml::Element;
use wire::{DomainMark, STATE_DIR};

use crate::failed;

const VERB: &str = "usage";
/// Only running domains (`VIR_CONNECT_LIST_DOMAINS_ACTIVE`).
const ACTIVE: u32 = 1;
/// A group of this name below libvirt's own holds the controller on cgroup v2.
const CONTROLLER: &str = "controller";

pub fn all(
    connect: &Connect,
    is_local: bool,
) -> Result<BTreeMap<NodeName, SegmentUsage>, HostError> {
    let domains = connect.list_all_domains(ACTIVE).map_err(failed(VERB))?;
    // One that ends while it is being asked has no usage; that is no failure of the host's.
    Ok(domains
        .iter()
        .filter_map(|domain| of(domain, is_local))
        .collect())
}

fn of(domain: &Domain, is_local: bool) -> Option<(NodeName, SegmentUsage)> {
    let node: NodeName = domain.get_name().ok()?.parse().ok()?;
    let mark = mark(domain, &node)?;
    let info = domain.get_info().ok()?;
    let network = domain.interface_stats(&mark.link()).ok();
    // An empty path: all devices together.
    let disk = domain.get_block_stats("").ok();
    let controller = domain.get_id().filter(|_| is_local);
    let usage = SegmentUsage {
        cpu_time_ns: info.cpu_time,
        memory_bytes: controller.and_then(memory),
        network_in_bytes: network.as_ref().map_or(0, |n| counter(n.rx_bytes)),
        network_out_bytes: network.as_ref().map_or(0, |n| counter(n.tx_bytes)),
        disk_used_bytes: if is_local { disk_used(&node) } else { None },
        disk_read_bytes: disk.as_ref().map_or(0, |d| counter(d.rd_bytes)),
        disk_write_bytes: disk.as_ref().map_or(0, |d| counter(d.wr_bytes)),
    };
    Some((node, usage))
}

fn mark(domain: &Domain, node: &NodeName) -> Option<DomainMark> {
    let text = domain.get_xml_desc(0).ok()?;
    let mark = Element::parse(&text).ok()?.domain_mark().ok()??;
    (mark.node() == node.to_string()).then_some(mark)
}

/// libvirt says -1 for what it does not count.
fn counter(value: i64) -> u64 {
    u64::try_from(value).unwrap_or(0)
}

/// In use without page cache, of the group that the domain's controller is in.
fn memory(controller: u32) -> Option<u64> {
    let lines = fs::read_to_string(format!("/proc/{controller}/cgroup")).ok()?;
    let group = memory_group(&lines)?;
    let number = |name: &str| -> Option<u64> {
        let text = fs::read_to_string(group.join(name)).ok()?;
        text.trim().parse().ok()
    };
    let (used, cache) = match number("memory.usage_in_bytes") {
        Some(used) => (used, "total_cache"),
        None => (number("memory.current")?, "file"),
    };
    let stat = fs::read_to_string(group.join("memory.stat")).ok()?;
    Some(used.saturating_sub(field(&stat, cache)?))
}

/// The directory of the memory controller, out of `/proc/PID/cgroup`.
fn memory_group(lines: &str) -> Option<PathBuf> {
    let of = |wanted: &str| {
        lines.lines().find_map(|line| {
            let mut parts = line.splitn(3, ':').skip(1);
            let controllers = parts.next()?;
            let path = parts.next()?;
            let is_wanted = match wanted {
                "" => controllers.is_empty(),
                wanted => controllers.split(',').any(|one| one == wanted),
            };
            is_wanted.then(|| path.trim_start_matches('/').to_owned())
        })
    };
    let root = Path::new("/sys/fs/cgroup");
    if let Some(path) = of("memory") {
        return Some(root.join("memory").join(path));
    }
    let path = root.join(of("")?);
    Some(match path.file_name() {
        Some(name) if name == CONTROLLER => path.parent()?.to_owned(),
        _ => path,
    })
}

fn field(text: &str, name: &str) -> Option<u64> {
    text.lines().find_map(|line| {
        let (key, value) = line.split_once(' ')?;
        (key == name).then(|| value.trim().parse().ok())?
    })
}

/// Only where the hook's mount can be seen from here: else this would be the machine's own disk.
fn disk_used(node: &NodeName) -> Option<u64> {
    let dir = Path::new(STATE_DIR).join("segments").join(node.to_string());
    let mount = dir.join("disk");
    let is_mount = fs::metadata(&mount).ok()?.dev() != fs::metadata(&dir).ok()?.dev();
    let disk = rustix::fs::statvfs(&mount).ok().filter(|_| is_mount)?;
    Some(disk.f_blocks.saturating_sub(disk.f_bfree) * disk.f_frsize)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_memory_group_is_found_on_both_kinds_of_hosts() {
        let found = |lines: &str| memory_group(lines).map(|path| path.display().to_string());
        assert_eq!(
            found("12:pids:/a\n5:memory:/machine/lxc-7.libvirt-lxc\n0::/x").as_deref(),
            Some("/sys/fs/cgroup/memory/machine/lxc-7.libvirt-lxc")
        );
        assert_eq!(
            found("0::/machine.slice/machine-lxc.scope/controller").as_deref(),
            Some("/sys/fs/cgroup/machine.slice/machine-lxc.scope")
        );
        assert_eq!(found("1:name=systemd:/"), None);
    }

    #[test]
    fn fields_are_found_by_their_whole_names() {
        let stat = "cache 5\ntotal_cache 7\nfile_mapped 3\nfile 9\n";
        assert_eq!(field(stat, "total_cache"), Some(7));
        assert_eq!(field(stat, "file"), Some(9));
        assert_eq!(field(stat, "anon"), None);
    }
}
