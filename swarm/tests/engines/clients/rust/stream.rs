//! What containers say, what is said to them, and what is told of them.

use std::time::{SystemTime, UNIX_EPOCH};

use ::bollard::Docker;
use ::bollard::container::LogOutput;
use ::bollard::errors::Error;
use ::bollard::exec::{CreateExecOptions, ResizeExecOptions, StartExecResults};
use ::bollard::models::HostConfig;
use ::bollard::query_parameters::{
    AttachContainerOptionsBuilder, EventsOptionsBuilder, LogsOptionsBuilder, StatsOptionsBuilder,
};
use futures::{Stream, StreamExt as _, TryStreamExt as _};
use tokio::io::AsyncWriteExt as _;

use super::{anywhere, filter, on, removed, started};

/// What came on either output.
#[derive(Debug, Default, PartialEq)]
struct Spoken {
    out: String,
    err: String,
}

async fn all(stream: impl Stream<Item = Result<LogOutput, Error>>) -> Spoken {
    let pieces: Vec<LogOutput> = stream.try_collect().await.expect("a whole stream");
    let mut spoken = Spoken::default();
    for piece in pieces {
        match &piece {
            LogOutput::StdErr { .. } => spoken.err.push_str(&piece.to_string()),
            _ => spoken.out.push_str(&piece.to_string()),
        }
    }
    spoken
}

pub async fn logs_and_execs(docker: &Docker) {
    let script = "echo out; echo bad >&2; sleep 1; echo late";
    started(docker, "rust-log", on(1, &["sh", "-c", script])).await;
    let follow = LogsOptionsBuilder::new().stdout(true).stderr(true);
    let spoken = all(docker.logs("rust-log", Some(follow.follow(true).build()))).await;
    assert_eq!((&*spoken.out, &*spoken.err), ("out\nlate\n", "bad\n"));
    let last = LogsOptionsBuilder::new().stdout(true).tail("1").build();
    assert_eq!(all(docker.logs("rust-log", Some(last))).await.out, "late\n");
    removed(docker, "rust-log").await;

    started(docker, "rust-exec", on(3, &["sleep", "60"])).await;
    let (spoken, code) = exec(docker, "echo $WORD; pwd; echo bad >&2; exit 5").await;
    assert_eq!((&*spoken.out, &*spoken.err), ("said\n/tmp\n", "bad\n"));
    assert_eq!(code, Some(5));
    terminal(docker).await;
    removed(docker, "rust-exec").await;
}

async fn exec(docker: &Docker, script: &str) -> (Spoken, Option<i64>) {
    let options = CreateExecOptions {
        attach_stdout: Some(true),
        attach_stderr: Some(true),
        env: Some(vec!["WORD=said"]),
        cmd: Some(vec!["sh", "-c", script]),
        working_dir: Some("/tmp"),
        ..CreateExecOptions::default()
    };
    let made = docker
        .create_exec("rust-exec", options)
        .await
        .expect("exec");
    let StartExecResults::Attached { output, .. } =
        docker.start_exec(&made.id, None).await.expect("a start")
    else {
        panic!("detached, and nobody asked for it");
    };
    let spoken = all(output).await;
    let ended = docker.inspect_exec(&made.id).await.expect("inspect");
    (spoken, ended.exit_code)
}

async fn terminal(docker: &Docker) {
    let options = CreateExecOptions {
        attach_stdin: Some(true),
        attach_stdout: Some(true),
        tty: Some(true),
        cmd: Some(vec!["sh", "-c", "read a; stty size"]),
        ..CreateExecOptions::default()
    };
    let made = docker
        .create_exec("rust-exec", options)
        .await
        .expect("exec");
    let StartExecResults::Attached { output, mut input } =
        docker.start_exec(&made.id, None).await.expect("a start")
    else {
        panic!("detached, and nobody asked for it");
    };
    let (height, width) = (17, 71);
    docker
        .resize_exec(&made.id, ResizeExecOptions { height, width })
        .await
        .expect("resize");
    input.write_all(b"\n").await.expect("it takes it");
    let spoken = all(output).await;
    assert!(spoken.out.contains("17 71"), "{spoken:?}");
}

pub async fn attached_input_comes_back(docker: &Docker) {
    let mut body = anywhere(&["cat"]);
    body.open_stdin = Some(true);
    body.stdin_once = Some(true);
    body.attach_stdin = Some(true);
    docker
        .create_container(super::named("rust-cat"), body)
        .await
        .expect("create");
    let options = AttachContainerOptionsBuilder::new()
        .stdin(true)
        .stdout(true)
        .stderr(true)
        .stream(true);
    let mut attached = docker
        .attach_container("rust-cat", Some(options.build()))
        .await
        .expect("attach");
    docker
        .start_container("rust-cat", None)
        .await
        .expect("start");
    attached
        .input
        .write_all(b"to and fro\n")
        .await
        .expect("it takes it");
    let first = attached.output.next().await.expect("an echo");
    assert_eq!(first.expect("a frame").to_string(), "to and fro\n");
    // The end of the input is the end of `cat`, and of the stream.
    attached.input.shutdown().await.expect("an end");
    assert_eq!(all(attached.output).await, Spoken::default());
    removed(docker, "rust-cat").await;
}

pub async fn events_and_stats(docker: &Docker) {
    let now = || {
        SystemTime::now()
            .duration_since(UNIX_EPOCH)
            .expect("after 1970")
            .as_secs()
    };
    let began = now();
    let mut body = anywhere(&["sleep", "60"]);
    body.host_config = Some(HostConfig {
        memory: Some(64 << 20),
        ..HostConfig::default()
    });
    let id = started(docker, "rust-seen", body).await;
    let once = StatsOptionsBuilder::new().stream(false).build();
    let once: Vec<_> = docker
        .stats("rust-seen", Some(once))
        .try_collect()
        .await
        .expect("stats");
    assert_eq!(once.len(), 1);
    let memory = once[0].memory_stats.as_ref().expect("memory");
    assert_eq!(memory.limit, Some(64 << 20));
    let twice: Vec<_> = docker
        .stats("rust-seen", None)
        .take(2)
        .try_collect()
        .await
        .expect("stats");
    assert!(twice.iter().all(|stats| stats.id.as_ref() == Some(&id)));
    removed(docker, "rust-seen").await;

    let past = EventsOptionsBuilder::new()
        .since(&began.to_string())
        .until(&(now() + 1).to_string())
        .filters(&filter("container", &id));
    let events: Vec<_> = docker
        .events(Some(past.build()))
        .try_collect()
        .await
        .expect("events");
    let actions: Vec<&str> = events.iter().filter_map(|e| e.action.as_deref()).collect();
    for action in ["create", "start", "die", "destroy"] {
        assert!(actions.contains(&action), "{action} in {actions:?}");
    }
    let actor = events[0].actor.as_ref().expect("an actor");
    let attributes = actor.attributes.as_ref().expect("attributes");
    assert!(attributes.contains_key("node.name"), "{attributes:?}");
}
