//! The known ways round, with real engines behind the manager: what the policy refuses changes
//! nothing on any engine, and what is beyond the policy is held by the engine itself.

use std::path::PathBuf;

use crate::lab::{Lab, Raw};
use crate::ways::{Ask, asks};

/// What stands only in the world of the engines that take notes: ids, and services of theirs.
const NOT_HERE: [&str; 19] = [
    "500",
    "501",
    "\"5\"",
    "511",
    "512",
    "/5/",
    "/5?",
    "/50?",
    "e01",
    "e11",
    "ea0",
    "sha256:02",
    "/services/web",
    "/services/bad",
    "/nodes/n2",
    "swhost",
    "swingress",
    "swmine",
    "remote:",
];

pub fn every_known_way_round_is_refused(lab: &mut Lab) {
    lab.docker_ok(&["run", "-d", "--name", "web", "busybox", "sleep", "1000"]);
    lab.docker_ok(&["network", "create", "mynet"]);
    // Past the manager, as before there was a policy.
    let old = [
        "create",
        "--name",
        "old",
        "--privileged",
        "--label",
        "com.docker.swarm.id=old",
        "busybox",
    ];
    lab.engine_ok(0, &old);
    let evil = [
        "volume",
        "create",
        "-o",
        "type=none",
        "-o",
        "o=bind",
        "-o",
        "device=/",
        "evil",
    ];
    lab.engine_ok(0, &evil);
    lab.wait_until("all is seen", std::time::Duration::from_secs(10), |lab| {
        lab.docker(&["inspect", "old"]).ok && lab.docker(&["volume", "inspect", "evil"]).ok
    });
    let is_here = |ask: &Ask| {
        let text = format!("{} {}", ask.request, String::from_utf8_lossy(&ask.body));
        !NOT_HERE.iter().any(|part| text.contains(part))
    };
    let began = now(lab);
    let (mut count, mut wrong) = (0, Vec::new());
    for ask in asks().iter().filter(|ask| is_here(ask)) {
        count += 1;
        let answer = send(lab, ask);
        let expect = match ask.expect {
            1000.. => format!("CARINA-{}: ", ask.expect),
            status => format!("HTTP/1.1 {status} "),
        };
        if !answer.contains(&expect) {
            wrong.push(format!(
                "{} {}: not {expect} but {answer}",
                ask.id, ask.request
            ));
        }
    }
    println!("  {count} requests");
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
    assert!(count > 300, "most of the table applies here");
    let until = now(lab);
    for k in 0..lab.nodes.len() {
        let events = [
            "events",
            "--since",
            &began,
            "--until",
            &until,
            "--format",
            "{{.Type}} {{.Action}} {{.Actor.Attributes.name}} {{.Actor.ID}}",
        ];
        let seen = lab.engine_ok(k, &events);
        // The engines' swarm may still be settling by itself.
        let of_swarm = |line: &&str| {
            let own = [
                "node ",
                "network create ingress",
                "network create docker_gwbridge",
            ];
            !own.iter().any(|begin| line.starts_with(begin))
        };
        let seen: Vec<&str> = seen.lines().filter(of_swarm).collect();
        assert!(
            seen.is_empty(),
            "something happened on engine {k}: {seen:#?}"
        );
    }
    lab.engine_ok(0, &["rm", "old"]);
    lab.engine_ok(0, &["volume", "rm", "evil"]);
    lab.docker_ok(&["rm", "-f", "web"]);
    lab.docker_ok(&["network", "rm", "mynet"]);
}

fn now(lab: &Lab) -> String {
    lab.engine_ok(0, &["info", "--format", "{{.SystemTime}}"])
}

fn send(lab: &Lab, ask: &Ask) -> String {
    let mut raw = Raw::open(lab, 0);
    let mut head = format!(
        "{} HTTP/1.1\r\nHost: docker\r\nConnection: close\r\n",
        ask.request
    );
    if !ask.body.is_empty() {
        let length = ask.body.len();
        head.push_str(&format!(
            "Content-Type: application/json\r\nContent-Length: {length}\r\n"
        ));
    }
    head.push_str("\r\n");
    raw.write(&[head.as_bytes(), &ask.body].concat());
    String::from_utf8_lossy(&raw.rest()).into_owned()
}

/// A file of the machine's, which no container may see.
fn secret(lab: &Lab) -> PathBuf {
    let path = lab.path("secret-of-the-machine");
    std::fs::write(&path, SECRET).expect("a file");
    path
}

const SECRET: &str = "nobody-may-read-this-4711";

fn context(lab: &Lab, name: &str, dockerfile: &str) -> PathBuf {
    let context = lab.path(name);
    std::fs::create_dir_all(&context).expect("a directory");
    std::fs::write(context.join("Dockerfile"), dockerfile).expect("a file");
    context
}

/// An image's working directory in a descriptor of runc's, and volumes over the kernel's directories.
pub fn images_declare_nothing_more(lab: &mut Lab) {
    let secret = secret(lab);
    let up = format!("../../../../../../../../..{}", secret.display());
    for fd in [7, 8, 9] {
        let context = context(
            lab,
            "fd",
            &format!("FROM busybox\nWORKDIR /proc/self/fd/{fd}\n"),
        );
        let built = lab.docker(&["build", "-t", "fd:1", &context.to_string_lossy()]);
        if !built.ok {
            continue;
        }
        for command in [
            &["run", "--rm", "fd:1"][..],
            &["run", "--rm", "-v", "data:/data", "fd:1"],
        ] {
            let said = lab.docker(&[command, &["cat", &up]].concat());
            assert!(!said.out.contains(SECRET), "{command:?}: {}", said.out);
        }
        lab.docker_ok(&["rmi", "-f", "fd:1"]);
    }
    let context = context(
        lab,
        "volumes",
        "FROM busybox\nVOLUME [\"/proc\", \"/sys\", \"/dev\"]\n",
    );
    if lab
        .docker(&["build", "-t", "volumes:1", &context.to_string_lossy()])
        .ok
    {
        let write = "echo x > /proc/sys/kernel/core_pattern && echo WON; mknod /dev/x b 8 0 && dd if=/dev/x count=1 && echo WON";
        let said = lab.docker(&["run", "--rm", "volumes:1", "sh", "-c", write]);
        assert!(
            !said.out.contains("WON") || !kernel_has("x"),
            "{}",
            said.out
        );
        lab.docker_ok(&["rmi", "-f", "volumes:1"]);
    }
}

/// Is this the kernel's core pattern now?
fn kernel_has(text: &str) -> bool {
    let pattern = std::fs::read_to_string("/proc/sys/kernel/core_pattern");
    pattern.is_ok_and(|pattern| pattern.trim() == text)
}

/// Links in a container's files and in its volumes, followed by `docker cp` and by mounts.
pub fn links_lead_nowhere(lab: &mut Lab) {
    let secret = secret(lab);
    let (dir, path) = (lab.path(""), secret.display());
    let links = format!(
        "ln -s {path} /leak; ln -s {} /out; ln -s {path} /v/leak; ln -s / /v/root; mkdir -p /lib; \
         echo no library > /lib/libnss_files.so.2; echo ready; sleep 1000",
        dir.display()
    );
    lab.docker_ok(&[
        "run", "-d", "--name", "links", "-v", "links:/v", "busybox", "sh", "-c", &links,
    ]);
    lab.wait_until(
        "the links are there",
        std::time::Duration::from_secs(10),
        |lab| lab.docker(&["logs", "links"]).out.contains("ready"),
    );
    for args in [
        &["cp", "links:/leak", "-"][..],
        &["cp", "-L", "links:/leak", "-"],
        &["cp", "links:/out/secret-of-the-machine", "-"],
        &["cp", "links:/v/leak", "-"],
        &["cp", "links:/v/root/etc/hostname", "-"],
        &["run", "--rm", "-v", "links:/w", "busybox", "cat", "/w/leak"],
        &[
            "run",
            "--rm",
            "-v",
            "links:/w",
            "busybox",
            "cat",
            &format!("/w/root{path}"),
        ],
        &["export", "links"],
    ] {
        let said = lab.docker(args);
        assert!(!said.out.contains(SECRET), "{args:?}");
    }
    let file = lab.path("sent");
    std::fs::write(&file, "sent").expect("a file");
    let sent = file.to_string_lossy().into_owned();
    lab.docker(&["cp", &sent, "links:/out/arrived"]);
    assert!(!lab.path("arrived").exists(), "a copy went through a link");
    lab.docker_ok(&["rm", "-f", "links"]);
    lab.docker_ok(&["volume", "rm", "links"]);
}

pub fn a_dockerfile_keeps_to_its_context(lab: &mut Lab) {
    let secret = secret(lab);
    for line in [
        "ADD ../secret-of-the-machine /got",
        "COPY ../../../../../../../../secret-of-the-machine /got",
        "COPY link /got",
        "COPY root/secret-of-the-machine /got",
    ] {
        let context = context(
            lab,
            "outside",
            &format!("FROM busybox\n{line}\nRUN cat /got\n"),
        );
        for (link, target) in [("link", secret.clone()), ("root", lab.path(""))] {
            let link = context.join(link);
            let _ = std::fs::remove_file(&link);
            std::os::unix::fs::symlink(target, link).expect("a link");
        }
        // As a tar, so that the client has not looked at it.
        let mut tar = std::process::Command::new("tar");
        tar.arg("-C").arg(&context).args(["-c", "."]);
        let tar = tar.output().expect("a tar").stdout;
        let said = lab.docker_fed(0, &tar, &["build", "-"]);
        assert!(
            !said.ok && !said.out.contains(SECRET),
            "{line}: {} {}",
            said.out,
            said.err
        );
    }
}

/// A container that waits for runc to enter it, to write over it.
pub fn runc_keeps_its_own_file(lab: &mut Lab) {
    let wait = "while :; do for p in /proc/[0-9]*; do \
                case \"$(cat $p/cmdline 2>/dev/null)\" in *runc*) \
                (echo '#!/bin/sh' > $p/exe) 2>/dev/null && echo WON; esac; done; done";
    lab.docker_ok(&["run", "-d", "--name", "waits", "busybox", "sh", "-c", wait]);
    for _ in 0..5 {
        lab.docker(&["exec", "waits", "/proc/self/exe", "true"]);
        lab.docker(&["exec", "waits", "true"]);
    }
    let logs = lab.docker_ok(&["logs", "waits"]);
    assert!(!logs.contains("WON"), "{logs}");
    lab.docker_ok(&["rm", "-f", "waits"]);
    assert_eq!(
        lab.docker_ok(&["run", "--rm", "busybox", "echo", "still"]),
        "still"
    );
}

pub fn a_container_has_no_release_agent(lab: &mut Lab) {
    let tries = "mkdir -p /tmp/c; for t in rdma memory devices freezer; do \
                 mount -t cgroup -o $t cgroup /tmp/c && echo WON; \
                 unshare -UrmC sh -c \"mount -t cgroup -o $t cgroup /tmp/c && echo WON\"; done; \
                 find /sys/fs/cgroup -name release_agent -type f | while read f; do echo x > $f && echo WON; done; true";
    let said = lab.docker(&["run", "--rm", "busybox", "sh", "-c", tries]);
    assert!(!said.out.contains("WON"), "{}", said.out);
}
