//! Pages that show what is, now: drawn again when the panel says that something changed.

use std::cell::Cell;

use wasm_bindgen::prelude::Closure;
use wasm_bindgen::{JsCast as _, JsValue};
use wasm_bindgen_futures::spawn_local;
use web_sys::{Event, EventSource, RequestInit, VisibilityState};

use crate::dom::{after, all, document, leave_to, on, window};
use crate::form::{address_shown, answers, fetched, page_of};
use crate::morph::{self, Why};

/// Several changes in a row are shown together.
const TOGETHER_MS: i32 = 60;

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
}

pub fn listen() {
    let Some(events) = document()
        .body()
        .and_then(|body| body.get_attribute("data-events"))
    else {
        return;
    };
    let Ok(source) = EventSource::new(&events) else {
        return;
    };
    // The browser reconnects by itself; what changed meanwhile nobody told. The first connection
    // follows on the page so closely that the page is news itself.
    let is_first = Cell::new(true);
    let opened = Closure::<dyn Fn(Event)>::new(move |_| {
        if !is_first.replace(false) {
            changed();
        }
    });
    let told = Closure::<dyn Fn(Event)>::new(move |_| changed());
    for (name, closure) in [("open", &opened), ("changed", &told)] {
        let _ = source.add_event_listener_with_callback(name, closure.as_ref().unchecked_ref());
    }
    opened.forget();
    told.forget();
    on("visibilitychange", |_| {
        if is_visible() && MISSED.replace(false) {
            changed();
        }
    });
}

fn is_visible() -> bool {
    document().visibility_state() == VisibilityState::Visible
}

fn changed() {
    if all("[data-live]").is_empty() {
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
        changed();
    }
}

async fn refresh_try() -> Result<(), JsValue> {
    let before = answers();
    let here = address_shown()?;
    let response = fetched(&here, &RequestInit::new()).await?;
    let page = page_of(response).await?;
    if before != answers() {
        // What a change answered meanwhile is newer.
        STATE.set(State::AskingAgain);
        return Ok(());
    }
    let path = window().location().pathname()?;
    if page.address.pathname() == path {
        morph::page(&page.document, Why::Refresh);
    } else if page.address.pathname() == "/sign-in" {
        // The session has ended: signing in leads back here.
        leave_to(&format!("/sign-in?next={path}"));
    } else {
        leave_to(&page.address.href());
    }
    Ok(())
}
