//! Builds with BuildKit, by clients that have it.

use std::path::Path;

use super::node;
use crate::lab::{Lab, Said, run};

/// A context in the lab's directory: its path.
fn context(lab: &Lab, name: &str, dockerfile: &str) -> String {
    let context = lab.path(name);
    std::fs::create_dir_all(&context).expect("a directory");
    std::fs::write(context.join("Dockerfile"), dockerfile).expect("a file");
    std::fs::write(context.join("file"), name).expect("a file");
    context.to_string_lossy().into_owned()
}

fn buildx(lab: &Lab, k: usize, args: &[&str]) -> Option<Said> {
    let command = lab.docker_with_plugins(k, args);
    if command.is_none() {
        println!(
            "  skipped: CARINA_TEST_CLIENTS names no folder of clients (scripts/setup.sh test)"
        );
    }
    command.map(|command| run(command).into())
}

fn holders(lab: &Lab, image: &str) -> Vec<usize> {
    (0..lab.nodes.len())
        .filter(|k| lab.engine(*k, &["image", "inspect", image]).ok)
        .collect()
}

pub fn buildkit_builds(lab: &mut Lab) {
    let dockerfile = "FROM busybox\nCOPY file /made\nRUN --mount=type=cache,target=/c \
                      --mount=type=secret,id=s,target=/s cat /s >> /made\n";
    let context = context(lab, "first", dockerfile);
    let secret = lab.path("secret");
    std::fs::write(&secret, "-secret").expect("a file");
    let secret = format!("id=s,src={}", secret.display());
    let build = [
        "buildx", "build", "-t", "first:1", "--secret", &secret, &context,
    ];
    let Some(built) = buildx(lab, 0, &build) else {
        return;
    };
    assert!(built.ok, "{}\n{}", built.err, built.out);
    // At once, on any segment, whichever built it.
    let began = holders(lab, "first:1");
    assert_eq!(began.len(), 1, "built on one: {began:?}");
    for k in 1..=3 {
        let constraint = format!("constraint:node=={}", node(k));
        let cat = ["run", "--rm", "-e", &constraint, "first:1", "cat", "/made"];
        assert_eq!(lab.docker_ok(&cat), "first-secret");
    }
    // Again, through another manager: the same segment, out of its cache.
    let again = [
        "buildx", "build", "-t", "first:2", "--secret", &secret, &context,
    ];
    let built = buildx(lab, 2, &again).expect("as before");
    assert!(built.ok && built.err.contains("CACHED"), "{}", built.err);
    assert_eq!(holders(lab, "first:2"), began);
    // Files for the client.
    let out = lab.path("out");
    let output = format!("type=local,dest={}", out.display());
    let local = ["buildx", "build", "-o", &output, &context];
    let built = buildx(lab, 1, &local).expect("as before");
    assert!(built.ok, "{}", built.err);
    assert_eq!(read(&out.join("made")), "first-secret");
    // Plain `docker build` is BuildKit too, for whoever has it.
    let plain = ["build", "-t", "first:3", "--secret", &secret, &context];
    let built = buildx(lab, 0, &plain).expect("as before");
    assert!(built.ok && built.err.contains("CACHED"), "{}", built.err);
    // And the old builder prefers the same segment.
    let classic = self::context(lab, "classic", "FROM busybox\nRUN true\n");
    lab.docker_ok(&["build", "-t", "first:4", &classic]);
    assert_eq!(holders(lab, "first:4"), began);
    for args in [
        &["buildx", "du"][..],
        &["buildx", "inspect"],
        &["builder", "prune", "-f"],
        &["buildx", "prune", "-f"],
    ] {
        let said = buildx(lab, 0, args).expect("as before");
        assert!(said.ok, "{args:?}: {}", said.err);
    }
    lab.docker_ok(&["rmi", "-f", "first:1", "first:2", "first:3", "first:4"]);
}

pub fn buildkit_gets_no_more_than_a_container(lab: &mut Lab) {
    let host = context(lab, "host", "FROM busybox\nRUN --network=host ip addr\n");
    let insecure = "# syntax=docker/dockerfile:1-labs\nFROM busybox\nRUN --security=insecure id\n";
    let insecure = context(lab, "insecure", insecure);
    let plain = context(lab, "plain", "FROM busybox\nRUN ip addr\n");
    #[rustfmt::skip]
    let rows: &[(&[&str], &str)] = &[
        (&["--allow", "network.host", "--network", "host", &plain], "CARINA-1023"),
        (&["--network", "host", &plain], "CARINA-1023"),
        (&["--allow", "network.host", &host], "CARINA-1023"),
        (&["--allow", "security.insecure", &insecure], "CARINA-1023"),
        (&["--cgroup-parent", "/", &plain], "CARINA-1009"),
        (&["-t", "swarm:latest", &plain], "CARINA-1005"),
        (&["-t", "fine:1", "-t", "docker.io/library/swarm", &plain], "CARINA-1005"),
        (&["--output", "type=image,name=swarm:latest", &plain], "CARINA-1005"),
        (&["--label", "carina.system=swarm-agent", &plain], "CARINA-1018"),
        // Asked for in the Dockerfile alone: the engine's word.
        (&[&host], "network"),
    ];
    for (args, text) in rows {
        let command = [&["buildx", "build"][..], args].concat();
        let Some(said) = buildx(lab, 0, &command) else {
            return;
        };
        assert!(
            !said.ok && said.err.contains(text),
            "{args:?}: {}",
            said.err
        );
    }
    // Past the manager, the engine refuses as well: it is a second wall, not the same one.
    for (args, text) in [
        (
            &["--allow", "network.host", "--network", "host", &plain][..],
            "network.host",
        ),
        (
            &["--allow", "security.insecure", &insecure],
            "security.insecure",
        ),
    ] {
        let command = [&["buildx", "build"][..], args].concat();
        let mut command = lab.docker_with_plugins(0, &command).expect("as before");
        command
            .env(
                "DOCKER_HOST",
                format!("unix://{}", lab.nodes[0].socket().display()),
            )
            .env_remove("DOCKER_TLS_VERIFY");
        let said: Said = run(command).into();
        assert!(
            !said.ok && said.err.contains(text),
            "{args:?}: {}",
            said.err
        );
    }
    let id = [
        "image",
        "inspect",
        "-f",
        "{{.Config.Entrypoint}}",
        "swarm:latest",
    ];
    for k in 0..3 {
        assert_eq!(lab.engine_ok(k, &id), "[/swarm]");
    }
}

fn read(path: &Path) -> String {
    std::fs::read_to_string(path).unwrap_or_default()
}
