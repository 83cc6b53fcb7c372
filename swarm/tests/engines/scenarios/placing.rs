//! Where things go, and what is said when they cannot.

use std::time::Duration;

use super::node;
use crate::lab::{Lab, api};

pub fn refusals_say_why_of_each_segment(lab: &mut Lab) {
    let web = ["run", "-d", "--name", "web", "-p", "18080:80"];
    let on = |k: usize| format!("constraint:node==n{k}");
    lab.docker_ok(&[&web[..], &["-e", &on(1), "busybox", "sleep", "300"]].concat());
    lab.docker_ok(&["volume", "create", "n1/data"]);
    // A port, a volume and a constraint at once: each segment has a reason of its own.
    let run = [
        "run",
        "-d",
        "-p",
        "18080:80",
        "-v",
        "data:/d",
        "-e",
        "constraint:node!=n3",
    ];
    let refused = lab.docker_err(&[&run[..], &["busybox", "true"]].concat());
    let lines: Vec<&str> = refused.lines().collect();
    assert!(
        lines[0].contains("Unable to find a node that satisfies the following conditions"),
        "{refused}"
    );
    assert_eq!(lines[1], "[port 18080 (Bridge mode)]", "{refused}");
    let all = "no segment can take this container: n1: port 18080 is taken by web; \
               n2: volume data is not there; n3: volume data is not there";
    assert!(lines.contains(&all), "{refused}");
    let volume = "volume data is on segment n1, which cannot take this container: \
                  port 18080 is taken by web";
    assert!(lines.contains(&volume), "{refused}");
    // As Docker's JSON.
    let body = r#"{"Image":"busybox","HostConfig":{"Binds":["data:/d"],
                   "PortBindings":{"80/tcp":[{"HostPort":"18080"}]}}}"#;
    let ip = lab.nodes[0].ip;
    let (status, said) = api(
        &lab.certs,
        ip,
        Some(&lab.alice),
        "POST /containers/create",
        body,
    )
    .expect("an answer");
    assert!(
        status == 500 && said.starts_with(r#"{"message":"Unable"#),
        "{said}"
    );
    let large = lab.docker_err(&["run", "-m", "1000g", "-e", &on(2), "busybox"]);
    assert!(large.contains("no resources available"), "{large}");
    assert!(large.contains("n1: constraint node==n2; n2: "), "{large}");
    assert!(large.contains("GiB of memory asked for"), "{large}");
    let taken = lab.docker_err(&["create", "--name", "web", "busybox"]);
    assert!(
        taken.contains("Conflict: The name web is already assigned."),
        "{taken}"
    );
    assert!(taken.contains("It is on segment n1"), "{taken}");
    let network = format!("{}/narrow", node(2));
    lab.docker_ok(&["network", "create", "-d", "bridge", &network]);
    let apart = lab.docker_err(&["run", "--net", "narrow", "-e", &on(1), "busybox"]);
    assert!(
        apart.contains("network narrow is on segment n2, which cannot take this container"),
        "{apart}"
    );
    let image = lab.docker_err(&["run", "-e", "affinity:image==nothing", "busybox"]);
    assert!(image.contains("n1: affinity image==nothing"), "{image}");
    lab.docker_ok(&["network", "rm", "narrow"]);
    lab.containers_remove();
    lab.docker_ok(&["volume", "rm", "data"]);
}

pub fn segments_are_chosen_by_name(lab: &mut Lab) {
    let at = |name: &str| lab.docker_ok(&["inspect", "-f", "{{.Node.Name}}", name]);
    for (name, how) in [
        (
            "short",
            ["--label".to_owned(), "carina.segment=n2".to_owned()],
        ),
        (
            "long",
            ["--label".to_owned(), format!("carina.segment={}", node(2))],
        ),
        ("env", ["-e".to_owned(), "constraint:node==n2".to_owned()]),
        ("list", ["-e".to_owned(), "whitelist:node==n2".to_owned()]),
    ] {
        let run = [
            "run", "-d", "--name", name, &how[0], &how[1], "busybox", "sleep", "300",
        ];
        lab.docker_ok(&run);
        assert_eq!(at(name), node(2), "{name}");
    }
    assert_eq!(at("n2/short"), node(2));
    assert_eq!(lab.docker_ok(&["exec", "n2/env", "echo", "here"]), "here");
    assert!(!lab.docker(&["inspect", "n1/short"]).ok);
    let listed = ["ps", "-q", "-f", "node=n2", "-f", "label=carina.segment=n2"];
    assert_eq!(lab.docker_ok(&listed).lines().count(), 1);
    let nowhere = lab.docker_err(&["run", "--label", "carina.segment=n9", "busybox"]);
    assert!(nowhere.contains("n1: constraint node==n9"), "{nowhere}");
    // No other label of the kind.
    for label in ["carina.system=x", "carina.segments=n2", "carina.=n2"] {
        let refused = lab.docker_err(&["run", "--label", label, "busybox"]);
        assert!(refused.contains("CARINA-1018"), "{label}: {refused}");
    }
}

pub fn a_service_goes_to_its_segment(lab: &mut Lab) {
    let create = [
        "service",
        "create",
        "-d",
        "--name",
        "pinned",
        "--endpoint-mode",
        "dnsrr",
    ];
    let where_to = ["--constraint", "node.hostname==n2", "--replicas", "2"];
    lab.docker_ok(&[&create[..], &where_to, &["busybox", "sleep", "300"]].concat());
    let tasks = ["service", "ps", "-f", "desired-state=running", "--format"];
    lab.wait_until("both run on n2", Duration::from_secs(30), |lab| {
        let list = [&tasks[..], &["{{.Node}} {{.CurrentState}}", "pinned"]].concat();
        let at = format!("{} Running", node(2));
        lab.docker_ok(&list).matches(&at).count() == 2
    });
    lab.docker_ok(&["service", "rm", "pinned"]);
    let label = ["--label", "carina.segment=n2", "busybox"];
    let refused = lab.docker_err(&[&create[..], &label].concat());
    assert!(refused.contains("CARINA-1018"), "{refused}");
    lab.wait_until("its tasks are gone", Duration::from_secs(30), |lab| {
        let tasks = [
            "ps",
            "-aq",
            "-f",
            "label=com.docker.swarm.service.name=pinned",
        ];
        lab.docker_ok(&tasks).is_empty()
    });
}
