//! Networks of a cluster.

use leptos::prelude::*;
use leptos::server_fn::ServerFn;
use model::{ClusterView, ListPage, NetworkView, ThingKind};

use crate::api::{self, NetworkCreate};
use crate::page::cluster_nav::ClusterPage;
use crate::page::container_list::segment_words;
use crate::page::inventory::{dimmed, list_page, make_form, names, remove_form, table};
use crate::page::list_filter::{Fields, ListFilter};
use crate::page::paging::page_asked;
use crate::ui::Change;
use crate::words::t;

pub fn network_list() -> AnyView {
    list_page(
        t("Networks"),
        ClusterPage::Networks,
        api::network_list,
        networks,
    )
}

fn networks(
    cluster: &ClusterView,
    list: Vec<NetworkView>,
    filter: &ListFilter,
    remove: &Change,
) -> AnyView {
    let found: Vec<&NetworkView> = list
        .iter()
        .filter(|network| {
            let texts = network.used_by.iter().chain(&network.subnets);
            let mut texts: Vec<&str> = texts.map(String::as_str).collect();
            texts.extend([network.name.as_str(), network.driver.as_str()]);
            let nodes: Vec<&str> = network.node.iter().map(String::as_str).collect();
            filter.takes(&texts, !network.used_by.is_empty(), &nodes)
        })
        .collect();
    let ListPage { rows, at } = ListPage::cut(found, list.len(), page_asked("page"));
    let rows = rows
        .into_iter()
        .map(|network| {
            let action = (!network.is_builtin).then(|| {
                remove_form(
                    cluster,
                    ThingKind::Network,
                    &network.id,
                    &network.name,
                    t("Containers can no longer find each other by it. What is in use stays."),
                    remove,
                )
            });
            let place = match &network.node {
                Some(node) => segment_words(node),
                None => t("All segments").to_owned(),
            };
            let note = network
                .is_builtin
                .then(|| view! { <span class="hint">{t("Docker's own")}</span> });
            view! {
                <tr data-key=network.id.clone() class=dimmed(network.is_builtin)>
                    <th scope="row"><span>{network.name.clone()}</span> {note}</th>
                    <td data-label=t("On") class="nowrap">{place}</td>
                    <td data-label=t("Driver")>{network.driver.clone()}</td>
                    <td data-label=t("Addresses")><code>{network.subnets.join(", ")}</code></td>
                    <td data-label=t("Used by")>{names(&network.used_by)}</td>
                    <td class="row-action">{action}</td>
                </tr>
            }
            .into_any()
        })
        .collect();
    let columns = [
        t("Network"),
        t("On"),
        t("Driver"),
        t("Addresses"),
        t("Used by"),
    ];
    let hint = t(
        "Letters, digits, dots, hyphens and underscores. It spans all segments, and containers find each other in it by their names.",
    );
    let make = cluster.may_use.then(|| {
        let change = Change::new(NetworkCreate::url());
        make_form(cluster, change, t("Create a network"), hint, ().into_any())
    });
    view! {
        {make}
        <section class="panel" aria-labelledby="found">
            <h2 id="found" class="unseen">{t("Found")}</h2>
            {filter.form(cluster, "networks", t("Name, driver, address, or what uses it"), Fields { has_usage: true, has_segment: true })}
            {table(&columns, rows, filter, t("No networks yet."))}
            {filter.paging(cluster, "networks", at)}
        </section>
    }
    .into_any()
}
