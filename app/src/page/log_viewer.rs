//! Lines as they come, of containers and of engines: the bar above them and the lines themselves. What
//! a browser with script adds finds its work here by `data-` attributes.

use leptos::prelude::*;

use crate::words::t;

/// Where lines come from, and what was seen of them.
pub struct Lines {
    /// The stream's address.
    pub stream: String,
    pub seen: String,
    pub html: String,
    /// Said where there are none.
    pub empty: Option<&'static str>,
}

/// `count`: how many there are, until script says more; `tools`: what else can be done with them.
pub fn log_bar(count: String, tools: AnyView) -> AnyView {
    view! {
        <div class="log-bar">
            <label class="filter-name awake-only">
                <span class="unseen">{t("Search in these lines")}</span>
                <input type="search" placeholder=t("Search in these lines") data-log-search maxlength="200"/>
            </label>
            <span class="hint" role="status" data-log-state data-follows=t("Following") data-paused=t("Paused") data-away=t("Connecting again…") data-matches=t("{n} of {all} lines")>{count}</span>
            <div class="log-tools">
                <button type="button" class="button button-quiet button-small awake-only" data-log-pause data-other=t("Continue") aria-pressed="false">{t("Pause")}</button>
                {tools}
            </div>
        </div>
    }
    .into_any()
}

/// The newest last.
pub fn log_lines(class: &'static str, lines: Lines) -> AnyView {
    view! {
        <div
            class=class tabindex="0" role="log" aria-live="off" aria-label=t("Lines, the newest last; times in UTC")
            data-log=lines.stream data-seen=lines.seen inner_html=lines.html
        ></div>
        {lines.empty.map(|empty| view! { <p class="empty log-empty">{empty}</p> })}
    }
    .into_any()
}
