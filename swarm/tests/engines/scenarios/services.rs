//! Docker's own swarm mode, with the real client: services, tasks, nodes, stacks, secrets, configs.
//!
//! Kernels without IPVS have no virtual addresses: names resolve to tasks (`dnsrr`) here.

use std::time::Duration;

use super::node;
use crate::lab::{Lab, api};

pub const LIMIT: Duration = Duration::from_secs(60);

/// How many tasks of a service run, by what `docker service ls` says.
pub fn replicas_wait(lab: &Lab, service: &str, replicas: &str) {
    let filter = format!("name={service}");
    let list = ["service", "ls", "--format", "{{.Replicas}}", "-f", &filter];
    lab.wait_until(&format!("{service} is {replicas}"), LIMIT, |lab| {
        lab.docker(&list).out == replicas
    });
}

pub fn services_run_and_change(lab: &mut Lab) {
    let create = [
        "service",
        "create",
        "-d",
        "--name",
        "web",
        "--replicas",
        "3",
        "--endpoint-mode",
        "dnsrr",
        "--env",
        "WHO=first",
        "--label",
        "tier=front",
        "--update-max-failure-ratio",
        "0.2",
        "busybox",
        "sh",
        "-c",
        "echo I am $WHO; trap 'exit 0' TERM; sleep 300 & wait",
    ];
    let id = lab.docker_ok(&create);
    replicas_wait(lab, "web", "3/3");
    let list = lab.docker_ok(&["service", "ls"]);
    assert!(list.contains("web") && list.contains("busybox"), "{list}");
    let inspect = |format: &str| lab.docker_ok(&["service", "inspect", "-f", format, "web"]);
    assert_eq!(inspect("{{.ID}}"), id);
    assert_eq!(inspect("{{.Spec.Labels.tier}}"), "front");
    assert_eq!(inspect("{{.Spec.UpdateConfig.MaxFailureRatio}}"), "0.2");
    // One on each segment, with the segments' names.
    let tasks = lab.docker_ok(&["service", "ps", "--format", "{{.Node}}", "web"]);
    for k in 1..=3 {
        assert_eq!(tasks.matches(&node(k)).count(), 1, "{tasks}");
    }
    lab.wait_until("all tasks' words are read", LIMIT, |lab| {
        let logs = lab.docker(&["service", "logs", "--raw", "web"]).out;
        logs.lines().filter(|line| *line == "I am first").count() == 3
    });
    lab.docker_ok(&["service", "scale", "-d", "web=1"]);
    replicas_wait(lab, "web", "1/1");
    lab.docker_ok(&["service", "update", "-d", "--env-add", "WHO=second", "web"]);
    let said = |lab: &Lab, words: &str| {
        let logs = lab.docker(&["service", "logs", "--raw", "web"]).out;
        logs.lines().any(|line| line == words)
    };
    lab.wait_until("the new version speaks", LIMIT, |lab| {
        said(lab, "I am second")
    });
    lab.docker_ok(&["service", "rollback", "-d", "web"]);
    assert!(inspect("{{.Spec.TaskTemplate.ContainerSpec.Env}}").contains("first"));
    replicas_wait(lab, "web", "1/1");
    lab.docker_ok(&["service", "rm", "web"]);
    assert!(
        lab.docker_err(&["service", "inspect", "web"])
            .contains("no such service")
    );
    // A job ends by itself; one task on every segment is a service of its own kind.
    let job = [
        "service",
        "create",
        "-d",
        "--name",
        "job",
        "--mode",
        "replicated-job",
        "--replicas",
        "2",
        "busybox",
        "true",
    ];
    lab.docker_ok(&job);
    let global = [
        "service",
        "create",
        "-d",
        "--name",
        "everywhere",
        "--mode",
        "global",
        "--endpoint-mode",
        "dnsrr",
        "--limit-memory",
        "32m",
        "--reserve-cpu",
        "0.1",
        "busybox",
        "sleep",
        "300",
    ];
    lab.docker_ok(&global);
    replicas_wait(lab, "everywhere", "3/3");
    replicas_wait(lab, "job", "0/2 (2/2 completed)");
    lab.docker_ok(&["service", "rm", "job", "everywhere"]);
}

pub fn services_hold_to_the_policy(lab: &mut Lab) {
    let create = ["service", "create", "-d", "--name", "bad"];
    let rows: &[(&[&str], &str)] = &[
        (&["--mount", "type=bind,source=/,target=/h"], "CARINA-1002"),
        (
            &["--mount", "type=volume,source=swarm-data,target=/d"],
            "CARINA-1005",
        ),
        (
            &[
                "--mount",
                "type=volume,source=v,target=/d,volume-opt=type=none,volume-opt=o=bind,volume-opt=device=/",
            ],
            "CARINA-1014",
        ),
        (
            &[
                "--mount",
                "type=volume,source={{print .Service.Name}},target=/d",
            ],
            "CARINA-1021",
        ),
        (&["--cap-add", "NET_ADMIN"], "CARINA-1003"),
        (&["--network", "host"], "CARINA-1007"),
        (&["--network", "ingress"], "CARINA-1015"),
        (&["--host", "segment:host-gateway"], "CARINA-1025"),
        (&["--sysctl", "kernel.msgmax=1"], "CARINA-1010"),
        (&["--log-driver", "syslog"], "CARINA-1012"),
        (
            &["--publish", "published=2376,target=80,mode=host"],
            "CARINA-1017",
        ),
        (&["--label", "carina.cluster=x"], "CARINA-1018"),
        (
            &["--container-label", "com.docker.swarm.id=x"],
            "CARINA-1018",
        ),
        (&["--generic-resource", "gpu=1"], "CARINA-1008"),
    ];
    for (args, code) in rows {
        let error = lab.docker_err(&[&create[..], args, &["busybox", "true"]].concat());
        assert!(error.contains(code), "{args:?}: {error}");
    }
    // The same on the way of an update.
    lab.docker_ok(&[
        "service",
        "create",
        "-d",
        "--name",
        "good",
        "--endpoint-mode",
        "dnsrr",
        "busybox",
        "sleep",
        "300",
    ]);
    for (args, code) in [
        (
            &["--mount-add", "type=bind,source=/,target=/h"][..],
            "CARINA-1002",
        ),
        (&["--cap-add", "ALL"], "CARINA-1003"),
        (&["--network-add", "host"], "CARINA-1007"),
    ] {
        let error = lab.docker_err(&[&["service", "update", "-d"], args, &["good"]].concat());
        assert!(error.contains(code), "{args:?}: {error}");
    }
    // A version from before there was a policy does not come back.
    let past = [
        "service",
        "update",
        "-d",
        "--mount-add",
        "type=bind,source=/etc,target=/h",
        "good",
    ];
    lab.engine_ok(0, &past);
    lab.docker_ok(&["service", "update", "-d", "--mount-rm", "/h", "good"]);
    let error = lab.docker_err(&["service", "rollback", "-d", "good"]);
    assert!(
        error.contains("CARINA-1002") && error.contains("go back"),
        "{error}"
    );
    lab.engine_ok(0, &past);
    let error = lab.docker_err(&[
        "service",
        "update",
        "-d",
        "--mount-rm",
        "/h",
        "--update-failure-action",
        "rollback",
        "good",
    ]);
    assert!(
        error.contains("CARINA-1002") && error.contains("go back"),
        "{error}"
    );
    // What the engine was told past the manager can be got away from: what comes back is judged.
    lab.docker_ok(&["service", "rollback", "-d", "good"]);
    let mounts = [
        "service",
        "inspect",
        "-f",
        "{{.Spec.TaskTemplate.ContainerSpec.Mounts}}",
    ];
    assert_eq!(lab.docker_ok(&[&mounts[..], &["good"]].concat()), "[]");
    lab.docker_ok(&["service", "rm", "good"]);
    // No tokens, no keys.
    let (status, swarm) = api(
        &lab.certs,
        lab.nodes[0].ip,
        Some(&lab.alice),
        "GET /swarm",
        "",
    )
    .expect("an answer");
    assert_eq!(status, 200, "{swarm}");
    assert!(
        swarm.contains("\"JoinTokens\":{\"Manager\":\"\",\"Worker\":\"\"}"),
        "{swarm}"
    );
    assert!(
        !swarm.contains("SWMTKN") && !swarm.contains("BEGIN"),
        "{swarm}"
    );
    let token = lab.docker(&["swarm", "join-token", "-q", "worker"]);
    assert!(!token.out.contains("SWMTKN"), "{}", token.out);
}

pub fn secrets_and_configs_reach_tasks(lab: &mut Lab) {
    let secret = lab.docker_fed(
        0,
        b"hush",
        &["secret", "create", "--label", "a=b", "word", "-"],
    );
    assert!(secret.ok, "{}", secret.err);
    let config = lab.docker_fed(0, b"port=80", &["config", "create", "settings", "-"]);
    assert!(config.ok, "{}", config.err);
    let large = vec![b'x'; 900_000];
    let large = lab.docker_fed(0, &large, &["config", "create", "large", "-"]);
    assert!(large.ok, "{}", large.err);
    assert!(
        lab.docker_ok(&["secret", "ls", "-f", "label=a=b"])
            .contains("word")
    );
    assert!(
        !lab.docker_ok(&["secret", "inspect", "word"])
            .contains("hush")
    );
    assert!(
        lab.docker_ok(&["config", "inspect", "--pretty", "settings"])
            .contains("port=80")
    );
    let plugin = lab.docker_fed(0, b"", &["secret", "create", "-d", "vault", "outside"]);
    assert!(plugin.err.contains("CARINA-1011"), "{}", plugin.err);
    let over = lab.docker_err(&[
        "service",
        "create",
        "-d",
        "--name",
        "over",
        "--config",
        "source=settings,target=/proc/1/environ",
        "busybox",
        "true",
    ]);
    assert!(over.contains("CARINA-1021"), "{over}");
    lab.docker_ok(&[
        "service",
        "create",
        "-d",
        "--name",
        "reader",
        "--endpoint-mode",
        "dnsrr",
        "--secret",
        "word",
        "--config",
        "source=settings,target=/etc/settings,mode=0400",
        "busybox",
        "sh",
        "-c",
        "echo $(cat /run/secrets/word) $(cat /etc/settings); sleep 300",
    ]);
    lab.wait_until("the task reads both", LIMIT, |lab| {
        lab.docker(&["service", "logs", "--raw", "reader"]).out == "hush port=80"
    });
    lab.docker_ok(&["service", "rm", "reader"]);
    lab.docker_ok(&["secret", "rm", "word"]);
    lab.docker_ok(&["config", "rm", "settings", "large"]);
    assert_eq!(lab.docker_ok(&["secret", "ls", "-q"]), "");
}

/// Tasks' containers are like others, on whichever node they are.
pub fn tasks_are_containers(lab: &mut Lab) {
    lab.docker_ok(&["network", "create", "-d", "overlay", "wide"]);
    lab.docker_ok(&[
        "service",
        "create",
        "-d",
        "--name",
        "db",
        "--network",
        "wide",
        "--endpoint-mode",
        "dnsrr",
        "--constraint",
        &format!("node.hostname=={}", node(3)),
        "busybox",
        "sleep",
        "300",
    ]);
    lab.docker_ok(&["run", "-d", "--name", "plain", "busybox", "sleep", "300"]);
    let tasks = [
        "ps",
        "--no-trunc",
        "--format",
        "{{.Names}}",
        "-f",
        "is-task=true",
    ];
    lab.wait_until("the task is a container", LIMIT, |lab| {
        lab.docker(&tasks).out.lines().count() == 1
    });
    let name = lab.docker_ok(&tasks);
    let bare = name.strip_prefix(&format!("{}/db.1.", node(3)));
    let task = bare.unwrap_or_else(|| panic!("{name}"));
    let others = lab.docker_ok(&["ps", "--format", "{{.Names}}", "-f", "is-task=false"]);
    assert!(
        others.contains("/plain") && !others.contains("db.1"),
        "{others}"
    );
    assert_eq!(lab.docker_ok(&["exec", &name, "hostname"]).len(), 12);
    let label = "{{index .Config.Labels \"com.docker.swarm.task.id\"}}";
    assert_eq!(
        lab.docker_ok(&["inspect", "--type", "container", "-f", label, &name]),
        task
    );
    assert_eq!(
        lab.docker_ok(&["inspect", "--type", "task", "-f", "{{.Status.State}}", task]),
        "running"
    );
    // By the service's name, from a plain container on another node.
    lab.docker_ok(&[
        "run",
        "--rm",
        "--net",
        "wide",
        "-e",
        &format!("constraint:node=={}", node(1)),
        "busybox",
        "ping",
        "-c",
        "1",
        "-w",
        "10",
        "db",
    ]);
    // Its end is the service's matter: another takes its place.
    lab.docker_ok(&["rm", "-f", &name]);
    lab.wait_until("another task takes its place", LIMIT, |lab| {
        let now = lab.docker(&tasks).out;
        now.starts_with(&node(3)) && now != name
    });
    let events = lab.docker_background(
        0,
        &lab.alice,
        "service-events",
        &[
            "events",
            "--filter",
            "type=service",
            "--format",
            "{{.Action}} {{.Actor.Attributes.name}}",
        ],
    );
    lab.wait_until("the events of services are told", LIMIT, |lab| {
        lab.docker_ok(&["service", "update", "-d", "--label-add", "a=b", "db"]);
        lab.read("service-events").contains("update db")
    });
    events.stop(Duration::from_secs(5));
    lab.docker_ok(&["service", "rm", "db"]);
    lab.docker_ok(&["rm", "-f", "plain"]);
    lab.wait_until("the network is free", LIMIT, |lab| {
        lab.docker(&["network", "rm", "wide"]).ok
    });
}
