//! All containers of a cluster, over all its segments.

use leptos::prelude::*;
use leptos::server_fn::ServerFn;
use leptos_router::components::A;
use model::{ClusterView, ContainerRef, ContainerView};

use crate::ApiError;
use crate::api::{self, ContainerAct};
use crate::page::cluster_nav::{ClusterNav, ClusterPage};
use crate::page::container_act::{act_form, actions, done};
use crate::page::{cluster_param, docker_words, for_members, port, query};
use crate::ui::{Change, Failure, FormError, Icon, PageHead, Time, load_live};
use crate::words::{t, tf, tn};

/// With its containers, as far as the endpoint tells.
type Shown = (ClusterView, Result<Vec<ContainerView>, ApiError>);

/// What the address asks for.
#[derive(Debug, Default, Clone, PartialEq, Eq)]
struct Filter {
    name: String,
    state: String,
    segment: Option<u32>,
}

impl Filter {
    fn asked() -> Self {
        Self {
            name: query("name").unwrap_or_default(),
            state: query("state").unwrap_or_default(),
            segment: query("segment").and_then(|text| text.parse().ok()),
        }
    }

    fn is_empty(&self) -> bool {
        *self == Self::default()
    }

    fn takes(&self, container: &ContainerView) -> bool {
        let wanted = self.name.trim().to_lowercase();
        let has = |text: &str| text.to_lowercase().contains(&wanted);
        (wanted.is_empty() || has(&container.name) || has(&container.image))
            && match self.state.as_str() {
                "" => true,
                "stopped" => matches!(container.state.as_str(), "exited" | "created" | "dead"),
                state => container.state == state,
            }
            && (self.segment.is_none() || self.segment == ordinal(&container.node))
    }
}

/// Of `<cluster>-n2`.
pub fn ordinal(node: &str) -> Option<u32> {
    node.rsplit_once("-n").and_then(|(_, n)| n.parse().ok())
}

pub fn segment_words(node: &str) -> String {
    match ordinal(node) {
        Some(n) => tf("Segment {n}", &[("n", &n)]),
        None => node.to_owned(),
    }
}

/// The system's share their names, so they go by their ids.
pub fn reference(container: &ContainerView) -> String {
    // It becomes part of an address, and both are an engine's words: `../../api/x` is none.
    let good = |text: &str| text.parse::<ContainerRef>().ok().map(String::from);
    good(&container.name)
        .filter(|_| !container.is_system)
        .or_else(|| good(&container.id))
        .unwrap_or_default()
}

/// Where its page is: the node's name has the cluster's id in it.
pub fn container_page(container: &ContainerView) -> String {
    let cluster = container.node.rsplit_once("-n").map_or("", |(id, _)| id);
    format!("/clusters/{cluster}/containers/{}", reference(container))
}

pub fn container_list() -> AnyView {
    for_members(|| {
        let act = Change::new(ContainerAct::url());
        let (filter, said) = (Filter::asked(), query("done"));
        load_live(found(cluster_param()), move |shown| {
            page(shown, filter, said, &act)
        })
    })
}

async fn found(id: String) -> Result<Shown, ApiError> {
    let cluster = api::cluster_get(id.clone()).await?;
    let containers = api::container_list(id).await;
    Ok((cluster, containers))
}

fn page((cluster, found): Shown, filter: Filter, said: Option<String>, act: &Change) -> AnyView {
    let id = cluster.id;
    let back = (format!("/clusters/{id}"), cluster.name.to_string());
    let document_title = tf("Containers of {name}", &[("name", &cluster.name)]);
    let failure = act.failure.clone();
    let body = match found {
        Ok(containers) => list(&cluster, containers, &filter, act),
        Err(error) => away(&error),
    };
    view! {
        <PageHead title=t("Containers") document_title back/>
        <ClusterNav id=id here=ClusterPage::Containers/>
        {done(said.filter(|_| failure.is_none()))}
        <Told failure/>
        {body}
    }
    .into_any()
}

/// What went wrong, at the top of the page.
#[component]
pub fn Told(failure: Failure) -> impl IntoView {
    failure.map(|failure| view! { <FormError failure=Some(failure)/> })
}

/// The endpoint does not answer: what that means, and what is to be done.
pub fn away(error: &ApiError) -> AnyView {
    view! {
        <section class="panel notice-panel">
            <p role="status">{error.said()}</p>
            <p class="hint">
                {t("Containers go on running. Everything here goes through the cluster's endpoint, as your Docker client does; the overview says how the cluster is.")}
            </p>
        </section>
    }
    .into_any()
}

fn list(
    cluster: &ClusterView,
    containers: Vec<ContainerView>,
    filter: &Filter,
    act: &Change,
) -> AnyView {
    let all = containers.iter().filter(|one| !one.is_system).count();
    let mut shown: Vec<ContainerView> = containers
        .into_iter()
        .filter(|one| filter.takes(one))
        .collect();
    // One's own first, in the order of their names; the order of time jumps about.
    shown.sort_by(|a, b| (a.is_system, &a.name, &a.node).cmp(&(b.is_system, &b.name, &b.node)));
    let own = shown.iter().filter(|one| !one.is_system).count();
    let id = cluster.id.to_string();
    let empty = match (all, own) {
        (0, _) => Some(t(
            "No containers of yours yet. Start one with the Docker client you have: the access page says how.",
        )),
        (_, 0) => Some(t("No container is like that.")),
        _ => None,
    };
    let count = tn(own, "{n} container", "{n} containers");
    let mut published = shown.iter().flat_map(|one| &one.ports);
    let published = published.find_map(|text| Some(port::parted(text)?.0));
    let reach = port::reach(cluster, published);
    let rows = shown
        .into_iter()
        .map(|one| row(cluster, one, act))
        .collect_view();
    let logs = format!("/clusters/{id}/logs");
    view! {
        <section class="panel" aria-labelledby="found">
            <h2 id="found" class="unseen">{t("Found")}</h2>
            {filter_form(cluster, filter)}
            <form method="get" action=logs id="chosen" class="list-bar">
                <p class="hint" role="status">{count}</p>
                <button type="submit" class="button button-quiet button-small">
                    {Icon::Lines.view()} {t("Logs of the ticked ones")}
                </button>
            </form>
            {empty.map(|words| view! { <p class="empty">{words}</p> })}
            <table class="table container-table container-list">
                <thead>
                    <tr>
                        <th scope="col">{t("Name")}</th>
                        <th scope="col">{t("State")}</th>
                        <th scope="col">{t("Segment")}</th>
                        <th scope="col">{t("Ports")}</th>
                        <th scope="col">{t("Created")}</th>
                        <th scope="col"><span class="unseen">{t("Actions")}</span></th>
                    </tr>
                </thead>
                <tbody>{rows}</tbody>
            </table>
            {reach}
        </section>
    }
    .into_any()
}

fn filter_form(cluster: &ClusterView, filter: &Filter) -> AnyView {
    let here = format!("/clusters/{}/containers", cluster.id);
    let states = [
        ("", t("Any state")),
        ("running", t("Running")),
        ("stopped", t("Stopped")),
        ("paused", t("Paused")),
        ("restarting", t("Restarting")),
    ]
    .map(|(value, text)| option(value.to_owned(), text.to_owned(), filter.state == value))
    .collect_view();
    let segments = cluster.segments.iter().map(|segment| {
        let n = segment.ordinal;
        option(
            n.to_string(),
            tf("Segment {n}", &[("n", &n)]),
            filter.segment == Some(n),
        )
    });
    let segments = std::iter::once(option(
        String::new(),
        t("All segments").to_owned(),
        filter.segment.is_none(),
    ))
    .chain(segments)
    .collect_view();
    let clear = (!filter.is_empty()).then(|| {
        view! { <A href=here.clone() attr:class="button button-quiet button-small">{t("Show all")}</A> }
    });
    view! {
        <form method="get" action=here.clone() class="filters" role="search">
            <label class="filter-name">
                <span class="unseen">{t("Name or image")}</span>
                <input type="search" name="name" value=filter.name.clone() placeholder=t("Name or image") maxlength="128"/>
            </label>
            <label><span class="unseen">{t("State")}</span><select name="state">{states}</select></label>
            <label><span class="unseen">{t("Segment")}</span><select name="segment">{segments}</select></label>
            <button type="submit" class="button button-quiet button-small">{t("Filter")}</button>
            {clear}
        </form>
    }
    .into_any()
}

pub fn option(value: String, text: String, is_chosen: bool) -> AnyView {
    view! { <option value=value selected=is_chosen>{text}</option> }.into_any()
}

/// Green runs, amber is between, red ended badly.
pub fn tone(container: &ContainerView) -> &'static str {
    match container.state.as_str() {
        "running" if container.status.contains("(unhealthy)") => "dot bad",
        "running" => "dot good",
        "paused" | "restarting" | "removing" => "dot busy",
        "dead" => "dot bad",
        "exited" if !container.status.starts_with("Exited (0)") => "dot bad",
        _ => "dot free",
    }
}

fn row(cluster: &ClusterView, container: ContainerView, act: &Change) -> AnyView {
    let class = if container.is_system { "is-system" } else { "" };
    let href = format!(
        "/clusters/{}/containers/{}",
        cluster.id,
        reference(&container)
    );
    let name = container.name.clone();
    let tick = (!container.is_system).then(|| {
        let label = tf("Tick {name}", &[("name", &name)]);
        view! { <input type="checkbox" name="c" value=reference(&container) form="chosen" aria-label=label/> }
    });
    let note = container
        .is_system
        .then(|| view! { <span class="hint">{t("Carina's own")}</span> });
    view! {
        <tr data-key=container.id.clone() class=class>
            <th scope="row">
                <span class="container-name">
                    {tick}
                    <span>
                        <A href=href>{name}</A>
                        <code class="container-image">{container.image.clone()}</code>
                    </span>
                </span>
                {note}
            </th>
            <td data-label=t("State")><span><i class=tone(&container) aria-hidden="true"></i>{docker_words::status(&container.status)}</span></td>
            <td data-label=t("Segment") class="nowrap">{segment_words(&container.node)}</td>
            <td data-label=t("Ports")>{ports(&container)}</td>
            <td data-label=t("Created") class="nowrap"><Time at=container.created_at/></td>
            <td class="row-action">{menu(cluster, &container, act)}</td>
        </tr>
    }
    .into_any()
}

fn ports(container: &ContainerView) -> AnyView {
    if container.ports.is_empty() {
        return "—".into_any();
    }
    container
        .ports
        .iter()
        .map(|text| {
            let shown = match port::parted(text) {
                Some((at, inside)) => port::port(at, inside),
                None => text.clone().into_any(),
            };
            view! { <span class="port">{shown}</span> }
        })
        .collect_view()
        .into_any()
}

fn menu(cluster: &ClusterView, container: &ContainerView, act: &Change) -> AnyView {
    if container.is_system {
        return ().into_any();
    }
    let (may_use, cluster) = (cluster.may_use, cluster.id.to_string());
    let reference = reference(container);
    let logs = format!("/clusters/{cluster}/logs?c={reference}");
    if !may_use {
        return view! { <A href=logs attr:class="button button-quiet button-small">{Icon::Lines.view()} {t("Logs")}</A> }
            .into_any();
    }
    let console = format!("/clusters/{cluster}/containers/{reference}/console");
    let console = (container.state == "running")
        .then(|| view! { <A href=console>{Icon::Terminal.view()} {t("Console")}</A> });
    // What asks once more is on the container's own page.
    let forms = actions(&container.state)
        .iter()
        .filter(|action| !matches!(action.as_str(), "kill" | "remove"))
        .map(|action| act_form(&cluster, container, *action, "list", act, ""))
        .collect_view();
    view! {
        <details class="menu" name="menu">
            <summary class="icon-button" aria-label=tf("Manage {name}", &[("name", &container.name)]) title=t("Manage")>
                {Icon::Dots.view()}
            </summary>
            <div class="menu-list">
                <A href=logs>{Icon::Lines.view()} {t("Logs")}</A>
                {console}
                {forms}
            </div>
        </details>
    }
    .into_any()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn container(name: &str, state: &str, node: &str) -> ContainerView {
        ContainerView {
            node: node.to_owned(),
            id: "0".to_owned(),
            name: name.to_owned(),
            image: "nginx:1".to_owned(),
            state: state.to_owned(),
            status: String::new(),
            ports: Vec::new(),
            is_system: false,
            created_at: 0,
        }
    }

    #[test]
    fn every_part_of_a_filter_counts() {
        let filter = |name: &str, state: &str, segment| Filter {
            name: name.to_owned(),
            state: state.to_owned(),
            segment,
        };
        let web = container("Web-1", "exited", "c-n2");
        for (filter, expect) in [
            (Filter::default(), true),
            (filter("wEb", "", None), true),
            (filter("nginx", "stopped", Some(2)), true),
            (filter("db", "", None), false),
            (filter("", "running", None), false),
            (filter("", "", Some(1)), false),
        ] {
            assert_eq!(filter.takes(&web), expect, "{filter:?}");
        }
    }

    #[test]
    fn an_ending_is_told_from_a_failure() {
        let mut one = container("a", "exited", "c-n1");
        one.status = "Exited (0) 2 minutes ago".to_owned();
        assert_eq!(tone(&one), "dot free");
        one.status = "Exited (1) 2 minutes ago".to_owned();
        assert_eq!(tone(&one), "dot bad");
        assert_eq!(ordinal("0190-n12"), Some(12));
        assert_eq!(ordinal("elsewhere"), None);
    }
}
