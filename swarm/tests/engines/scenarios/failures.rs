//! Managers and engines that die.

use std::time::{Duration, Instant};

use super::node;
use crate::lab::Lab;

pub fn another_manager_takes_over(lab: &mut Lab) {
    lab.docker_ok(&["run", "-d", "--name", "before", "busybox", "sleep", "300"]);
    // Killed: its port refuses.
    lab.nodes[0].manager = None;
    let began = Instant::now();
    let said = lab.docker_at(1, &lab.alice, &["ps", "--format", "{{.Names}}"]);
    assert!(said.out.ends_with("/before"), "{} {}", said.out, said.err);
    assert!(
        began.elapsed() < Duration::from_secs(3),
        "{:?}",
        began.elapsed()
    );
    let made = lab.docker_at(
        2,
        &lab.alice,
        &["run", "-d", "--name", "after", "busybox", "sleep", "300"],
    );
    assert!(made.ok, "{}", made.err);
    let twice = lab.docker_at(1, &lab.alice, &["create", "--name", "after", "busybox"]);
    assert!(twice.err.contains("Conflict"), "{}", twice.err);
    lab.manager_start(0);
    lab.wait_until("the first is back", Duration::from_secs(5), |lab| {
        lab.docker(&["ps", "--format", "{{.Names}}"])
            .out
            .contains("/after")
    });
    // Frozen: it keeps its connections and says nothing.
    if let Some(manager) = &lab.nodes[0].manager {
        manager.freeze();
    }
    lab.wait_until(
        "a frozen primary is passed over",
        Duration::from_secs(4),
        |lab| {
            let mut command = lab.docker_command(1, &lab.alice, &["ps", "-q"]);
            let mut limited = std::process::Command::new("timeout");
            limited
                .arg("2")
                .arg(command.get_program())
                .args(command.get_args());
            for (key, value) in command.get_envs() {
                limited.env(key, value.expect("set"));
            }
            command = limited;
            command.output().expect("it runs").status.success()
        },
    );
    if let Some(manager) = &lab.nodes[0].manager {
        manager.thaw();
    }
    lab.wait_until("the first is back again", Duration::from_secs(5), |lab| {
        lab.docker(&["ps", "-q"]).ok
    });
}

pub fn a_dead_engine_is_told_of(lab: &mut Lab) {
    let constraint = format!("constraint:node=={}", node(3));
    lab.docker_ok(&[
        "run",
        "-d",
        "--name",
        "lost",
        "-e",
        &constraint,
        "busybox",
        "sleep",
        "300",
    ]);
    let watcher = lab.docker_background(0, &lab.alice, "engine-events.log", &["events"]);
    std::thread::sleep(Duration::from_millis(300));
    lab.nodes[2].engine_stop();
    lab.nodes[2].agent = None;
    lab.wait_until("the node is unhealthy", Duration::from_secs(10), |lab| {
        lab.docker_ok(&["info"]).contains("Status: Unhealthy")
    });
    assert!(
        !lab.docker_ok(&["ps", "--format", "{{.Names}}"])
            .contains("lost")
    );
    assert!(
        lab.docker_ok(&["ps", "-a", "-f", "name=lost"])
            .contains("Host Down")
    );
    let logs = lab.docker_err(&["logs", "lost"]);
    assert!(logs.contains("running on unhealthy node"), "{logs}");
    for _ in 0..2 {
        assert_eq!(
            lab.docker_ok(&["run", "--rm", "busybox", "echo", "on"]),
            "on"
        );
    }
    lab.nodes[2].engine_start();
    lab.nodes[2].engine_wait();
    lab.agent_start(2);
    lab.wait_until("the node is back", Duration::from_secs(15), |lab| {
        lab.docker_ok(&["info"]).matches("Status: Healthy").count() == 3
    });
    let told = lab.read("engine-events.log");
    assert!(
        told.contains("engine_disconnect") && told.contains("engine_reconnect"),
        "{told}"
    );
    drop(watcher);
}
