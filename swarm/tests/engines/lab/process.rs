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

/// Every process whose command line has `mark`, and all that descend from them.
pub fn tree_of(mark: &str) -> Vec<u32> {
    let processes: Vec<(u32, u32, String)> = std::fs::read_dir("/proc")
        .into_iter()
        .flatten()
        .flatten()
        .filter_map(|entry| {
            let id: u32 = entry.file_name().to_string_lossy().parse().ok()?;
            let stat = std::fs::read_to_string(entry.path().join("stat")).ok()?;
            // Behind the name, which may hold anything: the state and the parent.
            let parent = stat.rsplit_once(')')?.1.split_whitespace().nth(1)?;
            let line = std::fs::read(entry.path().join("cmdline")).ok()?;
            let line = String::from_utf8_lossy(&line).into_owned();
            Some((id, parent.parse().ok()?, line))
        })
        .collect();
    let own = std::process::id();
    let marked = |line: &str| line.contains(mark) && !line.starts_with("docker\0");
    let mut tree: Vec<u32> = processes
        .iter()
        .filter(|(id, _, line)| *id != own && marked(line))
        .map(|(id, _, _)| *id)
        .collect();
    let mut at = 0;
    while at < tree.len() {
        let children = processes
            .iter()
            .filter(|(_, parent, _)| *parent == tree[at]);
        let new: Vec<u32> = children
            .map(|(id, _, _)| *id)
            .filter(|id| !tree.contains(id))
            .collect();
        tree.extend(new);
        at += 1;
    }
    tree
}

/// Sends a signal to all of them.
pub fn signal_all(processes: &[u32], signal: &str) {
    let ids = processes.iter().map(u32::to_string);
    let _ = Command::new("kill").arg(signal).args(ids).output();
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
