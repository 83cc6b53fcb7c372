//! Moments: absolute in UTC from the server, told from now once the browser's clock is known.

use leptos::prelude::*;
use model::UnixMs;

use crate::format;
use crate::root::Now;
use crate::ui::IntoWhole;

#[component]
pub fn Time(at: UnixMs) -> impl IntoView {
    let now = expect_context::<Now>();
    let text = move || match now.0.get() {
        None => format::utc(at),
        Some(now) => format::relative(at, now),
    };
    view! { <time datetime=format::iso(at) title=format::utc(at)>{text}</time> }.whole()
}

/// When something is due; what is late is due at any moment.
#[component]
pub fn Due(at: UnixMs) -> impl IntoView {
    let now = expect_context::<Now>();
    let text = move || match now.0.get() {
        None => format!("at {}", format::utc(at)),
        Some(now) if at <= now => "any moment now".to_owned(),
        Some(now) => format::relative(at, now),
    };
    view! { <time datetime=format::iso(at) title=format::utc(at)>{text}</time> }.whole()
}
