//! What the segment uses, read where the kernel says it.

use std::fs;
use std::time::Duration;

use bytes::Bytes;
use hyper::Method;
use tokio::time::timeout;
use wire::SegmentStatus;

use super::docker;
use super::system::System;

const CGROUP: &str = "/sys/fs/cgroup";

pub async fn read(system: &System) -> SegmentStatus {
    let seed = system.seeds.current();
    let (memory_bytes, memory_limit_bytes) = memory();
    let (disk_used_bytes, disk_total_bytes) = disk();
    SegmentStatus {
        node: seed.node.clone(),
        generation: seed.generation,
        engine_version: engine_version().await,
        system: system.observe().await,
        memory_bytes,
        memory_limit_bytes,
        cpu_usage_us: cpu_usage_us(),
        disk_used_bytes,
        disk_total_bytes,
        boot: system.boot.milestones(),
    }
}

/// As the engine heads its answers, so that it only has to live. For `/version` it runs programs,
/// which go on after whoever asked has given up: asked again and again, a slow host only got slower.
async fn engine_version() -> Option<String> {
    let answer = docker::open(Method::GET, "/_ping", "text/plain", Bytes::new());
    let answer = timeout(Duration::from_secs(2), answer).await.ok()?.ok()?;
    let server = answer.headers().get(hyper::header::SERVER)?.to_str().ok()?;
    version_of(server).map(str::to_owned)
}

/// `Docker/26.1.5+dfsg1 (linux)`
fn version_of(server: &str) -> Option<&str> {
    let version = server.strip_prefix("Docker/")?;
    version
        .split(' ')
        .next()
        .filter(|version| !version.is_empty())
}

/// In use without page cache, and the limit.
fn memory() -> (u64, u64) {
    let v1 = |name| number(&format!("memory/memory.{name}"));
    if let Some(usage) = v1("usage_in_bytes") {
        let cache = field("memory/memory.stat", "total_cache").unwrap_or(0);
        let limit = v1("limit_in_bytes").unwrap_or(0);
        return (usage.saturating_sub(cache), limit);
    }
    let usage = number("memory.current").unwrap_or(0);
    let cache = field("memory.stat", "file").unwrap_or(0);
    // The limit stands in the group above, which cannot be seen; libvirt shows it as all memory.
    let limit = number("memory.max").or_else(total_memory).unwrap_or(0);
    (usage.saturating_sub(cache), limit)
}

fn total_memory() -> Option<u64> {
    let text = fs::read_to_string("/proc/meminfo").ok()?;
    let line = text
        .lines()
        .find_map(|line| line.strip_prefix("MemTotal:"))?;
    let kib: u64 = line.trim().trim_end_matches(" kB").parse().ok()?;
    Some(kib * 1024)
}

fn cpu_usage_us() -> u64 {
    let v1 = ["cpuacct", "cpu,cpuacct"]
        .iter()
        .find_map(|dir| number(&format!("{dir}/cpuacct.usage")));
    match v1 {
        Some(ns) => ns / 1000,
        None => field("cpu.stat", "usage_usec").unwrap_or(0),
    }
}

/// Used and total, of the disk that holds everything the segment writes.
fn disk() -> (u64, u64) {
    rustix::fs::statvfs("/var/lib/docker").map_or((0, 0), |disk| {
        let total = disk.f_blocks * disk.f_frsize;
        (total.saturating_sub(disk.f_bfree * disk.f_frsize), total)
    })
}

fn number(file: &str) -> Option<u64> {
    fs::read_to_string(format!("{CGROUP}/{file}"))
        .ok()?
        .trim()
        .parse()
        .ok()
}

fn field(file: &str, name: &str) -> Option<u64> {
    let text = fs::read_to_string(format!("{CGROUP}/{file}")).ok()?;
    text.lines().find_map(|line| {
        let (key, value) = line.split_once(' ')?;
        (key == name).then(|| value.trim().parse().ok())?
    })
}

#[cfg(test)]
mod tests {
    use super::version_of;

    #[test]
    fn an_engine_says_its_version_in_every_answer() {
        assert_eq!(
            version_of("Docker/26.1.5+dfsg1 (linux)"),
            Some("26.1.5+dfsg1")
        );
        assert_eq!(version_of("Docker/28.2.2"), Some("28.2.2"));
        for other in ["", "Docker/", "nginx/1.26", "Docker/ (linux)"] {
            assert_eq!(version_of(other), None, "{other}");
        }
    }
}
