//! `docker run`: where it goes, what it keeps, and what no node can give it.

use std::path::PathBuf;
use std::time::Duration;

use serde_json::{Value, json};

use super::{Line, Seed, dead, differs, passes};
use crate::lab::{Lab, Process};

pub const LINES: &[Line] = &[
    passes("api/run", Seed::Yes, "run", run_runs),
    passes(
        "api/run",
        Seed::Yes,
        "an image of 64 hexadecimal digits",
        run_of_a_64_digit_image,
    ),
    passes("api/run", Seed::Yes, "--rm", run_rm_leaves_nothing),
    passes("api/run", Seed::Yes, "by digest", run_by_digest),
    passes(
        "api/run",
        Seed::Yes,
        "flags arrive at the engine: those of every cluster",
        run_keeps_its_flags,
    ),
    differs(
        "api/run",
        Seed::Yes,
        "flags arrive at the engine: those that break isolation",
        run_keeps_its_flags_without_policy,
        "refused in a cluster; a manager without the policy passes them on",
    ),
    dead(
        "api/run",
        Seed::Later,
        "--kernel-memory",
        "engines and kernels of today have no such limit",
    ),
    passes("api/run", Seed::Later, "--ip", run_with_an_address),
    passes("api/run", Seed::Later, "--network-alias", run_with_an_alias),
    differs(
        "api/run",
        Seed::Yes,
        "an image that the best node lacks",
        run_where_the_image_is_missing,
        "the image is copied to the node, instead of the container going to the image; as there, nothing of it stays with the container",
    ),
    passes(
        "api/run",
        Seed::Yes,
        "an image that nobody has, and a hard constraint: the registry's error",
        run_with_a_hard_constraint_and_no_image,
    ),
    passes(
        "api/run",
        Seed::Yes,
        "a soft affinity to itself",
        run_with_a_soft_affinity_to_itself,
    ),
    differs(
        "api/run",
        Seed::Later,
        "an unknown volume driver: \"not found\"",
        run_with_an_unknown_volume_driver,
        "refused by policy at once; an engine says so only after it has looked for the driver for 15 s",
    ),
];

fn run_runs(lab: &mut Lab) {
    let id = lab.ok("run -d --name one busybox sleep 500");
    assert_eq!(id.len(), 64);
    assert!(lab.ok("ps --no-trunc").contains(&id));
    assert_eq!(lab.ok("inspect -f {{.State.Running}} one"), "true");
}

fn run_of_a_64_digit_image(lab: &mut Lab) {
    let image = "0123456789abcdef".repeat(4);
    let text = lab.fails(&format!("run -d {image}"));
    assert!(
        text.contains("cannot specify 64-byte hexadecimal strings"),
        "{text}"
    );
}

fn run_rm_leaves_nothing(lab: &mut Lab) {
    assert_eq!(lab.ok("run --rm --name one busybox echo hi"), "hi");
    assert_eq!(lab.ok("ps -aq -f name=^one$"), "");
}

fn run_by_digest(lab: &mut Lab) {
    let image = super::registry_image(lab, "h-rundigest");
    let digest = lab.registry.digest(&image).expect("it was pushed");
    let by_digest = format!("{image}@{digest}");
    assert_eq!(lab.ok(&format!("run --rm {by_digest} echo hi")), "hi");
    lab.ok(&format!("rmi {by_digest}"));
}

/// Those that the policy lets through, in a cluster with the policy.
fn run_keeps_its_flags(lab: &mut Lab) {
    lab.docker_ok(&[
        "create",
        "--name=one",
        "--add-host=host-test:127.0.0.1",
        "--label=a=b",
        "--read-only=true",
        "--ulimit=nofile=10:20",
        "--group-add=10",
        "-m=40m",
        "--memory-reservation=20m",
        "--dns=10.9.9.9",
        "--dns-opt=ndots:9",
        "--dns-search=example.org",
        "--stop-signal=SIGKILL",
        "--oom-score-adj=350",
        "--tmpfs=/tempfs:rw,noexec",
        "--shm-size=8m",
        "--cpu-shares=1",
        "--pids-limit=50",
        "--restart=on-failure:3",
        "--init",
        "--security-opt=no-new-privileges",
        "busybox",
    ]);
    let config = inspect(lab.ok("inspect one"));
    for (field, value) in [
        ("/HostConfig/ExtraHosts", json!(["host-test:127.0.0.1"])),
        ("/Config/Labels/a", json!("b")),
        ("/HostConfig/ReadonlyRootfs", json!(true)),
        ("/HostConfig/Ulimits/0/Hard", json!(20)),
        ("/HostConfig/GroupAdd", json!(["10"])),
        ("/HostConfig/Memory", json!(40 << 20)),
        ("/HostConfig/MemoryReservation", json!(20 << 20)),
        ("/HostConfig/Dns", json!(["10.9.9.9"])),
        ("/HostConfig/DnsOptions", json!(["ndots:9"])),
        ("/HostConfig/DnsSearch", json!(["example.org"])),
        ("/Config/StopSignal", json!("SIGKILL")),
        ("/HostConfig/OomScoreAdj", json!(350)),
        ("/HostConfig/Tmpfs", json!({"/tempfs": "rw,noexec"})),
        ("/HostConfig/ShmSize", json!(8 << 20)),
        ("/HostConfig/PidsLimit", json!(50)),
        ("/HostConfig/RestartPolicy/MaximumRetryCount", json!(3)),
        ("/HostConfig/Init", json!(true)),
        ("/HostConfig/SecurityOpt", json!(["no-new-privileges"])),
    ] {
        assert_eq!(config.pointer(field), Some(&value), "{field}");
    }
    for flag in [
        "--cap-add=NET_ADMIN",
        "--cap-drop=MKNOD",
        "--device=/dev/loop0",
        "--ipc=host",
        "--pid=host",
        "--device-read-iops=/dev/null:20",
        "--device-write-bps=/dev/null:20mb",
        "--oom-kill-disable",
    ] {
        let text = lab.fails(&format!("create {flag} busybox"));
        assert!(text.contains("CARINA-10"), "{flag}: {text}");
    }
}

/// All of them, where there is no policy.
fn run_keeps_its_flags_without_policy(lab: &mut Lab) {
    let (manager, host) = plain(lab);
    let said = lab.docker_plain(
        &host,
        &[
            "create",
            "--name=one",
            "--cap-add=NET_ADMIN",
            "--cap-drop=MKNOD",
            "--device=/dev/null:/dev/nulo",
            "--ipc=host",
            "--pid=host",
            "--group-add=10",
            "--oom-score-adj=-5",
            "--device-read-iops=/dev/null:20",
            "--device-write-bps=/dev/null:20mb",
            "--cgroup-parent=/h",
            "--security-opt=seccomp=unconfined",
            "busybox",
        ],
    );
    assert!(said.ok, "{}", said.err);
    let config = inspect(lab.docker_plain(&host, &["inspect", "one"]).out);
    for (field, value) in [
        ("/HostConfig/CapAdd", json!(["NET_ADMIN"])),
        ("/HostConfig/CapDrop", json!(["MKNOD"])),
        ("/HostConfig/Devices/0/PathInContainer", json!("/dev/nulo")),
        ("/HostConfig/IpcMode", json!("host")),
        ("/HostConfig/PidMode", json!("host")),
        ("/HostConfig/OomScoreAdj", json!(-5)),
        ("/HostConfig/BlkioDeviceReadIOps/0/Rate", json!(20)),
        ("/HostConfig/BlkioDeviceWriteBps/0/Rate", json!(20 << 20)),
        ("/HostConfig/CgroupParent", json!("/h")),
        ("/HostConfig/SecurityOpt/0", json!("seccomp=unconfined")),
    ] {
        let got = config.pointer(field).cloned().unwrap_or_default();
        let got = match got {
            // Newer engines write the prefix.
            Value::Array(list) => list
                .into_iter()
                .map(|item| match item.as_str() {
                    Some(text) => text.trim_start_matches("CAP_").into(),
                    None => item,
                })
                .collect(),
            other => other,
        };
        assert_eq!(got, value, "{field}");
    }
    drop(manager);
}

fn run_with_an_address(lab: &mut Lab) {
    let net = format!("{}/h-addr", lab.node(0));
    lab.ok(&format!(
        "network create -d bridge --subnet 10.77.3.0/24 {net}"
    ));
    lab.ok(&format!(
        "run -d --name one --net {net} --ip 10.77.3.9 busybox sleep 300"
    ));
    let ip = lab.ok("exec one ip -4 addr show eth0");
    assert!(ip.contains("10.77.3.9/24"), "{ip}");
    lab.containers_remove();
    lab.ok(&format!("network rm {net}"));
}

fn run_with_an_alias(lab: &mut Lab) {
    let net = format!("{}/h-runalias", lab.node(0));
    lab.ok(&format!("network create -d bridge {net}"));
    lab.ok(&format!(
        "run -d --name one --net {net} --network-alias one --network-alias two busybox sleep 300"
    ));
    let aliases = "inspect -f '{{json .NetworkSettings.Networks}}' one";
    let aliases = lab.ok(aliases);
    assert!(
        aliases.contains("\"one\"") && aliases.contains("\"two\""),
        "{aliases}"
    );
    lab.containers_remove();
    lab.ok(&format!("network rm {net}"));
}

/// Classic Swarm sent the container to where the image is; here the image goes along.
fn run_where_the_image_is_missing(lab: &mut Lab) {
    assert!(lab.engine_says(0, "tag busybox h-lonely").ok);
    lab.wait_until("it is seen", Duration::from_secs(5), |lab| {
        !lab.ok("images -q h-lonely").is_empty()
    });
    // The node that has it is the fullest.
    for _ in 0..2 {
        lab.ok(&format!("run -d -m 64m {} busybox sleep 300", lab.at(0)));
    }
    lab.ok("run -d --name one h-lonely sleep 300");
    let labels = lab.ok("inspect -f '{{json .Config.Labels}}' one");
    assert!(
        !labels.contains("affinities"),
        "nothing is kept of it: {labels}"
    );
    lab.containers_remove();
    lab.ok("rmi -f h-lonely");
}

fn run_with_a_hard_constraint_and_no_image(lab: &mut Lab) {
    let image = format!("{}/h-nowhere", lab.registry.address);
    let text = lab.fails(&format!("run {} {image} true", lab.at(1)));
    assert!(
        text.contains("manifest unknown"),
        "the registry's own words: {text}"
    );
}

fn run_with_a_soft_affinity_to_itself(lab: &mut Lab) {
    lab.ok("run -d --name one -e affinity:container==~one busybox sleep 300");
    assert_eq!(lab.ok("inspect -f {{.State.Running}} one"), "true");
}

fn run_with_an_unknown_volume_driver(lab: &mut Lab) {
    let run = [
        "run",
        "-d",
        "--volume-driver",
        "no-driver",
        "-v",
        "h-none:/d",
        "busybox",
        "true",
    ];
    let text = lab.docker_err(&run);
    assert!(text.contains("CARINA-"), "{text}");
}

/// A manager without a policy over the same engines.
fn plain(lab: &Lab) -> (Process, String) {
    let file: PathBuf = lab.path("h-entries");
    let entries: Vec<String> = lab
        .nodes
        .iter()
        .map(|n| format!("{}:42376", n.ip))
        .collect();
    std::fs::write(&file, entries.join("\n")).expect("a file");
    let (manager, host) = lab.classic_manager(&file);
    lab.wait_until("three nodes", Duration::from_secs(5), |lab| {
        let info = lab.docker_plain(&host, &["info"]).out;
        info.matches("Status: Healthy").count() == 3
    });
    (manager, host)
}

fn inspect(text: String) -> Value {
    let list: Value = serde_json::from_str(&text).expect("JSON");
    list[0].clone()
}
