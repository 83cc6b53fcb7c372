//! What somebody typed into a form that could not be taken, because the session had ended or a proof
//! was asked for first: it stays in this tab, for the same account, until the form is there again.
//!
//! Kept at every sending, forgotten as soon as an answer comes that is neither of the two. Passwords,
//! codes and files are never kept.

use js_sys::Date;
use wasm_bindgen::{JsCast as _, JsValue};
use web_sys::{
    Element, Event, EventInit, HtmlFormElement, HtmlInputElement, Storage, UrlSearchParams,
};

use crate::dom::{all, body_attribute, document, elements, on, target, window};

/// Of the tab's storage.
const KEY: &str = "carina.kept";
/// Nobody goes on with what they left so long ago.
const KEPT_MS: f64 = 3_600_000.0;
/// Fields of the kept form; what else stands there is ours.
const TEXT: &str = "text:";
const CHOICE: &str = "choice:";
/// Set once the answer was a door: sign-in, proof.
const DOOR: &str = "door";

/// Values that are never kept, by the field's name where its kind does not tell.
const SECRETS: [&str; 5] = ["code", "token", "password", "current", "new"];

pub fn listen() {
    on("submit", |event| {
        let Some(form) = target(&event, "form") else {
            return;
        };
        if action(&form).ends_with("/api/sign_out") {
            forget();
        } else if form.has_attribute("data-again") {
            // It is on its way by itself.
            door_passed();
        } else {
            keep(&form);
        }
    });
}

/// What a page that was loaded just now means for what is kept.
pub fn wake() {
    let Some(kept) = kept() else {
        return;
    };
    if is_door() {
        door();
        return;
    }
    let at: f64 = value(&kept, "at").parse().unwrap_or(0.0);
    // Answered, or refused in a page that shows what was typed by itself.
    if !kept.has(DOOR) || Date::now() - at > KEPT_MS {
        forget();
        return;
    }
    let Some(account) = body_attribute("data-account") else {
        return;
    };
    if value(&kept, "account") != account {
        forget();
        return;
    }
    if value(&kept, "page") == path() {
        fill(&kept);
        forget();
    }
}

/// Whoever comes to the form again finds it as it was.
pub fn door() {
    if let Some(kept) = kept() {
        kept.set(DOOR, "yes");
        put(&kept);
    }
}

fn door_passed() {
    if let Some(kept) = kept() {
        kept.delete(DOOR);
        put(&kept);
    }
}

pub fn forget() {
    if let Some(storage) = storage() {
        let _ = storage.remove_item(KEY);
    }
}

/// Before the page is left for the sign-in without anything having been sent.
pub fn keep_begun() {
    let begun = all("main form[method=post]").into_iter().find(is_begun);
    if let Some(form) = begun {
        keep(&form);
        door();
    }
}

fn is_begun(form: &Element) -> bool {
    let mut fields = typed(form).into_iter();
    // A list has no first value that it tells.
    let is_text = |field: &HtmlInputElement| {
        let kind = field.type_();
        !is_choice(field) && !kind.starts_with("select")
    };
    fields.any(|field| is_text(&field) && field.value() != field.default_value())
}

fn keep(form: &Element) {
    let is_change = form.get_attribute("method").as_deref() == Some("post");
    let fields = typed(form);
    let account = body_attribute("data-account");
    let (true, false, Some(account)) = (is_change && !is_door(), fields.is_empty(), account) else {
        return;
    };
    let Ok(kept) = UrlSearchParams::new() else {
        return;
    };
    kept.append("page", &path());
    kept.append("form", &signature(form));
    kept.append("account", &account);
    kept.append("at", &Date::now().to_string());
    for field in fields {
        match is_choice(&field) {
            false => kept.append(&format!("{TEXT}{}", field.name()), &field.value()),
            true if field.checked() => {
                kept.append(&format!("{CHOICE}{}", field.name()), &field.value());
            }
            true => {}
        }
    }
    put(&kept);
}

fn fill(kept: &UrlSearchParams) {
    let wanted = value(kept, "form");
    let mut forms = all("form[method=post]").into_iter();
    let Some(form) = forms.find(|form| signature(form) == wanted) else {
        return;
    };
    for field in typed(&form) {
        let event = if is_choice(&field) {
            let chosen = kept.get_all(&format!("{CHOICE}{}", field.name()));
            field.set_checked(chosen.includes(&JsValue::from(field.value()), 0));
            "change"
        } else {
            if let Some(text) = kept.get(&format!("{TEXT}{}", field.name())) {
                field.set_value(&text);
            }
            "input"
        };
        // The page says what it says of what is typed.
        if event == "input" || field.checked() {
            tell(&field, event);
        }
    }
    say(&form);
}

fn tell(field: &HtmlInputElement, event: &str) {
    let options = EventInit::new();
    options.set_bubbles(true);
    if let Ok(event) = Event::new_with_event_init_dict(event, &options) {
        let _ = field.dispatch_event(&event);
    }
}

fn say(form: &Element) {
    let Ok(line) = document().create_element("p") else {
        return;
    };
    line.set_class_name("done");
    let _ = line.set_attribute("role", "status");
    line.set_text_content(body_attribute("data-kept").as_deref());
    let _ = form.insert_before(&line, form.first_child().as_ref());
}

/// A form among those of its page: where it goes to, and what it is about.
fn signature(form: &Element) -> String {
    let hidden = form.query_selector_all("input[type=hidden][name]");
    let hidden = hidden.map(|found| elements(&found)).unwrap_or_default();
    let hidden = hidden.iter().filter_map(|field| {
        let name = field.get_attribute("name")?;
        // Somebody else may have changed it meanwhile, and it is the same form.
        let is_about = name != "generation";
        is_about.then(|| {
            format!(
                "{name}={}",
                field.get_attribute("value").unwrap_or_default()
            )
        })
    });
    let hidden: Vec<String> = hidden.collect();
    format!("{} {}", action(form), hidden.join("&"))
}

fn action(form: &Element) -> String {
    form.get_attribute("action").unwrap_or_default()
}

/// The fields that a person fills in and that may be kept. Text areas and lists have what is asked of
/// them here under the same names as inputs.
fn typed(form: &Element) -> Vec<HtmlInputElement> {
    let form: &HtmlFormElement = form.unchecked_ref();
    let found = form.query_selector_all("input[name], textarea[name], select[name]");
    let found = found.map(|found| elements(&found)).unwrap_or_default();
    let is_kept = |field: &Element| {
        let word = |name: &str| field.get_attribute(name).unwrap_or_default();
        let hides = matches!(
            word("type").as_str(),
            "password" | "hidden" | "file" | "submit" | "button"
        );
        let autocomplete = word("autocomplete");
        let is_secret = autocomplete.ends_with("-password")
            || autocomplete == "one-time-code"
            || SECRETS.contains(&word("name").as_str());
        !hides && !is_secret && !field.has_attribute("readonly")
    };
    let kept = found.into_iter().filter(is_kept);
    kept.map(|field| field.unchecked_into()).collect()
}

fn is_choice(field: &HtmlInputElement) -> bool {
    matches!(field.type_().as_str(), "radio" | "checkbox")
}

/// Is this a page on the way to another one: sign-in, proof?
fn is_door() -> bool {
    !all("[data-door]").is_empty()
}

fn path() -> String {
    window().location().pathname().unwrap_or_default()
}

fn storage() -> Option<Storage> {
    window().session_storage().ok().flatten()
}

fn kept() -> Option<UrlSearchParams> {
    let text = storage()?.get_item(KEY).ok().flatten()?;
    UrlSearchParams::new_with_str(&text).ok()
}

fn put(kept: &UrlSearchParams) {
    let text: String = kept.to_string().into();
    if let Some(storage) = storage() {
        let _ = storage.set_item(KEY, &text);
    }
}

fn value(kept: &UrlSearchParams, name: &str) -> String {
    kept.get(name).unwrap_or_default()
}
