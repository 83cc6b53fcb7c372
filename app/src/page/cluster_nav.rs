//! The pages of one cluster, side by side.

use leptos::prelude::*;
use model::ClusterId;

use crate::words::t;

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum ClusterPage {
    Overview,
    Containers,
    Logs,
    Events,
    Images,
    Volumes,
    Networks,
    Services,
    Stacks,
    Metrics,
    Changes,
    Access,
    Settings,
}

/// Their order, their words, and where they are below the cluster's own address.
const PAGES: &[(ClusterPage, &str, &str)] = &[
    (ClusterPage::Overview, "Overview", ""),
    (ClusterPage::Containers, "Containers", "/containers"),
    (ClusterPage::Logs, "Logs", "/logs"),
    (ClusterPage::Events, "Events", "/events"),
    (ClusterPage::Images, "Images", "/images"),
    (ClusterPage::Volumes, "Volumes", "/volumes"),
    (ClusterPage::Networks, "Networks", "/networks"),
    (ClusterPage::Services, "Services", "/services"),
    (ClusterPage::Stacks, "Stacks", "/stacks"),
    (ClusterPage::Metrics, "Metrics", "/metrics"),
    (ClusterPage::Changes, "Changes", "/changes"),
    (ClusterPage::Access, "Access", "/access"),
    (ClusterPage::Settings, "Settings", "/settings"),
];

#[component]
pub fn ClusterNav(id: ClusterId, here: ClusterPage) -> impl IntoView {
    let links = PAGES
        .iter()
        .map(|(page, text, tail)| {
            let current = (*page == here).then_some("page");
            let href = format!("/clusters/{id}{tail}");
            view! { <a href=href aria-current=current>{t(text)}</a> }
        })
        .collect_view();
    view! { <nav class="cluster-nav" aria-label=t("This cluster")>{links}</nav> }.into_any()
}
