//! What a field says while somebody fills it in. The server judges again, and alone decides.

use model::{AccountName, ClusterName};
use wasm_bindgen::JsCast as _;
use web_sys::{Element, HtmlInputElement};

use crate::dom::{document, on, target};

pub fn listen() {
    on("input", |event| {
        let Some(field) = target(&event, "input[data-check]") else {
            return;
        };
        let field: HtmlInputElement = field.unchecked_into();
        let rule = field.get_attribute("data-check").unwrap_or_default();
        show(&field, wrong(&rule, &field.value()).as_deref());
    });
    on("change", |event| {
        if let Some(choice) = target(&event, "input[data-button]") {
            button_say(&choice);
        }
    });
}

/// Why `text` breaks the rule.
fn wrong(rule: &str, text: &str) -> Option<String> {
    match rule {
        "cluster-name" => text.parse::<ClusterName>().err().map(|e| e.to_string()),
        "account-name" => text.parse::<AccountName>().err().map(|e| e.to_string()),
        _ => None,
    }
}

/// The server's word is about older text, so it goes in any case.
fn show(field: &HtmlInputElement, wrong: Option<&str>) {
    if let Some(place) = document().get_element_by_id(&format!("{}-error", field.name())) {
        place.set_text_content(wrong);
    }
    let _ = match wrong {
        Some(_) => field.set_attribute("aria-invalid", "true"),
        None => field.remove_attribute("aria-invalid"),
    };
}

/// The form's button says what the choice means.
fn button_say(choice: &Element) {
    let Ok(Some(form)) = choice.closest("form") else {
        return;
    };
    let Ok(Some(button)) = form.query_selector("button[type=submit]") else {
        return;
    };
    if let Ok(Some(text)) = button.query_selector("span") {
        text.set_text_content(choice.get_attribute("data-button").as_deref());
    }
    let is_danger = choice.has_attribute("data-danger");
    let _ = button
        .class_list()
        .toggle_with_force("button-danger", is_danger);
}

#[cfg(test)]
mod tests {
    use super::wrong;

    #[test]
    fn the_rules_are_those_of_the_server() {
        assert_eq!(wrong("cluster-name", "harbor"), None);
        assert!(wrong("cluster-name", "Not A Name").is_some());
        assert!(wrong("account-name", "").is_some());
        assert_eq!(wrong("no such rule", ""), None);
    }
}
