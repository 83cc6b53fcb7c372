//! How a cluster and its segments are, at a glance.

use leptos::prelude::*;
use model::{ClusterView, Phase, SegmentPhase};

use crate::words::{say, tf};

/// Something is being made or removed: the page without script looks again by itself.
pub fn is_busy(phase: Phase) -> bool {
    match phase {
        Phase::New
        | Phase::Building
        | Phase::Growing
        | Phase::Shrinking
        | Phase::Rebuilding
        | Phase::Deleting => true,
        Phase::Active | Phase::Degraded | Phase::Error => false,
    }
}

fn tone(phase: Phase) -> &'static str {
    match phase {
        Phase::Active => "badge good",
        Phase::Degraded => "badge warn",
        Phase::Error => "badge bad",
        Phase::New | Phase::Building | Phase::Growing | Phase::Shrinking | Phase::Rebuilding => {
            "badge busy"
        }
        Phase::Deleting => "badge busy going",
    }
}

#[component]
pub fn StatusBadge(phase: Phase) -> impl IntoView {
    view! { <span class=tone(phase)><i aria-hidden="true"></i>{say(phase.as_str())}</span> }
        .into_any()
}

fn segment_tone(phase: SegmentPhase) -> &'static str {
    match phase {
        SegmentPhase::Active => "good",
        SegmentPhase::Down => "bad",
        SegmentPhase::Placed
        | SegmentPhase::Made
        | SegmentPhase::Starting
        | SegmentPhase::Joining => "busy",
        SegmentPhase::Removing => "busy going",
    }
}

#[component]
pub fn SegmentBadge(phase: SegmentPhase) -> impl IntoView {
    let class = format!("badge {}", segment_tone(phase));
    view! { <span class=class><i aria-hidden="true"></i>{say(phase.as_str())}</span> }.into_any()
}

/// One slot for each segment there is or may be.
#[component]
pub fn SegmentSlots(cluster: ClusterView) -> impl IntoView {
    let mut phases: Vec<SegmentPhase> = cluster.segments.iter().map(|s| s.phase).collect();
    phases.sort_by_key(|phase| *phase != SegmentPhase::Active);
    let n_slots = (cluster.segments_max as usize).max(phases.len());
    let slots = (0..n_slots)
        .map(|n| {
            let class = match phases.get(n) {
                Some(phase) => segment_tone(*phase),
                None if n < cluster.segments_wanted as usize => "busy",
                None => "free",
            };
            view! { <i class=class></i> }
        })
        .collect_view();
    view! {
        <div class="slots">
            <span class="slots-bar" aria-hidden="true">{slots}</span>
            <span class="slots-text">
                {tf("{n} of {max}", &[("n", &cluster.segments_wanted), ("max", &cluster.segments_max)])}
            </span>
        </div>
    }
    .into_any()
}
