//! Frames as they are, past the kernel's own stack.

use std::io;
use std::os::fd::{AsRawFd, FromRawFd, OwnedFd};
use std::time::{Duration, Instant};

use crate::call::{c, check};
use crate::{Attempted, Outcome};

/// Begins what a sniffer looks for; a letter follows.
const MAGIC: &[u8] = b"carina-probe-";

/// A raw socket on a link.
fn open(link: &str) -> io::Result<OwnedFd> {
    let all = u16::to_be(libc::ETH_P_ALL as u16);
    // SAFETY: a new descriptor is taken over; the name is a C string; the address is a plain
    // struct whose size is told.
    unsafe {
        let fd = check(libc::socket(libc::AF_PACKET, libc::SOCK_RAW, i32::from(all)).into())?;
        let fd = OwnedFd::from_raw_fd(i32::try_from(fd).map_err(io::Error::other)?);
        let mut address: libc::sockaddr_ll = std::mem::zeroed();
        address.sll_family = libc::AF_PACKET as u16;
        address.sll_protocol = all;
        address.sll_ifindex = libc::if_nametoindex(c(link).as_ptr()).cast_signed();
        let size = size_of::<libc::sockaddr_ll>() as libc::socklen_t;
        check(libc::bind(fd.as_raw_fd(), (&raw const address).cast(), size).into())?;
        Ok(fd)
    }
}

/// Sends one frame, given in hex.
pub fn send(link: &str, frame: &str) -> Attempted {
    let frame: Vec<u8> = (0..frame.len() / 2)
        .map(|at| u8::from_str_radix(&frame[at * 2..at * 2 + 2], 16))
        .collect::<Result<_, _>>()
        .map_err(io::Error::other)?;
    let socket = open(link)?;
    // The other side may have just begun to listen.
    for _ in 0..3 {
        // SAFETY: the kernel reads as many bytes as it is told.
        let sent = unsafe { libc::send(socket.as_raw_fd(), frame.as_ptr().cast(), frame.len(), 0) };
        check(sent as libc::c_long)?;
        std::thread::sleep(Duration::from_millis(200));
    }
    Ok(Outcome::Done)
}

/// The letters after the magic in all frames that come in, sorted, each once; `-` for none.
pub fn sniff(link: &str, seconds: u64) -> Attempted {
    let socket = open(link)?;
    let until = Instant::now() + Duration::from_secs(seconds);
    let mut seen = std::collections::BTreeSet::new();
    let mut frame = [0_u8; 2048];
    while Instant::now() < until {
        let mut poll = libc::pollfd {
            fd: socket.as_raw_fd(),
            events: libc::POLLIN,
            revents: 0,
        };
        // SAFETY: one descriptor is waited for; the kernel writes at most the buffer's length.
        let length = unsafe {
            if libc::poll(&raw mut poll, 1, 100) < 1 {
                continue;
            }
            libc::recv(
                socket.as_raw_fd(),
                frame.as_mut_ptr().cast(),
                frame.len(),
                0,
            )
        };
        let Ok(length) = usize::try_from(length) else {
            continue;
        };
        let found = frame[..length]
            .windows(MAGIC.len() + 1)
            .find(|window| window.starts_with(MAGIC));
        if let Some([.., letter]) = found {
            seen.insert(char::from(*letter));
        }
    }
    let seen: String = seen.into_iter().collect();
    Ok(Outcome::Saw(if seen.is_empty() {
        "-".into()
    } else {
        seen
    }))
}
