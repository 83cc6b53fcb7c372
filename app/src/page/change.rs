//! Changing a cluster: its size, its management containers, its end. Each page says what happens
//! before it happens.

use leptos::prelude::*;
use leptos::server_fn::ServerFn;
use leptos_router::components::A;
use model::{ClusterView, QuotaView, SegmentContentsView};

use crate::ApiError;
use crate::api::{self, ClusterDelete, ClusterRebuild, ClusterScale};
use crate::format::list;
use crate::page::loss::{sentences, volumes_text};
use crate::page::size::{Choice, ChoiceButton, SizeChoice, brings, left_after, stays};
use crate::page::teams::team_id;
use crate::page::{cluster_param, for_confirmed, for_members, only_looking, query};
use crate::scale::{Tasks, count_lost, losses, lost};
use crate::ui::{
    Change, ChangeButton, ChangeForm, FieldError, FormError, Icon, PageHead, TextField, load,
};
use crate::words::{t, tf, tn, tv};

/// The cluster, its owner's quota, and what is on its segments as far as they tell.
type Shown = (ClusterView, QuotaView, Vec<SegmentContentsView>);

async fn found(id: String) -> Result<Shown, ApiError> {
    let cluster = api::cluster_get(id.clone()).await?;
    if !cluster.may_change {
        return Err(only_looking());
    }
    let quota = api::quota(team_id(cluster.team.as_ref())).await?;
    Ok((cluster, quota, api::cluster_contents(id).await?))
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

fn scale_page((cluster, quota, contents): Shown, change: Change) -> AnyView {
    let quota = QuotaView {
        disk_per_segment_bytes: cluster.disk_gib << 30,
        ..quota
    };
    let failure = change.failure.clone();
    let (now, most) = (
        cluster.segments_wanted,
        cluster.segments_max.max(cluster.segments_wanted),
    );
    let choices = (1..=most)
        .map(|segments| {
            let going = losses(&contents, segments);
            let is_beyond = segments > now && left_after(quota, segments - now).is_none();
            Choice {
                segments,
                is_beyond,
                consequence: consequence(quota, now, segments, &going),
                button: Some(button(now, segments, &going)),
            }
        })
        .collect();
    // What was chosen before it was refused, or before a proof was asked for.
    let tried = failure
        .as_ref()
        .and_then(|error| error.value_of("segments"));
    let tried = tried.map(str::to_owned).or_else(|| query("segments"));
    let tried = tried.and_then(|text| text.parse::<u32>().ok());
    let chosen = tried.filter(|n| (1..=most).contains(n)).unwrap_or(now);
    let ChoiceButton { text, is_danger } = button(now, chosen, &losses(&contents, chosen));
    let class = match is_danger {
        true => "button button-danger",
        false => "button",
    };
    view! {
        {head(&cluster, "Scale {name}")}
        <section class="panel">
            <FormError failure=failure.clone() fields=&["segments"]/>
            <ChangeForm change class="form">
                <input type="hidden" name="id" value=cluster.id.to_string()/>
                <input type="hidden" name="generation" value=cluster.generation.to_string()/>
                <SizeChoice legend=t("New size") choices chosen/>
                <FieldError name="segments" failure/>
                <div class="form-actions">
                    <ChangeButton icon=Icon::Scale text class pending=t("Changing…")/>
                    {cancel(&cluster)}
                </div>
            </ChangeForm>
        </section>
    }
    .into_any()
}

fn button(now: u32, to: u32, going: &[SegmentContentsView]) -> ChoiceButton {
    let text = if to > now {
        tn((to - now) as usize, "Add 1 segment", "Add {n} segments")
    } else if to < now {
        let n_gone = (now - to) as usize;
        let segments = tn(n_gone, "1 segment", "{n} segments");
        match count_lost(going, Tasks::Move) {
            Some(0) => tn(n_gone, "Remove 1 segment", "Remove {n} segments"),
            Some(n) => tf(
                "Remove {segments} and {containers}",
                &[
                    ("segments", &segments),
                    ("containers", &tn(n, "1 container", "{n} containers")),
                ],
            ),
            None => tf(
                "Remove {segments} with all that is there",
                &[("segments", &segments)],
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

fn consequence(
    quota: QuotaView,
    now: u32,
    segments: u32,
    going: &[SegmentContentsView],
) -> AnyView {
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
    let lines = going
        .iter()
        .map(|loss| sentences(loss, Tasks::Move))
        .collect_view();
    view! {
        <span>{size}</span>
        {lines}
        <span>{t("Images on what is removed go, too.")}</span>
    }
    .into_any()
}

pub fn rebuild() -> AnyView {
    change_page(ClusterRebuild::url(), rebuild_page)
}

fn rebuild_page((cluster, _, contents): Shown, change: Change) -> AnyView {
    let id = cluster.id.to_string();
    let silent = contents.iter().filter(|one| one.found.is_none());
    let silent = silent
        .map(|one| {
            let text = tf(
                "Segment {n} does not answer at present: its turn comes as soon as it does.",
                &[("n", &one.ordinal)],
            );
            view! { <li>{Icon::Alert.view()} {text}</li> }
        })
        .collect_view();
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
                {silent}
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

fn delete_page((cluster, _, contents): Shown, change: Change) -> AnyView {
    let failure = change.failure.clone();
    let name = cluster.name.to_string();
    let gone = losses(&contents, 0).iter().map(gone).collect_view();
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

/// A segment of a cluster that is deleted.
fn gone(loss: &SegmentContentsView) -> AnyView {
    let segment = tf("Segment {n}", &[("n", &loss.ordinal)]);
    let segment = view! { <b>{segment}</b> }.into_any();
    let address = view! { <code>{loss.address.clone()}</code> }.into_any();
    let Some(found) = &loss.found else {
        let line = tv(
            "{segment} {address}, which does not answer: whatever is on it goes with it, and cannot be listed",
            [("segment", segment), ("address", address)],
        );
        return view! { <li><span>{line}</span></li> }.into_any();
    };
    let containers = lost(found, Tasks::Go);
    let what = match containers.is_empty() {
        true => t("no containers of yours").to_owned(),
        false => list(&containers),
    };
    let line = tv(
        "{segment} {address} with {what}",
        [
            ("segment", segment),
            ("address", address),
            ("what", what.into_any()),
        ],
    );
    let volumes = volumes_text(found).map(|text| view! { <br/> {text} });
    view! { <li><span>{line} {volumes}</span></li> }.into_any()
}
