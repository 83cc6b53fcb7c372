//! One cluster: how it is, where it answers, what is on it.

use leptos::prelude::*;
use leptos::server_fn::ServerFn;
use leptos_router::components::A;
use model::{ClusterView, ContainerMemory, Phase, SegmentContainersView, SegmentPhase};

use crate::ApiError;
use crate::api::{self, ClusterRetry};
use crate::page::advice::advice;
use crate::page::autoscale::autoscale;
use crate::page::cluster_list::{access_button, gear, reason};
use crate::page::cluster_nav::{ClusterNav, ClusterPage};
use crate::page::containers::containers;
use crate::page::history::history;
use crate::page::picture::picture;
use crate::page::segments::segments;
use crate::page::teams::team_chip;
use crate::page::timeline::timeline;
use crate::page::{cluster_param, for_members, look_again};
use crate::ui::{
    Change, ChangeButton, ChangeForm, CopyField, FormError, Icon, PageHead, SegmentSlots,
    StatusBadge, Time, is_busy, load_live,
};
use crate::words::t;

/// The cluster, its containers as far as the engines tell, and what those use.
type Shown = (
    ClusterView,
    Result<Vec<SegmentContainersView>, ApiError>,
    Vec<ContainerMemory>,
);

/// Does a segment run of which no sample has come yet? A moment after its start only.
fn is_unmeasured(cluster: &ClusterView) -> bool {
    cluster
        .segments
        .iter()
        .any(|segment| segment.phase == SegmentPhase::Active && segment.memory_used_bytes.is_none())
}

pub fn cluster_detail() -> AnyView {
    for_members(|| {
        let id = cluster_param();
        let retry = Change::new(ClusterRetry::url());
        load_live(found(id), move |shown| page(shown, retry))
    })
}

async fn found(id: String) -> Result<Shown, ApiError> {
    let cluster = api::cluster_get(id.clone()).await?;
    // Nothing to ask an engine that does not answer yet.
    let containers = match cluster.endpoint {
        Some(_) => api::cluster_containers(id.clone()).await,
        None => Ok(Vec::new()),
    };
    let memory = api::cluster_memory(id).await?;
    Ok((cluster, containers, memory))
}

fn page((cluster, found, memory): Shown, retry: Change) -> AnyView {
    let shown = found.as_deref().unwrap_or_default();
    let picture = picture(&cluster.segments, shown, &memory);
    let found = match found {
        Ok(found) => containers(&cluster.segments, found),
        Err(error) => view! { <p class="empty">{error.said()}</p> }.into_any(),
    };
    let actions = (access_button(&cluster), gear(&cluster));
    view! {
        {look_again(is_busy(cluster.phase) || is_unmeasured(&cluster))}
        <PageHead
            title=cluster.name.to_string()
            back=("/clusters".to_owned(), t("Clusters").to_owned())
        >
            {actions}
        </PageHead>
        <ClusterNav id=cluster.id here=ClusterPage::Overview/>
        {status(&cluster, retry)}
        {timeline(&cluster.steps)}
        {picture}
        {segments(&cluster)}
        <section class="panel" aria-labelledby="containers">
            <h2 id="containers">{t("Containers")}</h2>
            {found}
        </section>
        {history(cluster.id, &cluster.operations)}
    }
    .into_any()
}

fn status(cluster: &ClusterView, retry: Change) -> AnyView {
    let endpoint = match &cluster.endpoint {
        Some(endpoint) => {
            view! { <CopyField text=endpoint.clone() label=t("The cluster's endpoint")/> }
                .into_any()
        }
        None => view! { <span class="hint">{t("Not yet")}</span> }.into_any(),
    };
    let team = cluster.team.as_ref().map(|team| {
        view! { <div><dt>{t("Team")}</dt><dd>{team_chip(team)}</dd></div> }
    });
    let host = cluster.host.clone().map(|host| {
        view! { <div><dt>{t("Host")}</dt><dd>{host}</dd></div> }
    });
    view! {
        <section class="panel status-panel">
            <dl class="facts">
                <div aria-live="polite">
                    <dt>{t("Status")}</dt>
                    <dd><StatusBadge phase=cluster.phase/></dd>
                </div>
                {team}
                {host}
                <div><dt>{t("Segments")}</dt><dd><SegmentSlots cluster=cluster.clone()/></dd></div>
                <div><dt>{t("Created")}</dt><dd><Time at=cluster.created_at/></dd></div>
                <div class="wide"><dt>{t("Endpoint")}</dt><dd>{endpoint}</dd></div>
            </dl>
            {reason(cluster)}
            {advice(cluster)}
            {autoscale(cluster)}
            {retry_form(cluster, retry)}
        </section>
    }
    .into_any()
}

/// Trying again only where waiting is what happens otherwise; giving up as long as nothing of people
/// can be on it, however well it seems to go on.
fn retry_form(cluster: &ClusterView, retry: Change) -> AnyView {
    let is_waiting =
        matches!(cluster.phase, Phase::Error | Phase::Degraded) || cluster.next_try_at.is_some();
    let is_new = !cluster.was_active && cluster.phase != Phase::Deleting;
    if !(is_waiting || is_new) || !cluster.may_change {
        return ().into_any();
    }
    let id = cluster.id.to_string();
    let give_up = is_new.then(|| {
        let href = format!("/clusters/{id}/delete");
        view! { <A href attr:class="button button-quiet">{Icon::Trash.view()} {t("Give up and delete")}</A> }
    });
    let failure = retry.failure.clone();
    let again = is_waiting.then(|| {
        view! {
            <ChangeForm change=retry>
                <input type="hidden" name="id" value=id/>
                <ChangeButton icon=Icon::Rebuild text=t("Try again now") class="button button-quiet"/>
            </ChangeForm>
        }
    });
    view! {
        <FormError failure/>
        <div class="buttons">
            {again}
            {give_up}
        </div>
    }
    .into_any()
}
