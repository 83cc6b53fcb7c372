//! Forms that change something, sent in the background.

use std::cell::{Cell, RefCell};

use wasm_bindgen::{JsCast as _, JsValue};
use wasm_bindgen_futures::{JsFuture, spawn_local};
use web_sys::{
    DomParser, Element, Event, FormData, Headers, HtmlFormElement, RequestInit, Response,
    SubmitEvent, SupportedType, Url, UrlSearchParams,
};

use crate::dom::{address_replace, all, body_attribute, elements, leave_to, on, target, window};
use crate::keep;
use crate::live::base;
use crate::morph::{self, Why};

/// Marks a form that is on its way: a second click would ask for the same twice.
const BUSY: &str = "aria-busy";

/// The status of an answer to whoever is not signed in any more.
const SIGNED_OUT: u16 = 401;

/// An error that the page shows: its address with and without it.
struct Told {
    with: String,
    without: String,
}

thread_local! {
    static TOLD: RefCell<Option<Told>> = const { RefCell::new(None) };
    /// Answers to changes that were shown: what was asked for before one is older than it.
    static ANSWERS: Cell<u32> = const { Cell::new(0) };
}

pub fn answers() -> u32 {
    ANSWERS.get()
}

/// A form is on its way.
pub fn is_sending() -> bool {
    !all("form[aria-busy]").is_empty()
}

pub fn listen() {
    on("submit", |event| {
        let Some(form) = target(&event, "form") else {
            return;
        };
        if form.has_attribute(BUSY) {
            event.prevent_default();
            return;
        }
        if !form.has_attribute("data-change") {
            return;
        }
        event.prevent_default();
        let form: HtmlFormElement = form.unchecked_into();
        let pressed = pressed(&event);
        spawn_local(async move {
            pending(&form, true);
            if sent(&form, pressed).await.is_err() {
                failed(&form);
            }
            pending(&form, false);
        });
    });
}

/// What the button says that the form was sent by, where it says something.
fn pressed(event: &Event) -> Option<(String, String)> {
    let button = event.dyn_ref::<SubmitEvent>()?.submitter()?;
    let name = button.get_attribute("name")?;
    Some((name, button.get_attribute("value").unwrap_or_default()))
}

/// The very request that the browser itself would make; what comes back is a page.
async fn sent(form: &HtmlFormElement, pressed: Option<(String, String)>) -> Result<(), JsValue> {
    let fields = FormData::new_with_form(form)?;
    let body = UrlSearchParams::new_with_str_sequence_sequence(&fields)?;
    if let Some((name, value)) = pressed {
        body.append(&name, &value);
    }
    let request = RequestInit::new();
    request.set_method("POST");
    request.set_body(&body);
    // The attribute: a field called `action` stands before the form's own property of that name.
    let action = form.get_attribute("action").unwrap_or_default();
    let response = fetched(&action, &request).await?;
    let sign_in = format!("{}/sign-in", base());
    if response.status() == SIGNED_OUT {
        signed_out(form, &sign_in);
        return Ok(());
    }
    let answer = page_of(response).await?;
    let is_refused = answer.address.search_params().has("__err");
    let here = Url::new(&window().location().href()?)?;
    if answer.address.pathname() != here.pathname() {
        leave_to(&answer.address.href());
        return Ok(());
    }
    keep::forget();
    if !is_refused {
        form.reset();
    }
    address_replace(&answer.address.href());
    TOLD.take();
    address_forget_error();
    ANSWERS.set(ANSWERS.get() + 1);
    morph::page(&answer.document, Why::Answer);
    if let Some(wrong) = all("[aria-invalid=true]").first() {
        let _ = wrong.unchecked_ref::<web_sys::HtmlElement>().focus();
    }
    Ok(())
}

/// A page, and where it stands after redirections.
pub struct Page {
    pub address: Url,
    pub document: web_sys::Document,
}

pub async fn fetched(address: &str, request: &RequestInit) -> Result<Response, JsValue> {
    let headers = Headers::new()?;
    headers.set("Accept", "text/html")?;
    request.set_headers(&headers);
    let fetch = window().fetch_with_str_and_init(address, request);
    JsFuture::from(fetch).await?.dyn_into()
}

pub async fn page_of(response: Response) -> Result<Page, JsValue> {
    let text = JsFuture::from(response.text()?).await?;
    let text = text.as_string().unwrap_or_default();
    let document = DomParser::new()?.parse_from_string(&text, SupportedType::TextHtml)?;
    Ok(Page {
        address: Url::new(&response.url())?,
        document,
    })
}

fn buttons(form: &HtmlFormElement) -> Vec<Element> {
    form.query_selector_all("button[data-pending]")
        .map(|found| elements(&found))
        .unwrap_or_default()
}

fn pending(form: &HtmlFormElement, is_pending: bool) {
    let _ = if is_pending {
        form.set_attribute(BUSY, "true")
    } else {
        form.remove_attribute(BUSY)
    };
    for button in buttons(form) {
        // Disabled, it would lose the focus; `BUSY` alone keeps a second click away.
        let _ = if is_pending {
            button.set_attribute("aria-disabled", "true")
        } else {
            button.remove_attribute("aria-disabled")
        };
        let Ok(Some(text)) = button.query_selector("span") else {
            continue;
        };
        if is_pending {
            let _ = button.set_attribute("data-text", &text.text_content().unwrap_or_default());
            text.set_text_content(button.get_attribute("data-pending").as_deref());
        } else if let Some(before) = button.get_attribute("data-text") {
            // Unless the answer says something else already.
            if text.text_content() == button.get_attribute("data-pending") {
                text.set_text_content(Some(&before));
            }
            let _ = button.remove_attribute("data-text");
        }
    }
}

/// The panel did not answer. Everything typed is still there.
fn failed(form: &HtmlFormElement) {
    keep::door();
    let _ = alert(form, "data-unreachable");
}

/// The session has ended: what was typed is here still, and comes again after a sign-in.
fn signed_out(form: &HtmlFormElement, sign_in: &str) {
    keep::door();
    let Some(line) = alert(form, "data-signed-out") else {
        return;
    };
    if let Ok(link) = crate::dom::document().create_element("a") {
        let _ = link.set_attribute("href", sign_in);
        let _ = link.set_attribute("target", "_blank");
        link.set_text_content(body_attribute("data-sign-in").as_deref());
        let _ = line.append_with_str_1(" ");
        let _ = line.append_child(&link);
    }
}

/// Says it at the form's beginning, in place of what was said there before.
fn alert(form: &HtmlFormElement, words: &str) -> Option<Element> {
    let line = crate::dom::document().create_element("p").ok()?;
    line.set_class_name("alert");
    let _ = line.set_attribute("role", "alert");
    line.set_text_content(body_attribute(words).as_deref());
    if let Ok(Some(old)) = form.query_selector(":scope > .alert") {
        old.remove();
    }
    form.insert_before(&line, form.first_child().as_ref())
        .ok()?;
    Some(line)
}

/// Where the page is asked for while it stays: with the error it shows, so that news do not take
/// that away before it is read.
pub fn address_shown() -> Result<String, JsValue> {
    let here = window().location().href()?;
    let told = TOLD.with_borrow(|told| {
        let told = told.as_ref().filter(|told| told.without == here)?;
        Some(told.with.clone())
    });
    Ok(told.unwrap_or(here))
}

/// Once shown, an error need not stand in the address any longer: loading the page again would
/// show it again.
pub fn address_forget_error() {
    let location = window().location();
    let search = location.search().unwrap_or_default();
    let Ok(query) = UrlSearchParams::new_with_str(&search) else {
        return;
    };
    if !query.has("__err") {
        return;
    }
    query.delete("__err");
    query.delete("__path");
    let rest: String = query.to_string().into();
    let mark = if rest.is_empty() { "" } else { "?" };
    let path = location.pathname().unwrap_or_default();
    let with = location.href().unwrap_or_default();
    address_replace(&format!("{path}{mark}{rest}"));
    let without = location.href().unwrap_or_default();
    TOLD.set(Some(Told { with, without }));
}
