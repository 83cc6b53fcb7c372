//! Projects of several containers. The archived suite had Compose 1.7, which today's Python does not
//! run; Compose 2 is tried with a project of five services among the real clients.

use super::{Line, Seed, Verdict};

const COMPOSE_2: &str =
    "Compose 1 is gone: with Compose 2, in the real clients' compose_runs_a_shop";

/// In the order in which they run.
pub const PARTS: &[&[Line]] = &[&[
    elsewhere("compose/ps", "ps -q counts the containers", COMPOSE_2),
    elsewhere("compose/scale", "scale to three", COMPOSE_2),
    elsewhere("compose/up", "up -d starts every service", COMPOSE_2),
    elsewhere("compose/up", "published ports", COMPOSE_2),
    elsewhere(
        "compose/up",
        "a project of version 2 with a bridge network",
        "Compose 1 is gone: with Compose 2 (compose_runs_a_shop) a network without a node in front \
         of its name spans the segments, so that services find each other",
    ),
    elsewhere(
        "compose/up",
        "a rescheduling policy in the project",
        "Compose 1 is gone: Compose 2 sends the policy as it stands in the environment or the labels, \
         and the lines of rescheduling try it",
    ),
    Line {
        file: "compose/up",
        line: "mem_swappiness",
        seed: Seed::Later,
        test: Verdict::Dead(
            "skipped in the archived suite for newer engines; cgroup v2 has no such limit",
        ),
    },
]];

const fn elsewhere(file: &'static str, line: &'static str, why: &'static str) -> Line {
    Line {
        file,
        line,
        seed: Seed::Later,
        test: Verdict::Differs { test: None, why },
    }
}
