//! What containers used, from the segments to the charts.

use host::NodeName;
use host::sim::Verb;
use model::{
    ClusterId, ContainerMetricsView, ContainerRef, ContainerView, Measure, Span, UserError,
};
use store::testing::{TestStore, stores};

use super::world::{World, parts};
use crate::{Actor, Control};

const TICK_MS: i64 = 10_000;
const TICKS_OF_A_MINUTE: u32 = 6;

struct Measured {
    world: World,
    actor: Actor,
    cluster: ClusterId,
    /// Of the container `web`, on the first segment.
    web: ContainerRef,
}

impl Measured {
    async fn on(store: TestStore) -> Self {
        let world = World::inhabited_on(store).await;
        let actor = world.actor("ada").await;
        let made = world.control.cluster_create(&actor, "lab", 2).await;
        let cluster = made.unwrap().id;
        world.up(&actor, cluster).await;
        // To the end of a minute, so that all of the next one is to come.
        world.clock.advance(30_000);
        let all = world.control.container_list(&actor, cluster).await.unwrap();
        let web = all.iter().find(|one| one.name == "web").unwrap();
        Self {
            web: web.id.parse().unwrap(),
            world,
            actor,
            cluster,
        }
    }

    async fn new() -> Self {
        Self::on(store::testing::sqlite().await).await
    }

    /// As the loop does it.
    async fn minutes(&self, control: &Control, minutes: u32) {
        for _ in 0..minutes * TICKS_OF_A_MINUTE {
            self.world.clock.advance(TICK_MS);
            control.container_metrics_sample().await;
        }
    }

    async fn chart(&self, control: &Control, span: Span) -> ContainerMetricsView {
        let view = control.container_metrics(&self.actor, self.cluster, &self.web, span);
        view.await.unwrap()
    }

    /// A panel that knows nothing but what is in the database.
    async fn restarted(&self) -> Control {
        let world = &self.world;
        Control::new(parts(&world.store, &world.sim, &world.clock))
            .await
            .unwrap()
    }

    /// Rows, and the bytes in them.
    async fn size(&self) -> (i64, i64) {
        let mut tx = self.world.store.store.read().await.unwrap();
        tx.container_metric_size().await.unwrap()
    }

    fn questions(&self) -> usize {
        let log = self.world.sim.log();
        log.iter()
            .filter(|verb| **verb == Verb::ContainersUsage)
            .count()
    }

    fn node(&self, ordinal: u32) -> NodeName {
        NodeName {
            cluster: self.cluster,
            ordinal,
        }
    }
}

/// Points with a value.
fn known(view: &ContainerMetricsView, measure: Measure) -> usize {
    let line = view.lines.iter().find(|line| line.measure == measure);
    line.map_or(0, |line| line.points.iter().flatten().count())
}

#[tokio::test]
async fn a_container_has_charts_of_every_length() {
    for store in stores().await {
        let engine = store.engine;
        let test = Measured::on(store).await;
        let control = &test.world.control;
        let empty = test.chart(control, Span::Hour).await;
        assert!(empty.is_empty() && empty.lines.len() == 6, "{engine}");

        test.minutes(control, 1).await;
        let one = test.chart(control, Span::Hour).await;
        assert_eq!(known(&one, Measure::Memory), 1, "a level needs one");
        assert_eq!(known(&one, Measure::Cpu), 0, "a rate needs two");

        test.minutes(control, 14).await;
        for (span, expect) in [
            (Span::Hour, 14..=15),
            (Span::Day, 3..=4),
            (Span::Week, 1..=2),
            (Span::Month, 1..=2),
        ] {
            let chart = test.chart(control, span).await;
            for measure in [Measure::Memory, Measure::Cpu, Measure::NetworkOut] {
                let n = known(&chart, measure);
                assert!(expect.contains(&n), "{engine} {span} {measure}: {n}");
            }
        }
    }
}

#[tokio::test]
async fn each_segment_is_asked_once_a_minute_while_its_cluster_is_active() {
    let test = Measured::new().await;
    let control = &test.world.control;
    test.minutes(control, 3).await;
    assert_eq!(test.questions(), 2 * 3, "two segments");
    // Nothing answers: it is asked less and less, and leaves a gap.
    for ordinal in [1, 2] {
        test.world.sim.hold(&test.node(ordinal));
    }
    test.minutes(control, 16).await;
    assert_eq!(
        test.questions(),
        2 * 3 + 2 * 5,
        "0, 1, 3, 7 and 15 minutes later"
    );
    control.settle().await;
    let before = test.questions();
    test.minutes(control, 40).await;
    assert_eq!(test.questions(), before, "it is not active any more");
    let chart = test.chart(control, Span::Hour).await;
    let memory = known(&chart, Measure::Memory);
    assert_eq!(memory, 3, "the gap is no zero");
}

#[tokio::test]
async fn history_survives_a_restart() {
    for store in stores().await {
        let engine = store.engine;
        let test = Measured::on(store).await;
        test.minutes(&test.world.control, 20).await;
        let before = test.chart(&test.world.control, Span::Hour).await;
        let control = test.restarted().await;
        let after = test.chart(&control, Span::Hour).await;
        assert_eq!(before, after, "{engine}: nothing was in memory alone");
        test.minutes(&control, 6).await;
        let day = test.chart(&control, Span::Day).await;
        let n = known(&day, Measure::Memory);
        assert!((5..=6).contains(&n), "{engine}: {n}");
    }
}

#[tokio::test]
async fn days_are_made_of_minutes_and_take_a_bounded_room() {
    let test = Measured::new().await;
    let control = &test.world.control;
    test.minutes(control, 300).await;
    for (span, at_least) in [(Span::Day, 50), (Span::Week, 5), (Span::Month, 2)] {
        let n = known(&test.chart(control, span).await, Measure::Memory);
        assert!((at_least..=at_least + 2).contains(&n), "{span}: {n}");
    }
    // Two segments: two hours of minutes, and the wider rows of five.
    let (rows, bytes) = test.size().await;
    assert!((2 * 170..=2 * 178).contains(&rows), "{rows}");
    assert!(
        bytes < rows * 100,
        "{bytes}: two containers at most run in each"
    );
    // What is gone is written over or emptied when its turn comes.
    for one in test
        .world
        .control
        .container_list(&test.actor, test.cluster)
        .await
        .unwrap()
    {
        if let (false, Ok(id)) = (one.is_system, one.id.parse::<ContainerRef>()) {
            let remove = model::ContainerAction::Remove;
            let act = control.container_act(&test.actor, test.cluster, &id, remove);
            act.await.unwrap();
        }
    }
    test.minutes(control, 130).await;
    assert!(test.chart(control, Span::Hour).await.is_empty());
    let (later, _) = test.size().await;
    assert!(later <= rows - 2 * 115, "no minute is left: {later}");
}

#[tokio::test]
async fn a_segment_with_many_containers_takes_no_more_than_its_room() {
    let test = Measured::new().await;
    let node = test.node(1);
    for n in 0..200 {
        let container = ContainerView {
            node: node.to_string(),
            id: format!("{n:016x}{:048x}", 1),
            name: format!("c{n}"),
            image: "nginx".to_owned(),
            state: "running".to_owned(),
            status: "Up".to_owned(),
            ports: Vec::new(),
            is_system: false,
            created_at: 0,
        };
        test.world.sim.container_put(&node, container);
    }
    test.minutes(&test.world.control, 13).await;
    let mut tx = test.world.store.store.read().await.unwrap();
    for (step_s, most) in [(60, 1 + 64 * 20), (360, 1 + 64 * 45)] {
        let all = tx.container_metric_since(test.cluster, step_s, 0).await;
        let all = all.unwrap();
        assert!(!all.is_empty());
        for row in all {
            assert!(row.data.len() <= most, "{step_s}: {}", row.data.len());
        }
    }
}

#[tokio::test]
async fn what_was_measured_goes_with_its_segment() {
    for store in stores().await {
        let engine = store.engine;
        let test = Measured::on(store).await;
        let control = &test.world.control;
        test.minutes(control, 7).await;
        let (with_two, _) = test.size().await;
        assert!(with_two >= 14, "{engine}: {with_two}");
        let scaled = control.cluster_scale(&test.actor, test.cluster, 1).await;
        scaled.unwrap();
        control.settle().await;
        assert_eq!(test.size().await.0, with_two / 2, "{engine}");
        let deleted = control
            .cluster_delete(&test.actor, test.cluster, "lab")
            .await;
        deleted.unwrap();
        control.settle().await;
        assert_eq!(test.size().await, (0, 0), "{engine}");
        test.minutes(control, 7).await;
        assert_eq!(test.size().await, (0, 0), "{engine}");
    }
}

#[tokio::test]
async fn somebody_else_s_containers_do_not_exist() {
    let test = Measured::new().await;
    test.minutes(&test.world.control, 1).await;
    let eve = test.world.actor("eve").await;
    let control = &test.world.control;
    let asked = control.container_metrics(&eve, test.cluster, &test.web, Span::Hour);
    let what = "cluster".to_owned();
    assert_eq!(asked.await.unwrap_err(), UserError::NotFound { what });
    // By its name it is not known, and of an unknown one nothing is told.
    for word in ["web", "nobody", &"0".repeat(64)] {
        let word = word.parse().unwrap();
        let asked = control.container_metrics(&test.actor, test.cluster, &word, Span::Hour);
        assert!(asked.await.unwrap().is_empty(), "{word}");
    }
}
