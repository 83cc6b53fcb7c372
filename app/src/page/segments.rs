//! The segments of a cluster: where they are and how full.

use leptos::prelude::*;
use model::{ClusterId, SegmentView};

use crate::format::{bytes, centi, percent};
use crate::ui::{Bar, SegmentBadge};
use crate::words::t;

pub fn segments(cluster: ClusterId, segments: &[SegmentView]) -> AnyView {
    let rows = segments
        .iter()
        .cloned()
        .map(|segment| row(cluster, segment))
        .collect_view();
    view! {
        <section class="panel" aria-labelledby="segments">
            <h2 id="segments">"Segments"</h2>
            <table class="table segments">
                <thead>
                    <tr>
                        <th scope="col">"Segment"</th>
                        <th scope="col">"State"</th>
                        <th scope="col">"Memory"</th>
                        <th scope="col">"CPU"</th>
                        <th scope="col">"Disk"</th>
                        <th scope="col">"Containers"</th>
                    </tr>
                </thead>
                <tbody>{rows}</tbody>
            </table>
        </section>
    }
    .into_any()
}

fn row(cluster: ClusterId, segment: SegmentView) -> AnyView {
    let replace = format!("/clusters/{cluster}/segments/{}/replace", segment.ordinal);
    let memory = segment
        .memory_used_bytes
        .map(|used| format!("{} of {}", bytes(used), bytes(segment.memory_limit_bytes)));
    let memory_percent = percent(
        segment.memory_used_bytes.unwrap_or(0),
        segment.memory_limit_bytes,
    );
    let cpu = segment
        .cpu_used_centi
        .map(|used| format!("{} of {} vCPU", centi(used), segment.vcpus));
    let cpu_percent = percent(
        u64::from(segment.cpu_used_centi.unwrap_or(0)),
        u64::from(segment.vcpus) * 100,
    );
    let disk = segment
        .disk_used_bytes
        .map(|used| format!("{} of {}", bytes(used), bytes(segment.disk_limit_bytes)));
    let disk_percent = percent(
        segment.disk_used_bytes.unwrap_or(0),
        segment.disk_limit_bytes,
    );
    let containers = match (segment.containers_running, segment.containers_total) {
        (Some(running), Some(total)) => format!("{running} of {total} running"),
        _ => "—".to_owned(),
    };
    let engine = segment
        .engine_version
        .map(|version| format!("Docker {version}"));
    view! {
        <tr data-key=segment.ordinal.to_string()>
            <th scope="row">
                <span class="segment-name">{format!("Segment {}", segment.ordinal)}</span>
                <code class="address">{segment.address}</code>
                <span class="hint" title=segment.node>{engine}</span>
                <a class="hint" href=replace>{t("Replace…")}</a>
            </th>
            <td data-label="State">
                <SegmentBadge phase=segment.phase/>
                {segment.reason.map(|reason| view! { <span class="hint">{reason}</span> })}
            </td>
            <td data-label="Memory"><Bar label="Memory" text=memory percent=memory_percent/></td>
            <td data-label="CPU"><Bar label="CPU" text=cpu percent=cpu_percent/></td>
            <td data-label="Disk"><Bar label="Disk" text=disk percent=disk_percent/></td>
            <td data-label="Containers" class="nowrap">{containers}</td>
        </tr>
    }
    .into_any()
}
