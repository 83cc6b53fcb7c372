//! Logs of one or several containers: the newest lines drawn here, the rest as it is written, by
//! the stream that a browser with script follows.

use leptos::prelude::*;
use leptos_router::components::A;
use model::{ClusterView, ContainerView, LogView, UserError};

use crate::ApiError;
use crate::api;
use crate::log_line::log_line_html;
use crate::page::cluster_nav::{ClusterNav, ClusterPage};
use crate::page::container_list::{away, option, reference, segment_words};
use crate::page::log_viewer::{Lines, log_bar, log_lines};
use crate::page::{cluster_param, for_members, queries, query};
use crate::ui::{Icon, PageHead, load};
use crate::words::{t, tf, tn};

/// Lines on a page, to choose from.
const TAILS: [u32; 3] = [200, 1_000, 5_000];
/// Chosen at once, as `control` has it.
pub const CHOSEN_MAX: usize = 8;

struct Shown {
    cluster: ClusterView,
    /// All that may be chosen.
    containers: Result<Vec<ContainerView>, ApiError>,
    log: Option<LogView>,
    tail: u32,
}

pub fn log() -> AnyView {
    for_members(|| {
        let mut wanted = queries("c");
        wanted.dedup();
        wanted.truncate(CHOSEN_MAX);
        let tail = query("tail").and_then(|text| text.parse().ok());
        let tail = tail.filter(|tail| TAILS.contains(tail)).unwrap_or(TAILS[0]);
        load(found(cluster_param(), wanted, tail), page)
    })
}

async fn found(id: String, wanted: Vec<String>, tail: u32) -> Result<Shown, ApiError> {
    let cluster = api::cluster_get(id.clone()).await?;
    let containers = api::container_list(id.clone()).await;
    let is_there = |name: &String| {
        containers
            .iter()
            .flatten()
            .any(|one| one.name == *name || one.id == *name)
    };
    // One that was removed meanwhile takes nothing from the others.
    let (there, gone): (Vec<_>, Vec<_>) = wanted.into_iter().partition(is_there);
    if there.is_empty() && !gone.is_empty() && containers.is_ok() {
        return Err(crate::server::refused(UserError::NotFound {
            what: "container".to_owned(),
        }));
    }
    let log = match (&containers, there.is_empty()) {
        (Ok(_), false) => Some(api::container_log_tail(id, there.join(","), tail).await?),
        _ => None,
    };
    Ok(Shown {
        cluster,
        containers,
        log,
        tail,
    })
}

fn page(shown: Shown) -> AnyView {
    let id = shown.cluster.id;
    let back = (format!("/clusters/{id}"), shown.cluster.name.to_string());
    let document_title = match &shown.log {
        Some(log) => {
            let names: Vec<String> = log.containers.iter().map(|one| one.name.clone()).collect();
            tf("Logs of {names}", &[("names", &names.join(", "))])
        }
        None => tf("Logs of {names}", &[("names", &shown.cluster.name)]),
    };
    let body = match shown.containers {
        Ok(containers) => {
            let base = format!("/clusters/{id}/logs");
            view! {
                <section class="panel log-panel" aria-labelledby="log-title">
                    <h2 id="log-title" class="unseen">{t("Log")}</h2>
                    {chosen(&base, &containers, shown.log.as_ref(), shown.tail)}
                    {match &shown.log {
                        Some(log) => viewer(&base, log, shown.tail),
                        None => view! { <p class="empty">{t("Choose a container to read what it writes; several stand side by side.")}</p> }.into_any(),
                    }}
                </section>
            }
            .into_any()
        }
        Err(error) => away(&error),
    };
    view! {
        <PageHead title=t("Logs") document_title back/>
        <ClusterNav id=id here=ClusterPage::Logs/>
        {body}
    }
    .into_any()
}

/// A chip for each container, and a form that adds one.
fn chosen(base: &str, all: &[ContainerView], log: Option<&LogView>, tail: u32) -> AnyView {
    let chosen: Vec<ContainerView> = log.map(|log| log.containers.clone()).unwrap_or_default();
    let address = |without: usize| {
        let rest = chosen
            .iter()
            .enumerate()
            .filter(|(n, _)| *n != without)
            .map(|(_, one)| format!("&c={}", reference(one)));
        format!("{base}?tail={tail}{}", rest.collect::<String>())
    };
    let chips = chosen
        .iter()
        .enumerate()
        .map(|(n, one)| {
            let class = format!("chip from-{}", n % 6);
            let label = tf("Leave {name} out", &[("name", &one.name)]);
            view! {
                <li class=class>
                    <span>{one.name.clone()}</span>
                    <A href=address(n) attr:aria-label=label>{Icon::Close.view()}</A>
                </li>
            }
        })
        .collect_view();
    let kept = chosen
        .iter()
        .map(|one| view! { <input type="hidden" name="c" value=reference(one)/> })
        .collect_view();
    let mut others: Vec<&ContainerView> = all
        .iter()
        .filter(|one| chosen.iter().all(|other| other.id != one.id))
        .collect();
    others.sort_by_key(|one| (one.is_system, &one.name, &one.node));
    let first = option(String::new(), t("Add a container…").to_owned(), true);
    let others = std::iter::once(first)
        .chain(others.into_iter().map(|one| {
            let text = format!("{} · {}", one.name, segment_words(&one.node));
            option(reference(one), text, false)
        }))
        .collect_view();
    let is_full = chosen.len() >= CHOSEN_MAX;
    let tails = TAILS
        .iter()
        .map(|n| option(n.to_string(), tf("Last {n} lines", &[("n", n)]), *n == tail))
        .collect_view();
    view! {
        <div class="log-choice">
            {(!chosen.is_empty()).then(|| view! { <ul class="chips" aria-label=t("Containers shown")>{chips}</ul> })}
            <form method="get" action=base.to_owned() class="filters">
                {kept}
                <label><span class="unseen">{t("Container")}</span><select name="c" disabled=is_full>{others}</select></label>
                <label><span class="unseen">{t("Lines")}</span><select name="tail">{tails}</select></label>
                <button type="submit" class="button button-quiet button-small">{t("Show")}</button>
            </form>
        </div>
    }
    .into_any()
}

fn viewer(base: &str, log: &LogView, tail: u32) -> AnyView {
    let names: Vec<String> = log.containers.iter().map(reference).collect();
    let names = names.join(",");
    let seen: Vec<String> = log.seen_ns.iter().map(ToString::to_string).collect();
    let stream = format!("{base}/stream?c={names}");
    let file = format!("{base}/text?c={names}");
    let has_many = log.containers.len() > 1;
    let html: String = log
        .lines
        .iter()
        .map(|(from, line)| {
            let name = log.containers.get(*from).map(|one| one.name.as_str());
            log_line_html(*from, name.filter(|_| has_many), line)
        })
        .collect();
    let count = tn(log.lines.len(), "{n} line", "{n} lines");
    let is_cut = log.lines.len() >= tail as usize;
    let note = is_cut.then(
        || view! { <p class="hint">{tf("Older lines are left out; the file has more.", &[])}</p> },
    );
    let tools = view! {
        <button type="button" class="button button-quiet button-small awake-only" data-log-toggle="no-times" aria-pressed="true">{t("Times")}</button>
        <button type="button" class="button button-quiet button-small awake-only" data-log-toggle="no-wrap" aria-pressed="true">{t("Wrap")}</button>
        <a class="button button-quiet button-small" href=file download>{Icon::Download.view()} {t("Download")}</a>
    }
    .into_any();
    let lines = Lines {
        stream,
        seen: seen.join(","),
        html,
        empty: log.lines.is_empty().then(|| t("Nothing was written yet.")),
    };
    view! {
        {log_bar(count, tools)}
        {note}
        {log_lines("log", lines)}
    }
    .into_any()
}
