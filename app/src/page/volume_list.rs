//! Volumes of a cluster.

use leptos::prelude::*;
use leptos::server_fn::ServerFn;
use model::{ClusterView, ListPage, ThingKind, VolumeView};

use crate::api::{self, VolumeCreate};
use crate::page::cluster_nav::ClusterPage;
use crate::page::container_list::{option, segment_words};
use crate::page::inventory::{dimmed, list_page, make_form, names, own, remove_form, table};
use crate::page::list_filter::{Fields, ListFilter};
use crate::page::paging::page_asked;
use crate::ui::{Change, Time};
use crate::words::{t, tf};

pub fn volume_list() -> AnyView {
    list_page(
        t("Volumes"),
        ClusterPage::Volumes,
        api::volume_list,
        volumes,
    )
}

fn volumes(
    cluster: &ClusterView,
    list: Vec<VolumeView>,
    filter: &ListFilter,
    remove: &Change,
) -> AnyView {
    let found: Vec<&VolumeView> = list
        .iter()
        .filter(|volume| {
            let mut texts: Vec<&str> = volume.used_by.iter().map(String::as_str).collect();
            texts.extend([volume.name.as_str(), volume.driver.as_str()]);
            filter.takes(&texts, !volume.used_by.is_empty(), &[volume.node.as_str()])
        })
        .collect();
    let ListPage { rows, at } = ListPage::cut(found, list.len(), page_asked("page"));
    let rows = rows
        .into_iter()
        .map(|volume| {
            let action = (!volume.is_system).then(|| {
                remove_form(
                    cluster, ThingKind::Volume, &volume.name, &volume.name,
                    t("Everything in it goes, for good. What is in use stays."), remove,
                )
            });
            // Names that nobody gave are as long as an id.
            let short: String = volume.name.rsplit('/').next().unwrap_or_default().chars().take(40).collect();
            let made = volume.created_at.map(|at| view! { <Time at/> });
            view! {
                <tr data-key=format!("{}/{}", volume.node, volume.name) class=dimmed(volume.is_system)>
                    <th scope="row"><span title=volume.name.clone()>{short}</span> {own(volume.is_system)}</th>
                    <td data-label=t("On") class="nowrap">{segment_words(&volume.node)}</td>
                    <td data-label=t("Used by")>{names(&volume.used_by)}</td>
                    <td data-label=t("Driver")>{volume.driver.clone()}</td>
                    <td data-label=t("Made") class="nowrap">{made}</td>
                    <td class="row-action">{action}</td>
                </tr>
            }
            .into_any()
        })
        .collect();
    let columns = [t("Volume"), t("On"), t("Used by"), t("Driver"), t("Made")];
    let hint = t("Letters, digits, dots, hyphens and underscores.");
    let make = cluster.may_use.then(|| {
        let change = Change::new(VolumeCreate::url());
        make_form(
            cluster,
            change,
            t("Create a volume"),
            hint,
            segment_choice(cluster),
        )
    });
    view! {
        {make}
        <section class="panel" aria-labelledby="found">
            <h2 id="found" class="unseen">{t("Found")}</h2>
            {filter.form(cluster, "volumes", t("Name, or what uses it"), Fields { has_usage: true, has_segment: true })}
            <p class="hint">{t("A volume lives on one segment; containers that mount it are started there.")}</p>
            {table(&columns, rows, filter, t("No volumes yet."))}
            {filter.paging(cluster, "volumes", at)}
        </section>
    }
    .into_any()
}

/// Which segment it is to be on.
fn segment_choice(cluster: &ClusterView) -> AnyView {
    let any = option(
        "0".to_owned(),
        t("Wherever there is most room").to_owned(),
        true,
    );
    let segments = cluster.segments.iter().map(|segment| {
        let n = segment.ordinal;
        option(n.to_string(), tf("Segment {n}", &[("n", &n)]), false)
    });
    let segments = std::iter::once(any).chain(segments).collect_view();
    view! {
        <div class="field">
            <label for="ordinal">{t("Segment")}</label>
            <select id="ordinal" name="ordinal">{segments}</select>
        </div>
    }
    .into_any()
}
