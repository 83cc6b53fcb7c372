//! All of one's clusters, a card each.

use leptos::prelude::*;
use leptos_router::components::A;
use model::{ClusterView, Phase, QuotaView};

use crate::api;
use crate::page::{for_members, look_again};
use crate::ui::{Due, Icon, Logo, PageHead, SegmentSlots, StatusBadge, is_busy, load_live};

pub fn cluster_list() -> AnyView {
    for_members(|| {
        load_live(
            async { Ok((api::cluster_list().await?, api::quota().await?)) },
            |(clusters, quota)| cards(clusters, quota),
        )
    })
}

fn cards(clusters: Vec<ClusterView>, quota: QuotaView) -> AnyView {
    let is_any_busy = clusters.iter().any(|cluster| is_busy(cluster.phase));
    let lead = format!(
        "{} of {} clusters in use",
        quota.clusters_used, quota.clusters_max
    );
    if clusters.is_empty() {
        return view! {
            <PageHead title="Clusters"/>
            {welcome(quota)}
        }
        .into_any();
    }
    let cards = clusters
        .into_iter()
        .map(|cluster| view! { <li data-key=cluster.id.to_string()>{card(&cluster)}</li> })
        .collect_view();
    view! {
        {look_again(is_any_busy)}
        <PageHead title="Clusters" lead/>
        <ul class="cards" aria-live="polite">
            {cards}
            <li data-key="add">{add_card(quota)}</li>
        </ul>
    }
    .into_any()
}

fn welcome(quota: QuotaView) -> AnyView {
    let size = format!(
        "Each of its segments has {} GiB of memory, {} vCPUs and {} GB of disk.",
        quota.memory_per_segment_mib / 1024,
        quota.vcpus_per_segment,
        quota.disk_per_segment_bytes >> 30,
    );
    view! {
        <section class="welcome">
            <Logo/>
            <h2>"Your first cluster is seconds away"</h2>
            <p>
                "A cluster is a Docker endpoint of your own: one address that spreads containers \
                 over one to three segments. " {size}
            </p>
            <A href="/clusters/new" attr:class="button button-big">{Icon::Plus.view()} "Add cluster"</A>
            <ol class="welcome-steps">
                <li><b>"Name it"</b> " and choose how many segments it starts with."</li>
                <li><b>"Get access"</b> ": a small zip with certificates and one line for your shell."</li>
                <li><b>"Run containers"</b> " with the Docker client you already have."</li>
            </ol>
        </section>
    }
    .into_any()
}

fn add_card(quota: QuotaView) -> AnyView {
    if quota.clusters_used >= quota.clusters_max {
        return view! {
            <div class="card add-card is-full">
                <span class="add-title">"Quota reached"</span>
                <span>{format!("All {} clusters are in use. Delete one to add another.", quota.clusters_max)}</span>
            </div>
        }
        .into_any();
    }
    let left = quota.clusters_max - quota.clusters_used;
    view! {
        <A href="/clusters/new" attr:class="card add-card">
            <span class="add-plus">{Icon::Plus.view()}</span>
            <span class="add-title">"Add cluster"</span>
            <span>{format!("{left} more available")}</span>
        </A>
    }
    .into_any()
}

fn card(cluster: &ClusterView) -> AnyView {
    let name = cluster.name.to_string();
    let href = format!("/clusters/{}", cluster.id);
    view! {
        <article class="card cluster-card">
            <header>
                <div class="card-title">
                    <p class="overline">"Docker Swarm cluster"</p>
                    <h2><A href=href>{name}</A></h2>
                </div>
                {gear(cluster)}
            </header>
            <dl class="facts">
                <div><dt>"Segments"</dt><dd><SegmentSlots cluster=cluster.clone()/></dd></div>
                <div><dt>"Status"</dt><dd><StatusBadge phase=cluster.phase/></dd></div>
            </dl>
            {cluster.endpoint.clone().map(|endpoint| view! { <p class="endpoint"><code>{endpoint}</code></p> })}
            {reason(cluster)}
            <footer>{access_button(cluster)}</footer>
        </article>
    }
    .into_any()
}

/// Why it is not active, and when the panel tries again.
pub fn reason(cluster: &ClusterView) -> AnyView {
    if cluster.phase == Phase::Active {
        return ().into_any();
    }
    let next = cluster
        .next_try_at
        .map(|at| view! { <span>" Next try " <Due at/> "."</span> });
    cluster
        .reason
        .clone()
        .map(|reason| view! { <p class="reason">{reason} {next}</p> })
        .into_any()
}

/// Leads to the access page; until the endpoint answers it says why it cannot.
pub fn access_button(cluster: &ClusterView) -> AnyView {
    if cluster.endpoint.is_some() {
        let href = format!("/clusters/{}/access", cluster.id);
        return view! { <A href attr:class="button">{Icon::Key.view()} "Get access"</A> }
            .into_any();
    }
    let why = match cluster.phase {
        Phase::Deleting => "The cluster is being deleted.",
        Phase::Error => "The endpoint does not answer yet.",
        _ => "Ready as soon as the endpoint answers.",
    };
    let id = format!("why-{}", cluster.id);
    view! {
        <button type="button" class="button" disabled aria-describedby=id.clone()>
            {Icon::Key.view()} "Get access"
        </button>
        <span class="hint" id=id>{why}</span>
    }
    .into_any()
}

/// Everything else one can do with a cluster.
pub fn gear(cluster: &ClusterView) -> AnyView {
    let path = |tail: &str| format!("/clusters/{}/{tail}", cluster.id);
    let is_going = cluster.phase == Phase::Deleting;
    let download = cluster.endpoint.is_some().then(|| {
        view! {
            <form method="post" action=path("bundle")>
                <button type="submit">{Icon::Download.view()} "Download credentials"</button>
            </form>
        }
    });
    let changes = (!is_going).then(|| {
        view! {
            <A href=path("scale")>{Icon::Scale.view()} "Scale"</A>
            <A href=path("rebuild")>{Icon::Rebuild.view()} "Rebuild"</A>
            <A href=path("delete") attr:class="danger">{Icon::Trash.view()} "Delete"</A>
        }
    });
    view! {
        <details class="menu" name="menu">
            <summary class="icon-button" aria-label=format!("Manage {}", cluster.name) title="Manage">
                {Icon::Gear.view()}
            </summary>
            <div class="menu-list">
                {download}
                {changes}
                {is_going.then(|| view! { <p class="hint">"Being deleted."</p> })}
            </div>
        </details>
    }
    .into_any()
}
