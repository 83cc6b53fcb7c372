//! Containers, as `docker run` and its kin see them.

use std::time::Duration;

use super::node;
use crate::lab::{CLUSTER, Lab};

pub fn containers_run_and_are_seen(lab: &mut Lab) {
    assert_eq!(
        lab.docker_ok(&["run", "--rm", "busybox", "echo", "hello"]),
        "hello"
    );
    for name in ["xa", "xb", "xc"] {
        lab.docker_ok(&["run", "-d", "--name", name, "busybox", "sleep", "300"]);
    }
    let names = lab.docker_ok(&["ps", "--format", "{{.Names}}"]);
    let mut nodes: Vec<&str> = names
        .lines()
        .filter_map(|name| name.split_once('/'))
        .map(|(node, _)| node)
        .collect();
    nodes.sort_unstable();
    assert_eq!(
        nodes,
        [node(1), node(2), node(3)],
        "spread puts one on each: {names}"
    );
    assert_eq!(lab.docker_ok(&["exec", "xa", "echo", "in"]), "in");
    let text = lab.docker_ok(&["inspect", "xb"]);
    assert!(
        text.contains("\"Node\": {") && text.contains(CLUSTER),
        "{text}"
    );
    lab.docker_ok(&["stop", "-t", "0", "xa"]);
    assert!(
        lab.docker_ok(&["ps", "-a", "--filter", "name=xa"])
            .contains("Exited (137)")
    );
    lab.docker_ok(&["rm", "xa"]);
    assert!(
        lab.docker_err(&["inspect", "xa"])
            .to_lowercase()
            .contains("no such object")
    );
    let info = lab.docker_ok(&["info"]);
    assert!(info.contains("Running: 2"), "{info}");
    for text in [
        "Role: primary",
        "Strategy: spread",
        "Nodes: 3",
        "Status: Healthy",
        "swarm/",
    ] {
        assert!(info.contains(text), "{text} in {info}");
    }
    for node in &lab.nodes {
        assert!(
            info.contains(&format!("{}: {}:42376", node.name, node.ip)),
            "{info}"
        );
    }
    assert!(lab.docker_ok(&["version"]).contains("swarm/"));
    // System containers are seen with -a only.
    assert!(!lab.docker_ok(&["ps", "--no-trunc"]).contains("swarm-"));
    assert_eq!(
        lab.docker_ok(&["ps", "-aq", "-f", "name=swarm-data"])
            .lines()
            .count(),
        3
    );
}

pub fn the_seed_s_commands_work(lab: &mut Lab) {
    let manager = lab.docker_ok(&["ps", "-aq", "-f", "name=swarm-manager", "-n", "1"]);
    let token = lab.docker_ok(&["inspect", "-f", "{{index .Config.Cmd 6}}", &manager]);
    assert_eq!(token, lab.token_url());
    let list = lab.swarm(&["list", &token]);
    assert_eq!(
        list.out.lines().collect::<Vec<_>>(),
        lab.discovery.entries()
    );
    let ls = [
        "run",
        "--rm",
        "--volumes-from",
        "swarm-data",
        "busybox",
        "ls",
        "/etc/docker",
    ];
    assert_eq!(
        lab.docker_ok(&ls),
        "ca.pem\nserver-cert.pem\nserver-key.pem"
    );
}

pub fn streams_end_at_both_ends(lab: &mut Lab) {
    // The client closes its input long before the output is done.
    let cat = lab.docker_fed(0, b"through\n", &["run", "-i", "--rm", "busybox", "cat"]);
    assert_eq!((cat.ok, cat.out.as_str()), (true, "through"), "{}", cat.err);
    let long: Vec<u8> = (0..400_000u32)
        .flat_map(|n| format!("{n}\n").into_bytes())
        .collect();
    let count = lab.docker_fed(0, &long, &["run", "-i", "--rm", "busybox", "wc", "-l"]);
    assert_eq!(count.out, "400000", "{}", count.err);
    lab.docker_ok(&["run", "-d", "--name", "stream", "busybox", "sleep", "300"]);
    let exec = lab.docker_fed(0, b"a\nb\n", &["exec", "-i", "stream", "wc", "-l"]);
    assert_eq!(exec.out, "2", "{}", exec.err);
    let words = lab.docker_ok(&["exec", "stream", "sh", "-c", "seq 1 300000 | md5sum"]);
    let all = lab.docker_ok(&["exec", "stream", "seq", "1", "300000"]);
    assert_eq!(all.lines().count(), 300_000);
    assert!(words.ends_with('-'), "{words}");
    assert!(!lab.docker(&["exec", "stream", "sh", "-c", "exit 7"]).ok);
    // Logs go on as they come.
    let script = "for i in 1 2 3; do echo line $i; sleep 0.2; done; sleep 300";
    lab.docker_ok(&[
        "run", "-d", "--name", "talker", "busybox", "sh", "-c", script,
    ]);
    let follow = lab.docker_background(0, &lab.alice, "follow.log", &["logs", "-f", "talker"]);
    lab.wait_until("the log is followed", Duration::from_secs(5), |lab| {
        lab.read("follow.log") == "line 1\nline 2\nline 3\n"
    });
    drop(follow);
    // A terminal, too.
    let tty = lab.docker_ok(&["run", "-t", "--rm", "busybox", "tty"]);
    assert_eq!(tty, "/dev/pts/0");
}

pub fn a_container_is_changed(lab: &mut Lab) {
    lab.docker_ok(&[
        "run", "-d", "--name", "old", "-m", "40m", "busybox", "sleep", "300",
    ]);
    let info = lab.docker_ok(&["info"]);
    assert!(info.contains("Reserved Memory: 40 MiB / "), "{info}");
    lab.docker_ok(&["rename", "old", "new"]);
    assert!(
        lab.docker_ok(&["ps", "--format", "{{.Names}}"])
            .ends_with("/new")
    );
    lab.docker_ok(&["pause", "new"]);
    assert!(
        lab.docker_ok(&["ps", "-f", "status=paused"])
            .contains("(Paused)")
    );
    lab.docker_ok(&["unpause", "new"]);
    let started = lab.docker_ok(&["inspect", "-f", "{{.State.StartedAt}}", "new"]);
    lab.docker_ok(&["restart", "-t", "0", "new"]);
    assert_ne!(
        started,
        lab.docker_ok(&["inspect", "-f", "{{.State.StartedAt}}", "new"])
    );
    lab.docker_ok(&["update", "-m", "60m", "--memory-swap", "120m", "new"]);
    let info = lab.docker_ok(&["info"]);
    assert!(info.contains("Reserved Memory: 60 MiB / "), "{info}");
    assert!(lab.docker_ok(&["top", "new"]).contains("sleep 300"));
    let stats = lab.docker_ok(&["stats", "--no-stream", "new"]);
    assert!(stats.contains("CPU %") && stats.contains("new"), "{stats}");
    let waiting = lab.docker_background(0, &lab.alice, "wait.log", &["wait", "new"]);
    std::thread::sleep(Duration::from_millis(300));
    lab.docker_ok(&["kill", "new"]);
    lab.wait_until("wait ends", Duration::from_secs(5), |lab| {
        lab.read("wait.log") == "137\n"
    });
    drop(waiting);
    let label = "{{index .Config.Labels \"com.docker.swarm.id\"}}";
    let swarm_id = lab.docker_ok(&["inspect", "-f", label, "new"]);
    assert_eq!(swarm_id.len(), 64);
    let by_swarm_id = lab.docker_ok(&["inspect", "-f", "{{.Name}}", &swarm_id]);
    assert_eq!(by_swarm_id, "/new");
    let name = format!(
        "{}/new",
        lab.docker_ok(&["inspect", "-f", "{{.Node.Name}}", "new"])
    );
    lab.docker_ok(&["rm", &name]);
}

pub fn files_go_in_and_out(lab: &mut Lab) {
    lab.docker_ok(&["run", "-d", "--name", "files", "busybox", "sleep", "300"]);
    std::fs::write(lab.path("in.txt"), "words").expect("a file");
    let file = lab.path("in.txt");
    lab.docker_ok(&["cp", &file.to_string_lossy(), "files:/tmp/in.txt"]);
    assert_eq!(
        lab.docker_ok(&["exec", "files", "cat", "/tmp/in.txt"]),
        "words"
    );
    let out = lab.path("out.txt");
    lab.docker_ok(&["cp", "files:/tmp/in.txt", &out.to_string_lossy()]);
    assert_eq!(lab.read("out.txt"), "words");
    assert!(lab.docker_ok(&["diff", "files"]).contains("A /tmp/in.txt"));
    let tar = lab.path("export.tar");
    lab.docker_ok(&["export", "-o", &tar.to_string_lossy(), "files"]);
    assert!(std::fs::metadata(&tar).expect("a file").len() > 500_000);
    lab.docker_ok(&["commit", "files", "committed:1"]);
    let cat = ["run", "--rm", "committed:1", "cat", "/tmp/in.txt"];
    assert_eq!(lab.docker_ok(&cat), "words");
    lab.docker_ok(&["rmi", "-f", "committed:1"]);
}

pub fn names_stay_unique(lab: &mut Lab) {
    let mut children = Vec::new();
    for k in 0..6 {
        let args = ["create", "--name", "only", "busybox", "true"];
        children.push((k, lab.docker_command(k % 3, &lab.alice, &args).output()));
    }
    drop(children);
    let threads: Vec<_> = (0..6)
        .map(|k| {
            let args = ["create", "--name", "one", "busybox", "true"];
            let mut command = lab.docker_command(k % 3, &lab.alice, &args);
            std::thread::spawn(move || command.output().expect("it runs"))
        })
        .collect();
    let said: Vec<_> = threads
        .into_iter()
        .map(|t| t.join().expect("no panic"))
        .collect();
    let good = said.iter().filter(|output| output.status.success()).count();
    assert_eq!(good, 1, "six at once, one wins");
    for output in said.iter().filter(|output| !output.status.success()) {
        let text = String::from_utf8_lossy(&output.stderr);
        assert!(text.contains("Conflict"), "{text}");
    }
    lab.docker_ok(&["create", "--name", "two", "busybox", "true"]);
    assert!(
        lab.docker_err(&["rename", "two", "one"])
            .contains("Conflict")
    );
    assert!(
        lab.docker_err(&["run", "--name", "two", "busybox"])
            .contains("Conflict")
    );
}

pub fn placing_follows_the_rules(lab: &mut Lab) {
    let at = |name: &str| lab.docker_ok(&["inspect", "-f", "{{.Node.Name}}", name]);
    for k in 1..=3 {
        let name = format!("port{k}");
        lab.docker_ok(&[
            "run", "-d", "--name", &name, "-p", "18080:80", "busybox", "sleep", "9",
        ]);
    }
    let fourth = lab.docker_err(&["run", "-d", "-p", "18080:80", "busybox", "sleep", "9"]);
    assert!(fourth.contains("18080"), "{fourth}");
    let port = lab.docker_ok(&["port", "port1", "80"]);
    assert!(
        port.starts_with("10.198.") && port.ends_with(":18080"),
        "{port}"
    );
    let constraint = format!("constraint:node=={}", node(2));
    lab.docker_ok(&[
        "run",
        "-d",
        "--name",
        "pinned",
        "-e",
        &constraint,
        "busybox",
        "sleep",
        "9",
    ]);
    assert_eq!(at("pinned"), node(2));
    let env = lab.docker_ok(&["inspect", "-f", "{{.Config.Env}}", "pinned"]);
    assert!(!env.contains("constraint"), "{env}");
    let with = "affinity:container==pinned";
    lab.docker_ok(&[
        "run", "-d", "--name", "friend", "-e", with, "busybox", "sleep", "9",
    ]);
    assert_eq!(at("friend"), node(2));
    let data = [
        "create", "--name", "store", "-v", "/data", "busybox", "true",
    ];
    lab.docker_ok(&data);
    lab.docker_ok(&[
        "run",
        "-d",
        "--name",
        "user",
        "--volumes-from",
        "store",
        "busybox",
        "true",
    ]);
    assert_eq!(at("user"), at("store"));
    let nowhere = lab.docker_err(&["run", "-e", "constraint:node==nobody", "busybox"]);
    assert!(nowhere.contains("Unable to find a node"), "{nowhere}");
    let huge = lab.docker_err(&["run", "-m", "1000g", "busybox"]);
    assert!(
        huge.contains("no resources available to schedule container"),
        "{huge}"
    );
}

pub fn events_come_from_everywhere(lab: &mut Lab) {
    let since = lab.docker_ok(&["run", "--rm", "busybox", "date", "+%s"]);
    let watcher = lab.docker_background(1, &lab.alice, "events.log", &["events"]);
    std::thread::sleep(Duration::from_millis(300));
    for k in 1..=3 {
        let constraint = format!("constraint:node=={}", node(k));
        lab.docker_ok(&["run", "--rm", "-e", &constraint, "busybox", "true"]);
    }
    lab.wait_until("events of all nodes", Duration::from_secs(5), |lab| {
        let text = lab.read("events.log");
        (1..=3).all(|k| text.contains(&format!("node.name={}", node(k))))
            && text.matches("container die").count() >= 3
    });
    drop(watcher);
    // The client rounds "now" down to a second.
    std::thread::sleep(Duration::from_millis(1100));
    let mut until = since.parse::<i64>().expect("seconds") + 60;
    let past = lab.docker(&[
        "events",
        "--since",
        &since,
        "--until",
        "0s",
        "--filter",
        "event=die",
    ]);
    assert!(
        past.out.matches("container die").count() >= 3,
        "{} {}",
        past.out,
        past.err
    );
    until -= 10_000;
    let none = lab.docker_ok(&["events", "--since", "1", "--until", &until.to_string()]);
    assert_eq!(none, "");
}

pub fn every_manager_answers(lab: &mut Lab) {
    lab.docker_ok(&["run", "-d", "--name", "seen", "busybox", "sleep", "300"]);
    for k in 0..3 {
        let said = lab.docker_at(k, &lab.alice, &["ps", "--format", "{{.Names}}"]);
        assert!(
            said.out.ends_with("/seen"),
            "{k}: {} {}",
            said.out,
            said.err
        );
        let exec = lab.docker_at(k, &lab.alice, &["exec", "seen", "echo", "hi"]);
        assert_eq!(exec.out, "hi", "{k}: {}", exec.err);
        let fed = lab.docker_fed(k, b"x\n", &["exec", "-i", "seen", "cat"]);
        assert_eq!(fed.out, "x", "{k}: {}", fed.err);
    }
}

/// Without a cluster's identity `manage` is the archived program: no policy, no other managers.
pub fn a_plain_classic_swarm_works(lab: &mut Lab) {
    let entries: Vec<String> = lab
        .nodes
        .iter()
        .map(|n| format!("{}:42376", n.ip))
        .collect();
    let file = lab.path("entries");
    std::fs::write(&file, entries[..2].join("\n")).expect("a file");
    let (manager, host) = lab.classic_manager(&file);
    let docker = |args: &[&str]| lab.docker_plain(&host, args);
    lab.wait_until("two nodes", Duration::from_secs(5), |_| {
        docker(&["info"]).out.matches("Status: Healthy").count() == 2
    });
    let run = [
        "run",
        "--rm",
        "--cap-drop",
        "CHOWN",
        "-v",
        "/etc:/x:ro",
        "busybox",
        "echo",
        "free",
    ];
    let said = docker(&run);
    assert_eq!(said.out, "free", "{}", said.err);
    // The file is read again at every heartbeat; one second here.
    std::fs::write(&file, entries[1..].join("\n")).expect("a file");
    lab.wait_until("one went, one came", Duration::from_secs(5), |_| {
        let info = docker(&["info"]).out;
        !info.contains(&entries[0]) && info.contains(&entries[2])
    });
    let list = lab.swarm(&["list", &format!("file://{}", file.display())]);
    assert_eq!(list.out.lines().collect::<Vec<_>>(), &entries[1..]);
    drop(manager);
}
