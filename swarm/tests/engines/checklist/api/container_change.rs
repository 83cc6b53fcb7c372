//! A container's life: started, held, renamed, limited, ended.

use std::time::{Duration, Instant};

use super::{Line, Seed, passes};
use crate::lab::Lab;

pub const LINES: &[Line] = &[
    passes(
        "api/kill",
        Seed::Yes,
        "the exit code is 137",
        kill_gives_137,
    ),
    passes("api/pause", Seed::Yes, "paused in ps", pause_holds),
    passes(
        "api/unpause",
        Seed::Yes,
        "running again in ps",
        unpause_lets_go,
    ),
    passes("api/start", Seed::Yes, "running in ps", start_starts),
    passes("api/stop", Seed::Yes, "exited in ps", stop_stops),
    passes(
        "api/restart",
        Seed::Yes,
        "StartedAt changes",
        restart_starts_anew,
    ),
    passes(
        "api/rename",
        Seed::Yes,
        "the name moves; a taken one is a conflict",
        rename_moves_the_name,
    ),
    passes(
        "api/rename",
        Seed::Yes,
        "to an id that exists fails",
        rename_to_an_id_fails,
    ),
    passes(
        "api/rm",
        Seed::Yes,
        "of a stopped one",
        rm_removes_a_stopped_one,
    ),
    passes(
        "api/rm",
        Seed::Yes,
        "of a running one fails, with -f not",
        rm_of_a_running_one,
    ),
    passes(
        "api/update",
        Seed::Later,
        "limits change, and with them what info says is reserved",
        update_changes_limits,
    ),
    passes(
        "api/wait",
        Seed::Yes,
        "0 within five seconds",
        wait_gives_the_exit_code,
    ),
];

fn kill_gives_137(lab: &mut Lab) {
    lab.ok("run -d --name one busybox sleep 300");
    lab.ok("kill one");
    assert!(lab.ok("ps -a -f name=one").contains("Exited (137)"));
    assert_eq!(lab.ok("inspect -f {{.State.ExitCode}} one"), "137");
}

fn pause_holds(lab: &mut Lab) {
    lab.ok("run -d --name one busybox sleep 300");
    lab.ok("pause one");
    assert_eq!(count(lab, "paused"), 1);
    assert!(lab.ok("ps -f status=paused").contains("(Paused)"));
    lab.ok("unpause one");
}

fn unpause_lets_go(lab: &mut Lab) {
    lab.ok("run -d --name one busybox sleep 300");
    lab.ok("pause one");
    lab.ok("unpause one");
    assert_eq!(count(lab, "paused"), 0);
    assert_eq!(count(lab, "running"), 1);
}

fn start_starts(lab: &mut Lab) {
    lab.ok("create --name one busybox sleep 300");
    assert_eq!(lab.ok("ps -q"), "");
    lab.ok("start one");
    assert_eq!(count(lab, "running"), 1);
}

fn stop_stops(lab: &mut Lab) {
    lab.ok("run -d --name one busybox sleep 300");
    lab.ok("stop -t 0 one");
    assert_eq!(count(lab, "running"), 0);
    assert!(lab.ok("ps -a -f name=one").contains("Exited"));
}

fn restart_starts_anew(lab: &mut Lab) {
    lab.ok("run -d --name one busybox sleep 300");
    let started = lab.ok("inspect -f {{.State.StartedAt}} one");
    lab.ok("restart -t 0 one");
    assert_ne!(lab.ok("inspect -f {{.State.StartedAt}} one"), started);
    assert_eq!(count(lab, "running"), 1);
}

fn rename_moves_the_name(lab: &mut Lab) {
    let id = lab.ok("create --name one busybox");
    lab.ok("create --name two busybox");
    let text = lab.fails("rename one two");
    assert!(text.contains("Conflict"), "{text}");
    lab.ok("rename one three");
    assert_eq!(lab.ok("inspect -f {{.Id}} three"), id);
    assert!(!lab.say("inspect one").ok);
}

fn rename_to_an_id_fails(lab: &mut Lab) {
    let id = lab.ok("create --name one busybox");
    lab.ok("create --name two busybox");
    let text = lab.fails(&format!("rename two {id}"));
    assert!(text.contains("Conflict"), "{text}");
    let name = lab.ok("inspect -f {{.Name}} two");
    assert_eq!(name, "/two");
}

fn rm_removes_a_stopped_one(lab: &mut Lab) {
    lab.ok("create --name one busybox");
    lab.ok("rm one");
    assert_eq!(lab.ok("ps -aq -f name=^one$"), "");
    let text = lab.fails("rm one").to_lowercase();
    assert!(text.contains("no such container"), "{text}");
}

fn rm_of_a_running_one(lab: &mut Lab) {
    lab.ok("run -d --name one busybox sleep 300");
    let text = lab.fails("rm one");
    assert!(text.contains("running"), "{text}");
    lab.ok("rm -f one");
    assert_eq!(lab.ok("ps -aq -f name=^one$"), "");
}

fn update_changes_limits(lab: &mut Lab) {
    lab.ok(&format!(
        "run -d --name one -m 40m {} busybox sleep 300",
        lab.at(1)
    ));
    assert!(lab.ok("info").contains("Reserved Memory: 40 MiB / "));
    lab.ok("update -m 100m --memory-swap 200m --cpu-quota 50000 one");
    let limits = "inspect -f '{{.HostConfig.Memory}} {{.HostConfig.CpuQuota}}' one";
    assert_eq!(lab.ok(limits), "104857600 50000");
    let info = lab.ok("info");
    assert!(info.contains("Reserved Memory: 100 MiB / "), "{info}");
    assert!(!info.contains("Reserved Memory: 40 MiB / "), "{info}");
}

fn wait_gives_the_exit_code(lab: &mut Lab) {
    lab.ok("run -d --name one busybox sleep 1");
    let began = Instant::now();
    assert_eq!(lab.ok("wait one"), "0");
    assert!(began.elapsed() < Duration::from_secs(5));
}

fn count(lab: &Lab, status: &str) -> usize {
    lab.ok(&format!("ps -aq -f status={status}"))
        .lines()
        .count()
}
