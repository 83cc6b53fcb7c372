//! Children: those that are started here, and all the orphans that PID 1 inherits.

use std::collections::HashMap;
use std::fs::File;
use std::process::{Command, Stdio};
use std::sync::{Arc, Mutex, PoisonError};

use rustix::process::{Pid, Signal, WaitOptions, kill_process};
use tokio::signal::unix::{SignalKind, signal};
use tokio::sync::watch;

use super::Error;

type Ends = Arc<Mutex<HashMap<i32, watch::Sender<Option<End>>>>>;

/// How a child ended.
#[derive(Debug, Clone, Copy)]
struct End {
    is_success: bool,
}

/// Waits for everything that dies. The only place that calls `wait`.
pub struct Reaper {
    ends: Ends,
    children: tokio::signal::unix::Signal,
}

/// Starts children whose end the reaper tells.
#[derive(Clone)]
pub struct Spawner(Ends);

/// A running child.
pub struct Child {
    pub pid: Pid,
    end: watch::Receiver<Option<End>>,
}

impl Reaper {
    pub fn new() -> Result<Self, Error> {
        Ok(Self {
            ends: Ends::default(),
            children: signal(SignalKind::child())?,
        })
    }

    pub fn spawner(&self) -> Spawner {
        Spawner(Arc::clone(&self.ends))
    }

    /// Never returns.
    pub async fn run(&mut self) {
        loop {
            while let Ok(Some((pid, status))) = rustix::process::wait(WaitOptions::NOHANG) {
                let mut ends = self.ends.lock().unwrap_or_else(PoisonError::into_inner);
                if let Some(end) = ends.remove(&pid.as_raw_nonzero().get()) {
                    end.send_replace(Some(End {
                        is_success: status.exit_status() == Some(0),
                    }));
                }
            }
            self.children.recv().await;
        }
    }
}

impl Spawner {
    pub fn spawn(
        &self,
        program: &str,
        arguments: &[String],
        environment: &[(&str, &str)],
        output: &File,
    ) -> Result<Child, Error> {
        // Held over the start, so that the reaper cannot meet a child it does not know.
        let mut ends = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        let child = Command::new(program)
            .args(arguments)
            .env_clear()
            .env("PATH", "/usr/sbin:/usr/bin:/sbin:/bin")
            .env("HOME", "/root")
            .envs(environment.iter().copied())
            .stdin(Stdio::null())
            .stdout(output.try_clone()?)
            .stderr(output.try_clone()?)
            .spawn()
            .map_err(|why| format!("starting {program}: {why}"))?;
        let pid = Pid::from_raw(i32::try_from(child.id())?).ok_or("a child without a PID")?;
        let (sender, end) = watch::channel(None);
        ends.insert(pid.as_raw_nonzero().get(), sender);
        Ok(Child { pid, end })
    }
}

impl Child {
    pub async fn ended(&mut self) {
        // The sender goes away with the reaper only.
        let _ = self.end.wait_for(Option::is_some).await;
    }

    /// Waits for its end, too.
    pub async fn succeeded(&mut self) -> bool {
        let end = self.end.wait_for(Option::is_some).await;
        end.is_ok_and(|end| end.is_some_and(|end| end.is_success))
    }

    pub fn tell(&self, signal: Signal) {
        if self.end.borrow().is_none() {
            // It may have ended a moment ago.
            let _ = kill_process(self.pid, signal);
        }
    }
}

/// The last act of PID 1: everything else is asked, then made, to end; the disk is written.
pub fn end_all() {
    // To PID 1 "everything but me" means all of its namespace.
    let _ = rustix::process::kill_process_group(Pid::INIT, Signal::TERM);
    rustix::fs::sync();
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_child_has_the_environment_that_it_was_given_and_no_other() {
        let file = tempfile::NamedTempFile::new().expect("a file");
        let output = file.reopen().expect("opened again");
        let spawner = Spawner(Ends::default());
        let child = spawner.spawn("/usr/bin/env", &[], &[("GOGC", "50")], &output);
        // Not by a reaper: it would take other tests' children, too.
        let pid = child.expect("it starts").pid;
        rustix::process::waitpid(Some(pid), WaitOptions::empty()).expect("it ends");
        let text = std::fs::read_to_string(file.path()).expect("it is read");
        let mut entries: Vec<_> = text.lines().collect();
        entries.sort_unstable();
        let expect = [
            "GOGC=50",
            "HOME=/root",
            "PATH=/usr/sbin:/usr/bin:/sbin:/bin",
        ];
        assert_eq!(entries, expect);
    }
}
