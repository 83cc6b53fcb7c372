//! Moments, mostly told from now. A browser with script goes on telling them, and shows them in the person's
//! own zone on demand; for one without, the foot of the page says when now was.

use leptos::prelude::*;
use model::UnixMs;

use crate::format::{self, iso, told, utc, utc_second};
use crate::words::{t, tf};

#[component]
pub fn Time(at: UnixMs) -> impl IntoView {
    view! { <time datetime=iso(at) title=utc(at) data-told>{told(at, format::now())}</time> }
}

/// A moment exactly: in the person's own zone with script, in UTC without.
#[component]
pub fn Moment(at: UnixMs) -> impl IntoView {
    let text = utc_second(at);
    let title = text.clone();
    view! { <time datetime=iso(at) title=title data-exact>{text}</time> }
}

/// When something is due; what is late is due at any moment.
#[component]
pub fn Due(at: UnixMs) -> impl IntoView {
    let now = format::now();
    let late = t("any moment now");
    let text = if at <= now {
        late.to_owned()
    } else {
        told(at, now)
    };
    view! { <time datetime=iso(at) title=utc(at) data-told data-late=late>{text}</time> }
}

/// What “5 minutes ago” counts from, where nothing counts on.
#[component]
pub fn AsOf() -> impl IntoView {
    let text = tf("As of {time}", &[("time", &utc(format::now()))]);
    view! { <noscript><p>{text}</p></noscript> }
}
