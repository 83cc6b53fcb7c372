//! How large the disks of a cluster's segments are, and making them larger.

use leptos::prelude::*;
use model::{ClusterDisksView, ClusterSettingsView, SegmentDiskView};

use crate::format::bytes;
use crate::ui::{Change, ChangeButton, ChangeForm, FormError, Icon, TextField};
use crate::words::{t, tf};

/// What each has and is to have, and the form that makes them larger.
pub fn disks_panel(settings: &ClusterSettingsView, grow: Change) -> AnyView {
    let disks = &settings.disks;
    let now = tf(
        "Each segment has a disk of {n} GiB, new ones too. Of the quota {free} GiB are free.",
        &[("n", &disks.gib), ("free", &disks.quota_free_gib)],
    );
    let lines = disks.segments.iter().map(line).collect_view();
    let body = match disks.gib_most > disks.gib {
        true => form(settings, grow),
        false => no_room(settings),
    };
    view! {
        <section class="panel" aria-labelledby="disks">
            <h2 id="disks">{t("Disks")}</h2>
            <p class="settings-words">{now}</p>
            <ul class="settings-disks">{lines}</ul>
            {body}
        </section>
    }
    .into_any()
}

fn line(disk: &SegmentDiskView) -> AnyView {
    let (n, wanted) = (disk.ordinal, bytes(disk.wanted_bytes));
    let words = match (disk.has_bytes, disk.used_bytes) {
        (None, _) => tf("Segment {n}: not there yet", &[("n", &n)]),
        (Some(has), _) if has < disk.wanted_bytes => tf(
            "Segment {n} has {has} of {wanted}: the rest comes when it is started anew, in its turn",
            &[("n", &n), ("has", &bytes(has)), ("wanted", &wanted)],
        ),
        (Some(has), Some(used)) => tf(
            "Segment {n}: {used} of {has} in use",
            &[("n", &n), ("used", &bytes(used)), ("has", &bytes(has))],
        ),
        (Some(has), None) => tf("Segment {n}: {has}", &[("n", &n), ("has", &bytes(has))]),
    };
    view! { <li>{words}</li> }.into_any()
}

fn form(settings: &ClusterSettingsView, grow: Change) -> AnyView {
    let failure = grow.failure.clone();
    let ClusterDisksView { gib, gib_most, .. } = settings.disks;
    let id = settings.id.to_string();
    let interrupts = match settings.segments {
        1 => t("For larger disks the segment is started anew, and with it the whole cluster."),
        _ => t("For larger disks the segments are started anew, one after another."),
    };
    let hint = tf(
        "More than {n}, and at most {most}: that is what the quota has. It cannot be made smaller again.",
        &[("n", &gib), ("most", &gib_most)],
    );
    view! {
        <p class="settings-words">
            {interrupts} " "
            {t("It is away for some seconds, longer with much on its disk. What is on it stays, but its containers stop, and only those with a restart policy start again.")}
        </p>
        <FormError failure=failure.clone() fields=&["disk_gib"]/>
        <ChangeForm change=grow class="form narrow">
            <input type="hidden" name="id" value=id/>
            <TextField
                name="disk_gib" label=t("Disk of each segment, GiB") failure hint
                value=gib_most.min(gib * 2).to_string() kind="number" max_length=5
            />
            <div class="form-actions">
                <ChangeButton icon=Icon::Scale text=t("Grow the disks") pending=t("Changing…")/>
            </div>
        </ChangeForm>
    }
    .into_any()
}

fn no_room(settings: &ClusterSettingsView) -> AnyView {
    let href = match &settings.team {
        None => "/account/quota#ask".to_owned(),
        Some(team) => format!("/teams/{}#ask", team.id),
    };
    view! {
        <p class="hint">
            {t("The quota has no room for larger disks.")} " " <a href=href>{t("Ask for more")}</a>
        </p>
    }
    .into_any()
}
