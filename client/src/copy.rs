//! Text into the clipboard.

use wasm_bindgen::JsCast as _;
use web_sys::{Element, HtmlInputElement};

use crate::dom::{after, html_document, on, target, window};

/// How long the button says that it is done.
const DONE_MS: i32 = 2_000;

pub fn listen() {
    on("click", |event| {
        let Some(button) = target(&event, "[data-copy]") else {
            return;
        };
        let field = button
            .previous_element_sibling()
            .and_then(|field| field.dyn_into::<HtmlInputElement>().ok());
        if let Some(field) = field {
            copy(&field);
            done(&button);
        }
    });
}

/// The second way is for pages that came over plain http, which browsers keep from the first.
fn copy(field: &HtmlInputElement) {
    let clipboard = js_sys::Reflect::get(&window().navigator(), &"clipboard".into());
    if clipboard.is_ok_and(|clipboard| !clipboard.is_undefined()) {
        let _ = window().navigator().clipboard().write_text(&field.value());
    } else {
        field.select();
        let _ = html_document().exec_command("copy");
    }
}

fn done(button: &Element) {
    let Ok(Some(label)) = button.query_selector("[data-done]") else {
        return;
    };
    let (Some(word), Some(before)) = (label.get_attribute("data-done"), label.text_content())
    else {
        return;
    };
    if word == before {
        return;
    }
    label.set_text_content(Some(&word));
    after(DONE_MS, move || label.set_text_content(Some(&before)));
}
