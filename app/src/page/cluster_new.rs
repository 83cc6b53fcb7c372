//! Making a cluster.

use leptos::prelude::*;
use leptos::server_fn::ServerFn;
use leptos_router::components::A;
use model::{ClusterName, ClusterTeam, HostChoiceView, QuotaView};

use crate::ApiError;
use crate::api::{self, ClusterCreate};
use crate::page::placement::placement;
use crate::page::size::{Choice, SizeChoice, brings, is_beyond, stays_or_fits};
use crate::page::{for_members, query};
use crate::ui::{
    Change, ChangeButton, ChangeForm, FieldError, FormError, Icon, PageHead, TextField, load,
};
use crate::words::{t, tf};

pub fn cluster_new() -> AnyView {
    for_members(|| {
        let change = Change::new(ClusterCreate::url());
        let team = query("team").unwrap_or_default();
        load(found(team), move |shown| page(&shown, change))
    })
}

struct Shown {
    /// Whose it will be, as the form says it; empty: one's own.
    team: String,
    /// What else could be chosen.
    teams: Vec<ClusterTeam>,
    quota: QuotaView,
    name: String,
    /// Empty where there is one alone.
    hosts: Vec<HostChoiceView>,
}

async fn found(team: String) -> Result<Shown, ApiError> {
    Ok(Shown {
        quota: api::quota(team.clone()).await?,
        name: api::cluster_name_suggest(team.clone()).await?,
        teams: api::team_choices().await?,
        hosts: api::host_choices().await?,
        team,
    })
}

fn page(shown: &Shown, change: Change) -> AnyView {
    let quota = shown.quota;
    let back = ("/clusters".to_owned(), t("Clusters").to_owned());
    let left = quota.clusters_max.saturating_sub(quota.clusters_used);
    let lead = tf(
        "{left} of {max} clusters left, up to {segments} segments each.",
        &[
            ("left", &left),
            ("max", &quota.clusters_max),
            ("segments", &quota.segments_max),
        ],
    );
    let body = match left {
        0 => quota_reached(shown),
        _ => form(change, shown),
    };
    view! {
        <PageHead title=t("Add cluster") back lead/>
        {owners(shown)}
        {body}
    }
    .into_any()
}

/// Whose it will be: links, so that name, sizes and what is left are those of the choice.
fn owners(shown: &Shown) -> AnyView {
    if shown.teams.is_empty() {
        return ().into_any();
    }
    let own = (String::new(), t("You").to_owned());
    let of_team = |team: &ClusterTeam| (team.id.to_string(), team.name.to_string());
    let links = std::iter::once(own)
        .chain(shown.teams.iter().map(of_team))
        .map(|(team, text)| {
            let href = match team.is_empty() {
                true => "/clusters/new".to_owned(),
                false => format!("/clusters/new?team={team}"),
            };
            let icon = match team.is_empty() {
                true => Icon::Account,
                false => Icon::Team,
            };
            let current = (team == shown.team).then_some("true");
            view! { <a href=href aria-current=current>{icon.view()} {text}</a> }
        })
        .collect_view();
    view! {
        <nav class="owners" aria-labelledby="owners">
            <span id="owners">{t("Owner")}</span>
            {links}
        </nav>
    }
    .into_any()
}

fn quota_reached(shown: &Shown) -> AnyView {
    let quota = shown.quota;
    let is_own = shown.team.is_empty();
    let title = match is_own {
        true => t("All your clusters are in use"),
        false => t("All clusters of the team are in use"),
    };
    let has = match is_own {
        true => "Your account may have {max} clusters and has {used}.",
        false => "The team may have {max} clusters and has {used}.",
    };
    let has = tf(
        has,
        &[("max", &quota.clusters_max), ("used", &quota.clusters_used)],
    );
    // The address may have it by its name.
    let is_chosen =
        |team: &&ClusterTeam| team.id.to_string() == shown.team || team.name.as_str() == shown.team;
    let more = match shown.teams.iter().find(is_chosen) {
        None => "/account/quota#ask".to_owned(),
        Some(team) => format!("/teams/{}#ask", team.id),
    };
    view! {
        <section class="panel narrow">
            <h2>{title}</h2>
            <p>
                {has} " "
                {t("Delete one you no longer need, and its place is free at once. \
                    Or make a cluster you have larger.")}
            </p>
            <p class="buttons">
                <A href="/clusters" attr:class="button">{t("See your clusters")}</A>
                <a href=more class="button button-quiet">{t("Ask for more")}</a>
            </p>
        </section>
    }
    .into_any()
}

fn form(change: Change, shown: &Shown) -> AnyView {
    let (suggested, team) = (shown.name.clone(), shown.team.clone());
    let failure = change.failure.clone();
    // The sizes are told with the disk that was typed.
    let typed = failure
        .as_ref()
        .and_then(|error| error.value_of("disk_gib").and_then(|n| n.parse().ok()))
        .filter(|gib| (1..=u64::from(u16::MAX)).contains(gib));
    let configured = shown.quota.disk_per_segment_bytes >> 30;
    let disk_gib = typed.unwrap_or(configured);
    let quota = QuotaView {
        disk_per_segment_bytes: disk_gib << 30,
        ..shown.quota
    };
    let disk_hint = tf(
        "Usually {n}; {free} GiB of the quota are free. It can become larger later, and never smaller.",
        &[
            ("n", &configured),
            (
                "free",
                &quota.disk_max_gib.saturating_sub(quota.disk_used_gib),
            ),
        ],
    );
    let chosen = failure
        .as_ref()
        .and_then(|error| error.value_of("segments").and_then(|n| n.parse().ok()))
        .filter(|n| (1..=quota.segments_max).contains(n))
        .unwrap_or(1);
    let choices = (1..=quota.segments_max)
        .map(|segments| Choice {
            segments,
            is_beyond: is_beyond(quota, segments),
            consequence:
                view! { <span>{brings(quota, segments)}</span> {stays_or_fits(quota, segments)} }
                    .into_any(),
            button: None,
        })
        .collect();
    let is_autoscaled = failure
        .as_ref()
        .is_some_and(|error| error.value_of("autoscale") == Some("true"));
    let placement = placement(&shown.hosts, quota.segments_max, failure.clone());
    // Where nothing was asked, what is wrong with it has no field to stand beside.
    let fields: &'static [&'static str] = match shown.hosts.is_empty() {
        true => &["name", "segments", "disk_gib"],
        false => &["name", "segments", "disk_gib", "host"],
    };
    view! {
        <section class="panel">
            <FormError failure=failure.clone() fields=fields/>
            <ChangeForm change class="form">
                <input type="hidden" name="team" value=team/>
                <TextField
                    name="name" label=t("Cluster name") failure=failure.clone() value=suggested check="cluster-name"
                    hint=t("Lower-case letters, digits and hyphens. It names the folder of your credentials, too.")
                    max_length=ClusterName::MAX autofocus=true
                />
                <SizeChoice legend=t("How many segments to begin with") choices chosen/>
                <FieldError name="segments" failure=failure.clone()/>
                <TextField
                    name="disk_gib" label=t("Disk of each segment, GiB") failure hint=disk_hint
                    value=configured.to_string() kind="number" max_length=5
                />
                {placement}
                <label class="check">
                    <input type="checkbox" name="autoscale" value="true" checked=is_autoscaled/>
                    <span>{t("Grow by itself: add a segment, up to the quota, when more than 80 % of CPU or memory was in use for ten minutes.")}</span>
                </label>
                <p class="hint">{t("You can change the size at any time.")}</p>
                <div class="form-actions">
                    <ChangeButton icon=Icon::Plus text=t("Create cluster") pending=t("Creating…")/>
                    <A href="/clusters" attr:class="button button-quiet">{t("Cancel")}</A>
                </div>
            </ChangeForm>
        </section>
    }
    .into_any()
}
