//! What a container used, over an hour to a month.

use leptos::prelude::*;
use model::{
    ClusterView, ContainerDetailView, ContainerMetricsView, Measure, Reading, SegmentView,
};

use crate::format::{bytes, centi};
use crate::page::metrics::spans;
use crate::ui::{Chart, ChartLine, Unit};
use crate::words::{t, tf};

/// Where the choice of a time leads back to.
const PART: &str = "#over-time";

pub fn history(
    cluster: &ClusterView,
    container: &ContainerDetailView,
    metrics: &ContainerMetricsView,
) -> AnyView {
    let body = match metrics.is_empty() {
        true => {
            let words = t("Measured once a minute while it runs; nothing in this time yet.");
            view! { <p class="empty">{words}</p> }.into_any()
        }
        false => charts(cluster, container, metrics),
    };
    view! {
        <section class="panel over-time" aria-labelledby="over-time">
            <div class="change-head">
                <h2 id="over-time">{t("Over time")}</h2>
                {spans(metrics.span, PART)}
            </div>
            {body}
        </section>
    }
    .into_any()
}

fn charts(
    cluster: &ClusterView,
    container: &ContainerDetailView,
    metrics: &ContainerMetricsView,
) -> AnyView {
    let node = &container.summary.node;
    let segment = cluster.segments.iter().find(|one| one.node == *node);
    let points = |measure: Measure| points(metrics, measure);
    let own = &container.summary.name;
    let line = |label: &str, measure| ChartLine {
        label: label.to_owned(),
        points: points(measure),
    };
    let chart = |key, title, note, unit, lines| Chart {
        key,
        title,
        is_part: true,
        note,
        unit,
        span: metrics.span,
        from: metrics.from,
        step_ms: metrics.step_ms,
        lines,
    };
    let all = [
        chart(
            "cpu",
            "CPU",
            cpu_note(container, segment),
            Unit::Vcpu,
            vec![line(own, Measure::Cpu)],
        ),
        chart(
            "memory",
            "Memory",
            memory_note(container, segment),
            Unit::Bytes,
            vec![line(own, Measure::Memory)],
        ),
        chart(
            "network",
            "Network",
            Some(t("through its own interfaces").to_owned()),
            Unit::BytesPerSecond,
            vec![
                line(t("In"), Measure::NetworkIn),
                line(t("Out"), Measure::NetworkOut),
            ],
        ),
        chart(
            "disk",
            "Disk",
            Some(
                t("what reached the segment's disk: what comes out of the page cache is not counted")
                    .to_owned(),
            ),
            Unit::BytesPerSecond,
            vec![
                line(t("Reads"), Measure::DiskRead),
                line(t("Writes"), Measure::DiskWrite),
            ],
        ),
    ];
    let all = all.map(Chart::view).collect_view();
    view! {
        <p class="hint">{t("Measured once a minute while it runs. Lines are means, the bands around them reach from the lowest to the highest.")}</p>
        <div class="charts">{all}</div>
    }
    .into_any()
}

fn points(metrics: &ContainerMetricsView, measure: Measure) -> Vec<Option<Reading>> {
    let line = metrics.lines.iter().find(|line| line.measure == measure);
    line.map_or_else(Vec::new, |line| line.points.clone())
}

/// Its own limit, else all that the segment has.
fn cpu_note(container: &ContainerDetailView, segment: Option<&SegmentView>) -> Option<String> {
    let limit = container.cpu_limit_centi.map(centi);
    let limit = limit.or_else(|| segment.map(|segment| segment.vcpus.to_string()))?;
    Some(tf("of {limit}", &[("limit", &format!("{limit} vCPU"))]))
}

fn memory_note(container: &ContainerDetailView, segment: Option<&SegmentView>) -> Option<String> {
    let limit = container.memory_limit_bytes;
    let limit = limit.or_else(|| segment.map(|segment| segment.memory_limit_bytes))?;
    Some(tf(
        "of {limit}, without page cache: what the kernel could give back at once is not counted",
        &[("limit", &bytes(limit))],
    ))
}
