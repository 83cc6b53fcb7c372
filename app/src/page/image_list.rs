//! Images of a cluster.

use leptos::prelude::*;
use leptos::server_fn::ServerFn;
use model::{ClusterView, ImageName, ImageView, ListPage, PullView, ThingKind};

use crate::ApiError;
use crate::api::{self, ImagePrune, ImagePull};
use crate::format::bytes;
use crate::page::cluster_nav::ClusterPage;
use crate::page::container_list::{Told, segment_words};
use crate::page::inventory::{dimmed, list_page, names, own, places, remove_form, table};
use crate::page::list_filter::{Fields, ListFilter};
use crate::page::look_again;
use crate::page::paging::page_asked;
use crate::ui::{Change, ChangeButton, ChangeForm, FormError, Icon, TextField, Time};
use crate::words::{say, t};

pub fn image_list() -> AnyView {
    list_page(t("Images"), ClusterPage::Images, found, images)
}

type Shown = (Vec<ImageView>, Vec<PullView>);

async fn found(id: String) -> Result<Shown, ApiError> {
    let images = api::image_list(id.clone()).await?;
    Ok((images, api::image_pulls(id).await?))
}

fn images(
    cluster: &ClusterView,
    (list, pulls): Shown,
    filter: &ListFilter,
    remove: &Change,
) -> AnyView {
    let nameless = list.iter().any(|image| image.names.is_empty());
    let found: Vec<&ImageView> = list
        .iter()
        .filter(|image| {
            let names = image.names.iter().chain(&image.used_by);
            let mut texts: Vec<&str> = names.map(String::as_str).collect();
            texts.push(&image.id);
            let nodes: Vec<&str> = image.nodes.iter().map(String::as_str).collect();
            filter.takes(&texts, !image.used_by.is_empty(), &nodes)
        })
        .collect();
    let ListPage { rows, at } = ListPage::cut(found, list.len(), page_asked("page"));
    let rows = rows
        .into_iter()
        .map(|image| {
            let short: String = image.id.trim_start_matches("sha256:").chars().take(12).collect();
            let name = match image.names.as_slice() {
                [] => t("without a name").to_owned(),
                names => names.join(", "),
            };
            let action = (!image.is_system).then(|| {
                remove_form(
                    cluster, ThingKind::Image, &image.id, &name,
                    t("It goes from every segment that has it. What is in use stays."), remove,
                )
            });
            view! {
                <tr data-key=image.id.clone() class=dimmed(image.is_system)>
                    <th scope="row"><span>{name}</span> <code class="container-image">{short}</code> {own(image.is_system)}</th>
                    <td data-label=t("Size") class="nowrap">{bytes(image.size_bytes)}</td>
                    <td data-label=t("On")>{places(&image.nodes)}</td>
                    <td data-label=t("Used by")>{names(&image.used_by)}</td>
                    <td data-label=t("Made") class="nowrap"><Time at=image.created_at/></td>
                    <td class="row-action">{action}</td>
                </tr>
            }
            .into_any()
        })
        .collect();
    let columns = [t("Image"), t("Size"), t("On"), t("Used by"), t("Made")];
    let pull = cluster.may_use.then(|| pull_form(cluster));
    let prune = (nameless && cluster.may_use).then(|| prune_form(cluster));
    view! {
        {pull}
        {pull_list(&pulls)}
        <section class="panel" aria-labelledby="found">
            <h2 id="found" class="unseen">{t("Found")}</h2>
            {filter.form(cluster, "images", t("Name, id, or what uses it"), Fields { has_usage: true, has_segment: true })}
            {prune}
            {table(&columns, rows, filter, t("No images yet: docker pull brings one to every segment."))}
            {filter.paging(cluster, "images", at)}
        </section>
    }
    .into_any()
}

fn prune_form(cluster: &ClusterView) -> AnyView {
    let change = Change::new(ImagePrune::url());
    let failure = change.failure.clone();
    let id = cluster.id.to_string();
    view! {
        <Told failure/>
        <div class="list-bar">
            <p class="hint">{t("Builds leave images without a name behind; they take room and nothing uses them.")}</p>
            <ChangeForm change>
                <input type="hidden" name="id" value=id/>
                <ChangeButton
                    icon=Icon::Trash text=t("Remove those without a name") pending=t("One moment…")
                    class="button button-quiet button-small"
                />
            </ChangeForm>
        </div>
    }
    .into_any()
}

/// What is on its way, and how the last ones ended.
fn pull_list(pulls: &[PullView]) -> AnyView {
    if pulls.is_empty() {
        return ().into_any();
    }
    let is_busy = pulls.iter().any(|one| one.ended_at.is_none());
    let rows = pulls.iter().map(pull_row).collect_view();
    view! {
        {look_again(is_busy)}
        <section class="panel" aria-labelledby="pulls">
            <h2 id="pulls">{t("On their way")}</h2>
            <ul class="pulls">{rows}</ul>
        </section>
    }
    .into_any()
}

fn pull_row(pull: &PullView) -> AnyView {
    let (tone, word) = match (pull.ended_at, &pull.failure) {
        (None, _) => ("badge busy", t("being pulled")),
        (Some(_), None) => ("badge good", t("on every segment")),
        (Some(_), Some(_)) => ("badge bad", t("failed")),
    };
    let line = match &pull.failure {
        Some(why) => say(why),
        // `<cluster>-n1: Downloading`
        None => match pull.line.split_once(": ") {
            Some((node, words)) => format!("{}: {words}", segment_words(node)),
            None => pull.line.clone(),
        },
    };
    let line = (!line.is_empty()).then(|| format!(" · {line}"));
    let at = pull.ended_at.unwrap_or(pull.started_at);
    view! {
        <li data-key=pull.name.clone()>
            <span class=tone><i aria-hidden="true"></i>{word}</span>
            <b>{pull.name.clone()}</b>
            <span class="hint"><Time at/> {line}</span>
        </li>
    }
    .into_any()
}

/// It goes on by itself, and this page says how far it is.
fn pull_form(cluster: &ClusterView) -> AnyView {
    let change = Change::new(ImagePull::url());
    let failure = change.failure.clone();
    let id = cluster.id.to_string();
    let is_open = failure.is_some();
    view! {
        <details class="panel make" open=is_open>
            <summary><h2>{Icon::Download.view()} {t("Pull an image")}</h2></summary>
            <FormError failure=failure.clone() fields=&["name"]/>
            <ChangeForm change class="form form-below">
                <input type="hidden" name="id" value=id/>
                <TextField
                    name="name" label=t("Image") failure max_length=ImageName::MAX
                    hint=t("As docker pull takes it: nginx:1.29-alpine, ghcr.io/owner/name:tag. Without a tag it is latest. From registries that ask for no password.")
                />
                <div class="form-actions">
                    <ChangeButton icon=Icon::Download text=t("Pull") pending=t("One moment…") class="button"/>
                </div>
            </ChangeForm>
        </details>
    }
    .into_any()
}
