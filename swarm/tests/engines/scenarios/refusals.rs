//! What a cluster refuses, and in which words.

use crate::lab::{Lab, api};

pub fn what_breaks_isolation_is_refused(lab: &mut Lab) {
    for (args, text) in [
        (
            &["--privileged"][..],
            "CARINA-1001: Privileged containers not allowed by policy",
        ),
        (
            &["--cap-add", "SYS_ADMIN"],
            "CARINA-1003: Adding capabilities not allowed by policy",
        ),
        (
            &["--cap-drop", "CHOWN"],
            "CARINA-1004: Dropping capabilities not allowed by policy",
        ),
        (
            &["-v", "/etc:/x"],
            "CARINA-1002: Host mount path(s) not allowed by policy: /etc",
        ),
        (&["--mount", "type=bind,src=/etc,dst=/x"], "CARINA-1002"),
        (
            &["--security-opt", "seccomp=unconfined"],
            "CARINA-1000: Changing SecurityOpt",
        ),
        (
            &["--ipc", "host"],
            "CARINA-1006: Setting ipc=host not allowed by policy",
        ),
        (&["--pid", "host"], "CARINA-"),
        (&["--uts", "host"], "CARINA-"),
        (&["--userns", "host"], "CARINA-"),
        (&["--net", "host"], "CARINA-"),
        (&["--net", "container:swarm-agent"], "CARINA-"),
        (&["--device", "/dev/null"], "CARINA-"),
        (&["--cgroup-parent", "/x"], "CARINA-"),
        (&["--sysctl", "kernel.shm_rmid_forced=1"], "CARINA-"),
        (&["-p", "2376:80"], "CARINA-"),
        (&["--name", "swarm-agent"], "CARINA-"),
        (&["--volumes-from", "swarm-agent"], "CARINA-"),
    ] {
        let command = [&["run", "--rm"][..], args, &["busybox", "true"]].concat();
        let error = lab.docker_err(&command);
        assert!(error.contains(text), "{args:?}: {error}");
    }
    lab.docker_ok(&["run", "-d", "--name", "plain", "busybox", "sleep", "300"]);
    let exec = lab.docker_err(&["exec", "--privileged", "plain", "true"]);
    assert!(exec.contains("CARINA-"), "{exec}");
    let opts = [
        "volume",
        "create",
        "-o",
        "type=none",
        "-o",
        "o=bind",
        "-o",
        "device=/",
        "root",
    ];
    assert!(lab.docker_err(&opts).contains("CARINA-"));
}

pub fn system_containers_are_protected(lab: &mut Lab) {
    let ids = lab.docker_ok(&["ps", "-aq", "--no-trunc", "-f", "name=swarm-manager"]);
    let id = ids.lines().next().expect("three of them").to_owned();
    let short = &id[..12];
    let by_name = format!("{}/swarm-manager", lab.nodes[0].name);
    for reference in [id.as_str(), short, &by_name] {
        for args in [
            &["rm", "-f", reference][..],
            &["stop", reference],
            &["kill", reference],
            &["start", reference],
            &["rename", reference, "mine"],
            &["exec", reference, "true"],
            &["commit", reference, "stolen"],
            &["export", reference],
            &["update", "-m", "10m", reference],
            &[
                "cp",
                &format!("{reference}:/etc/docker/server-key.pem"),
                "-",
            ],
        ] {
            let error = lab.docker_err(args);
            assert!(error.contains("CARINA-10"), "{args:?}: {error}");
        }
    }
    let text = "CARINA-1005: Attempted to delete a Carina infrastructure container: ";
    assert!(lab.docker_err(&["rm", "-f", &id]).contains(text));
    assert_eq!(
        lab.docker_ok(&["ps", "-aq", "-f", "name=swarm-"])
            .lines()
            .count(),
        9
    );
    assert!(
        lab.docker_err(&["rmi", "-f", "swarm:latest"])
            .contains("CARINA-")
    );
    assert!(
        lab.docker_err(&["tag", "busybox", "swarm:latest"])
            .contains("CARINA-")
    );
    assert!(!lab.docker(&["volume", "rm", "swarm-data"]).ok);
}

pub fn what_is_not_known_is_refused(lab: &mut Lab) {
    let ip = lab.nodes[0].ip;
    let call = |request: &str, body: &str| {
        let got = api(&lab.certs, ip, Some(&lab.alice), request, body);
        got.unwrap_or_else(|| panic!("{request}: no answer"))
    };
    assert_eq!(call("GET /_ping", "").1, "OK");
    for (request, body, status) in [
        ("GET /nothing", "", 404),
        ("GET /v1.41/nothing", "", 404),
        ("GET /v9/info", "", 400),
        ("GET /v1.99/info", "", 400),
        ("DELETE /info", "", 405),
        ("POST /swarm/init", "{}", 403),
        ("GET /swarm/unlockkey", "", 403),
        ("POST /plugins/pull?remote=x", "", 403),
        ("GET /debug/pprof/", "", 403),
        ("GET /services?nothing=1", "", 400),
        (
            "POST /services/create",
            "{\"Name\":\"x\",\"name\":\"y\"}",
            400,
        ),
        ("DELETE /nodes/n", "", 403),
        ("GET /containers/../info", "", 400),
        ("GET /containers%2fjson?x=1", "", 400),
        ("GET /containers/json?nothing=1", "", 400),
        ("GET /containers/json?all=1&all=0", "", 400),
        (
            "POST /containers/create",
            "{\"Image\":\"busybox\",\"Unknown\":1}",
            400,
        ),
        (
            "POST /containers/create",
            "{\"Image\":\"busybox\",\"image\":\"x\"}",
            400,
        ),
        ("POST /containers/create", "{\"Image\":\"busybox\"} {}", 400),
        (
            "POST /containers/create",
            "{\"HostConfig\":{},\"HostConfig\":{}}",
            400,
        ),
        ("POST /containers/create", "not json", 400),
    ] {
        let (got, text) = call(request, body);
        assert_eq!(got, status, "{request} {body}: {text}");
        assert!(text.starts_with("{\"message\":"), "{request}: {text}");
    }
    assert!(lab.docker_err(&["swarm", "init"]).contains("CARINA-"));
    for args in [
        &["swarm", "leave", "--force"][..],
        &["swarm", "update", "--autolock"],
        &["swarm", "unlock-key"],
        &["node", "rm", "-f", &lab.nodes[1].name],
    ] {
        let error = lab.docker_err(args);
        assert!(error.contains("CARINA-1024"), "{args:?}: {error}");
    }
    let nothing = lab.docker_err(&["inspect", "nothing"]);
    assert!(
        nothing.to_lowercase().contains("no such object"),
        "{nothing}"
    );
}
