//! The containers of a cluster, by segment.

use std::collections::BTreeSet;

use leptos::prelude::*;
use model::{ContainerView, SegmentView};

use crate::format::{list, plural};
use crate::ui::Time;

pub fn containers(segments: &[SegmentView], containers: Vec<ContainerView>) -> AnyView {
    let (system, own): (Vec<_>, Vec<_>) = containers.into_iter().partition(|one| one.is_system);
    let groups = segments
        .iter()
        .map(|segment| {
            let here = own
                .iter()
                .filter(|one| one.node == segment.node)
                .cloned()
                .collect();
            group(segment.ordinal, here)
        })
        .collect_view();
    let names: BTreeSet<String> = system.into_iter().map(|container| container.name).collect();
    let note = (!names.is_empty()).then(|| {
        let names = list(&names.into_iter().collect::<Vec<_>>());
        view! { <p class="hint">{format!("Beside them Carina runs {names}.")}</p> }
    });
    view! {
        <div class="container-groups">{groups}</div>
        {note}
    }
    .into_any()
}

fn group(ordinal: u32, containers: Vec<ContainerView>) -> AnyView {
    let count = plural(containers.len(), "container");
    let body = if containers.is_empty() {
        view! { <p class="empty">"No containers of yours on this segment yet."</p> }.into_any()
    } else {
        table(containers)
    };
    view! {
        <section class="container-group">
            <h3>{format!("Segment {ordinal}")} <span class="hint">{count}</span></h3>
            {body}
        </section>
    }
    .into_any()
}

fn table(containers: Vec<ContainerView>) -> AnyView {
    let rows = containers.into_iter().map(row).collect_view();
    view! {
        <table class="table containers">
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
    .into_any()
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
        <tr data-key=container.id>
            <th scope="row"><code title=short_id>{container.name}</code></th>
            <td data-label="Image"><code>{container.image}</code></td>
            <td data-label="Status"><span><i class=dot aria-hidden="true"></i>{container.status}</span></td>
            <td data-label="Ports">{ports}</td>
            <td data-label="Created"><Time at=container.created_at/></td>
        </tr>
    }
    .into_any()
}
