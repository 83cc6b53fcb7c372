//! Images that only some segments have.

use std::process::Command;
use std::time::Duration;

use super::node;
use crate::lab::{Lab, run_quiet};

/// An image of one more layer than busybox, made on one engine past the managers; its id.
fn image_make(lab: &Lab, k: usize, text: &str, tag: &str) -> String {
    let name = format!("maker-{k}");
    let script = format!("echo {text} > /made; dd if=/dev/urandom of=/big bs=1M count=4 2>&-");
    let run = ["run", "--name", &name, "busybox", "sh", "-c", &script];
    lab.engine_ok(k, &run);
    let id = lab.engine_ok(k, &["commit", &name, tag]);
    lab.engine_ok(k, &["rm", &name]);
    lab.wait_until("the managers see it", Duration::from_secs(5), |lab| {
        let all = lab.docker_ok(&["images", "--no-trunc", "--format", "{{.ID}}"]);
        all.contains(&id)
    });
    id
}

fn made_on(lab: &Lab, k: usize, image: &str) -> String {
    let constraint = format!("constraint:node=={}", node(k));
    lab.docker_ok(&["run", "--rm", "-e", &constraint, image, "cat", "/made"])
}

/// Lines of the primary's log about copies of an image.
fn copies(lab: &Lab, image: &str) -> Vec<String> {
    let log = std::fs::read_to_string(lab.nodes[0].dir.join("manager.log")).unwrap_or_default();
    log.lines()
        .filter(|line| line.contains("an image was copied") && line.contains(image))
        .map(str::to_owned)
        .collect()
}

pub fn the_last_build_of_a_name_is_meant(lab: &mut Lab) {
    image_make(lab, 0, "old", "app:1");
    image_make(lab, 1, "new", "app:1");
    for k in 1..=3 {
        assert_eq!(made_on(lab, k, "app:1"), "new", "on n{k}");
    }
    // The same the other way round: it is the time that counts, not the node.
    image_make(lab, 0, "newest", "app:1");
    assert_eq!(made_on(lab, 2, "app:1"), "newest");
    lab.docker_ok(&["rmi", "-f", "app:1"]);
    lab.docker_ok(&["image", "prune", "-f"]);
}

pub fn an_image_is_copied_by_any_name(lab: &mut Lab) {
    let id = image_make(lab, 1, "copied", "named:1");
    let hex = id.trim_start_matches("sha256:").to_owned();
    assert_eq!(made_on(lab, 1, &hex[..12]), "copied", "by its beginning");
    lab.engine_ok(0, &["rmi", &id]);
    assert_eq!(made_on(lab, 3, &id), "copied", "by its id");
    lab.engine_ok(2, &["rmi", &id]);
    // Without any name.
    lab.engine_ok(1, &["tag", "busybox", "named:1"]);
    lab.wait_until("it is untagged", Duration::from_secs(5), |lab| {
        let dangling = ["images", "-f", "dangling=true", "-q", "--no-trunc"];
        lab.docker_ok(&dangling).contains(&id)
    });
    assert_eq!(made_on(lab, 3, &hex[..8]), "copied", "untagged");
    lab.docker_ok(&["rmi", "named:1"]);
    lab.docker_ok(&["rmi", &id]);
}

pub fn creates_at_once_copy_once(lab: &mut Lab) {
    image_make(lab, 0, "once", "single:1");
    let before = copies(lab, "single:1").len();
    let constraint = format!("constraint:node=={}", node(3));
    std::thread::scope(|scope| {
        for _ in 0..4 {
            scope.spawn(|| {
                lab.docker_ok(&["create", "-e", &constraint, "single:1"]);
            });
        }
    });
    let lines = copies(lab, "single:1");
    assert_eq!(lines.len() - before, 1, "{lines:?}");
    // From 25 on an archive names layers by what they hold: busybox stays where it is.
    let version = lab.engine_ok(0, &["version", "-f", "{{.Server.Version}}"]);
    let major: u32 = version
        .split('.')
        .next()
        .unwrap_or("0")
        .parse()
        .expect("a number");
    let whole = lines[0].contains("left_out=0 ");
    assert_eq!(whole, major < 25, "{version}: {}", lines[0]);
}

pub fn a_broken_holder_is_passed_over(lab: &mut Lab) {
    image_make(lab, 0, "sound", "frail:1");
    assert_eq!(made_on(lab, 2, "frail:1"), "sound");
    let upper = ["image", "inspect", "-f", "{{.GraphDriver.Data.UpperDir}}"];
    let upper = lab.engine_ok(0, &[&upper[..], &["frail:1"]].concat());
    assert!(upper.contains("swarm-lab-"), "{upper}");
    let mut remove = Command::new("rm");
    remove.args(["-r", &upper]);
    run_quiet(remove);
    assert_eq!(made_on(lab, 3, "frail:1"), "sound", "from n2, n1 lost it");
    lab.docker(&["rmi", "-f", "frail:1"]);
}

pub fn a_pull_tells_of_every_node(lab: &mut Lab) {
    let said = lab.docker(&["pull", "localhost:1/nothing:1"]);
    assert!(!said.ok, "{}", said.out);
    for k in 1..=3 {
        let line = format!("{}: Pulling localhost:1/nothing:1...", node(k));
        assert!(said.out.contains(&line), "{}", said.out);
        assert!(said.err.contains(&node(k)), "{}", said.err);
    }
}
