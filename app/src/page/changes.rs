//! Everything that was asked of a cluster: who, what, when, how long, and step by step.

use leptos::prelude::*;
use leptos_router::components::A;
use model::{ClusterView, OperationDetail, OperationPage, OperationState};

use crate::ApiError;
use crate::api;
use crate::format::took;
use crate::page::cluster_nav::{ClusterNav, ClusterPage};
use crate::page::timeline::steps;
use crate::page::{cluster_param, for_members, query};
use crate::ui::{PageHead, Time, load_live};
use crate::words::{say, t, tf};

pub fn changes() -> AnyView {
    for_members(|| {
        let before = query("before").unwrap_or_default();
        let is_later = !before.is_empty();
        load_live(found(cluster_param(), before), move |(cluster, shown)| {
            page(&cluster, shown, is_later)
        })
    })
}

async fn found(id: String, before: String) -> Result<(ClusterView, OperationPage), ApiError> {
    let cluster = api::cluster_get(id.clone()).await?;
    Ok((cluster, api::cluster_operations(id, before).await?))
}

fn page(cluster: &ClusterView, shown: OperationPage, is_later: bool) -> AnyView {
    let name = cluster.name.to_string();
    let document_title = tf("Changes of {name}", &[("name", &name)]);
    let home = format!("/clusters/{}/changes", cluster.id);
    let next = shown.next.map(|next| {
        let href = format!("{home}?before={next}");
        view! { <A href attr:class="button button-quiet" attr:rel="next">{t("Older")}</A> }
    });
    let first = is_later.then(|| {
        view! { <A href=home attr:class="button button-quiet">{t("Newest")}</A> }
    });
    let ways = (next.is_some() || first.is_some()).then(|| {
        view! {
            <nav class="list-filter paging" aria-label=t("Pages of changes")>{first} {next}</nav>
        }
    });
    let entries = shown.rows.into_iter().map(entry).collect_view();
    view! {
        <PageHead
            title=name document_title
            back=("/clusters".to_owned(), t("Clusters").to_owned())
            lead=t("Whatever somebody asked of this cluster, the newest first.")
        />
        <ClusterNav id=cluster.id here=ClusterPage::Changes/>
        <ol class="changes panel" aria-live="polite">{entries}</ol>
        {ways}
    }
    .into_any()
}

fn entry(detail: OperationDetail) -> AnyView {
    let operation = detail.operation;
    let (tone, result) = match operation.state {
        OperationState::Running => ("badge busy", t("in progress")),
        OperationState::Done => ("badge good", t("done")),
        OperationState::Superseded => ("badge", t("replaced by a newer change")),
    };
    let length = operation.ended_at.map(|end| {
        let ms = u64::try_from(end - operation.started_at).unwrap_or(0);
        tf("took {time}", &[("time", &took(ms))])
    });
    let is_running = operation.state == OperationState::Running;
    let n = detail.steps.len();
    let done = detail
        .steps
        .iter()
        .filter(|step| step.took_ms.is_some())
        .count();
    let count = tf("{done} of {n} steps", &[("done", &done), ("n", &n)]);
    let lines = steps(&detail.steps);
    view! {
        <li data-key=operation.id.to_string()>
            <div class="change-head">
                <h2>{say(&operation.summary)}</h2>
                <span class=tone><i aria-hidden="true"></i>{result}</span>
            </div>
            <p class="hint">
                {tf("By {name}", &[("name", &operation.by)])} ", "
                <Time at=operation.started_at/>
                {length.map(|length| format!(", {length}"))}
            </p>
            <details open=is_running>
                <summary>{count}</summary>
                {lines}
            </details>
        </li>
    }
    .into_any()
}
