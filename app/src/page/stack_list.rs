//! Stacks: services that belong together, as one compose file made them.

use std::collections::BTreeMap;

use leptos::prelude::*;
use leptos::server_fn::ServerFn;
use leptos_router::components::A;
use model::{ClusterView, ServiceView};

use crate::ApiError;
use crate::api::{self, StackRemove};
use crate::page::cluster_nav::{ClusterNav, ClusterPage};
use crate::page::container_list::{Told, away};
use crate::page::list_filter::{Fields, ListFilter};
use crate::page::{cluster_param, for_members, query};
use crate::ui::{Change, ChangeButton, ChangeForm, Icon, PageHead, load_live};
use crate::words::{t, tf, tn};

pub fn stack_list() -> AnyView {
    for_members(|| {
        let remove = Change::new(StackRemove::url());
        let filter = ListFilter::asked();
        load_live(found(cluster_param()), move |shown| {
            page(shown, &filter, &remove)
        })
    })
}

type Shown = (ClusterView, Result<Vec<ServiceView>, ApiError>);

async fn found(id: String) -> Result<Shown, ApiError> {
    let cluster = api::cluster_get(id.clone()).await?;
    Ok((cluster, api::service_list(id).await))
}

fn page((cluster, found): Shown, filter: &ListFilter, remove: &Change) -> AnyView {
    let home = format!("/clusters/{}", cluster.id);
    let deploy = format!("{home}/stacks/new");
    let title = t("Stacks");
    let document_title = format!("{title} · {}", cluster.name);
    let failure = remove.failure.clone();
    let said = said().filter(|_| failure.is_none());
    let body = match found {
        Ok(list) => stacks(&cluster, list, filter, remove),
        Err(error) => away(&error),
    };
    view! {
        <PageHead title document_title back=(home, cluster.name.to_string())>
            {cluster.may_use.then(|| view! {
                <A href=deploy attr:class="button">{Icon::Plus.view()} {t("Deploy a compose file")}</A>
            })}
        </PageHead>
        <ClusterNav id=cluster.id here=ClusterPage::Stacks/>
        {said.map(|said| view! { <p class="done" role="status">{Icon::Check.view()} {said}</p> })}
        <Told failure/>
        {body}
    }
    .into_any()
}

/// What the last change did.
fn said() -> Option<String> {
    let count = |name| query(name).and_then(|text| text.parse::<usize>().ok());
    match query("done").as_deref() {
        Some("removed") => {
            Some(t("The stack was removed: its services and networks. Volumes stay.").to_owned())
        }
        Some("deployed") => {
            let services = |n| tn(n, "1 service", "{n} services");
            let (made, changed) = (count("made")?, count("changed")?);
            let mut said = tf(
                "Deployed: {made} made, {changed} brought up to date. Their tasks follow in a moment.",
                &[("made", &services(made)), ("changed", &services(changed))],
            );
            if let Some(left) = count("left").filter(|left| *left > 0) {
                let more = tn(
                    left,
                    "1 service of the stack is not in the file any more and goes on as it was.",
                    "{n} services of the stack are not in the file any more and go on as they were.",
                );
                said = format!("{said} {more}");
            }
            Some(said)
        }
        _ => None,
    }
}

fn stacks(
    cluster: &ClusterView,
    list: Vec<ServiceView>,
    filter: &ListFilter,
    remove: &Change,
) -> AnyView {
    let mut all: BTreeMap<String, Vec<ServiceView>> = BTreeMap::new();
    for service in list {
        if let Some(stack) = service.stack.clone() {
            all.entry(stack).or_default().push(service);
        }
    }
    if all.is_empty() {
        return view! {
            <section class="panel">
                <p class="empty">{t("No stacks yet. A stack is what one compose file makes: services, and networks that only they share.")}</p>
            </section>
        }
        .into_any();
    }
    all.retain(|name, services| {
        let own = services.iter().flat_map(|one| [&one.name, &one.image]);
        let texts: Vec<&str> = std::iter::once(name)
            .chain(own)
            .map(String::as_str)
            .collect();
        filter.takes(&texts, true, &[])
    });
    let nothing = all
        .is_empty()
        .then(|| view! { <p class="empty form-below">{t("Nothing is like that.")}</p> });
    let cards = all
        .into_iter()
        .map(|(name, services)| card(cluster, name, services, remove))
        .collect_view();
    let fields = Fields {
        has_usage: false,
        has_segment: false,
    };
    view! {
        <section class="panel">
            {filter.form(cluster, "stacks", t("Name, service or image"), fields)}
            {nothing}
        </section>
        {cards}
    }
    .into_any()
}

fn card(
    cluster: &ClusterView,
    name: String,
    services: Vec<ServiceView>,
    remove: &Change,
) -> AnyView {
    let id = format!("stack-{name}");
    let rows = services.iter().map(row).collect_view();
    let count = tn(services.len(), "1 service", "{n} services");
    let form = remove_form(cluster, &name, remove);
    let links = links(cluster, &name);
    view! {
        <section class="panel" aria-labelledby=id.clone() data-key=id.clone()>
            <h2 id=id.clone()>{name} " " <span class="hint">{count}</span></h2>
            <table class="table">
                <thead>
                    <tr>
                        <th scope="col">{t("Service")}</th>
                        <th scope="col">{t("Tasks")}</th>
                        <th scope="col">{t("Image")}</th>
                        <th scope="col">{t("Ports")}</th>
                    </tr>
                </thead>
                <tbody>{rows}</tbody>
            </table>
            <div class="buttons">{links} {form}</div>
        </section>
    }
    .into_any()
}

/// To its services, to the containers that are their tasks (named by the stack), and to deploying it
/// once more.
fn links(cluster: &ClusterView, name: &str) -> AnyView {
    let id = cluster.id;
    let again = format!("/clusters/{id}/stacks/new?name={name}");
    let again = cluster.may_use.then(|| {
        view! { <A href=again attr:class="button button-quiet button-small">{Icon::Rebuild.view()} {t("Deploy again")}</A> }
    });
    let services = format!("/clusters/{id}/services?stack={name}");
    let containers = format!("/clusters/{id}/containers?name={name}_");
    view! {
        <A href=services attr:class="button button-quiet button-small">{t("Services")}</A>
        <A href=containers attr:class="button button-quiet button-small">{t("Containers")}</A>
        {again}
    }
    .into_any()
}

fn row(service: &ServiceView) -> AnyView {
    let (tone, count) = match service.wanted {
        Some(wanted) if service.running < wanted => ("badge warn", wanted),
        Some(wanted) => ("badge good", wanted),
        None => ("badge good", service.running),
    };
    let count = tf(
        "{n} of {max} run",
        &[("n", &service.running), ("max", &count)],
    );
    let ports = match service.ports.is_empty() {
        true => "—".to_owned(),
        false => service.ports.join(", "),
    };
    view! {
        <tr data-key=service.id.clone()>
            <th scope="row">{service.name.clone()}</th>
            <td data-label=t("Tasks")><span class=tone><i aria-hidden="true"></i>{count}</span></td>
            <td data-label=t("Image")><code>{service.image.clone()}</code></td>
            <td data-label=t("Ports")>{ports}</td>
        </tr>
    }
    .into_any()
}

fn remove_form(cluster: &ClusterView, name: &str, change: &Change) -> AnyView {
    if !cluster.may_use {
        return ().into_any();
    }
    let (id, value, change) = (cluster.id.to_string(), name.to_owned(), change.clone());
    let label = tf("Remove {name}", &[("name", &name)]);
    view! {
        <details class="menu confirm" name="menu">
            <summary class="button button-quiet button-small" aria-label=label>{t("Remove")} "…"</summary>
            <div class="menu-list">
                <p>{t("All its services end and their containers go, and its networks. Volumes stay.")}</p>
                <ChangeForm change>
                    <input type="hidden" name="id" value=id/>
                    <input type="hidden" name="name" value=value/>
                    <ChangeButton
                        icon=Icon::Trash text=t("Remove") pending=t("Removing…")
                        class="button button-danger button-small"
                    />
                </ChangeForm>
            </div>
        </details>
    }
    .into_any()
}
