//! One container: made, looked at, changed, gone.

use std::time::Duration;

use super::{Line, Seed, dead, passes};
use crate::lab::Lab;

pub const LINES: &[Line] = &[
    passes(
        "api/attach",
        Seed::Yes,
        "input reaches the container through attach",
        attach_reaches_stdin,
    ),
    dead(
        "api/attach",
        Seed::Yes,
        "attach by websocket",
        "skipped in the archived suite; tried with the streams, among the scenarios",
    ),
    passes(
        "api/commit",
        Seed::Yes,
        "a committed image is listed",
        commit_is_listed,
    ),
    passes(
        "api/cp",
        Seed::Yes,
        "a file that is copied out is the same",
        cp_gives_the_file,
    ),
    passes(
        "api/create",
        Seed::Yes,
        "what is created is the last in ps",
        create_is_last,
    ),
    passes(
        "api/create",
        Seed::Yes,
        "a name may be an id or its beginning",
        create_may_be_named_like_an_id,
    ),
    passes(
        "api/diff",
        Seed::Yes,
        "nothing at first, then the file that was touched",
        diff_shows_changes,
    ),
    passes(
        "api/exec",
        Seed::Yes,
        "exec where nothing runs: \"is not running\"; its output where something does",
        exec_needs_a_running_one,
    ),
    passes("api/exec", Seed::Yes, "exec -d", exec_in_the_background),
    passes("api/export", Seed::Yes, "a tar archive", export_is_a_tar),
    passes(
        "api/logs",
        Seed::Yes,
        "lines in their order",
        logs_are_in_order,
    ),
    passes(
        "api/logs",
        Seed::Yes,
        "of a dead node: \"running on unhealthy node\"",
        logs_of_a_dead_node,
    ),
    passes("api/stats", Seed::Yes, "its columns", stats_has_its_columns),
    passes(
        "api/top",
        Seed::Yes,
        "its columns and the process",
        top_shows_processes,
    ),
    passes("api/port", Seed::Yes, "docker port", port_is_told),
    passes(
        "api/port",
        Seed::Yes,
        "three runs at once of an image that has to be pulled, each with -p",
        port_runs_in_parallel,
    ),
];

fn attach_reaches_stdin(lab: &mut Lab) {
    lab.ok("run -d -i --name one busybox head -n 1");
    let said = lab.docker_fed(0, b"through attach\n", &["attach", "one"]);
    assert!(said.ok, "{}", said.err);
    assert_eq!(lab.ok("logs one"), "through attach");
}

fn commit_is_listed(lab: &mut Lab) {
    lab.ok("run --name one busybox touch /made");
    lab.ok("commit one h-commit:1");
    assert!(lab.ok("images").contains("h-commit"));
    assert_eq!(lab.ok("run --rm h-commit:1 ls /made"), "/made");
    lab.ok("rm one");
    lab.ok("rmi -f h-commit:1");
}

fn cp_gives_the_file(lab: &mut Lab) {
    lab.ok("run -d --name one busybox sleep 300");
    let out = lab.path("busybox-out");
    lab.ok(&format!("cp one:/bin/busybox {}", out.display()));
    let sum = lab.ok("exec one md5sum /bin/busybox");
    let bytes = std::fs::read(&out).expect("a copy");
    assert_eq!(bytes, std::fs::read("/bin/busybox").expect("its source"));
    assert!(sum.ends_with("/bin/busybox"), "{sum}");
}

fn create_is_last(lab: &mut Lab) {
    let id = lab.ok("create --name one busybox sleep 300");
    let last = lab.ok("ps -l --no-trunc");
    assert_eq!(last.lines().count(), 2, "{last}");
    assert!(last.contains(&id) && last.contains("Created"), "{last}");
}

fn create_may_be_named_like_an_id(lab: &mut Lab) {
    let id = lab.ok("create busybox");
    for name in [&id[..6], &id[..12], &id[..]] {
        let other = lab.ok(&format!("create --name {name} busybox"));
        assert_ne!(other, id);
    }
    // Ids go before names.
    for reference in [&id[..12], &id[..]] {
        assert_eq!(lab.ok(&format!("inspect -f {{{{.Id}}}} {reference}")), id);
    }
}

fn diff_shows_changes(lab: &mut Lab) {
    lab.ok("run -d --name one busybox sleep 300");
    assert_eq!(lab.ok("diff one"), "");
    lab.ok("exec one touch /home-made");
    assert_eq!(lab.ok("diff one"), "A /home-made");
}

fn exec_needs_a_running_one(lab: &mut Lab) {
    lab.ok("create --name one busybox sleep 300");
    let text = lab.fails("exec one echo hi");
    assert!(text.contains("is not running"), "{text}");
    lab.ok("start one");
    assert_eq!(lab.ok("exec one echo hi"), "hi");
}

fn exec_in_the_background(lab: &mut Lab) {
    lab.ok("run -d --name one busybox sleep 300");
    assert_eq!(lab.ok("exec -d one touch /touched"), "");
    lab.wait_until("it was done", Duration::from_secs(5), |lab| {
        lab.say("exec one ls /touched").ok
    });
}

fn export_is_a_tar(lab: &mut Lab) {
    lab.ok("run -d --name one busybox sleep 300");
    let tar = lab.path("exported.tar");
    lab.ok(&format!("export -o {} one", tar.display()));
    let mut list = std::process::Command::new("tar");
    let list = list.arg("-tf").arg(&tar).output().expect("tar runs");
    assert!(list.status.success());
    assert!(String::from_utf8_lossy(&list.stdout).contains("bin/busybox"));
}

fn logs_are_in_order(lab: &mut Lab) {
    lab.ok("run --name one busybox sh -c 'echo one; echo two; echo three'");
    assert_eq!(lab.ok("logs one"), "one\ntwo\nthree");
    assert_eq!(lab.ok("logs --tail 1 one"), "three");
}

fn logs_of_a_dead_node(lab: &mut Lab) {
    lab.ok(&format!(
        "run -d --name one {} busybox sleep 300",
        lab.at(2)
    ));
    super::node_down(lab, 2);
    let text = lab.fails("logs one");
    assert!(text.contains(" running on unhealthy node "), "{text}");
    super::node_up(lab, 2);
    assert_eq!(lab.ok("logs one"), "");
}

fn stats_has_its_columns(lab: &mut Lab) {
    lab.ok("run -d --name one busybox sleep 300");
    let stats = lab.ok("stats --no-stream one");
    for text in ["CPU %", "MEM USAGE", "LIMIT", "one "] {
        assert!(stats.contains(text), "{text} in {stats}");
    }
}

fn top_shows_processes(lab: &mut Lab) {
    lab.ok("run -d --name one busybox sleep 500");
    let top = lab.ok("top one");
    for text in ["UID", "PID", "CMD", "sleep 500"] {
        assert!(top.contains(text), "{text} in {top}");
    }
}

fn port_is_told(lab: &mut Lab) {
    lab.ok("run -d --name one -p 28000:80 busybox sleep 300");
    let at = lab.nodes[lab.node_of("one")].ip;
    let port = lab.ok("port one");
    assert!(
        port.contains(&format!("80/tcp -> {at}:28000")),
        "the node's own address: {port}"
    );
    assert!(
        lab.ok("ps -f name=one --format {{.Ports}}")
            .contains(&format!("{at}:28000->80/tcp"))
    );
}

/// An image that no node has yet, and a port that only one container a node can have.
fn port_runs_in_parallel(lab: &mut Lab) {
    let image = super::registry_image(lab, "h-port");
    let runs: Vec<_> = (0..3)
        .map(|_| {
            let args = [
                "run", "-d", "-p", "8888", "-p", "28001:1", &image, "sleep", "300",
            ];
            let mut command = lab.docker_command(0, &lab.alice, &args);
            std::thread::spawn(move || command.output().expect("it runs"))
        })
        .collect();
    for run in runs {
        let output = run.join().expect("no panic");
        let text = String::from_utf8_lossy(&output.stderr);
        assert!(output.status.success(), "{text}");
    }
    assert_eq!(lab.ok("ps -q -f expose=8888").lines().count(), 3);
    lab.containers_remove();
    lab.ok(&format!("rmi -f {image}"));
}
