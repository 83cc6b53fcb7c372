//! What each container uses, read where the kernel counts it.
//!
//! Five small files a container: `docker stats` asks the engine for each by itself and makes it
//! walk through the same files, and the panel asks every minute. Nothing here speaks with the
//! engine, so a slow one costs no figures.

use std::fs;
use std::path::{Path, PathBuf};

use wire::{CONTAINERS_MAX, ContainerCounters, ContainersUsage, is_container_id};

/// Docker's parent of all its containers' groups, in every hierarchy.
const PARENT: &str = "docker";
/// A container that divides its group has its processes one level deeper; no more are looked into.
const CHILDREN_MAX: usize = 64;

pub fn read(node: &str) -> ContainersUsage {
    let kernel = Kernel {
        groups: Path::new("/sys/fs/cgroup"),
        processes: Path::new("/proc"),
    };
    ContainersUsage {
        node: node.to_owned(),
        containers: kernel.containers(),
    }
}

/// Where the kernel tells.
struct Kernel<'a> {
    groups: &'a Path,
    processes: &'a Path,
}

impl Kernel<'_> {
    /// A container that ends meanwhile is left out.
    fn containers(&self) -> Vec<ContainerCounters> {
        let ids = newest(&self.directory("memory"));
        ids.iter().filter_map(|id| self.counters(id)).collect()
    }

    fn is_v1(&self) -> bool {
        self.groups.join("memory").is_dir()
    }

    /// Of all containers' groups, for one controller.
    fn directory(&self, controller: &str) -> PathBuf {
        match self.is_v1() {
            true => self.groups.join(controller).join(PARENT),
            false => self.groups.join(PARENT),
        }
    }

    fn counters(&self, id: &str) -> Option<ContainerCounters> {
        let of = |controller: &str| self.directory(controller).join(id);
        let (memory, cpu, disk) = (of("memory"), of("cpuacct"), of("blkio"));
        let (memory_bytes, cpu_us, disk) = match self.is_v1() {
            true => (memory_v1(&memory)?, cpu_v1(&cpu)?, disk_v1(&disk)),
            false => (memory_v2(&memory)?, cpu_v2(&cpu)?, disk_v2(&disk)),
        };
        let network = first_process(&memory).and_then(|process| self.network(process));
        Some(ContainerCounters {
            id: id.to_owned(),
            cpu_us,
            memory_bytes,
            received_bytes: network.map(|(received, _)| received),
            sent_bytes: network.map(|(_, sent)| sent),
            read_bytes: disk.map(|(read, _)| read),
            written_bytes: disk.map(|(_, written)| written),
        })
    }

    /// Received and sent, through all interfaces but the one to itself.
    fn network(&self, process: u32) -> Option<(u64, u64)> {
        let place = |of: &str| fs::read_link(self.processes.join(of).join("ns/net")).ok();
        let own = place(&process.to_string());
        if own.is_some() && own == place("self") {
            // The segment's own network: what goes through it is not this container's.
            return None;
        }
        let text = fs::read_to_string(self.processes.join(format!("{process}/net/dev"))).ok()?;
        Some(interfaces(&text))
    }
}

/// Ids of the groups that were made last, the newest first.
fn newest(directory: &Path) -> Vec<String> {
    let entries = fs::read_dir(directory).into_iter().flatten().flatten();
    let mut found: Vec<_> = entries
        .filter_map(|entry| {
            let name = entry.file_name().into_string().ok()?;
            let made = entry.metadata().ok()?.modified().ok()?;
            is_container_id(&name).then_some((made, name))
        })
        .collect();
    found.sort_unstable_by(|a, b| b.cmp(a));
    found.truncate(CONTAINERS_MAX);
    found.into_iter().map(|(_, name)| name).collect()
}

fn first_process(group: &Path) -> Option<u32> {
    let first = |group: &Path| -> Option<u32> {
        let text = fs::read_to_string(group.join("cgroup.procs")).ok()?;
        text.lines().next()?.parse().ok()
    };
    first(group).or_else(|| {
        let children = fs::read_dir(group).ok()?.flatten().take(CHILDREN_MAX);
        children.map(|child| child.path()).find_map(|at| first(&at))
    })
}

/// Page cache that is memory shared between programs, or a file in a tmpfs, cannot be given back.
fn without_cache(used: u64, cache: Option<u64>, shared: Option<u64>) -> u64 {
    let cache = cache.unwrap_or(0).saturating_sub(shared.unwrap_or(0));
    used.saturating_sub(cache)
}

fn memory_v1(group: &Path) -> Option<u64> {
    let used = number(&group.join("memory.usage_in_bytes"))?;
    let stat = fs::read_to_string(group.join("memory.stat")).ok()?;
    let (cache, shared) = (field(&stat, "total_cache"), field(&stat, "total_shmem"));
    Some(without_cache(used, cache, shared))
}

fn memory_v2(group: &Path) -> Option<u64> {
    let used = number(&group.join("memory.current"))?;
    let stat = fs::read_to_string(group.join("memory.stat")).ok()?;
    Some(without_cache(
        used,
        field(&stat, "file"),
        field(&stat, "shmem"),
    ))
}

fn cpu_v1(group: &Path) -> Option<u64> {
    number(&group.join("cpuacct.usage")).map(|ns| ns / 1_000)
}

fn cpu_v2(group: &Path) -> Option<u64> {
    field(
        &fs::read_to_string(group.join("cpu.stat")).ok()?,
        "usage_usec",
    )
}

/// Read and written. A segment has one disk, and the kernel counts its bytes at every device on
/// the way: the busiest has seen them all once.
fn disk_v1(group: &Path) -> Option<(u64, u64)> {
    let names = ["_recursive", ""].map(|end| format!("blkio.throttle.io_service_bytes{end}"));
    let text = names
        .iter()
        .find_map(|name| fs::read_to_string(group.join(name)).ok())?;
    let most = |wanted: &str| {
        let lines = text.lines().filter_map(|line| {
            let mut words = line.split(' ').skip(1);
            (words.next()? == wanted).then(|| words.next()?.parse().ok())?
        });
        lines.max().unwrap_or(0)
    };
    Some((most("Read"), most("Write")))
}

fn disk_v2(group: &Path) -> Option<(u64, u64)> {
    let text = fs::read_to_string(group.join("io.stat")).ok()?;
    let most = |wanted: &str| {
        let words = text.lines().flat_map(|line| line.split(' ').skip(1));
        let values = words.filter_map(|word| word.strip_prefix(wanted)?.parse().ok());
        values.max().unwrap_or(0)
    };
    Some((most("rbytes="), most("wbytes=")))
}

fn interfaces(text: &str) -> (u64, u64) {
    let lines = text.lines().filter_map(|line| line.split_once(':'));
    let others = lines.filter(|(name, _)| name.trim() != "lo");
    others.fold((0, 0), |(received, sent): (u64, u64), (_, counts)| {
        let count = |n: usize| -> u64 {
            let word = counts.split_whitespace().nth(n);
            word.and_then(|word| word.parse().ok()).unwrap_or(0)
        };
        (
            received.saturating_add(count(0)),
            sent.saturating_add(count(8)),
        )
    })
}

fn number(file: &Path) -> Option<u64> {
    fs::read_to_string(file).ok()?.trim().parse().ok()
}

fn field(text: &str, name: &str) -> Option<u64> {
    text.lines().find_map(|line| {
        let (key, value) = line.split_once(' ')?;
        (key == name).then(|| value.trim().parse().ok())?
    })
}

#[cfg(test)]
mod tests {
    use std::os::unix::fs::symlink;

    use super::*;

    const DEVICES: &str = "Inter-|   Receive                  |  Transmit
 face |bytes    packets errs drop fifo frame compressed multicast|bytes    packets errs
    lo: 9000 9 0 0 0 0 0 0 9000 9 0 0 0 0 0 0
  eth0: 100 2 0 0 0 0 0 0 70 1 0 0 0 0 0 0
  eth1: 11 1 0 0 0 0 0 0 7 1 0 0 0 0 0 0
";

    fn id(n: u8) -> String {
        format!("{n:064x}")
    }

    /// A kernel's files below a folder: `path`, `text`.
    fn kernel(files: &[(String, &str)]) -> tempfile::TempDir {
        let folder = tempfile::tempdir().expect("a folder");
        for (path, text) in files {
            let path = folder.path().join(path);
            fs::create_dir_all(path.parent().expect("a file in it")).expect("a folder");
            fs::write(path, text).expect("a file");
        }
        folder
    }

    fn told(folder: &tempfile::TempDir) -> Vec<ContainerCounters> {
        let kernel = Kernel {
            groups: &folder.path().join("cgroup"),
            processes: &folder.path().join("proc"),
        };
        kernel.containers()
    }

    fn v2(id: &str, process: &'static str) -> Vec<(String, &'static str)> {
        let at = |file: &str| format!("cgroup/docker/{id}/{file}");
        vec![
            (at("memory.current"), "1000\n"),
            (at("memory.stat"), "anon 500\nfile 400\nshmem 150\n"),
            (at("cpu.stat"), "usage_usec 2500\nuser_usec 1\n"),
            (
                at("io.stat"),
                "7:0 rbytes=5 wbytes=60 rios=1 wios=1\n8:0 rbytes=4 wbytes=61\n9:0\n",
            ),
            (at("cgroup.procs"), process),
        ]
    }

    #[test]
    fn containers_are_read_with_cgroup_v2() {
        let mut files = v2(&id(1), "77\n78\n");
        files.push(("proc/77/net/dev".to_owned(), DEVICES));
        files.push((format!("cgroup/docker/buildkit/{}/cpu.stat", id(9)), ""));
        let all = told(&kernel(&files));
        let expect = ContainerCounters {
            id: id(1),
            cpu_us: 2_500,
            memory_bytes: 750,
            received_bytes: Some(111),
            sent_bytes: Some(77),
            read_bytes: Some(5),
            written_bytes: Some(61),
        };
        assert_eq!(all, [expect]);
    }

    #[test]
    fn containers_are_read_with_cgroup_v1() {
        let at =
            |controller: &str, file: &str| format!("cgroup/{controller}/docker/{}/{file}", id(1));
        let all = told(&kernel(&[
            (at("memory", "memory.usage_in_bytes"), "1000\n"),
            (
                at("memory", "memory.stat"),
                "cache 1\ntotal_cache 300\ntotal_shmem 20\n",
            ),
            (at("memory", "cgroup.procs"), "5\n"),
            (at("cpuacct", "cpuacct.usage"), "3000000\n"),
            (
                at("blkio", "blkio.throttle.io_service_bytes"),
                "7:0 Read 8\n7:0 Write 9\n7:0 Total 17\nTotal 17\n",
            ),
        ]));
        let expect = ContainerCounters {
            id: id(1),
            cpu_us: 3_000,
            memory_bytes: 720,
            received_bytes: None,
            sent_bytes: None,
            read_bytes: Some(8),
            written_bytes: Some(9),
        };
        assert_eq!(all, [expect]);
    }

    #[test]
    fn the_segments_own_network_is_nobodys() {
        let mut files = v2(&id(1), "77\n");
        for process in ["77", "self"] {
            files.push((format!("proc/{process}/net/dev"), DEVICES));
            files.push((format!("proc/{process}/ns/user"), ""));
        }
        let folder = kernel(&files);
        for process in ["77", "self"] {
            let link = folder.path().join(format!("proc/{process}/ns/net"));
            symlink("net:[4026531840]", link).expect("a link");
        }
        assert_eq!(told(&folder)[0].received_bytes, None);
    }

    #[test]
    fn a_divided_group_has_its_processes_deeper() {
        let mut files = v2(&id(1), "");
        files.push((format!("cgroup/docker/{}/init/cgroup.procs", id(1)), "77\n"));
        files.push(("proc/77/net/dev".to_owned(), DEVICES));
        assert_eq!(told(&kernel(&files))[0].sent_bytes, Some(77));
    }

    #[test]
    fn a_segment_tells_of_so_many_and_of_what_it_can_read() {
        let mut files: Vec<_> = (0..80).flat_map(|n| v2(&id(n), "")).collect();
        let folder = kernel(&files);
        assert_eq!(told(&folder).len(), CONTAINERS_MAX);
        // It ended between two looks.
        files.truncate(1);
        assert_eq!(told(&kernel(&files)), []);
        assert_eq!(told(&kernel(&[])), []);
    }
}
