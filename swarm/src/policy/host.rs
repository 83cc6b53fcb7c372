//! HostConfig: how a container is run.

use super::{Deed, Known, Policy, Verdict, logging, mount, network};
use crate::api::host_config::{HostConfig, RestartPolicy, Ulimit};
use crate::api::{Code, ContainerCreate, ContainerUpdate, Refusal};

/// What the engine hides and protects by itself; a list that has less than this opens /proc.
const MASKED: [&str; 10] = [
    "/proc/acpi",
    "/proc/asound",
    "/proc/kcore",
    "/proc/keys",
    "/proc/latency_stats",
    "/proc/sched_debug",
    "/proc/scsi",
    "/proc/timer_list",
    "/proc/timer_stats",
    "/sys/firmware",
];
const READONLY: [&str; 5] = [
    "/proc/bus",
    "/proc/fs",
    "/proc/irq",
    "/proc/sys",
    "/proc/sysrq-trigger",
];
/// Limits that bound the container itself.
const ULIMITS: [&str; 11] = [
    "as", "core", "cpu", "data", "fsize", "locks", "memlock", "nofile", "nproc", "rss", "stack",
];
/// As much as a segment has.
const MAX_SHM: i64 = 2 << 30;

/// Everything that reaches out of the container. Asked at create and again at start, so what
/// engines fill in by themselves is accepted here.
pub fn check(host: &HostConfig, known: &dyn Known) -> Verdict {
    security(host)?;
    mount::check(host, known)?;
    volumes_from(host, known)?;
    capabilities(host)?;
    namespaces(host)?;
    network::mode(host, known)?;
    devices(host)?;
    if let Some(parent) = text(&host.cgroup_parent) {
        return Err(Refusal::policy(
            Code::CgroupParent,
            format!("Setting cgroup-parent={parent} not allowed by policy"),
        ));
    }
    sysctls(host.sysctls.iter().flatten().map(|(name, _)| name.as_str()))?;
    runtime(host)?;
    if let Some(log) = &host.log_config {
        logging::check(log.kind.as_deref(), log.config.as_ref())?;
    }
    if host
        .storage_opt
        .as_ref()
        .is_some_and(|options| !options.is_empty())
    {
        return Err(resource("storage-opt"));
    }
    Ok(())
}

pub fn privileged() -> Refusal {
    Refusal::policy(
        Code::Privileged,
        "Privileged containers not allowed by policy",
    )
}

pub fn security_opt() -> Refusal {
    Refusal::policy(
        Code::SecurityOpt,
        "Changing SecurityOpt not allowed by policy",
    )
}

fn security(host: &HostConfig) -> Verdict {
    if host.privileged == Some(true) {
        return Err(privileged());
    }
    // Only ever tightens; the image's set-uid programs lose their power.
    const TIGHTENING: [&str; 3] = [
        "no-new-privileges",
        "no-new-privileges:true",
        "no-new-privileges=true",
    ];
    if host
        .security_opt
        .iter()
        .flatten()
        .any(|option| !TIGHTENING.contains(&option.as_str()))
    {
        return Err(security_opt());
    }
    let lacks = |paths: &Option<Vec<String>>, needed: &[&str]| {
        paths
            .as_ref()
            .is_some_and(|paths| needed.iter().any(|n| !paths.iter().any(|p| p == n)))
    };
    if lacks(&host.masked_paths, &MASKED) || lacks(&host.readonly_paths, &READONLY) {
        return Err(Refusal::policy(
            Code::MaskedPaths,
            "Changing masked or read-only system paths not allowed by policy",
        ));
    }
    Ok(())
}

fn volumes_from(host: &HostConfig, known: &dyn Known) -> Verdict {
    for reference in host.volumes_from.iter().flatten() {
        let (name, mode) = reference.split_once(':').unwrap_or((reference, ""));
        if !matches!(mode, "" | "ro" | "rw" | "z" | "Z") {
            return Err(Refusal::bad_request(format!(
                "invalid mode for volumes-from: {mode}"
            )));
        }
        for container in known.containers(name) {
            // The seed's promise: the certificates of the cluster, which open nothing but the
            // manager that the policy stands before.
            if container.name != "swarm-data" {
                Policy::carina().container(Deed::Use, container)?;
            }
        }
    }
    Ok(())
}

fn capabilities(host: &HostConfig) -> Verdict {
    capability_lists(&host.capabilities, &None)?;
    capability_lists(&host.cap_add, &host.cap_drop)
}

pub fn capability_lists(add: &Option<Vec<String>>, drop: &Option<Vec<String>>) -> Verdict {
    if is_some(add) {
        return Err(Refusal::policy(
            Code::CapAdd,
            "Adding capabilities not allowed by policy",
        ));
    }
    if is_some(drop) {
        return Err(Refusal::policy(
            Code::CapDrop,
            "Dropping capabilities not allowed by policy",
        ));
    }
    Ok(())
}

fn namespaces(host: &HostConfig) -> Verdict {
    let modes: [(Code, &str, &Option<String>, &[&str]); 6] = [
        (Code::IpcMode, "ipc", &host.ipc_mode, &["private", "none"]),
        (Code::Namespace, "pid", &host.pid_mode, &[]),
        (Code::Namespace, "uts", &host.uts_mode, &[]),
        (Code::Namespace, "userns", &host.userns_mode, &[]),
        (
            Code::Namespace,
            "cgroupns",
            &host.cgroupns_mode,
            &["private"],
        ),
        (Code::Namespace, "cgroup", &host.cgroup, &[]),
    ];
    for (code, what, mode, allowed) in modes {
        if let Some(mode) = text(mode).filter(|mode| !allowed.contains(mode)) {
            return Err(Refusal::policy(
                code,
                format!("Setting {what}={mode} not allowed by policy"),
            ));
        }
    }
    Ok(())
}

fn devices(host: &HostConfig) -> Verdict {
    let is_asked = is_some(&host.devices)
        || is_some(&host.device_requests)
        || is_some(&host.device_cgroup_rules)
        || is_some(&host.blkio_weight_device)
        || is_some(&host.blkio_device_read_bps)
        || is_some(&host.blkio_device_write_bps)
        || is_some(&host.blkio_device_read_iops)
        || is_some(&host.blkio_device_write_iops);
    if is_asked { Err(device()) } else { Ok(()) }
}

pub fn device() -> Refusal {
    Refusal::policy(Code::Device, "Host devices not allowed by policy")
}

fn runtime(host: &HostConfig) -> Verdict {
    if let Some(name) =
        text(&host.runtime).filter(|name| !matches!(*name, "runc" | "io.containerd.runc.v2"))
    {
        return Err(Refusal::policy(
            Code::Runtime,
            format!("Runtime {name} not allowed by policy"),
        ));
    }
    if host
        .annotations
        .as_ref()
        .is_some_and(|annotations| !annotations.is_empty())
    {
        return Err(Refusal::policy(
            Code::Runtime,
            "Runtime annotations not allowed by policy",
        ));
    }
    isolation(&host.isolation)
}

pub fn isolation(isolation: &Option<String>) -> Verdict {
    match text(isolation).filter(|isolation| *isolation != "default") {
        None => Ok(()),
        Some(isolation) => Err(Refusal::policy(
            Code::Runtime,
            format!("Setting isolation={isolation} not allowed by policy"),
        )),
    }
}

/// Those of the container's own network namespace; the engine allows none of the host's.
pub fn sysctls<'a>(mut names: impl Iterator<Item = &'a str>) -> Verdict {
    match names.find(|name| !name.starts_with("net.")) {
        None => Ok(()),
        Some(name) => Err(Refusal::policy(
            Code::Sysctl,
            format!("Sysctl {name} not allowed by policy"),
        )),
    }
}

/// Limits taken off. Asked at create only: engines write some of these themselves.
pub fn check_resources(host: &HostConfig) -> Verdict {
    if host
        .shm_size
        .is_some_and(|size| !(0..=MAX_SHM).contains(&size))
    {
        return Err(resource("shm-size"));
    }
    if host.oom_score_adj.is_some_and(|score| score < 0) {
        return Err(resource("oom-score-adj"));
    }
    limits(&Limits {
        oom_kill_disable: host.oom_kill_disable,
        pids_limit: host.pids_limit,
        memory_swap: host.memory_swap,
        cpu_realtime_period: host.cpu_realtime_period,
        cpu_realtime_runtime: host.cpu_realtime_runtime,
        ulimits: host.ulimits.as_deref().unwrap_or_default(),
        restart_policy: host.restart_policy.as_ref(),
    })
}

pub fn update(update: &ContainerUpdate) -> Verdict {
    let has_device = is_some(&update.devices)
        || is_some(&update.device_requests)
        || is_some(&update.device_cgroup_rules)
        || is_some(&update.blkio_weight_device)
        || is_some(&update.blkio_device_read_bps)
        || is_some(&update.blkio_device_write_bps)
        || is_some(&update.blkio_device_read_iops)
        || is_some(&update.blkio_device_write_iops);
    if has_device {
        return Err(device());
    }
    if text(&update.cgroup_parent).is_some() {
        return Err(Refusal::policy(
            Code::CgroupParent,
            "Setting cgroup-parent not allowed by policy",
        ));
    }
    limits(&Limits {
        oom_kill_disable: update.oom_kill_disable,
        pids_limit: update.pids_limit,
        memory_swap: update.memory_swap,
        cpu_realtime_period: update.cpu_realtime_period,
        cpu_realtime_runtime: update.cpu_realtime_runtime,
        ulimits: update.ulimits.as_deref().unwrap_or_default(),
        restart_policy: update.restart_policy.as_ref(),
    })
}

/// What create and update have in common.
struct Limits<'a> {
    oom_kill_disable: Option<bool>,
    pids_limit: Option<i64>,
    memory_swap: Option<i64>,
    cpu_realtime_period: Option<i64>,
    cpu_realtime_runtime: Option<i64>,
    ulimits: &'a [Ulimit],
    restart_policy: Option<&'a RestartPolicy>,
}

fn limits(limits: &Limits<'_>) -> Verdict {
    if limits.oom_kill_disable == Some(true) {
        return Err(resource("oom-kill-disable"));
    }
    if limits.pids_limit.is_some_and(|limit| limit < 0) {
        return Err(resource("pids-limit=-1"));
    }
    if limits.memory_swap.is_some_and(|swap| swap < 0) {
        return Err(resource("memory-swap=-1"));
    }
    if limits.cpu_realtime_period.is_some_and(|n| n != 0)
        || limits.cpu_realtime_runtime.is_some_and(|n| n != 0)
    {
        return Err(resource("cpu-rt"));
    }
    ulimits(limits.ulimits)?;
    let policy = limits
        .restart_policy
        .and_then(|policy| policy.name.as_deref());
    match policy.unwrap_or_default() {
        "" | "no" | "always" | "on-failure" | "unless-stopped" => Ok(()),
        name => Err(Refusal::bad_request(format!(
            "invalid restart policy '{name}'"
        ))),
    }
}

pub fn ulimits(ulimits: &[Ulimit]) -> Verdict {
    for ulimit in ulimits {
        let name = ulimit.name.as_deref().unwrap_or_default();
        if !ULIMITS.contains(&name) {
            return Err(resource(&format!("ulimit {name}")));
        }
    }
    Ok(())
}

pub fn resource(what: &str) -> Refusal {
    Refusal::policy(
        Code::Resource,
        format!("Setting {what} not allowed by policy"),
    )
}

/// Says aloud what older API versions would choose otherwise, and leaves out what only a client
/// has a use for.
pub fn write_defaults(create: &mut ContainerCreate, known: &dyn Known) {
    let host = create.host_config.get_or_insert_default();
    // < 1.40 shares it, < 1.41 takes the host's.
    for mode in [&mut host.ipc_mode, &mut host.cgroupns_mode] {
        if text(mode).is_none() {
            *mode = Some("private".to_owned());
        }
    }
    host.privileged = Some(false);
    host.masked_paths = None;
    host.readonly_paths = None;
    host.container_id_file = None;
    for reference in host.volumes_from.iter_mut().flatten() {
        let name = reference.split(':').next().unwrap_or_default();
        // To be read, not to be changed under the manager that uses it.
        if known
            .containers(name)
            .iter()
            .any(|container| container.is_system())
        {
            *reference = format!("{name}:ro");
        }
    }
}

fn text(value: &Option<String>) -> Option<&str> {
    value.as_deref().filter(|value| !value.is_empty())
}

fn is_some<T>(list: &Option<Vec<T>>) -> bool {
    list.as_ref().is_some_and(|list| !list.is_empty())
}
