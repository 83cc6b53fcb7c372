//! One event as HTML: drawn by the page at first, and by the stream that follows it.

use axum::http::HeaderMap;
use model::{EventKind, EventView, Happening};

use crate::log_line::{escape, moments};
use crate::page::segment_words;
use crate::words::{spoken, t, tf};

/// The words of the page's filter.
pub const KINDS: [(EventKind, &str); 6] = [
    (EventKind::Container, "container"),
    (EventKind::Image, "image"),
    (EventKind::Volume, "volume"),
    (EventKind::Network, "network"),
    (EventKind::Service, "service"),
    (EventKind::Segment, "segment"),
];

/// The kind that a filter's word means; `None`: all of them.
pub fn event_kind(word: &str) -> Option<EventKind> {
    let found = KINDS.iter().find(|(_, known)| *known == word);
    found.map(|(kind, _)| *kind)
}

/// In the language of a request that is not answered by a page.
pub fn event_line_spoken(headers: &HeaderMap, event: &EventView) -> String {
    spoken(headers, || event_line_html(event))
}

/// In the page's language, escaped: names are strangers' text.
pub fn event_line_html(event: &EventView) -> String {
    let (moment, _) = moments(event.at_ns);
    let (day, clock) = moment.split_once('T').unwrap_or((&moment, ""));
    let seconds = clock.split_once('.').map_or(clock, |(seconds, _)| seconds);
    let class = if is_bad(&event.what) {
        " log-errors"
    } else {
        ""
    };
    let mut out = format!(
        "<div class=\"log-line{class}\"><time datetime=\"{moment}\" title=\"{moment}\">\
         {day} {seconds}</time><b class=\"event-of\">"
    );
    let words = match event.kind {
        EventKind::Segment => segment_words(&event.name),
        kind => format!("{} {}", kind_words(kind), event.name),
    };
    escape(&mut out, &words);
    out.push_str("</b><span>");
    escape(&mut out, &what_words(&event.what));
    if event.kind != EventKind::Segment && !event.node.is_empty() {
        out.push_str(" <i>");
        escape(&mut out, &segment_words(&event.node));
        out.push_str("</i>");
    }
    out.push_str("</span></div>");
    out
}

pub fn kind_words(kind: EventKind) -> &'static str {
    match kind {
        EventKind::Container => t("Container"),
        EventKind::Image => t("Image"),
        EventKind::Volume => t("Volume"),
        EventKind::Network => t("Network"),
        EventKind::Service => t("Service"),
        EventKind::Segment => t("Segment"),
    }
}

/// Is it something that somebody should look at?
fn is_bad(what: &Happening) -> bool {
    match what {
        Happening::Ended { code } => *code != Some(0),
        Happening::OutOfMemory | Happening::Unhealthy | Happening::Lost => true,
        _ => false,
    }
}

fn what_words(what: &Happening) -> String {
    let plain = match what {
        Happening::Ended { code: Some(code) } => {
            return match code {
                137 => t("ended: it was killed (code 137)").to_owned(),
                code => tf("ended with code {code}", &[("code", code)]),
            };
        }
        Happening::Renamed { before } => {
            return tf(
                "got its name; before it was {before}",
                &[("before", before)],
            );
        }
        Happening::Made => t("was made"),
        Happening::Started => t("started"),
        Happening::Ended { code: None } => t("ended"),
        Happening::OutOfMemory => t("ran out of memory: the kernel killed a process of it"),
        Happening::Removed => t("was removed"),
        Happening::Paused => t("was paused"),
        Happening::Continued => t("goes on"),
        Happening::Changed => t("was changed"),
        Happening::Healthy => t("is healthy"),
        Happening::Unhealthy => t("is unhealthy: its health check fails"),
        Happening::Pulled => t("was pulled"),
        Happening::Loaded => t("was loaded"),
        Happening::Tagged => t("got a tag"),
        Happening::Lost => t("does not answer"),
        Happening::Back => t("answers"),
    };
    plain.to_owned()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn event(kind: EventKind, what: Happening, name: &str) -> EventView {
        EventView {
            at_ns: 1_767_225_600_020_000_000,
            kind,
            what,
            name: name.to_owned(),
            node: "0a1b-n2".to_owned(),
        }
    }

    #[test]
    fn an_event_is_a_line_that_is_escaped() {
        let ended = Happening::Ended { code: Some(3) };
        assert_eq!(
            event_line_html(&event(EventKind::Container, ended, "<web>")),
            "<div class=\"log-line log-errors\"><time datetime=\"2026-01-01T00:00:00.020Z\" \
             title=\"2026-01-01T00:00:00.020Z\">2026-01-01 00:00:00</time>\
             <b class=\"event-of\">Container &lt;web&gt;</b>\
             <span>ended with code 3 <i>Segment 2</i></span></div>"
        );
    }

    #[test]
    fn a_stream_speaks_its_reader_s_language() {
        let mut headers = HeaderMap::new();
        headers.insert("accept-language", "de".parse().expect("a value"));
        let lost = event(EventKind::Segment, Happening::Lost, "0a1b-n2");
        let line = event_line_spoken(&headers, &lost);
        assert!(
            line.contains("<b class=\"event-of\">Segment 2</b><span>antwortet nicht</span>"),
            "{line}"
        );
    }
}
