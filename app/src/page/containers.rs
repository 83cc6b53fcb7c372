//! The containers of a cluster, by segment.

use leptos::prelude::*;
use model::{ContainerView, SegmentView};

use crate::format::plural;
use crate::ui::{IntoWhole, Time};

pub fn containers(segments: &[SegmentView], containers: Vec<ContainerView>) -> AnyView {
    let groups = segments
        .iter()
        .map(|segment| {
            let (system, own): (Vec<_>, Vec<_>) = containers
                .iter()
                .filter(|container| container.node == segment.node)
                .cloned()
                .partition(|container| container.is_system);
            group(segment, own, system)
        })
        .collect_view();
    view! { <div class="container-groups">{groups}</div> }.whole()
}

fn group(segment: &SegmentView, own: Vec<ContainerView>, system: Vec<ContainerView>) -> AnyView {
    let system_names = crate::format::list(
        &system
            .iter()
            .map(|container| container.name.clone())
            .collect::<Vec<_>>(),
    );
    let note = (!system.is_empty()).then(|| {
        view! { <p class="hint">{format!("Carina's own here: {system_names}.")}</p> }
    });
    let body = if own.is_empty() {
        view! { <p class="empty">"No containers of yours on this segment yet."</p> }.whole()
    } else {
        table(own.clone())
    };
    view! {
        <section class="container-group">
            <h3>
                {format!("Segment {}", segment.ordinal)}
                <span class="hint">{plural(own.len(), "container")}</span>
            </h3>
            {body}
            {note}
        </section>
    }
    .whole()
}

fn table(containers: Vec<ContainerView>) -> AnyView {
    let rows = containers.into_iter().map(row).collect_view();
    view! {
        <table class="table">
            <thead>
                <tr>
                    <th scope="col">"Name"</th>
                    <th scope="col">"Image"</th>
                    <th scope="col">"Status"</th>
                    <th scope="col">"Ports"</th>
                    <th scope="col">"Created"</th>
                </tr>
            </thead>
            <tbody>{rows}</tbody>
        </table>
    }
    .whole()
}

fn row(container: ContainerView) -> AnyView {
    let dot = if container.state == "running" {
        "dot good"
    } else {
        "dot free"
    };
    let ports = if container.ports.is_empty() {
        "—".to_owned()
    } else {
        container.ports.join(", ")
    };
    let short_id = container.id.chars().take(12).collect::<String>();
    view! {
        <tr>
            <th scope="row"><code title=short_id>{container.name}</code></th>
            <td data-label="Image"><code>{container.image}</code></td>
            <td data-label="Status"><span><i class=dot aria-hidden="true"></i>{container.status}</span></td>
            <td data-label="Ports">{ports}</td>
            <td data-label="Created"><Time at=container.created_at/></td>
        </tr>
    }
    .whole()
}
