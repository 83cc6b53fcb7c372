//! Streams at their ends and in their speed.

use std::process::{Command, Stdio};
use std::time::{Duration, Instant};

use crate::lab::{Lab, Process, Raw, api};

const TCP: [(&str, &str); 2] = [("Connection", "Upgrade"), ("Upgrade", "tcp")];

fn attach(lab: &Lab, name: &str, query: &str) -> Raw {
    let mut raw = Raw::open(lab, 0);
    let target = format!("POST /containers/{name}/attach?stream=1&stdin=1&stdout=1{query}");
    let answer = raw.head(&target, &TCP);
    assert!(answer.starts_with("HTTP/1.1 101 "), "{answer}");
    raw
}

pub fn a_terminal_is_attached_and_left(lab: &mut Lab) {
    lab.docker_ok(&["run", "-dit", "--name", "terminal", "busybox", "sh"]);
    let mut raw = attach(lab, "terminal", "&detachKeys=ctrl-x%2Cq");
    let resize = "POST /containers/terminal/resize?h=33&w=99";
    let (status, text) =
        api(&lab.certs, lab.nodes[0].ip, Some(&lab.alice), resize, "").expect("an answer");
    assert_eq!(status, 200, "{text}");
    raw.write(b"stty size\n");
    raw.until(b"33 99");
    // The keys end the connection, not the container.
    raw.write(&[0x18, b'q']);
    raw.rest();
    let running = lab.docker_ok(&["inspect", "-f", "{{.State.Running}}", "terminal"]);
    assert_eq!(running, "true");
}

pub fn a_half_closed_stream_still_answers(lab: &mut Lab) {
    let script = "cat; sleep 0.3; echo the end";
    lab.docker_ok(&[
        "create", "-i", "--name", "half", "busybox", "sh", "-c", script,
    ]);
    let mut raw = attach(lab, "half", "");
    lab.docker_ok(&["start", "half"]);
    raw.write(b"before\n");
    raw.until(b"before\n");
    raw.write_end();
    let rest = raw.rest();
    let rest = String::from_utf8_lossy(&rest);
    assert!(rest.contains("the end"), "{rest:?}");
}

/// What managers and agents have open, all together.
pub fn sockets(lab: &Lab) -> usize {
    let nodes = lab.nodes.iter();
    nodes
        .flat_map(|node| [&node.manager, &node.agent])
        .flatten()
        .map(Process::sockets)
        .sum()
}

pub fn who_goes_away_leaves_nothing(lab: &mut Lab) {
    lab.docker_ok(&["run", "-di", "--name", "silent", "busybox", "sleep", "600"]);
    // A client that has closed its input and then dies is not among them: as with an engine alone,
    // it is noticed with the next byte of output.
    // None of them ever hears a word from the container, so only their own end can be noticed.
    for args in [
        &[][..],
        &["logs", "-f", "silent"],
        &["stats", "silent"],
        &["exec", "-i", "silent", "sleep", "2"],
    ] {
        let before = sockets(lab);
        let (mut raws, mut clients) = (Vec::new(), Vec::new());
        for round in 0..6 {
            if args.is_empty() {
                raws.push(attach(lab, "silent", ""));
            } else {
                clients.push(lab.docker_background(round % 3, &lab.alice, "gone.log", args));
            }
        }
        lab.wait_until("they are connected", Duration::from_secs(10), |lab| {
            sockets(lab) >= before + 18
        });
        // Killed, not closed.
        drop((raws, clients));
        // Kept connections are no leak, but there are few of them.
        lab.wait_until(
            &format!("{args:?} leaves nothing"),
            Duration::from_secs(10),
            |lab| sockets(lab) <= before + 10,
        );
    }
    let before = sockets(lab);
    let build = ["build", "-t", "never:1", "-"];
    let mut command = lab.docker_command(0, &lab.alice, &build);
    command
        .stdin(Stdio::piped())
        .stdout(Stdio::null())
        .stderr(Stdio::null());
    let mut child = command.spawn().expect("it starts");
    std::io::Write::write_all(child.stdin.as_mut().expect("a pipe"), &[0; 1 << 16]).expect("room");
    let _ = child.kill();
    let _ = child.wait();
    lab.wait_until("nor of the build", Duration::from_secs(10), |lab| {
        sockets(lab) <= before + 10
    });
}

/// MiB a second of what `docker` prints, at the manager or at the engine itself.
fn speed(mut command: Command, mib: u32) -> f64 {
    let began = Instant::now();
    let status = command.stdout(Stdio::null()).stderr(Stdio::null()).status();
    assert!(status.expect("it runs").success(), "{command:?}");
    f64::from(mib) / began.elapsed().as_secs_f64()
}

/// Only printed: what a stream loses on its way depends on how the program was built.
pub fn streams_have_their_speed(lab: &mut Lab) {
    const MIB: u32 = 128;
    lab.docker_ok(&["run", "-d", "--name", "source", "busybox", "sleep", "600"]);
    let node = lab.docker_ok(&["inspect", "-f", "{{.Node.Name}}", "source"]);
    let k = lab.nodes.iter().position(|n| n.name == node).expect("ours");
    let bytes = (MIB << 20).to_string();
    let exec = ["exec", "source", "head", "-c", &bytes, "/dev/zero"];
    lab.docker_ok(&[
        "exec",
        "source",
        "sh",
        "-c",
        "head -c 67108864 /dev/zero > /big",
    ]);
    let copy = ["cp", "source:/big", "-"];
    let context = lab.path("big-context");
    std::fs::create_dir_all(&context).expect("a directory");
    std::fs::write(context.join("Dockerfile"), "FROM busybox\n").expect("a file");
    std::fs::write(context.join("big"), vec![7; 64 << 20]).expect("a file");
    let build = ["build", "-q", &context.to_string_lossy()];
    for (what, args, mib) in [
        ("exec", &exec[..], MIB),
        ("cp", &copy, 64),
        ("build", &build, 64),
    ] {
        let mut figures = Vec::new();
        for _ in 0..3 {
            let through = speed(lab.docker_command(0, &lab.alice, args), mib);
            let mut command = Command::new("docker");
            command
                .args(args)
                .env(
                    "DOCKER_HOST",
                    format!("unix://{}", lab.nodes[k].socket().display()),
                )
                .env("DOCKER_BUILDKIT", "0");
            figures.push((through, speed(command, mib)));
        }
        let best = |of: fn(&(f64, f64)) -> f64| figures.iter().map(of).fold(0.0, f64::max);
        let (through, direct) = (best(|pair| pair.0), best(|pair| pair.1));
        println!(
            "  {what}: {through:.0} MiB/s through manager and agent, {direct:.0} direct ({:.0} %)",
            100.0 * through / direct
        );
    }
}
