//! Kernel, cgroups, tools, room: what is there without asking libvirt.

use std::fs;
use std::path::Path;
use std::process::{Command, Stdio};

use super::{Check, DoctorOptions, PREPARE};
use crate::prepare::daemon;

/// First kernel whose overlay takes an idmapped lower layer.
const KERNEL_LEAST: (u32, u32) = (5, 19);
const MEMORY_LEAST_MIB: u64 = 2048;
const DISK_LEAST_MIB: u64 = 10 * 1024;

/// Programs the hook, libvirt and `prepare` call, with Debian's packages.
const TOOLS: [(&str, &str); 7] = [
    ("/usr/sbin/libvirtd", "libvirt-daemon-system"),
    ("/usr/lib/libvirt/libvirt_lxc", "libvirt-daemon-driver-lxc"),
    ("/usr/sbin/dnsmasq", "dnsmasq-base"),
    ("/usr/sbin/iptables", "iptables"),
    ("/usr/sbin/nft", "nftables"),
    ("/usr/sbin/mkfs.ext4", "e2fsprogs"),
    ("/usr/bin/mmdebstrap", "mmdebstrap"),
];

pub fn checks(options: &DoctorOptions) -> Vec<Check> {
    let mut checks = vec![
        root(),
        version(),
        file_systems(),
        loop_devices(),
        user_namespaces(),
        cgroups(),
        forwarding(),
        services(),
        memory(),
        disk(),
        ids(options),
    ];
    checks.extend(TOOLS.iter().map(|(path, package)| tool(path, package)));
    if daemon::has_systemd() {
        checks.push(machined());
    }
    checks
}

fn root() -> Check {
    if rustix::process::geteuid().is_root() {
        Check::ok("root", "run by root")
    } else {
        Check::warn(
            "root",
            "not run by root, so not everything can be seen",
            "run it with sudo",
        )
    }
}

fn version() -> Check {
    let release = read("/proc/sys/kernel/osrelease");
    let mut numbers = release.split(['.', '-']).map(|part| part.parse().ok());
    let found = (
        numbers.next().flatten().unwrap_or(0),
        numbers.next().flatten().unwrap_or(0),
    );
    if found >= KERNEL_LEAST {
        Check::ok("kernel", release)
    } else {
        Check::fail(
            "kernel",
            release,
            "use Linux 5.19 or newer (Debian 12 and 13 have it)",
        )
    }
}

fn file_systems() -> Check {
    let known = read("/proc/filesystems");
    let is_known = |name: &str| known.lines().any(|line| line.trim_end().ends_with(name));
    let missing: Vec<_> = ["overlay", "ext4"]
        .into_iter()
        .filter(|name| !is_known(name) && !is_module(name))
        .collect();
    if missing.is_empty() {
        Check::ok("file systems", "overlay and ext4")
    } else {
        Check::fail(
            "file systems",
            format!("the kernel lacks {}", missing.join(" and ")),
            "use a kernel with overlay and ext4",
        )
    }
}

fn loop_devices() -> Check {
    if Path::new("/dev/loop-control").exists() || is_module("loop") {
        Check::ok("loop devices", "there")
    } else {
        Check::fail(
            "loop devices",
            "/dev/loop-control is missing",
            "modprobe loop",
        )
    }
}

fn user_namespaces() -> Check {
    let most = number("/proc/sys/user/max_user_namespaces");
    match most {
        Some(most) if most > 0 => Check::ok("user namespaces", format!("up to {most}")),
        _ => Check::fail(
            "user namespaces",
            "switched off",
            "sysctl user.max_user_namespaces=65536",
        ),
    }
}

fn cgroups() -> Check {
    let is_v2 = Path::new("/sys/fs/cgroup/cgroup.controllers").exists();
    let layout = if is_v2 {
        "v2"
    } else if daemon::is_hybrid() {
        "hybrid (controllers of v1)"
    } else {
        "v1"
    };
    let v2 = read("/sys/fs/cgroup/cgroup.controllers");
    let v1 = read("/proc/cgroups");
    let has = |name: &str| {
        if is_v2 {
            v2.split_whitespace().any(|found| found == name)
        } else {
            v1.lines().any(|line| {
                let mut fields = line.split_whitespace();
                fields.next() == Some(name) && fields.nth(2) == Some("1")
            })
        }
    };
    let missing: Vec<_> = ["cpu", "memory", "pids"]
        .into_iter()
        .filter(|name| !has(name))
        .collect();
    if missing.is_empty() {
        Check::ok("cgroups", layout)
    } else {
        Check::fail(
            "cgroups",
            format!("{layout}, without {}", missing.join(", ")),
            "enable them on the kernel's command line (cgroup_enable=memory)",
        )
    }
}

fn forwarding() -> Check {
    if number("/proc/sys/net/ipv4/ip_forward") == Some(1) {
        Check::ok("forwarding", "on")
    } else {
        Check::fail("forwarding", "net.ipv4.ip_forward is off", PREPARE)
    }
}

/// `segment-init` spreads the connections to Docker's services by such a rule, in a user namespace.
fn services() -> Check {
    const RULE: &str = "-t nat -A PREROUTING -d 192.0.2.1 -m statistic --mode nth --every 2 \
                        --packet 0 -j DNAT --to-destination 192.0.2.2";
    let tried = Command::new("/usr/bin/unshare")
        .args(["--map-root-user", "--net", "/usr/sbin/iptables"])
        .args(RULE.split_ascii_whitespace())
        .stdin(Stdio::null())
        .output();
    match tried {
        Ok(output) if output.status.success() => {
            Check::ok("service addresses", "spread over a service's containers")
        }
        Ok(output) => {
            let why = String::from_utf8_lossy(&output.stderr);
            Check::warn(
                "service addresses",
                why.lines().next().unwrap_or("iptables failed").to_owned(),
                "services need --endpoint-mode dnsrr and ports in host mode; a stock kernel has \
                 xt_statistic",
            )
        }
        Err(_) => Check::warn(
            "service addresses",
            "there is no iptables",
            "apt install iptables util-linux",
        ),
    }
}

fn memory() -> Check {
    let available = read("/proc/meminfo")
        .lines()
        .find_map(|line| line.strip_prefix("MemAvailable:"))
        .and_then(|rest| rest.trim().trim_end_matches(" kB").parse::<u64>().ok())
        .unwrap_or(0)
        / 1024;
    let found = format!("{available} MiB available");
    if available >= MEMORY_LEAST_MIB {
        Check::ok("memory", found)
    } else {
        Check::warn(
            "memory",
            found,
            "one segment may use 2048 MiB: stop something",
        )
    }
}

fn disk() -> Check {
    let dir = if Path::new(wire::STATE_DIR).exists() {
        wire::STATE_DIR
    } else {
        "/var/lib"
    };
    let free = Command::new("df")
        .args(["--output=avail", "-BM", dir])
        .output()
        .ok()
        .and_then(|output| {
            let text = String::from_utf8(output.stdout).ok()?;
            text.lines()
                .nth(1)?
                .trim()
                .trim_end_matches('M')
                .parse::<u64>()
                .ok()
        })
        .unwrap_or(0);
    let found = format!("{free} MiB free at {dir}");
    if free >= DISK_LEAST_MIB {
        Check::ok("disk", found)
    } else {
        Check::warn(
            "disk",
            found,
            "segments' disks grow to 20 GB each: make room before they do",
        )
    }
}

/// The segments' ids must be nobody's: no login's, no other container's.
fn ids(options: &DoctorOptions) -> Check {
    let first = u64::from(options.id_base);
    let last = first + u64::from(options.id_count);
    let found = format!("{first}–{}", last.saturating_sub(1));
    let change = "choose another id_base in the configuration";
    if first == 0 || !options.id_base.is_multiple_of(wire::ID_RANGE) || last > u64::from(u32::MAX) {
        return Check::fail("ids", found, "id_base must be a multiple of 65536, not 0");
    }
    let overlaps = |start: u64, count: u64| start < last && start + count > first;
    for file in ["/etc/subuid", "/etc/subgid"] {
        for line in read(file).lines() {
            let mut fields = line.split(':').skip(1).map(|field| field.parse::<u64>());
            if let (Some(Ok(start)), Some(Ok(count))) = (fields.next(), fields.next())
                && overlaps(start, count)
            {
                return Check::fail("ids", format!("{found} overlap {file}: {line}"), change);
            }
        }
    }
    let has_account = |line: &&str| {
        let id = line.split(':').nth(2).and_then(|id| id.parse().ok());
        id.is_some_and(|id| overlaps(id, 1))
    };
    for file in ["/etc/passwd", "/etc/group"] {
        if let Some(line) = read(file).lines().find(has_account) {
            return Check::fail("ids", format!("{found} overlap {file}: {line}"), change);
        }
    }
    Check::ok("ids", found)
}

fn tool(path: &str, package: &str) -> Check {
    if Path::new(path).exists() {
        return Check::ok("tools", path);
    }
    let mend = format!("apt install {package}");
    Check::fail("tools", format!("{path} is missing"), mend)
}

/// On systemd hosts libvirt registers its containers with machined.
fn machined() -> Check {
    let has = ["/lib", "/usr/lib"]
        .iter()
        .any(|lib| Path::new(lib).join("systemd/systemd-machined").exists());
    if has {
        Check::ok("machined", "there")
    } else {
        Check::fail("machined", "missing", "apt install systemd-container")
    }
}

fn is_module(name: &str) -> bool {
    Path::new("/sys/module").join(name).exists()
        || Command::new("modinfo")
            .arg(name)
            .output()
            .is_ok_and(|output| output.status.success())
}

fn read(path: &str) -> String {
    fs::read_to_string(path)
        .unwrap_or_default()
        .trim()
        .to_owned()
}

fn number(path: &str) -> Option<u64> {
    read(path).parse().ok()
}
