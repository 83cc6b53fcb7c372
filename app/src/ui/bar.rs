//! How much of something is used.

use leptos::prelude::*;

/// A labelled bar. Its width is an attribute of the drawing, since the page's policy allows no
/// inline styles.
#[component]
pub fn Bar(
    label: &'static str,
    /// “310 MiB of 2 GiB”; `None` while unknown.
    text: Option<String>,
    percent: u32,
) -> impl IntoView {
    let level = match percent {
        0..75 => "bar",
        75..90 => "bar bar-high",
        _ => "bar bar-full",
    };
    let is_known = text.is_some();
    view! {
        <div class="usage">
            <span class="usage-label">{label}</span>
            <span class="usage-text">{text.unwrap_or_else(|| "—".to_owned())}</span>
            <svg class=level aria-hidden="true" focusable="false">
                <rect class="bar-fill" width=format!("{}%", if is_known { percent } else { 0 }) height="100%"/>
            </svg>
        </div>
    }
    .into_any()
}
