//! Changing a cluster: its size, its management containers, its end. Each page says what happens
//! before it happens.

use leptos::prelude::*;
use leptos::server_fn::ServerFn;
use leptos_router::components::A;
use model::{ClusterView, ContainerView, QuotaView};

use crate::ApiError;
use crate::api::{self, ClusterDelete, ClusterRebuild, ClusterScale};
use crate::format::list;
use crate::page::size::{Choice, ChoiceButton, SizeChoice, brings, left_after, stays};
use crate::page::{cluster_param, for_confirmed, for_members};
use crate::scale::{Loss, losses};
use crate::ui::{
    Change, ChangeButton, ChangeForm, FieldError, FormError, Icon, PageHead, TextField, load,
};
use crate::words::{t, tf, tn, tv};

/// The cluster, the account's quota, and the containers as far as the engines tell.
type Shown = (ClusterView, QuotaView, Vec<ContainerView>);

async fn found(id: String) -> Result<Shown, ApiError> {
    let cluster = api::cluster_get(id.clone()).await?;
    let quota = api::quota().await?;
    // An engine that is down must not stand in the way of a change.
    let containers = api::cluster_containers(id).await.unwrap_or_default();
    Ok((cluster, quota, containers))
}

/// A page with one form that changes the cluster in the address.
fn change_page(path: &'static str, view: fn(Shown, Change) -> AnyView) -> AnyView {
    for_members(|| {
        let change = Change::new(path);
        load(found(cluster_param()), move |shown| view(shown, change))
    })
}

/// `title` has a hole for the cluster's name.
fn head(cluster: &ClusterView, title: &'static str) -> AnyView {
    let back = (
        format!("/clusters/{}", cluster.id),
        cluster.name.to_string(),
    );
    view! { <PageHead title=tf(title, &[("name", &cluster.name)]) back/> }.into_any()
}

fn cancel(cluster: &ClusterView) -> AnyView {
    let href = format!("/clusters/{}", cluster.id);
    view! { <A href attr:class="button button-quiet">{t("Cancel")}</A> }.into_any()
}

pub fn scale() -> AnyView {
    change_page(ClusterScale::url(), scale_page)
}

fn scale_page((cluster, quota, containers): Shown, change: Change) -> AnyView {
    let failure = change.failure.clone();
    let now = cluster.segments_wanted;
    let choices = (1..=cluster.segments_max.max(now))
        .map(|segments| {
            let lost = losses(&cluster, &containers, segments);
            let is_beyond = segments > now && left_after(quota, segments - now).is_none();
            Choice {
                segments,
                is_beyond,
                consequence: consequence(quota, now, segments, &lost),
                button: Some(button(now, segments, &lost)),
            }
        })
        .collect();
    view! {
        {head(&cluster, "Scale {name}")}
        <section class="panel">
            <FormError failure=failure.clone() fields=&["segments"]/>
            <ChangeForm change class="form">
                <input type="hidden" name="id" value=cluster.id.to_string()/>
                <SizeChoice legend=t("New size") choices chosen=now/>
                <FieldError name="segments" failure/>
                <div class="form-actions">
                    <ChangeButton icon=Icon::Scale text=t("Change the size") pending=t("Changing…")/>
                    {cancel(&cluster)}
                </div>
            </ChangeForm>
        </section>
    }
    .into_any()
}

fn button(now: u32, to: u32, lost: &[Loss]) -> ChoiceButton {
    let text = if to > now {
        tn((to - now) as usize, "Add 1 segment", "Add {n} segments")
    } else if to < now {
        let n_gone = (now - to) as usize;
        match lost.iter().map(|loss| loss.containers.len()).sum::<usize>() {
            0 => tn(n_gone, "Remove 1 segment", "Remove {n} segments"),
            n => tf(
                "Remove {segments} and {containers}",
                &[
                    ("segments", &tn(n_gone, "1 segment", "{n} segments")),
                    ("containers", &tn(n, "1 container", "{n} containers")),
                ],
            ),
        }
    } else {
        t("Change the size").to_owned()
    };
    ChoiceButton {
        text,
        is_danger: to < now,
    }
}

fn consequence(quota: QuotaView, now: u32, segments: u32, lost: &[Loss]) -> AnyView {
    let size = brings(quota, segments);
    if segments == now {
        return view! { <span>{size}</span> <b>{t("The size it has")}</b> }.into_any();
    }
    if segments > now {
        let added = tn((segments - now) as usize, "1 segment", "{n} segments");
        let brought = brings(quota, segments - now);
        let adds = tf(
            "Adds {segments}: {size}",
            &[("segments", &added), ("size", &brought)],
        );
        let stays = stays(quota, segments - now);
        return view! { <span>{size}</span> <b>{adds}</b> {stays} }.into_any();
    }
    let lines = lost
        .iter()
        .map(|loss| view! { <span class="loss">{loss_text(loss)}</span> })
        .collect_view();
    view! { <span>{size}</span> {lines} }.into_any()
}

fn loss_text(loss: &Loss) -> String {
    let text = if loss.containers.is_empty() {
        "Removes segment {n} ({address}). No containers of yours are on it."
    } else {
        "Removes segment {n} ({address}) and with it {containers}."
    };
    tf(
        text,
        &[
            ("n", &loss.ordinal),
            ("address", &loss.address),
            ("containers", &list(&loss.containers)),
        ],
    )
}

pub fn rebuild() -> AnyView {
    change_page(ClusterRebuild::url(), rebuild_page)
}

fn rebuild_page((cluster, ..): Shown, change: Change) -> AnyView {
    let id = cluster.id.to_string();
    let (head, cancel) = (head(&cluster, "Rebuild {name}"), cancel(&cluster));
    let what = tv(
        "A rebuild makes the management containers again: {manager}, {agent} and {data} on every \
         segment. Use it when the cluster does not answer as it should.",
        [
            ("manager", code("swarm-manager")),
            ("agent", code("swarm-agent")),
            ("data", code("swarm-data")),
        ],
    );
    view! {
        {head}
        <section class="panel narrow">
            <p>{what}</p>
            <ul class="ticks">
                <li>{Icon::Check.view()} {t("Your containers, images and volumes stay, and keep running.")}</li>
                <li>{Icon::Check.view()} {t("Addresses and downloaded credentials stay as they are.")}</li>
                <li>{Icon::Clock.view()} {t("The endpoint is away for a few seconds.")}</li>
            </ul>
            <FormError failure=change.failure.clone()/>
            <ChangeForm change>
                <input type="hidden" name="id" value=id/>
                <div class="form-actions">
                    <ChangeButton icon=Icon::Rebuild text=t("Rebuild cluster") pending=t("Rebuilding…")/>
                    {cancel}
                </div>
            </ChangeForm>
        </section>
    }
    .into_any()
}

fn code(text: &'static str) -> AnyView {
    view! { <code>{text}</code> }.into_any()
}

pub fn delete() -> AnyView {
    for_confirmed(|| change_page(ClusterDelete::url(), delete_page))
}

fn delete_page((cluster, _, containers): Shown, change: Change) -> AnyView {
    let failure = change.failure.clone();
    let name = cluster.name.to_string();
    let gone = losses(&cluster, &containers, 0)
        .into_iter()
        .map(|loss| {
            let what = if loss.containers.is_empty() {
                t("no containers of yours").to_owned()
            } else {
                list(&loss.containers)
            };
            let segment = tf("Segment {n}", &[("n", &loss.ordinal)]);
            let line = tv(
                "{segment} {address} with {what}",
                [
                    ("segment", view! { <b>{segment}</b> }.into_any()),
                    ("address", view! { <code>{loss.address}</code> }.into_any()),
                    ("what", what.into_any()),
                ],
            );
            view! { <li>{line}</li> }
        })
        .collect_view();
    let id = cluster.id.to_string();
    let (head, cancel) = (head(&cluster, "Delete {name}"), cancel(&cluster));
    view! {
        {head}
        <section class="panel narrow danger-zone">
            <h2>{t("This goes, and cannot be brought back")}</h2>
            <ul class="gone">
                {gone}
                <li>{t("Every image and volume on them")}</li>
                <li>{t("The endpoint, and every certificate that opens it")}</li>
            </ul>
            <FormError failure=failure.clone() fields=&["confirm_name"]/>
            <ChangeForm change class="form">
                <input type="hidden" name="id" value=id/>
                <TextField
                    name="confirm_name" label=tf("Type {name} to confirm", &[("name", &name)]) failure max_length=64
                />
                <div class="form-actions">
                    <ChangeButton
                        icon=Icon::Trash text=t("Delete cluster") pending=t("Deleting…")
                        class="button button-danger"
                    />
                    {cancel}
                </div>
            </ChangeForm>
        </section>
    }
    .into_any()
}
