//! The system calls that nothing in a segment may make.
//!
//! Docker's profile for containers is a list of what is allowed; here it is a list of what is not,
//! because an engine and its runtimes need most of the rest (mounts, namespaces, ptrace). Calls
//! that are newer than this list are unknown (ENOSYS), as on an older kernel, so that no call
//! passes before somebody has thought about it. Programs of another architecture (32 bits, x32)
//! would have numbers of their own: they are ended, or find nothing.

use std::collections::BTreeMap;

use seccompiler::{
    BpfProgram, SeccompAction, SeccompCmpArgLen, SeccompCmpOp, SeccompCondition, SeccompFilter,
    SeccompRule, sock_filter,
};
use wire::SegmentRules;

use crate::init::Error;

/// file_setattr, the newest call that was looked at. The same on x86_64 and aarch64, as are all
/// since 424; x32's calls have bit 30 set and lie above.
const NEWEST: u32 = 469;

/// Refused whatever the arguments.
const REFUSED: &[i64] = &[
    // Another kernel, and code in this one.
    libc::SYS_kexec_load,
    libc::SYS_kexec_file_load,
    libc::SYS_init_module,
    libc::SYS_finit_module,
    libc::SYS_delete_module,
    // The cgroups of a segment get no device program: in a user namespace runc does without.
    libc::SYS_bpf,
    // Large, and often the last step of an exploit.
    libc::SYS_userfaultfd,
    libc::SYS_perf_event_open,
    // Keys: joining a keyring of one's own is all that runc does (see `KEYCTL`).
    libc::SYS_add_key,
    libc::SYS_request_key,
    // Files by number instead of by name reach outside of a mount ("Shocker").
    libc::SYS_open_by_handle_at,
    // The machine, not the segment.
    libc::SYS_swapon,
    libc::SYS_swapoff,
    libc::SYS_reboot,
    libc::SYS_acct,
    libc::SYS_quotactl,
    libc::SYS_quotactl_fd,
    libc::SYS_settimeofday,
    libc::SYS_clock_settime,
    libc::SYS_syslog,
    libc::SYS_nfsservctl,
    libc::SYS_lookup_dcookie,
    libc::SYS_vhangup,
];

#[cfg(target_arch = "x86_64")]
const REFUSED_HERE: &[i64] = &[
    libc::SYS_iopl,
    libc::SYS_ioperm,
    libc::SYS__sysctl,
    libc::SYS_uselib,
    libc::SYS_ustat,
    libc::SYS_sysfs,
];
#[cfg(not(target_arch = "x86_64"))]
const REFUSED_HERE: &[i64] = &[];

const IO_URING: [i64; 3] = [
    libc::SYS_io_uring_setup,
    libc::SYS_io_uring_enter,
    libc::SYS_io_uring_register,
];

/// All that an engine and its containers use. AF_VSOCK would reach the machine's hypervisor past
/// every firewall; AF_ALG and the protocols that nobody uses are code of the kernel's, no more.
const SOCKETS: [i32; 5] = [
    libc::AF_UNIX,
    libc::AF_INET,
    libc::AF_INET6,
    libc::AF_NETLINK,
    libc::AF_PACKET,
];

/// runc joins a keyring for each container (1), asks who owns it (6) and gives it its rights (5);
/// 0 asks for the number of one's own.
const KEYCTL: [u32; 4] = [
    libc::KEYCTL_GET_KEYRING_ID,
    libc::KEYCTL_JOIN_SESSION_KEYRING,
    libc::KEYCTL_SETPERM,
    libc::KEYCTL_DESCRIBE,
];

/// Typing into somebody else's terminal.
const IOCTLS: [u32; 2] = [0x5412 /* TIOCSTI */, 0x541C /* TIOCLINUX */];

/// The program for the kernel.
pub fn filter(rules: SegmentRules) -> Result<BpfProgram, Error> {
    let mut refused: BTreeMap<i64, Vec<SeccompRule>> = REFUSED
        .iter()
        .chain(REFUSED_HERE)
        .map(|number| (*number, Vec::new()))
        .collect();
    if !rules.io_uring {
        refused.extend(IO_URING.map(|number| (number, Vec::new())));
    }
    let families = SOCKETS.map(i32::unsigned_abs);
    refused.insert(libc::SYS_socket, vec![none_of(0, &families)?]);
    refused.insert(libc::SYS_socketpair, vec![none_of(0, &families)?]);
    refused.insert(libc::SYS_keyctl, vec![none_of(0, &KEYCTL)?]);
    let mut requests = Vec::new();
    for request in IOCTLS {
        requests.push(SeccompRule::new(vec![argument(
            1,
            SeccompCmpOp::Eq,
            request,
        )?])?);
    }
    refused.insert(libc::SYS_ioctl, requests);
    let filter = SeccompFilter::new(
        refused,
        SeccompAction::Allow,
        SeccompAction::Errno(libc::EPERM.unsigned_abs()),
        std::env::consts::ARCH.try_into()?,
    )?;
    let known: BpfProgram = filter.try_into()?;
    Ok(unknown().into_iter().chain(known).collect())
}

/// Matches when the argument is none of these. Only the half that the kernel looks at counts: all
/// of these are an `int` to it.
fn none_of(index: u8, allowed: &[u32]) -> Result<SeccompRule, Error> {
    let conditions: Result<Vec<_>, Error> = allowed
        .iter()
        .map(|value| argument(index, SeccompCmpOp::Ne, *value))
        .collect();
    Ok(SeccompRule::new(conditions?)?)
}

fn argument(index: u8, operator: SeccompCmpOp, value: u32) -> Result<SeccompCondition, Error> {
    Ok(SeccompCondition::new(
        index,
        SeccompCmpArgLen::Dword,
        operator,
        value.into(),
    )?)
}

/// Goes before the rest, for which the compiler has no words: a number above [`NEWEST`] is unknown.
fn unknown() -> [sock_filter; 3] {
    let instruction = |code: u32, jt, jf, k| sock_filter {
        // All codes are small.
        code: u16::try_from(code).unwrap_or(u16::MAX),
        jt,
        jf,
        k,
    };
    [
        // The number is the first word of what the filter sees.
        instruction(libc::BPF_LD | libc::BPF_W | libc::BPF_ABS, 0, 0, 0),
        instruction(libc::BPF_JMP | libc::BPF_JGT | libc::BPF_K, 0, 1, NEWEST),
        instruction(
            libc::BPF_RET | libc::BPF_K,
            0,
            0,
            libc::SECCOMP_RET_ERRNO | libc::ENOSYS.unsigned_abs(),
        ),
    ]
}

#[cfg(test)]
mod tests {
    use super::*;

    /// What the program does with a call, by running it as the kernel does.
    fn outcome(program: &BpfProgram, arch: u32, number: i64, arguments: [u64; 6]) -> u32 {
        let mut seen = Vec::new();
        seen.extend(u32::try_from(number).unwrap().to_ne_bytes());
        seen.extend(arch.to_ne_bytes());
        seen.extend(0_u64.to_ne_bytes());
        seen.extend(arguments.iter().flat_map(|argument| argument.to_ne_bytes()));
        let (mut at, mut loaded) = (0, 0_u32);
        loop {
            let one = &program[at];
            at += 1;
            let code = u32::from(one.code);
            let jump = |is: bool| usize::from(if is { one.jt } else { one.jf });
            match (code & 7, code & 0xF0) {
                (libc::BPF_LD, _) => {
                    let from = one.k as usize;
                    loaded = u32::from_ne_bytes(seen[from..from + 4].try_into().unwrap());
                }
                (libc::BPF_RET, _) => return one.k,
                (libc::BPF_JMP, libc::BPF_JA) => at += one.k as usize,
                (libc::BPF_JMP, libc::BPF_JEQ) => at += jump(loaded == one.k),
                (libc::BPF_JMP, libc::BPF_JGT) => at += jump(loaded > one.k),
                (libc::BPF_JMP, libc::BPF_JGE) => at += jump(loaded >= one.k),
                other => panic!("{other:?} is not known here"),
            }
        }
    }

    #[cfg(target_arch = "x86_64")]
    const NATIVE: u32 = 0xC000_003E;
    #[cfg(target_arch = "aarch64")]
    const NATIVE: u32 = 0xC000_00B7;
    const I386: u32 = 0x4000_0003;
    const REFUSES: u32 = libc::SECCOMP_RET_ERRNO | libc::EPERM as u32;

    fn of(number: i64, first: u64, second: u64) -> u32 {
        let program = filter(SegmentRules::default()).unwrap();
        outcome(&program, NATIVE, number, [first, second, 0, 0, 0, 0])
    }

    #[test]
    fn what_an_engine_needs_passes() {
        for number in [
            libc::SYS_read,
            libc::SYS_mount,
            libc::SYS_fsopen,
            libc::SYS_setns,
            libc::SYS_unshare,
            libc::SYS_clone3,
            libc::SYS_ptrace,
            libc::SYS_pivot_root,
            libc::SYS_seccomp,
        ] {
            assert_eq!(of(number, 0, 0), libc::SECCOMP_RET_ALLOW, "{number}");
        }
        for family in SOCKETS {
            let family = u64::try_from(family).unwrap();
            assert_eq!(of(libc::SYS_socket, family, 0), libc::SECCOMP_RET_ALLOW);
        }
        for operation in [0, 1, 5, 6] {
            assert_eq!(of(libc::SYS_keyctl, operation, 0), libc::SECCOMP_RET_ALLOW);
        }
        assert_eq!(of(libc::SYS_ioctl, 0, 0x5401), libc::SECCOMP_RET_ALLOW);
    }

    #[test]
    fn what_nobody_needs_is_refused() {
        for number in REFUSED.iter().chain(REFUSED_HERE).chain(&IO_URING) {
            assert_eq!(of(*number, 0, 0), REFUSES, "{number}");
        }
        for family in [libc::AF_ALG, libc::AF_VSOCK, libc::AF_BLUETOOTH, 0, 99] {
            let family = u64::try_from(family).unwrap();
            assert_eq!(of(libc::SYS_socket, family, 0), REFUSES, "{family}");
            // The kernel looks at an int: bits above it change nothing.
            assert_eq!(of(libc::SYS_socketpair, family | 1 << 32, 0), REFUSES);
        }
        for operation in [2, 3, 4, 7, 10, 11, 31] {
            assert_eq!(of(libc::SYS_keyctl, operation, 0), REFUSES, "{operation}");
        }
        for request in IOCTLS {
            let request = u64::from(request);
            assert_eq!(of(libc::SYS_ioctl, 0, request), REFUSES);
            assert_eq!(of(libc::SYS_ioctl, 0, request | 7 << 32), REFUSES);
        }
    }

    #[test]
    fn io_uring_passes_where_the_host_allows_it() {
        let program = filter(SegmentRules { io_uring: true }).unwrap();
        for number in IO_URING {
            let result = outcome(&program, NATIVE, number, [0; 6]);
            assert_eq!(result, libc::SECCOMP_RET_ALLOW);
        }
    }

    #[test]
    fn calls_of_another_architecture_or_of_tomorrow_do_not_pass() {
        let program = filter(SegmentRules::default()).unwrap();
        let result = outcome(&program, I386, 1, [0; 6]);
        assert_eq!(result, libc::SECCOMP_RET_KILL_PROCESS);
        let unknown = libc::SECCOMP_RET_ERRNO | libc::ENOSYS as u32;
        let x32 = 0x4000_0000 | libc::SYS_finit_module;
        for number in [i64::from(NEWEST) + 1, x32] {
            assert_eq!(of(number, 0, 0), unknown, "{number}");
        }
    }
}
