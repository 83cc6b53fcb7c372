//! Moments: in UTC from the server; a browser with script tells them from now, and shows them in
//! the person's own zone on demand.

use leptos::prelude::*;
use model::UnixMs;

use crate::format;
use crate::words::{t, tf};

#[component]
pub fn Time(at: UnixMs) -> impl IntoView {
    view! { <time datetime=format::iso(at) title=format::utc(at) data-told>{format::utc(at)}</time> }
}

/// When something is due; what is late is due at any moment.
#[component]
pub fn Due(at: UnixMs) -> impl IntoView {
    view! {
        <time datetime=format::iso(at) title=format::utc(at) data-told data-late=t("any moment now")>
            {tf("at {time}", &[("time", &format::utc(at))])}
        </time>
    }
}
