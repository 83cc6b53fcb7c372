//! Pages that show what is, now: drawn again when the panel says that something changed. Of any other
//! page only what waits for the person, in the bar above it.

use std::cell::{Cell, RefCell};

use wasm_bindgen::JsValue;
use wasm_bindgen_futures::spawn_local;
use web_sys::{RequestInit, VisibilityState};

use crate::dom::{after, all, document, leave_to, on, window};
use crate::form::{address_shown, answers, fetched, is_sending, page_of};
use crate::morph::{self, Why};
use crate::source::{Heard, Source};

/// Several changes in a row are shown together.
const TOGETHER_MS: i32 = 60;
const NOT_FOUND: u16 = 404;

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum State {
    Idle,
    /// A page is on its way.
    Asking,
    /// … and it is old already.
    AskingAgain,
}

thread_local! {
    static STATE: Cell<State> = const { Cell::new(State::Idle) };
    /// Something changed while nobody looked.
    static MISSED: Cell<bool> = const { Cell::new(false) };
    /// Open for as long as the page lives.
    static SOURCE: RefCell<Option<Source>> = const { RefCell::new(None) };
}

/// What stands before the panel's own paths in addresses; mostly nothing.
pub fn base() -> String {
    let events = document()
        .body()
        .and_then(|body| body.get_attribute("data-events"));
    let base = events.and_then(|events| Some(events.strip_suffix("/events")?.to_owned()));
    base.unwrap_or_default()
}

pub fn listen() {
    if address().is_none() {
        return;
    }
    // Between the page and the connection, and between two connections, things change too. The page
    // says since when; the first connection is told of what it missed, any other asks.
    let is_first = Cell::new(true);
    let source = Source::open(
        "changed",
        || address().unwrap_or_default(),
        move |heard| match heard {
            Heard::Told(event) => {
                let word = event.data().as_string().unwrap_or_default();
                changed(matches!(word.as_str(), "requests" | "everything"));
            }
            Heard::Away => is_first.set(false),
            Heard::Open => {
                if !is_first.replace(false) {
                    changed(true);
                }
            }
        },
    );
    SOURCE.replace(Some(source));
    on("visibilitychange", |_| {
        if is_visible() && MISSED.replace(false) {
            changed(true);
        }
    });
}

/// None where nobody is signed in.
fn address() -> Option<String> {
    let body = document().body()?;
    let since = body.get_attribute("data-since").unwrap_or_default();
    Some(format!(
        "{}?since={since}",
        body.get_attribute("data-events")?
    ))
}

fn is_visible() -> bool {
    document().visibility_state() == VisibilityState::Visible
}

fn is_live() -> bool {
    !all("[data-live]").is_empty()
}

/// `is_of_bar`: it may be news for the bar above the page, which is told on any page that has one.
fn changed(is_of_bar: bool) {
    let has_news = is_of_bar && document().get_element_by_id("waiting").is_some();
    if !is_live() && !has_news {
        return;
    }
    if !is_visible() {
        MISSED.set(true);
        return;
    }
    match STATE.get() {
        State::Idle => {
            STATE.set(State::Asking);
            after(TOGETHER_MS, || spawn_local(refresh()));
        }
        State::Asking | State::AskingAgain => STATE.set(State::AskingAgain),
    }
}

async fn refresh() {
    // Whatever is told from here on may be missing in the answer.
    STATE.set(State::Asking);
    // Without an answer the old page stays; the next change, or the next connection, asks again.
    let _ = refresh_try().await;
    if STATE.replace(State::Idle) == State::AskingAgain {
        changed(true);
    }
}

async fn refresh_try() -> Result<(), JsValue> {
    let before = answers();
    let here = address_shown()?;
    let response = fetched(&here, &RequestInit::new()).await?;
    // What somebody removes on its own page may be gone before they hear that it is: the answer to
    // their form leads on, and nobody is shown that there is nothing here.
    if response.status() == NOT_FOUND && is_sending() {
        return Ok(());
    }
    let page = page_of(response).await?;
    if before != answers() {
        // What a change answered meanwhile is newer.
        STATE.set(State::AskingAgain);
        return Ok(());
    }
    if !is_live() {
        morph::waiting(&page.document);
        return Ok(());
    }
    let path = window().location().pathname()?;
    if page.address.pathname() == path {
        morph::page(&page.document, Why::Refresh);
    } else if page.address.pathname() == format!("{}/sign-in", base()) {
        // The session has ended: signing in leads back here.
        crate::keep::keep_begun();
        let base = base();
        let path = path.strip_prefix(&base).unwrap_or(&path);
        leave_to(&format!("{base}/sign-in?next={path}"));
    } else {
        leave_to(&page.address.href());
    }
    Ok(())
}
