//! Whatever call the panel dies at, the next start makes the wish true and leaks nothing.

use std::sync::Arc;

use futures::future::join_all;
use futures::stream::{self, StreamExt as _};
use host::sim::{Sim, Verb, When};
use host::{Host, NodeName};
use model::{ClusterId, OperationState, Phase, SegmentPhase};

use super::mortal::Mortal;
use super::world::{World, parts, settings};
use crate::panel::Panel;
use crate::reconcile::Outcome;
use crate::{Actor, ClusterOrder, Parts};

/// More rounds than any mending takes.
const ROUNDS_MAX: usize = 60;

struct Story {
    world: World,
    actor: Actor,
    mortal: Option<Mortal>,
    panel: Panel,
}

impl Story {
    async fn new(fault: Option<(u64, When)>) -> Self {
        let world = World::new().await;
        let actor = world.actor("ada").await;
        let mortal = fault.map(|(call, when)| Mortal::new(&world.sim, call + 1, when));
        let panel = Panel::new(Self::parts(&world, mortal.as_ref()))
            .await
            .unwrap();
        Self {
            world,
            actor,
            mortal,
            panel,
        }
    }

    fn parts(world: &World, mortal: Option<&Mortal>) -> Parts {
        let parts = parts(&world.store, &world.sim, &world.clock);
        match mortal {
            None => parts,
            Some(mortal) => Parts {
                hosts: vec![Arc::new(mortal.clone())],
                engine: Arc::new(mortal.clone()),
                settings: settings(),
                ..parts
            },
        }
    }

    async fn all(&self) -> Vec<Outcome> {
        let clusters = self
            .world
            .store
            .store
            .read()
            .await
            .unwrap()
            .loop_all()
            .await
            .unwrap();
        join_all(clusters.iter().map(|row| self.panel.round(row.cluster_id))).await
    }

    /// Rounds until everything is quiet; a death in between is a new panel on the same database.
    async fn settle(&mut self) {
        for _ in 0..ROUNDS_MAX {
            let outcomes = match &self.mortal {
                None => self.all().await,
                Some(mortal) => {
                    let died = mortal.died.clone();
                    tokio::select! {
                        outcomes = self.all() => outcomes,
                        () = died.notified() => {
                            self.mortal = None;
                            self.panel =
                                Panel::new(Self::parts(&self.world, None)).await.unwrap();
                            continue;
                        }
                    }
                }
            };
            self.world.clock.advance(10);
            let is_quiet = |o: &Outcome| matches!(o, Outcome::Converged { .. } | Outcome::Gone);
            if outcomes.iter().all(is_quiet) {
                return;
            }
        }
        panic!("it does not settle: {:?}", self.all().await);
    }

    async fn converged(&self, id: ClusterId, segments: u32) {
        let view = self.panel.cluster_get(&self.actor, id).await.unwrap();
        assert_eq!((view.phase, view.reason.as_deref()), (Phase::Active, None));
        let ordinals: Vec<u32> = view
            .segments
            .iter()
            .map(|segment| segment.ordinal)
            .collect();
        assert_eq!(ordinals, (1..=segments).collect::<Vec<_>>());
        assert!(
            view.segments
                .iter()
                .all(|segment| segment.phase == SegmentPhase::Active)
        );
        assert!(
            view.operations
                .iter()
                .all(|op| op.state == OperationState::Done)
        );
        assert!(
            view.steps.iter().all(|step| step.took_ms.is_some()),
            "{:?}",
            view.steps
        );
        let there = Host::observe(&self.world.sim, id).await.unwrap();
        assert_eq!(there.segments.keys().copied().collect::<Vec<_>>(), ordinals);
    }

    /// Create, grow, shrink, larger disks, rebuild, delete.
    async fn run(&mut self) {
        let id = self
            .panel
            .cluster_create(&self.actor, ClusterOrder::new("lab", 1))
            .await
            .unwrap()
            .id;
        self.settle().await;
        self.converged(id, 1).await;
        for segments in [3, 2] {
            self.panel
                .cluster_scale(&self.actor, id, segments, None)
                .await
                .unwrap();
            self.settle().await;
            self.converged(id, segments).await;
        }
        // It has been running for a while; what stops right after its start has to wait.
        self.world.clock.advance(10_000);
        let grown = self.panel.cluster_disk_grow(&self.actor, id, 30).await;
        grown.unwrap();
        self.settle().await;
        self.converged(id, 2).await;
        let there = Host::observe(&self.world.sim, id).await.unwrap();
        let sizes = there.segments.values().map(|segment| segment.disk_bytes);
        assert!(sizes.into_iter().all(|size| size == Some(30 << 30)));
        self.panel.cluster_rebuild(&self.actor, id).await.unwrap();
        self.settle().await;
        self.converged(id, 2).await;
        for ordinal in 1..=2 {
            let node = NodeName {
                cluster: id,
                ordinal,
            };
            assert!(self.world.sim.rebuilds(&node) >= 1);
        }
        self.panel
            .cluster_delete(&self.actor, id, "lab")
            .await
            .unwrap();
        self.settle().await;
        let mut tx = self.world.store.store.read().await.unwrap();
        assert!(tx.cluster_all().await.unwrap().is_empty());
        assert!(tx.segment_id_bases().await.unwrap().is_empty());
        assert!(self.world.sim.clusters().await.unwrap().is_empty());
        assert_eq!(
            self.world.sim.strays().await.unwrap().0,
            Vec::<String>::new()
        );
        assert_eq!(self.world.sim.violations(), Vec::<String>::new());
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn converges_from_every_crash_point() {
    let mut story = Story::new(None).await;
    story.run().await;
    let calls = story.world.sim.calls();
    assert!(calls > 40, "the story is too short: {calls} calls");
    let points = (0..calls).flat_map(|call| [(call, When::Before), (call, When::After)]);
    let deaths = stream::iter(points)
        .map(|point| async move {
            let mut story = Story::new(Some(point)).await;
            story.run().await;
            usize::from(story.mortal.is_none())
        })
        .buffer_unordered(4)
        .fold(0, |all, died| async move { all + died })
        .await;
    // Some calls are this test's own, and rounds side by side may save one.
    assert!(
        deaths as u64 * 10 >= calls * 2 * 9,
        "{deaths} deaths at {calls} calls"
    );
}

/// An error instead of a death: it is recorded, and the next rounds go on from there.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn every_failing_verb_is_a_condition_that_passes() {
    let verbs = [
        Verb::Observe,
        Verb::NetworkEnsure,
        Verb::SegmentEnsureDefined,
        Verb::SegmentEnsureRunning,
        Verb::SegmentEnsureGone,
        Verb::NetworkEnsureGone,
        Verb::EngineObserve,
        Verb::EngineRebuild,
        Verb::SwarmEnsureInit,
        Verb::SwarmEnsureJoined,
        Verb::SwarmEnsureLeft,
        Verb::SwarmNodes,
        Verb::SwarmNodeEnsureGone,
        Verb::EndpointProbe,
        Verb::SeedEnsure,
        Verb::SegmentEnsureStopped,
        Verb::DiskEnsureGrown,
    ];
    for verb in verbs {
        let mut story = Story::new(None).await;
        story.world.sim.fail_next(verb, 5);
        story.run().await;
    }
}

async fn active(segments: u32) -> (Story, ClusterId) {
    let mut story = Story::new(None).await;
    let id = story
        .panel
        .cluster_create(&story.actor, ClusterOrder::new("lab", segments))
        .await
        .unwrap()
        .id;
    story.settle().await;
    (story, id)
}

#[tokio::test]
async fn a_converged_cluster_is_left_alone() {
    let (mut story, id) = active(3).await;
    let before = story.world.sim.log().len();
    story.settle().await;
    let log = story.world.sim.log();
    let looks = [
        Verb::Observe,
        Verb::EngineObserve,
        Verb::EndpointProbe,
        Verb::SwarmNodes,
    ];
    assert!(
        log[before..].iter().all(|verb| looks.contains(verb)),
        "{:?}",
        &log[before..]
    );
    story.converged(id, 3).await;
}

#[tokio::test]
async fn what_breaks_behind_our_back_is_mended() {
    type Damage = fn(&Sim, &NodeName);
    let damages: [(&str, Damage); 4] = [
        ("destroyed", |sim, node| sim.destroy_behind_our_back(node)),
        ("undefined", |sim, node| sim.undefine_behind_our_back(node)),
        ("disk lost", |sim, node| sim.lose_disk(node)),
        ("network stopped", |sim, node| {
            sim.stop_network(node.cluster)
        }),
    ];
    for (name, damage) in damages {
        for ordinal in [1, 2] {
            let (mut story, id) = active(2).await;
            // It has been running for a while; what stops right after its start has to wait.
            story.world.clock.advance(10_000);
            damage(
                &story.world.sim,
                &NodeName {
                    cluster: id,
                    ordinal,
                },
            );
            story.settle().await;
            story.converged(id, 2).await;
            assert_eq!(
                story.world.sim.violations(),
                Vec::<String>::new(),
                "{name} {ordinal}"
            );
        }
    }
}

#[tokio::test]
async fn a_failure_is_told_with_its_reason_and_the_next_tries_time() {
    let story = Story::new(None).await;
    story.world.sim.fail_next(Verb::SegmentEnsureRunning, 1);
    let id = story
        .panel
        .cluster_create(&story.actor, ClusterOrder::new("lab", 1))
        .await
        .unwrap()
        .id;
    assert!(matches!(story.all().await[..], [Outcome::Failed { .. }]));
    let view = story.panel.cluster_get(&story.actor, id).await.unwrap();
    assert_eq!(view.phase, Phase::Error);
    assert!(view.reason.unwrap().starts_with("Segment 1: "));
    assert!(view.next_try_at.unwrap() > story.panel.now());
    // It still may come up, so it counts; whoever gives it up has its place again at once.
    let quota = story.panel.quota(&story.actor, None).await.unwrap();
    assert_eq!(quota.clusters_used, 1);
    assert_eq!(quota.memory_used_mib, quota.memory_per_segment_mib);
    story
        .panel
        .cluster_delete(&story.actor, id, "lab")
        .await
        .unwrap();
    let quota = story.panel.quota(&story.actor, None).await.unwrap();
    assert_eq!((quota.clusters_used, quota.memory_used_mib), (0, 0));
}

#[tokio::test]
async fn a_silent_engine_degrades_the_cluster_and_says_so() {
    let (mut story, id) = active(2).await;
    let node = NodeName {
        cluster: id,
        ordinal: 2,
    };
    story.world.sim.hold(&node);
    assert!(matches!(story.all().await[..], [Outcome::Waiting { .. }]));
    let view = story.panel.cluster_get(&story.actor, id).await.unwrap();
    assert_eq!(view.phase, Phase::Degraded);
    assert_eq!(view.reason.unwrap(), "Waiting for the engine of segment 2");
    assert_eq!(view.segments[1].phase, SegmentPhase::Down);
    // The front door leads to the one that answers first.
    let doors = story.panel.front_doors.borrow().clone();
    assert_eq!(
        doors[0].targets[0].ip(),
        &"10.84.0.11".parse::<std::net::Ipv4Addr>().unwrap()
    );
    story.world.sim.release(&node);
    story.settle().await;
    story.converged(id, 2).await;
}

#[tokio::test]
async fn a_host_that_is_away_is_waited_for() {
    let (mut story, id) = active(1).await;
    story.world.sim.set_connected(false);
    assert!(matches!(story.all().await[..], [Outcome::Failed { .. }]));
    let view = story.panel.cluster_get(&story.actor, id).await.unwrap();
    assert!(view.reason.is_some());
    assert_eq!(
        view.segments[0].phase,
        SegmentPhase::Active,
        "nothing new is known of it"
    );
    story.world.sim.set_connected(true);
    story.settle().await;
    story.converged(id, 1).await;
}

#[tokio::test]
async fn a_newer_wish_takes_the_place_of_one_that_is_not_done() {
    let mut story = Story::new(None).await;
    let id = story
        .panel
        .cluster_create(&story.actor, ClusterOrder::new("lab", 1))
        .await
        .unwrap()
        .id;
    story
        .panel
        .cluster_scale(&story.actor, id, 3, None)
        .await
        .unwrap();
    let view = story
        .panel
        .cluster_scale(&story.actor, id, 2, None)
        .await
        .unwrap();
    let states: Vec<OperationState> = view.operations.iter().map(|op| op.state).collect();
    let (running, superseded) = (OperationState::Running, OperationState::Superseded);
    assert_eq!(states, vec![running, superseded, superseded]);
    story.settle().await;
    let there = Host::observe(&story.world.sim, id).await.unwrap();
    assert_eq!(there.segments.len(), 2);
    story
        .panel
        .cluster_delete(&story.actor, id, "lab")
        .await
        .unwrap();
    story.settle().await;
    assert!(story.world.sim.clusters().await.unwrap().is_empty());
}
