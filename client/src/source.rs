//! Streams of events that always come again. The browser itself connects anew after a broken
//! connection, but gives up for good where the answer was no stream: a proxy says 502 while the panel
//! behind it starts.

use std::cell::{Cell, RefCell};
use std::rc::{Rc, Weak};

use wasm_bindgen::JsCast as _;
use wasm_bindgen::prelude::Closure;
use web_sys::{Event, EventSource, MessageEvent};

use crate::dom::after;

/// Doubled with each refusal in a row, up to the other.
const AGAIN_MS: i32 = 2_000;
const AGAIN_MS_MAX: i32 = 30_000;

pub enum Heard {
    /// Connected, for the first time or again.
    Open,
    /// The connection is gone, or none was made.
    Away,
    Told(MessageEvent),
}

type Listener = Closure<dyn Fn(Event)>;

/// Open until it is closed.
pub struct Source(Rc<Inner>);

struct Inner {
    address: Box<dyn Fn() -> String>,
    hears: Box<dyn Fn(Heard)>,
    /// The name of the events that are told.
    event: &'static str,
    running: RefCell<Option<EventSource>>,
    listener: RefCell<Option<Listener>>,
    wait_ms: Cell<i32>,
    is_closed: Cell<bool>,
}

impl Source {
    /// `address` is asked at every connection that the browser does not make by itself.
    pub fn open(
        event: &'static str,
        address: impl Fn() -> String + 'static,
        hears: impl Fn(Heard) + 'static,
    ) -> Self {
        let inner = Rc::new(Inner {
            address: Box::new(address),
            hears: Box::new(hears),
            event,
            running: RefCell::default(),
            listener: RefCell::default(),
            wait_ms: Cell::new(AGAIN_MS),
            is_closed: Cell::new(false),
        });
        let weak = Rc::downgrade(&inner);
        let listener = Listener::new(move |event| heard(&weak, event));
        inner.listener.replace(Some(listener));
        inner.connect();
        Self(inner)
    }

    pub fn close(self) {
        self.0.is_closed.set(true);
        if let Some(source) = self.0.running.take() {
            source.close();
        }
    }
}

fn heard(weak: &Weak<Inner>, event: Event) {
    let Some(inner) = weak.upgrade().filter(|inner| !inner.is_closed.get()) else {
        return;
    };
    match event.type_().as_str() {
        "open" => {
            inner.wait_ms.set(AGAIN_MS);
            (inner.hears)(Heard::Open);
        }
        "error" => {
            (inner.hears)(Heard::Away);
            inner.again_if_over();
        }
        _ => (inner.hears)(Heard::Told(event.unchecked_into())),
    }
}

impl Inner {
    fn connect(&self) {
        let Ok(source) = EventSource::new(&(self.address)()) else {
            return;
        };
        if let Some(listener) = self.listener.borrow().as_ref() {
            for name in ["open", "error", self.event] {
                let listener = listener.as_ref().unchecked_ref();
                let _ = source.add_event_listener_with_callback(name, listener);
            }
        }
        self.running.replace(Some(source));
    }

    fn again_if_over(self: Rc<Self>) {
        let running = self.running.borrow();
        let state = running.as_ref().map(EventSource::ready_state);
        drop(running);
        if state != Some(EventSource::CLOSED) {
            return;
        }
        let wait_ms = self.wait_ms.get();
        self.wait_ms.set((wait_ms * 2).min(AGAIN_MS_MAX));
        after(wait_ms, move || {
            if !self.is_closed.get() {
                self.connect();
            }
        });
    }
}
