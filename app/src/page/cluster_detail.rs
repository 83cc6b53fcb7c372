//! One cluster: how it is, where it answers, what is on it.

use leptos::form::ActionForm;
use leptos::prelude::*;
use model::{ClusterView, ContainerView, Phase};

use crate::ApiError;
use crate::api::{self, ClusterRetry};
use crate::page::cluster_list::{access_button, gear, reason};
use crate::page::containers::containers;
use crate::page::history::history;
use crate::page::segments::segments;
use crate::page::timeline::timeline;
use crate::page::{cluster_param, for_members, look_again};
use crate::root::Live;
use crate::ui::{
    CopyField, FormError, Icon, Loaded, PageHead, SegmentSlots, StatusBadge, Time, failure, is_busy,
};

/// The cluster, and its containers as far as the engines tell.
type Shown = (ClusterView, Result<Vec<ContainerView>, ApiError>);

pub fn cluster_detail() -> AnyView {
    for_members(|| {
        let live = expect_context::<Live>();
        let id = cluster_param();
        let retry = ServerAction::<ClusterRetry>::new();
        let shown = Resource::new(
            move || (live.0.get(), id.clone()),
            |(_, id)| async move {
                let cluster = api::cluster_get(id.clone()).await?;
                // Nothing to ask an engine that does not answer yet.
                let containers = match cluster.endpoint {
                    Some(_) => api::cluster_containers(id).await,
                    None => Ok(Vec::new()),
                };
                Ok((cluster, containers))
            },
        );
        let view = move |shown: Shown| page(shown, retry);
        view! { <Loaded resource=shown view/> }.into_any()
    })
}

fn page((cluster, found): Shown, retry: ServerAction<ClusterRetry>) -> AnyView {
    let found = match found {
        Ok(found) => containers(&cluster.segments, found),
        Err(error) => view! { <p class="empty">{error.to_string()}</p> }.into_any(),
    };
    let actions = (access_button(&cluster), gear(&cluster));
    view! {
        {look_again(is_busy(cluster.phase))}
        <PageHead
            title=cluster.name.to_string()
            back=("/clusters".to_owned(), "Clusters".to_owned())
        >
            {actions}
        </PageHead>
        {status(&cluster, retry)}
        {timeline(&cluster.steps)}
        {segments(&cluster.segments)}
        <section class="panel" aria-labelledby="containers">
            <h2 id="containers">"Containers"</h2>
            {found}
        </section>
        {history(&cluster.operations)}
    }
    .into_any()
}

fn status(cluster: &ClusterView, retry: ServerAction<ClusterRetry>) -> AnyView {
    let endpoint = match &cluster.endpoint {
        Some(endpoint) => {
            view! { <CopyField text=endpoint.clone() label="The cluster's endpoint"/> }.into_any()
        }
        None => view! { <span class="hint">"Not yet"</span> }.into_any(),
    };
    view! {
        <section class="panel status-panel">
            <dl class="facts">
                <div aria-live="polite">
                    <dt>"Status"</dt>
                    <dd><StatusBadge phase=cluster.phase/></dd>
                </div>
                <div><dt>"Segments"</dt><dd><SegmentSlots cluster=cluster.clone()/></dd></div>
                <div><dt>"Created"</dt><dd><Time at=cluster.created_at/></dd></div>
                <div class="wide"><dt>"Endpoint"</dt><dd>{endpoint}</dd></div>
            </dl>
            {reason(cluster)}
            {retry_form(cluster, retry)}
        </section>
    }
    .into_any()
}

/// Only where waiting is what happens otherwise.
fn retry_form(cluster: &ClusterView, retry: ServerAction<ClusterRetry>) -> AnyView {
    if !matches!(cluster.phase, Phase::Error | Phase::Degraded) && cluster.next_try_at.is_none() {
        return ().into_any();
    }
    let id = cluster.id.to_string();
    view! {
        <FormError failure=failure(retry)/>
        <ActionForm action=retry>
            <input type="hidden" name="id" value=id/>
            <button type="submit" class="button button-quiet" disabled=move || retry.pending().get()>
                {Icon::Rebuild.view()} "Try again now"
            </button>
        </ActionForm>
    }
    .into_any()
}
