//! Short words for what the browser says at length.

use wasm_bindgen::prelude::Closure;
use wasm_bindgen::{JsCast as _, JsValue};
use web_sys::{
    Document, Element, Event, FocusOptions, HtmlDocument, HtmlElement, NodeList, Window,
};

pub fn window() -> Window {
    web_sys::window().expect("because the page runs in a window")
}

pub fn document() -> Document {
    window()
        .document()
        .expect("because a window has a document")
}

pub fn html_document() -> HtmlDocument {
    document().unchecked_into()
}

/// What the page says of itself.
pub fn body_attribute(name: &str) -> Option<String> {
    document().body()?.get_attribute(name)
}

pub fn root() -> Element {
    document()
        .document_element()
        .expect("because a document has a root")
}

/// Calls back for every such event anywhere in the page, for as long as the page lives.
pub fn on(event: &str, callback: impl Fn(Event) + 'static) {
    let closure = Closure::<dyn Fn(Event)>::new(callback);
    let _ = document().add_event_listener_with_callback(event, closure.as_ref().unchecked_ref());
    closure.forget();
}

/// The element that the event began at, or the one around it, that matches `selector`.
pub fn target(event: &Event, selector: &str) -> Option<Element> {
    event
        .target()?
        .dyn_into::<Element>()
        .ok()?
        .closest(selector)
        .ok()
        .flatten()
}

pub fn all(selector: &str) -> Vec<Element> {
    document()
        .query_selector_all(selector)
        .map(|found| elements(&found))
        .unwrap_or_default()
}

pub fn elements(list: &NodeList) -> Vec<Element> {
    (0..list.length())
        .filter_map(|n| list.get(n)?.dyn_into().ok())
        .collect()
}

/// Is it somewhere in the page, rather than at nothing?
pub fn has_focus() -> bool {
    document()
        .active_element()
        .is_some_and(|active| active.tag_name() != "BODY")
}

/// Without moving the page under the person's eyes.
pub fn focus(element: &Element) {
    let options = FocusOptions::new();
    options.set_prevent_scroll(true);
    let _ = element
        .unchecked_ref::<HtmlElement>()
        .focus_with_options(&options);
}

/// Once, after so many milliseconds.
pub fn after(ms: i32, callback: impl FnOnce() + 'static) {
    let callback = Closure::once_into_js(callback);
    let _ = window()
        .set_timeout_with_callback_and_timeout_and_arguments_0(callback.unchecked_ref(), ms);
}

pub fn leave_to(address: &str) {
    let _ = window().location().set_href(address);
}

pub fn address_replace(address: &str) {
    if let Ok(history) = window().history() {
        let _ = history.replace_state_with_url(&JsValue::NULL, "", Some(address));
    }
}
