//! The calls one by one, each group of them a module with its lines.

mod cluster;
mod container;
mod container_change;
mod image;
mod image_everywhere;
mod network;
mod ps;
mod run;
mod volume;

use std::time::Duration;

use super::{Line, Seed, Verdict};
use crate::lab::Lab;

/// In the order in which they run.
pub const PARTS: &[&[Line]] = &[
    container::LINES,
    container_change::LINES,
    cluster::LINES,
    ps::LINES,
    image::LINES,
    image_everywhere::LINES,
    network::LINES,
    volume::LINES,
    run::LINES,
];

const fn passes(file: &'static str, seed: Seed, line: &'static str, test: fn(&mut Lab)) -> Line {
    let test = Verdict::Passes(test);
    Line {
        file,
        line,
        seed,
        test,
    }
}

const fn differs(
    file: &'static str,
    seed: Seed,
    line: &'static str,
    test: fn(&mut Lab),
    why: &'static str,
) -> Line {
    let test = Verdict::Differs {
        test: Some(test),
        why,
    };
    Line {
        file,
        line,
        seed,
        test,
    }
}

const fn dead(file: &'static str, seed: Seed, line: &'static str, why: &'static str) -> Line {
    let test = Verdict::Dead(why);
    Line {
        file,
        line,
        seed,
        test,
    }
}

/// `busybox` in the lab's registry under a name that no node has.
fn registry_image(lab: &Lab, name: &str) -> String {
    let image = format!("{}/{name}", lab.registry.address);
    lab.engine_ok(0, &["tag", "busybox", &image]);
    lab.engine_ok(0, &["push", &image]);
    lab.engine_ok(0, &["rmi", &image]);
    lab.wait_until("the manager forgets it", Duration::from_secs(5), |lab| {
        lab.ok(&format!("images -q {image}")).is_empty()
    });
    image
}

/// A node that cannot be reached any more.
fn node_down(lab: &mut Lab, k: usize) {
    lab.nodes[k].agent = None;
    lab.wait_until("the node is unhealthy", Duration::from_secs(10), |lab| {
        lab.ok("info").contains("Status: Unhealthy")
    });
}

fn node_up(lab: &mut Lab, k: usize) {
    lab.agent_start(k);
    lab.wait_until("the node is back", Duration::from_secs(10), |lab| {
        lab.ok("info").matches("Status: Healthy").count() == lab.nodes.len()
    });
}
