//! All of one's clusters and those of one's teams, a card each.

use leptos::prelude::*;
use leptos_router::components::A;
use model::{ClusterPageView, ClusterTeam, ClusterView, Phase, QuotaView, Role, TrendView};

use crate::api;
use crate::format::{bytes, percent};
use crate::page::access::ending;
use crate::page::autoscale::autoscale;
use crate::page::paging::{address, name_filter, page_asked, paging};
use crate::page::teams::team_chip;
use crate::page::{for_members, look_again, query};
use crate::root::Me;
use crate::ui::{
    Bar, Due, Icon, Logo, PageHead, SegmentSlots, Spark, StatusBadge, Unit, is_busy, load_live,
};
use crate::words::{say, t, tf, tv};

pub fn cluster_list() -> AnyView {
    for_members(|| {
        let filter = query("q").unwrap_or_default();
        let page = page_asked("page");
        let asked = filter.clone();
        load_live(
            async move {
                let shown = api::cluster_page(asked, page).await?;
                let room = Room {
                    quota: api::quota(String::new()).await?,
                    teams: api::team_choices().await?,
                };
                Ok((shown, room))
            },
            move |(shown, room)| cards(shown, &room, &filter),
        )
    })
}

/// Where another cluster could be.
struct Room {
    /// One's own.
    quota: QuotaView,
    /// Those in which one may make clusters.
    teams: Vec<ClusterTeam>,
}

/// Whoever only looks is offered no new cluster.
fn may_create() -> bool {
    let me = expect_context::<Me>().0;
    me.is_some_and(|me| me.role != Role::Viewer)
}

fn cards(shown: ClusterPageView, room: &Room, filter: &str) -> AnyView {
    let quota = room.quota;
    let is_any_busy = shown.clusters.iter().any(|cluster| is_busy(cluster.phase));
    let at = shown.at;
    if at.total == 0 {
        return view! {
            <PageHead title=t("Clusters")/>
            {if may_create() { welcome(quota) } else { nothing_to_see() }}
        }
        .into_any();
    }
    let filtering = name_filter(at, "/clusters", filter, "{found} of {total} clusters");
    let paging = paging(at, t("Pages of clusters"), |page| {
        address("/clusters", &[("q", filter), ("page", page)])
    });
    let is_last = at.page == at.pages;
    let cards = shown
        .clusters
        .iter()
        .zip(&shown.trends)
        .map(|(cluster, trend)| {
            view! { <li data-key=cluster.id.to_string()>{card(cluster, trend)}</li> }
        })
        .collect_view();
    let add = (is_last && filter.is_empty() && may_create())
        .then(|| view! { <li data-key="add">{add_card(room)}</li> });
    let is_any_teams = shown.clusters.iter().any(|cluster| cluster.team.is_some());
    view! {
        {look_again(is_any_busy)}
        <PageHead title=t("Clusters")>{quota_use(quota, is_any_teams)}</PageHead>
        {filtering}
        <ul class="cards" aria-live="polite">
            {cards}
            {add}
        </ul>
        {paging}
    }
    .into_any()
}

fn quota_use(quota: QuotaView, is_any_teams: bool) -> AnyView {
    let text = match is_any_teams {
        false => "{used} of {max} clusters in use",
        true => "{used} of {max} clusters of your own in use",
    };
    let text = tf(
        text,
        &[("used", &quota.clusters_used), ("max", &quota.clusters_max)],
    );
    let used = percent(quota.clusters_used.into(), quota.clusters_max.into());
    view! { <div class="quota-use"><Bar label=t("Clusters") text=Some(text) percent=used/></div> }
        .into_any()
}

/// For whoever only looks, while there is nothing to look at.
fn nothing_to_see() -> AnyView {
    view! {
        <section class="panel narrow">
            <h2>{t("No clusters to look at yet")}</h2>
            <p>
                {t("You see those of the teams that you are in. To make clusters of your own, ask an administrator for another role.")}
            </p>
        </section>
    }
    .into_any()
}

fn welcome(quota: QuotaView) -> AnyView {
    let size = tf(
        "Each of its segments has {memory} GiB of memory, {vcpus} vCPUs and {disk} GB of disk.",
        &[
            ("memory", &(quota.memory_per_segment_mib / 1024)),
            ("vcpus", &quota.vcpus_per_segment),
            ("disk", &(quota.disk_per_segment_bytes >> 30)),
        ],
    );
    let steps = [
        (
            "{step} and choose how many segments it starts with.",
            t("Name it"),
        ),
        (
            "{step}: a small zip with certificates and one line for your shell.",
            t("Get access"),
        ),
        (
            "{step} with the Docker client you already have.",
            t("Run containers"),
        ),
    ];
    let steps = steps
        .map(|(text, step)| {
            let step = view! { <b>{step}</b> }.into_any();
            view! { <li>{tv(text, [("step", step)])}</li> }
        })
        .collect_view();
    view! {
        <section class="welcome">
            <Logo/>
            <h2>{t("Your first cluster is seconds away")}</h2>
            <p>
                {t("A cluster is a Docker endpoint of your own: one address that spreads containers \
                    over one to three segments.")}
                " " {size}
            </p>
            <A href="/clusters/new" attr:class="button button-big">{Icon::Plus.view()} {t("Add cluster")}</A>
            <ol class="welcome-steps">{steps}</ol>
        </section>
    }
    .into_any()
}

fn add_card(room: &Room) -> AnyView {
    let quota = room.quota;
    let is_full = quota.clusters_used >= quota.clusters_max;
    if let (true, Some(team)) = (is_full, room.teams.first()) {
        return view! {
            <A href=format!("/clusters/new?team={}", team.id) attr:class="card add-card">
                <span class="add-plus">{Icon::Plus.view()}</span>
                <span class="add-title">{t("Add cluster")}</span>
                <span>{t("Your own are all in use; a team of yours may have room.")}</span>
            </A>
        }
        .into_any();
    }
    if is_full {
        return view! {
            <div class="card add-card is-full">
                <span class="add-title">{t("Quota reached")}</span>
                <span>{tf("All {max} clusters are in use. Delete one to add another.", &[("max", &quota.clusters_max)])}</span>
                <a href="/account/quota#ask">{t("Ask for more")}</a>
            </div>
        }
        .into_any();
    }
    let left = quota.clusters_max - quota.clusters_used;
    view! {
        <A href="/clusters/new" attr:class="card add-card">
            <span class="add-plus">{Icon::Plus.view()}</span>
            <span class="add-title">{t("Add cluster")}</span>
            <span>{tf("{n} more available", &[("n", &left)])}</span>
        </A>
    }
    .into_any()
}

fn card(cluster: &ClusterView, trend: &TrendView) -> AnyView {
    let name = cluster.name.to_string();
    let href = format!("/clusters/{}", cluster.id);
    view! {
        <article class="card cluster-card">
            <header>
                <div class="card-title">
                    <p class="overline">{t("Docker Swarm cluster")}</p>
                    <h2><A href=href>{name}</A></h2>
                    {cluster.team.as_ref().map(team_chip)}
                </div>
                {gear(cluster)}
            </header>
            <dl class="facts">
                <div><dt>{t("Segments")}</dt><dd><SegmentSlots cluster=cluster.clone()/></dd></div>
                <div><dt>{t("Status")}</dt><dd><StatusBadge phase=cluster.phase/></dd></div>
            </dl>
            {cluster.endpoint.clone().map(|endpoint| view! { <p class="endpoint"><code>{endpoint}</code></p> })}
            {sparks(trend)}
            {reason(cluster)}
            {autoscale(cluster)}
            {ending(cluster)}
            <footer>{access_button(cluster)}</footer>
        </article>
    }
    .into_any()
}

/// The last hour of all segments together. The numbers are of now; more of them are a click away.
pub fn sparks(trend: &TrendView) -> AnyView {
    let last = |points: &[Option<u64>]| points.iter().rev().flatten().next().copied();
    let cpu = last(&trend.cpu_centi).map(|centi| Unit::Vcpu.text(centi));
    let memory = last(&trend.memory_bytes).map(bytes);
    let none = || "—".to_owned();
    view! {
        <div class="sparks">
            <Spark
                points=trend.cpu_centi.clone() least=trend.cpu_limit_centi / 20
                label=t("CPU") value=cpu.unwrap_or_else(none)
            />
            <Spark
                points=trend.memory_bytes.clone() least=trend.memory_limit_bytes / 20
                label=t("Memory") value=memory.unwrap_or_else(none)
            />
        </div>
    }
    .into_any()
}

/// Why it is not active, and when the panel tries again.
pub fn reason(cluster: &ClusterView) -> AnyView {
    if cluster.phase == Phase::Active {
        return ().into_any();
    }
    let next = cluster.next_try_at.map(|at| {
        tv(
            "Next try {time}.",
            [("time", view! { <Due at/> }.into_any())],
        )
    });
    cluster
        .reason
        .clone()
        .map(|reason| view! { <p class="reason">{say(&reason)} " " {next}</p> })
        .into_any()
}

/// Leads to the access page; until the endpoint answers it says why it cannot. Whoever only looks
/// has none.
pub fn access_button(cluster: &ClusterView) -> AnyView {
    if !cluster.may_use {
        return ().into_any();
    }
    if cluster.endpoint.is_some() {
        let href = format!("/clusters/{}/access", cluster.id);
        return view! { <A href attr:class="button">{Icon::Key.view()} {t("Get access")}</A> }
            .into_any();
    }
    let why = match cluster.phase {
        Phase::Deleting => t("The cluster is being deleted."),
        Phase::Error => t("The endpoint does not answer yet."),
        _ => t("Ready as soon as the endpoint answers."),
    };
    let id = format!("why-{}", cluster.id);
    view! {
        <button type="button" class="button" disabled aria-describedby=id.clone()>
            {Icon::Key.view()} {t("Get access")}
        </button>
        <span class="hint" id=id>{why}</span>
    }
    .into_any()
}

/// Everything else one can do with a cluster; nothing, for whoever only looks.
pub fn gear(cluster: &ClusterView) -> AnyView {
    if !cluster.may_change && !cluster.may_use {
        return ().into_any();
    }
    let path = |tail: &str| format!("/clusters/{}/{tail}", cluster.id);
    let is_going = cluster.phase == Phase::Deleting;
    let download = (cluster.endpoint.is_some() && cluster.may_use).then(|| {
        view! {
            <form method="post" action=path("bundle")>
                <button type="submit">{Icon::Download.view()} {t("Download credentials")}</button>
            </form>
        }
    });
    let changes = (!is_going && cluster.may_change).then(|| {
        view! {
            <A href=path("scale")>{Icon::Scale.view()} {t("Scale")}</A>
            <A href=path("rebuild")>{Icon::Rebuild.view()} {t("Rebuild")}</A>
            <A href=path("delete") attr:class="danger">{Icon::Trash.view()} {t("Delete")}</A>
        }
    });
    view! {
        <details class="menu" name="menu">
            <summary class="icon-button" aria-label=tf("Manage {name}", &[("name", &cluster.name)]) title=t("Manage")>
                {Icon::Gear.view()}
            </summary>
            <div class="menu-list">
                {download}
                {changes}
                {is_going.then(|| view! { <p class="hint">{t("Being deleted.")}</p> })}
            </div>
        </details>
    }
    .into_any()
}
