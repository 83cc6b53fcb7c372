//! The keys of compose: which are understood, and why the others are not.

use model::Unsupported;

/// At the top of a file.
pub const TOP: &[&str] = &[
    "configs", "name", "networks", "secrets", "services", "version", "volumes",
];

/// Of a service.
pub const SERVICE: &[&str] = &[
    "command",
    "configs",
    "deploy",
    "entrypoint",
    "environment",
    "extra_hosts",
    "healthcheck",
    "hostname",
    "image",
    "init",
    "labels",
    "networks",
    "ports",
    "read_only",
    "secrets",
    "stdin_open",
    "stop_grace_period",
    "stop_signal",
    "tmpfs",
    "tty",
    "user",
    "volumes",
    "working_dir",
];

pub const DEPLOY: &[&str] = &[
    "labels",
    "mode",
    "placement",
    "replicas",
    "resources",
    "restart_policy",
    "update_config",
];
pub const RESOURCES: &[&str] = &["limits", "reservations"];
pub const LIMITS: &[&str] = &["cpus", "memory"];
pub const RESTART: &[&str] = &["condition", "delay", "max_attempts", "window"];
pub const UPDATE: &[&str] = &["delay", "failure_action", "monitor", "order", "parallelism"];
pub const PLACEMENT: &[&str] = &["constraints", "max_replicas_per_node"];
pub const HEALTH: &[&str] = &[
    "disable",
    "interval",
    "retries",
    "start_interval",
    "start_period",
    "test",
    "timeout",
];
pub const NETWORK: &[&str] = &["attachable", "driver", "external", "labels", "name"];
pub const VOLUME: &[&str] = &["driver", "external", "labels", "name"];
pub const CONFIG: &[&str] = &["content", "external", "labels", "name"];
pub const SECRET: &[&str] = &["external", "name"];
pub const FILE_USE: &[&str] = &["gid", "mode", "source", "target", "uid"];
pub const PORT: &[&str] = &["mode", "protocol", "published", "target"];
pub const MOUNT: &[&str] = &["read_only", "source", "target", "type"];

/// What compose knows beyond that, anywhere.
const OTHERS: &[(&str, Unsupported)] = &[
    ("annotations", Unsupported::Policy { code: 1011 }),
    ("attach", Unsupported::Stack),
    ("blkio_config", Unsupported::Policy { code: 1008 }),
    ("build", Unsupported::Build),
    ("cap_add", Unsupported::Policy { code: 1003 }),
    ("cap_drop", Unsupported::Policy { code: 1004 }),
    ("cgroup", Unsupported::Policy { code: 1007 }),
    ("cgroup_parent", Unsupported::Policy { code: 1009 }),
    ("container_name", Unsupported::Stack),
    ("cpu_count", Unsupported::Stack),
    ("cpu_percent", Unsupported::Stack),
    ("cpu_period", Unsupported::Stack),
    ("cpu_quota", Unsupported::Stack),
    ("cpu_rt_period", Unsupported::Policy { code: 1020 }),
    ("cpu_rt_runtime", Unsupported::Policy { code: 1020 }),
    ("cpu_shares", Unsupported::Stack),
    ("cpus", Unsupported::Stack),
    ("cpuset", Unsupported::Stack),
    ("credential_spec", Unsupported::Policy { code: 1000 }),
    ("depends_on", Unsupported::Stack),
    ("develop", Unsupported::Stack),
    ("device_cgroup_rules", Unsupported::Policy { code: 1008 }),
    ("devices", Unsupported::Policy { code: 1008 }),
    ("dns", Unsupported::Client),
    ("dns_opt", Unsupported::Client),
    ("dns_search", Unsupported::Client),
    ("domainname", Unsupported::Client),
    ("driver_opts", Unsupported::Policy { code: 1014 }),
    ("endpoint_mode", Unsupported::Client),
    ("env_file", Unsupported::File),
    ("expose", Unsupported::Stack),
    ("extends", Unsupported::File),
    ("external_links", Unsupported::Stack),
    ("file", Unsupported::File),
    ("gpus", Unsupported::Policy { code: 1008 }),
    ("group_add", Unsupported::Client),
    ("include", Unsupported::File),
    ("ipam", Unsupported::Client),
    ("ipc", Unsupported::Policy { code: 1006 }),
    ("isolation", Unsupported::Policy { code: 1011 }),
    ("label_file", Unsupported::File),
    ("links", Unsupported::Stack),
    ("logging", Unsupported::Client),
    ("mac_address", Unsupported::Policy { code: 1015 }),
    ("max_failure_ratio", Unsupported::Client),
    ("mem_limit", Unsupported::Stack),
    ("mem_reservation", Unsupported::Stack),
    ("mem_swappiness", Unsupported::Stack),
    ("memswap_limit", Unsupported::Stack),
    ("network_mode", Unsupported::Policy { code: 1007 }),
    ("oom_kill_disable", Unsupported::Policy { code: 1020 }),
    ("oom_score_adj", Unsupported::Client),
    ("pid", Unsupported::Policy { code: 1007 }),
    ("pids_limit", Unsupported::Stack),
    ("platform", Unsupported::Stack),
    ("preferences", Unsupported::Client),
    ("privileged", Unsupported::Policy { code: 1001 }),
    ("profiles", Unsupported::Stack),
    ("pull_policy", Unsupported::Stack),
    ("restart", Unsupported::Stack),
    ("rollback_config", Unsupported::Client),
    ("runtime", Unsupported::Policy { code: 1011 }),
    ("scale", Unsupported::Stack),
    ("security_opt", Unsupported::Policy { code: 1000 }),
    ("shm_size", Unsupported::Stack),
    ("storage_opt", Unsupported::Policy { code: 1020 }),
    ("sysctls", Unsupported::Client),
    ("ulimits", Unsupported::Client),
    ("userns_mode", Unsupported::Policy { code: 1007 }),
    ("uts", Unsupported::Policy { code: 1007 }),
    ("volumes_from", Unsupported::Stack),
];

/// Why compose's key is not understood here; None: compose has no such key either.
pub fn unsupported(key: &str) -> Option<Unsupported> {
    let found = OTHERS.iter().find(|(known, _)| *known == key);
    found.map(|(_, why)| why.clone())
}

/// The key that was perhaps meant.
pub fn nearest(key: &str, known: &[&str]) -> Option<String> {
    let others = OTHERS.iter().map(|(other, _)| *other);
    known
        .iter()
        .copied()
        .chain(others)
        .map(|candidate| (distance(key, candidate), candidate))
        .filter(|(far, candidate)| *far <= 2 && *far * 2 < candidate.len())
        .min_by_key(|(far, _)| *far)
        .map(|(_, candidate)| candidate.to_owned())
}

/// How many letters are to be changed, added or left out (Levenshtein), of short words.
fn distance(a: &str, b: &str) -> usize {
    const LONGEST: usize = 40;
    if a.len() > LONGEST {
        return LONGEST;
    }
    let b: Vec<char> = b.chars().collect();
    let mut row: Vec<usize> = (0..=b.len()).collect();
    for (i, x) in a.chars().enumerate() {
        let mut before = row[0];
        row[0] = i + 1;
        for (j, y) in b.iter().enumerate() {
            let cost = before + usize::from(x != *y);
            before = row[j + 1];
            row[j + 1] = cost.min(row[j] + 1).min(before + 1);
        }
    }
    row[b.len()]
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_slip_is_recognized() {
        let near = |key| nearest(key, SERVICE);
        assert_eq!(near("imgae").as_deref(), Some("image"));
        assert_eq!(near("enviroment").as_deref(), Some("environment"));
        assert_eq!(near("previleged").as_deref(), Some("privileged"));
        assert_eq!(near("something"), None);
        assert_eq!(near(&"x".repeat(5000)), None);
    }

    #[test]
    fn no_key_is_both_understood_and_not() {
        for (n, (key, _)) in OTHERS.iter().enumerate() {
            assert!(!SERVICE.contains(key), "{key}");
            assert!(n == 0 || OTHERS[n - 1].0 < *key, "{key} is out of order");
        }
    }
}
