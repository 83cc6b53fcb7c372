//! A small line without numbers of its own: they stand beside it.

use leptos::prelude::*;

use super::path;

/// `words` tell what the drawing shows, for whoever does not see it.
#[component]
pub fn Spark(
    points: Vec<Option<u64>>,
    /// The least height of the drawing; a line that goes higher makes it higher.
    least: u64,
    #[prop(into)] label: String,
    #[prop(into)] value: String,
) -> impl IntoView {
    let top = points.iter().flatten().copied().max().unwrap_or(0);
    let top = top.saturating_add(top / 8).max(least).max(1);
    let view_box = format!("0 0 {} {}", points.len() * path::STEP, path::HEIGHT);
    view! {
        <div class="spark">
            <span class="spark-words"><span class="overline">{label}</span> <b>{value}</b></span>
            <svg viewBox=view_box preserveAspectRatio="none" aria-hidden="true" focusable="false">
                <path class="line line-1" d=path::stroke(&points, top)/>
            </svg>
        </div>
    }
    .into_any()
}
