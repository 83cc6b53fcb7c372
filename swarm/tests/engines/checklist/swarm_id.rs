//! The id that a container keeps wherever it is.

use super::{Line, Seed, Verdict};
use crate::lab::Lab;

pub const LINES: &[Line] = &[Line {
    file: "swarm_id",
    line: "a container has a swarm id of its own: inspect, logs, commit, attach and the label filter \
           of ps take it",
    seed: Seed::Yes,
    test: Verdict::Passes(a_swarm_id_names_its_container),
}];

fn a_swarm_id_names_its_container(lab: &mut Lab) {
    let run = ["run", "-d", "-i", "--name", "marked", "busybox", "sh", "-c"];
    let id = lab.docker_ok(&[&run[..], &["echo first; read line; echo got $line"]].concat());
    let label = "{{index .Config.Labels \"com.docker.swarm.id\"}}";
    let swarm_id = lab.docker_ok(&["inspect", "-f", label, "marked"]);
    assert_eq!(swarm_id.len(), 64);
    assert_ne!(swarm_id, id);
    assert_eq!(lab.docker_ok(&["inspect", "-f", "{{.Id}}", &swarm_id]), id);
    assert_eq!(
        lab.docker_ok(&["inspect", "-f", "{{.Id}}", &swarm_id[..12]]),
        id
    );
    assert_eq!(lab.docker_ok(&["logs", &swarm_id]), "first");
    // As the archived suite does, the answer is looked for in the log: an engine may close the stream
    // of a container that ends before its last words are through.
    let attached = lab.docker_fed(0, b"word\n", &["attach", &swarm_id]);
    assert!(attached.ok, "{}", attached.err);
    let log = lab.docker_ok(&["logs", &swarm_id]);
    assert_eq!(log, "first\ngot word");
    lab.docker_ok(&["commit", &swarm_id, "marked:1"]);
    assert!(lab.docker_ok(&["images", "-q", "marked:1"]).len() >= 12);
    lab.docker_ok(&["rmi", "-f", "marked:1"]);
    let filter = format!("label=com.docker.swarm.id={swarm_id}");
    let ps = lab.docker_ok(&["ps", "-aq", "--no-trunc", "--filter", &filter]);
    assert_eq!(ps, id);
}
