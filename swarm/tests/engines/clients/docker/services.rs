//! Docker's own swarm mode, as the docker client knows it.

use crate::clients::program::Docker;
use crate::lab::{Lab, api};
use crate::scenarios::services::replicas_wait;

pub fn change_and_go_back(lab: &Lab, docker: &Docker<'_>) {
    let script = "trap 'exit 0' TERM; sleep 300 & wait";
    docker.ok(&[
        "service",
        "create",
        "-d",
        "--name=cli-web",
        "--endpoint-mode=dnsrr",
        "--update-parallelism=0",
        "--env=WORD=first",
        "busybox",
        "sh",
        "-c",
        script,
    ]);
    replicas_wait(lab, "cli-web", "1/1");
    let word = || {
        let format = "{{.Spec.TaskTemplate.ContainerSpec.Env}}";
        docker.ok(&["service", "inspect", "-f", format, "cli-web"])
    };
    let update = ["service", "update", "-d", "--env-add=WORD=second"];
    docker.ok(&[&update[..], &["--replicas=2", "cli-web"]].concat());
    assert_eq!(word(), "[WORD=second]");
    replicas_wait(lab, "cli-web", "2/2");
    docker.ok(&["service", "rollback", "-d", "cli-web"]);
    assert_eq!(word(), "[WORD=first]");
    replicas_wait(lab, "cli-web", "1/1");
    // Back from the way back: the two change places.
    docker.ok(&["service", "update", "-d", "--rollback", "cli-web"]);
    assert_eq!(word(), "[WORD=second]");
    docker.ok(&["service", "scale", "-d", "cli-web=0"]);
    docker.ok(&["service", "rm", "cli-web"]);
}

pub fn secrets_and_configs(lab: &Lab, docker: &Docker<'_>) {
    let file = lab.path("cli-word");
    std::fs::write(&file, "hush").expect("a file");
    let file = file.to_string_lossy();
    for kind in ["secret", "config"] {
        let id = docker.ok(&[kind, "create", "--label=a=b", "cli-word", &file]);
        let inspect = |format: &str| docker.ok(&[kind, "inspect", "-f", format, "cli-word"]);
        assert_eq!(
            inspect("{{.ID}} {{.Spec.Labels}}"),
            format!("{id} map[a:b]")
        );
        assert!(docker.ok(&[kind, "ls"]).contains("cli-word"));
        // The client cannot change one; the API can, its labels.
        let version = inspect("{{.Version.Index}}");
        let request = format!("POST /{kind}s/{id}/update?version={version}");
        let body = r#"{"Name":"cli-word","Labels":{"a":"c"}}"#;
        let certs = (&lab.certs, lab.nodes[0].ip, Some(&lab.alice));
        let update = |body| api(certs.0, certs.1, certs.2, &request, body).expect("an answer");
        let (status, answer) = update(body);
        assert_eq!(status, 200, "{answer}");
        assert_eq!(inspect("{{.Spec.Labels}}"), "map[a:c]");
        let (status, answer) = update(r#"{"Name":"cli-word","Labels":{"carina.x":"c"}}"#);
        assert_eq!(status, 403, "{answer}");
        docker.ok(&[kind, "rm", "cli-word"]);
        assert!(
            docker
                .fails(&[kind, "inspect", "cli-word"])
                .contains("cli-word")
        );
    }
}

pub fn nodes_are_told_of(docker: &Docker<'_>) {
    let name = docker.ok(&["node", "inspect", "-f", "{{.Description.Hostname}}", "self"]);
    docker.ok(&["node", "update", "--label-add=cli=yes", &name]);
    docker.ok(&["node", "update", "--label-rm=cli", &name]);
    let past = ["events", "--since=60s", "--until=0s", "--filter=type=node"];
    let format = "--format={{.Type}} {{.Action}} {{.Actor.Attributes.name}}";
    let line = format!("node update {name}");
    for more in [None, Some(format!("--filter=node={name}"))] {
        let mut args = past.to_vec();
        args.push(format);
        args.extend(more.as_deref());
        let events = docker.ok(&args);
        assert!(events.lines().all(|event| event.starts_with("node ")));
        assert!(events.lines().any(|event| event == line), "{events}");
    }
}
