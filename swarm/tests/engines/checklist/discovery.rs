//! Where a manager finds its engines: a file, and a service that tokens are for.

use std::time::Duration;

use super::{Line, Seed, Verdict};
use crate::lab::{Lab, Relay};

const fn line(file: &'static str, line: &'static str, test: fn(&mut Lab)) -> Line {
    Line {
        file,
        line,
        seed: Seed::Yes,
        test: Verdict::Passes(test),
    }
}

pub const LINES: &[Line] = &[
    line(
        "discovery/file",
        "engines are found again by a new manager",
        file_engines_are_found,
    ),
    line(
        "discovery/file",
        "an engine that is added is seen",
        file_is_watched,
    ),
    line(
        "discovery/file",
        "an engine that is taken out is forgotten",
        file_is_shortened,
    ),
    line(
        "discovery/file",
        "a file that comes later is waited for",
        file_comes_later,
    ),
    line(
        "discovery/token",
        "engines are found again by a new manager",
        token_engines_are_found,
    ),
    line(
        "discovery/token",
        "what agents register is seen by every manager",
        token_is_watched,
    ),
];

/// The file, as a URL.
pub fn file_write(lab: &Lab, relays: &[Relay]) -> String {
    let text: String = relays.iter().map(|r| format!("{}\n", r.address)).collect();
    let path = lab.path("entries");
    std::fs::write(&path, text).expect("a file");
    format!("file://{}", path.display())
}

fn file_engines_are_found(lab: &mut Lab) {
    let relays = [lab.relay(0), lab.relay(1)];
    let url = file_write(lab, &relays);
    for _ in 0..2 {
        lab.plain(&[], &url).wait_status("Healthy", 2);
    }
    assert_eq!(lab.swarm(&["list", &url]).out.lines().count(), 2);
}

fn file_is_watched(lab: &mut Lab) {
    let relays = [lab.relay(0), lab.relay(1)];
    let plain = lab.plain(&[], &file_write(lab, &relays[..1]));
    plain.wait_status("Healthy", 1);
    file_write(lab, &relays);
    plain.wait_status("Healthy", 2);
}

fn file_is_shortened(lab: &mut Lab) {
    let relays = [lab.relay(0), lab.relay(1)];
    let plain = lab.plain(&[], &file_write(lab, &relays));
    plain.wait_status("Healthy", 2);
    file_write(lab, &relays[..1]);
    plain.wait_status("Healthy", 1);
    assert!(plain.ok(&["info"]).contains("Nodes: 1"));
}

fn file_comes_later(lab: &mut Lab) {
    let _ = std::fs::remove_file(lab.path("entries"));
    let url = format!("file://{}", lab.path("entries").display());
    let plain = lab.plain(&[], &url);
    let relays = [lab.relay(0)];
    file_write(lab, &relays);
    plain.wait_status("Healthy", 1);
}

fn token_engines_are_found(lab: &mut Lab) {
    lab.nodes[2].manager = None;
    lab.manager_start(2);
    lab.wait_until("it knows all", Duration::from_secs(10), |lab| {
        let said = lab.docker_at(2, &lab.alice, &["info"]);
        said.out.matches("Status: Healthy").count() == 3
    });
}

fn token_is_watched(lab: &mut Lab) {
    let listed = lab.swarm(&["list", &lab.token_url()]);
    assert_eq!(
        listed.out.lines().collect::<Vec<_>>(),
        lab.discovery.entries()
    );
    for k in 0..3 {
        let said = lab.docker_at(k, &lab.alice, &["info"]);
        assert!(said.out.contains("Nodes: 3"), "{}", said.out);
    }
}
