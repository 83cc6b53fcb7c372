//! What the program says when it is called wrongly.

use super::{Line, Seed, Verdict};
use crate::lab::Lab;

pub const LINES: &[Line] = &[
    Line {
        file: "cli",
        line: "`swarm create` takes no argument",
        seed: Seed::Yes,
        test: Verdict::Passes(create_takes_no_argument),
    },
    Line {
        file: "cli",
        line: "`swarm -v` prints its version as three numbers",
        seed: Seed::Yes,
        test: Verdict::Passes(the_version_is_three_numbers),
    },
    Line {
        file: "cli_join",
        line: "`swarm join` refuses a missing or malformed --advertise, a negative --delay, a \
               --heartbeat below a second and a --ttl that does not outlast it",
        seed: Seed::Yes,
        test: Verdict::Passes(join_checks_its_flags),
    },
    Line {
        file: "cli_list",
        line: "`swarm list` refuses a --timeout that is negative or nothing",
        seed: Seed::Yes,
        test: Verdict::Passes(list_checks_its_timeout),
    },
];

fn create_takes_no_argument(lab: &mut Lab) {
    let said = lab.swarm(&["create", "something"]);
    assert!(!said.ok, "{}", said.out);
    assert!(said.err.contains("something"), "{}", said.err);
}

fn the_version_is_three_numbers(lab: &mut Lab) {
    for flag in ["-v", "--version"] {
        let said = lab.swarm(&[flag]);
        let version = said.out.strip_prefix("swarm version ").unwrap_or_default();
        let numbers = version.split(' ').next().unwrap_or_default();
        let parts: Vec<_> = numbers.split('.').map(str::parse::<u32>).collect();
        assert!(
            said.ok && parts.len() == 3 && parts.iter().all(Result::is_ok),
            "{}",
            said.out
        );
    }
}

fn join_checks_its_flags(lab: &mut Lab) {
    let url = lab.token_url();
    let good = "--advertise=10.0.0.1:2375";
    for (flags, text) in [
        (&[][..], "missing mandatory --advertise flag"),
        (
            &["--advertise=10.0.0.1"],
            "--advertise should be of the form ip:port or hostname:port",
        ),
        (
            &[good, "--delay=-30s"],
            "--delay should not be a negative number",
        ),
        (
            &[good, "--heartbeat=1ms"],
            "--heartbeat should be at least one second",
        ),
        (
            &[good, "--heartbeat=-10s"],
            "--heartbeat should be at least one second",
        ),
        (
            &[good, "--heartbeat=10s", "--ttl=10s"],
            "--ttl must be strictly superior to the heartbeat value",
        ),
        (
            &[good, "--ttl=-1s"],
            "--ttl must be strictly superior to the heartbeat value",
        ),
    ] {
        let said = lab.swarm(&[&["join"], flags, &[&url]].concat());
        assert!(
            !said.ok && said.err.contains(text),
            "{flags:?}: {}",
            said.err
        );
    }
}

fn list_checks_its_timeout(lab: &mut Lab) {
    let url = lab.token_url();
    for timeout in ["-10s", "0s"] {
        let said = lab.swarm(&["list", "--timeout", timeout, &url]);
        assert!(
            !said.ok && said.err.contains("--timeout should be a positive number"),
            "{timeout}: {}",
            said.err
        );
    }
}
