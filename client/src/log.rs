//! Logs that are followed: lines come as the server drew them, escaped, and are put below the
//! others. The browser reconnects by itself and says what it saw last, so nothing is lost.

use std::cell::RefCell;

use wasm_bindgen::JsCast as _;
use web_sys::{Element, HtmlInputElement};

use crate::dom::{all, document, elements, on, target};
use crate::source::{Heard, Source};

/// The oldest lines go: a page of more is slow.
const LINES_MAX: u32 = 5_000;
/// Nearer to the end than this, one follows.
const NEAR_PX: i32 = 24;

thread_local! {
    /// The open stream; none while paused.
    static SOURCE: RefCell<Option<Source>> = const { RefCell::new(None) };
}

pub fn listen() {
    let Some(log) = log() else {
        return;
    };
    scroll_down(&log);
    open();
    on("click", |event| {
        if let Some(button) = target(&event, "[data-log-pause]") {
            pause(&button);
        }
        if let Some(button) = target(&event, "[data-log-toggle]") {
            toggle(&button);
        }
    });
    on("input", |event| {
        if target(&event, "[data-log-search]").is_some() {
            search_all();
        }
    });
}

fn log() -> Option<Element> {
    document().query_selector("[data-log]").ok().flatten()
}

fn open() {
    let source = Source::open("message", address, |heard| match heard {
        Heard::Open => state("data-follows"),
        Heard::Away => state("data-away"),
        Heard::Told(event) => {
            if let (Some(log), Some(lines)) = (log(), event.data().as_string()) {
                let _ = log.set_attribute("data-seen", &event.last_event_id());
                put(&log, &lines);
            }
        }
    });
    SOURCE.replace(Some(source));
}

/// What comes after the lines that stand in the page.
fn address() -> String {
    let of = |name| log().and_then(|log| log.get_attribute(name));
    let (address, seen) = (of("data-log"), of("data-seen"));
    format!(
        "{}&after={}",
        address.unwrap_or_default(),
        seen.unwrap_or_default()
    )
}

fn put(log: &Element, lines: &str) {
    let is_following = log.scroll_height() - log.scroll_top() - log.client_height() < NEAR_PX;
    let before = log.child_element_count();
    let _ = log.insert_adjacent_html("beforeend", lines);
    let wanted = wanted();
    for n in before..log.child_element_count() {
        if let Some(line) = log.children().item(n) {
            show(&line, &wanted);
        }
    }
    while log.child_element_count() > LINES_MAX {
        if let Some(first) = log.first_element_child() {
            first.remove();
        }
    }
    if let Ok(Some(empty)) = document().query_selector(".log-empty") {
        empty.remove();
    }
    if is_following {
        scroll_down(log);
    }
    if !wanted.is_empty() {
        count(log);
    }
}

fn scroll_down(log: &Element) {
    log.set_scroll_top(log.scroll_height());
}

/// What is written meanwhile is fetched when it goes on.
fn pause(button: &Element) {
    let running = SOURCE.take();
    let is_paused = running.is_some();
    match (running, log()) {
        (Some(source), _) => {
            source.close();
            state("data-paused");
        }
        (None, Some(log)) => {
            open();
            scroll_down(&log);
        }
        (None, None) => {}
    }
    let _ = button.set_attribute("aria-pressed", if is_paused { "true" } else { "false" });
    let (text, other) = (button.text_content(), button.get_attribute("data-other"));
    button.set_text_content(other.as_deref());
    let _ = button.set_attribute("data-other", &text.unwrap_or_default());
}

fn toggle(button: &Element) {
    let class = button.get_attribute("data-log-toggle").unwrap_or_default();
    if let (Some(log), false) = (log(), class.is_empty()) {
        let is_off = log.class_list().toggle(&class).unwrap_or(false);
        let _ = button.set_attribute("aria-pressed", if is_off { "false" } else { "true" });
    }
}

fn wanted() -> String {
    all("[data-log-search]")
        .first()
        .and_then(|field| {
            field
                .dyn_ref::<HtmlInputElement>()
                .map(HtmlInputElement::value)
        })
        .unwrap_or_default()
        .trim()
        .to_lowercase()
}

fn show(line: &Element, wanted: &str) {
    let text = line.text_content().unwrap_or_default().to_lowercase();
    let _ = line.toggle_attribute_with_force("hidden", !text.contains(wanted));
}

fn search_all() {
    let Some(log) = log() else {
        return;
    };
    let wanted = wanted();
    if let Ok(lines) = log.query_selector_all(".log-line") {
        for line in elements(&lines) {
            show(&line, &wanted);
        }
    }
    if wanted.is_empty() {
        let is_paused = SOURCE.with_borrow(Option::is_none);
        state(if is_paused {
            "data-paused"
        } else {
            "data-follows"
        });
    } else {
        count(&log);
    }
    scroll_down(&log);
}

fn count(log: &Element) {
    let n = log
        .query_selector_all(".log-line:not([hidden])")
        .map_or(0, |found| found.length());
    if let Some(place) = place() {
        let words = place.get_attribute("data-matches").unwrap_or_default();
        let words = words
            .replace("{n}", &n.to_string())
            .replace("{all}", &log.child_element_count().to_string());
        place.set_text_content(Some(&words));
    }
}

fn place() -> Option<Element> {
    document().query_selector("[data-log-state]").ok().flatten()
}

/// Says how it is, in the page's words.
fn state(word: &str) {
    if let Some(place) = place() {
        place.set_text_content(place.get_attribute(word).as_deref());
    }
}
