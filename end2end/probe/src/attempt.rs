//! The verbs.

use std::fs::{self, OpenOptions};
use std::io::{self, Read, Write};
use std::net::{SocketAddr, TcpListener, TcpStream, UdpSocket};
use std::time::{Duration, Instant};

use crate::call::{by_number, c, check, through_32_bits};
use crate::{Attempted, Outcome, exhaust, link};

/// What is not answered by then is not answered.
const ANSWERS_WITHIN: Duration = Duration::from_millis(1500);

pub fn run(verb: &str, arguments: &[String]) -> Attempted {
    let words: Vec<&str> = arguments.iter().map(String::as_str).collect();
    match (verb, words.as_slice()) {
        ("call", _) => by_number(arguments),
        ("call32", []) => through_32_bits(),
        ("read", [path]) => read(path),
        ("write", [path, text]) => write(path, text),
        // For what would take effect: whoever may open it may write it.
        ("open", [path]) => {
            OpenOptions::new().write(true).open(path)?;
            Ok(Outcome::Done)
        }
        ("device", [kind, major, minor]) => device(kind, number(major)?, number(minor)?),
        ("mount", [source, kind]) => mount(source, kind, ""),
        ("mount", [source, kind, options]) => mount(source, kind, options),
        ("bind", [source]) => bind(source),
        ("list", [path]) => list(path),
        ("process", [name]) => process(name),
        ("ptrace", [pid]) => ptrace(number(pid)?),
        ("release-agent", [controller]) => release_agent(controller),
        ("raise", [file]) => raise(file),
        ("move-out", []) => move_out(),
        ("map-id", [outside]) => map_id(outside),
        ("type-into-terminal", []) => type_into_terminal(),
        ("addresses-shown", []) => addresses_shown(),
        ("connect", [address]) => connect(address),
        ("datagram", [address]) => datagram(address),
        ("listen", [port, seconds]) => listen(number(port)?, number(seconds)?),
        ("frame", [link, frame]) => link::send(link, frame),
        ("sniff", [link, seconds]) => link::sniff(link, number(seconds)?),
        ("exhaust", [what, rest @ ..]) => exhaust::run(what, rest),
        _ => Err(io::Error::from_raw_os_error(libc::ENOSYS)),
    }
}

fn number<T: std::str::FromStr>(text: &str) -> io::Result<T> {
    text.parse()
        .map_err(|_| io::Error::from_raw_os_error(libc::EDOM))
}

fn read(path: &str) -> Attempted {
    let mut byte = [0; 64];
    let length = fs::File::open(path)?.read(&mut byte)?;
    // Empty is nothing that was learned.
    if length == 0 {
        return Err(io::Error::from_raw_os_error(libc::ENODATA));
    }
    Ok(Outcome::Done)
}

/// Writes what stands there already, or the text when it cannot be read.
fn write(path: &str, text: &str) -> Attempted {
    let found = fs::read_to_string(path)
        .ok()
        .filter(|found| !found.is_empty());
    let mut file = OpenOptions::new().write(true).open(path)?;
    file.write_all(found.as_deref().unwrap_or(text).as_bytes())?;
    Ok(Outcome::Done)
}

fn own_path(what: &str) -> String {
    format!("/tmp/probe-{what}-{}", std::process::id())
}

/// Makes a device's node and opens it.
fn device(kind: &str, major: u32, minor: u32) -> Attempted {
    let path = own_path("node");
    let mode = if kind == "b" {
        libc::S_IFBLK
    } else {
        libc::S_IFCHR
    };
    // SAFETY: the path is a C string that lives until after the call.
    let made = unsafe { libc::mknod(c(&path).as_ptr(), mode | 0o600, libc::makedev(major, minor)) };
    check(made.into())?;
    let opened = fs::File::open(&path);
    fs::remove_file(&path)?;
    opened?;
    Ok(Outcome::Done)
}

fn mount_call(source: &str, target: &str, kind: &str, flags: u64, options: &str) -> io::Result<()> {
    // SAFETY: all are C strings that live until after the call.
    let result = unsafe {
        libc::mount(
            c(source).as_ptr(),
            c(target).as_ptr(),
            c(kind).as_ptr(),
            flags,
            c(options).as_ptr().cast(),
        )
    };
    check(result.into()).map(drop)
}

fn mount(source: &str, kind: &str, options: &str) -> Attempted {
    let target = own_path("mount");
    fs::create_dir(&target)?;
    mount_call(source, &target, kind, 0, options)?;
    Ok(Outcome::Done)
}

fn bind(source: &str) -> Attempted {
    let target = own_path("bind");
    fs::write(&target, "")?;
    mount_call(source, &target, "", libc::MS_BIND, "")?;
    Ok(Outcome::Done)
}

/// What a directory holds, in one word.
fn list(path: &str) -> Attempted {
    let mut names: Vec<String> = fs::read_dir(path)?
        .filter_map(|entry| entry.ok()?.file_name().into_string().ok())
        .collect();
    names.sort();
    Ok(Outcome::Saw(names.join(",")))
}

/// Whether a process of this name can be seen.
fn process(name: &str) -> Attempted {
    let found = fs::read_dir("/proc")?.filter_map(Result::ok).any(|entry| {
        let comm = fs::read_to_string(entry.path().join("comm"));
        comm.is_ok_and(|comm| comm.trim() == name)
    });
    if found {
        Ok(Outcome::Done)
    } else {
        Err(io::Error::from_raw_os_error(libc::ESRCH))
    }
}

fn ptrace(pid: libc::pid_t) -> Attempted {
    // SAFETY: seizing takes no memory of ours.
    let result = unsafe { libc::ptrace(libc::PTRACE_SEIZE, pid, 0, 0) };
    check(result)?;
    Ok(Outcome::Done)
}

fn unshare(flags: i32) -> io::Result<()> {
    // SAFETY: no flag that changes descriptors is passed.
    check(unsafe { libc::unshare(flags) }.into()).map(drop)
}

/// CVE-2022-0492: a cgroup hierarchy mounted in namespaces of one's own, and its release agent,
/// which the host's root would run.
fn release_agent(controller: &str) -> Attempted {
    unshare(libc::CLONE_NEWUSER | libc::CLONE_NEWNS | libc::CLONE_NEWCGROUP)
        .or_else(|_| unshare(libc::CLONE_NEWNS | libc::CLONE_NEWCGROUP))?;
    let target = own_path("cgroup");
    fs::create_dir(&target)?;
    if mount_call("cgroup", &target, "cgroup", 0, controller).is_err() {
        mount_call("cgroup2", &target, "cgroup2", 0, "")?;
    }
    fs::write(format!("{target}/release_agent"), "")?;
    Ok(Outcome::Done)
}

/// A limit of the segment's: the topmost file of this name that can be seen.
fn raise(file: &str) -> Attempted {
    let (controller, name) = file.split_once('/').unwrap_or(("", file));
    let paths = [
        // What PID 1 of the segment sees, where it was mounted.
        format!("/segment/sys/fs/cgroup/{controller}/{name}"),
        format!("/segment/sys/fs/cgroup/{name}"),
        format!("/sys/fs/cgroup/{controller}/{name}"),
        format!("/sys/fs/cgroup/{name}"),
    ];
    let path = paths
        .iter()
        .find(|path| fs::metadata(path).is_ok())
        .ok_or_else(|| io::Error::from_raw_os_error(libc::ENOENT))?;
    let most = if name.contains("pids") || name.contains("cfs") {
        "-1"
    } else {
        "9223372036854771712"
    };
    fs::write(path, most).or_else(|_| fs::write(path, "max"))?;
    Ok(Outcome::Done)
}

/// Out of the segment's cgroups, by a path above their roots.
fn move_out() -> Attempted {
    let mut last = io::Error::from_raw_os_error(libc::ENOENT);
    for group in ["memory", "pids", "cpu", "."] {
        for above in ["..", "../..", "../../.."] {
            let path = format!("/sys/fs/cgroup/{group}/{above}/cgroup.procs");
            // Above the mount there is a directory of another file system.
            if !path.contains("/./") && group == "." {
                continue;
            }
            match fs::write(&path, "0") {
                Ok(()) if fs::metadata(&path).is_ok_and(|found| found.len() == 0) => {
                    let own = fs::read_to_string("/proc/self/cgroup")?;
                    if own.lines().any(|line| line.contains("/..")) {
                        return Ok(Outcome::Done);
                    }
                }
                Ok(()) => {}
                Err(why) => last = why,
            }
        }
    }
    Err(last)
}

/// A user namespace with an id in it that is not the segment's.
fn map_id(outside: &str) -> Attempted {
    unshare(libc::CLONE_NEWUSER)?;
    fs::write("/proc/self/uid_map", format!("0 {outside} 1"))?;
    Ok(Outcome::Done)
}

/// Puts a character into a terminal's input, as if it had been typed.
fn type_into_terminal() -> Attempted {
    // SAFETY: a new session, then calls on descriptors of our own; the character is read only.
    unsafe {
        libc::setsid();
        let main = check(libc::posix_openpt(libc::O_RDWR).into())?;
        let main = i32::try_from(main).map_err(io::Error::other)?;
        check(libc::unlockpt(main).into())?;
        let mut name = [0; 64];
        check((-libc::ptsname_r(main, name.as_mut_ptr(), name.len())).into())?;
        let end = check(libc::open(name.as_ptr(), libc::O_RDWR).into())?;
        let end = i32::try_from(end).map_err(io::Error::other)?;
        check(libc::ioctl(end, libc::TIOCSTI, c("x").as_ptr()).into())?;
    }
    Ok(Outcome::Done)
}

/// The kernel's own addresses, for an exploit to aim at.
fn addresses_shown() -> Attempted {
    let symbols = fs::read_to_string("/proc/kallsyms")?;
    let is_shown = symbols
        .lines()
        .any(|line| !line.starts_with("0000000000000000") && line.contains(" T "));
    if is_shown {
        Ok(Outcome::Done)
    } else {
        Err(io::Error::from_raw_os_error(libc::EACCES))
    }
}

/// An answer of any kind, also a reset, shows that somebody is there.
fn connect(address: &str) -> Attempted {
    let address: SocketAddr = number(address)?;
    match TcpStream::connect_timeout(&address, ANSWERS_WITHIN) {
        Ok(_) => Ok(Outcome::Done),
        Err(why) if why.kind() == io::ErrorKind::ConnectionRefused => {
            Ok(Outcome::Saw("a-refusal".into()))
        }
        Err(why) if why.raw_os_error().is_none() => {
            Err(io::Error::from_raw_os_error(libc::ETIMEDOUT))
        }
        Err(why) => Err(why),
    }
}

/// As [`connect`], by UDP.
fn datagram(address: &str) -> Attempted {
    let address: SocketAddr = number(address)?;
    let socket = UdpSocket::bind("0.0.0.0:0")?;
    socket.connect(address)?;
    socket.set_read_timeout(Some(ANSWERS_WITHIN))?;
    socket.send(b"probe")?;
    match socket.recv(&mut [0; 64]) {
        Ok(_) => Ok(Outcome::Done),
        Err(why) if why.kind() == io::ErrorKind::WouldBlock => {
            Err(io::Error::from_raw_os_error(libc::ETIMEDOUT))
        }
        Err(why) if why.kind() == io::ErrorKind::ConnectionRefused => {
            Ok(Outcome::Saw("a-refusal".into()))
        }
        Err(why) => Err(why),
    }
}

/// Waits for one connection.
fn listen(port: u16, seconds: u64) -> Attempted {
    let listener = TcpListener::bind(("0.0.0.0", port))?;
    listener.set_nonblocking(true)?;
    let until = Instant::now() + Duration::from_secs(seconds);
    while Instant::now() < until {
        match listener.accept() {
            Ok(_) => return Ok(Outcome::Done),
            Err(why) if why.kind() == io::ErrorKind::WouldBlock => {
                std::thread::sleep(Duration::from_millis(20));
            }
            Err(why) => return Err(why),
        }
    }
    Err(io::Error::from_raw_os_error(libc::ETIMEDOUT))
}
