//! One container: how it is, what it uses, what it is made of, and what can be done with it.

use leptos::prelude::*;
use leptos::server_fn::ServerFn;
use leptos_router::components::A;
use model::{
    ClusterView, ContainerDetailView, ContainerMetricsView, ContainerUsageView, ContainerView,
    Span, UserError, VariableView,
};

use crate::ApiError;
use crate::api::{self, ContainerAct};
use crate::format::{bytes, centi, percent};
use crate::page::cluster_nav::{ClusterNav, ClusterPage};
use crate::page::container_act::{act_form, actions, done};
use crate::page::container_facts::{environment, facts, labels, mounts, networks, ports};
use crate::page::container_history::history;
use crate::page::container_list::{Told, away, reference, segment_words, tone};
use crate::page::metrics::span_asked;
use crate::page::{cluster_param, container_param, docker_words, for_members, look_again, query};
use crate::ui::{Bar, Change, Icon, PageHead, Time, load_live};
use crate::words::{t, tf};

struct Shown {
    cluster: ClusterView,
    container: Result<ContainerDetailView, ApiError>,
    usage: Option<ContainerUsageView>,
    metrics: Option<ContainerMetricsView>,
    /// With values, for whoever asked for them on this very page.
    environment: Option<Vec<VariableView>>,
}

pub fn container_detail() -> AnyView {
    for_members(|| {
        let act = Change::new(ContainerAct::url());
        let said = query("done");
        let asked = found(cluster_param(), container_param(), span_asked());
        load_live(asked, move |shown| page(shown, said, &act))
    })
}

async fn found(id: String, container: String, span: Span) -> Result<Shown, ApiError> {
    let cluster = api::cluster_get(id.clone()).await?;
    let found = match api::container_get(id.clone(), container.clone()).await {
        Err(error) if matches!(error.error, UserError::NotFound { .. }) => return Err(error),
        other => other,
    };
    let is_running = |found: &ContainerDetailView| found.summary.state == "running";
    let usage = match &found {
        Ok(found) if is_running(found) => {
            api::container_usage(id.clone(), found.summary.id.clone())
                .await
                .ok()
        }
        _ => None,
    };
    let metrics = match &found {
        Ok(found) => {
            let container = found.summary.id.clone();
            let asked = api::container_metrics(id.clone(), container, span.to_string());
            asked.await.ok()
        }
        Err(_) => None,
    };
    let environment = match &found {
        Ok(_) => api::container_environment_posted(id, container).await?,
        Err(_) => None,
    };
    Ok(Shown {
        cluster,
        container: found,
        usage,
        metrics,
        environment,
    })
}

fn page(shown: Shown, said: Option<String>, act: &Change) -> AnyView {
    let id = shown.cluster.id;
    let back = (
        format!("/clusters/{id}/containers"),
        t("Containers").to_owned(),
    );
    let failure = act.failure.clone();
    let (title, body) = match shown.container {
        Ok(container) => (
            container.summary.name.clone(),
            body(
                &shown.cluster,
                &container,
                (shown.usage, shown.metrics),
                shown.environment,
                act,
            ),
        ),
        Err(error) => (container_param(), away(&error)),
    };
    view! {
        <PageHead title back/>
        <ClusterNav id=id here=ClusterPage::Containers/>
        {done(said.filter(|_| failure.is_none()))}
        <Told failure/>
        {body}
    }
    .into_any()
}

fn body(
    cluster: &ClusterView,
    container: &ContainerDetailView,
    (usage, metrics): (Option<ContainerUsageView>, Option<ContainerMetricsView>),
    shown: Option<Vec<VariableView>>,
    act: &Change,
) -> AnyView {
    let summary = &container.summary;
    let is_unmeasured = usage.is_some_and(|usage| usage.cpu_centi.is_none());
    // This very page, by id or by name: what it shows on demand is drawn in its place.
    let here = crate::page::here();
    view! {
        {look_again(is_unmeasured)}
        <section class="panel status-panel">
            {state(container)}
            {buttons(cluster, summary, act)}
        </section>
        {usage.map(used)}
        {metrics.map(|metrics| history(cluster, container, &metrics))}
        {facts(container)}
        {ports(cluster, container)}
        {mounts(&container.mounts)}
        {networks(&container.networks)}
        {environment(&container.environment, shown, cluster.may_use.then_some(here))}
        {labels(&container.labels)}
    }
    .into_any()
}

fn state(container: &ContainerDetailView) -> AnyView {
    let summary = &container.summary;
    let since = match (container.started_at, container.finished_at) {
        (_, Some(at)) => view! { <div><dt>{t("Ended")}</dt><dd><Time at/></dd></div> }.into_any(),
        (Some(at), None) => {
            view! { <div><dt>{t("Started")}</dt><dd><Time at/></dd></div> }.into_any()
        }
        _ => ().into_any(),
    };
    let health = container.health.clone().map(|health| {
        let tone = match health.status.as_str() {
            "healthy" => "badge good",
            "unhealthy" => "badge bad",
            _ => "badge busy",
        };
        view! {
            <div>
                <dt>{t("Health")}</dt>
                <dd><span class=tone><i aria-hidden="true"></i>{docker_words::health(&health.status)}</span></dd>
            </div>
        }
    });
    view! {
        <dl class="facts">
            <div>
                <dt>{t("State")}</dt>
                <dd><span><i class=tone(summary) aria-hidden="true"></i>{docker_words::state(&summary.state)}</span></dd>
            </div>
            {health}
            {since}
            <div><dt>{t("Segment")}</dt><dd>{segment_words(&summary.node)}</dd></div>
            <div class="wide"><dt>{t("Image")}</dt><dd><code>{summary.image.clone()}</code></dd></div>
        </dl>
        {ending(container)}
    }
    .into_any()
}

/// Why it does not run, as far as anybody knows.
fn ending(container: &ContainerDetailView) -> AnyView {
    let mut said = Vec::new();
    if container.is_out_of_memory {
        said.push(t("It was killed because its memory was used up.").to_owned());
    }
    if let Some(code) = container.exit_code.filter(|code| *code != 0) {
        said.push(tf("It ended with the code {code}.", &[("code", &code)]));
    }
    said.extend(container.error.clone());
    let health = container
        .health
        .as_ref()
        .filter(|health| health.status == "unhealthy");
    if let Some(output) = health.and_then(|health| health.last_output.clone()) {
        said.push(tf(
            "The last check of its health said: {output}",
            &[("output", &output)],
        ));
    }
    if container.restarts > 0 {
        said.push(tf(
            "Restarted {n} times by itself.",
            &[("n", &container.restarts)],
        ));
    }
    (!said.is_empty())
        .then(|| view! { <p class="reason">{said.join(" ")}</p> })
        .into_any()
}

fn buttons(cluster: &ClusterView, container: &ContainerView, act: &Change) -> AnyView {
    let (may_use, cluster) = (cluster.may_use, cluster.id.to_string());
    let reference = reference(container);
    let logs = format!("/clusters/{cluster}/logs?c={reference}");
    let logs = view! { <A href=logs attr:class="button button-quiet">{Icon::Lines.view()} {t("Logs")}</A> };
    if container.is_system {
        return view! {
            <div class="buttons">{logs}</div>
            <p class="hint">{t("Carina runs this container itself: it is looked after, and cannot be changed.")}</p>
        }
        .into_any();
    }
    if !may_use {
        return view! { <div class="buttons">{logs}</div> }.into_any();
    }
    let console = (container.state == "running").then(|| {
        let href = format!("/clusters/{cluster}/containers/{reference}/console");
        view! { <A href attr:class="button button-quiet">{Icon::Terminal.view()} {t("Console")}</A> }
    });
    let forms = actions(&container.state)
        .iter()
        .map(|action| {
            act_form(
                &cluster,
                container,
                *action,
                "page",
                act,
                "button button-quiet",
            )
        })
        .collect_view();
    view! { <div class="buttons">{logs}{console}{forms}</div> }.into_any()
}

fn used(usage: ContainerUsageView) -> AnyView {
    let memory = tf(
        "{used} of {limit}",
        &[
            ("used", &bytes(usage.memory_bytes)),
            ("limit", &bytes(usage.memory_limit_bytes)),
        ],
    );
    let cpu = usage
        .cpu_centi
        .map(|cpu| tf("{n} vCPU", &[("n", &centi(cpu))]));
    let both = |a: u64, b: u64| format!("{} / {}", bytes(a), bytes(b));
    view! {
        <section class="panel" aria-labelledby="usage">
            <h2 id="usage">{t("In use")}</h2>
            <div class="usage-grid">
                <Bar label=t("CPU") text=cpu percent=usage.cpu_centi.unwrap_or(0).min(100)/>
                <Bar
                    label=t("Memory") text=Some(memory)
                    percent=percent(usage.memory_bytes, usage.memory_limit_bytes)
                />
                <dl class="facts">
                    <div><dt>{t("Received / sent")}</dt><dd>{both(usage.received_bytes, usage.sent_bytes)}</dd></div>
                    <div><dt>{t("Read / written")}</dt><dd>{both(usage.read_bytes, usage.written_bytes)}</dd></div>
                    <div><dt>{t("Processes")}</dt><dd>{usage.pids.to_string()}</dd></div>
                </dl>
            </div>
            <p class="hint">{t("Memory is told without the page cache, which is given back when it is needed.")}</p>
        </section>
    }
    .into_any()
}
