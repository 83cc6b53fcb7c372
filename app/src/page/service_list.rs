//! Services of Docker's own swarm mode, with the tasks that they run as.

use leptos::prelude::*;
use leptos::server_fn::ServerFn;
use leptos_router::components::A;
use model::{ClusterView, ListPage, ServiceView, TaskView, ThingKind};

use crate::api::{self, ServiceScale};
use crate::page::cluster_nav::ClusterPage;
use crate::page::container_list::{Told, segment_words};
use crate::page::docker_words;
use crate::page::inventory::{list_page, remove_form};
use crate::page::list_filter::{Fields, ListFilter};
use crate::page::log::CHOSEN_MAX;
use crate::page::paging::page_asked;
use crate::ui::{Change, ChangeButton, ChangeForm, Icon, Time};
use crate::words::{t, tf};

pub fn service_list() -> AnyView {
    list_page(
        t("Services"),
        ClusterPage::Services,
        api::service_list,
        services,
    )
}

fn services(
    cluster: &ClusterView,
    list: Vec<ServiceView>,
    filter: &ListFilter,
    remove: &Change,
) -> AnyView {
    if list.is_empty() {
        return view! {
            <section class="panel">
                <p class="empty">{t("No services yet: docker service create and docker stack deploy make them.")}</p>
            </section>
        }
        .into_any();
    }
    let scale = Change::new(ServiceScale::url());
    let failure = scale.failure.clone();
    let found: Vec<&ServiceView> = list.iter().filter(|one| takes(filter, one)).collect();
    let nothing = found
        .is_empty()
        .then(|| view! { <p class="empty form-below">{t("Nothing is like that.")}</p> });
    let ListPage { rows, at } = ListPage::cut(found, list.len(), page_asked("page"));
    let cards = rows
        .into_iter()
        .map(|service| card(cluster, service, &scale, remove))
        .collect_view();
    let fields = Fields {
        has_usage: false,
        has_segment: true,
    };
    view! {
        <Told failure/>
        <section class="panel">
            {filter.form(cluster, "services", t("Name, image or stack"), fields)}
            {nothing}
        </section>
        {cards}
        {filter.paging(cluster, "services", at)}
    }
    .into_any()
}

/// On a segment is a service that has a task running there.
fn takes(filter: &ListFilter, service: &ServiceView) -> bool {
    let stack = service.stack.as_deref().unwrap_or_default();
    let running = service.tasks.iter().filter(|task| task.state == "running");
    let mut nodes: Vec<&str> = running.map(|task| task.node.as_str()).collect();
    if nodes.is_empty() {
        nodes.push("");
    }
    (filter.stack.is_empty() || filter.stack == stack)
        && filter.takes(
            &[service.name.as_str(), service.image.as_str(), stack],
            true,
            &nodes,
        )
}

fn card(cluster: &ClusterView, service: &ServiceView, scale: &Change, remove: &Change) -> AnyView {
    let id = format!("service-{}", service.id);
    let (tone, count) = match service.wanted {
        Some(wanted) => (
            if service.running >= wanted {
                "badge good"
            } else {
                "badge warn"
            },
            tf(
                "{n} of {max} run",
                &[("n", &service.running), ("max", &wanted)],
            ),
        ),
        None => (
            "badge good",
            tf("{n} run, one on every segment", &[("n", &service.running)]),
        ),
    };
    let ports = match service.ports.is_empty() {
        true => "—".to_owned(),
        false => service.ports.join(", "),
    };
    let stack = service
        .stack
        .clone()
        .map(|stack| view! { <div><dt>{t("Stack")}</dt><dd>{stack}</dd></div> });
    let tasks = service.tasks.iter();
    let tasks = tasks.map(|one| task(cluster, one)).collect_view();
    view! {
        <section class="panel" aria-labelledby=id.clone() data-key=service.id.clone()>
            <h2 id=id.clone()>{service.name.clone()}</h2>
            <dl class="facts">
                <div><dt>{t("Tasks")}</dt><dd><span class=tone><i aria-hidden="true"></i>{count}</span></dd></div>
                {stack}
                <div><dt>{t("Ports")}</dt><dd>{ports}</dd></div>
                <div class="wide"><dt>{t("Image")}</dt><dd><code>{service.image.clone()}</code></dd></div>
            </dl>
            <div class="buttons">
                {log_link(cluster, service)}
                {scale_form(cluster, service, scale)}
                {remove_form(
                    cluster, ThingKind::Service, &service.id, &service.name,
                    t("Its tasks end and their containers go. Volumes stay."), remove,
                )}
            </div>
            <details class="tasks">
                <summary>{t("Tasks and how they ended")}</summary>
                <table class="table">
                    <thead>
                        <tr>
                            <th scope="col">{t("Task")}</th>
                            <th scope="col">{t("State")}</th>
                            <th scope="col">{t("Segment")}</th>
                            <th scope="col">{t("Since")}</th>
                        </tr>
                    </thead>
                    <tbody>{tasks}</tbody>
                </table>
            </details>
        </section>
    }
    .into_any()
}

/// To the log of all its tasks that run, side by side.
fn log_link(cluster: &ClusterView, service: &ServiceView) -> AnyView {
    let running = service.tasks.iter().filter(|task| task.state == "running");
    let chosen: Vec<String> = running
        .filter_map(|task| Some(format!("c={}", task.container.as_ref()?.as_str())))
        .take(CHOSEN_MAX)
        .collect();
    if chosen.is_empty() {
        return ().into_any();
    }
    let href = format!("/clusters/{}/logs?{}", cluster.id, chosen.join("&"));
    view! { <A href attr:class="button button-quiet button-small">{Icon::Lines.view()} {t("Logs")}</A> }
        .into_any()
}

fn scale_form(cluster: &ClusterView, service: &ServiceView, change: &Change) -> AnyView {
    let Some(wanted) = service.wanted.filter(|_| cluster.may_use) else {
        return ().into_any();
    };
    let (cluster, id, change) = (cluster.id.to_string(), service.id.clone(), change.clone());
    view! {
        <ChangeForm change class="filters">
            <input type="hidden" name="id" value=cluster/>
            <input type="hidden" name="thing" value=id/>
            <label>{t("Replicas")} " "<input type="number" name="replicas" min="0" max="100" required value=wanted.to_string()/></label>
            <ChangeButton
                icon=Icon::Scale text=t("Change") pending=t("One moment…")
                class="button button-quiet button-small"
            />
        </ChangeForm>
    }
    .into_any()
}

fn task(cluster: &ClusterView, task: &TaskView) -> AnyView {
    let tone = match task.state.as_str() {
        "running" => "dot good",
        "failed" | "rejected" => "dot bad",
        "complete" | "shutdown" | "orphaned" | "remove" => "dot free",
        _ => "dot busy",
    };
    let name: String = match task.slot {
        0 => task.id.chars().take(12).collect(),
        slot => slot.to_string(),
    };
    let name = match &task.container {
        Some(container) if task.state == "running" => {
            let href = format!("/clusters/{}/containers/{}", cluster.id, container.as_str());
            let label = tf("Task {name}: its container", &[("name", &name)]);
            view! { <A href attr:aria-label=label>{name}</A> }.into_any()
        }
        _ => name.into_any(),
    };
    let since = task.changed_at.map(|at| view! { <Time at/> });
    let why = task
        .error
        .clone()
        .map(|why| view! { <span class="hint">{why}</span> });
    view! {
        <tr data-key=task.id.clone()>
            <th scope="row">{name}</th>
            <td data-label=t("State")><span><i class=tone aria-hidden="true"></i>{docker_words::state(&task.state)}</span> {why}</td>
            <td data-label=t("Segment") class="nowrap">{segment_words(&task.node)}</td>
            <td data-label=t("Since") class="nowrap">{since}</td>
        </tr>
    }
    .into_any()
}
