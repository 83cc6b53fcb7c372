//! Images.

use super::node;
use crate::lab::Lab;

pub fn images_are_everywhere(lab: &mut Lab) {
    let ids: Vec<String> = (0..3)
        .map(|k| lab.engine_ok(k, &["images", "-q", "--no-trunc", "busybox"]))
        .collect();
    assert!(ids.iter().all(|id| *id == ids[0]), "imported once: {ids:?}");
    let lines = lab.docker_ok(&["images", "--format", "{{.Repository}}:{{.Tag}}"]);
    assert_eq!(
        lines
            .lines()
            .filter(|line| *line == "busybox:latest")
            .count(),
        1,
        "{lines}"
    );
    lab.docker_ok(&["tag", "busybox", "other:1"]);
    for k in 0..3 {
        assert!(lab.engine(k, &["image", "inspect", "other:1"]).ok, "{k}");
    }
    let tar = lab.path("saved.tar");
    let tar = tar.to_string_lossy();
    lab.docker_ok(&["save", "-o", &tar, "other:1"]);
    lab.docker_ok(&["rmi", "other:1"]);
    assert!(!lab.engine(1, &["image", "inspect", "other:1"]).ok);
    let loaded = lab.docker_ok(&["load", "-i", &tar]);
    assert!(loaded.contains("Loaded image: other:1"), "{loaded}");
    for k in 0..3 {
        assert!(lab.engine(k, &["image", "inspect", "other:1"]).ok, "{k}");
    }
    lab.docker_ok(&["rmi", "other:1"]);
    assert!(lab.docker_ok(&["history", "busybox"]).contains("Imported"));
    assert!(
        lab.docker_err(&["rmi", "nothing"])
            .contains("No such image")
    );
    assert!(
        lab.docker_err(&["save", "-o", &tar, "busybox", "nothing"])
            .contains("Unable to find")
    );
    let garbage = lab.docker_fed(0, b"this is no archive", &["load"]);
    assert!(!garbage.ok, "{}", garbage.out);
    let missing = lab.docker_err(&["run", "--rm", "localhost:1/nothing"]);
    assert!(missing.contains("localhost:1"), "{missing}");
}

pub fn an_image_follows_its_container(lab: &mut Lab) {
    lab.engine_ok(0, &["tag", "busybox", "lonely:1"]);
    lab.wait_until(
        "the manager sees it",
        std::time::Duration::from_secs(3),
        |lab| lab.docker_ok(&["images"]).contains("lonely"),
    );
    let constraint = format!("constraint:node=={}", node(3));
    let echo = ["run", "--rm", "-e", &constraint, "lonely:1", "echo", "here"];
    assert_eq!(lab.docker_ok(&echo), "here");
    assert!(lab.engine(2, &["image", "inspect", "lonely:1"]).ok);
    lab.docker_ok(&["rmi", "-f", "lonely:1"]);
}

pub fn images_are_built(lab: &mut Lab) {
    let context = lab.path("context");
    std::fs::create_dir_all(&context).expect("a directory");
    std::fs::write(
        context.join("Dockerfile"),
        "FROM busybox\nRUN echo built > /made\n",
    )
    .expect("a file");
    let built = lab.docker_ok(&["build", "-t", "built:1", &context.to_string_lossy()]);
    assert!(built.contains("Successfully tagged built:1"), "{built}");
    // On every node, whichever built it.
    for k in 1..=3 {
        let constraint = format!("constraint:node=={}", node(k));
        let cat = ["run", "--rm", "-e", &constraint, "built:1", "cat", "/made"];
        assert_eq!(lab.docker_ok(&cat), "built");
    }
    lab.docker_ok(&["rmi", "-f", "built:1"]);
}
