//! The numbers of a quota, wherever they are typed.

use leptos::prelude::*;
use model::{QuotaChoice, QuotaLimits};

use crate::ui::{Change, ChangeButton, ChangeForm, Failure, FormError, Icon, TextField};
use crate::words::{t, tf};

/// As forms name them.
const NAMES: [&str; 4] = ["clusters", "segments", "memory_mib", "disk_gib"];

pub fn limits_words(limits: QuotaLimits) -> String {
    tf(
        "{clusters} clusters of up to {segments} segments, {memory} MiB memory, {disk} GiB disk",
        &[
            ("clusters", &limits.clusters),
            ("segments", &limits.segments),
            ("memory", &limits.memory_mib),
            ("disk", &limits.disk_gib),
        ],
    )
}

/// The first of the numbers, as many as there are values.
#[component]
pub fn QuotaFields(
    #[prop(into)] values: Vec<String>,
    #[prop(optional)] is_optional: bool,
    failure: Failure,
) -> impl IntoView {
    let labels = [
        t("Clusters"),
        t("Segments of one cluster"),
        t("Memory, MiB"),
        t("Disk, GiB"),
    ];
    let fields = NAMES
        .into_iter()
        .zip(labels)
        .zip(values)
        .map(|((name, label), value)| {
            view! {
                <TextField
                    name label value failure=failure.clone()
                    kind="number" max_length=9 required=!is_optional
                />
            }
        })
        .collect_view();
    view! { <div class="quota-fields">{fields}</div> }
}

/// What an administrator fixes of somebody's quota, or a team's.
pub fn choice_form(
    change: Change,
    id: String,
    choice: QuotaChoice,
    limits: QuotaLimits,
) -> AnyView {
    let failure = change.failure.clone();
    let small = |n: Option<u32>| n.map(|n| n.to_string()).unwrap_or_default();
    let large = |n: Option<u64>| n.map(|n| n.to_string()).unwrap_or_default();
    let values = [
        small(choice.clusters),
        small(choice.segments),
        large(choice.memory_mib),
        large(choice.disk_gib),
    ];
    let present = tf(
        "At present: {limits}. What is left empty follows the panel's configuration; what is there already stays.",
        &[("limits", &limits_words(limits))],
    );
    view! {
        <p class="hint">{present}</p>
        <FormError failure=failure.clone() fields=&NAMES/>
        <ChangeForm change class="form">
            <input type="hidden" name="id" value=id/>
            <QuotaFields values is_optional=true failure/>
            <div class="form-actions">
                <ChangeButton icon=Icon::Scale text=t("Change the quota") class="button button-quiet"/>
            </div>
        </ChangeForm>
    }
    .into_any()
}
