//! Lists of what is on a cluster, all of one pattern: filters in the address, what uses a thing, and a
//! way to remove it.

use leptos::prelude::*;
use leptos::server_fn::ServerFn;
use model::{ClusterView, ThingKind, ThingName};

use crate::ApiError;
use crate::api::{self, ThingRemove};
use crate::format::bytes;
use crate::page::cluster_nav::{ClusterNav, ClusterPage};
use crate::page::container_list::{Told, away, segment_words};
use crate::page::list_filter::ListFilter;
use crate::page::{cluster_param, for_members, query};
use crate::ui::{
    Change, ChangeButton, ChangeForm, FormError, Icon, PageHead, TextField, load_live,
};
use crate::words::{t, tf};

/// A page with what `ask` brings.
pub fn list_page<T: Send + 'static, F>(
    title: &'static str,
    here: ClusterPage,
    ask: fn(String) -> F,
    body: fn(&ClusterView, T, &ListFilter, &Change) -> AnyView,
) -> AnyView
where
    F: Future<Output = Result<T, ApiError>> + Send + 'static,
{
    for_members(|| {
        let remove = Change::new(ThingRemove::url());
        let (said, filter) = (said(), ListFilter::asked());
        let id = cluster_param();
        let found = async move {
            let cluster = api::cluster_get(id.clone()).await?;
            Ok((cluster, ask(id).await))
        };
        load_live(found, move |(cluster, found)| {
            let back = (
                format!("/clusters/{}", cluster.id),
                cluster.name.to_string(),
            );
            let failure = remove.failure.clone();
            let document_title = format!("{title} · {}", cluster.name);
            let body = match found {
                Ok(list) => body(&cluster, list, &filter, &remove),
                Err(error) => away(&error),
            };
            view! {
                <PageHead title document_title back/>
                <ClusterNav id=cluster.id here=here/>
                {said.filter(|_| failure.is_none()).map(|said| view! { <p class="done" role="status">{Icon::Check.view()} {said}</p> })}
                <Told failure/>
                {body}
            }
            .into_any()
        })
    })
}

/// What the last change did.
fn said() -> Option<String> {
    if let Some(gained) = query("gained").and_then(|text| text.parse().ok()) {
        return Some(match gained {
            0 => t("There was nothing to tidy up.").to_owned(),
            n => tf("Tidied up: {size} are free again.", &[("size", &bytes(n))]),
        });
    }
    match query("done").as_deref() {
        Some("removed") => Some(t("It was removed.").to_owned()),
        Some("made") => Some(t("It was made.").to_owned()),
        Some("scaled") => Some(t("The number was changed; tasks follow in a moment.").to_owned()),
        _ => None,
    }
}

/// A thing that is made by its name. `more`: what else it wants to know.
pub fn make_form(
    cluster: &ClusterView,
    change: Change,
    title: &'static str,
    hint: &'static str,
    more: AnyView,
) -> AnyView {
    let failure = change.failure.clone();
    let id = cluster.id.to_string();
    let is_open = failure.is_some();
    view! {
        <details class="panel make" open=is_open>
            <summary><h2>{Icon::Plus.view()} {title}</h2></summary>
            <FormError failure=failure.clone() fields=&["name"]/>
            <ChangeForm change class="form form-below">
                <input type="hidden" name="id" value=id/>
                <TextField name="name" label=t("Name") failure max_length=ThingName::MAX hint/>
                {more}
                <div class="form-actions">
                    <ChangeButton icon=Icon::Plus text=t("Create") pending=t("One moment…") class="button"/>
                </div>
            </ChangeForm>
        </details>
    }
    .into_any()
}

/// Asks once more, and says what goes. Nothing for whoever only looks.
pub fn remove_form(
    cluster: &ClusterView,
    kind: ThingKind,
    thing: &str,
    name: &str,
    warning: &'static str,
    change: &Change,
) -> AnyView {
    if !cluster.may_use {
        return ().into_any();
    }
    let (id, thing, change) = (cluster.id.to_string(), thing.to_owned(), change.clone());
    let label = tf("Remove {name}", &[("name", &name)]);
    view! {
        <details class="menu confirm" name="menu">
            <summary class="button button-quiet button-small" aria-label=label>{t("Remove")} "…"</summary>
            <div class="menu-list">
                <p>{warning}</p>
                <ChangeForm change>
                    <input type="hidden" name="id" value=id/>
                    <input type="hidden" name="kind" value=kind.as_str()/>
                    <input type="hidden" name="thing" value=thing/>
                    <ChangeButton
                        icon=Icon::Trash text=t("Remove") pending=t("One moment…")
                        class="button button-danger button-small"
                    />
                </ChangeForm>
            </div>
        </details>
    }
    .into_any()
}

/// `empty` is said where there is nothing at all; what a filter left out is another matter.
pub fn table(
    columns: &[&'static str],
    rows: Vec<AnyView>,
    filter: &ListFilter,
    empty: &'static str,
) -> AnyView {
    if rows.is_empty() {
        let words = match filter.is_empty() {
            true => empty,
            false => t("Nothing is like that."),
        };
        return view! { <p class="empty">{words}</p> }.into_any();
    }
    let head = columns
        .iter()
        .map(|text| view! { <th scope="col">{*text}</th> })
        .collect_view();
    view! {
        <table class="table container-table">
            <thead>
                <tr>{head}<th scope="col"><span class="unseen">{t("Actions")}</span></th></tr>
            </thead>
            <tbody>{rows}</tbody>
        </table>
    }
    .into_any()
}

/// Names, or that there are none.
pub fn names(names: &[String]) -> String {
    match names {
        [] => t("nothing").to_owned(),
        names => names.join(", "),
    }
}

pub fn places(nodes: &[String]) -> String {
    let words: Vec<String> = nodes.iter().map(|node| segment_words(node)).collect();
    words.join(", ")
}

pub fn own(is_system: bool) -> Option<impl IntoView> {
    is_system.then(|| view! { <span class="hint">{t("Carina's own")}</span> })
}

pub fn dimmed(is_dimmed: bool) -> &'static str {
    if is_dimmed { "is-system" } else { "" }
}
