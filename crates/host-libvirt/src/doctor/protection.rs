//! What keeps segments in, each with what it needs of the kernel.

use std::fs;
use std::io::Write;
use std::path::Path;
use std::process::{Command, Stdio};

use super::{Check, PREPARE};
use crate::prepare::{daemon, system};

/// The hook's own rules, to ask the kernel whether it would take them.
const RULES: &str = include_str!("../../../../segment/src/hook/firewall.nft");
const LINKS: &str = include_str!("../../../../segment/src/hook/link.nft");

pub fn checks() -> Vec<Check> {
    vec![calls(), apparmor(), firewall(), links(), limits(), tables()]
}

fn calls() -> Check {
    let actions = read("/proc/sys/kernel/seccomp/actions_avail");
    let has = |name| actions.split_whitespace().any(|action| action == name);
    if has("errno") && has("kill_process") {
        Check::ok("system calls", "filtered (seccomp)")
    } else {
        Check::fail(
            "system calls",
            "the kernel has no seccomp filters",
            "use a kernel with CONFIG_SECCOMP_FILTER: no segment starts without",
        )
    }
}

fn apparmor() -> Check {
    if !system::has_apparmor() {
        return Check::warn(
            "AppArmor",
            "the kernel has none",
            "segments are kept in by their user namespace and the filter of system calls; a stock \
             Debian kernel has it",
        );
    }
    if !system::has_libvirtd_rule() {
        return Check::fail(
            "AppArmor",
            "libvirtd's profile keeps the hook from working",
            PREPARE,
        );
    }
    if !Path::new("/usr/sbin/apparmor_parser").exists() {
        return Check::fail(
            "AppArmor",
            "there is no apparmor_parser",
            "apt install apparmor",
        );
    }
    if system::is_profile_loaded() {
        Check::ok("AppArmor", "every segment gets a profile")
    } else {
        Check::fail("AppArmor", "the segments' profile is not loaded", PREPARE)
    }
}

fn firewall() -> Check {
    match takes(&RULES.replace("CONNECTIONS", "1000")) {
        Ok(()) => Check::ok("firewall", "nftables take the segments' rules"),
        Err(None) => Check::fail("firewall", "there is no nft", "apt install nftables"),
        Err(Some(why)) => Check::fail(
            "firewall",
            why,
            "use a kernel with nf_tables (ct, connlimit, fib): without them segments could reach \
             the host",
        ),
    }
}

fn links() -> Check {
    match takes(LINKS) {
        Ok(()) => Check::ok("links", "every segment speaks with its own addresses only"),
        Err(None) => Check::fail("links", "there is no nft", "apt install nftables"),
        Err(Some(why)) => Check::warn(
            "links",
            why,
            "segments of one cluster can take each other's addresses: use a kernel with \
             nf_tables for bridges (CONFIG_NF_TABLES_BRIDGE)",
        ),
    }
}

/// Whether the kernel would take these rules; they are not applied. `Err(None)`: no `nft`.
fn takes(rules: &str) -> Result<(), Option<String>> {
    let mut nft = Command::new("/usr/sbin/nft")
        .args(["--check", "--file", "-"])
        .stdin(Stdio::piped())
        .stdout(Stdio::null())
        .stderr(Stdio::piped())
        .spawn()
        .map_err(|_| None)?;
    if let Some(mut stdin) = nft.stdin.take() {
        // One that ends at once says why below.
        let _ = stdin.write_all(rules.as_bytes());
    }
    let output = nft
        .wait_with_output()
        .map_err(|why| Some(why.to_string()))?;
    if output.status.success() {
        return Ok(());
    }
    let why = String::from_utf8_lossy(&output.stderr);
    Err(Some(why.lines().next().unwrap_or("nft failed").to_owned()))
}

/// Limits without which segments run, and can take more of the host than their share.
fn limits() -> Check {
    let controllers = read("/sys/fs/cgroup/cgroup.controllers");
    let is_v2 = !controllers.is_empty() && !daemon::is_hybrid();
    let has = |path: &str| Path::new("/sys/fs/cgroup").join(path).exists();
    let (has_swap, has_disk) = if is_v2 {
        let is_there = controllers.split_whitespace().any(|name| name == "io");
        (has_v2_swap(), is_there)
    } else {
        (
            has("memory/memory.memsw.limit_in_bytes"),
            has("blkio/blkio.throttle.read_bps_device"),
        )
    };
    let mut missing = Vec::new();
    if !has_swap {
        missing.push("swap (swapaccount=1 on the kernel's command line)");
    }
    if !has_disk {
        missing.push("the disk's speed (CONFIG_BLK_DEV_THROTTLING)");
    }
    if missing.is_empty() {
        return Check::ok("limits", "memory, swap, CPU, processes, disk");
    }
    Check::warn(
        "limits",
        format!("none for {}", missing.join(" and ")),
        "turn them on, or keep swap off and disks fast",
    )
}

/// The root group has no such file; whichever group comes first tells.
fn has_v2_swap() -> bool {
    let groups = fs::read_dir("/sys/fs/cgroup").into_iter().flatten();
    groups
        .filter_map(Result::ok)
        .any(|group| group.path().join("memory.swap.max").exists())
}

/// Tables of the kernel's that all segments share.
fn tables() -> Check {
    let small: Vec<_> = system::SYSCTLS
        .iter()
        // Switches have a line of their own.
        .filter(|(_, least)| *least > 1)
        .filter(|(name, least)| {
            let found = read(&format!("/proc/sys/{name}")).parse::<u64>();
            found.is_ok_and(|found| found < *least)
        })
        .map(|(name, least)| format!("{} is below {least}", name.replace('/', ".")))
        .collect();
    if small.is_empty() {
        Check::ok("shared tables", "large enough for many segments")
    } else {
        Check::warn("shared tables", small.join(", "), PREPARE)
    }
}

fn read(path: &str) -> String {
    fs::read_to_string(path)
        .unwrap_or_default()
        .trim()
        .to_owned()
}
