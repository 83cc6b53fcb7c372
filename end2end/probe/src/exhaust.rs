//! Takes all there is of something, keeps it for a while, and says how much it got.

use std::fs::{self, File};
use std::io::{self, Write};
use std::net::UdpSocket;
use std::os::fd::AsRawFd;
use std::time::{Duration, Instant};

use crate::call::check;
use crate::{Attempted, Outcome};

/// An end also where nothing else ends it.
const MOST: u64 = 300_000;
/// How long it may take until there is nothing more to take, on a machine that is busy.
const TAKEN_WITHIN: Duration = Duration::from_secs(40);

/// `WHAT SECONDS [WHERE]`.
pub fn run(what: &str, rest: &[&str]) -> Attempted {
    let seconds = rest.first().and_then(|word| word.parse().ok()).unwrap_or(5);
    let until = Instant::now() + Duration::from_secs(seconds);
    let at = rest.get(1).copied().unwrap_or("/tmp");
    let (count, why) = match what {
        "processes" => processes(until),
        "memory" => memory(until),
        "cpu" => cpu(until),
        "disk" => disk(at, until),
        "inodes" => inodes(at, until),
        "watches" => until_refused(until, || {
            // SAFETY: a new descriptor, kept until this process ends.
            check(unsafe { libc::inotify_init() }.into()).map(drop)
        }),
        "terminals" => until_refused(until, || {
            files_unlimited()?;
            File::open("/dev/ptmx").map(std::mem::forget)
        }),
        "keys" => until_refused(until, || {
            // Every keyring that is joined replaces the last one, which a child keeps.
            keyring_kept()
        }),
        "connections" => connections(at, until),
        "neighbours" => neighbours(at, until),
        _ => return Err(io::Error::from_raw_os_error(libc::ENOSYS)),
    };
    let why = why.and_then(|why| why.raw_os_error()).unwrap_or(0);
    Ok(Outcome::Saw(format!("{count}/{why}")))
}

type Taken = (u64, Option<io::Error>);

fn wait(until: Instant) {
    std::thread::sleep(until.saturating_duration_since(Instant::now()));
}

/// Takes until it is refused, then keeps what it has until the end, which begins to count with the
/// first refusal; takes again what was given back meanwhile.
fn until_refused(until: Instant, mut take: impl FnMut() -> io::Result<()>) -> Taken {
    let holds = until.saturating_duration_since(Instant::now());
    let mut until = Instant::now() + TAKEN_WITHIN;
    let mut count = 0;
    let mut last = None;
    while Instant::now() < until && count < MOST {
        match take() {
            Ok(()) => count += 1,
            Err(why) => {
                if last.is_none() {
                    until = Instant::now() + holds;
                }
                last = Some(why);
                std::thread::sleep(Duration::from_millis(50));
            }
        }
    }
    (count, last)
}

/// As many open files as the hard limit allows.
fn files_unlimited() -> io::Result<()> {
    let mut limit = libc::rlimit {
        rlim_cur: 0,
        rlim_max: 0,
    };
    // SAFETY: one struct is written, then read.
    unsafe {
        check(libc::getrlimit(libc::RLIMIT_NOFILE, &raw mut limit).into())?;
        limit.rlim_cur = limit.rlim_max;
        check(libc::setrlimit(libc::RLIMIT_NOFILE, &raw const limit).into()).map(drop)
    }
}

/// A child that does nothing until its parent is gone.
fn child() -> io::Result<libc::pid_t> {
    // SAFETY: the child calls only what a forked process may.
    unsafe {
        let pid = libc::fork();
        if pid == 0 {
            libc::prctl(libc::PR_SET_PDEATHSIG, libc::SIGKILL);
            libc::pause();
            libc::_exit(0);
        }
        check(pid.into())?;
        Ok(pid)
    }
}

fn processes(until: Instant) -> Taken {
    let mut children = Vec::new();
    let taken = until_refused(until, || {
        children.push(child()?);
        Ok(())
    });
    for pid in children {
        // SAFETY: children of ours that nobody has waited for.
        unsafe { libc::kill(pid, libc::SIGKILL) };
    }
    taken
}

fn keyring_kept() -> io::Result<()> {
    // SAFETY: joins a keyring without a name; see `child` for the rest.
    unsafe {
        let none: *const libc::c_char = std::ptr::null();
        check(libc::syscall(libc::SYS_keyctl, 1, none))?;
    }
    child().map(drop)
}

/// Children that take memory until they are killed, one after the other.
fn memory(until: Instant) -> Taken {
    const STEP: usize = 16 << 20;
    let at_most = Instant::now() + TAKEN_WITHIN;
    let mut killed = 0;
    // One at least.
    while Instant::now() < until || (killed == 0 && Instant::now() < at_most) {
        // SAFETY: this process has one thread.
        let pid = unsafe { libc::fork() };
        if pid == 0 {
            let mut held = Vec::new();
            loop {
                held.push(vec![1_u8; STEP]);
                if Instant::now() > at_most {
                    // SAFETY: ends this child at once.
                    unsafe { libc::_exit(0) };
                }
            }
        }
        let mut status = 0;
        // SAFETY: the status is an int of ours.
        unsafe { libc::waitpid(pid, &raw mut status, 0) };
        killed += u64::from(libc::WIFSIGNALED(status));
    }
    (killed, None)
}

fn cpu(until: Instant) -> Taken {
    for _ in 0..7 {
        // SAFETY: this process has one thread; the child never returns.
        unsafe {
            if libc::fork() == 0 {
                while Instant::now() < until {}
                libc::_exit(0);
            }
        }
    }
    while Instant::now() < until {}
    (8, None)
}

/// Mebibytes.
fn disk(dir: &str, until: Instant) -> Taken {
    let path = format!("{dir}/probe-fill-{}", std::process::id());
    let Ok(mut file) = File::create(&path) else {
        return (0, Some(io::Error::last_os_error()));
    };
    let mut at = 0;
    let mut step: i64 = 64 << 20;
    let taken = until_refused(until, || {
        // SAFETY: an open descriptor.
        let result = unsafe { libc::fallocate(file.as_raw_fd(), 0, at, step) };
        if let Err(why) = check(result.into()) {
            // The rest in small pieces, and at last byte by byte.
            step = (step / 2).max(4096);
            if step == 4096 {
                file.write_all(&[0; 4096])?;
            }
            return Err(why);
        }
        at += step;
        Ok(())
    });
    let _ = fs::remove_file(&path);
    ((at >> 20).unsigned_abs(), taken.1)
}

fn inodes(dir: &str, until: Instant) -> Taken {
    let dir = format!("{dir}/probe-inodes-{}", std::process::id());
    if let Err(why) = fs::create_dir(&dir) {
        return (0, Some(why));
    }
    let mut name = 0;
    let taken = until_refused(until, || {
        name += 1;
        File::create(format!("{dir}/{name}")).map(drop)
    });
    let _ = fs::remove_dir_all(&dir);
    taken
}

/// A datagram to each of many ports: each is a connection that the host has to follow.
fn connections(address: &str, until: Instant) -> Taken {
    let mut sockets = Vec::new();
    for _ in 0..8 {
        match UdpSocket::bind("0.0.0.0:0") {
            Ok(socket) => sockets.push(socket),
            Err(why) => return (0, Some(why)),
        }
    }
    let mut sent = 0;
    let mut last = None;
    'all: for port in 1024..60_000 {
        for socket in &sockets {
            if Instant::now() > until {
                break 'all;
            }
            match socket.send_to(b"x", format!("{address}:{port}")) {
                Ok(_) => sent += 1,
                Err(why) => last = Some(why),
            }
        }
    }
    wait(until);
    (sent, last)
}

/// A datagram to every address of a network that nobody is in: each is an entry in the table of
/// neighbours, which all network namespaces share. `WHERE` is its first two numbers.
fn neighbours(network: &str, until: Instant) -> Taken {
    let socket = match UdpSocket::bind("0.0.0.0:0") {
        Ok(socket) => socket,
        Err(why) => return (0, Some(why)),
    };
    let mut sent = 0;
    let mut last = None;
    for number in (256..65_000_u32).cycle() {
        if Instant::now() > until {
            break;
        }
        let address = format!("{network}.{}.{}:9", number >> 8, number & 255);
        match socket.send_to(b"x", address) {
            Ok(_) => sent += 1,
            Err(why) => last = Some(why),
        }
    }
    (sent, last)
}
