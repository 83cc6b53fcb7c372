//! What segments used, from the hosts to the charts.

use host::sim::Verb;
use model::{ClusterId, Measure, MetricsView, Phase, Span, UserError};
use store::MetricPlace;
use store::testing::{TestStore, stores};

use super::world::{World, parts};
use crate::metric::BUCKET_BYTES;
use crate::{Actor, Control};

const SAMPLE_MS: i64 = 10_000;

struct Measured {
    world: World,
    actor: Actor,
    cluster: ClusterId,
}

impl Measured {
    async fn on(store: TestStore) -> Self {
        let world = World::on(store).await;
        let actor = world.actor("ada").await;
        let made = world.control.cluster_create(&actor, "lab", 2).await;
        let cluster = made.unwrap().id;
        world.up(&actor, cluster).await;
        Self {
            world,
            actor,
            cluster,
        }
    }

    /// As the loop does it, so many times.
    async fn sample(&self, control: &Control, times: u32) {
        for _ in 0..times {
            self.world.clock.advance(SAMPLE_MS);
            control.metrics_sample().await;
        }
    }

    async fn chart(&self, control: &Control, span: Span) -> MetricsView {
        let view = control.cluster_metrics(&self.actor, self.cluster, span);
        view.await.unwrap()
    }

    /// A panel that knows nothing but what is in the database.
    async fn restarted(&self) -> Control {
        let world = &self.world;
        Control::new(parts(&world.store, &world.sim, &world.clock))
            .await
            .unwrap()
    }

    async fn rows(&self) -> i64 {
        let mut tx = self.world.store.store.read().await.unwrap();
        tx.metric_count().await.unwrap()
    }
}

/// Points with a value, of one segment's line.
fn known(view: &MetricsView, ordinal: u32, measure: Measure) -> usize {
    let segment = view.segments.iter().find(|s| s.ordinal == ordinal);
    let line = segment.and_then(|s| s.lines.iter().find(|line| line.measure == measure));
    line.map_or(0, |line| line.points.iter().flatten().count())
}

#[tokio::test]
async fn a_chart_shows_every_segment_from_its_first_sample_on() {
    for store in stores().await {
        let engine = store.engine;
        let test = Measured::on(store).await;
        let control = &test.world.control;
        let empty = test.chart(control, Span::Hour).await;
        assert_eq!(known(&empty, 1, Measure::Memory), 0, "{engine}");
        assert_eq!(empty.segments.len(), 2);
        assert_eq!(empty.segments[0].lines.len(), Measure::ALL.len());

        test.sample(control, 1).await;
        let one = test.chart(control, Span::Hour).await;
        assert_eq!(known(&one, 2, Measure::Memory), 1, "a level needs one");
        assert_eq!(known(&one, 2, Measure::Cpu), 0, "a rate needs two");

        // A quarter of an hour: in points of 20 s, 6 min, an hour and four.
        test.sample(control, 90).await;
        for (span, at_least) in [
            (Span::Hour, 45),
            (Span::Day, 3),
            (Span::Week, 1),
            (Span::Month, 1),
        ] {
            let chart = test.chart(control, span).await;
            for ordinal in [1, 2] {
                let n = known(&chart, ordinal, Measure::Cpu);
                assert!(
                    (at_least..=at_least + 1).contains(&n),
                    "{engine} {span}: {n}"
                );
            }
        }
        // The pages' own numbers come from the same samples.
        let view = control
            .cluster_get(&test.actor, test.cluster)
            .await
            .unwrap();
        let chart = test.chart(control, Span::Hour).await;
        let line = &chart.segments[0].lines[Measure::DiskUsed as usize];
        let last = line.points.iter().rev().flatten().next().unwrap();
        assert_eq!(view.segments[0].disk_used_bytes, Some(last.max));
    }
}

#[tokio::test]
async fn history_survives_a_restart() {
    for store in stores().await {
        let engine = store.engine;
        let test = Measured::on(store).await;
        test.sample(&test.world.control, 130).await;
        let before = test.chart(&test.world.control, Span::Hour).await;
        let control = test.restarted().await;
        let after = test.chart(&control, Span::Hour).await;
        let (n_before, n_after) = (
            known(&before, 1, Measure::Memory),
            known(&after, 1, Measure::Memory),
        );
        // Minutes are written when they are over: the last one is lost, and no more.
        assert!(
            n_after + 3 >= n_before && n_after > 50,
            "{engine}: {n_after}"
        );
        // It goes on where it was, and the ten minutes that were under way become whole.
        test.sample(&control, 60).await;
        let control = test.restarted().await;
        for span in [Span::Day, Span::Week, Span::Month] {
            let chart = test.chart(&control, span).await;
            assert!(known(&chart, 1, Measure::Cpu) > 0, "{engine} {span}");
        }
    }
}

#[tokio::test]
async fn a_silent_host_leaves_a_gap() {
    let test = Measured::on(store::testing::sqlite().await).await;
    let control = &test.world.control;
    test.sample(control, 12).await;
    for _ in 0..12 {
        test.world.sim.fail_next(Verb::Usage, 1);
        test.sample(control, 1).await;
    }
    test.sample(control, 12).await;
    let chart = test.chart(control, Span::Hour).await;
    let memory = &chart.segments[0].lines[Measure::Memory as usize].points;
    let first = memory.iter().position(Option::is_some).unwrap();
    let last = memory.iter().rposition(Option::is_some).unwrap();
    let gaps = memory[first..=last].iter().filter(|p| p.is_none()).count();
    assert!((5..=6).contains(&gaps), "two minutes of 20 s each: {gaps}");
}

#[tokio::test]
async fn what_a_host_cannot_tell_the_agent_is_asked() {
    let test = Measured::on(store::testing::sqlite().await).await;
    test.world.sim.set_blind(true);
    test.sample(&test.world.control, 3).await;
    let chart = test.chart(&test.world.control, Span::Hour).await;
    for measure in [Measure::Memory, Measure::DiskUsed] {
        assert!(known(&chart, 1, measure) >= 1, "{measure}");
    }
}

#[tokio::test]
async fn a_segment_never_has_more_rows_than_places() {
    for store in stores().await {
        let engine = store.engine;
        let test = Measured::on(store).await;
        test.sample(&test.world.control, 8).await;
        let store = &test.world.store.store;
        let mut tx = store.write().await.unwrap();
        let series = tx.metric_series_list().await.unwrap();
        assert_eq!(series.len(), 2, "{engine}");
        let data = vec![7; BUCKET_BYTES];
        // Twice round the shortest ring, as two days would.
        for at in 0..2 * 1_440 {
            let place = MetricPlace {
                series: series[0].id,
                step_s: 60,
                place: at % 1_440,
                at: at * 60_000,
            };
            tx.metric_put(place, &data).await.unwrap();
        }
        tx.commit().await.unwrap();
        let mut tx = store.read().await.unwrap();
        let kept = tx.metric_since(test.cluster, 60, 0).await.unwrap();
        let first = kept.iter().filter(|row| row.ordinal == 1);
        assert_eq!(first.clone().count(), 1_440, "{engine}");
        assert_eq!(first.map(|row| row.at).min(), Some(1_440 * 60_000));
    }
}

#[tokio::test]
async fn what_was_measured_goes_with_its_segment() {
    for store in stores().await {
        let engine = store.engine;
        let test = Measured::on(store).await;
        let control = &test.world.control;
        test.sample(control, 13).await;
        let with_two = test.rows().await;
        assert!(with_two >= 4, "{engine}: {with_two}");
        let scaled = control.cluster_scale(&test.actor, test.cluster, 1).await;
        scaled.unwrap();
        control.settle().await;
        assert_eq!(test.rows().await, with_two / 2, "{engine}");
        control
            .cluster_delete(&test.actor, test.cluster, "lab")
            .await
            .unwrap();
        control.settle().await;
        assert_eq!(test.rows().await, 0, "{engine}");
        // A sample that was on its way finds nobody to belong to.
        test.sample(control, 13).await;
        assert_eq!(test.rows().await, 0, "{engine}");
    }
}

#[tokio::test]
async fn somebody_else_s_charts_do_not_exist() {
    let test = Measured::on(store::testing::sqlite().await).await;
    let eve = test.world.actor("eve").await;
    let asked = test
        .world
        .control
        .cluster_metrics(&eve, test.cluster, Span::Day)
        .await;
    let what = "cluster".to_owned();
    assert_eq!(asked.unwrap_err(), UserError::NotFound { what });
    let own = test.world.control.cluster_get(&test.actor, test.cluster);
    assert_eq!(own.await.unwrap().phase, Phase::Active);
}

#[tokio::test]
async fn a_stranger_on_the_host_gets_no_rows() {
    // Segments that some other panel left there, with our naming.
    let test = Measured::on(store::testing::sqlite().await).await;
    let other = World::on(store::testing::sqlite().await).await;
    let control = Control::new(parts(&other.store, &test.world.sim, &other.clock))
        .await
        .unwrap();
    for _ in 0..14 {
        other.clock.advance(SAMPLE_MS);
        control.metrics_sample().await;
    }
    let mut tx = other.store.store.read().await.unwrap();
    assert_eq!(tx.metric_count().await.unwrap(), 0);
    assert!(tx.metric_series_list().await.unwrap().is_empty());
}
