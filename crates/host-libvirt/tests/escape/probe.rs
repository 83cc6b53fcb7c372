//! The probe in a container of one segment's engine, and what it says.

use std::collections::BTreeMap;
use std::io::Write;
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::time::{Duration, Instant};

const IMAGE: &str = "probe:latest";
/// The longest line takes some ten seconds where the machine is not busy.
const ENDS_WITHIN: Duration = Duration::from_secs(60);

/// Where the probe stands.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum From {
    /// Root in a container such as the policy lets everybody have.
    Container,
    /// Root of the segment, as if the policy and the engine had both fallen: a privileged
    /// container in the segment's own namespaces, with its whole file system.
    Segment,
}

impl From {
    fn flags(self) -> &'static [&'static str] {
        match self {
            Self::Container => &[],
            Self::Segment => &[
                "--privileged",
                "--network=host",
                "--pid=host",
                "--uts=host",
                "--cgroupns=host",
                "--volume=/:/segment",
            ],
        }
    }
}

/// One segment's engine, past its manager and so past the policy.
pub struct Engine {
    docker: String,
}

impl Engine {
    /// `inside`: the segment's root as the host sees it.
    pub fn new(inside: &Path) -> Self {
        Self {
            docker: format!("unix://{}/run/docker.sock", inside.display()),
        }
    }

    pub fn docker(&self, arguments: &[&str]) -> Command {
        let mut docker = Command::new("docker");
        docker.args(["--host", &self.docker]).args(arguments);
        docker
    }

    /// Makes the image, of the probe alone.
    pub fn import(&self) {
        let dir = tempfile::tempdir().expect("a directory");
        std::fs::create_dir(dir.path().join("tmp")).expect("a directory");
        std::fs::copy(program(), dir.path().join("probe")).expect("the probe");
        let tar = dir.path().join("image.tar");
        let made = Command::new("tar")
            .args(["--owner=0", "--group=0", "-cf"])
            .arg(&tar)
            .arg("-C")
            .arg(dir.path())
            .args(["probe", "tmp"])
            .status();
        assert!(made.is_ok_and(|status| status.success()), "tar");
        let tar = tar.display().to_string();
        let done = self.docker(&["import", &tar, IMAGE]).output();
        let done = done.expect("docker (package docker-cli or docker.io)");
        assert!(done.status.success(), "{done:?}");
    }

    /// Starts the probe with these lines.
    pub fn begin(&self, from: From, more: &[&str], lines: &str) -> Running {
        let mut arguments = vec!["run", "--rm", "-i", "--log-driver=none"];
        arguments.extend(from.flags());
        arguments.extend(more);
        arguments.extend([IMAGE, "/probe"]);
        let mut child = self
            .docker(&arguments)
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .stderr(Stdio::piped())
            .spawn()
            .expect("docker");
        let mut stdin = child.stdin.take().expect("a pipe");
        stdin
            .write_all(lines.as_bytes())
            .expect("a probe that reads");
        Running(child)
    }

    /// Runs the probe with these lines; what it said by key.
    pub fn run(&self, from: From, lines: &str) -> BTreeMap<String, Outcome> {
        self.begin(from, &[], lines).end()
    }

    /// How long a container that does nothing takes from the command to its end.
    pub fn latency(&self) -> Duration {
        let began = Instant::now();
        let done = self
            .docker(&["run", "--rm", "--network=none", IMAGE, "/probe"])
            .stdin(Stdio::null())
            .output()
            .expect("docker");
        assert!(done.status.success(), "{done:?}");
        began.elapsed()
    }
}

pub struct Running(Child);

impl Running {
    /// What the probe had said by its end; all of it unless its engine came to harm.
    pub fn end(mut self) -> BTreeMap<String, Outcome> {
        let until = Instant::now() + ENDS_WITHIN;
        while self.0.try_wait().expect("docker").is_none() {
            if Instant::now() > until {
                let _ = self.0.kill();
            }
            std::thread::sleep(Duration::from_millis(20));
        }
        let output = self.0.wait_with_output().expect("docker's end");
        if !output.status.success() {
            eprintln!("docker: {}", String::from_utf8_lossy(&output.stderr).trim());
        }
        let text = String::from_utf8(output.stdout).expect("text");
        text.lines()
            .filter_map(|line| {
                let (key, outcome) = line.split_once(' ')?;
                Some((key.to_owned(), Outcome::parse(outcome)))
            })
            .collect()
    }
}

/// What became of an attempt.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Outcome {
    Done,
    Refused(i32),
    Killed(i32),
    Saw(String),
}

impl Outcome {
    fn parse(text: &str) -> Self {
        let number = |text: &str| text.trim().parse().unwrap_or(0);
        match text.split_once(' ') {
            Some(("refused", errno)) => Self::Refused(number(errno)),
            Some(("killed", signal)) => Self::Killed(number(signal)),
            Some(("saw", what)) => Self::Saw(what.trim().to_owned()),
            _ if text.trim() == "done" => Self::Done,
            _ => panic!("the probe said {text:?}"),
        }
    }
}

/// The probe, built beside the other static programs.
fn program() -> PathBuf {
    let target = Path::new(env!("CARGO_TARGET_TMPDIR"))
        .parent()
        .expect("because it is a folder in another");
    let program = target.join("x86_64-unknown-linux-gnu/static/probe");
    assert!(program.exists(), "build the probe: scripts/build.sh probe");
    program
}
