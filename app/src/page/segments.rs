//! The segments of a cluster: where they are and how full.

use leptos::prelude::*;
use model::{ClusterView, SegmentView};

use crate::format::{bytes, centi, percent};
use crate::ui::{Bar, SegmentBadge};
use crate::words::{say, t, tf};

pub fn segments(cluster: &ClusterView) -> AnyView {
    let rows = cluster
        .segments
        .iter()
        .cloned()
        .map(|segment| row(cluster, segment))
        .collect_view();
    view! {
        <section class="panel" aria-labelledby="segments">
            <h2 id="segments">{t("Segments")}</h2>
            <table class="table segments">
                <thead>
                    <tr>
                        <th scope="col">{t("Segment")}</th>
                        <th scope="col">{t("State")}</th>
                        <th scope="col">{t("Memory")}</th>
                        <th scope="col">{t("CPU")}</th>
                        <th scope="col">{t("Disk")}</th>
                        <th scope="col">{t("Containers")}</th>
                    </tr>
                </thead>
                <tbody>{rows}</tbody>
            </table>
        </section>
    }
    .into_any()
}

/// “310 MiB of 2 GiB”
fn of(used: u64, limit: u64) -> String {
    let (n, max) = (bytes(used), bytes(limit));
    tf("{n} of {max}", &[("n", &n), ("max", &max)])
}

fn row(cluster: &ClusterView, segment: SegmentView) -> AnyView {
    let (id, ordinal) = (cluster.id, segment.ordinal);
    let replace = cluster.may_change.then(|| {
        let href = format!("/clusters/{id}/segments/{ordinal}/replace");
        view! { <a class="hint" href=href>{t("Drain or replace…")}</a> }
    });
    let memory = segment
        .memory_used_bytes
        .map(|used| of(used, segment.memory_limit_bytes));
    let memory_percent = percent(
        segment.memory_used_bytes.unwrap_or(0),
        segment.memory_limit_bytes,
    );
    let cpu = segment.cpu_used_centi.map(|used| {
        let (n, max) = (centi(used), segment.vcpus);
        tf("{n} of {max} vCPU", &[("n", &n), ("max", &max)])
    });
    let cpu_percent = percent(
        u64::from(segment.cpu_used_centi.unwrap_or(0)),
        u64::from(segment.vcpus) * 100,
    );
    let disk = segment
        .disk_used_bytes
        .map(|used| of(used, segment.disk_limit_bytes));
    let disk_percent = percent(
        segment.disk_used_bytes.unwrap_or(0),
        segment.disk_limit_bytes,
    );
    let containers = match (segment.containers_running, segment.containers_total) {
        (Some(running), Some(total)) => {
            tf("{n} of {max} running", &[("n", &running), ("max", &total)])
        }
        _ => "—".to_owned(),
    };
    let engine = segment
        .engine_version
        .map(|version| format!("Docker {version}"));
    view! {
        <tr data-key=segment.ordinal.to_string()>
            <th scope="row">
                <span class="segment-name">{tf("Segment {n}", &[("n", &segment.ordinal)])}</span>
                <code class="address">{segment.address}</code>
                <span class="hint" title=segment.node>{engine}</span>
                {replace}
            </th>
            <td data-label=t("State")>
                <SegmentBadge phase=segment.phase/>
                {segment.is_drained.then(|| view! { <span class="badge" title=t("It takes no new containers.")><i aria-hidden="true"></i>{t("drained")}</span> })}
                {segment.reason.map(|reason| view! { <span class="hint">{say(&reason)}</span> })}
            </td>
            <td data-label=t("Memory")><Bar label=t("Memory") text=memory percent=memory_percent/></td>
            <td data-label=t("CPU")><Bar label=t("CPU") text=cpu percent=cpu_percent/></td>
            <td data-label=t("Disk")><Bar label=t("Disk") text=disk percent=disk_percent/></td>
            <td data-label=t("Containers") class="nowrap">{containers}</td>
        </tr>
    }
    .into_any()
}
