//! From a round's observation to words for people: phases, reasons, finished steps. Pure.

use host::{EngineObserved, SegmentObserved, SegmentState, SwarmState};
use model::{OperationKind, Phase, SegmentPhase, UnixMs};
use store::{ClusterFact, SegmentFact, StepRecord};

use crate::desired::{Desired, DesiredSegment};
use crate::execute::Executed;
use crate::plan::{Observed, Plan};
use crate::step::Awaited;

/// A wait is worth a word to people after this long.
const LATE_MS: i64 = 3_000;

/// All that a judgement looks at.
pub(crate) struct Round<'a> {
    pub desired: &'a Desired,
    /// None when nobody could be asked.
    pub observed: Option<&'a Observed>,
    pub plan: &'a Plan,
    pub executed: &'a Executed,
    /// What the operation that runs wants.
    pub running: Option<OperationKind>,
    pub before: Option<&'a ClusterFact>,
    pub now: UnixMs,
    pub next_try_at: UnixMs,
}

impl Round<'_> {
    fn seen(&self, ordinal: u32) -> Option<&SegmentObserved> {
        self.observed?.host.segments.get(&ordinal)
    }

    fn engine(&self, ordinal: u32) -> Option<&EngineObserved> {
        self.observed?.engines.get(&ordinal)
    }

    fn is_running(&self, ordinal: u32) -> bool {
        self.seen(ordinal)
            .is_some_and(|seen| seen.state == SegmentState::Running)
    }

    fn is_answering(&self, ordinal: u32) -> bool {
        self.observed
            .is_some_and(|observed| observed.answering.contains(&ordinal))
    }

    fn awaits(&self, ordinal: u32, what: Awaited) -> bool {
        self.plan
            .waiting
            .iter()
            .any(|w| w.ordinal == ordinal && w.what == what)
    }

    /// Everything wished for is there, and nothing else.
    pub(crate) fn is_done(&self) -> bool {
        self.observed.is_some()
            && self.plan.is_done()
            && self
                .desired
                .segments
                .iter()
                .all(|(o, s)| !s.is_removing || self.is_gone(*o, s))
    }

    /// Wished away, and nothing of it is left: its row, address and ids are free.
    pub(crate) fn is_gone(&self, ordinal: u32, segment: &DesiredSegment) -> bool {
        segment.is_removing && self.observed.is_some() && self.seen(ordinal).is_none()
    }

    /// The first failure, in words.
    fn failure(&self) -> Option<String> {
        let shared = self.executed.shared_failure.clone();
        shared.or_else(|| {
            let (ordinal, why) = self.executed.failures.iter().next()?;
            Some(format!("Segment {ordinal}: {why}"))
        })
    }

    fn awaited(&self) -> Option<String> {
        let waiting: Vec<String> = self.plan.waiting.iter().map(ToString::to_string).collect();
        (!waiting.is_empty()).then(|| format!("Waiting for {}", waiting.join(", ")))
    }

    pub(crate) fn fact(&self) -> ClusterFact {
        let before = self.before;
        let failure = self.failure();
        let awaited = if failure.is_none() {
            self.awaited()
        } else {
            None
        };
        // Steps were taken: patience begins anew.
        let is_idle = awaited.is_some() && !self.plan.has_steps();
        let waiting_since = is_idle.then(|| {
            before
                .and_then(|fact| fact.waiting_since)
                .unwrap_or(self.now)
        });
        let is_late = waiting_since.is_some_and(|since| self.now - since >= LATE_MS);
        let is_done = self.is_done();
        let phase = self.phase(failure.is_some());
        let observed_generation = match is_done {
            true => self.desired.generation,
            false => before.map_or(0, |fact| fact.observed_generation),
        };
        let first_active_at = before.and_then(|fact| fact.first_active_at);
        ClusterFact {
            observed_generation,
            phase,
            next_try_at: failure.is_some().then_some(self.next_try_at),
            reason: failure.or(awaited.filter(|_| is_late || phase == Phase::Degraded)),
            waiting_since,
            first_active_at: first_active_at
                .or_else(|| (phase == Phase::Active).then_some(self.now)),
            observed_at: self.now,
            last_plan: self.plan.to_string(),
            last_round_ms: 0,
        }
    }

    fn phase(&self, has_failed: bool) -> Phase {
        let is_answering = self.answers();
        match self.running {
            _ if self.desired.is_deleting => Phase::Deleting,
            _ if has_failed && is_answering => Phase::Degraded,
            _ if has_failed => Phase::Error,
            _ if self.is_done() => Phase::Active,
            Some(OperationKind::Create) => Phase::Building,
            Some(OperationKind::Rebuild) => Phase::Rebuilding,
            Some(OperationKind::Scale) if self.is_shrinking() => Phase::Shrinking,
            Some(OperationKind::Scale) => Phase::Growing,
            // Nobody asked for anything: something is being mended.
            Some(OperationKind::Delete) | None => Phase::Degraded,
        }
    }

    fn is_shrinking(&self) -> bool {
        self.desired
            .segments
            .values()
            .any(|segment| segment.is_removing)
    }

    pub(crate) fn segment_fact(
        &self,
        ordinal: u32,
        segment: &DesiredSegment,
        before: Option<&SegmentFact>,
    ) -> SegmentFact {
        let (engine, seen) = (self.engine(ordinal), self.seen(ordinal));
        let is_running = self.is_running(ordinal);
        let was_running = before.and_then(|fact| fact.running_since);
        let running_since = match is_running {
            _ if self.executed.started.contains(&ordinal) => Some(self.now),
            true => was_running.or(Some(self.now)),
            // Kept until it may be started again.
            false if self.awaits(ordinal, Awaited::Restart) => was_running,
            false => None,
        };
        let phase = match seen {
            _ if segment.is_removing => SegmentPhase::Removing,
            Some(_) if is_running && engine.is_some() => {
                // Until its turn comes it is in use as ever.
                let is_awaited = self
                    .plan
                    .waiting
                    .iter()
                    .any(|w| w.ordinal == ordinal && w.what != Awaited::Turn);
                match is_awaited || self.plan.lanes.contains_key(&ordinal) {
                    true => SegmentPhase::Joining,
                    false => SegmentPhase::Active,
                }
            }
            // It was there already: its engine was seen.
            Some(_) | None if before.is_some_and(|fact| fact.engine_version.is_some()) => {
                SegmentPhase::Down
            }
            Some(_) if is_running => SegmentPhase::Starting,
            Some(_) => SegmentPhase::Made,
            None => SegmentPhase::Placed,
        };
        SegmentFact {
            ordinal,
            phase,
            reason: self.executed.failures.get(&ordinal).cloned(),
            engine_version: engine
                .and_then(|engine| engine.status.engine_version.clone())
                .or_else(|| before.and_then(|fact| fact.engine_version.clone())),
            is_answering: self.is_answering(ordinal),
            running_since,
            disk_bytes: seen
                .and_then(|seen| seen.disk_bytes)
                .and_then(|bytes| i64::try_from(bytes).ok()),
        }
    }

    /// Some segment's manager answers.
    fn answers(&self) -> bool {
        self.observed
            .is_some_and(|observed| !observed.answering.is_empty())
    }
}

/// Those of an operation's open steps that are done, by their keys. A matter of what was seen and
/// what is left to do, not of what is done now: asked before the plan is executed.
pub(crate) fn steps_seen<'a>(
    open: impl IntoIterator<Item = &'a StepRecord>,
    desired: &Desired,
    observed: &Observed,
    plan: &Plan,
) -> Vec<String> {
    let seen = Seen {
        desired,
        observed,
        plan,
    };
    let keys = open.into_iter().map(|step| step.key.clone());
    keys.filter(|key| seen.is_step_done(key)).collect()
}

struct Seen<'a> {
    desired: &'a Desired,
    observed: &'a Observed,
    plan: &'a Plan,
}

impl Seen<'_> {
    fn is_step_done(&self, key: &str) -> bool {
        match key.split_once(':') {
            Some((what, ordinal)) => ordinal
                .parse()
                .is_ok_and(|ordinal| self.is_segment_step_done(what, ordinal)),
            None if key == "endpoint" => !self.observed.answering.is_empty(),
            // After a rebuild: all of them, with their new certificates.
            None if key == "answers" => self.plan.is_done(),
            None => false,
        }
    }

    fn is_segment_step_done(&self, what: &str, ordinal: u32) -> bool {
        let segment = self.desired.segments.get(&ordinal);
        let engine = self.observed.engines.get(&ordinal);
        let seen = self.observed.host.segments.get(&ordinal);
        // One that is being replaced is still there: its steps are the next one's.
        if what != "removed" && segment.is_some_and(|segment| segment.is_removing) {
            return false;
        }
        match what {
            "made" => seen.is_some_and(|seen| seen.state == SegmentState::Running),
            "engine" => engine.is_some(),
            "joined" => engine.is_some_and(|engine| {
                matches!(engine.swarm, SwarmState::Active { .. })
                    && !self.plan.lanes.contains_key(&ordinal)
            }),
            "rebuilt" => engine.zip(segment).is_some_and(|(engine, segment)| {
                engine.status.generation >= segment.seed.generation
            }),
            "grown" => seen.zip(segment).is_some_and(|(seen, segment)| {
                seen.disk_bytes >= Some(segment.spec.disk_bytes)
                    && engine.is_some()
                    && !self.plan.lanes.contains_key(&ordinal)
            }),
            "removed" => seen.is_none(),
            _ => false,
        }
    }
}
