//! What happens in a cluster: what its engines remember, then as it happens.

use leptos::prelude::*;
use model::{ClusterView, EventKind, EventView};

use crate::ApiError;
use crate::api;
use crate::event_line::{KINDS, event_kind, event_line_html, kind_words};
use crate::page::cluster_nav::{ClusterNav, ClusterPage};
use crate::page::container_list::{away, option};
use crate::page::log_viewer::{Lines, log_bar, log_lines};
use crate::page::{cluster_param, for_members, query};
use crate::ui::{PageHead, load};
use crate::words::{t, tf, tn};

struct Shown {
    cluster: ClusterView,
    events: Result<Vec<EventView>, ApiError>,
    kind: Option<EventKind>,
}

pub fn events() -> AnyView {
    for_members(|| {
        let kind = query("kind").and_then(|word| event_kind(&word));
        load(found(cluster_param(), kind), page)
    })
}

async fn found(id: String, kind: Option<EventKind>) -> Result<Shown, ApiError> {
    let cluster = api::cluster_get(id.clone()).await?;
    let events = api::event_list(id).await;
    Ok(Shown {
        cluster,
        events,
        kind,
    })
}

fn page(shown: Shown) -> AnyView {
    let id = shown.cluster.id;
    let name = shown.cluster.name.to_string();
    let base = format!("/clusters/{id}/events");
    let document_title = tf("Events of {name}", &[("name", &name)]);
    let body = match shown.events {
        Ok(events) => viewer(&base, &events, shown.kind),
        Err(error) => away(&error),
    };
    view! {
        <PageHead
            title=t("Events") document_title
            back=(format!("/clusters/{id}"), name)
            lead=t("What happened to containers, images, volumes, networks and segments, whoever did it. Each segment remembers its last 256 events.")
        />
        <ClusterNav id here=ClusterPage::Events/>
        {body}
    }
    .into_any()
}

fn viewer(base: &str, events: &[EventView], kind: Option<EventKind>) -> AnyView {
    let seen_ns = events.last().map_or(0, |event| event.at_ns);
    let shown: Vec<_> = events
        .iter()
        .filter(|event| kind.is_none_or(|kind| event.kind == kind))
        .collect();
    let word = KINDS
        .iter()
        .find(|(known, _)| Some(*known) == kind)
        .map_or("", |(_, word)| *word);
    let lines = Lines {
        stream: format!("{base}/stream?kind={word}"),
        seen: seen_ns.to_string(),
        html: shown.iter().map(|event| event_line_html(event)).collect(),
        empty: shown
            .is_empty()
            .then(|| t("Nothing has happened yet that a segment remembers.")),
    };
    let kinds = std::iter::once(option(
        String::new(),
        t("Everything").to_owned(),
        kind.is_none(),
    ))
    .chain(KINDS.iter().map(|(known, word)| {
        let text = kind_words(*known).to_owned();
        option((*word).to_owned(), text, kind == Some(*known))
    }))
    .collect_view();
    let count = tn(shown.len(), "{n} event", "{n} events");
    view! {
        <section class="panel log-panel" aria-labelledby="events-title">
            <h2 id="events-title" class="unseen">{t("Events")}</h2>
            <div class="log-choice">
                <form method="get" action=base.to_owned() class="filters">
                    <label><span class="unseen">{t("Of what")}</span><select name="kind">{kinds}</select></label>
                    <button type="submit" class="button button-quiet button-small">{t("Show")}</button>
                </form>
            </div>
            {log_bar(count, ().into_any())}
            {log_lines("log events", lines)}
        </section>
    }
    .into_any()
}
