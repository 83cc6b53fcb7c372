//! Children that never outlive the test.

use std::fs::File;
use std::path::Path;
use std::process::{Child, Command, Output, Stdio};
use std::time::{Duration, Instant};

pub struct Process(Child);

impl Process {
    pub fn start(mut command: Command, log: &Path) -> Self {
        let log = File::options().create(true).append(true).open(log).expect("a log");
        let copy = log.try_clone().expect("a second handle");
        command.stdin(Stdio::null()).stdout(log).stderr(copy);
        Self(command.spawn().expect("it starts"))
    }

    fn signal(&self, signal: &str) {
        let _ = Command::new("kill").args([signal, &self.0.id().to_string()]).output();
    }

    /// Frozen: it holds its connections and answers nothing.
    pub fn freeze(&self) {
        self.signal("-STOP");
    }

    pub fn thaw(&self) {
        self.signal("-CONT");
    }

    /// Asks it to end, and insists after `limit`.
    pub fn stop(mut self, limit: Duration) {
        self.signal("-TERM");
        let end = Instant::now() + limit;
        while Instant::now() < end {
            if self.0.try_wait().expect("our child").is_some() {
                return;
            }
            std::thread::sleep(Duration::from_millis(10));
        }
    }
}

impl Drop for Process {
    fn drop(&mut self) {
        let _ = self.0.kill();
        let _ = self.0.wait();
    }
}

/// Runs to the end, but not for ever.
pub fn run(mut command: Command) -> Output {
    let mut limited = Command::new("timeout");
    limited.arg("60").arg(command.get_program()).args(command.get_args());
    for (key, value) in command.get_envs() {
        match value {
            Some(value) => limited.env(key, value),
            None => limited.env_remove(key),
        };
    }
    command = limited;
    command.stdin(Stdio::null()).output().expect("it runs")
}

/// Runs what has to succeed.
pub fn run_quiet(command: Command) {
    let what = format!("{command:?}");
    let output = run(command);
    assert!(
        output.status.success(),
        "{what}: {}",
        String::from_utf8_lossy(&output.stderr)
    );
}
