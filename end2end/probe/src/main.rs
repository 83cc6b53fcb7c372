//! Tries what nobody in a segment may do, one line an attempt, and says how it ended.
//!
//! Reads `KEY VERB ARGUMENT…` lines (words without spaces) on standard input and writes
//! `KEY done`, `KEY refused ERRNO`, `KEY killed SIGNAL` or `KEY saw WHAT`. Every attempt is a
//! process of its own, all run side by side: one that is killed takes no other with it, and one
//! that waits does not hold the others up. It asks for nothing that would harm a host on which it
//! succeeded.
#![expect(
    unsafe_code,
    reason = "the attempts are system calls that no safe wrapper offers, and must not"
)]

mod attempt;
mod call;
mod exhaust;
mod link;

use std::io::{BufRead, Read, Write};
use std::os::fd::FromRawFd;

/// How an attempt ended.
pub enum Outcome {
    Done,
    Saw(String),
    Refused(std::io::Error),
}

pub type Attempted = Result<Outcome, std::io::Error>;

fn main() {
    let mut attempts = Vec::new();
    for line in std::io::stdin().lock().lines().map_while(Result::ok) {
        let words: Vec<String> = line.split_whitespace().map(str::to_owned).collect();
        if let [key, verb, arguments @ ..] = words.as_slice() {
            attempts.push((key.clone(), begin(verb, arguments)));
        }
    }
    let mut stdout = std::io::stdout();
    for (key, attempt) in attempts {
        // Nobody may be left to hear it.
        let _ = writeln!(stdout, "{key} {}", end(attempt)).and_then(|()| stdout.flush());
    }
}

struct Running {
    pid: libc::pid_t,
    says: std::fs::File,
}

/// Starts an attempt in a child.
fn begin(verb: &str, arguments: &[String]) -> Running {
    let mut pipe = [0; 2];
    // SAFETY: the array has room for both descriptors.
    assert_eq!(unsafe { libc::pipe(pipe.as_mut_ptr()) }, 0, "a pipe");
    // SAFETY: this process has one thread.
    let pid = unsafe { libc::fork() };
    assert!(pid >= 0, "a child");
    // SAFETY: each side takes the end it uses and closes the other, once.
    unsafe {
        libc::close(pipe[usize::from(pid == 0) ^ 1]);
        let mut end = std::fs::File::from_raw_fd(pipe[usize::from(pid == 0)]);
        if pid != 0 {
            return Running { pid, says: end };
        }
        libc::alarm(60);
        let text = match attempt::run(verb, arguments) {
            Ok(Outcome::Done) => "done".to_owned(),
            Ok(Outcome::Saw(what)) => format!("saw {what}"),
            Ok(Outcome::Refused(why)) | Err(why) => {
                format!("refused {}", why.raw_os_error().unwrap_or(0))
            }
        };
        let _ = end.write_all(text.as_bytes());
        libc::_exit(0)
    }
}

fn end(mut attempt: Running) -> String {
    let mut text = String::new();
    let _ = attempt.says.read_to_string(&mut text);
    let mut status = 0;
    // SAFETY: the status is an int of ours.
    unsafe { libc::waitpid(attempt.pid, &raw mut status, 0) };
    if libc::WIFSIGNALED(status) {
        return format!("killed {}", libc::WTERMSIG(status));
    }
    text
}
