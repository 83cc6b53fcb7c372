//! The live timeline of an operation: which steps it has, and how they look now.

use model::{OperationState, StepState, StepView, UnixMs};
use store::{OperationRecord, StepRecord};

use crate::desired::Rows;

fn step(key: impl Into<String>, label: impl Into<String>) -> StepRecord {
    StepRecord {
        position: 0,
        key: key.into(),
        label: label.into(),
        done_at: None,
    }
}

fn numbered(steps: Vec<StepRecord>) -> Vec<StepRecord> {
    let number = |(position, step)| StepRecord { position, ..step };
    (0..).zip(steps).map(number).collect()
}

fn of_segment(ordinal: u32) -> [StepRecord; 3] {
    [
        step(
            format!("made:{ordinal}"),
            format!("Segment {ordinal}: made"),
        ),
        step(
            format!("engine:{ordinal}"),
            format!("Segment {ordinal}: engine up"),
        ),
        step(
            format!("joined:{ordinal}"),
            format!("Segment {ordinal}: joined"),
        ),
    ]
}

/// Placed is done when the wish is stored: addresses and ids were taken with it.
fn placed(now: UnixMs) -> StepRecord {
    StepRecord {
        done_at: Some(now),
        ..step("placed", "Placed: addresses and ids taken")
    }
}

pub(crate) fn of_create(segments: u32, now: UnixMs) -> Vec<StepRecord> {
    let mut steps = vec![placed(now)];
    steps.extend((1..=segments).flat_map(of_segment));
    steps.push(step("endpoint", "Endpoint answers"));
    numbered(steps)
}

pub(crate) fn of_scale(before: u32, segments: u32, now: UnixMs) -> Vec<StepRecord> {
    let mut steps = Vec::new();
    if segments > before {
        steps.push(placed(now));
        steps.extend((before + 1..=segments).flat_map(of_segment));
    }
    let removed = (segments + 1..=before).rev();
    steps.extend(removed.map(|n| step(format!("removed:{n}"), format!("Segment {n}: removed"))));
    numbered(steps)
}

pub(crate) fn of_replace(ordinal: u32) -> Vec<StepRecord> {
    let removed = step(
        format!("removed:{ordinal}"),
        format!("Segment {ordinal}: removed with all that was on it"),
    );
    numbered([removed].into_iter().chain(of_segment(ordinal)).collect())
}

pub(crate) fn of_rebuild(ordinals: &[u32]) -> Vec<StepRecord> {
    let rebuilt = |n: &u32| {
        step(
            format!("rebuilt:{n}"),
            format!("Segment {n}: management containers made again"),
        )
    };
    let mut steps: Vec<StepRecord> = ordinals.iter().map(rebuilt).collect();
    steps.push(step("answers", "Endpoint answers"));
    numbered(steps)
}

pub(crate) fn of_disks(ordinals: &[u32]) -> Vec<StepRecord> {
    let grown = |n: &u32| {
        step(
            format!("grown:{n}"),
            format!("Segment {n}: up with its larger disk"),
        )
    };
    numbered(ordinals.iter().map(grown).collect())
}

pub(crate) fn of_delete(ordinals: &[u32]) -> Vec<StepRecord> {
    let removed = |n: &u32| step(format!("removed:{n}"), format!("Segment {n}: removed"));
    let mut steps: Vec<StepRecord> = ordinals.iter().map(removed).collect();
    steps.push(step("network", "Network removed"));
    numbered(steps)
}

/// Within a segment one step runs at a time; segments run side by side.
pub(crate) fn views(
    rows: &Rows,
    operation: &OperationRecord,
    steps: &[StepRecord],
) -> Vec<StepView> {
    let is_running = operation.state == OperationState::Running;
    let mut out = Vec::with_capacity(steps.len());
    let mut busy: Vec<Option<u32>> = Vec::new();
    for record in steps {
        let ordinal = record
            .key
            .split_once(':')
            .and_then(|(_, n)| n.parse::<u32>().ok());
        let is_first = match ordinal {
            Some(_) => !busy.contains(&ordinal),
            // Cluster-wide steps come after all before them.
            None => busy.is_empty(),
        };
        let reason = match ordinal {
            Some(ordinal) => rows
                .segment_facts
                .get(&ordinal)
                .and_then(|f| f.reason.clone()),
            None => rows.fact.as_ref().and_then(|fact| fact.reason.clone()),
        };
        let has_failed = match ordinal {
            Some(_) => reason.is_some(),
            None => rows
                .fact
                .as_ref()
                .is_some_and(|fact| fact.next_try_at.is_some()),
        };
        let state = match record.done_at {
            Some(_) => StepState::Done,
            None if !is_running || !is_first => StepState::Waiting,
            None if has_failed => StepState::Failed,
            None => StepState::Running,
        };
        if record.done_at.is_none() {
            busy.push(ordinal);
        }
        out.push(StepView {
            key: record.key.clone(),
            label: record.label.clone(),
            state,
            took_ms: record
                .done_at
                .map(|at| u32::try_from(at - operation.started_at).unwrap_or(0)),
            detail: reason.filter(|_| matches!(state, StepState::Running | StepState::Failed)),
        });
    }
    out
}
