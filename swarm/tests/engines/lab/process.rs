//! Children that never outlive the test.

use std::fs::File;
use std::io::Write as _;
use std::path::Path;
use std::process::{Child, Command, Output, Stdio};
use std::time::{Duration, Instant};

pub struct Process(Child);

impl Process {
    pub fn start(mut command: Command, log: &Path) -> Self {
        let log = File::options()
            .create(true)
            .append(true)
            .open(log)
            .expect("a log");
        let copy = log.try_clone().expect("a second handle");
        command.stdin(Stdio::null()).stdout(log).stderr(copy);
        Self(command.spawn().expect("it starts"))
    }

    pub fn id(&self) -> u32 {
        self.0.id()
    }

    /// Sockets that it has open.
    pub fn sockets(&self) -> usize {
        let fds = std::fs::read_dir(format!("/proc/{}/fd", self.0.id()));
        fds.into_iter()
            .flatten()
            .flatten()
            .filter_map(|fd| std::fs::read_link(fd.path()).ok())
            .filter(|target| target.to_string_lossy().starts_with("socket:"))
            .count()
    }

    pub fn is_running(&mut self) -> bool {
        self.0.try_wait().expect("our child").is_none()
    }

    fn signal(&self, signal: &str) {
        let _ = Command::new("kill")
            .args([signal, &self.0.id().to_string()])
            .output();
    }

    /// It reads its configuration again.
    pub fn reload(&self) {
        self.signal("-HUP");
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
pub fn run(command: Command) -> Output {
    run_fed(command, b"")
}

pub fn run_fed(command: Command, input: &[u8]) -> Output {
    run_limited(command, input, 60)
}

/// Something that may take its time, in seconds.
pub fn run_within(command: Command, limit: u32) -> Output {
    run_limited(command, b"", limit)
}

fn run_limited(command: Command, input: &[u8], limit: u32) -> Output {
    let mut limited = Command::new("timeout");
    limited
        .arg(limit.to_string())
        .arg(command.get_program())
        .args(command.get_args());
    for (key, value) in command.get_envs() {
        match value {
            Some(value) => limited.env(key, value),
            None => limited.env_remove(key),
        };
    }
    limited
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .stderr(Stdio::piped());
    let mut child = limited.spawn().expect("it starts");
    let mut stdin = child.stdin.take().expect("a pipe");
    let input = input.to_vec();
    // Beside the reading: a full pipe each way would wait for ever. It ends with the child.
    let feeding = std::thread::spawn(move || stdin.write_all(&input));
    let output = child.wait_with_output().expect("it ends");
    let _ = feeding.join();
    output
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
