//! Every attempt by POLICY's rows: what is tried, from where, and how it must be refused.

mod network;

use crate::probe::{From, Outcome};

/// An attempt as the documentation and the probe know it.
pub struct Attempt {
    /// What it belongs to; the page's heading.
    pub group: &'static str,
    pub what: String,
    /// The probe's line, without its key.
    pub line: String,
    pub from: &'static [From],
    pub must: Must,
}

/// How an attempt has to end.
#[derive(Debug, Clone, Copy)]
pub enum Must {
    /// Refused with one of these.
    Fail(&'static [i32]),
    /// Killed by the filter of system calls.
    Die,
    /// Something that must work, so that the failures mean something.
    Work,
}

const BOTH: &[From] = &[From::Container, From::Segment];
const SEGMENT: &[From] = &[From::Segment];
const CONTAINER: &[From] = &[From::Container];

/// Not permitted, denied, read-only.
const DENIED: &[i32] = &[libc::EPERM, libc::EACCES, libc::EROFS];
/// As before, or there is nothing of that name.
const NOT_THERE: &[i32] = &[libc::EPERM, libc::EACCES, libc::EROFS, libc::ENOENT];

impl Must {
    pub fn holds(self, outcome: &Outcome) -> bool {
        match (self, outcome) {
            (Self::Fail(allowed), Outcome::Refused(errno)) => allowed.contains(errno),
            // A container's own filter refuses what the segment's would end.
            (Self::Die, Outcome::Killed(signal)) => *signal == libc::SIGSYS,
            (Self::Work, Outcome::Done) => true,
            (Self::Work, Outcome::Saw(what)) => what == "a-refusal",
            _ => false,
        }
    }
}

/// What of this machine the attempts name.
pub struct World {
    /// A file of the host's, anywhere in its own tree.
    pub marker: String,
    /// `major minor` of the device that holds the host's root.
    pub root_device: String,
    /// `major minor` of another segment's disk.
    pub other_disk: String,
    pub other_disk_path: String,
    pub gateway: String,
    /// Addresses of the host's, the gateway not among them.
    pub host_addresses: Vec<String>,
    /// Where the test itself listens on all addresses.
    pub open_port: u16,
    pub discovery_port: u16,
    /// Another cluster's segment and gateway.
    pub neighbour: String,
    pub neighbour_gateway: String,
    /// A machine in the internet, and one in the host's own network.
    pub internet: String,
    pub private: String,
    /// An id that is not the segment's.
    pub foreign_id: u32,
}

pub fn all(world: &World) -> Vec<Attempt> {
    let mut all = Vec::new();
    calls(&mut all);
    files(world, &mut all);
    knobs(&mut all);
    network::add(world, &mut all);
    all
}

struct Group<'a>(&'static str, &'a mut Vec<Attempt>);

impl Group<'_> {
    fn add(&mut self, from: &'static [From], what: &str, line: &str, must: Must) {
        self.1.push(Attempt {
            group: self.0,
            what: what.to_owned(),
            line: line.to_owned(),
            from,
            must,
        });
    }
}

fn calls(all: &mut Vec<Attempt>) {
    let mut group = Group("The kernel's own code (9, L8)", all);
    group.add(
        BOTH,
        "a call that everybody may make",
        "call 39",
        Must::Work,
    );
    let refused = [
        ("load a module", "call 175 @16 16 ="),
        ("load a module from a file", "call 313 0 = 0"),
        ("remove a module", "call 176 =loop 0"),
        ("load another kernel", "call 246 0 0 0 0"),
        ("load another kernel from a file", "call 320 0 0 1 = 0"),
        ("load a BPF program", "call 321 5 @128 128"),
        ("make a BPF map", "call 321 0 @128 128"),
        (
            "watch the machine's performance counters",
            "call 298 @128 -1 0 -1 0",
        ),
        ("userfaultfd", "call 323 0"),
        ("io_uring (CVE-2022-29582 and many more)", "call 425 8 @120"),
        ("open a file by its number (Shocker)", "call 304 -100 @64 0"),
        ("put a key into a keyring", "call 248 =user =probe =x 1 -2"),
        ("ask for a key", "call 249 =user =probe 0 -2"),
        ("read a keyring", "call 250 11 -3 @64 64"),
        ("swap to a file", "call 167 =/tmp/swap 0"),
        ("restart the machine", "call 169 0 0 0 0"),
        ("account processes", "call 163 =/tmp/acct"),
        ("set disk quotas", "call 179 0 = 0 0"),
        ("set the clock", "call 227 0 @16"),
        ("set the time of day", "call 164 @16 0"),
        ("read the kernel's log", "call 103 3 @64 64"),
        ("raise the port privilege level", "call 172 3"),
    ];
    for (what, line) in refused {
        group.add(BOTH, what, line, Must::Fail(&[libc::EPERM]));
    }
    let sockets = [
        ("AF_ALG (CVE-2026-31431)", "call 41 38 5 0"),
        ("AF_VSOCK, to the hypervisor", "call 41 40 1 0"),
        ("AF_KCM", "call 41 41 5 0"),
        ("AF_TIPC", "call 41 30 1 0"),
    ];
    for (what, line) in sockets {
        let what = format!("a socket of {what}");
        group.add(BOTH, &what, line, Must::Fail(&[libc::EPERM]));
    }
    group.add(
        SEGMENT,
        "type into a terminal (TIOCSTI)",
        "type-into-terminal",
        Must::Fail(&[libc::EPERM]),
    );
    group.add(
        SEGMENT,
        "a call newer than the filter",
        "call 500",
        Must::Fail(&[libc::ENOSYS]),
    );
    group.add(
        SEGMENT,
        "a call by the x32 numbers",
        "call 1073741863",
        Must::Fail(&[libc::ENOSYS]),
    );
    group.add(SEGMENT, "a call by the 32-bit door", "call32", Must::Die);
}

fn files(world: &World, all: &mut Vec<Attempt>) {
    let mut group = Group("The host's files and devices (C1, C17, L7)", all);
    let marker = &world.marker;
    group.add(
        BOTH,
        "open a device of its own",
        "read /dev/urandom",
        Must::Work,
    );
    for (what, path) in [
        ("by its name", marker.clone()),
        ("through PID 1's root", format!("/proc/1/root{marker}")),
        (
            "through the root that libvirt left",
            format!("/.oldroot{marker}"),
        ),
    ] {
        let what = format!("read a file of the host's {what}");
        group.add(BOTH, &what, &format!("read {path}"), Must::Fail(NOT_THERE));
    }
    let disk = &world.other_disk_path;
    group.add(
        BOTH,
        "read another segment's disk image",
        &format!("read {disk}"),
        Must::Fail(NOT_THERE),
    );
    for (what, device) in [
        ("the host's disk", format!("b {}", world.root_device)),
        ("another segment's disk", format!("b {}", world.other_disk)),
        ("memory (/dev/mem)", "c 1 1".into()),
        ("ports (/dev/port)", "c 1 4".into()),
        ("the kernel's log (/dev/kmsg)", "c 1 11".into()),
        ("loop-control", "c 10 237".into()),
        ("device-mapper", "c 10 236".into()),
        ("KVM", "c 10 232".into()),
    ] {
        let what = format!("make and open the node of {what}");
        group.add(BOTH, &what, &format!("device {device}"), Must::Fail(DENIED));
    }
    for (what, line) in [
        ("a disk", "mount /dev/null ext4"),
        ("a file as an old file system", "mount /probe vfat"),
        ("debugfs", "mount none debugfs"),
        ("tracefs", "mount none tracefs"),
        ("securityfs", "mount none securityfs"),
        ("configfs", "mount none configfs"),
        ("pstore", "mount none pstore"),
        ("a network file system", "mount 127.0.0.1:/x nfs"),
    ] {
        let what = format!("mount {what}");
        // A kernel that lacks the type says so.
        group.add(
            BOTH,
            &what,
            line,
            Must::Fail(&[libc::EPERM, libc::EACCES, libc::ENODEV]),
        );
    }
    let trick = format!("mount overlay overlay lowerdir={marker}:/tmp");
    group.add(
        BOTH,
        "an overlay over the host's files",
        &trick,
        Must::Fail(NOT_THERE),
    );
    let bind = format!("bind {marker}");
    group.add(
        BOTH,
        "a bind mount of the host's files",
        &bind,
        Must::Fail(NOT_THERE),
    );

    let own = "/segment/usr/lib/carina";
    for (what, line) in [
        (
            "change the programs beside its PID 1",
            format!("open {own}/swarm.sha256"),
        ),
        (
            "make PID 1's mount writable",
            format!("call 165 =none ={own} = 4128 0"),
        ),
    ] {
        let must = Must::Fail(&[libc::EPERM, libc::EROFS, libc::EINVAL]);
        group.add(SEGMENT, &format!("{what} for the next start"), &line, must);
    }

    let mut group = Group("The host's processes and ids (C12, C14)", group.1);
    for name in ["libvirtd", "libvirt_lxc"] {
        let what = format!("see the host's {name}");
        let line = format!("process {name}");
        group.add(BOTH, &what, &line, Must::Fail(&[libc::ESRCH]));
    }
    group.add(
        CONTAINER,
        "attach to the segment's engine",
        "process dockerd",
        Must::Fail(&[libc::ESRCH]),
    );
    let line = format!("map-id {}", world.foreign_id);
    group.add(
        BOTH,
        "a user namespace with an id of the host's",
        &line,
        Must::Fail(&[libc::EPERM, libc::EINVAL]),
    );
    let line = format!("call 92 =/tmp {id} {id}", id = world.foreign_id);
    group.add(
        BOTH,
        "give a file to an id of the host's",
        &line,
        Must::Fail(&[libc::EPERM, libc::EINVAL]),
    );
}

fn knobs(all: &mut Vec<Attempt>) {
    let mut group = Group("The host's settings (L8)", all);
    group.add(
        SEGMENT,
        "a setting of its own",
        "write /proc/sys/net/ipv4/ip_forward 1",
        Must::Work,
    );
    for path in [
        "/proc/sys/kernel/core_pattern",
        "/proc/sys/kernel/modprobe",
        "/proc/sys/kernel/printk",
        "/proc/sys/kernel/panic",
        "/proc/sys/kernel/kptr_restrict",
        "/proc/sys/kernel/randomize_va_space",
        "/proc/sys/kernel/threads-max",
        "/proc/sys/kernel/keys/maxkeys",
        "/proc/sys/kernel/pty/max",
        "/proc/sys/vm/nr_hugepages",
        "/proc/sys/vm/overcommit_memory",
        "/proc/sys/vm/swappiness",
        "/proc/sys/fs/file-max",
        "/proc/sys/fs/inotify/max_user_watches",
        "/proc/sys/fs/protected_symlinks",
        "/sys/kernel/mm/transparent_hugepage/enabled",
    ] {
        let line = format!("write {path} 1");
        group.add(BOTH, &format!("write {path}"), &line, Must::Fail(NOT_THERE));
    }
    for path in [
        "/proc/sysrq-trigger",
        "/proc/sys/vm/drop_caches",
        "/proc/sys/vm/compact_memory",
        "/proc/sys/fs/binfmt_misc/register",
        "/proc/sys/net/netfilter/nf_conntrack_max",
        "/sys/kernel/uevent_helper",
        "/sys/power/state",
        "/sys/power/mem_sleep",
        "/sys/devices/system/cpu/cpu1/online",
        "/sys/block/loop0/uevent",
        "/sys/firmware/acpi/pm_profile",
        "/proc/irq/default_smp_affinity",
    ] {
        let line = format!("open {path}");
        group.add(
            BOTH,
            &format!("open {path} to write"),
            &line,
            Must::Fail(NOT_THERE),
        );
    }
    for path in [
        "/proc/kcore",
        "/proc/kmsg",
        "/proc/vmallocinfo",
        "/proc/slabinfo",
        "/dev/mem",
    ] {
        let line = format!("read {path}");
        // Docker shows an empty file in place of some of them.
        let nothing = &[libc::EPERM, libc::EACCES, libc::ENOENT, libc::ENODATA];
        group.add(BOTH, &format!("read {path}"), &line, Must::Fail(nothing));
    }
    group.add(
        BOTH,
        "learn the kernel's addresses",
        "addresses-shown",
        Must::Fail(&[libc::EPERM, libc::EACCES, libc::ENOENT]),
    );

    let mut group = Group("The segment's limits (C16, C21, L9)", group.1);
    for controller in ["memory", "pids", "cpu", "devices"] {
        let what = format!("a release agent in {controller} (CVE-2022-0492)");
        let line = format!("release-agent {controller}");
        group.add(BOTH, &what, &line, Must::Fail(NOT_THERE));
    }
    for (what, files) in [
        ("memory", ["memory/memory.limit_in_bytes", "x/memory.max"]),
        (
            "swap",
            ["memory/memory.memsw.limit_in_bytes", "x/memory.swap.max"],
        ),
        ("processes", ["pids/pids.max", "x/pids.max"]),
        ("CPU", ["cpu/cpu.cfs_quota_us", "x/cpu.max"]),
        ("devices", ["devices/devices.allow", "x/devices.allow"]),
    ] {
        let file = files.iter().find(|file| is_here(file)).unwrap_or(&files[0]);
        let line = format!("raise {file}");
        group.add(
            BOTH,
            &format!("raise the limit of {what}"),
            &line,
            Must::Fail(NOT_THERE),
        );
    }
    group.add(BOTH, "leave its cgroups", "move-out", Must::Fail(NOT_THERE));
}

/// Whether this host's cgroups have such a file: v1 or v2.
fn is_here(file: &str) -> bool {
    let (controller, _) = file.split_once('/').unwrap_or(("", file));
    controller == "x"
        || std::path::Path::new("/sys/fs/cgroup")
            .join(controller)
            .exists()
}
