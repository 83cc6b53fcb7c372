//! What a cluster's segments used, over an hour to a month.

use leptos::prelude::*;
use model::{ClusterView, Measure, MetricsView, Span};

use crate::ApiError;
use crate::api;
use crate::format::bytes;
use crate::page::cluster_nav::{ClusterNav, ClusterPage};
use crate::page::{cluster_param, for_members, query};
use crate::ui::{Chart, ChartLine, PageHead, Unit, load_live};
use crate::words::{t, tf};

pub fn metrics() -> AnyView {
    for_members(|| load_live(found(cluster_param(), span_asked()), page))
}

/// Of the address; an hour without one.
pub fn span_asked() -> Span {
    let span = query("span").and_then(|word| word.parse().ok());
    span.unwrap_or(Span::Hour)
}

async fn found(id: String, span: Span) -> Result<(ClusterView, MetricsView), ApiError> {
    let cluster = api::cluster_get(id.clone()).await?;
    let metrics = api::cluster_metrics(id, span.to_string()).await?;
    Ok((cluster, metrics))
}

fn page((cluster, metrics): (ClusterView, MetricsView)) -> AnyView {
    let name = cluster.name.to_string();
    let document_title = tf("Metrics of {name}", &[("name", &name)]);
    let charts = Measure::ALL
        .iter()
        .map(|measure| chart(*measure, &metrics).view())
        .collect_view();
    view! {
        <PageHead
            title=name document_title
            back=("/clusters".to_owned(), t("Clusters").to_owned())
            lead=t("Each segment is measured every ten seconds. Lines are means, the bands around them reach from the lowest to the highest.")
        />
        <ClusterNav id=cluster.id here=ClusterPage::Metrics/>
        {spans(metrics.span, "")}
        <div class="charts">{charts}</div>
    }
    .into_any()
}

/// The choice of how far back; `part` is the part of the page that one comes back to, `#charts`.
pub fn spans(now: Span, part: &str) -> AnyView {
    let links = Span::ALL
        .iter()
        .map(|span| {
            let text = match span {
                Span::Hour => "1 hour",
                Span::Day => "1 day",
                Span::Week => "7 days",
                Span::Month => "30 days",
            };
            let current = (*span == now).then_some("true");
            view! { <a href=format!("?span={span}{part}") aria-current=current>{t(text)}</a> }
        })
        .collect_view();
    view! { <nav class="spans" aria-label=t("How far back")>{links}</nav> }.into_any()
}

fn chart(measure: Measure, metrics: &MetricsView) -> Chart {
    let (title, unit) = match measure {
        Measure::Cpu => ("CPU", Unit::Vcpu),
        Measure::Memory => ("Memory", Unit::Bytes),
        Measure::NetworkIn => ("Network in", Unit::BytesPerSecond),
        Measure::NetworkOut => ("Network out", Unit::BytesPerSecond),
        Measure::DiskUsed => ("Disk in use", Unit::Bytes),
        Measure::DiskRead => ("Disk reads", Unit::BytesPerSecond),
        Measure::DiskWrite => ("Disk writes", Unit::BytesPerSecond),
    };
    let lines = metrics.segments.iter().map(|segment| ChartLine {
        label: tf("Segment {n}", &[("n", &segment.ordinal)]),
        points: segment
            .lines
            .iter()
            .find(|line| line.measure == measure)
            .map_or_else(Vec::new, |line| line.points.clone()),
    });
    Chart {
        key: measure.as_str(),
        title,
        is_part: false,
        note: note(measure, metrics),
        unit,
        span: metrics.span,
        from: metrics.from,
        step_ms: metrics.span.step_ms(),
        lines: lines.collect(),
    }
}

fn note(measure: Measure, metrics: &MetricsView) -> Option<String> {
    let first = metrics.segments.first()?;
    match measure {
        Measure::Cpu => Some(tf("of {n} vCPU each", &[("n", &first.vcpus)])),
        Measure::Memory => Some(tf(
            "of {limit} each, without page cache: what the kernel could give back at once is not counted",
            &[("limit", &bytes(first.memory_limit_bytes))],
        )),
        Measure::DiskUsed => Some(tf(
            "of {limit} each",
            &[("limit", &bytes(first.disk_limit_bytes))],
        )),
        Measure::NetworkIn | Measure::NetworkOut => Some(t("as the segment sees it").to_owned()),
        Measure::DiskRead | Measure::DiskWrite => Some(t("of its own disk").to_owned()),
    }
}
