//! The containers of a cluster, by segment.

use std::collections::{BTreeMap, BTreeSet};

use leptos::prelude::*;
use leptos_router::components::A;
use model::{ContainerView, SegmentContainersView, SegmentView};

use crate::format::list;
use crate::page::container_list::container_page;
use crate::page::docker_words;
use crate::ui::Time;
use crate::words::{t, tf, tn};

pub fn containers(segments: &[SegmentView], found: Vec<SegmentContainersView>) -> AnyView {
    let mut system = BTreeSet::new();
    let mut found: BTreeMap<u32, Option<Vec<ContainerView>>> = found
        .into_iter()
        .map(|one| (one.ordinal, one.found))
        .collect();
    for one in found.values_mut().flatten() {
        let names = one.extract_if(.., |container| container.is_system);
        system.extend(names.map(|container| container.name));
    }
    let groups = segments
        .iter()
        .map(|segment| {
            let here = found.remove(&segment.ordinal);
            group(segment.ordinal, here.unwrap_or(Some(Vec::new())))
        })
        .collect_view();
    let note = (!system.is_empty()).then(|| {
        let names = list(&system.into_iter().collect::<Vec<_>>());
        view! { <p class="hint">{tf("Beside them Carina runs {names}.", &[("names", &names)])}</p> }
    });
    view! {
        <div class="container-groups">{groups}</div>
        {note}
    }
    .into_any()
}

fn group(ordinal: u32, found: Option<Vec<ContainerView>>) -> AnyView {
    let count = found
        .as_ref()
        .map(|found| tn(found.len(), "1 container", "{n} containers"));
    let body = match found {
        None => view! { <p class="empty">{silent()}</p> }.into_any(),
        Some(found) if found.is_empty() => {
            view! { <p class="empty">{t("No containers of yours on this segment yet.")}</p> }
                .into_any()
        }
        Some(found) => table(found),
    };
    view! {
        <section class="container-group">
            <h3>{tf("Segment {n}", &[("n", &ordinal)])} <span class="hint">{count}</span></h3>
            {body}
        </section>
    }
    .into_any()
}

/// Of a segment whose engine said nothing.
pub fn silent() -> &'static str {
    t(
        "It does not answer now, so what is on it cannot be listed. Nothing is lost by that: its containers are there again when it is.",
    )
}

fn table(containers: Vec<ContainerView>) -> AnyView {
    let rows = containers.into_iter().map(row).collect_view();
    view! {
        <table class="table containers">
            <thead>
                <tr>
                    <th scope="col">{t("Name")}</th>
                    <th scope="col">{t("Image")}</th>
                    <th scope="col">{t("Status")}</th>
                    <th scope="col">{t("Ports")}</th>
                    <th scope="col">{t("Created")}</th>
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
    let href = container_page(&container);
    view! {
        <tr data-key=container.id>
            <th scope="row"><A href=href attr:title=short_id><code>{container.name}</code></A></th>
            <td data-label=t("Image")><code>{container.image}</code></td>
            <td data-label=t("Status")><span><i class=dot aria-hidden="true"></i>{docker_words::status(&container.status)}</span></td>
            <td data-label=t("Ports")>{ports}</td>
            <td data-label=t("Created")><Time at=container.created_at/></td>
        </tr>
    }
    .into_any()
}
