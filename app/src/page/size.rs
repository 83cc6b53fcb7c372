//! Choosing how many segments: one card for each size.

use leptos::prelude::*;
use model::{DISK_GIB_LEAST, QuotaView};

use crate::format::bytes;
use crate::words::{t, tf, tn};

/// One size on offer.
pub struct Choice {
    pub segments: u32,
    /// More than what is left of the quota.
    pub is_beyond: bool,
    /// What it means to choose it: what there would be, what would come, what would go.
    pub consequence: AnyView,
    /// What the form's button says while this one is chosen, where it says more than at first.
    pub button: Option<ChoiceButton>,
}

pub struct ChoiceButton {
    pub text: String,
    pub is_danger: bool,
}

/// “4 GiB memory · 4 vCPUs · 40 GB disk”
pub fn brings(quota: QuotaView, segments: u32) -> String {
    let memory = quota.memory_per_segment_mib * u64::from(segments) / 1024;
    let vcpus = quota.vcpus_per_segment * segments;
    let disk = (quota.disk_per_segment_bytes * u64::from(segments)) >> 30;
    tf(
        "{memory} GiB memory · {vcpus} vCPUs · {disk} GB disk",
        &[("memory", &memory), ("vcpus", &vcpus), ("disk", &disk)],
    )
}

/// What so many more segments leave of the owner's memory and disk, in MiB and GiB; None: they are
/// more than there is.
pub fn left_after(quota: QuotaView, segments: u32) -> Option<(u64, u64)> {
    let memory = quota.memory_per_segment_mib * u64::from(segments);
    let disk = (quota.disk_per_segment_bytes * u64::from(segments)).div_ceil(1 << 30);
    let memory_left = quota
        .memory_max_mib
        .checked_sub(quota.memory_used_mib + memory)?;
    let disk_left = quota.disk_max_gib.checked_sub(quota.disk_used_gib + disk)?;
    Some((memory_left, disk_left))
}

/// Whether so many segments are more than what is left, however small their disks.
pub fn is_beyond(quota: QuotaView, segments: u32) -> bool {
    let disk_per_segment_bytes = quota.disk_per_segment_bytes.min(DISK_GIB_LEAST << 30);
    let least = QuotaView {
        disk_per_segment_bytes,
        ..quota
    };
    left_after(least, segments).is_none()
}

/// What so many segments leave of the quota, or how large their disks could be.
pub fn stays_or_fits(quota: QuotaView, segments: u32) -> AnyView {
    if left_after(quota, segments).is_some() || is_beyond(quota, segments) {
        return stays(quota, segments);
    }
    let left = quota.disk_max_gib.saturating_sub(quota.disk_used_gib);
    let words = tf(
        "Only with disks of at most {n} GiB.",
        &[("n", &(left / u64::from(segments)))],
    );
    view! { <b class="loss">{words}</b> }.into_any()
}

/// What is left, in words.
pub fn stays(quota: QuotaView, segments: u32) -> AnyView {
    match left_after(quota, segments) {
        Some((memory, disk)) => {
            let memory = bytes(memory << 20);
            let words = tf(
                "Of the quota {memory} memory and {disk} GB disk stay.",
                &[("memory", &memory), ("disk", &disk)],
            );
            view! { <span class="choice-left">{words}</span> }.into_any()
        }
        None => {
            view! { <b class="loss">{t("More than what is left of the quota.")}</b> }.into_any()
        }
    }
}

#[component]
pub fn SizeChoice(
    legend: &'static str,
    choices: Vec<Choice>,
    /// The one chosen at first.
    chosen: u32,
) -> impl IntoView {
    let cards = choices
        .into_iter()
        .map(|choice| card(choice, chosen))
        .collect_view();
    view! {
        <fieldset class="choices">
            <legend>{legend}</legend>
            <div class="choices-row">{cards}</div>
        </fieldset>
    }
}

fn card(choice: Choice, chosen: u32) -> AnyView {
    let n = choice.segments;
    let slots = (0..3)
        .map(|k| view! { <i class=if k < n { "good" } else { "free" }></i> })
        .collect_view();
    let is_danger = choice
        .button
        .as_ref()
        .is_some_and(|button| button.is_danger);
    let button_text = choice.button.map(|button| button.text);
    view! {
        <label class="choice" for=format!("segments-{n}")>
            <input
                type="radio" name="segments" id=format!("segments-{n}") value=n.to_string()
                checked={n == chosen} disabled=choice.is_beyond
                data-button=button_text data-danger=is_danger.then_some("")
            />
            <span class="slots-bar" aria-hidden="true">{slots}</span>
            <span class="choice-title">{tn(n as usize, "1 segment", "{n} segments")}</span>
            <span class="choice-text">{choice.consequence}</span>
        </label>
    }
    .into_any()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn sizes_add_up() {
        let quota = QuotaView {
            clusters_used: 0,
            clusters_max: 3,
            memory_used_mib: 0,
            memory_max_mib: 0,
            disk_used_gib: 0,
            disk_max_gib: 0,
            segments_max: 3,
            memory_per_segment_mib: 2048,
            vcpus_per_segment: 2,
            disk_per_segment_bytes: 20 << 30,
        };
        assert_eq!(brings(quota, 3), "6 GiB memory · 6 vCPUs · 60 GB disk");
        assert_eq!(left_after(quota, 1), None);
        let quota = QuotaView {
            memory_used_mib: 1024,
            memory_max_mib: 7168,
            disk_max_gib: 61,
            ..quota
        };
        assert_eq!(left_after(quota, 3), Some((0, 1)));
        assert_eq!(left_after(quota, 4), None);
        assert!(!is_beyond(quota, 3) && is_beyond(quota, 4));
        let little = QuotaView {
            disk_max_gib: 5,
            ..quota
        };
        assert_eq!(left_after(little, 1), None);
        assert!(!is_beyond(little, 2) && is_beyond(little, 3));
    }
}
