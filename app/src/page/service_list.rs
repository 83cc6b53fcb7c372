//! Services of Docker's own swarm mode, with the tasks that they run as.

use leptos::prelude::*;
use leptos::server_fn::ServerFn;
use model::{ClusterView, ServiceView, TaskView, ThingKind};

use crate::api::{self, ServiceScale};
use crate::page::cluster_nav::ClusterPage;
use crate::page::container_list::{Told, segment_words};
use crate::page::inventory::{list_page, remove_form};
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

fn services(cluster: &ClusterView, list: Vec<ServiceView>, remove: &Change) -> AnyView {
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
    let cards = list
        .iter()
        .map(|service| card(cluster, service, &scale, remove))
        .collect_view();
    view! { <Told failure/> {cards} }.into_any()
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
    let tasks = service.tasks.iter().map(task).collect_view();
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

fn scale_form(cluster: &ClusterView, service: &ServiceView, change: &Change) -> AnyView {
    let Some(wanted) = service.wanted else {
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

fn task(task: &TaskView) -> AnyView {
    let tone = match task.state.as_str() {
        "running" => "dot good",
        "failed" | "rejected" => "dot bad",
        "complete" | "shutdown" | "orphaned" | "remove" => "dot free",
        _ => "dot busy",
    };
    let name = match task.slot {
        0 => task.id.chars().take(12).collect(),
        slot => slot.to_string(),
    };
    let since = task.changed_at.map(|at| view! { <Time at/> });
    let why = task
        .error
        .clone()
        .map(|why| view! { <span class="hint">{why}</span> });
    view! {
        <tr data-key=task.id.clone()>
            <th scope="row">{name}</th>
            <td data-label=t("State")><span><i class=tone aria-hidden="true"></i>{task.state.clone()}</span> {why}</td>
            <td data-label=t("Segment") class="nowrap">{segment_words(&task.node)}</td>
            <td data-label=t("Since") class="nowrap">{since}</td>
        </tr>
    }
    .into_any()
}
