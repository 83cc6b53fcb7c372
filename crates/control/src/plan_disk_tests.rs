//! Disks that are to be larger.

use super::*;

/// Every disk is to be larger.
fn wanted_larger(segments: u32) -> Desired {
    let mut desired = wanted(segments);
    for segment in desired.segments.values_mut() {
        segment.spec.disk_bytes = 2;
    }
    desired
}

fn has(observed: &mut Observed, ordinal: u32, bytes: u64) {
    let seen = observed.host.segments.get_mut(&ordinal).unwrap();
    seen.disk_bytes = Some(bytes);
}

#[test]
fn disks_grow_one_segment_after_another() {
    let desired = wanted_larger(3);
    let mut observed = converged(3);
    let turn = |n: u32| format!("the turn of segment {n} to get its larger disk");
    let expect = "stop 1, disk 1, seed 1, start 1; waits for ";
    check(
        &desired,
        &observed,
        &format!("{expect}{}, {}", turn(2), turn(3)),
    );
    has(&mut observed, 1, 2);
    let mut starting = observed.clone();
    starting.engines.remove(&1);
    starting.answering.remove(&1);
    let expect = format!(
        "waits for the engine of segment 1, {}, {}",
        turn(2),
        turn(3)
    );
    check(&desired, &starting, &expect);
    let expect = format!("stop 2, disk 2, seed 2, start 2; waits for {}", turn(3));
    check(&desired, &observed, &expect);
    has(&mut observed, 2, 2);
    check(&desired, &observed, "stop 3, disk 3, seed 3, start 3");
    // One that is larger than wanted stays as it is.
    has(&mut observed, 3, 3);
    check(&desired, &observed, "");
}

#[test]
fn a_stopped_segment_starts_with_its_larger_disk() {
    let desired = wanted_larger(1);
    let mut observed = converged(1);
    observed
        .host
        .segments
        .insert(1, at_host(SegmentState::Stopped));
    observed.engines.clear();
    observed.answering.clear();
    check(&desired, &observed, "disk 1, seed 1, start 1");
    let seen = observed.host.segments.get_mut(&1).unwrap();
    seen.is_defined = false;
    check(&desired, &observed, "define 1, disk 1, start 1");
    let seen = observed.host.segments.get_mut(&1).unwrap();
    seen.disk_bytes = None;
    check(&desired, &observed, "define 1, start 1");
}

#[test]
fn a_segment_that_is_silent_for_long_gets_its_larger_disk_first() {
    let mut desired = wanted_larger(3);
    let mut observed = converged(3);
    observed.engines.remove(&2);
    observed.answering.remove(&2);
    let turn = |n: u32| format!("the turn of segment {n} to get its larger disk");
    let waits = "waits for the engine of segment 2";
    let expect = format!("{waits}, {}, {}, {}", turn(1), turn(2), turn(3));
    check(&desired, &observed, &expect);
    desired.waited_ms = REBUILD_PATIENCE_MS;
    let grows = "stop 2, disk 2, seed 2, start 2";
    let expect = format!("{grows}; {waits}, {}, {}", turn(1), turn(3));
    check(&desired, &observed, &expect);
}
