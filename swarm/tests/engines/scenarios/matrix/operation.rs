//! The kinds of calls, each long enough to be in the middle of.

use std::fs::File;
use std::io::Write;
use std::path::PathBuf;
use std::process::{Child, ChildStdin, Command, Stdio};
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, mpsc};
use std::time::{Duration, Instant};

use super::fault::{Fault, VICTIM};
use crate::lab::{Client, Lab, SLOW_PIECE, config_of};
use crate::scenarios::node;

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Operation {
    Create,
    Pull,
    Load,
    Attach,
    Logs,
    Build,
    Buildx,
    Exec,
}

/// All but the create, which cannot be under way for long.
const LONG: [Operation; 7] = [
    Operation::Build,
    Operation::Buildx,
    Operation::Attach,
    Operation::Logs,
    Operation::Exec,
    Operation::Load,
    // It comes to its end by itself, so it is the last to begin.
    Operation::Pull,
];

/// What the calls of one fault are about.
pub struct Stage {
    pub tag: String,
    pub fault: Fault,
    pub began: Instant,
    /// Somebody new, so that the builds go where the least is.
    person: Client,
    pub pulled: String,
    archive: Vec<u8>,
    context: String,
    begun: usize,
}

impl Stage {
    pub fn set(lab: &Lab, fault: Fault) -> Self {
        let tag = format!("{fault:?}").to_lowercase();
        let there = format!("constraint:node=={}", node(VICTIM + 1));
        let ticks = "while true; do echo tick; sleep 1; done";
        let held = format!("held-{tag}");
        let run = [
            "run", "-d", "--name", &held, "-e", &there, "busybox", "sh", "-c", ticks,
        ];
        lab.docker_ok(&run);
        for (k, name) in (0..VICTIM).flat_map(|k| (0..3).map(move |n| (k, format!("f{k}{n}-")))) {
            let (name, here) = (
                format!("{name}{tag}"),
                format!("constraint:node=={}", node(k + 1)),
            );
            lab.docker_ok(&["create", "--name", &name, "-e", &here, "busybox"]);
        }
        let slow = format!("slow-{tag}");
        lab.registry.image_put(&slow, layer(lab, &slow));
        let loaded = layer(lab, &format!("loaded-{tag}"));
        let config = config_of(&loaded);
        let manifest = format!(
            r#"[{{"Config":"config.json","RepoTags":["loaded-{tag}:1"],"Layers":["layer.tar"]}}]"#
        );
        let archive = lab.tar_make(&[
            ("manifest.json", manifest.as_bytes()),
            ("config.json", &config),
            ("layer.tar", &loaded),
        ]);
        let context = lab.path(&format!("context-{tag}"));
        std::fs::create_dir_all(&context).expect("a directory");
        // Only where it is to be seen it comes to its end.
        let sleep = if fault == Fault::EngineSlow { 6 } else { 90 };
        let dockerfile = format!("FROM busybox\nRUN echo {tag}x; sleep {sleep}\n");
        std::fs::write(context.join("Dockerfile"), dockerfile).expect("a file");
        Self {
            person: lab.certs.client(&tag, crate::lab::CLUSTER),
            pulled: format!("{}/{slow}:1", lab.registry.address),
            context: context.to_string_lossy().into_owned(),
            begun: lab.registry.slow_begun(),
            tag,
            fault,
            began: Instant::now(),
            archive,
        }
    }

    /// What the calls would make, by name.
    pub fn images(&self) -> [String; 4] {
        let tag = &self.tag;
        [
            self.pulled.clone(),
            format!("loaded-{tag}:1"),
            format!("built-{tag}:1"),
            format!("boxed-{tag}:1"),
        ]
    }

    pub fn start(&self, lab: &Lab, operation: Operation) -> Call {
        let tag = &self.tag;
        let there = format!("constraint:node=={}", node(VICTIM + 1));
        let (held, made) = (format!("held-{tag}"), format!("made-{tag}"));
        let [pulled, _, built, boxed] = self.images();
        let args: Vec<&str> = match operation {
            Operation::Create => vec!["create", "--name", &made, "-e", &there, "busybox"],
            Operation::Pull => vec!["pull", &pulled],
            Operation::Load => vec!["load"],
            Operation::Attach => vec!["attach", "--no-stdin", "--sig-proxy=false", &held],
            Operation::Logs => vec!["logs", "-f", &held],
            Operation::Build => vec![
                "build",
                "--force-rm",
                "--build-arg",
                &there,
                "-t",
                &built,
                &self.context,
            ],
            Operation::Buildx => vec![
                "buildx",
                "build",
                "--progress=plain",
                "-t",
                &boxed,
                &self.context,
            ],
            Operation::Exec => vec!["exec", "-i", &held, "cat"],
        };
        let mut command = match operation {
            Operation::Buildx => lab
                .docker_with_plugins(self.fault.manager(), &args)
                .unwrap_or_else(|| Command::new("false")),
            _ => lab.docker_command(self.fault.manager(), &self.person, &args),
        };
        command.env("DOCKER_CERT_PATH", &self.person.dir);
        Call::start(lab, operation, command, self)
    }

    pub fn clear(&self, lab: &Lab) {
        lab.containers_remove();
        for k in 0..lab.nodes.len() {
            for image in self.images() {
                lab.engine(k, &["rmi", "-f", &image]);
            }
        }
    }

    fn is_under_way(&self, lab: &Lab, call: &Call) -> bool {
        match call.operation {
            Operation::Create => true,
            Operation::Pull => lab.registry.slow_begun() >= self.begun + lab.nodes.len(),
            Operation::Load => call.is_half.load(Ordering::Relaxed),
            Operation::Attach | Operation::Logs => call.said().contains("tick"),
            Operation::Build | Operation::Buildx => {
                call.said().contains(&format!("\n{}x", self.tag))
                    || call.said().contains(&format!(" {}x\n", self.tag))
            }
            Operation::Exec => call.said().contains("something"),
        }
    }
}

/// A layer like no other, which takes the registry its time.
fn layer(lab: &Lab, seed: &str) -> Vec<u8> {
    let mut state = seed.bytes().fold(7_u64, |state, byte| {
        state.wrapping_mul(31).wrapping_add(u64::from(byte))
    });
    let noise: Vec<u8> = (0..8 * SLOW_PIECE)
        .map(|_| {
            state = state
                .wrapping_mul(6_364_136_223_846_793_005)
                .wrapping_add(1);
            (state >> 56) as u8
        })
        .collect();
    lab.tar_make(&[("noise", &noise)])
}

/// Starts all and waits until each is in its middle.
pub fn start_all(lab: &Lab, stage: &Stage) -> Vec<Call> {
    let has_buildx = lab.docker_with_plugins(0, &[]).is_some();
    if !has_buildx {
        println!("  without buildx: CARINA_TEST_CLIENTS names no folder of clients");
    }
    let wanted = LONG
        .into_iter()
        .filter(|operation| *operation != Operation::Buildx || has_buildx);
    let (last, first): (Vec<_>, Vec<_>) = wanted.partition(|one| *one == Operation::Pull);
    let mut calls: Vec<Call> = Vec::new();
    for operations in [first, last] {
        let started = operations.into_iter().map(|one| stage.start(lab, one));
        let from = calls.len();
        calls.extend(started);
        for call in &calls[from..] {
            let what = format!("{:?} is under way", call.operation);
            lab.wait_until(&what, Duration::from_secs(20), |lab| {
                stage.is_under_way(lab, call)
            });
        }
    }
    calls
}

/// A client at work.
pub struct Call {
    pub operation: Operation,
    child: Child,
    log: PathBuf,
    /// Whether half of what there is to send was sent.
    is_half: Arc<AtomicBool>,
    /// Sends the other half.
    rest: Option<mpsc::Sender<()>>,
    /// Kept open.
    input: Option<ChildStdin>,
    ended: Option<(bool, Instant)>,
}

impl Call {
    fn start(lab: &Lab, operation: Operation, mut command: Command, stage: &Stage) -> Self {
        let log = lab.path(&format!("{}-{operation:?}.log", stage.tag));
        let file = File::create(&log).expect("a log");
        command
            .stdout(file.try_clone().expect("a second handle"))
            .stderr(file)
            .stdin(Stdio::piped());
        let mut child = command.spawn().expect("it starts");
        let mut input = child.stdin.take();
        let (is_half, mut rest) = (Arc::new(AtomicBool::new(false)), None);
        if operation == Operation::Load {
            let (go_on, wait) = mpsc::channel();
            rest = Some(go_on);
            let (half, mut input) = (Arc::clone(&is_half), input.take().expect("a pipe"));
            let archive = stage.archive.clone();
            std::thread::spawn(move || {
                let (first, second) = archive.split_at(archive.len() / 2);
                let _ = input.write_all(first);
                half.store(true, Ordering::Relaxed);
                if wait.recv().is_ok() {
                    // Whoever is refused meanwhile says so himself.
                    let _ = input.write_all(second);
                }
            });
        }
        if operation == Operation::Exec {
            let input = input.as_mut().expect("a pipe");
            input.write_all(b"something\n").expect("room");
        }
        Self {
            operation,
            child,
            log,
            is_half,
            rest,
            input,
            ended: None,
        }
    }

    /// Sends what is left to send.
    pub fn go_on(&mut self) {
        if let Some(rest) = self.rest.take() {
            let _ = rest.send(());
        }
    }

    pub fn kill(&mut self) {
        // Its input stays open: it does not end, it is gone.
        let _ = self.child.kill();
        let _ = self.child.wait();
    }

    /// Whether it has succeeded, and when, once it has ended.
    pub fn ended(&mut self) -> Option<(bool, Instant)> {
        if self.ended.is_none()
            && let Some(status) = self.child.try_wait().expect("our child")
        {
            self.ended = Some((status.success(), Instant::now()));
        }
        self.ended
    }

    pub fn said(&self) -> String {
        std::fs::read_to_string(&self.log).unwrap_or_default()
    }

    pub fn end(mut self) {
        self.kill();
        drop(self.input.take());
    }
}
