//! Images, volumes and networks of a cluster: lists of one pattern, each with what uses a thing and
//! a way to remove it.

use leptos::prelude::*;
use leptos::server_fn::ServerFn;
use model::{ClusterView, ImageView, NetworkView, ThingKind, VolumeView};

use crate::ApiError;
use crate::api::{self, ImagePrune, ThingRemove};
use crate::format::bytes;
use crate::page::cluster_nav::{ClusterNav, ClusterPage};
use crate::page::container_list::{Told, away, segment_words};
use crate::page::{cluster_param, for_members, query};
use crate::ui::{Change, ChangeButton, ChangeForm, Icon, PageHead, Time, load_live};
use crate::words::{t, tf};

/// A page with one list that `ask` brings.
pub fn list_page<T: Send + 'static, F>(
    title: &'static str,
    here: ClusterPage,
    ask: fn(String) -> F,
    body: fn(&ClusterView, Vec<T>, &Change) -> AnyView,
) -> AnyView
where
    F: Future<Output = Result<Vec<T>, ApiError>> + Send + 'static,
{
    for_members(|| {
        let remove = Change::new(ThingRemove::url());
        let said = said();
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
                Ok(list) => body(&cluster, list, &remove),
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
        Some("scaled") => Some(t("The number was changed; tasks follow in a moment.").to_owned()),
        _ => None,
    }
}

/// Asks once more, and says what goes.
pub fn remove_form(
    cluster: &ClusterView,
    kind: ThingKind,
    thing: &str,
    name: &str,
    warning: &'static str,
    change: &Change,
) -> AnyView {
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

pub fn table(columns: &[&'static str], rows: Vec<AnyView>, empty: &'static str) -> AnyView {
    if rows.is_empty() {
        return view! { <p class="empty">{empty}</p> }.into_any();
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

fn places(nodes: &[String]) -> String {
    let words: Vec<String> = nodes.iter().map(|node| segment_words(node)).collect();
    words.join(", ")
}

fn own(is_system: bool) -> Option<impl IntoView> {
    is_system.then(|| view! { <span class="hint">{t("Carina's own")}</span> })
}

fn dimmed(is_dimmed: bool) -> &'static str {
    if is_dimmed { "is-system" } else { "" }
}

pub fn image_list() -> AnyView {
    list_page(t("Images"), ClusterPage::Images, api::image_list, images)
}

fn images(cluster: &ClusterView, list: Vec<ImageView>, remove: &Change) -> AnyView {
    let nameless = list.iter().any(|image| image.names.is_empty());
    let rows = list
        .iter()
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
    let prune = nameless.then(|| prune_form(cluster));
    view! {
        <section class="panel" aria-labelledby="found">
            <h2 id="found" class="unseen">{t("Found")}</h2>
            {prune}
            {table(&columns, rows, t("No images yet: docker pull brings one to every segment."))}
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

pub fn volume_list() -> AnyView {
    list_page(
        t("Volumes"),
        ClusterPage::Volumes,
        api::volume_list,
        volumes,
    )
}

fn volumes(cluster: &ClusterView, list: Vec<VolumeView>, remove: &Change) -> AnyView {
    let rows = list
        .iter()
        .map(|volume| {
            let action = (!volume.is_system).then(|| {
                remove_form(
                    cluster, ThingKind::Volume, &volume.name, &volume.name,
                    t("Everything in it goes, for good. What is in use stays."), remove,
                )
            });
            // Names that nobody gave are as long as an id.
            let short: String = volume.name.rsplit('/').next().unwrap_or_default().chars().take(40).collect();
            let made = volume.created_at.map(|at| view! { <Time at/> });
            view! {
                <tr data-key=format!("{}/{}", volume.node, volume.name) class=dimmed(volume.is_system)>
                    <th scope="row"><span title=volume.name.clone()>{short}</span> {own(volume.is_system)}</th>
                    <td data-label=t("On") class="nowrap">{segment_words(&volume.node)}</td>
                    <td data-label=t("Used by")>{names(&volume.used_by)}</td>
                    <td data-label=t("Driver")>{volume.driver.clone()}</td>
                    <td data-label=t("Made") class="nowrap">{made}</td>
                    <td class="row-action">{action}</td>
                </tr>
            }
            .into_any()
        })
        .collect();
    let columns = [t("Volume"), t("On"), t("Used by"), t("Driver"), t("Made")];
    view! {
        <section class="panel" aria-labelledby="found">
            <h2 id="found" class="unseen">{t("Found")}</h2>
            <p class="hint">{t("A volume lives on one segment; containers that mount it are started there.")}</p>
            {table(&columns, rows, t("No volumes yet."))}
        </section>
    }
    .into_any()
}

pub fn network_list() -> AnyView {
    list_page(
        t("Networks"),
        ClusterPage::Networks,
        api::network_list,
        networks,
    )
}

fn networks(cluster: &ClusterView, list: Vec<NetworkView>, remove: &Change) -> AnyView {
    let rows = list
        .iter()
        .map(|network| {
            let action = (!network.is_builtin).then(|| {
                remove_form(
                    cluster,
                    ThingKind::Network,
                    &network.id,
                    &network.name,
                    t("Containers can no longer find each other by it. What is in use stays."),
                    remove,
                )
            });
            let place = match &network.node {
                Some(node) => segment_words(node),
                None => t("All segments").to_owned(),
            };
            let note = network
                .is_builtin
                .then(|| view! { <span class="hint">{t("Docker's own")}</span> });
            view! {
                <tr data-key=network.id.clone() class=dimmed(network.is_builtin)>
                    <th scope="row"><span>{network.name.clone()}</span> {note}</th>
                    <td data-label=t("On") class="nowrap">{place}</td>
                    <td data-label=t("Driver")>{network.driver.clone()}</td>
                    <td data-label=t("Addresses")><code>{network.subnets.join(", ")}</code></td>
                    <td data-label=t("Used by")>{names(&network.used_by)}</td>
                    <td class="row-action">{action}</td>
                </tr>
            }
            .into_any()
        })
        .collect();
    let columns = [
        t("Network"),
        t("On"),
        t("Driver"),
        t("Addresses"),
        t("Used by"),
    ];
    view! {
        <section class="panel" aria-labelledby="found">
            <h2 id="found" class="unseen">{t("Found")}</h2>
            {table(&columns, rows, t("No networks yet."))}
        </section>
    }
    .into_any()
}
