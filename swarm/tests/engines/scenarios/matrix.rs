//! Every fault in the middle of every kind of call: all calls are under way, something happens, and
//! each call ends in time and says what was lost; then it is mended, the cluster is as before, and
//! nothing is left of the calls. docs/timeouts.md says it to people.

mod check;
mod fault;
mod operation;

use std::time::{Duration, Instant};

use check::Before;
use fault::{Fault, Outcome};
use operation::{Operation, Stage};

use crate::lab::Lab;

pub fn an_engine_is_killed(lab: &mut Lab) {
    run(lab, Fault::EngineKilled);
}

pub fn an_engine_is_frozen(lab: &mut Lab) {
    run(lab, Fault::EngineFrozen);
}

pub fn an_engine_is_slow(lab: &mut Lab) {
    run(lab, Fault::EngineSlow);
}

pub fn a_link_is_cut(lab: &mut Lab) {
    run(lab, Fault::LinkCut);
}

pub fn a_manager_is_killed(lab: &mut Lab) {
    run(lab, Fault::ManagerKilled);
}

pub fn the_primary_is_killed(lab: &mut Lab) {
    run(lab, Fault::PrimaryKilled);
}

pub fn a_client_goes_away(lab: &mut Lab) {
    run(lab, Fault::ClientGone);
}

fn run(lab: &mut Lab, fault: Fault) {
    let stage = Stage::set(lab, fault);
    let before = Before::look(lab);
    let mut calls = operation::start_all(lab, &stage);
    // In the middle of a create nobody can be for long: the engine is held, and it waits there.
    let held = fault::Held::hold(lab);
    calls.push(stage.start(lab, Operation::Create));
    std::thread::sleep(Duration::from_millis(400));
    let fallen = Instant::now();
    let falling = fault.falls(lab, held, &mut calls);
    let mut wrong = Vec::new();
    while calls.iter_mut().any(|call| {
        let limit = fault.outcome(call.operation).within().unwrap_or_default();
        call.ended().is_none() && fallen.elapsed() < limit
    }) {
        std::thread::sleep(Duration::from_millis(20));
    }
    for call in &mut calls {
        let outcome = fault.outcome(call.operation);
        if let Err(what) = judge(call, &outcome, fallen) {
            wrong.push(what);
        }
    }
    fault.is_mended(lab, falling);
    for call in calls {
        call.end();
    }
    check::after(lab, &stage, &before, &mut wrong);
    stage.clear(lab);
    assert!(wrong.is_empty(), "{fault:?}:\n{}", wrong.join("\n"));
}

/// Compares a call's end with what must be.
fn judge(call: &mut operation::Call, outcome: &Outcome, fallen: Instant) -> Result<(), String> {
    let (end, said) = (call.ended(), call.said());
    let how = match end {
        None => "goes on".to_owned(),
        Some((is_ok, at)) => {
            let how = if is_ok { "succeeded" } else { "failed" };
            format!("{how} after {:.1?}", at.saturating_duration_since(fallen))
        }
    };
    let tail: Vec<&str> = said.lines().rev().take(4).collect();
    let last = tail.first().unwrap_or(&"");
    println!("    {:?}: {how}: {last}", call.operation);
    match outcome.is_met(end.map(|(is_ok, _)| is_ok), &said) {
        true => Ok(()),
        false => Err(format!(
            "{:?}: not {outcome:?}, but {how}: {tail:?}",
            call.operation
        )),
    }
}
