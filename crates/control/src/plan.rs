//! From what is wanted and what is there to the steps that may be taken now.
//!
//! Pure: no clock, no I/O, no `Result`. Each property is checked by itself, whatever happened
//! before; a plan without steps and without waiting means that everything is as wanted.

use std::collections::{BTreeMap, BTreeSet};
use std::fmt;

use crate::desired::{Desired, DesiredSegment};
use crate::step::{Awaited, Step, Waiting};
use host::{
    EngineObserved, HostObserved, NodeName, SegmentObserved, SegmentState, SwarmRole, SwarmState,
};

/// Docker's swarm is made anew only after it was in trouble for so long: an engine that restarts
/// has no quorum for a moment.
const SWARM_PATIENCE_MS: i64 = 60_000;
/// An agent that stays silent so long during a rebuild gets its segment restarted.
const REBUILD_PATIENCE_MS: i64 = 20_000;
/// A segment that stops so soon after its start is not started again at once: it would do so for
/// ever.
const RESTART_PAUSE_MS: i64 = 5_000;
/// After so many failed tries a segment goes without leaving the swarm first.
const LEAVE_TRIES: u32 = 3;

/// What is there.
#[derive(Debug, Clone, Default)]
pub(crate) struct Observed {
    pub host: HostObserved,
    /// Engines that answered, by ordinal.
    pub engines: BTreeMap<u32, EngineObserved>,
    /// Segments whose manager answers on the endpoint.
    pub answering: BTreeSet<u32>,
    /// Nodes of the lowest segment's swarm; none when it could not be asked.
    pub swarm_nodes: Option<BTreeSet<NodeName>>,
}

/// Shared steps first, one after the other; then all lanes side by side.
#[derive(Clone, Default)]
pub(crate) struct Plan {
    pub shared: Vec<Step>,
    /// By ordinal.
    pub lanes: BTreeMap<u32, Vec<Step>>,
    pub waiting: Vec<Waiting>,
}

impl Plan {
    pub(crate) fn has_steps(&self) -> bool {
        !self.shared.is_empty() || !self.lanes.is_empty()
    }

    pub(crate) fn is_done(&self) -> bool {
        !self.has_steps() && self.waiting.is_empty()
    }

    fn lane(&mut self, ordinal: u32, steps: impl IntoIterator<Item = Step>) {
        self.lanes.entry(ordinal).or_default().extend(steps);
    }

    fn wait(&mut self, ordinal: u32, what: Awaited) {
        self.waiting.push(Waiting { ordinal, what });
    }
}

/// `network; 1: define 1, start 1; 2: …; waits for …`
impl fmt::Display for Plan {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let join = |steps: &[Step]| {
            steps
                .iter()
                .map(ToString::to_string)
                .collect::<Vec<_>>()
                .join(", ")
        };
        let mut parts = Vec::new();
        if !self.shared.is_empty() {
            parts.push(join(&self.shared));
        }
        parts.extend(self.lanes.values().map(|steps| join(steps)));
        if !self.waiting.is_empty() {
            let waiting: Vec<String> = self.waiting.iter().map(ToString::to_string).collect();
            parts.push(format!("waits for {}", waiting.join(", ")));
        }
        f.write_str(&parts.join("; "))
    }
}

/// The steps that may be taken now.
pub(crate) fn plan(desired: &Desired, observed: &Observed) -> Plan {
    let mut plan = Plan::default();
    match desired.is_deleting {
        true => plan_deletion(&mut plan, desired, observed),
        false => {
            plan_network(&mut plan, desired, observed);
            plan_removals(&mut plan, desired, observed);
            plan_segments(&mut plan, desired, observed);
            plan_swarm(&mut plan, desired, observed);
            plan_endpoint(&mut plan, desired, observed);
            plan_disks(&mut plan, desired, observed);
        }
    }
    plan
}

/// All segments side by side; the network after the last of them.
fn plan_deletion(plan: &mut Plan, desired: &Desired, observed: &Observed) {
    for ordinal in observed.host.segments.keys() {
        let node = NodeName {
            cluster: desired.cluster,
            ordinal: *ordinal,
        };
        plan.lane(*ordinal, [Step::SegmentGone(node)]);
    }
    if plan.lanes.is_empty() && observed.host.network.is_some() {
        plan.shared.push(Step::NetworkGone(desired.cluster));
    }
}

fn plan_network(plan: &mut Plan, desired: &Desired, observed: &Observed) {
    if !observed
        .host
        .network
        .as_ref()
        .is_some_and(|network| network.is_active)
    {
        plan.shared
            .push(Step::NetworkEnsure(desired.network.clone()));
    }
}

/// Segments that are there and not wanted: they leave the swarm, then they go. What the swarm
/// still lists of them is `plan_swarm`'s.
fn plan_removals(plan: &mut Plan, desired: &Desired, observed: &Observed) {
    for ordinal in observed.host.segments.keys() {
        let wanted = desired.segments.get(ordinal);
        if wanted.is_some_and(|segment| !segment.is_removing) {
            continue;
        }
        let is_member = observed
            .engines
            .get(ordinal)
            .is_some_and(|engine| engine.swarm != SwarmState::Inactive);
        if let Some(segment) = wanted.filter(|_| is_member && desired.attempt < LEAVE_TRIES) {
            plan.lane(*ordinal, [Step::SwarmLeave(segment.target.clone())]);
        }
        let node = NodeName {
            cluster: desired.cluster,
            ordinal: *ordinal,
        };
        plan.lane(*ordinal, [Step::SegmentGone(node)]);
    }
}

fn kept(desired: &Desired) -> impl Iterator<Item = (u32, &DesiredSegment)> {
    desired
        .segments
        .iter()
        .filter(|(_, segment)| !segment.is_removing)
        .map(|(ordinal, segment)| (*ordinal, segment))
}

/// Made, running, with the newest seed.
fn plan_segments(plan: &mut Plan, desired: &Desired, observed: &Observed) {
    for (ordinal, segment) in kept(desired) {
        let node = segment.spec.node.clone();
        let seed = segment.seed.clone();
        let start = Step::SegmentStart {
            node: node.clone(),
            address: segment.spec.address,
        };
        let Some(seen) = observed.host.segments.get(&ordinal).filter(|seen| {
            // A segment whose volumes are not all there is made (whole) again.
            seen.is_defined && seen.disk_bytes.is_some() && seen.has_seed
        }) else {
            let spec = Box::new(segment.spec.clone());
            plan.lane(ordinal, [Step::SegmentDefine { spec, seed }]);
            let seen = observed.host.segments.get(&ordinal);
            let stopped = seen.filter(|seen| seen.state == SegmentState::Stopped);
            plan.lane(ordinal, stopped.and_then(|seen| disk_grow(segment, seen)));
            plan.lane(ordinal, [start]);
            continue;
        };
        match seen.state {
            SegmentState::Stopped if segment.running_ms.is_some_and(|ms| ms < RESTART_PAUSE_MS) => {
                plan.wait(ordinal, Awaited::Restart);
            }
            SegmentState::Stopped => {
                let put = Step::SeedPut {
                    node: node.clone(),
                    seed,
                };
                plan.lane(ordinal, disk_grow(segment, seen));
                plan.lane(ordinal, [put, start]);
            }
            SegmentState::Changing => plan.wait(ordinal, Awaited::Host),
            SegmentState::Running => match observed.engines.get(&ordinal) {
                Some(engine) if engine.status.generation < seed.generation => {
                    let put = Step::SeedPut {
                        node,
                        seed: seed.clone(),
                    };
                    let target = segment.target.clone();
                    plan.lane(ordinal, [put, Step::EngineRebuild { target, seed }]);
                }
                Some(_) => {}
                None if desired.is_rebuilding && is_mute(desired, segment) => {
                    let put = Step::SeedPut {
                        node: node.clone(),
                        seed,
                    };
                    plan.lane(ordinal, [put, Step::SegmentStop(node), start]);
                }
                None => plan.wait(ordinal, Awaited::Engine),
            },
        }
    }
}

/// It was asked long enough, and had long enough to start.
fn is_mute(desired: &Desired, segment: &DesiredSegment) -> bool {
    let running_ms = segment.running_ms.unwrap_or(0);
    desired.waited_ms >= REBUILD_PATIENCE_MS && running_ms >= REBUILD_PATIENCE_MS
}

/// One Docker swarm: the lowest segment manages, the others work in it, nobody else is listed.
fn plan_swarm(plan: &mut Plan, desired: &Desired, observed: &Observed) {
    let Some((lowest, leader)) = kept(desired).next() else {
        return;
    };
    // Its own steps come first; the swarm has its turn in a later round.
    let Some(engine) = ready(plan, observed, lowest) else {
        return;
    };
    let is_patient = desired.waited_ms < SWARM_PATIENCE_MS;
    let swarm_id = match &engine.swarm {
        SwarmState::Active {
            role: SwarmRole::Manager,
            has_quorum: true,
            swarm_id,
            ..
        } => swarm_id,
        SwarmState::Inactive => {
            return plan.lane(lowest, [Step::SwarmInit(leader.target.clone())]);
        }
        _ if is_patient => return plan.wait(lowest, Awaited::Swarm),
        _ => {
            let leave = Step::SwarmLeave(leader.target.clone());
            return plan.lane(lowest, [leave, Step::SwarmInit(leader.target.clone())]);
        }
    };
    let Some(listed) = &observed.swarm_nodes else {
        return plan.wait(lowest, Awaited::Swarm);
    };
    for (ordinal, segment) in kept(desired).skip(1) {
        let Some(engine) = ready(plan, observed, ordinal) else {
            continue;
        };
        let is_member = match &engine.swarm {
            SwarmState::Active { swarm_id: own, .. } => {
                (own.is_none() || own == swarm_id) && listed.contains(&segment.spec.node)
            }
            SwarmState::Inactive => false,
            SwarmState::Troubled(_) if is_patient => {
                plan.wait(ordinal, Awaited::Swarm);
                continue;
            }
            SwarmState::Troubled(_) => false,
        };
        if !is_member {
            let (target, manager) = (segment.target.clone(), leader.target.clone());
            plan.lane(ordinal, [Step::SwarmJoin { target, manager }]);
        }
    }
    for node in listed {
        let is_kept = kept(desired).any(|(_, segment)| segment.spec.node == *node);
        let is_there = observed.host.segments.contains_key(&node.ordinal);
        if !is_kept && !is_there && node.cluster == desired.cluster {
            let manager = leader.target.clone();
            plan.lane(
                lowest,
                [Step::SwarmNodeGone {
                    manager,
                    node: node.clone(),
                }],
            );
        }
    }
}

/// The engine of a segment that has nothing else to do.
fn ready<'a>(plan: &Plan, observed: &'a Observed, ordinal: u32) -> Option<&'a EngineObserved> {
    if plan.lanes.contains_key(&ordinal) {
        return None;
    }
    let segment = observed.host.segments.get(&ordinal)?;
    observed
        .engines
        .get(&ordinal)
        .filter(|_| segment.state == SegmentState::Running)
}

fn plan_endpoint(plan: &mut Plan, desired: &Desired, observed: &Observed) {
    for (ordinal, _) in kept(desired) {
        let is_up = observed.engines.contains_key(&ordinal);
        if is_up && !observed.answering.contains(&ordinal) {
            plan.wait(ordinal, Awaited::Endpoint);
        }
    }
}

/// A disk that is smaller than wanted; what has none gets one of the right size with its definition.
fn disk_grow(segment: &DesiredSegment, seen: &SegmentObserved) -> Option<Step> {
    let bytes = segment.spec.disk_bytes;
    let is_small = seen.disk_bytes.is_some_and(|has| has < bytes);
    is_small.then(|| Step::DiskGrow {
        node: segment.spec.node.clone(),
        bytes,
    })
}

/// A disk grows while its segment is stopped: one segment after another, and only when all else is
/// as wanted. One whose engine has been silent for long serves nobody and comes first: perhaps its
/// disk is full.
fn plan_disks(plan: &mut Plan, desired: &Desired, observed: &Observed) {
    let running = kept(desired).filter_map(|(ordinal, segment)| {
        let seen = observed.host.segments.get(&ordinal)?;
        let is_idle = seen.state == SegmentState::Running && !plan.lanes.contains_key(&ordinal);
        let grow = disk_grow(segment, seen).filter(|_| is_idle)?;
        Some((ordinal, segment, grow))
    });
    let small: Vec<(u32, &DesiredSegment, Step)> = running.collect();
    let is_quiet = !plan.has_steps() && plan.waiting.is_empty();
    let is_silent = |ordinal: &u32, segment: &DesiredSegment| {
        !observed.engines.contains_key(ordinal) && is_mute(desired, segment)
    };
    let silent = small.iter().find(|(n, segment, _)| is_silent(n, segment));
    let next = silent.or(small.first().filter(|_| is_quiet));
    let next = next.map(|(ordinal, ..)| *ordinal);
    for (ordinal, segment, grow) in small {
        if Some(ordinal) != next {
            plan.wait(ordinal, Awaited::Turn);
            continue;
        }
        let node = segment.spec.node.clone();
        let put = Step::SeedPut {
            node: node.clone(),
            seed: segment.seed.clone(),
        };
        let start = Step::SegmentStart {
            node: node.clone(),
            address: segment.spec.address,
        };
        plan.lane(ordinal, [Step::SegmentStop(node), grow, put, start]);
    }
}

#[cfg(test)]
#[path = "plan_tests.rs"]
mod tests;
